"""A proxy on loopback that does to a cluster's answers what networks, load balancers and servers do to them.

It stands between a client and an API server, forwards every request on a connection of its own, and lets one fault at
a time strike those that the fault is for (see `faults`), from `strike` until `heal`. What it was asked is in `asked`.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from tests.faults.faults import Fault

CONNECT_S = 5.0
_NOT_FORWARDED = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came, and whether a fault struck it."""

    at_s: float
    verb: str
    path: str
    query: dict[str, str]
    struck: bool


class Gone(Exception):
    """The client, or the proxy itself, has ended the connection."""


class Exchange:
    """One request and the way back to its client, on the connection's thread."""

    def __init__(self, proxy: Proxy, client: socket.socket, target: str, headers: list[tuple[str, str]]) -> None:
        parts = urlsplit(target)
        self.proxy = proxy
        self.client = client
        self.target, self.path = target, parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.verb = "watch" if self.query.get("watch") else "list"
        self.headers = headers
        self.last_event = b""
        self._server: socket.socket | None = None
        self._is_over = False
        self.writing = threading.RLock()
        """Held while lines are written that belong together."""

    def send(self, data: bytes) -> None:
        """Bytes as they are. Raises Gone."""
        try:
            self.client.sendall(data)
        except OSError as error:
            raise Gone from error

    def answer(self, status: int, body: bytes, *headers: tuple[str, str], kind: str = "application/json") -> None:
        """A whole answer."""
        self.send(head(status, ("Content-Type", kind), ("Content-Length", str(len(body))), *headers) + body)

    def line(self, line: bytes) -> None:
        """One line of a watch, as a chunk; from any thread while the watch is open. Raises Gone."""
        with self.writing:
            self.send(b"%x\r\n%b\n\r\n" % (len(line) + 1, line))

    def reset(self) -> None:
        """End the connection so that the client sees a reset. Any thread; raises Gone."""
        with contextlib.suppress(OSError):
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._leave()

    def cut(self) -> None:
        """End the connection wherever the answer is. Any thread; raises Gone."""
        hang_up(self.client)
        self._leave()

    def hold(self, seconds: float | None = None) -> bool:
        """Wait until the fault is healed, or for as long; True where it is. Raises Gone where the proxy ends."""
        with self.proxy.holding():
            healed = self.proxy.healed.wait(seconds)
        if self.proxy.is_closing:
            raise Gone
        return healed

    def _leave(self) -> None:
        self._is_over = True
        if self._server is not None:
            hang_up(self._server)  # wakes the thread that reads from it, which then lets go of the client
        raise Gone

    def forward(self) -> None:
        """Ask the server and hand on what it says; a watch line by line, as the fault of the moment wants it."""
        with self.proxy.upstream() as server:
            self._server = server.sock
            names = [(name, value) for name, value in self.headers if name.lower() not in _NOT_FORWARDED]
            server.putrequest("GET", self.target, skip_accept_encoding=True)
            for name, value in names:
                server.putheader(name, value)
            server.endheaders()
            response = server.getresponse()
            headers = [(name, value) for name, value in response.getheaders() if name.lower() not in _NOT_FORWARDED]
            if self.verb == "watch" and response.status == 200:
                self.send(head(200, ("Transfer-Encoding", "chunked"), *headers))
                self._watch(response)
            else:
                body = response.read()
                answer = head(response.status, ("Content-Length", str(len(body))), *headers)
                self.proxy.pour(self, answer, body)

    def _watch(self, response: http.client.HTTPResponse) -> None:
        with self.proxy.watching(self):
            while line := response.readline().rstrip(b"\n"):
                with self.writing:
                    if not line.startswith(b'{"type":"BOOKMARK"'):
                        self.last_event = line
                    elif b"initial-events-end" in line:
                        self.last_event = b""  # those of a list are older than its bookmark
                    self.proxy.pass_line(self, line)
        if self._is_over:
            raise Gone
        self.send(b"0\r\n\r\n")


class Proxy:
    """A context manager. Its methods belong to any thread.

    `target` is the server's URL, `ca_file` its authority; with `tls` clients have to speak TLS to the proxy.
    """

    def __init__(self, target: str, *, ca_file: Path | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self.asked: list[Asked] = []
        self.tls = tls
        self.healed = threading.Event()
        """Set while no fault strikes."""
        self.healed.set()
        self.held = 0
        """Exchanges that a fault makes wait."""
        self._trust = ssl.create_default_context(cafile=str(ca_file)) if ca_file else None
        self._fault: Fault | None = None
        self._left = 0
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        """Held while a watch that opens is struck, so that none is any more when the fault is healed."""
        self._sockets: set[socket.socket] = set()
        self._watches: set[Exchange] = set()
        self._threads: list[threading.Thread] = []
        self.is_closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._begin(self._accept, self._listener)
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing = True
        self.healed.set()
        self.refuse()
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._port}"

    # -- faults -------------------------------------------------------------------------------------------------

    def strike(self, fault: Fault) -> None:
        """Let the fault strike from now on: connections, requests, and the watches that are open."""
        self.healed.clear()
        with self._lock:
            self._fault, self._left = fault, fault.times
            watches = [watch for watch in self._watches if fault.strikes(watch)]
        if fault.begin is not None:
            fault.begin(self)
        for watch in watches:
            with contextlib.suppress(Gone):
                if fault.open_watch is not None:
                    with watch.writing:
                        fault.open_watch(watch)
                elif fault.answer is not None:
                    watch.reset()

    def heal(self) -> None:
        """End the fault; what it held back goes on."""
        with self._opening, self._lock:
            fault, self._fault = self._fault, None
        if fault is not None and fault.end is not None:
            fault.end(self)
        self.healed.set()

    def refuse(self) -> None:
        """Refuse connections from now on, and reset those that are open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up_all()

    def accept(self) -> None:
        """Accept connections again, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._begin(self._accept, self._listener)

    def hang_up_all(self) -> None:
        """End every connection, wherever it is."""
        with self._lock:
            sockets = tuple(self._sockets)
        for each in sockets:
            hang_up(each)

    # -- on the connections' threads ----------------------------------------------------------------------------

    def struck(self, exchange: Exchange) -> Fault | None:
        """The fault that strikes a request, None for none."""
        with self._lock:
            fault = self._fault
            if fault is None or fault.answer is None or not fault.strikes(exchange) or not self._left:
                return None
            self._left -= 1
            return fault

    def pass_line(self, exchange: Exchange, line: bytes) -> None:
        """Hand on one line of a watch, as the fault of the moment wants it."""
        fault = self._fault
        if fault is None or fault.line is None:
            exchange.line(line)
        else:
            fault.line(exchange, line)

    def pour(self, exchange: Exchange, start: bytes, body: bytes) -> None:
        """Hand on a whole answer, as the fault of the moment wants it."""
        fault = self._fault
        if fault is None or fault.body is None or not fault.strikes(exchange):
            exchange.send(start + body)
        else:
            exchange.send(start)
            fault.body(exchange, body)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Count an exchange as one that says nothing now."""
        with self._lock:
            self.held += 1
        try:
            yield
        finally:
            with self._lock:
                self.held -= 1

    @contextlib.contextmanager
    def watching(self, exchange: Exchange) -> Iterator[None]:
        """Count a watch as open; a fault that is under way strikes it at once."""
        try:
            with self._opening:
                with self._lock:
                    self._watches.add(exchange)
                    fault = self._fault
                if fault is not None and fault.open_watch is not None and fault.strikes(exchange):
                    fault.open_watch(exchange)
            yield
        finally:
            with self._lock:
                self._watches.discard(exchange)

    @contextlib.contextmanager
    def upstream(self) -> Iterator[http.client.HTTPConnection]:
        """A connection to the server. Raises Gone where there is none."""
        parts = urlsplit(self.target)
        host, port = parts.hostname or "127.0.0.1", parts.port or 443
        if self._trust is not None:
            server: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=CONNECT_S, context=self._trust
            )
        else:
            server = http.client.HTTPConnection(host, port, timeout=CONNECT_S)
        try:
            server.connect()
            sock = server.sock
            sock.settimeout(None)
            with self._known(sock):
                yield server
        except (OSError, http.client.HTTPException) as error:
            raise Gone from error
        finally:
            server.close()

    def _begin(self, run: Callable[[socket.socket], None], sock: socket.socket) -> None:
        thread = threading.Thread(target=run, args=(sock,), name="fault-proxy", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._begin(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(Gone, OSError, ssl.SSLError), contextlib.closing(client), self._known(client):
            fault = self._fault
            if fault is not None and fault.connection is not None:
                fault.connection(self, client)
                return
            if self.tls is not None:
                client = self.tls.wrap_socket(client, server_side=True)
            with contextlib.closing(client), self._known(client), client.makefile("rb") as lines:
                while (exchange := self._read(client, lines)) is not None:
                    fault = self.struck(exchange)
                    self.asked.append(
                        Asked(time.monotonic(), exchange.verb, exchange.path, exchange.query, fault is not None)
                    )
                    if fault is not None and fault.answer is not None:
                        fault.answer(exchange)
                    else:
                        exchange.forward()

    def _read(self, client: socket.socket, lines: IO[bytes]) -> Exchange | None:
        first = lines.readline().split()
        if len(first) != 3:
            return None
        headers = http.client.parse_headers(lines)
        return Exchange(self, client, first[1].decode(), list(headers.items()))

    @contextlib.contextmanager
    def _known(self, sock: socket.socket) -> Iterator[None]:
        with self._lock:
            self._sockets.add(sock)
        try:
            if self.is_closing:
                raise Gone
            yield
        finally:
            with self._lock:
                self._sockets.discard(sock)


def hang_up(sock: socket.socket) -> None:
    """End both directions; whoever is blocked on it sees that."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def head(status: int, *headers: tuple[str, str]) -> bytes:
    """The head of an answer."""
    reason = http.client.responses.get(status, "")
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
