"""How fast and how many at once we may ask: shared by every request to one server, and left at once when it closes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kite_tui.kube.errors import Cancelled

DEFAULT_QPS = 20.0
DEFAULT_BURST = 40
MAX_LISTS = 16


class TokenBucket:
    """`qps` requests a second, `burst` at once, first come first served. Thread-safe."""

    def __init__(
        self,
        qps: float = DEFAULT_QPS,
        burst: int = DEFAULT_BURST,
        *,
        stop: threading.Event,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`wait(seconds)` returns True when `stop` was set meanwhile; a test gives its own. qps 0 is no limit."""
        self._qps, self._burst = qps, burst
        self._clock, self._wait = clock, wait or stop.wait
        self._lock = threading.Lock()
        self._tokens, self._filled_s = float(burst), clock()

    def acquire(self) -> float:
        """Take a token, waiting for it; gives the seconds waited. Raises Cancelled when `stop` is set before."""
        wait_s = self._reserve()
        if wait_s > 0 and self._wait(wait_s):
            raise Cancelled("the connection to the cluster was closed")
        return wait_s

    def _reserve(self) -> float:
        if self._qps <= 0:
            return 0.0
        with self._lock:
            now_s = self._clock()
            self._tokens = min(self._burst, self._tokens + (now_s - self._filled_s) * self._qps) - 1
            self._filled_s = now_s
            return max(0.0, -self._tokens / self._qps)


class Slots:
    """At most `n` at once. Thread-safe."""

    def __init__(self, n: int = MAX_LISTS) -> None:
        self._free = n
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot, waiting for it. Raises Cancelled when closed before."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 or self._closed)
            if self._closed:
                raise Cancelled("the connection to the cluster was closed")
            self._free -= 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify()

    def close(self) -> None:
        """Turn away who waits, and all who come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
