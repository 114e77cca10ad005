"""Sockets that another thread can shut: whoever is blocked on one, connecting, shaking hands or reading, comes back."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Sequence

MIN_CONNECT_S = 2.0  # of Go's dialer: an address gets no less, even when there are more to try

Option = tuple[int, int, int]


class Sockets:
    """Every socket of one transport, from before it connects until it is closed. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._closed = False

    def add(self, sock: socket.socket) -> None:
        """Watch over a socket. Raises ConnectionAbortedError after `close`."""
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("closed")
            self._open.add(sock)

    def close(self) -> None:
        """Shut all of them, and every one that comes."""
        with self._lock:
            self._closed = True
            sockets = list(self._open)
        for sock in sockets:
            shut(sock)

    def __len__(self) -> int:
        with self._lock:
            return sum(sock.fileno() >= 0 for sock in self._open)

    def dial(self, host: str, port: int, timeout_s: float, options: Sequence[Option]) -> socket.socket:
        """Connect to the first address of `host` that answers. `timeout_s` is for all of them together; looking up the
        name is not counted and can't be cut short. Raises OSError: the one of the last address tried.
        """
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        deadline_s = time.monotonic() + timeout_s
        for left in range(len(addresses), 0, -1):
            family, kind, protocol, _, address = addresses[-left]
            remaining_s = deadline_s - time.monotonic()
            sock = socket.socket(family, kind, protocol)
            try:
                for option in options:
                    sock.setsockopt(*option)
                sock.settimeout(max(min(MIN_CONNECT_S, timeout_s), remaining_s / left))
                self.add(sock)
                sock.connect(address)
                sock.settimeout(timeout_s)
            except OSError:
                sock.close()
                if left == 1 or self._closed:
                    raise
            else:
                return sock
        raise OSError(f"{host} has no address")

    def tls_class(self) -> type[ssl.SSLSocket]:
        """The class for `SSLContext.sslsocket_class`: a TLS socket takes the place of the plain one before it shakes
        hands."""
        registry = self

        class TlsSocket(ssl.SSLSocket):
            def do_handshake(self, block: bool = False) -> None:
                registry.add(self)
                super().do_handshake(block)

        return TlsSocket


def shut(sock: socket.socket) -> None:
    """End both directions; who is blocked on it sees the end of the stream. Any thread, more than once.

    Goes past SSLSocket.shutdown, which would take the TLS state away from under a reading thread.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def keepalive_options(idle_s: int = 10, interval_s: int = 5, count: int = 3) -> list[Option]:
    """No delay for small writes, and a dead peer noticed after idle + count × interval seconds: 25, in which the screen
    would say "live". The kernels do that; the API server sees nothing of it. macOS has another name for the idle time;
    what a system does not have is left out."""
    options: list[Option] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    for names, value in (
        (("TCP_KEEPIDLE", "TCP_KEEPALIVE"), idle_s),
        (("TCP_KEEPINTVL",), interval_s),
        (("TCP_KEEPCNT",), count),
    ):
        number = next((getattr(socket, name) for name in names if hasattr(socket, name)), None)
        if number is not None:
            options.append((socket.IPPROTO_TCP, number, value))
    return options
