"""Whether a watch has said all that it had to say: asked between two lines, on a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from kite_tui.kube import errors
from kite_tui.kube.streams import Lines
from tests.conformance.pki import Authority
from tests.kube.conftest import Connect, Serve
from tests.kube.server import CHUNKED, Connection, Handler, Request, Server, chunk

SOON_S = 0.05
LONG_S = 5.0
END = chunk(b"")

Open = Callable[[Handler], Lines]


@pytest.fixture(params=["http", "https"])
def opened(
    request: pytest.FixtureRequest,
    serve: Serve,
    secure: Callable[[Handler], Server],
    connected: Connect,
    authority: Authority,
) -> Open:
    """Opens a watch on a server that does what a handler does."""
    tls = request.param == "https"

    def watch(handler: Handler) -> Lines:
        server = secure(handler) if tls else serve(handler)
        return connected(server, ca_data=authority.pem if tls else b"").watch("/api/v1/pods")

    return watch


def says(*pieces: bytes, then: Callable[[Connection], object] = Connection.hold) -> Handler:
    """Sends the pieces, each at once and on its own."""

    def handler(_: Request, connection: Connection) -> None:
        for piece in (CHUNKED, *pieces):
            connection.send(piece)
        then(connection)

    return handler


def cut(connection: Connection) -> None:
    connection.sock.shutdown(socket.SHUT_RDWR)


def test_a_watch_that_says_nothing_is_quiet_and_can_still_be_read(opened: Open) -> None:
    more = threading.Event()

    def then(connection: Connection) -> None:
        more.wait(LONG_S)
        connection.send(chunk(b"{}\n") + END)

    watch = opened(says(then=then))
    assert watch.is_quiet(SOON_S)
    more.set()
    assert not watch.is_quiet(LONG_S)
    assert list(watch) == [b"{}"]


def test_behind_the_last_line_it_is_quiet_although_the_end_of_its_chunk_was_not_read(opened: Open) -> None:
    watch = opened(says(chunk(b'{"a":1}\n')))
    lines = iter(watch)
    assert next(lines) == b'{"a":1}'
    assert watch.is_quiet(SOON_S)
    watch.set_idle_s(SOON_S)
    with pytest.raises(errors.TimedOut):
        next(lines)


def test_that_end_may_come_late(opened: Open) -> None:
    first, rest = chunk(b"{}\n")[:-2], chunk(b"{}\n")[-2:]
    late = threading.Event()

    def then(connection: Connection) -> None:
        late.wait(LONG_S)
        connection.send(rest)
        connection.hold()

    watch = opened(says(first, then=then))
    lines = iter(watch)
    assert next(lines) == b"{}"
    threading.Timer(SOON_S / 2, late.set).start()
    assert watch.is_quiet(SOON_S * 2)


@pytest.mark.parametrize(
    "pieces",
    [
        (chunk(b"{}\n" * 2),),
        (chunk(b"{}\n") + chunk(b"{}\n"),),
        (chunk(b"{}\n"), chunk(b"{}\n")),
        (chunk(b'{}\n{"half'),),
        (chunk(b"{}\n"), END),
        (chunk(b"{}\n") + chunk(b'"' + b"x" * 12_000 + b'"\n') + chunk(b"{}\n"),),
    ],
    ids=["lines of one chunk", "chunks of one piece", "one piece after the other", "half a line", "its end", "long"],
)
def test_it_is_not_quiet_while_more_is_there(opened: Open, pieces: tuple[bytes, ...]) -> None:
    watch = opened(says(*pieces))
    assert next(iter(watch)) == b"{}"
    assert not watch.is_quiet(LONG_S)


def test_nor_where_the_connection_is_cut(opened: Open) -> None:
    watch = opened(says(chunk(b"{}\n"), then=cut))
    lines = iter(watch)
    assert next(lines) == b"{}"
    assert not watch.is_quiet(LONG_S)
    with pytest.raises(errors.ConnectionFailed):
        next(lines)


def test_closing_ends_the_wait_for_quiet(opened: Open) -> None:
    watch = opened(says())
    closing = threading.Timer(SOON_S, watch.close)
    closing.start()
    lines = iter(watch)
    assert not watch.is_quiet(LONG_S)
    with pytest.raises(errors.Cancelled):
        next(lines)
    closing.join()
