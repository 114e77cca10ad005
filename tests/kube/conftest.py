"""Servers, certificates and transports for the tests of `kube`; everything is closed when its test ends."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.proxies import NO_PROXIES, EnvProxies
from kite_tui.kube.transport import PooledTransport, connect
from tests.conformance.pki import Authority
from tests.kube.server import Handler, Server

Serve = Callable[..., Server]


class Connect(Protocol):
    def __call__(
        self, server: Server | str, user: User = ..., *, proxies: EnvProxies = ..., run: Any = ..., **cluster: Any
    ) -> PooledTransport: ...


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="session")
def server_tls(authority: Authority) -> ssl.SSLContext:
    """Asks for a client certificate and takes none, too, as an API server does."""
    files = authority.server("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


@pytest.fixture
def serve() -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:
        yield lambda handler, *args, **kwargs: stack.enter_context(Server(handler, *args, **kwargs))


@pytest.fixture
def connected() -> Iterator[Connect]:
    with contextlib.ExitStack() as stack:

        def make(
            server: Server | str,
            user: User = User(),  # noqa: B008  # frozen
            *,
            proxies: EnvProxies = NO_PROXIES,
            run: Any = None,
            **cluster: Any,
        ) -> PooledTransport:
            url = server if isinstance(server, str) else server.url
            timeout_s = cluster.pop("request_timeout_s", None)
            config = ClientConfig(None, Cluster(url, **cluster), user, request_timeout_s=timeout_s, env_proxies=proxies)
            return stack.enter_context(contextlib.closing(connect(config, run_interactive=run, qps=0)))

        yield make


@pytest.fixture
def secure(serve: Serve, server_tls: ssl.SSLContext) -> Callable[[Handler], Server]:
    """Starts a server with a certificate for localhost and 127.0.0.1 of `authority`."""
    return lambda handler: serve(handler, server_tls)


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes an executable Python script."""
    import sys

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\n{text}")
        path.chmod(0o755)
        return path

    return write
