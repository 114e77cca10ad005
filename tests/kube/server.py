"""A small real server on loopback whose every byte a test decides."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Request:
    """One request as it came; `headers` keeps order, repeats and the client's own capitals."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


class Connection:
    """One accepted connection, on a thread of its own."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hold(self) -> None:
        """Say nothing until the client, or the test, ends the connection."""
        while self.sock.recv(4096):
            pass

    def read(self, n: int) -> bytes:
        while len(self._buffer) < n:
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError("ended")
            self._buffer += data
        data, self._buffer = self._buffer[:n], self._buffer[n:]
        return data

    def request(self) -> Request | None:
        """The next request, None at the end."""
        while b"\r\n\r\n" not in self._buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            self._buffer += data
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        request = Request(method, target, headers)
        body = self.read(int(request.one("Content-Length") or 0))
        return Request(method, target, headers, body)


Handler = Callable[[Request, Connection], None]


class Server:
    """Listens on 127.0.0.1 and answers each connection by `handler`, request after request. A context manager.

    A handler that returns without closing leaves the connection open for the next request. With `tls` the server
    speaks TLS. `requests` is what came, `connections` how many.
    """

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        self.handler, self._tls = handler, tls
        self.requests: list[Request] = []
        self.connections = 0
        self.client_certificates: list[Mapping[str, object]] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((address, 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="test-server")

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in [self._accepting, *self._threads]:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), name="test-connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(sock)
            if self._tls:
                sock = stack.enter_context(self._tls.wrap_socket(sock, server_side=True))
                self._sockets.append(sock)
                assert isinstance(sock, ssl.SSLSocket)
                self.client_certificates.append(dict(sock.getpeercert() or {}))
            self.serve(Connection(sock))

    def serve(self, connection: Connection) -> None:
        while request := connection.request():
            self.requests.append(request)
            self.handler(request, connection)


def answer(body: bytes | str | object = b"{}", status: int = 200, **headers: str) -> bytes:
    """A whole answer; what is neither bytes nor text is sent as JSON. Underlines in header names become hyphens."""
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = json.dumps(body).encode()
    fields = {"content_type": "application/json", "content_length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def always(data: bytes) -> Handler:
    """A handler with one answer for everything."""
    return lambda _, connection: connection.send(data)


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def api_status(code: int, reason: str = "", message: str = "no", **details: object) -> dict[str, object]:
    """A Status object as the API sends it."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
        "details": details,
    }
