"""The ladder of scopes: the whole cluster, some namespaces, every namespace."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kite_tui.cache.combine import of_namespaces
from kite_tui.cache.ladder import CLUSTER, MAX_NAMESPACES, Ladder, Scopes
from kite_tui.objects.kinds import NAMESPACES, PODS
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Off, Partial, Polling, Stale, State, Syncing
from tests.cache.conftest import MakeCache, passes, put_pod, wait_until
from tests.cache.server import FakeServer

NO = Forbidden("list", "x", "no")
LADDER = Ladder(preferred=("home", "fav"))


def scopes(ladder: Ladder, parts: dict[str, State], namespaces: list[str] | None) -> Scopes:
    """Of a kind for which every namespace is worth asking."""
    return ladder.scopes(parts, namespaces, None if namespaces is None else len(namespaces))


@pytest.mark.parametrize("whole", [None, Syncing(), Live(), Stale(0, "x"), Failed("x"), Auth("x"), Polling()])
def test_the_whole_cluster_is_asked_until_it_is_forbidden(whole: State | None) -> None:
    parts = {} if whole is None else {"": whole}
    assert scopes(LADDER, parts, ["a"]) == CLUSTER


def test_then_the_contexts_namespace_and_the_favourites() -> None:
    assert scopes(LADDER, {"": NO}, ["a", "b", "home"]) == Scopes(("", "home", "fav"), True, 3)
    assert scopes(LADDER, {"": NO}, None) == Scopes(("", "home", "fav"), True, None)


def test_then_every_namespace_where_they_can_be_listed() -> None:
    parts: dict[str, State] = {"": NO, "home": NO, "fav": NO}
    assert scopes(LADDER, parts, ["b", "a"]) == Scopes(("", "a", "b"), True, 2)
    assert scopes(LADDER, parts, None) == Scopes(("", "home", "fav"), True, None)


def test_every_namespace_stays_asked_once_it_was() -> None:
    parts: dict[str, State] = {"": NO, "a": Live(), "b": NO}
    assert scopes(LADDER, parts, ["a", "b", "c"]).namespaces == ("", "a", "b", "c")
    assert scopes(LADDER, parts, None).namespaces == ("", "a", "b")


def test_no_more_than_50_namespaces_are_asked() -> None:
    names = [f"n{number:03}" for number in range(120)]
    found = scopes(Ladder(preferred=()), {"": NO}, names)
    assert len(found.namespaces) == 1 + MAX_NAMESPACES
    assert found.all_of == 120


def test_where_only_some_namespaces_are_worth_asking_they_are_counted_among_all() -> None:
    assert LADDER.scopes({"": NO, "home": NO, "fav": NO}, ["a"], 9) == Scopes(("", "a"), True, 9)
    assert LADDER.scopes({"": NO, "home": NO, "fav": NO}, ["a"], None) == Scopes(("", "a"), True, None)


def test_the_whole_cluster_again_as_soon_as_it_can_be_read() -> None:
    assert scopes(LADDER, {"": Live(), "home": Live()}, None) == CLUSTER
    assert scopes(LADDER, {"": Syncing(3), "home": Live()}, None).namespaces == ("", "home", "fav")


def test_and_when_it_turns_out_not_to_be_served() -> None:
    assert scopes(LADDER, {"": Absent(), "home": NO, "fav": Absent()}, ["home"]) == CLUSTER


def test_namespaces_asked_for_by_name_are_the_last_rung_and_all_there_is_to_read() -> None:
    ladder = Ladder(preferred=("a", "b"), is_asked_for=True)
    assert scopes(ladder, {}, ["c"]) == CLUSTER
    assert (
        scopes(ladder, {"": NO}, ["c"]) == scopes(ladder, {"": NO, "a": NO, "b": NO}, ["c"]) == Scopes(("", "a", "b"))
    )


def test_without_climbing_there_is_only_the_whole_cluster() -> None:
    assert scopes(Ladder(preferred=("home",), climbs=False), {"": NO}, ["a"]) == CLUSTER


LATE = Stale(5, "cut", 9)
LATER = Stale(7, "cut too", 8)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, Off()),
        ({"": NO}, NO),
        ({"": Live(), "a": NO}, Live()),
        ({"": NO, "a": Live(), "b": Live()}, Partial(2, 9)),
        ({"": NO, "a": Live(), "b": NO}, Partial(1, 9, "b: no")),
        ({"": NO, "a": Polling(3), "b": Live()}, Partial(2, 9)),
        ({"": NO, "a": Live(), "b": Syncing(4)}, Partial(1, 9, "b is still being read")),
        ({"": NO, "a": NO, "b": Syncing(4)}, Syncing(11)),
        ({"": NO, "a": NO, "b": NO}, NO),
        ({"": NO, "a": NO, "b": Failed("down")}, Failed("down")),
        ({"": NO, "a": LATE, "b": LATER}, Partial(2, 9, "a: cut", stale_since_s=5, retry_at_s=8)),
        ({"": NO, "a": Live(), "b": LATER}, Partial(2, 9, "b: cut too", stale_since_s=7, retry_at_s=8)),
        ({"": Syncing(), "a": Live()}, Partial(1, 9)),
    ],
)
def test_the_states_of_namespaces_make_one_on_the_ladder(parts: dict[str, State], expected: State) -> None:
    assert of_namespaces(all_of=9, partial=True)(parts, 11) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"a": Live(), "b": Live()}, Live()),
        ({"a": Live(), "b": Polling(3), "c": Polling(2)}, Polling(2)),
        ({"a": Live(), "b": NO}, Partial(1, 2, "b: no")),
        ({"a": LATE, "b": Live()}, Stale(5, "a: cut", 9)),
        ({"a": LATE, "b": Live(), "c": NO}, Partial(2, 3, "a: cut", stale_since_s=5, retry_at_s=9)),
        ({"a": Live(), "b": Syncing(4)}, Partial(1, 2, "b is still being read")),
        ({"": Syncing(), "a": Live()}, Live()),
    ],
)
def test_the_states_of_namespaces_make_one_where_they_were_asked_for(parts: dict[str, State], expected: State) -> None:
    assert of_namespaces(all_of=None, partial=False)(parts, 11) == expected


def test_more_namespaces_than_there_are_can_not_have_been_read() -> None:
    assert of_namespaces(all_of=1, partial=True)({"": NO, "a": Live(), "gone": Live()}, 1) == Partial(2, 2)


def test_a_forbidden_cluster_shows_the_home_namespace_and_favourites_as_partial(
    make_cache: MakeCache, server: FakeServer
) -> None:
    server.refuse(("pods", ""), ("pods", "secret"))
    cache = make_cache(favourites=("secret",))
    wait_until(lambda: isinstance(cache.state(PODS), Partial) and cache.state(NAMESPACES) == Live())
    wait_until(lambda: cache.state(PODS) == Partial(1, 2, "secret: may not list pods in secret"))
    assert [pod.name for pod in cache.list(PODS).objects] == ["a"]
    put_pod(server, "new", "shop")
    wait_until(lambda: cache.get(PODS, "shop", "new"))


def test_a_forbidden_home_leads_to_every_namespace_that_can_be_read(make_cache: MakeCache, server: FakeServer) -> None:
    server.refuse(("pods", ""), ("pods", "shop"))
    cache = make_cache()
    wait_until(lambda: cache.state(PODS) == Partial(1, 2, "shop: may not list pods in shop"))
    assert [pod.name for pod in cache.list(PODS).objects] == ["b"]


def test_a_cluster_that_may_be_read_again_takes_over_from_its_namespaces(
    make_cache: MakeCache, server: FakeServer
) -> None:
    server.refuse(("pods", ""))
    cache = make_cache()
    wait_until(lambda: isinstance(cache.state(PODS), Partial))
    server.refuse()
    cache.refresh()
    wait_until(lambda: cache.state(PODS) == Live())
    assert {pod.name for pod in cache.list(PODS).objects} == {"a", "b"}
    wait_until(lambda: "reflector-pods-shop" not in {thread.name for thread in threading.enumerate()})
    server.remove("pods", "a", "shop")
    wait_until(lambda: cache.get(PODS, "shop", "a") is None)
    assert cache.sums_by_node()["n1"].holding == 1


def test_more_than_five_namespaces_are_polled_by_a_few_threads(
    make_cache: MakeCache, server: FakeServer, clock: Any
) -> None:
    for number in range(8):
        server.put("namespaces", f"x{number}")
        put_pod(server, "p", f"x{number}")
    server.refuse(("pods", ""), ("pods", "shop"))
    cache = make_cache()
    wait_until(lambda: isinstance(cache.state(PODS), Partial) and len(cache.list(PODS).objects) == 9)
    wait_until(lambda: cache.state(PODS) == Partial(9, 10, "shop: may not list pods in shop"))
    names = [thread.name for thread in threading.enumerate()]
    assert 1 <= len([name for name in names if name.startswith("poller-")]) <= 4
    assert not [name for name in names if name.startswith("reflector-pods-x")]
    put_pod(server, "late", "x3")
    passes(clock, 31, lambda: cache.get(PODS, "x3", "late"))
    assert not [path for path in server.requests("watch", "pods") if "/namespaces/x" in path]
    server.refuse()
    cache.refresh()
    wait_until(lambda: cache.state(PODS) == Live())
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("poller-")])


def test_namespaces_given_by_name_are_read_where_the_cluster_is_forbidden_and_then_nothing_is_missing(
    make_cache: MakeCache, server: FakeServer
) -> None:
    server.refuse(("pods", ""), ("pods", "shop"))
    cache = make_cache(namespaces=("till",), favourites=("shop",))
    wait_until(lambda: cache.state(PODS) == Live())
    assert [pod.name for pod in cache.list(PODS).objects] == ["b"]
    assert cache.head.namespaces == ("till",)
    assert "/api/v1/namespaces/shop/pods" not in server.requests(resource="pods")


def test_namespaces_given_by_name_leave_a_readable_cluster_whole(make_cache: MakeCache, server: FakeServer) -> None:
    cache = make_cache(namespaces=("till",))
    wait_until(lambda: cache.state(PODS) == Live())
    assert {pod.name for pod in cache.list(PODS).objects} == {"a", "b"}
    assert cache.head.namespaces == ()
