"""Requests to one API server: the `Api` that everything above reads through. It can GET, and nothing else."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import urllib3

from kite_tui import __version__
from kite_tui.kube.api import JSON, Query, Response
from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.credentials import Credentials
from kite_tui.kube.errors import Cancelled, ConfigError, CredentialError
from kite_tui.kube.exec_plugin import Notice, RunInteractive
from kite_tui.kube.failures import FAILURES, explain
from kite_tui.kube.pool import CONNECT_S, StaleConnection, manager
from kite_tui.kube.ratelimit import DEFAULT_BURST, DEFAULT_QPS, Slots, TokenBucket
from kite_tui.kube.sockets import Sockets
from kite_tui.kube.status import error_of_answer, is_web_page, web_page
from kite_tui.kube.streams import Incoming, Lines
from kite_tui.kube.tls import Identity, context, read_ca
from kite_tui.kube.traffic import Counted, TrafficCounter
from kite_tui.objects.load import Traffic

WATCH_HEADERS_S = 30.0
ERROR_BODY_S = 10.0
MAX_ERROR_B = 1 << 20
USER_AGENT = f"kite-tui/{__version__}"


class PooledTransport:
    """An `api.Api` over pooled connections. Thread-safe; made by `connect`, which see."""

    def __init__(
        self,
        config: ClientConfig,
        *,
        run_interactive: RunInteractive | None = None,
        notice: Notice = lambda _: None,
        qps: float = DEFAULT_QPS,
        burst: int = DEFAULT_BURST,
    ) -> None:
        self.config = config
        self._stop = threading.Event()
        self._sockets = Sockets()
        self._credentials = Credentials(config, self._sockets, run_interactive, notice=notice)
        self._bucket = TokenBucket(qps, burst, stop=self._stop)
        self._lists = Slots()
        cluster = config.cluster
        self._ca = b"" if cluster.insecure else read_ca(cluster.ca_file, cluster.ca_data)
        self._lock = threading.Lock()
        self._traffic = TrafficCounter()
        self._identity: Identity | None = None
        self._pool = self._new_pool(None)

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        """As `api.Api.get`. Both times begin when the request is sent, after throttling; `--request-timeout` bounds
        them."""
        limit_s = self.config.request_timeout_s or total_s
        total_s, idle_s = min(total_s, limit_s), min(idle_s, limit_s)
        encoding = "identity" if self.config.is_loopback or self.config.cluster.disable_compression else "gzip"
        verb = "list" if is_list(path) else "get"
        with self._lists.one() if verb == "list" else contextlib.nullcontext():
            request = self._prepare(path, query, accept, encoding)
            begun_s = time.monotonic()
            with (
                self._traffic.request(verb) as counted,
                contextlib.closing(self._send(request, idle_s, self._stop.is_set, counted)) as incoming,
            ):
                body = incoming.body(begun_s + total_s)
                counted.answered(incoming.status)
        return Response(incoming.status, incoming.headers, body, incoming.received_b)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Lines:
        """As `api.Api.watch`; `query` has to bring `watch=1`. The server's headers may take 30 s.

        Never compressed: an API server doesn't compress watches, and a proxy that did would hold events back.
        """
        closed = threading.Event()
        request = self._prepare(path, query, accept, "identity")
        with self._traffic.request("watch") as counted:
            incoming = self._send(
                request, min(idle_s, WATCH_HEADERS_S), lambda: closed.is_set() or self._stop.is_set(), counted
            )
            counted.answered(incoming.status)
        incoming.idle_s = idle_s
        self._traffic.watch_opened()
        return Lines(incoming, self.config.server, closed, self._traffic.watch_closed)

    def renew_credentials(self) -> bool:
        """As `api.Api.renew_credentials`. Raises CredentialError where new ones can't be had."""
        self._check_open()
        try:
            return self._credentials.renew()
        except CredentialError as error:
            self._check_open(error)
            raise

    def retry_credentials(self) -> None:
        """As `api.Api.retry_credentials`."""
        self._credentials.forget_failure()

    def close(self) -> None:
        """As `api.Api.close`; kills a credential plugin, too. A look-up of a name under way can't be cut short."""
        self._stop.set()
        self._sockets.close()
        self._lists.close()
        self._credentials.close()

    def traffic(self) -> Traffic:
        """As `api.Api.traffic`."""
        return self._traffic.as_of_now(self._bucket, self._lists)

    def _prepare(self, path: str, query: Query, accept: str, encoding: str) -> _Request:
        """Wait for our turn, then put the request together, with credentials as they are at that moment."""
        self._check_open()
        self._traffic.throttled(self._bucket.acquire())
        headers = urllib3.HTTPHeaderDict()
        headers["Accept"], headers["Accept-Encoding"], headers["User-Agent"] = accept, encoding, USER_AGENT
        try:
            self._show(self._credentials.identity())
            for name, value in self._credentials.headers():
                headers.add(name, value)
        except CredentialError as error:
            self._check_open(error)
            raise
        url = self.config.cluster.server + path + ("?" + urlencode(list(query)) if query else "")
        return _Request(url, headers)

    def _send(self, request: _Request, idle_s: float, is_stopped: Callable[[], bool], counted: Counted) -> Incoming:
        """Send it and wait for a 2xx; every other answer is counted, read and raised."""
        try:
            response = self._urlopen(request, idle_s)
            incoming = Incoming(response, self.config, idle_s, is_stopped=is_stopped, count=self._traffic.received)
        except FAILURES as error:
            self._check_open(error)
            raise explain(error, self.config, idle_s) from error
        if 200 <= incoming.status < 300 and not is_web_page(incoming.headers):
            return incoming
        counted.answered(incoming.status)
        with contextlib.closing(incoming):
            if incoming.status < 300:
                raise web_page(incoming.status)
            body = incoming.start(time.monotonic() + ERROR_BODY_S, MAX_ERROR_B)
            raise error_of_answer(incoming.status, incoming.headers, body)

    def _urlopen(self, request: _Request, idle_s: float) -> urllib3.BaseHTTPResponse:
        with self._lock:
            pool = self._pool
        while True:
            try:
                return pool.urlopen(
                    "GET",
                    request.url,
                    headers=request.headers,
                    redirect=False,
                    retries=False,
                    timeout=urllib3.Timeout(connect=min(CONNECT_S, idle_s), read=idle_s),
                    preload_content=False,
                )
            except urllib3.exceptions.ProtocolError as error:
                # The server closed a kept connection as we asked; as Go does, ask again: at most once per connection
                # that was kept, since a new one is never stale.
                if not any(isinstance(cause, StaleConnection) for cause in error.args):
                    raise

    def _show(self, identity: Identity | None) -> None:
        """Put a pool with this client certificate in place of one with another; requests under way end on theirs."""
        with self._lock:
            if identity == self._identity:
                return
            try:
                pool = self._new_pool(identity)
            except ConfigError as error:
                raise CredentialError(str(error)) from error
            old, self._pool, self._identity = self._pool, pool, identity
        old.clear()

    def _new_pool(self, identity: Identity | None) -> urllib3.PoolManager:
        cluster = self.config.cluster
        tls = context(self._ca, identity, insecure=cluster.insecure, socket_class=self._sockets.tls_class())
        return manager(self.config.proxy_url, self._sockets, tls, tls_server_name=cluster.tls_server_name)

    def _check_open(self, cause: Exception | None = None) -> None:
        if self._stop.is_set():
            raise Cancelled("the connection to the cluster was closed") from cause


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    headers: urllib3.HTTPHeaderDict = field(repr=False)


def connect(
    config: ClientConfig,
    *,
    run_interactive: RunInteractive | None = None,
    notice: Notice = lambda _: None,
    qps: float = DEFAULT_QPS,
    burst: int = DEFAULT_BURST,
) -> PooledTransport:
    """A transport for `config`; asks the server nothing yet.

    `run_interactive` gives a plugin with `interactiveMode: Always` the terminal; without it such a plugin is a
    CredentialError. `notice` is told of every plugin that runs. qps 0 is no limit. Raises ConfigError for a certificate
    authority that can't be used.
    """
    return PooledTransport(config, run_interactive=run_interactive, notice=notice, qps=qps, burst=burst)


def is_list(path: str) -> bool:
    """True where a path is of a collection: /api/v1/pods, /apis/apps/v1/namespaces/a/deployments."""
    match path.strip("/").split("/"):
        case ["api", _, *rest] | ["apis", _, _, *rest]:
            return len(rest) == 1 or (len(rest) == 3 and rest[0] == "namespaces")
        case _:
            return False
