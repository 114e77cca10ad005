"""Direct lists: all at once, each by itself, and back again where the cluster lets only a part be seen."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import pytest

from kite_tui.kube.errors import (
    ApiError,
    BadRequest,
    Cancelled,
    ConnectionFailed,
    Expired,
    NotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, NAMESPACES, NODE_METRICS, NODES, PODS, SERVICES, Kind
from kite_tui.objects.reader import Head
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Partial
from kite_tui.session.direct import RESTARTS, Answer, DirectLists, Want
from kite_tui.session.patience import PATIENCE_S, TRIES
from tests.session.fakes import EagerClock, FakeApi, forbidden, listed, names

HEAD = Head("prod", "https://prod", "v1.35.4")
ALL_PODS = "/api/v1/pods"
ALL_NODES = "/api/v1/nodes"
ALL_NAMESPACES = "/api/v1/namespaces"


def pods_in(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/pods"


def read(api: FakeApi, *wants: Want, preferred: tuple[str, ...] = (), clock: EagerClock | None = None) -> Answer:
    lists = DirectLists(api, preferred=preferred, clock=clock or EagerClock())
    return anyio.run(lists.read, wants, HEAD)


# -- all at once ----------------------------------------------------------------------------------------------------


def test_every_list_is_under_way_before_the_first_is_answered() -> None:
    api = FakeApi()
    kinds: tuple[Kind[Any], ...] = (PODS, NODES, NAMESPACES, SERVICES, DEPLOYMENTS, NODE_METRICS)
    gates = [api.holds(kind.path()) for kind in kinds]
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(read(api, *(Want(kind) for kind in kinds))))
    asking.start()
    for _ in kinds:
        assert api.arrived.acquire(timeout=10)
    assert sorted(api.paths()) == sorted(kind.path() for kind in kinds)
    assert answers == []
    for gate in gates:
        gate.set()
    asking.join(10)
    assert [answers[0].reader.state(kind) for kind in kinds] == [Live()] * len(kinds)


def test_the_version_is_asked_beside_the_lists_and_may_fail() -> None:
    api = FakeApi()
    api.says("/version", {"gitVersion": "v1.35.4"})
    api.says(ALL_PODS, listed("a", namespace="shop"))
    lists = DirectLists(api)
    assert anyio.run(lists.read, [Want(PODS)], Head(None, "s", None)).reader.head.version == "v1.35.4"
    for reply in (forbidden(), {"odd": 1}, {"gitVersion": 7}):
        api.says("/version", reply)
        answer = anyio.run(lists.read, [Want(PODS)], Head(None, "s", None))
        assert answer.reader.head.version is None
        assert names(answer.reader.list(PODS).objects) == ["a"]


def test_credentials_that_expired_are_renewed_for_the_version_too() -> None:
    api = FakeApi()
    api.renewable = True
    api.says("/version", Unauthorized("expired"), {"gitVersion": "v1.35.4"})
    assert anyio.run(DirectLists(api).version) == "v1.35.4"
    assert api.renewals == 1


def test_pages_are_put_together_and_asked_for_in_the_sizes_agreed() -> None:
    api = FakeApi()
    api.says(ALL_PODS, listed("a", more="t1"), listed("b", more="t2"), listed("c"))
    answer = read(api, Want(PODS, query=(("labelSelector", "app=x"),)))
    assert names(answer.reader.list(PODS).objects) == ["a", "b", "c"]
    assert [query for _, query in api.asked] == [
        {"labelSelector": "app=x", "limit": "100"},
        {"labelSelector": "app=x", "limit": "500", "continue": "t1"},
        {"labelSelector": "app=x", "limit": "500", "continue": "t2"},
    ]


def test_one_object_is_one_get() -> None:
    api = FakeApi()
    api.says(pods_in("shop") + "/a", listed("a", namespace="shop")["items"][0])
    answer = read(api, Want(PODS, ("shop",), "a"))
    assert names(answer.reader.list(PODS).objects) == ["a"]
    assert api.paths() == [pods_in("shop") + "/a"]


def test_an_object_that_is_none_is_left_out_and_counted_and_costs_no_other() -> None:
    api = FakeApi()
    page = listed("a", "b")
    page["items"][0] = {"metadata": {}}
    api.says(ALL_PODS, page)
    answer = read(api, Want(PODS))
    assert (names(answer.reader.list(PODS).objects), answer.malformed) == (["b"], 1)


# -- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (forbidden(), Forbidden("list", "the whole cluster", "pods is forbidden")),
        (NotFound("no such API"), Absent("no such API")),
        (Unauthorized("who?"), Auth("who?")),
        (ConnectionFailed("refused"), Failed("refused")),
        (ServerError("broken"), Failed("broken")),
    ],
)
def test_a_list_that_fails_costs_only_its_kind(error: ApiError, state: object) -> None:
    api = FakeApi()
    api.says(ALL_PODS, error)
    api.says(ALL_NODES, listed("n"))
    answer = read(api, Want(PODS, ladder=False), Want(NODES))
    assert answer.reader.state(PODS) == state
    assert answer.errors == {PODS: error}
    assert answer.reader.list(PODS).objects == ()
    assert names(answer.reader.list(NODES).objects) == ["n"]


def test_a_continue_token_that_expired_restarts_the_list_and_then_takes_larger_pages() -> None:
    api = FakeApi()
    gone = Expired("too old")
    api.says(ALL_PODS, listed("old", more="t"), gone, listed("a", more="u"), gone, listed("a", more="v"), listed("b"))
    answer = read(api, Want(PODS))
    assert names(answer.reader.list(PODS).objects) == ["a", "b"]
    assert [query["limit"] for _, query in api.asked] == ["100", "500", "100", "500", "1000", "1000"]


def test_a_list_that_expires_for_ever_is_given_up() -> None:
    api = FakeApi()
    api.says(ALL_PODS, Expired("too old"))
    assert isinstance(read(api, Want(PODS)).reader.state(PODS), Failed)
    assert len(api.asked) == RESTARTS + 1


def test_a_server_that_insists_on_the_first_limit_gets_it() -> None:
    api = FakeApi()
    api.says(ALL_PODS, listed("a", more="t"), BadRequest("limit changed", status=400), listed("b"))
    answer = read(api, Want(PODS))
    assert names(answer.reader.list(PODS).objects) == ["a", "b"]
    assert [query["limit"] for _, query in api.asked] == ["100", "500", "100"]


@pytest.mark.parametrize("error", [TooManyRequests("busy", retry_after_s=3), ServerError("503", retry_after_s=3)])
@pytest.mark.parametrize("want", [Want(PODS), Want(PODS, ("shop",), "a")])
def test_a_busy_server_is_waited_for_as_long_as_it_asks(error: ApiError, want: Want) -> None:
    api, clock = FakeApi(), EagerClock()
    path = want.kind.path(want.namespaces[0] if want.namespaces else "", want.name)
    api.says(path, error, listed("a")["items"][0] if want.name else listed("a"))
    assert names(read(api, want, clock=clock).reader.list(PODS).objects) == ["a"]
    assert clock.waited_s == [3]


def test_a_server_that_stays_busy_or_asks_for_too_long_is_an_error() -> None:
    api, clock = FakeApi(), EagerClock()
    api.says(ALL_PODS, TooManyRequests("busy", retry_after_s=1))
    assert read(api, Want(PODS), clock=clock).reader.state(PODS) == Failed("busy")
    assert len(api.asked) == TRIES
    api.says(ALL_NODES, TooManyRequests("later", retry_after_s=PATIENCE_S + 1))
    assert read(api, Want(NODES), clock=clock).reader.state(NODES) == Failed("later")
    assert api.paths().count(ALL_NODES) == 1
    api.says(ALL_NODES, ServerError("broken"))
    read(api, Want(NODES), clock=clock)
    assert api.paths().count(ALL_NODES) == 2
    assert clock.waited_s == [1, 1]


@pytest.mark.parametrize("want", [Want(PODS), Want(PODS, ("shop",), "a")])
def test_credentials_are_renewed_once_and_the_request_made_again(want: Want) -> None:
    api = FakeApi()
    api.renewable = True
    path = want.kind.path(want.namespaces[0] if want.namespaces else "", want.name)
    api.says(path, Unauthorized("expired"), listed("a")["items"][0] if want.name else listed("a"))
    assert names(read(api, want).reader.list(PODS).objects) == ["a"]
    assert api.renewals == 1
    api.says(path, Unauthorized("expired"))
    assert isinstance(read(api, want).reader.state(PODS), Auth)
    assert api.renewals == 2


def test_waiting_for_a_busy_server_ends_when_nobody_wants_the_answer_any_more() -> None:
    api, clock = FakeApi(), EagerClock()
    api.says(ALL_PODS, TooManyRequests("busy", retry_after_s=5))
    lists = DirectLists(api, clock=clock)
    lists.stop()
    answer = anyio.run(lists.read, [Want(PODS)], HEAD)
    assert isinstance(answer.errors[PODS], Cancelled)
    assert len(api.asked) == 1


# -- the ladder -----------------------------------------------------------------------------------------------------


def test_named_namespaces_are_one_list_each_and_partial_where_one_fails() -> None:
    api = FakeApi()
    api.says(pods_in("a"), listed("x", namespace="a"))
    api.says(pods_in("b"), forbidden("pods in b"))
    answer = read(api, Want(PODS, ("a", "b")))
    assert answer.reader.state(PODS) == Partial(1, 2, "pods in b is forbidden")
    assert names(answer.reader.list(PODS).objects) == ["x"]
    assert answer.errors == {}
    api.says(pods_in("a"), forbidden("pods in a"))
    assert PODS in read(api, Want(PODS, ("a", "b"))).errors


def test_where_the_cluster_is_forbidden_the_preferred_namespaces_are_read() -> None:
    api = FakeApi()
    api.says(ALL_PODS, forbidden())
    api.says(pods_in("home"), listed("x", namespace="home"))
    api.says(pods_in("fav"), forbidden())
    answer = read(api, Want(PODS), preferred=("home", "fav", "home"))
    state = answer.reader.state(PODS)
    assert isinstance(state, Partial)
    assert (state.n, state.m) == (1, None)
    assert "only 1 namespace" in state.reason
    assert names(answer.reader.list(PODS).objects) == ["x"]
    assert ALL_NAMESPACES not in api.paths()


def test_where_those_are_forbidden_too_every_namespace_is_and_the_namespaces_are_listed_once_for_all_kinds() -> None:
    api = FakeApi()
    api.says(ALL_NAMESPACES, listed("home", "open", "shut"))
    kinds: tuple[Kind[Any], ...] = (PODS, SERVICES, DEPLOYMENTS)
    for kind in kinds:
        api.says(kind.path(), forbidden())
        api.says(kind.path("home"), forbidden())
        api.says(kind.path("shut"), forbidden())
        api.says(kind.path("open"), listed("x", namespace="open"))
    answer = read(api, *(Want(kind) for kind in kinds), preferred=("home",))
    for kind in kinds:
        state = answer.reader.state(kind)
        assert isinstance(state, Partial)
        assert (state.n, state.m) == (1, 3)
        assert names(answer.reader.list(kind).objects) == ["x"]
    assert api.paths().count(ALL_NAMESPACES) == 1


def test_without_the_ladder_or_without_a_single_readable_namespace_it_is_forbidden() -> None:
    api = FakeApi()
    api.says(ALL_PODS, forbidden())
    api.says(pods_in("home"), forbidden())
    api.says(ALL_NAMESPACES, forbidden())
    whole = Forbidden("list", "the whole cluster", "pods is forbidden")
    assert read(api, Want(PODS), preferred=("home",)).reader.state(PODS) == whole
    before = len(api.asked)
    assert read(api, Want(PODS, ladder=False), preferred=("home",)).reader.state(PODS) == whole
    assert len(api.asked) == before + 1


def test_a_kind_without_namespaces_has_no_ladder() -> None:
    api = FakeApi()
    api.says(ALL_NODES, forbidden())
    read(api, Want(NODES), preferred=("home",))
    assert api.paths() == [ALL_NODES]


def test_a_failure_that_is_no_403_climbs_nowhere() -> None:
    api = FakeApi()
    api.says("/api/v1/events", ConnectionFailed("cut"))
    assert read(api, Want(EVENTS), preferred=("home",)).reader.state(EVENTS) == Failed("cut")
    assert len(api.asked) == 1


# -- leaving --------------------------------------------------------------------------------------------------------


def test_who_leaves_does_not_wait_for_a_silent_server_and_closing_ends_its_threads() -> None:
    api = FakeApi()
    api.holds(ALL_PODS)

    async def interrupted() -> None:
        reading = asyncio.ensure_future(DirectLists(api).read([Want(PODS), Want(NODES)], HEAD))
        await asyncio.to_thread(api.arrived.acquire, timeout=10)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(reading, 5)

    asyncio.run(interrupted())
    assert any(thread.name == "list-pods" for thread in threading.enumerate())
    api.close()
