"""A proxy on loopback to one server, which counts the bytes that go through it, TLS as it is.

With a kubeconfig's `proxy-url` any client goes through, and takes the server for one that is far away, because its name
is none of this machine: it has answers compressed, as over a network. Nothing but CONNECT is understood, and whatever
is asked for, the one server is what is connected to.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Self

READ_B = 65_536
HEAD_END = b"\r\n\r\n"


class Tunnel:
    """A context manager; its counts may be read at any time. `port` is the server's."""

    def __init__(self, port: int) -> None:
        self.received_b = self.sent_b = self.connections = 0
        self._server_port = port
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            ending = {self._listener, *self._open}
        for each in ending:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def url(self) -> str:
        """For `proxy-url`."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self, target: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments, name="tunnel", daemon=True)
        thread.start()
        return thread

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                self._run(self._connect, client)

    def _connect(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), self._known(client):
            head = b""
            while HEAD_END not in head:
                part = client.recv(READ_B)
                if not part:
                    return
                head += part
            if not head.startswith(b"CONNECT "):
                client.sendall(b"HTTP/1.1 405 Method Not Allowed" + HEAD_END)
                return
            with self._known(socket.create_connection(("127.0.0.1", self._server_port))) as server:
                client.sendall(b"HTTP/1.1 200 OK" + HEAD_END)
                with self._lock:
                    self.connections += 1
                back = self._run(self._pour, server, client, True)
                self._pour(client, server, False)
                back.join()

    def _pour(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(READ_B):
                with self._lock:
                    if is_answer:
                        self.received_b += len(part)
                    else:
                        self.sent_b += len(part)
                sink.sendall(part)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _known(self, sock: socket.socket) -> Iterator[socket.socket]:
        with sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(sock)
            try:
                yield sock
            finally:
                with self._lock:
                    self._open.discard(sock)
