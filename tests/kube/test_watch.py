"""Watches: lines as they come, silence, ends, and being closed from elsewhere."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import pytest

from kite_tui.kube import errors
from kite_tui.kube.transport import PooledTransport
from tests.conformance.pki import Authority
from tests.kube.conftest import Connect, Serve
from tests.kube.server import CHUNKED, Connection, Handler, Request, Server, always, answer, api_status, chunk

END = chunk(b"")
SOON_S = 1.0  # what closing may take at most


def sends(*pieces: bytes, then_hold: bool = False, then_cut: bool = False) -> Handler:
    def handler(_: Request, connection: Connection) -> None:
        for piece in pieces:
            connection.send(piece)
        if then_hold:
            connection.hold()
        if then_cut:
            connection.sock.shutdown(socket.SHUT_RDWR)

    return handler


def test_lines_come_whole_however_they_are_cut(serve: Serve, connected: Connect) -> None:
    pieces = [chunk(p) for p in (b'{"a"', b":1}\n\n", b'{"b":2}\n{"c":', b"3", b"}\n")]
    watch = connected(serve(sends(CHUNKED, *pieces, END))).watch("/api/v1/pods", [("watch", "1")])
    assert list(watch) == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


def test_a_watch_is_never_asked_for_compressed(serve: Serve, connected: Connect) -> None:
    proxy = serve(sends(CHUNKED, END))
    assert list(connected("http://cluster.example", proxy_url=proxy.url).watch("/api/v1/pods")) == []
    assert proxy.requests[0].one("accept-encoding") == "identity"


def test_a_long_line_comes_whole(serve: Serve, connected: Connect) -> None:
    line = b"x" * 3_000_000
    server = serve(sends(CHUNKED, chunk(line), chunk(b"\n" + line + b"\n"), END))
    assert list(connected(server).watch("/api/v1/pods")) == [line, line]


def test_a_line_without_end_is_given_up(serve: Serve, connected: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kite_tui.kube.streams.MAX_LINE_B", 1000)
    watch = connected(serve(sends(CHUNKED, chunk(b"x" * 2000), then_hold=True))).watch("/api/v1/pods")
    with pytest.raises(errors.BadAnswer, match="line of over"):
        list(watch)


def test_a_clean_end_between_lines_just_ends(serve: Serve, connected: Connect) -> None:
    watch = connected(serve(sends(CHUNKED, chunk(b"{}\n"), END))).watch("/api/v1/pods")
    assert list(watch) == [b"{}"]


@pytest.mark.parametrize(
    "pieces",
    [(chunk(b'{}\n{"a":'), END), (chunk(b"{}\n"),), (chunk(b"{}\n"), b"ff\r\n{")],
    ids=["a clean end inside a line", "no last chunk", "inside a chunk"],
)
def test_a_cut_comes_after_the_whole_lines(pieces: tuple[bytes, ...], serve: Serve, connected: Connect) -> None:
    watch = connected(serve(sends(CHUNKED, *pieces, then_cut=True))).watch("/api/v1/pods")
    lines = iter(watch)
    assert next(lines) == b"{}"
    with pytest.raises(errors.ConnectionFailed):
        next(lines)


def test_a_refused_watch_raises_before_there_is_one(serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(api_status(410, "Expired"), 410))))
    with pytest.raises(errors.Expired):
        api.watch("/api/v1/pods")
    assert api.traffic().requests == {("watch", "410"): 1}


def test_silence_raises_after_the_idle_time_which_can_be_changed_on_the_way(serve: Serve, connected: Connect) -> None:
    watch = connected(serve(sends(CHUNKED, chunk(b"{}\n"), then_hold=True))).watch("/api/v1/pods", idle_s=60)
    lines = iter(watch)
    assert next(lines) == b"{}"
    watch.set_idle_s(0.05)
    with pytest.raises(errors.TimedOut):
        next(lines)


def test_a_line_that_does_not_come_whole_in_time_is_given_up(
    serve: Serve, connected: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kite_tui.kube.streams.LINE_S", 0.05)
    watch = connected(serve(sends(CHUNKED, chunk(b'{}\n{"a":'), then_hold=True))).watch("/api/v1/pods", idle_s=60)
    lines = iter(watch)
    assert next(lines) == b"{}"
    with pytest.raises(errors.TimedOut, match="not complete in the time that it had"):
        next(lines)


def test_the_time_of_a_line_begins_with_it(serve: Serve, connected: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kite_tui.kube.streams.LINE_S", 0.05)
    more = threading.Event()

    def handler(_: Request, connection: Connection) -> None:
        connection.send(CHUNKED + chunk(b"{}\n"))
        more.wait(0.1)
        connection.send(chunk(b'{"a":') + chunk(b"1}\n") + END)

    assert list(connected(serve(handler)).watch("/api/v1/pods", idle_s=60)) == [b"{}", b'{"a":1}']


class Reading:
    """A thread that does something blocking with a transport, and what came of it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except errors.ApiError as error:
            self.error = error

    def ends_soon(self) -> BaseException | None:
        self._thread.join(SOON_S)
        assert not self._thread.is_alive(), "still blocked"
        return self.error


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "never"
        threading.Event().wait(0.002)


@pytest.mark.parametrize("extra", [b"", b"Connection: close\r\n"], ids=["kept", "Connection: close"])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("who", ["watch", "transport"])
def test_closing_ends_a_silent_watch_at_once(
    who: str,
    tls: bool,
    extra: bytes,
    serve: Serve,
    secure: Callable[[Handler], Server],
    connected: Connect,
    authority: Authority,
) -> None:
    handler = sends(CHUNKED[:-2] + extra + b"\r\n", chunk(b"{}\n"), then_hold=True)
    api = connected(secure(handler) if tls else serve(handler), ca_data=authority.pem if tls else b"")
    watch = api.watch("/api/v1/pods")
    read = threading.Event()

    def work() -> None:
        for _ in watch:
            read.set()

    reading = Reading(work)
    assert read.wait(5)
    (watch if who == "watch" else api).close()
    assert isinstance(reading.ends_soon(), errors.Cancelled)
    watch.close()


def test_closing_a_watch_leaves_the_others_alone(serve: Serve, connected: Connect) -> None:
    api = connected(serve(sends(CHUNKED, chunk(b"{}\n"), chunk(b"{}\n"), then_hold=True)))
    first, second = api.watch("/api/v1/pods"), api.watch("/api/v1/nodes")
    first.close()
    assert next(iter(second)) == b"{}"
    with pytest.raises(errors.Cancelled):
        list(first)


@pytest.mark.parametrize("piece", [b"", answer(b"{}", content_length="9")], ids=["before headers", "in the body"])
def test_closing_ends_a_get_at_once(piece: bytes, serve: Serve, connected: Connect) -> None:
    server = serve(sends(piece, then_hold=True))
    api = connected(server)
    reading = Reading(lambda: api.get("/version"))
    wait_until(lambda: bool(server.requests))
    api.close()
    assert isinstance(reading.ends_soon(), errors.Cancelled)


def test_closing_ends_a_connect_that_nobody_answers(connected: Connect) -> None:
    with socket.socket() as listener:  # a full backlog: further connects stay unanswered
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        api = connected(f"http://127.0.0.1:{port}")
        reading = Reading(lambda: api.get("/version"))
        wait_until(lambda: open_sockets(api) > 0)
        api.close()
        assert isinstance(reading.ends_soon(), errors.Cancelled)
        for filler in fillers:
            filler.close()


def test_closing_ends_a_tls_handshake_that_nobody_answers(serve: Serve, connected: Connect) -> None:
    held = threading.Event()

    class Silent(Server):
        def serve(self, connection: Connection) -> None:
            held.set()
            connection.hold()

    with Silent(always(b"")) as server:
        api = connected(server.url.replace("http:", "https:"), insecure=True)
        reading = Reading(lambda: api.get("/version"))
        assert held.wait(5)
        wait_until(lambda: open_sockets(api) > 0)
        api.close()
        assert isinstance(reading.ends_soon(), errors.Cancelled)


def test_after_closing_every_call_is_cancelled(serve: Serve, connected: Connect) -> None:
    server = serve(always(answer()))
    api = connected(server)
    api.get("/version")
    api.close()
    for call in (lambda: api.get("/version"), lambda: api.watch("/version"), api.renew_credentials):
        with pytest.raises(errors.Cancelled):
            call()
    assert len(server.requests) == 1


def test_watches_and_gets_leave_no_socket_open(serve: Serve, connected: Connect) -> None:
    api = connected(serve(sends(CHUNKED, chunk(b"{}\n"), then_hold=True)))
    for _ in range(3):
        watch = api.watch("/api/v1/pods")
        next(iter(watch))
        watch.close()
    with pytest.raises(errors.TimedOut):
        api.get("/version", idle_s=0.02)
    wait_until(lambda: open_sockets(api) == 0)


def test_many_lists_run_sixteen_at_once_at_most(serve: Serve, connected: Connect) -> None:
    lock, now, most = threading.Lock(), 0, 0
    gate = threading.Event()

    def handler(_: Request, connection: Connection) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        gate.wait(5)
        with lock:
            now -= 1
        connection.send(answer())

    api = connected(serve(handler))
    readings = [Reading(lambda: api.get("/api/v1/pods", [("limit", "1")])) for _ in range(20)]
    wait_until(lambda: now == 16)
    watch = Reading(lambda: api.get("/version"))
    wait_until(lambda: now == 17)
    gate.set()
    assert {reading.ends_soon() for reading in [*readings, watch]} == {None}
    assert most == 17


def open_sockets(api: PooledTransport) -> int:
    return len(api._sockets)
