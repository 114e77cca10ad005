"""What following costs: counted where it happens, summed over scopes, never shrinking, and weighed by a sample."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kite_tui.cache.cluster import KEPT_S
from kite_tui.cache.store import Store
from kite_tui.cache.weight import RUN, SAMPLE, estimated_b, sampled
from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.kube import errors as e
from kite_tui.objects.decode import decoder
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import ALWAYS, DEPLOYMENTS, NAMESPACES, PODS, Kind
from kite_tui.objects.load import Counts, KindLoad
from kite_tui.objects.states import Failed, Forbidden, Live, Partial
from tests.cache.conftest import MakeCache, put_pod, wait_until
from tests.cache.fakes import FakeClock, Passing, Stage, bookmark, event, item, items, page
from tests.cache.server import FakeServer
from tests.cache.test_cluster import live

RESET = e.ConnectionFailed("connection reset")


# -- one reflector --------------------------------------------------------------------------------------------------


def test_lists_watches_events_bytes_and_errors_are_counted_where_they_happen() -> None:
    stage = Stage()
    first, second = page(items("a"), more="t"), page(items("b"))
    lines = [event("MODIFIED", item("a", 101)), bookmark(102)]
    stage.api.body(first).body(second)
    stage.api.watch_of(*lines, end=RESET)
    stage.api.watch_of(event("ADDED", item("c", 103)))
    stage.step(4)
    load = stage.reflector.load()
    received_b = len(first) + len(second) + sum(len(line) + 1 for line in (*lines, event("ADDED", item("c", 103))))
    assert load.counts == Counts(lists=1, watches=2, reconnects=1, events=2, received_b=received_b, errors=1)
    assert load.last_error == "connection reset"


def test_a_page_counts_as_many_bytes_as_came_over_the_wire() -> None:
    stage = Stage()
    plain = stage.api.get
    stage.api.get = lambda *about, **how: replace(plain(*about, **how), received_b=7)  # type: ignore[method-assign]
    stage.api.body(page(items("a"), more="t")).body(page(items("b")))
    stage.step(2)
    assert stage.reflector.load().counts.received_b == 14


def test_nothing_is_known_before_there_was_an_answer() -> None:
    load = Stage(part="shop").reflector.load()
    assert (load.name, load.counts, load.last_error) == ("shop", Counts(), "")
    assert (load.list_s, load.listed_at_s, load.heard_at_s, load.failed_at_s) == (None, None, None, None)


def test_a_list_is_timed_from_its_first_request_to_its_last_page_with_the_waiting_in_between() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t").fail(e.TooManyRequests("later", status=429, retry_after_s=5)).page(items("b"))
    stage.step(3)
    load = stage.reflector.load()
    assert load.list_s == pytest.approx(5)
    assert load.listed_at_s == stage.clock.now_s()
    assert (load.last_error, load.failed_at_s) == ("later", stage.clock.now_s() - 5)


def test_an_event_and_a_bookmark_are_heard_and_silence_is_not() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(3), bookmark(101), Passing(7), event("MODIFIED", item("a", 102)), Passing(20), end=RESET)
    began_s = stage.clock.now_s()
    stage.step()
    assert stage.reflector.load().heard_at_s == began_s + 10


def test_a_relist_is_counted_apart_from_the_first_list() -> None:
    stage = Stage().synced("a")
    stage.reflector.refresh()
    stage.api.page(items("a"))
    stage.step()
    assert (stage.reflector.load().counts.lists, stage.reflector.load().counts.relists) == (2, 1)


def test_a_fault_of_our_own_is_an_error_too_and_shows_nothing_of_its_text() -> None:
    stage = Stage()
    stage.reflector.failed_internally(ValueError("secretpw"))
    load = stage.reflector.load()
    assert load.counts.errors == 1
    assert "ValueError" in load.last_error
    assert "secretpw" not in load.last_error


# -- the cluster ----------------------------------------------------------------------------------------------------


def load_of(loads: Sequence[KindLoad], kind: Kind[Any]) -> KindLoad:
    return next(load for load in loads if load.kind is kind)


def test_each_kind_that_is_followed_says_what_it_costs(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache()
    assert cache.wait_settled(10)
    wait_until(lambda: live(cache, *ALWAYS))
    put_pod(server, "c", "shop")
    wait_until(lambda: load_of(cache.loads(), PODS).counts.events == 1)
    assert {load.kind for load in cache.loads()} == set(ALWAYS)
    pods = load_of(cache.loads(), PODS)
    assert (pods.state, pods.objects, [scope.name for scope in pods.scopes]) == (Live(), 3, [""])
    assert (pods.counts.lists, pods.counts.watches, pods.counts.errors) == (1, 1, 0)
    assert pods.counts.received_b > 0
    assert cache.counts().lists == len(ALWAYS)


def test_objects_that_nobody_may_count_are_unknown_and_not_0(make_cache: MakeCache, server: FakeServer) -> None:
    server.rules = lambda _verb, resource, _namespace: e.Forbidden("no", status=403) if resource == "nodes" else None
    cache = make_cache()
    assert cache.wait_settled(10)
    nodes = next(load for load in cache.loads() if load.kind.resource == "nodes")
    assert isinstance(nodes.state, Forbidden)
    assert nodes.objects is None
    assert nodes.last_failure is not None
    assert nodes.last_failure.last_error == "no"


def test_nothing_is_settled_while_the_ladder_has_rungs_left(make_cache: MakeCache, server: FakeServer) -> None:
    def rules(_verb: str, resource: str, namespace: str) -> e.ApiError | None:
        is_open = resource == "namespaces" or namespace == "till"
        return None if is_open else e.Forbidden(f"no {resource} in {namespace or 'all'}", status=403)

    server.rules = rules
    cache = make_cache()
    assert cache.wait_settled(10)
    assert isinstance(cache.state(PODS), Partial)
    pods = load_of(cache.loads(), PODS)
    assert {scope.name for scope in pods.scopes} > {"", "till"}
    assert pods.counts.errors >= 2
    assert pods.counts.lists == 1


def test_a_server_that_refuses_everybody_is_settled_too(make_cache: MakeCache, server: FakeServer) -> None:
    server.rules = lambda _verb, _resource, _namespace: e.ConnectionFailed("refused")
    cache = make_cache()
    assert cache.wait_settled(10)
    assert all(isinstance(cache.state(kind), Failed) for kind in ALWAYS)


def test_a_silent_server_is_not_waited_for(make_cache: MakeCache) -> None:
    assert make_cache(start=False).wait_settled(0.01) is False


def test_totals_never_shrink_when_a_kind_is_let_go(make_cache: MakeCache, server: FakeServer, clock: FakeClock) -> None:
    kind: Kind[Any] = Kind("batch", "v1", "Job", "jobs", "job", True)
    server.served.add(kind.resource)
    cache = make_cache()
    cache.need(kind)
    wait_until(lambda: live(cache, *ALWAYS, kind))
    before = cache.counts()
    cache.rest(kind)
    clock.advance(KEPT_S + 1)
    wait_until(lambda: kind not in cache.kinds())
    after = cache.counts()
    assert after.lists >= before.lists == len(ALWAYS) + 1
    assert after.received_b >= before.received_b


def test_totals_never_shrink_when_a_scope_is_left(make_cache: MakeCache, server: FakeServer, clock: FakeClock) -> None:
    closed = [True]

    def rules(_verb: str, resource: str, namespace: str) -> e.ApiError | None:
        shut = closed[0] and resource == "pods" and not namespace
        return e.Forbidden("no pods in all", status=403) if shut else None

    server.rules = rules
    cache = make_cache()
    wait_until(lambda: isinstance(cache.state(PODS), Partial))
    before = load_of(cache.loads(), PODS).counts
    closed[0] = False
    cache.refresh()
    wait_until(lambda: [scope.name for scope in load_of(cache.loads(), PODS).scopes] == [""])
    after = load_of(cache.loads(), PODS).counts
    assert after.lists > before.lists > 0
    assert after.errors >= before.errors > 0


# -- weights --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bodies() -> dict[Kind[Any], list[bytes]]:
    """Objects of a simulated cluster, as the server sends them."""
    cluster = generate(DemoOptions(nodes=40, pods=2_000, now_s=1_790_000_000), lambda: 1_790_000_000)
    return {
        kind: [item.body() for item in cluster.world.snapshot(kind)[1].items]
        for kind in (PODS, DEPLOYMENTS, NAMESPACES)
    }


@pytest.mark.parametrize("kind", [PODS, DEPLOYMENTS], ids=lambda kind: kind.resource)
def test_an_estimate_is_near_what_the_objects_really_take(
    kind: Kind[Any], bodies: dict[Kind[Any], list[bytes]]
) -> None:
    decode = decoder(kind)
    for body in bodies[kind]:  # lets the interpreter's own table of strings grow, which may take megabytes at once
        decode(body)
    gc.collect()
    tracemalloc.start()
    store: Store[Any] = Store(index_functions(kind))
    store.open_part("", Live())
    store.apply([decode(body) for body in bodies[kind]])
    gc.collect()
    held_b, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert store.estimated_b() == pytest.approx(held_b, rel=0.35)


def test_an_empty_store_weighs_next_to_nothing() -> None:
    assert Store[Any](index_functions(PODS)).estimated_b() < 5_000


def test_of_many_rows_a_bounded_sample_of_neighbours_is_weighed() -> None:
    rows = [json.dumps(number) for number in range(100_000)]
    chosen = sampled(rows)
    assert len(chosen) == SAMPLE
    assert chosen[:RUN] == rows[:RUN]
    assert chosen[-RUN:] == rows[-RUN:]
    assert sampled(rows[:SAMPLE]) == rows[:SAMPLE]


def test_what_is_shared_is_weighed_once() -> None:
    shared = "x" * 10_000
    assert estimated_b([(shared, number) for number in range(100)]) < 30_000
    assert estimated_b([]) == 0
