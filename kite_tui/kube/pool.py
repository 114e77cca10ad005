"""The pool of connections to one server, over sockets that can be shut from another thread."""

from __future__ import annotations

import io
import socket
import ssl
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from kite_tui.kube import socks
from kite_tui.kube.sockets import Sockets, keepalive_options
from kite_tui.kube.tls import context

CONNECT_S = 10.0
MAX_IDLE = 64  # more than lists, watches and polls at once; beyond it urllib3 drops connections and logs a warning


class StaleConnection(ConnectionError):
    """A kept connection was closed by the server before it answered: nothing was served, so asking again is safe."""


class _Tracked(HTTPConnection):
    sockets: Sockets
    socks_url: SplitResult | None = None
    answers = 0
    reading: socket.socket | None = None
    """The socket of the latest answer, known also when http.client has let go of it (`Connection: close`)."""

    def _new_conn(self) -> socket.socket:
        timeout_s = self.timeout if isinstance(self.timeout, float | int) else CONNECT_S
        try:
            if self.socks_url is None:
                return self.sockets.dial(self._dns_host, self.port, timeout_s, keepalive_options())
            host, port = self.socks_url.hostname or "", self.socks_url.port or 1080
            proxy = self.sockets.dial(host, port, timeout_s, keepalive_options())
            return socks.connect_through(proxy, self.socks_url, self._dns_host, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "timed out") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's, not http.client's
        self.reading, was_kept = self.sock, self.answers > 0
        try:
            answer = super().getresponse()
        except ConnectionError as error:
            if was_kept:
                raise StaleConnection(str(error)) from error
            raise
        self.answers += 1
        return answer

    def close(self) -> None:
        self.answers = 0
        super().close()


class _TrackedTls(_Tracked, HTTPSConnection):
    pass


def manager(
    proxy_url: str | None, sockets: Sockets, tls: ssl.SSLContext, *, tls_server_name: str = ""
) -> urllib3.PoolManager:
    """What keeps the connections to a server, through the proxy where there is one; it retries nothing by itself.

    The context is made by us, because urllib3 would parse CA and key files again for each connection, keep keys in
    files for that, and on Python 3.13 be strict about CAs that Go takes. SOCKS is ours, too: urllib3's would need
    another package.
    """
    socks_url = urlsplit(proxy_url) if proxy_url and proxy_url.startswith("socks5") else None
    ways: dict[str, Any] = {"ssl_context": tls, "cert_reqs": tls.verify_mode, "maxsize": MAX_IDLE, "retries": False}
    if tls_server_name:
        ways["server_hostname"] = tls_server_name
    if tls.verify_mode == ssl.CERT_NONE:
        # It would be printed over the screen, which has a badge for it.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pools: urllib3.PoolManager
    if proxy_url and not socks_url:
        proxy_tls = context(socket_class=sockets.tls_class())
        pools = urllib3.ProxyManager(
            proxy_url, proxy_headers=_proxy_headers(proxy_url), proxy_ssl_context=proxy_tls, **ways
        )
    else:
        pools = urllib3.PoolManager(**ways)
    pools.pool_classes_by_scheme = _pool_classes(sockets, socks_url)
    return pools


def _pool_classes(sockets: Sockets, socks_url: SplitResult | None) -> dict[str, type[HTTPConnectionPool]]:
    ways = {"sockets": sockets, "socks_url": socks_url}
    plain = type("Connection", (_Tracked,), ways)
    secure = type("TlsConnection", (_TrackedTls,), ways)
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


def socket_of(response: urllib3.BaseHTTPResponse) -> socket.socket | None:
    """The socket that a response just opened is read from."""
    connection = response.connection
    return connection.reading if isinstance(connection, _Tracked) else None


def peek(response: urllib3.BaseHTTPResponse, sock: socket.socket) -> bytes | None:
    """What came and was not read yet, without waiting: empty where there is nothing or the stream is at its end, None
    where TLS needs more to make anything of it. The reading thread only; leaves `sock` without a time-out of its own.
    """
    buffered = getattr(getattr(response, "_fp", None), "fp", None)  # http.client's reader; urllib3 has no such question
    if not isinstance(buffered, io.BufferedReader):
        return b""
    sock.setblocking(False)
    try:
        return buffered.peek(1)
    except ssl.SSLWantReadError:
        return None
    except OSError:  # the next read says it again, or that the stream is at its end
        return b""
    finally:
        sock.setblocking(True)


def has_more(sock: socket.socket) -> bool:
    """Whether TLS has bytes at hand that were not read yet."""
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0


def _proxy_headers(proxy_url: str) -> dict[str, str] | None:
    parts = urlsplit(proxy_url)
    if not parts.username:
        return None
    return dict(urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}"))
