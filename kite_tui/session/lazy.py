"""The way to the server, opened by whoever first needs it: importing and connecting take 0.1 s or more, and the first
frame is on screen before either."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from kite_tui.kube.api import JSON, Api, Query, Response, WatchStream
from kite_tui.kube.errors import Cancelled, ConfigError, ConnectionFailed
from kite_tui.objects.load import Traffic

log = logging.getLogger(__name__)


class LazyApi:
    """An `Api` that connects at the first request, on the thread that makes it. What can't be connected with is
    raised as ConnectionFailed at every request, until it can."""

    def __init__(self, connect: Callable[[], Api]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._api: Api | None = None
        self._closed = threading.Event()

    def _opened(self) -> Api:
        with self._lock:
            if self._closed.is_set():
                raise Cancelled("the session is closed")
            if self._api is None:
                try:
                    self._api = self._connect()
                except ConfigError as error:
                    raise ConnectionFailed(str(error)) from error
                except Exception as error:
                    # Its text may hold what must not be on a screen, such as a proxy's password.
                    log.exception("connecting failed")
                    raise ConnectionFailed(f"internal error while connecting: {type(error).__name__}") from error
                if self._closed.is_set():  # meanwhile, by a thread that did not wait for us
                    self._api.close()
                    raise Cancelled("the session is closed")
            return self._api

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        """See `Api.get`."""
        return self._opened().get(path, query, accept=accept, idle_s=idle_s, total_s=total_s)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> WatchStream:
        """See `Api.watch`."""
        return self._opened().watch(path, query, accept=accept, idle_s=idle_s)

    def renew_credentials(self) -> bool:
        """See `Api.renew_credentials`."""
        return self._opened().renew_credentials()

    def retry_credentials(self) -> None:
        """See `Api.retry_credentials`."""
        if self._api is not None:
            self._api.retry_credentials()

    def traffic(self) -> Traffic | None:
        """See `Api.traffic`; None before the first request."""
        api = self._api
        return None if api is None else api.traffic()

    def close(self) -> None:
        """Close what was opened; returns at once also while another thread is still importing."""
        self._closed.set()
        api = self._api
        if api is not None:
            api.close()
