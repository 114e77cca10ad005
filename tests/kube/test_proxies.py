"""Which way a request goes: by the environment, by the kubeconfig, through HTTP and SOCKS proxies."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from kite_tui.kube import errors
from kite_tui.kube.clientconfig import User
from kite_tui.kube.config import Flags, load
from kite_tui.kube.pool import manager
from kite_tui.kube.proxies import EnvProxies
from kite_tui.kube.sockets import Sockets
from kite_tui.kube.tls import context
from tests.conformance.pki import Authority
from tests.kube.conftest import Connect, Serve
from tests.kube.server import CHUNKED, Connection, Handler, Request, Server, always, answer, chunk
from tests.kube.test_watch import Reading

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("url", "no_proxy", "expected"),
    [
        ("https://api.example:6443", "", PROXY),
        ("https://api.example:6443", "*", None),
        ("https://api.example:6443", "api.example", None),
        ("https://api.example:6443", "example", None),
        ("https://api.example:6443", ".example", None),
        ("https://api.example:6443", "*.example", None),
        ("https://example:6443", ".example", PROXY),
        ("https://example:6443", "example", None),
        ("https://apiexample", "example", PROXY),
        ("https://api.example:6443", "API.EXAMPLE:6443", None),
        ("https://api.example:6443", "api.example:443", PROXY),
        ("https://api.example", "other, api.example:443 ,x", None),
        ("https://10.1.2.3:6443", "10.0.0.0/8", None),
        ("https://10.1.2.3:6443", "11.0.0.0/8", PROXY),
        ("https://10.1.2.3:6443", "10.1.2.3", None),
        ("https://10.1.2.3:6443", "10.1.2.3:6443", None),
        ("https://10.1.2.3:6443", "2.3", PROXY),
        ("https://10.1.2.3:6443", "10.0.0.0/99", PROXY),
        ("https://[fd00::1]:6443", "fd00::/8", None),
        ("https://[fd00::1]:6443", "fd00::1", None),
        ("https://127.0.0.1:6443", "", None),
        ("https://localhost:6443", "", None),
        ("https://[::1]:6443", "", None),
        ("http://api.example", "", None),
    ],
)
def test_no_proxy_is_read_as_go_reads_it(url: str, no_proxy: str, expected: str | None) -> None:
    env = {"HTTPS_PROXY": "proxy:3128", "no_proxy": no_proxy, "ALL_PROXY": "http://never"}
    assert EnvProxies.from_env(env).for_url(url) == expected


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:secretpw@ba r:99999",
        "http://user:secretpw@bar:99999",
        "user:secretpw@bar:x",
        "foo://user:secretpw@bar",
        "http://user:secretpw[x@b",
        "http://user:secretpw#@b",
        "http://user:secretpw@b<c>",
        "http://user:secretpw@",
        "http://",
    ],
)
@pytest.mark.parametrize("server", ["https://api.example", "http://api.example"])
def test_a_proxy_that_can_not_be_used_is_a_config_error_that_does_not_show_it(
    proxy: str, server: str, tmp_path: Path
) -> None:
    env = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "KUBECONFIG": str(tmp_path / "none")}
    with pytest.raises(errors.ConfigError) as raised:
        load(Flags(server=server), env)
    assert "secretpw" not in "".join(traceback.format_exception(raised.value))
    assert load(Flags(server=server), {**env, "NO_PROXY": "*"}).proxy_url is None


@pytest.mark.parametrize(
    "proxy",
    ["proxy", "http://u:p%40w@proxy.example:3128/", "socks5://[fd00::1]:1080", "https://10.0.0.1", "http://a_b"],
)
def test_every_proxy_that_is_taken_can_be_made_a_pool_of(proxy: str) -> None:
    found = EnvProxies(https=proxy).for_url("https://api.example")
    assert found is not None
    manager(found, Sockets(), context())


def pipe(a: socket.socket, b: socket.socket) -> None:
    """Carry bytes both ways until either side ends."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for sock in (source, target):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=carry, args=(b, a), name="test-pipe")
    back.start()
    carry(a, b)
    back.join(5)


def connect_proxy(target: Server) -> Handler:
    """An HTTP proxy that takes every CONNECT to `target`, wherever it is meant to go."""

    def handler(request: Request, connection: Connection) -> None:
        assert request.method == "CONNECT"
        with socket.create_connection(("127.0.0.1", target.port)) as upstream:
            connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")
            pipe(connection.sock, upstream)

    return handler


class SocksProxy(Server):
    """A SOCKS5 proxy that connects to `port` whatever it is asked for; `asked` is that."""

    def __init__(self, port: int, reply: int = 0) -> None:
        super().__init__(always(b""))
        self._target, self._reply = port, reply
        self.asked: list[tuple[bytes, int]] = []
        self.logins: list[bytes] = []

    def serve(self, connection: Connection) -> None:
        method = connection.read(3)[2]
        connection.send(bytes([5, method]))
        if method == 2:
            user = connection.read(connection.read(2)[1])
            self.logins.append(user + b":" + connection.read(connection.read(1)[0]))
            connection.send(b"\x01\x00")
        kind = connection.read(4)[3]
        host = connection.read(4 if kind == 1 else connection.read(1)[0])
        self.asked.append((host, int.from_bytes(connection.read(2), "big")))
        connection.send(bytes([5, self._reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not self._reply:
            with socket.create_connection(("127.0.0.1", self._target)) as upstream:
                pipe(connection.sock, upstream)


Secure = Callable[[Handler], Server]


def test_https_goes_through_the_proxy_of_the_kubeconfig_with_its_password(
    serve: Serve, secure: Secure, connected: Connect, authority: Authority
) -> None:
    server = secure(always(answer()))
    proxy = serve(connect_proxy(server))
    api = connected(
        "https://localhost:1",
        User(token="cluster-token"),
        ca_data=authority.pem,
        proxy_url=f"http://jane:p%40ss@127.0.0.1:{proxy.port}",
    )
    assert api.get("/version").status == 200
    assert proxy.requests[0].target == "localhost:1"
    login = base64.b64encode(b"jane:p@ss").decode()
    assert proxy.requests[0].one("proxy-authorization") == f"Basic {login}"
    assert proxy.requests[0].one("authorization") is None
    assert server.requests[0].one("authorization") == "Bearer cluster-token"


def test_the_kubeconfigs_proxy_wins_over_the_environment_and_over_no_proxy(serve: Serve, connected: Connect) -> None:
    proxy = serve(always(answer()))
    env = EnvProxies(http="http://127.0.0.1:1", no_proxy="*")
    assert connected("http://cluster.example", proxy_url=proxy.url, proxies=env).get("/version").status == 200
    assert proxy.requests[0].target == "http://cluster.example/version"


def test_the_environments_proxy_is_used(serve: Serve, connected: Connect) -> None:
    proxy = serve(always(answer()))
    connected("http://cluster.example", proxies=EnvProxies(http=proxy.url)).get("/version")
    assert len(proxy.requests) == 1


def test_https_through_an_https_proxy(
    serve: Serve, secure: Secure, connected: Connect, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    server = secure(always(answer()))
    proxy = secure(connect_proxy(server))
    api = connected("https://localhost:1", ca_data=authority.pem, proxy_url=proxy.url)
    assert api.get("/version").status == 200


def test_a_proxy_that_refuses_is_named_without_its_password(serve: Serve, connected: Connect) -> None:
    proxy = serve(always(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"))
    api = connected("https://cluster.example", proxy_url=f"http://jane:hush@127.0.0.1:{proxy.port}")
    with pytest.raises(errors.ConnectionFailed, match="through the proxy http://127") as raised:
        api.get("/version")
    assert "407" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_a_proxy_that_is_not_there_is_named(connected: Connect) -> None:
    with pytest.raises(errors.ConnectionFailed, match=r"through the proxy http://127\.0\.0\.1:1: connection refused"):
        connected("https://cluster.example", proxy_url="http://127.0.0.1:1").get("/version")


@pytest.mark.parametrize("login", ["", "jane:p%40ss@"])
def test_a_socks_proxy_looks_up_the_name(login: str, secure: Secure, connected: Connect, authority: Authority) -> None:
    server = secure(always(answer()))
    with SocksProxy(server.port) as proxy:
        api = connected(
            "https://localhost:1234", ca_data=authority.pem, proxy_url=f"socks5://{login}127.0.0.1:{proxy.port}"
        )
        assert api.get("/version").status == 200
        api.close()
    assert proxy.asked == [(b"localhost", 1234)]
    assert proxy.logins == ([b"jane:p@ss"] if login else [])


def test_a_socks_proxy_that_refuses_says_why(connected: Connect) -> None:
    with SocksProxy(1, reply=2) as proxy:
        api = connected("https://10.0.0.1", proxy_url=f"socks5://127.0.0.1:{proxy.port}")
        with pytest.raises(errors.ConnectionFailed, match="its rules do not allow it"):
            api.get("/version")
        api.close()


def test_closing_ends_a_silent_watch_through_a_proxy(
    serve: Serve, secure: Secure, connected: Connect, authority: Authority
) -> None:
    def handler(_: Request, connection: Connection) -> None:
        connection.send(CHUNKED + chunk(b"{}\n"))
        connection.hold()

    proxy = serve(connect_proxy(secure(handler)))
    api = connected("https://localhost:1", ca_data=authority.pem, proxy_url=proxy.url)
    watch = api.watch("/api/v1/pods")
    read = threading.Event()

    def work() -> None:
        for _ in watch:
            read.set()

    reading = Reading(work)
    assert read.wait(5)
    api.close()
    assert isinstance(reading.ends_soon(), errors.Cancelled)


def test_a_bad_certificate_behind_a_proxy_is_said_in_words(
    serve: Serve, secure: Secure, connected: Connect, other_authority: Authority
) -> None:
    proxy = serve(connect_proxy(secure(always(answer()))))
    with pytest.raises(errors.ConnectionFailed, match="unknown authority"):
        connected("https://localhost:1", ca_data=other_authority.pem, proxy_url=proxy.url).get("/version")
