"""The cluster's cache: what starts when, what it answers, how it ends."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from kite_tui.cache.asking import AGAIN_S
from kite_tui.cache.cluster import KINDS, ClusterCache
from kite_tui.cache.lister import FIRST_PAGE
from kite_tui.kube import errors as e
from kite_tui.kube.api import JSON, Query, Response
from kite_tui.objects.indexes import NODE
from kite_tui.objects.kinds import (
    DEPLOYMENTS,
    EVENTS,
    FIRST,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    POD_METRICS,
    PODS,
    SECOND,
    SERVICES,
    Kind,
)
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Off, Polling, Stale, Syncing
from tests.cache.conftest import MakeCache, passes, put_pod, wait_until
from tests.cache.fakes import FakeClock
from tests.cache.server import FakeServer


def settled(cache: ClusterCache, *kinds: Kind[Any]) -> bool:
    return all(not isinstance(cache.state(kind), Off | Syncing) for kind in kinds)


def live(cache: ClusterCache, *kinds: Kind[Any]) -> bool:
    return all(cache.state(kind) == Live() for kind in kinds)


def test_before_the_start_every_kind_is_off(make_cache: MakeCache) -> None:
    cache = make_cache(start=False)
    assert {type(cache.state(kind)) for kind in KINDS} == {Off}
    assert cache.list(PODS).objects == ()


def test_a_kind_that_is_needed_is_syncing_from_that_moment(make_cache: MakeCache) -> None:
    cache = make_cache(start=False)
    cache.need(PODS)
    assert cache.state(PODS) == Syncing()


def test_everything_becomes_live_and_can_be_read(make_cache: MakeCache) -> None:
    cache = make_cache()
    wait_until(lambda: live(cache, *FIRST, *SECOND))
    assert {pod.name for pod in cache.list(PODS).objects} == {"a", "b"}
    assert cache.get(NODES, "", "n1") is not None
    assert cache.get(PODS, "shop", "b") is None
    assert {pod.name for pod in cache.by_index(PODS, NODE, "n1")} == {"a", "b"}
    assert cache.sums_by_node()["n1"].requests.cpu_m == 200
    assert cache.counts_by_namespace()["shop"].running_ready == 1
    assert cache.object_count(cache.kinds()) == 6
    assert cache.head.context == "test"
    wait_until(lambda: cache.head.version == "v1.35.4")


def test_changes_arrive_and_move_the_version_and_the_sums(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache()
    wait_until(lambda: live(cache, PODS))
    before = cache.version(PODS)
    put_pod(server, "c", "shop", cpu="1")
    server.remove("pods", "b", "till")
    wait_until(lambda: cache.get(PODS, "till", "b") is None)
    assert cache.changes_since(PODS, before) == {("shop", "c"), ("till", "b")}
    assert cache.sums_by_node()["n1"].requests.cpu_m == 1100


def test_what_only_wrong_now_needs_starts_when_the_first_kinds_have_a_page_or_are_settled(
    make_cache: MakeCache, server: FakeServer
) -> None:
    server.refuse(("nodes", "*"))
    server.served.discard("services")
    gate, requests = threading.Event(), server.get

    def slow_pods(path: str, *args: Any, **kwargs: Any) -> Any:
        if path.endswith("/pods"):
            gate.wait(10)
        return requests(path, *args, **kwargs)

    server.get = slow_pods  # type: ignore[method-assign]
    cache = make_cache()
    wait_until(lambda: settled(cache, NODES, NAMESPACES, SERVICES))
    assert cache.state(DEPLOYMENTS) == Syncing()
    assert not server.requests("list", "deployments")
    gate.set()
    wait_until(lambda: live(cache, *SECOND))
    assert isinstance(cache.state(NODES), Forbidden)
    assert isinstance(cache.state(SERVICES), Absent)


def test_what_only_wrong_now_needs_does_not_wait_for_the_last_page_of_pods(
    make_cache: MakeCache, server: FakeServer
) -> None:
    for number in range(FIRST_PAGE):
        put_pod(server, f"more-{number}", "shop")
    gate, requests = threading.Event(), server.get

    def slow_later_pages(path: str, query: Any = (), *args: Any, **kwargs: Any) -> Any:
        if "continue" in dict(query):
            gate.wait(10)
        return requests(path, query, *args, **kwargs)

    server.get = slow_later_pages  # type: ignore[method-assign]
    cache = make_cache()
    wait_until(lambda: live(cache, *SECOND))
    assert isinstance(cache.state(PODS), Syncing)
    gate.set()
    wait_until(lambda: live(cache, *FIRST))


def test_a_kind_is_listed_and_watched_once_however_often_it_is_needed(
    make_cache: MakeCache, server: FakeServer
) -> None:
    cache = make_cache()
    for _ in range(5):
        cache.need(PODS)
    wait_until(lambda: live(cache, *FIRST, *SECOND))
    assert len(server.requests("list", "pods")) == 1
    assert len(server.requests("watch", "pods")) == 1


def test_only_warnings_are_asked_for_and_no_more_than_a_thousand_kept(
    make_cache: MakeCache, server: FakeServer
) -> None:
    for number in range(1100):
        server.put(
            "events",
            f"e{number:04}",
            "shop",
            type="Warning",
            eventTime=f"2026-01-01T00:{number // 60:02}:{number % 60:02}.000000Z",
        )
    cache = make_cache()
    wait_until(lambda: live(cache, EVENTS))
    assert {asked[2]["fieldSelector"] for asked in server.asked if asked[1].endswith("/events")} == {"type=Warning"}
    names = {row.name for row in cache.list(EVENTS).objects}
    assert len(names) == 1000
    assert min(names) == "e0100"


def test_one_forbidden_kind_touches_no_other(make_cache: MakeCache, server: FakeServer) -> None:
    server.refuse(("nodes", "*"))
    cache = make_cache()
    wait_until(lambda: live(cache, PODS, NAMESPACES, SERVICES, *SECOND) and settled(cache, NODES))
    assert cache.state(NODES) == Forbidden("list", "the cluster", "may not list nodes in the cluster")
    assert len(server.requests(resource="nodes")) == 1, "it has no namespaces to look in"


def test_subscribers_are_told_outside_the_locks_and_may_read(make_cache: MakeCache) -> None:
    cache = make_cache(start=False)
    told: set[str] = set()

    def handler(kind: Kind[Any]) -> None:
        cache.list(kind)
        cache.by_index(PODS, NODE, "n1")
        told.add(kind.resource)

    unsubscribe = cache.subscribe(handler)
    cache.start()
    wait_until(lambda: {"pods", "nodes", "services", "namespaces"} <= told)
    unsubscribe()


def test_a_subscriber_that_fails_harms_nobody(make_cache: MakeCache, caplog: pytest.LogCaptureFixture) -> None:
    cache = make_cache(start=False)
    cache.subscribe(lambda kind: 1 // 0)  # type: ignore[arg-type]
    cache.start()
    wait_until(lambda: live(cache, *FIRST))
    assert any("handler" in record.message for record in caplog.records)


def test_a_broken_connection_is_stale_and_comes_back(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    cache = make_cache()
    wait_until(lambda: live(cache, *FIRST, *SECOND))
    server.drop()
    wait_until(lambda: isinstance(cache.state(PODS), Stale))
    assert len(cache.list(PODS).objects) == 2
    put_pod(server, "late", "shop")
    passes(clock, 1, lambda: live(cache, PODS))
    wait_until(lambda: cache.get(PODS, "shop", "late"))
    assert len(server.requests("list", "pods")) == 1


def test_refresh_relists_everything_now(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache()
    wait_until(lambda: live(cache, *FIRST, *SECOND))
    cache.refresh()
    wait_until(lambda: all(len(server.requests("list", kind.resource)) == 2 for kind in FIRST))
    wait_until(lambda: live(cache, *FIRST, *SECOND))


def test_new_credentials_of_one_kind_are_tried_by_all_that_had_none(make_cache: MakeCache, server: FakeServer) -> None:
    refusing = [True]
    server.rules = lambda _verb, _resource, _namespace: e.Unauthorized("expired", status=401) if refusing[0] else None
    cache = make_cache()
    wait_until(lambda: all(isinstance(cache.state(kind), Auth) for kind in (*FIRST, *SECOND)))
    refusing[0] = False
    # One kind alone finds out, as its turn to ask again comes first.
    cache._kinds[PODS].informers[0].probe()
    wait_until(lambda: live(cache, *FIRST, *SECOND))


def test_metrics_are_polled_and_kept_as_a_history(make_cache: MakeCache, server: FakeServer, clock: FakeClock) -> None:
    server.served.add("metrics")
    server.put("nodes", "n1", usage={"cpu": "250m", "memory": "1Gi"}, timestamp="2026-01-01T00:00:00Z")
    cache = make_cache()
    cache.need(NODE_METRICS)
    wait_until(lambda: isinstance(cache.state(NODE_METRICS), Polling))
    wait_until(lambda: len(cache.usage_history.cluster()) == 1)
    passes(clock, 15, lambda: len(cache.usage_history.cluster()) >= 2)
    assert cache.usage_history.cluster()[-1].cpu_m == 250
    assert cache.usage_history.cluster()[-1].memory_b == 1 << 30


def test_an_absurd_sample_of_one_node_costs_the_kind_nothing(make_cache: MakeCache, server: FakeServer) -> None:
    server.served.add("metrics")
    server.put("nodes", "n1", usage={"cpu": "1e30", "memory": "1Gi"}, timestamp="2026-01-01T00:00:00Z")
    cache = make_cache()
    cache.need(NODE_METRICS)
    wait_until(lambda: isinstance(cache.state(NODE_METRICS), Polling))
    wait_until(lambda: len(cache.usage_history.cluster()) == 1)
    assert cache.usage_history.cluster()[0].memory_b == 1 << 30


def test_needing_metrics_again_and_again_asks_no_sooner(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    server.served.add("metrics")
    cache = make_cache()
    cache.need(NODE_METRICS)
    wait_until(lambda: isinstance(cache.state(NODE_METRICS), Polling))
    for _ in range(3):
        cache.need(NODE_METRICS)
        cache.rest(NODE_METRICS)
        cache.need(NODE_METRICS)
    # What the keeper was told before it begins another kind, it has done when that kind is there.
    cache.need(POD_METRICS)
    wait_until(lambda: isinstance(cache.state(POD_METRICS), Polling))
    assert server.requests("list").count(NODE_METRICS.path()) == 1
    passes(clock, 15, lambda: server.requests("list").count(NODE_METRICS.path()) >= 2)


def test_metrics_that_rest_before_they_were_begun_are_not_polled(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    server.served.add("metrics")
    cache = make_cache()
    cache.need(NODE_METRICS)
    cache.rest(NODE_METRICS)
    cache.need(POD_METRICS)
    passes(clock, 5, lambda: server.requests("list").count(POD_METRICS.path()) >= 3)
    assert server.requests("list").count(NODE_METRICS.path()) <= 1


class Versioned(FakeServer):
    """Answers the question for the version as `answers` say, the last one for ever."""

    def __init__(self, *answers: Exception | bytes) -> None:
        super().__init__()
        self.answers = list(answers)

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        if path != "/version":
            return super().get(path, query, accept=accept, idle_s=idle_s, total_s=total_s)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Response(200, {}, answer)


def test_the_version_is_asked_with_new_credentials_where_the_old_ones_are_refused(make_cache: MakeCache) -> None:
    server = Versioned(e.Unauthorized("expired", status=401), b'{"gitVersion":"v1.35.4"}')
    server.renewals.append(True)
    cache = make_cache(api=server)
    wait_until(lambda: cache.head.version == "v1.35.4")
    assert not server.renewals


def test_no_fault_of_our_own_ends_the_question_for_the_version(
    make_cache: MakeCache, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    cache = make_cache(api=Versioned(KeyError("bug"), b"junk", b'{"gitVersion":"v1.35.4"}'))
    wait_until(lambda: any("version" in record.message and record.exc_info for record in caplog.records))
    passes(clock, 2, lambda: cache.head.version is not None)


def test_a_cluster_that_was_upgraded_has_its_new_version_in_ten_minutes(
    make_cache: MakeCache, clock: FakeClock
) -> None:
    cache = make_cache(
        api=Versioned(b'{"gitVersion":"v1.35.4"}', e.ConnectionFailed("refused"), b'{"gitVersion":"v1.36.0"}')
    )
    wait_until(lambda: cache.head.version == "v1.35.4")
    passes(clock, 60, lambda: cache.head.version == "v1.36.0")


def test_a_refresh_asks_for_the_version_too(make_cache: MakeCache, clock: FakeClock) -> None:
    cache = make_cache(api=Versioned(e.Forbidden("no", status=403), b'{"gitVersion":"v1.36.0"}'))
    wait_until(lambda: live(cache, *FIRST))
    assert cache.head.version is None
    cache.refresh()
    passes(clock, 1, lambda: cache.head.version == "v1.36.0")
    assert clock.monotonic_s() < FakeClock().monotonic_s() + AGAIN_S


def test_metrics_that_nobody_looks_at_are_not_asked_for_until_somebody_does(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    server.served.add("metrics")
    cache = make_cache()
    cache.need(NODE_METRICS)
    wait_until(lambda: isinstance(cache.state(NODE_METRICS), Polling))
    cache.rest(NODE_METRICS)
    # What the keeper was told before it begins another kind, it has done when that kind is there.
    cache.need(POD_METRICS)
    wait_until(lambda: isinstance(cache.state(POD_METRICS), Polling))

    def asked(kind: Kind[Any]) -> int:
        return server.requests("list").count(kind.path())

    passes(clock, 5, lambda: asked(POD_METRICS) >= 4)
    assert asked(NODE_METRICS) == 1
    cache.need(NODE_METRICS)
    wait_until(lambda: asked(NODE_METRICS) == 2)


def test_a_cluster_without_metrics_is_absent_and_blocks_nothing(make_cache: MakeCache) -> None:
    cache = make_cache()
    cache.need(NODE_METRICS)
    wait_until(lambda: isinstance(cache.state(NODE_METRICS), Absent))
    wait_until(lambda: live(cache, *FIRST, *SECOND))


def test_a_server_that_is_down_is_failed_and_comes_up(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    down = [True]
    server.rules = lambda _verb, _resource, _namespace: e.ConnectionFailed("refused") if down[0] else None
    cache = make_cache()
    wait_until(lambda: all(isinstance(cache.state(kind), Failed) for kind in FIRST))
    down[0] = False
    passes(clock, 1, lambda: live(cache, *FIRST))


def test_a_fault_of_our_own_is_logged_shown_and_survived(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    bug = [True]

    def rules(_verb: str, resource: str, _namespace: str) -> None:
        if resource == "pods" and bug[0]:
            raise KeyError("bug")

    server.rules = rules
    cache = make_cache()
    wait_until(lambda: isinstance(cache.state(PODS), Failed))
    state = cache.state(PODS)
    assert isinstance(state, Failed)
    assert state.reason.startswith("internal error: ")
    assert any(record.exc_info for record in caplog.records)
    bug[0] = False
    passes(clock, 1, lambda: live(cache, PODS))


def test_stop_returns_at_once_and_ends_every_thread(make_cache: MakeCache) -> None:
    cache = make_cache()
    wait_until(lambda: live(cache, *FIRST, *SECOND))
    names = {thread.name for thread in threading.enumerate()}
    assert {"reflector-pods", "reflector-deployments.apps", "cache-keeper"} <= names
    began_s = time.monotonic()
    cache.stop()
    assert time.monotonic() - began_s < 0.5
    wait_until(lambda: not any(thread.name.startswith(("reflector-", "cache-")) for thread in threading.enumerate()))
    assert len(cache.list(PODS).objects) == 2


def test_stop_during_a_long_back_off_ends_it(make_cache: MakeCache, server: FakeServer) -> None:
    server.rules = lambda _verb, _resource, _namespace: e.ConnectionFailed("refused")
    cache = make_cache()
    wait_until(lambda: all(isinstance(cache.state(kind), Failed) for kind in FIRST))
    cache.stop()
    wait_until(lambda: not any(thread.name.startswith("reflector-") for thread in threading.enumerate()))
