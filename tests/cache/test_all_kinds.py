"""The cache of everything that is served: what is followed while somebody looks, and let go when nobody does."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kite_tui.cache.cluster import KEPT_S, KINDS, ClusterCache
from kite_tui.cache.lister import METADATA, METADATA_LIST
from kite_tui.demo.resources import (
    CONFIG_MAPS,
    DEFINITIONS,
    INGRESSES,
    LEASES,
    PRIORITY_CLASSES,
    REPLICASETS,
    SECRETS,
    SERVICE_ACCOUNTS,
)
from kite_tui.kube import errors as e
from kite_tui.kube.api import JSON
from kite_tui.kube.errors import ApiError
from kite_tui.objects.indexes import NAMESPACE
from kite_tui.objects.kinds import ALWAYS, DEPLOYMENTS, EVENTS, METRICS, NODES, PODS, Kind
from kite_tui.objects.served import NOTHING_KNOWN, Served
from kite_tui.objects.states import Failed, Forbidden, Live, Off, Partial, Syncing
from kite_tui.queries.related import not_searched
from tests.cache.conftest import MakeCache, passes, wait_until
from tests.cache.fakes import FakeClock
from tests.cache.server import FakeServer

WIDGETS: Kind[Any] = Kind("example.test", "v1", "Widget", "widgets", "widget", True)
ON_DEMAND = (REPLICASETS, INGRESSES, CONFIG_MAPS, SECRETS, LEASES, PRIORITY_CLASSES, WIDGETS)
EVERY_KIND = (*ALWAYS, *ON_DEMAND)


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    server.serves(*EVERY_KIND, *METRICS)
    server.put("configmaps", "settings", "shop")
    server.put("widgets", "w", "till")
    return server


def live(cache: ClusterCache, *kinds: Kind[Any]) -> bool:
    return all(cache.state(kind) == Live() for kind in kinds)


def all_live(cache: ClusterCache) -> bool:
    return cache.served.is_known and live(cache, *cache.served.searched)


def found(cache: ClusterCache, kind: Kind[Any], namespace: str, name: str) -> Any:
    record = cache.get(kind, namespace, name)
    assert record is not None
    return record


def reflectors() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("reflector-")}


class CountingClock(FakeClock):
    """Counts how often the keeper has looked after things."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.turns += threading.current_thread().name == "cache-keeper"
        return super().wait(event, timeout_s)


@pytest.fixture
def clock() -> CountingClock:
    return CountingClock()


# -- followed -------------------------------------------------------------------------------------------------------


def test_any_kind_may_be_needed(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache()
    assert cache.state(WIDGETS) == Off()
    cache.need(WIDGETS)
    wait_until(lambda: live(cache, WIDGETS))
    assert [row.name for row in cache.by_index(WIDGETS, NAMESPACE, "till")] == ["w"]
    assert cache.served is NOTHING_KNOWN, "nobody asked what there is"
    assert not server.requests("list", "ingresses")


def test_everything_that_has_objects_is_followed_once_all_is_needed(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache()
    cache.need_all()
    cache.need_all()
    wait_until(lambda: all_live(cache))
    assert set(cache.served.searched) == {*EVERY_KIND} - {EVENTS}
    assert set(cache.kinds()) == set(EVERY_KIND), "metrics are polled only where they are shown"
    for kind in ON_DEMAND:
        assert len(server.requests("list", kind.resource)) == len(server.requests("watch", kind.resource)) == 1
    server.put("widgets", "v", "shop")
    wait_until(lambda: cache.get(WIDGETS, "shop", "v"))


def test_while_everything_is_followed_and_nothing_happens_nothing_is_done(
    make_cache: MakeCache, server: FakeServer, clock: CountingClock
) -> None:
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache) and live(cache, EVENTS))
    server.put("widgets", "v", "shop")
    wait_until(lambda: cache.get(WIDGETS, "shop", "v"))
    before = clock.turns
    for number in range(5):
        server.put("widgets", "v", "shop", number=number)
        wait_until(lambda: found(cache, WIDGETS, "shop", "v").resource_version == str(server.version))
    assert clock.turns - before <= 5


def test_only_metadata_is_asked_for_where_no_more_is_kept(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache))

    def accepted(kind: Kind[Any]) -> tuple[set[str], set[str]]:
        return server.accepted["list", kind.path()], server.accepted["watch", kind.path()]

    for kind in (SECRETS, CONFIG_MAPS):
        assert accepted(kind) == ({METADATA_LIST}, {METADATA})
    for kind in (LEASES, PRIORITY_CLASSES, WIDGETS):
        assert accepted(kind) == ({f"{METADATA_LIST},{JSON}"}, {f"{METADATA},{JSON}"})
    for kind in (PODS, REPLICASETS, INGRESSES):
        assert accepted(kind) == ({JSON}, {JSON})


def test_a_server_that_has_no_metadata_alone_is_never_asked_for_whole_secrets(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    def rules(_verb: str, resource: str, _namespace: str) -> ApiError | None:
        return e.NotAcceptable("only whole objects here", status=406) if resource == "secrets" else None

    server.rules = rules
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: isinstance(cache.state(SECRETS), Failed))
    passes(clock, 2, lambda: len(server.requests("list", "secrets")) > 2)
    assert server.accepted["list", SECRETS.path()] == {METADATA_LIST}
    wait_until(lambda: live(cache, *(kind for kind in EVERY_KIND if kind != SECRETS)))


def test_a_kind_that_may_not_be_listed_costs_nobody_else(make_cache: MakeCache, server: FakeServer) -> None:
    server.refuse(("secrets", "*"), ("widgets", ""), ("widgets", "till"), ("priorityclasses", "*"))
    cache = make_cache()
    cache.need_all()
    refused = {SECRETS, WIDGETS, PRIORITY_CLASSES}
    wait_until(lambda: live(cache, *(kind for kind in EVERY_KIND if kind not in refused)))
    wait_until(lambda: isinstance(cache.state(WIDGETS), Partial))
    wait_until(lambda: isinstance(cache.state(SECRETS), Forbidden))
    wait_until(lambda: isinstance(cache.state(PRIORITY_CLASSES), Forbidden))


def test_before_discovery_answers_what_every_server_has_is_followed(make_cache: MakeCache, server: FakeServer) -> None:
    server.documents = {}
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: live(cache, *ALWAYS))
    assert not cache.served.is_known
    assert set(cache.kinds()) == set(ALWAYS)


def test_where_discovery_fails_it_is_said_that_all_other_kinds_are_not_searched(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    known, server.documents = server.documents, {}
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: not_searched(cache))
    (missed,) = not_searched(cache)
    assert missed.resource == "all other kinds"
    assert isinstance(missed.state, Failed)
    server.documents = known
    passes(clock, 1, lambda: all_live(cache))
    assert not_searched(cache) == []


# -- kinds come and go ----------------------------------------------------------------------------------------------


def test_a_kind_that_comes_is_followed_and_one_that_goes_is_let_go(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    server.serves(*EVERY_KIND, DEFINITIONS)
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache) and live(cache, DEFINITIONS))
    gadgets: Kind[Any] = Kind("example.test", "v1", "Gadget", "gadgets", "gadget", False)
    server.serves(*EVERY_KIND, DEFINITIONS, gadgets)
    server.put("gadgets", "g")
    server.put("customresourcedefinitions", "gadgets.example.test")
    passes(clock, 0.5, lambda: cache.get(gadgets, "", "g"))
    assert "reflector-gadgets.example.test" in reflectors()
    told: set[Kind[Any]] = set()
    cache.subscribe(told.add)
    server.serves(*EVERY_KIND, DEFINITIONS)
    server.remove("customresourcedefinitions", "gadgets.example.test")
    passes(clock, 0.5, lambda: gadgets not in cache.kinds() and gadgets in told)
    assert (cache.state(gadgets), cache.list(gadgets).objects) == (Off(), ())
    wait_until(lambda: "reflector-gadgets.example.test" not in reflectors())


def test_what_is_always_followed_stays_whatever_discovery_says(make_cache: MakeCache, server: FakeServer) -> None:
    server.serves(PODS, NODES, WIDGETS)
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache) and live(cache, DEPLOYMENTS))
    assert {*ALWAYS} <= set(cache.kinds())


# -- let go ---------------------------------------------------------------------------------------------------------


def test_what_nobody_looks_at_any_more_is_let_go_after_a_while_and_comes_back(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache))
    kinds = cache.kinds()
    held = cache.object_count(kinds)
    cache.rest_all()
    clock.advance(KEPT_S - 1)
    assert live(cache, *EVERY_KIND)
    passes(clock, 1, lambda: set(cache.kinds()) == set(ALWAYS))
    wait_until(lambda: reflectors() == {f"reflector-{kind.plural}" for kind in ALWAYS})
    assert {type(cache.state(kind)) for kind in ON_DEMAND} == {Off}
    assert cache.object_count(kinds) == held - 2
    assert live(cache, *ALWAYS)
    assert cache.served.is_known
    cache.need_all()
    wait_until(lambda: all_live(cache))
    assert cache.get(WIDGETS, "till", "w") is not None
    assert len(server.requests("list", "widgets")) == 2
    assert len(server.requests("list", "pods")) == 1


def test_who_comes_back_in_time_finds_everything_as_it_was(
    make_cache: MakeCache, server: FakeServer, clock: CountingClock
) -> None:
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache))
    for _ in range(3):
        cache.rest_all()
        clock.advance(KEPT_S - 1)
        cache.need_all()
        turns = clock.turns
        wait_until(lambda turns=turns: clock.turns > turns)  # type: ignore[misc]
        assert live(cache, *EVERY_KIND)
    clock.advance(2 * KEPT_S)
    assert len(server.requests("list", "widgets")) == 1


def test_one_kind_that_was_needed_by_name_is_let_go_alone(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock
) -> None:
    cache = make_cache()
    cache.need(WIDGETS, CONFIG_MAPS)
    wait_until(lambda: live(cache, WIDGETS, CONFIG_MAPS))
    cache.rest(WIDGETS)
    passes(clock, KEPT_S, lambda: cache.state(WIDGETS) == Off())
    assert live(cache, CONFIG_MAPS)
    cache.need(WIDGETS)
    assert cache.state(WIDGETS) == Syncing()
    wait_until(lambda: live(cache, WIDGETS))


def test_a_kind_is_let_go_in_time_whatever_else_happens_meanwhile(
    make_cache: MakeCache, server: FakeServer, clock: CountingClock
) -> None:
    cache = make_cache()
    cache.need(WIDGETS)
    wait_until(lambda: live(cache, *ALWAYS, WIDGETS))
    cache.rest(WIDGETS)
    clock.advance(KEPT_S / 2)
    turns = clock.turns
    cache.need(PODS)  # the keeper looks, and has nothing to let go yet
    wait_until(lambda: clock.turns > turns)
    assert live(cache, WIDGETS)
    clock.advance(KEPT_S / 2 + 1)
    wait_until(lambda: cache.state(WIDGETS) == Off())


def test_who_leaves_while_everything_is_being_begun_leaves_nothing_behind(
    make_cache: MakeCache, server: FakeServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = make_cache()
    need, left = cache.need, threading.Event()

    def need_and_be_left(*kinds: Kind[Any]) -> None:
        need(*kinds)
        if WIDGETS in kinds and not left.is_set():
            left.set()
            cache.rest_all()

    monkeypatch.setattr(cache, "need", need_and_be_left)
    cache.need_all()
    wait_until(lambda: left.is_set() and live(cache, WIDGETS))
    passes(clock, KEPT_S + 1, lambda: set(cache.kinds()) == set(ALWAYS))


def test_a_kind_whose_group_can_not_be_asked_about_is_not_gone(
    make_cache: MakeCache, server: FakeServer, clock: CountingClock
) -> None:
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: all_live(cache))
    turns = clock.turns
    cache._discovery.served = Served(
        (kind for kind in cache.served.kinds if kind.group != WIDGETS.group), failed=[(WIDGETS.group, "503")]
    )
    cache.need(PODS)  # the keeper looks
    wait_until(lambda: clock.turns > turns)
    assert cache.get(WIDGETS, "till", "w") is not None


def test_what_is_always_followed_is_never_let_go(make_cache: MakeCache, clock: FakeClock) -> None:
    cache = make_cache()
    cache.need(LEASES)
    wait_until(lambda: live(cache, *ALWAYS, LEASES))
    cache.rest(*KINDS, LEASES)
    passes(clock, KEPT_S, lambda: cache.state(LEASES) == Off())
    assert live(cache, *ALWAYS)


# -- the end --------------------------------------------------------------------------------------------------------


def test_stop_while_everything_is_read_ends_every_thread(make_cache: MakeCache, server: FakeServer) -> None:
    gate, requests = threading.Event(), server.get

    def slow(path: str, *args: Any, **kwargs: Any) -> Any:
        if path.endswith(("/widgets", "/secrets")):
            gate.wait(10)
        return requests(path, *args, **kwargs)

    server.get = slow  # type: ignore[method-assign]
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: live(cache, INGRESSES, CONFIG_MAPS))
    cache.stop()
    gate.set()
    wait_until(lambda: not reflectors() and not any(t.name == "discovery" for t in threading.enumerate()))
    assert cache.get(CONFIG_MAPS, "shop", "settings") is not None


def test_accounts_are_read_whole_and_say_what_they_refer_to(make_cache: MakeCache, server: FakeServer) -> None:
    server.serves(*EVERY_KIND, SERVICE_ACCOUNTS)
    server.put("serviceaccounts", "robot", "shop", secrets=[{"name": "token"}])
    cache = make_cache()
    cache.need_all()
    wait_until(lambda: cache.get(SERVICE_ACCOUNTS, "shop", "robot"))
    (reference,) = found(cache, SERVICE_ACCOUNTS, "shop", "robot").links.references
    assert (reference.kind, reference.name) == ("Secret", "token")
