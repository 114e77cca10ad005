"""A session for the app: it opens late, fetches beside the screen, says what must not be overlooked, ends at once."""

from __future__ import annotations

import gc
import queue
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.kube.api import JSON, Query
from kite_tui.kube.clientconfig import ClientConfig, Cluster, Impersonation, User
from kite_tui.kube.errors import Cancelled, ConfigError, ConnectionFailed, Unauthorized
from kite_tui.objects.kinds import ALWAYS, FIRST, PODS
from kite_tui.objects.states import Forbidden, Live
from kite_tui.session.cluster import CALM_S, ClusterSession, Fetched, decode_json
from kite_tui.session.interpreter import keep
from kite_tui.session.lazy import LazyApi
from kite_tui.session.threads import in_daemon_thread
from kite_tui.settings import Settings
from tests.cache.server import FakeServer
from tests.session.fakes import FakeApi, forbidden, wait_until

CONFIG = ClientConfig("prod", Cluster("https://prod.test:6443"), User(token="t"), namespace="home")


# -- lazy -----------------------------------------------------------------------------------------------------------


def test_nothing_is_connected_before_the_first_request_and_once_for_all() -> None:
    made: list[FakeApi] = []

    def connect() -> FakeApi:
        made.append(FakeApi())
        return made[-1]

    api = LazyApi(connect)
    assert made == []
    api.get("/x")
    api.get("/y")
    api.renew_credentials()
    assert len(made) == 1
    assert made[0].paths() == ["/x", "/y"]
    api.close()
    assert made[0].closed.is_set()
    with pytest.raises(Cancelled):
        api.get("/z")


def test_what_can_not_be_connected_with_fails_each_request_until_it_can() -> None:
    replies: Iterator[Any] = iter([ConfigError("no CA there"), FakeApi()])

    def connect() -> FakeApi:
        reply = next(replies)
        if isinstance(reply, ConfigError):
            raise reply
        assert isinstance(reply, FakeApi)
        return reply

    api = LazyApi(connect)
    with pytest.raises(ConnectionFailed, match="no CA there"):
        api.get("/x")
    assert api.get("/x").status == 200


def test_a_fault_of_our_own_while_connecting_fails_each_request_and_shows_no_text_of_its(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def connect() -> FakeApi:
        raise ValueError("secretpw")

    api = LazyApi(connect)
    with pytest.raises(ConnectionFailed, match="ValueError") as raised:
        api.get("/x")
    assert "secretpw" not in str(raised.value)
    assert caplog.records[0].exc_info


def test_credentials_are_retried_where_there_is_a_way_already_and_none_is_opened_for_that() -> None:
    made: list[FakeApi] = []

    def connect() -> FakeApi:
        made.append(FakeApi())
        return made[-1]

    api = LazyApi(connect)
    api.retry_credentials()
    assert made == []
    api.get("/x")
    api.retry_credentials()
    assert made[0].retries == 1


def test_a_way_that_was_opened_after_closing_is_closed_too() -> None:
    opened, go, made = threading.Event(), threading.Event(), FakeApi()

    def connect() -> FakeApi:
        opened.set()
        assert go.wait(10)
        return made

    api = LazyApi(connect)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            api.get("/x")
        except Cancelled as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert opened.wait(10)
    api.close()
    go.set()
    asking.join(10)
    assert len(errors) == 1
    assert made.closed.is_set()
    assert made.paths() == []


# -- threads --------------------------------------------------------------------------------------------------------


async def test_work_beside_the_loop_is_on_a_daemon_thread_of_its_name_and_gives_its_result_or_its_error() -> None:
    thread = await in_daemon_thread(threading.current_thread, "worker")
    assert (thread.name, thread.daemon) == ("worker", True)

    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_daemon_thread(fail, "worker")


# -- the session ----------------------------------------------------------------------------------------------------


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def session(api: FakeApi) -> Iterator[ClusterSession]:
    session = ClusterSession(CONFIG, Settings(), watching=False, connect=lambda: api)
    yield session
    session.stop()


def test_a_get_beside_the_screen_ends_in_its_body_or_in_a_sentence(api: FakeApi, session: ClusterSession) -> None:
    done: queue.Queue[Fetched] = queue.Queue()
    api.says("/x", {"kind": "Pod"})
    session.fetch("/x", (), done.put)
    assert decode_json(done.get(timeout=10).body) == {"kind": "Pod"}
    api.says("/x", forbidden("x"))
    session.fetch("/x", (), done.put)
    assert done.get(timeout=10) == Fetched(error="x is forbidden")
    api.renewable = True
    api.says("/x", Unauthorized("expired"), {"kind": "Pod"})
    session.fetch("/x", (), done.put)
    assert done.get(timeout=10).error == ""
    with pytest.raises(ValueError, match="not JSON"):
        decode_json(b"{")
    with pytest.raises(ValueError, match="too deep"):
        decode_json(b"[" * 90_000 + b"]" * 90_000)


def test_a_fault_over_what_was_got_is_logged_and_nothing_is_written_across_the_screen(
    api: FakeApi, session: ClusterSession, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()

    def bug(_: Fetched) -> None:
        over.set()
        raise KeyError("bug")

    session.fetch("/x", (), bug)
    assert over.wait(10)
    for thread in [each for each in threading.enumerate() if each.name.startswith("fetch-")]:
        thread.join(10)
    assert "a fault over what was fetched from /x" in caplog.text


def test_a_fault_of_our_own_while_getting_is_answered_too(
    api: FakeApi, session: ClusterSession, caplog: pytest.LogCaptureFixture
) -> None:
    def bug() -> Any:
        raise KeyError("bug")

    done: queue.Queue[Fetched] = queue.Queue()
    api.says("/x", bug)
    session.fetch("/x", (), done.put)
    assert done.get(timeout=10) == Fetched(error="internal error: KeyError; the log has more")
    assert any(record.exc_info for record in caplog.records)


def test_refreshing_asks_a_credential_plugin_that_failed_again(api: FakeApi, session: ClusterSession) -> None:
    done: queue.Queue[Fetched] = queue.Queue()
    session.fetch("/x", (), done.put)
    done.get(timeout=10)
    session.refresh()
    assert api.retries == 1


def test_namespaces_given_by_name_are_those_read_where_the_cluster_is_forbidden(api: FakeApi) -> None:
    api.says(PODS.path(), forbidden())
    session = ClusterSession(CONFIG, Settings(), namespaces=("shop",), watching=False, connect=lambda: api)
    session.start(lambda kind: None)
    wait_until(lambda: PODS.path("shop") in api.paths())
    session.stop()
    assert PODS.path("home") not in api.paths()


def test_stopping_returns_at_once_while_the_server_is_silent(api: FakeApi) -> None:
    for kind in FIRST:
        api.holds(kind.path())
    session = ClusterSession(CONFIG, Settings(), watching=False, connect=lambda: api)
    session.start(lambda kind: None)
    assert api.arrived.acquire(timeout=10)
    begun = time.monotonic()
    session.stop()
    assert time.monotonic() - begun < 1


def is_forbidden(session: ClusterSession) -> bool:
    return isinstance(session.reader.state(PODS), Forbidden)


def test_one_who_wants_all_or_nothing_gets_no_ladder(api: FakeApi) -> None:
    api.says("/api/v1/pods", forbidden())
    for watching in (True, False):
        session = ClusterSession(CONFIG, Settings(), watching=watching, climbs=False, connect=lambda: api)
        assert isinstance(session.reader, ClusterCache) == watching
        session.start(lambda kind: None)
        try:
            wait_until(partial(is_forbidden, session))
        finally:
            session.stop()
    assert not [path for path in api.paths() if path.startswith("/api/v1/namespaces/")]


class Watched(FakeApi):
    """Notes what is watched, and refuses the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.watches: list[tuple[str, bool]] = []

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Any:
        self.watches.append((path, ("sendInitialEvents", "true") in query))
        raise ConnectionFailed("refused")


@pytest.mark.parametrize("lists", ["pages", "stream"])
def test_lists_are_made_as_the_settings_say(lists: str) -> None:
    api = Watched()
    session = ClusterSession(CONFIG, Settings(lists=lists), connect=lambda: api)
    session.start(lambda kind: None)
    try:
        wait_until(lambda: ("/api/v1/pods", lists == "stream") in api.watches)
    finally:
        session.stop()
    assert ("/api/v1/pods" in api.paths()) == (lists == "pages")


@pytest.mark.parametrize(
    ("cluster", "user", "badges"),
    [
        (Cluster("https://x"), User(), ()),
        (Cluster("https://x", insecure=True), User(), ("insecure TLS",)),
        (Cluster("http://x"), User(), ("plain http",)),
        (Cluster("http://127.0.0.1:8001"), User(), ()),
        (Cluster("https://x"), User(impersonation=Impersonation("jane")), ("as jane",)),
    ],
)
def test_what_must_not_be_overlooked_is_a_badge(cluster: Cluster, user: User, badges: tuple[str, ...]) -> None:
    assert ClusterSession(ClientConfig(None, cluster, user), Settings()).badges == badges


# -- garbage ----------------------------------------------------------------------------------------------------------


def test_what_was_read_is_kept_from_the_garbage_collector_once_and_when_it_is_many_and_half_as_much_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[int] = []
    server, gate = FakeServer(), threading.Event()
    for number in range(4):
        server.put("pods", f"p{number}", "shop")
    get = server.get

    def slow(path: str, *args: Any, **kwargs: Any) -> Any:
        if path.endswith("/nodes"):
            gate.wait(10)
        return get(path, *args, **kwargs)

    server.get = slow  # type: ignore[method-assign]
    session = ClusterSession(CONFIG, Settings(), connect=lambda: server)
    monkeypatch.setattr("kite_tui.session.cluster.keep", lambda: kept.append(session.reader.object_count(ALWAYS)))

    def pass_s(seconds: int) -> None:
        for _ in range(seconds):
            session.tick()

    session.start(lambda _: None)
    try:
        wait_until(lambda: session.reader.state(PODS) == Live())
        pass_s(CALM_S)
        assert kept == []
        gate.set()
        wait_until(lambda: {session.reader.state(kind) for kind in ALWAYS} == {Live()})
        pass_s(CALM_S - 1)
        assert kept == []
        pass_s(CALM_S)
        assert kept == [4]
        for number in range(4, 8):
            server.put("pods", f"p{number}", "shop")
        wait_until(lambda: session.reader.object_count(ALWAYS) == 8)
        pass_s(2 * CALM_S)
        assert kept == [4], "of few objects it is not worth it"
        monkeypatch.setattr("kite_tui.session.cluster.KEPT_FEW", 7)
        pass_s(2 * CALM_S)
        assert kept == [4, 8]
    finally:
        gate.set()
        session.stop()


def test_what_is_kept_is_not_looked_through_again() -> None:
    held = [object()]
    assert any(each is held for each in gc.get_objects())
    keep()
    try:
        assert not any(each is held for each in gc.get_objects())
    finally:
        gc.unfreeze()
