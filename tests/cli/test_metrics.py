"""What a Prometheus reads: the numbers of the Cache screen, by Prometheus' rules of names, on loopback alone."""

from __future__ import annotations

import re
import socket
import threading
import urllib.request
from bisect import bisect_left
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kite_tui import __version__
from kite_tui.cli.failure import Failure
from kite_tui.cli.metrics import Exporter
from kite_tui.objects.kinds import NODES, PODS
from kite_tui.objects.load import BOUNDS_S, Counts, Durations, KindLoad, Load, ScopeLoad, Stalls, Traffic
from kite_tui.objects.states import Forbidden, Live

LISTED = ScopeLoad("", Live(), Counts(2, 1, 3, 2, 40, 9_000, 1, 5), list_s=1.5, listed_at_s=1000.0, heard_at_s=1060.0)
REFUSED = ScopeLoad("shop", Forbidden("list", "shop"), Counts(errors=1), last_error="a secret place", failed_at_s=9)
TOOK = (0.001, 0.02, 0.02, 3.0, 500.0)
LOAD = Load(
    kinds=(
        KindLoad(PODS, Live(), 500, (LISTED, REFUSED), LISTED.counts + REFUSED.counts),
        KindLoad(NODES, Forbidden("list", "the cluster"), None, (), Counts()),
    ),
    traffic=Traffic(
        requests={("list", "200"): 12, ("list", "403"): 1, ("watch", "failed"): 2},
        durations={
            "list": Durations(
                tuple(sum(bisect_left(BOUNDS_S, each) == at for each in TOOK) for at in range(len(BOUNDS_S) + 1)),
                sum(TOOK),
            )
        },
        received_b=20_000,
        throttled_s=1.25,
        throttled_now=2,
        watches_now=3,
    ),
    weights={PODS: 1_000_000},
    stalls=Stalls(0.3, 0.02, 60),
)

Sample = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    """On a port that is free."""
    made = Exporter(0)
    yield made
    made.close()


def scraped(exporter: Exporter) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{exporter.port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def samples(text: str) -> Sample:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_all_numbers_are_served_with_their_kind_scope_verb_and_outcome(exporter: Exporter) -> None:
    exporter.follow(lambda: LOAD)
    found = samples(scraped(exporter))
    whole, shop = (("kind", "pods"), ("scope", "")), (("kind", "pods"), ("scope", "shop"))
    assert found["kite_objects", (("kind", "pods"),)] == 500
    assert found["kite_held_estimate_bytes", (("kind", "pods"),)] == 1_000_000
    assert found["kite_kind_received_bytes_total", whole] == 9_000
    assert found["kite_events_total", whole] == 40
    assert found["kite_lists_total", whole] == 2
    assert found["kite_watches_opened_total", whole] == 3
    assert found["kite_errors_total", shop] == 1
    assert found["kite_last_list_duration_seconds", whole] == 1.5
    assert found["kite_last_heard_timestamp_seconds", whole] == 1060
    assert found["kite_requests_total", (("outcome", "403"), ("verb", "list"))] == 1
    assert found["kite_requests_total", (("outcome", "failed"), ("verb", "watch"))] == 2
    assert found["kite_received_bytes_total", ()] == 20_000
    assert found["kite_rate_limit_wait_seconds_total", ()] == 1.25
    assert found["kite_rate_limit_waiting_requests", ()] == 2
    assert found["kite_open_watches", ()] == 3
    assert found["kite_loop_stall_max_seconds", ()] == 0.3
    assert found["kite_build_info", (("version", __version__),)] == 1


def test_what_is_not_known_is_not_there_rather_than_0(exporter: Exporter) -> None:
    exporter.follow(lambda: LOAD)
    found = samples(scraped(exporter))
    assert ("kite_objects", (("kind", "nodes"),)) not in found
    assert ("kite_last_heard_timestamp_seconds", (("kind", "pods"), ("scope", "shop"))) not in found


def test_a_scope_is_in_one_state(exporter: Exporter) -> None:
    exporter.follow(lambda: LOAD)
    states = {
        (dict(labels)["scope"], dict(labels)["state"]): value
        for (name, labels), value in samples(scraped(exporter)).items()
        if name == "kite_scope_state"
    }
    assert {key for key, value in states.items() if value} == {("", "live"), ("shop", "forbidden")}


def test_durations_are_a_histogram_whose_buckets_add_up(exporter: Exporter) -> None:
    exporter.follow(lambda: LOAD)
    found = samples(scraped(exporter))
    buckets = {
        float(dict(labels)["le"]): value
        for (name, labels), value in found.items()
        if name == "kite_request_duration_seconds_bucket"
    }
    counts = [buckets[bound] for bound in sorted(buckets)]
    assert counts == sorted(counts)
    assert (buckets[0.03125], buckets[4.0], buckets[128.0], buckets[float("inf")]) == (3, 4, 4, 5)
    assert found["kite_request_duration_seconds_count", (("verb", "list"),)] == 5
    assert found["kite_request_duration_seconds_sum", (("verb", "list"),)] == pytest.approx(sum(TOOK))


def test_names_follow_prometheus_rules(exporter: Exporter) -> None:
    exporter.follow(lambda: LOAD)
    text = scraped(exporter)
    for family in text_string_to_metric_families(text):
        assert re.fullmatch(r"kite_[a-z0-9_]+", family.name)
        assert family.documentation
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert set(sample.labels) <= {"kind", "scope", "verb", "outcome", "state", "version", "le"}
    assert not re.search(r"_(ms|milliseconds|minutes|kib|mib)\b", text)
    assert "secret" not in text


def test_before_there_is_a_cluster_only_the_version_is_known(exporter: Exporter) -> None:
    assert set(samples(scraped(exporter))) == {("kite_build_info", (("version", __version__),))}
    exporter.follow(lambda: Load())
    assert ("kite_received_bytes_total", ()) not in samples(scraped(exporter))


def test_only_this_machine_may_ask(exporter: Exporter) -> None:
    assert exporter._server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=f"can't serve metrics on 127.0.0.1:{port}"):
            Exporter(port)


def test_closing_ends_its_thread_and_frees_the_port() -> None:
    before = set(threading.enumerate())
    exporter = Exporter(0)
    port = exporter.port
    exporter.close()
    assert set(threading.enumerate()) == before
    with socket.create_server(("127.0.0.1", port)):
        pass
