"""The connection pool that `kubernetes` builds, over sockets that can be shut from another thread."""

from __future__ import annotations

import io
import socket
import ssl
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
    url: str, proxy_url: str | None, sockets: Sockets, tls: ssl.SSLContext, *, tls_server_name: str = ""
) -> urllib3.PoolManager:
    """A pool for `url` (through the proxy, where there is one) that retries nothing by itself.

    Imports `kubernetes` (0.25–0.4 s and 21 MB the first time), so call it off the UI thread. What is taken from it is
    the choice of manager and of the server's name; TLS is ours, because it would parse CA and key files again for each
    connection, keep keys in files for that, and on Python 3.13 be strict about CAs that Go takes. SOCKS is ours, too:
    urllib3's would need another package.
    """
    from kubernetes.client.configuration import Configuration
    from kubernetes.client.rest import RESTClientObject

    socks_url = urlsplit(proxy_url) if proxy_url and proxy_url.startswith("socks5") else None
    settings = Configuration()  # attributes, since version 36 has other parameters than 37
    settings.host = url
    settings.verify_ssl = tls.verify_mode == ssl.CERT_REQUIRED
    settings.tls_server_name = tls_server_name or None
    settings.connection_pool_maxsize = MAX_IDLE
    settings.retries = False
    settings.no_proxy = ""
    settings.proxy = None if socks_url else proxy_url
    settings.proxy_ssl_context = context(socket_class=sockets.tls_class()) if settings.proxy else None
    settings.proxy_headers = _proxy_headers(settings.proxy)
    if not settings.verify_ssl:
        # It would be printed over the screen, which has a badge for it.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pools: urllib3.PoolManager = RESTClientObject(settings).pool_manager
    pools.connection_pool_kw["ssl_context"] = tls
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


def _proxy_headers(proxy_url: str | None) -> dict[str, str] | None:
    parts = urlsplit(proxy_url or "")
    if not parts.username:
        return None
    return dict(urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}"))
