"""An API server that answers as a test says, path by path, and a clock that never makes anybody wait."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from kite_tui.kube.api import JSON, Query, Response
from kite_tui.kube.errors import ApiError, Cancelled, Forbidden

Reply = dict[str, Any] | ApiError | Callable[[], dict[str, Any] | ApiError]


def listed(*names: str, namespace: str = "", more: str = "") -> dict[str, Any]:
    """A page of objects that have a name; `more` is the continue token."""
    meta = {"resourceVersion": "7", **({"continue": more} if more else {})}
    items = [{"metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}"}} for name in names]
    return {"metadata": meta, "items": items}


def forbidden(what: str = "pods") -> Forbidden:
    return Forbidden(f"{what} is forbidden", status=403)


class FakeApi:
    """Answers each path from its queue of replies, of which the last one stays; what was told nothing is empty.

    Thread-safe. `close` ends every request that a test holds up with `held`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replies: dict[str, list[Reply]] = defaultdict(list)
        self._held: dict[str, threading.Event] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.arrived = threading.Semaphore(0)
        self.closed = threading.Event()
        self.renewals = 0
        self.renewable = False
        self.retries = 0

    def says(self, path: str, *replies: Reply) -> None:
        with self._lock:
            self._replies[path] = list(replies)

    def holds(self, path: str) -> threading.Event:
        """Requests of this path wait until the event is set (or `close`)."""
        return self._held.setdefault(path, threading.Event())

    def paths(self) -> list[str]:
        with self._lock:
            return [path for path, _ in self.asked]

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        with self._lock:
            self.asked.append((path, dict(query)))
            held = self._held.get(path)
        self.arrived.release()
        while held is not None and not held.wait(0.005):
            if self.closed.is_set():
                raise Cancelled("closed")
        with self._lock:
            replies = self._replies[path]
            reply = replies.pop(0) if len(replies) > 1 else replies[0] if replies else listed()
        if callable(reply):
            reply = reply()
        if isinstance(reply, ApiError):
            raise reply
        return Response(200, {}, json.dumps(reply).encode())

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Any:
        raise AssertionError("nothing here watches")

    def renew_credentials(self) -> bool:
        with self._lock:
            self.renewals += 1
            return self.renewable

    def traffic(self) -> None:
        """Nobody counts."""

    def retry_credentials(self) -> None:
        self.retries += 1

    def close(self) -> None:
        self.closed.set()


class EagerClock:
    """Time passes as soon as somebody waits for it; `waited_s` is for how long they would have."""

    def __init__(self) -> None:
        self.seconds = 1_790_000_000.0
        self.waited_s: list[float] = []

    def now_s(self) -> float:
        return self.seconds

    def monotonic_s(self) -> float:
        return self.seconds

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waited_s.append(timeout_s)
        self.seconds += timeout_s
        return event.is_set()


def names(objects: Iterator[Any] | tuple[Any, ...]) -> list[str]:
    return sorted(one.name for one in objects)


def wait_until(true: Callable[[], object], limit_s: float = 10) -> None:
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        pause.wait(0.003)
