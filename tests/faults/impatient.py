"""An Api whose patience is a fraction of what is asked of it, so that silence is known for what it is in no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kite_tui.kube.api import JSON, Api, Query, Response, WatchStream
from kite_tui.kube.transport import WATCH_HEADERS_S
from kite_tui.objects.load import Traffic


class Impatient:
    """Waits `hurry` times shorter for a byte than it is told to; everything else is the other Api's. Counts requests,
    also those that never reached a server; `on_request` is called with the verb before each but a list's further
    pages, on its thread."""

    def __init__(self, api: Api, hurry: float = 50, on_request: Callable[[str], None] = lambda _: None) -> None:
        self._api = api
        self._hurry = hurry
        self._on_request = on_request
        self.asked: list[tuple[str, str]] = []
        self.open_streams: set[WatchStream] = set()

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        """See `Api.get`."""
        self._asking("list", path, query)
        idle_s, total_s = idle_s / self._hurry, total_s / self._hurry
        return self._api.get(path, query, accept=accept, idle_s=idle_s, total_s=total_s)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> WatchStream:
        """See `Api.watch`."""
        self._asking("watch", path, query)
        headers_s = min(idle_s, WATCH_HEADERS_S) / self._hurry
        stream = _Stream(self, self._api.watch(path, query, accept=accept, idle_s=headers_s), self._hurry)
        stream.set_idle_s(idle_s)
        self.open_streams.add(stream)
        return stream

    def _asking(self, verb: str, path: str, query: Query) -> None:
        self.asked.append((verb, path))
        if "continue" not in dict(query):
            self._on_request(verb)

    def renew_credentials(self) -> bool:
        """See `Api.renew_credentials`."""
        return self._api.renew_credentials()

    def traffic(self) -> Traffic | None:
        """See `Api.traffic`."""
        return self._api.traffic()

    def retry_credentials(self) -> None:
        """See `Api.retry_credentials`."""
        self._api.retry_credentials()

    def close(self) -> None:
        """See `Api.close`."""
        self._api.close()


class _Stream:
    def __init__(self, api: Impatient, stream: WatchStream, hurry: float) -> None:
        self._api = api
        self._stream = stream
        self._hurry = hurry

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def set_idle_s(self, seconds: float) -> None:
        """See `WatchStream.set_idle_s`."""
        self._stream.set_idle_s(seconds / self._hurry)

    def is_quiet(self, for_s: float) -> bool:
        """See `WatchStream.is_quiet`."""
        return self._stream.is_quiet(for_s / self._hurry)

    def close(self) -> None:
        """See `WatchStream.close`."""
        self._api.open_streams.discard(self)
        self._stream.close()
