"""What the server serves: the documents that are asked for, and when they are asked for again."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kite_tui.cache.asking import AGAIN_S, LEAST_S
from kite_tui.cache.backoff import FIRST_S
from kite_tui.cache.discovery import ACCEPT, AGGREGATED, Discovery, discover
from kite_tui.demo import discovery as documents
from kite_tui.demo.control import Control
from kite_tui.demo.resources import ATTACHMENTS, ENDPOINT_SLICES
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.kube import errors as e
from kite_tui.kube.api import JSON, Query, Response
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.errors import ApiError
from kite_tui.kube.transport import PooledTransport, connect
from kite_tui.objects.kinds import DEPLOYMENTS, NODES, PODS, SERVICES, Kind
from kite_tui.objects.served import NOTHING_KNOWN, Served
from tests.cache.conftest import wait_until
from tests.cache.fakes import FakeClock, LowRandom

CORE, GROUPED = (PODS, NODES, SERVICES), (DEPLOYMENTS, ENDPOINT_SLICES)
Reply = bytes | Exception


class Documents:
    """An Api that gives each path its replies, the last one for ever."""

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        self.replies = defaultdict(list, replies)
        self.asked: list[tuple[str, str]] = []
        self.renewals: list[bool | ApiError] = []
        self.renewed = 0

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        self.asked.append((path, accept))
        replies = self.replies[path] or [e.NotFound(f"no {path}", status=404)]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return Response(200, {}, reply)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Any:
        raise AssertionError("discovery watches nothing")

    def renew_credentials(self) -> bool:
        self.renewed += 1
        answer = self.renewals.pop(0) if self.renewals else False
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def traffic(self) -> None:
        return None

    def retry_credentials(self) -> None:
        return None

    def close(self) -> None:
        return None

    def paths(self) -> list[str]:
        return [path for path, _ in list(self.asked)]


def encoded(document: dict[str, Any] | None) -> bytes:
    return json.dumps(document).encode()


def aggregated(*kinds: Kind[Any], stale: tuple[str, ...] = ()) -> dict[str, list[Reply]]:
    core, grouped = (documents.aggregated(kinds, core=core, stale=stale) for core in (True, False))
    return {"/api": [encoded(core)], "/apis": [encoded(grouped)]}


def older(*kinds: Kind[Any]) -> dict[str, list[Reply]]:
    """As a server before 1.26 has it."""
    roots = {kind.path().rpartition("/")[0] for kind in kinds}
    return {
        "/api": [encoded(documents.versions("192.0.2.1:443"))],
        "/apis": [encoded(documents.groups(kinds))],
        **{root: [encoded(documents.group_or_resources(kinds, root))] for root in roots},
    }


# -- one try --------------------------------------------------------------------------------------------------------


def test_two_requests_tell_everything_where_the_server_can_put_it_together() -> None:
    api = Documents(aggregated(*CORE, *GROUPED))
    assert discover(api).kinds == (*CORE, *GROUPED)
    assert api.asked == [("/api", ACCEPT), ("/apis", ACCEPT)]
    assert ACCEPT.split(",")[0] == AGGREGATED


def test_an_older_server_is_asked_group_by_group() -> None:
    api = Documents(older(*CORE, *GROUPED))
    assert discover(api) == discover(Documents(aggregated(*CORE, *GROUPED)))
    assert api.paths() == ["/api", "/api/v1", "/apis", "/apis/apps/v1", "/apis/discovery.k8s.io/v1"]


@pytest.mark.parametrize(
    "failure",
    [
        e.ServerError("down", status=503),
        e.NotFound("gone", status=404),
        e.Forbidden("not you", status=403),
        e.NotAcceptable("not so", status=406),
        e.BadAnswer("a page"),
        b"<html>",
        b'{"resources": 7}',
    ],
    ids=str,
)
def test_one_group_that_cannot_be_had_costs_itself(failure: Reply) -> None:
    replies = older(*CORE, *GROUPED) | {"/apis/apps/v1": [failure]}
    served = discover(Documents(replies))
    assert served.kinds == (*CORE, ENDPOINT_SLICES)
    ((group, reason),) = served.failed
    assert group == "apps"
    assert reason


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/apis"])
@pytest.mark.parametrize("failure", [e.ServerError("down", status=500), e.ConnectionFailed("refused")], ids=str)
def test_without_core_or_the_list_of_groups_nothing_is_claimed(path: str, failure: ApiError) -> None:
    with pytest.raises(type(failure)):
        discover(Documents(older(*CORE, *GROUPED) | {path: [failure]}))


def test_a_server_that_is_gone_in_the_middle_is_no_group_that_failed() -> None:
    with pytest.raises(e.ConnectionFailed):
        discover(Documents(older(*CORE, *GROUPED) | {"/apis/apps/v1": [e.ConnectionFailed("reset")]}))


def test_what_is_no_api_server_is_said_to_be_none() -> None:
    with pytest.raises(e.BadAnswer, match="not an API server's"):
        discover(Documents({"/api": [b"<html>log in</html>"]}))


# -- the simulated server -------------------------------------------------------------------------------------------


class OlderClient(PooledTransport):
    """Asks for nothing that an older server doesn't know."""

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        return super().get(path, query, idle_s=idle_s, total_s=total_s)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(World()) as server:
        yield server


@pytest.fixture
def api(demo: DemoServer) -> Iterator[PooledTransport]:
    made = connect(ClientConfig("demo", Cluster(demo.url), User(token="demo")), qps=0)
    yield made
    made.close()


def old_documents(api: PooledTransport, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The same server, read as an older one."""
    with monkeypatch.context() as patch:
        patch.setattr(api, "__class__", OlderClient)
        return discover(api)


def test_both_kinds_of_documents_of_a_server_come_to_the_same(
    demo: DemoServer, api: PooledTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = discover(api), old_documents(api, monkeypatch)
    assert set(new.kinds) == set(old.kinds) == set(demo.kinds)
    assert set(new.searched) == set(old.searched)
    assert not new.failed


def test_a_group_whose_server_is_down_is_named_in_both(
    demo: DemoServer, api: PooledTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = ATTACHMENTS.group
    Control(demo).break_group(down)
    new, old = discover(api), old_documents(api, monkeypatch)
    assert [group for group, _ in new.failed] == [group for group, _ in old.failed] == [down]
    assert set(new.kinds) == set(demo.kinds), "what was known of it before"
    assert set(old.kinds) == {kind for kind in demo.kinds if kind.group != down}


# -- again and again ------------------------------------------------------------------------------------------------


class Following:
    """A Discovery on a clock that a test moves."""

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        self.clock = FakeClock()
        self.api = Documents(replies)
        self.changes = 0
        self.discovery = Discovery(self.api, self.clock, LowRandom(), self.changed)

    def changed(self) -> None:
        self.changes += 1

    def tries(self) -> int:
        return self.api.paths().count("/api")

    def takes_s(self, true: Callable[[], object], step_s: float = 0.1) -> float:
        """How long it takes, by the clock, until something is so."""
        began_s = self.clock.monotonic_s()

        def so() -> bool:
            if not true():
                self.clock.advance(step_s)
            return bool(true())

        wait_until(so)
        return self.clock.monotonic_s() - began_s

    def kinds(self, *kinds: Kind[Any]) -> None:
        self.api.replies |= aggregated(*kinds)


@pytest.fixture
def follow() -> Iterator[Callable[..., Following]]:
    made: list[Following] = []

    def begin(*kinds: Kind[Any], **replies: Reply) -> Following:
        documents = aggregated(*kinds)
        documents |= {f"/{path}": [reply, *documents[f"/{path}"]] for path, reply in replies.items()}
        made.append(Following(documents))
        return made[-1]

    yield begin
    for each in made:
        each.discovery.stop()


Follow = Callable[..., Following]


def test_until_it_begins_nothing_is_asked_and_every_server_s_kinds_are_known(follow: Follow) -> None:
    following = follow(*CORE)
    following.discovery.again()
    assert following.discovery.served is NOTHING_KNOWN
    assert not following.api.asked
    following.discovery.start()
    following.discovery.start()
    wait_until(lambda: following.discovery.served.is_known)
    assert following.discovery.served.kinds == CORE
    assert (following.changes, [t.name for t in threading.enumerate()].count("discovery")) == (1, 1)


def test_what_is_served_is_looked_at_again_after_some_minutes_and_told_if_it_changed(follow: Follow) -> None:
    following = follow(*CORE)
    following.discovery.start()
    wait_until(lambda: following.changes == 1)
    assert AGAIN_S <= following.takes_s(lambda: following.tries() == 2, 30) < 2 * AGAIN_S
    following.kinds(*CORE, *GROUPED)
    following.takes_s(lambda: following.changes == 2, 30)
    assert following.discovery.served.kinds == (*CORE, *GROUPED)
    assert following.tries() == 3


def test_who_wants_it_again_gets_it_at_once_but_not_twice_in_a_second(follow: Follow) -> None:
    following = follow(*CORE)
    following.discovery.start()
    wait_until(lambda: following.changes == 1)
    for _ in range(5):
        following.discovery.again()
    assert LEAST_S * 0.8 < following.takes_s(lambda: following.tries() == 2) < 2 * LEAST_S
    following.takes_s(lambda: following.clock.monotonic_s() > FakeClock().monotonic_s() + 5 * LEAST_S)
    assert following.tries() == 2, "one more is enough for all that were wanted before it"
    following.discovery.again()
    wait_until(lambda: following.tries() == 3)


def test_credentials_are_renewed_once_and_it_is_asked_again_at_once(follow: Follow) -> None:
    following = follow(*CORE, api=e.Unauthorized("expired", status=401))
    following.api.renewals = [True]
    following.discovery.start()
    wait_until(lambda: following.discovery.served.is_known)
    assert (following.api.renewed, following.tries()) == (1, 2)
    assert following.discovery.error is None


def test_where_new_credentials_are_refused_too_it_waits(follow: Follow) -> None:
    following = follow(*CORE)
    following.api.replies["/api"] = [e.Unauthorized("expired", status=401)]
    following.api.renewals = [True, True]
    following.discovery.start()
    wait_until(lambda: following.changes == 1)
    assert (following.api.renewed, following.tries()) == (1, 2)
    assert isinstance(following.discovery.error, e.Unauthorized)
    assert following.discovery.served is NOTHING_KNOWN
    following.kinds(*CORE)
    assert following.takes_s(lambda: following.discovery.served.is_known) >= FIRST_S
    assert following.discovery.error is None


def test_where_credentials_cannot_be_renewed_the_reason_is_why(follow: Follow) -> None:
    following = follow(*CORE, api=e.Unauthorized("expired", status=401))
    following.api.renewals = [e.CredentialError("the plugin failed")]
    following.discovery.start()
    wait_until(lambda: following.changes == 1)
    assert str(following.discovery.error) == "the plugin failed"


def test_a_failure_keeps_what_was_known_and_each_next_try_comes_later(follow: Follow) -> None:
    following = follow(*CORE)
    following.discovery.start()
    wait_until(lambda: following.changes == 1)
    following.api.replies["/apis"] = [e.ServerError("down", status=500)]
    following.discovery.again()
    following.takes_s(lambda: following.changes == 2)
    for failures in range(3):
        took_s = following.takes_s(lambda failures=failures: following.changes == 3 + failures)  # type: ignore[misc]
        assert FIRST_S * 2**failures <= took_s < FIRST_S * 2**failures + 2 * LEAST_S
        assert following.discovery.served.kinds == CORE
        assert isinstance(following.discovery.error, e.ServerError)


def test_a_fault_of_our_own_is_logged_and_survived(follow: Follow, caplog: pytest.LogCaptureFixture) -> None:
    following = follow(*CORE, apis=KeyError("bug"))
    following.discovery.start()
    wait_until(lambda: following.changes == 1)
    assert str(following.discovery.error).startswith("internal error: KeyError")
    assert any(record.exc_info for record in caplog.records)
    following.takes_s(lambda: following.discovery.served.is_known)
    assert following.discovery.error is None


def test_stop_ends_it_at_once_and_for_good(follow: Follow) -> None:
    following = follow(*CORE)
    following.discovery.start()
    wait_until(lambda: following.discovery.served.is_known)
    following.discovery.stop()
    wait_until(lambda: not any(thread.name == "discovery" for thread in threading.enumerate()))
    following.discovery.start()
    following.discovery.again()
    assert following.tries() == 1
