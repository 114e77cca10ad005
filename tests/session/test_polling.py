"""The app without a cache: everything is listed again and again, and what is shown says since when."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kite_tui.demo import discovery
from kite_tui.demo.resources import CONFIG_MAPS
from kite_tui.kube.errors import ConnectionFailed
from kite_tui.objects.indexes import NAMESPACE, REFERENCE
from kite_tui.objects.kinds import ALWAYS, NODE_METRICS, NODES, PODS, SERVICES, Kind
from kite_tui.objects.states import Failed, Forbidden, Off, Partial, Polling, Stale, Syncing
from kite_tui.queries.related import not_searched
from kite_tui.session.polling import EVERY_S, PollingReader
from tests.session.fakes import FakeApi, forbidden, listed, names, wait_until


class ManualClock:
    """Waits last until a test lets time pass."""

    def __init__(self) -> None:
        self.seconds = 1_790_000_000.0
        self.waiting = threading.Semaphore(0)
        self._passed = threading.Semaphore(0)

    def now_s(self) -> float:
        return self.seconds

    def monotonic_s(self) -> float:
        return self.seconds

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waiting.release()
        target = self.seconds + timeout_s
        while not event.wait(0.002):
            if self.seconds >= target:
                return False
        return True


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def polling(api: FakeApi, clock: ManualClock) -> Iterator[PollingReader]:
    reader = PollingReader(api, context="prod", server="s", clock=clock)
    yield reader
    reader.stop()
    api.close()


def next_round(clock: ManualClock) -> None:
    assert clock.waiting.acquire(timeout=10)


def test_polling_lists_at_once_and_every_30_s(api: FakeApi, clock: ManualClock, polling: PollingReader) -> None:
    api.says("/version", {"gitVersion": "v1.35.4"}, {"gitVersion": "v1.36.0"}, forbidden())
    api.says("/api/v1/pods", listed("a", namespace="shop"), listed("a", "b", namespace="shop"))
    assert polling.state(PODS) == Syncing()
    told: list[Any] = []
    polling.subscribe(told.append)
    polling.start()
    next_round(clock)
    assert polling.state(PODS) == Polling(clock.seconds, EVERY_S)
    assert polling.list(PODS).state == Polling(clock.seconds, EVERY_S)
    assert polling.head.version == "v1.35.4"
    assert PODS in told
    assert names(polling.list(PODS).objects) == ["a"]
    version = polling.version(PODS)
    assert polling.changes_since(PODS, version) == ()
    clock.seconds += EVERY_S
    next_round(clock)
    assert names(polling.list(PODS).objects) == ["a", "b"]
    assert polling.changes_since(PODS, version) is None
    assert polling.object_count(polling.kinds()) == 2
    assert polling.head.version == "v1.36.0", "a cluster is upgraded while somebody looks"
    clock.seconds += EVERY_S
    next_round(clock)
    assert polling.head.version == "v1.36.0", "what was known stays"


def test_rows_that_were_there_stay_and_are_stale_since_their_time(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    api.says("/api/v1/pods", listed("a"), ConnectionFailed("cut"))
    api.says("/api/v1/nodes", ConnectionFailed("refused"))
    polling.start()
    next_round(clock)
    began_s = clock.seconds
    assert polling.state(NODES) == Failed("refused", began_s + EVERY_S)
    for _ in range(2):
        clock.seconds += EVERY_S
        next_round(clock)
        assert polling.state(PODS) == Stale(began_s, "cut", clock.seconds + EVERY_S)
        assert names(polling.list(PODS).objects) == ["a"]


def test_what_nobody_needs_rests_and_what_somebody_needs_is_read_now(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    path = NODE_METRICS.path()
    polling.start()
    next_round(clock)
    assert path not in api.paths()
    assert NODE_METRICS not in polling.kinds()
    polling.need(NODE_METRICS)
    assert polling.state(NODE_METRICS) == Syncing()
    next_round(clock)
    assert api.paths().count(path) == 1
    assert NODE_METRICS in polling.kinds()
    polling.rest(NODE_METRICS)
    polling.refresh()
    next_round(clock)
    assert api.paths().count(path) == 1
    assert isinstance(polling.state(NODE_METRICS), Polling)


def test_each_kind_is_there_as_soon_as_its_own_list_is(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    api.says("/api/v1/nodes", listed("n"))
    slow = api.holds("/api/v1/pods")
    told: queue.Queue[Any] = queue.Queue()
    polling.subscribe(told.put)
    polling.start()
    while told.get(timeout=10) is not NODES:
        pass
    assert names(polling.list(NODES).objects) == ["n"]
    assert polling.state(PODS) == Syncing()
    slow.set()
    next_round(clock)
    assert polling.state(PODS) == Polling(clock.seconds, EVERY_S)


def test_a_part_that_later_fails_is_a_part_and_stale_since_it_was_read(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    api.says("/api/v1/pods", forbidden(), ConnectionFailed("cut"))
    api.says("/api/v1/namespaces", listed("shop", "bank"))
    api.says("/api/v1/namespaces/shop/pods", listed("a", namespace="shop"))
    api.says("/api/v1/namespaces/bank/pods", forbidden())
    polling.start()
    next_round(clock)
    began_s = clock.seconds
    assert isinstance(polling.state(PODS), Partial)
    for _ in range(2):
        clock.seconds += EVERY_S
        next_round(clock)
        assert polling.state(PODS) == Partial(1, 2, "cut", began_s, clock.seconds + EVERY_S)
    assert names(polling.list(PODS).objects) == ["a"]


def test_a_fault_of_ours_in_discovery_ends_no_polling(api: FakeApi, clock: ManualClock) -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("ours")

    api.says("/api/v1/pods", listed("a"))
    api.says("/apis", broken)
    polling = PollingReader(api, context="prod", server="s", clock=clock)
    polling.start()
    try:
        next_round(clock)
        began_s = clock.seconds
        polling.discover()
        for _ in range(2):
            clock.seconds += EVERY_S
            next_round(clock)
            assert polling.state(PODS) == Stale(began_s, "internal error; the log has more", clock.seconds + EVERY_S)
        api.says("/apis", {"kind": "APIGroupDiscoveryList", "items": []})
        clock.seconds += EVERY_S
        next_round(clock)
        assert polling.state(PODS) == Polling(clock.seconds, EVERY_S)
    finally:
        polling.stop()
        api.close()


def test_a_fault_of_ours_keeps_the_rows_and_says_since_when(api: FakeApi, clock: ManualClock) -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("ours, with a secret")

    api.says("/api/v1/pods", listed("a"), broken)
    polling = PollingReader(api, context="prod", server="s", clock=clock)
    polling.start()
    try:
        next_round(clock)
        began_s = clock.seconds
        clock.seconds += EVERY_S
        next_round(clock)
        state = polling.state(PODS)
        assert state == Stale(began_s, "internal error; the log has more", clock.seconds + EVERY_S)
        assert names(polling.list(PODS).objects) == ["a"]
    finally:
        polling.stop()
        api.close()


def test_only_a_new_sample_is_noted(api: FakeApi, clock: ManualClock, polling: PollingReader) -> None:
    sample = {**listed("n"), "items": [{"metadata": {"name": "n"}, "usage": {"cpu": "1", "memory": "1Gi"}}]}
    api.says(NODE_METRICS.path(), sample, ConnectionFailed("cut"))
    polling.need(NODE_METRICS)
    polling.start()
    for _ in range(3):
        next_round(clock)
        assert [each.cpu_m for each in polling.usage_history.cluster()] == [1000]
        clock.seconds += EVERY_S
    polling.rest(NODE_METRICS)
    next_round(clock)
    assert len(polling.usage_history.cluster()) == 1


def test_a_fault_in_a_handler_ends_no_round(api: FakeApi, clock: ManualClock, polling: PollingReader) -> None:
    def broken(kind: object) -> None:
        raise RuntimeError("ours")

    unsubscribe = polling.subscribe(broken)
    polling.start()
    next_round(clock)
    unsubscribe()
    polling.refresh()
    next_round(clock)
    assert isinstance(polling.state(SERVICES), Polling)


# -- all kinds ------------------------------------------------------------------------------------------------------

WIDGETS: Kind[Any] = Kind("example.test", "v1", "Widget", "widgets", "widget", True)


def serves(api: FakeApi, *kinds: Kind[Any]) -> None:
    for path in ("/api", "/apis"):
        api.says(path, discovery.aggregated(kinds, core=path == "/api"))


def test_all_that_is_served_is_read_while_somebody_needs_it(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    serves(api, PODS, NODE_METRICS, CONFIG_MAPS, WIDGETS)
    api.says(WIDGETS.path(), listed("w", namespace="shop"))
    polling.start()
    next_round(clock)
    assert "/apis" not in api.paths()
    assert not polling.served.is_known
    polling.need_all()
    polling.need_all()
    next_round(clock)
    assert polling.served.kinds == (PODS, CONFIG_MAPS, NODE_METRICS, WIDGETS)
    assert names(polling.by_index(WIDGETS, REFERENCE, "nothing")) == []
    assert names(polling.by_index(WIDGETS, NAMESPACE, "shop")) == ["w"]
    assert polling.index_values(WIDGETS, NAMESPACE) == {"shop"}
    assert isinstance(polling.state(CONFIG_MAPS), Polling)
    assert set(polling.kinds()) == {*ALWAYS, CONFIG_MAPS, WIDGETS}
    assert polling.object_count(polling.kinds()) == 1
    assert NODE_METRICS.path() not in api.paths()
    assert api.paths().count(WIDGETS.path()) == 1


def test_what_is_served_is_syncing_until_it_was_read_and_asked_for_seldom(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    serves(api, PODS, WIDGETS)
    slow = api.holds(WIDGETS.path())
    polling.need_all()
    polling.start()
    wait_until(lambda: WIDGETS.path() in api.paths())
    assert polling.state(WIDGETS) == Syncing()
    slow.set()
    next_round(clock)
    assert isinstance(polling.state(WIDGETS), Polling)
    clock.seconds += EVERY_S
    next_round(clock)
    assert (api.paths().count("/apis"), api.paths().count(WIDGETS.path())) == (1, 2)
    serves(api, PODS)
    polling.refresh()
    next_round(clock)
    assert (api.paths().count("/apis"), api.paths().count(WIDGETS.path())) == (2, 2)
    assert polling.served.kinds == (PODS,)
    assert (polling.state(WIDGETS), polling.list(WIDGETS).objects) == (Off(), ())


def test_what_nobody_needs_any_more_is_read_no_more_and_let_go(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    serves(api, PODS, WIDGETS)
    api.says(WIDGETS.path(), listed("w"))
    api.says(PODS.path(), listed("p"))
    polling.need_all()
    polling.start()
    next_round(clock)
    polling.rest_all()
    assert names(polling.list(WIDGETS).objects) == ["w"], "as of a moment ago"
    told: list[Any] = []
    polling.subscribe(told.append)
    clock.seconds += EVERY_S
    next_round(clock)
    assert api.paths().count(WIDGETS.path()) == 1
    assert (polling.state(WIDGETS), polling.list(WIDGETS).objects) == (Off(), ())
    assert WIDGETS in told
    assert WIDGETS not in polling.kinds()
    assert polling.object_count(polling.kinds()) == 1
    polling.need_all()
    assert polling.state(WIDGETS) == Syncing()
    next_round(clock)
    assert names(polling.list(WIDGETS).objects) == ["w"]


def test_without_discovery_what_every_server_has_is_read_and_it_is_asked_again_each_round(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    api.says("/api", ConnectionFailed("refused"))
    polling.need_all()
    polling.start()
    next_round(clock)
    assert not polling.served.is_known
    assert [missed.resource for missed in not_searched(polling)] == ["all other kinds"]
    assert isinstance(polling.state(PODS), Polling)
    serves(api, PODS, WIDGETS)
    clock.seconds += EVERY_S
    next_round(clock)
    assert polling.served.kinds == (PODS, WIDGETS)


def test_one_kind_that_may_not_be_listed_costs_nobody_else(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    serves(api, PODS, CONFIG_MAPS, WIDGETS)
    api.says(CONFIG_MAPS.path(), forbidden("configmaps"))
    polling.need_all()
    polling.start()
    next_round(clock)
    assert isinstance(polling.state(CONFIG_MAPS), Forbidden)
    assert isinstance(polling.state(WIDGETS), Polling)


def test_lists_and_errors_of_each_kind_are_counted_and_what_nobody_watches_has_no_events(
    api: FakeApi, clock: ManualClock, polling: PollingReader
) -> None:
    api.says("/api/v1/pods", listed("a"), ConnectionFailed("cut"), listed("a", "b"))
    api.says("/api/v1/nodes", forbidden("nodes"))
    polling.start()
    next_round(clock)
    listed_s = clock.seconds
    first = {load.kind: load for load in polling.loads()}
    assert first[PODS].counts.received_b > 0
    assert (first[PODS].counts.lists, first[PODS].counts.relists, first[PODS].counts.watches) == (1, 0, 0)
    assert (first[PODS].objects, first[PODS].listed_at_s, first[PODS].heard_at_s) == (1, listed_s, listed_s)
    assert (first[NODES].objects, first[NODES].counts.lists, first[NODES].counts.errors) == (None, 0, 1)
    for _ in range(2):
        clock.seconds += EVERY_S
        next_round(clock)
    pods = next(load for load in polling.loads() if load.kind is PODS)
    assert (pods.objects, pods.counts.lists, pods.counts.relists, pods.counts.errors) == (2, 2, 1, 1)
    assert pods.last_failure is not None
    assert (pods.last_failure.last_error, pods.last_failure.failed_at_s) == ("cut", listed_s + EVERY_S)
    assert polling.counts().errors == 1 + 3
    assert polling.estimated_b(PODS) > 0
