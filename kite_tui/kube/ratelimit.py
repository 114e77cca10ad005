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
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many wait for a token now."""
        return self._waiting

    def acquire(self) -> float:
        """Take a token, waiting for it; gives the seconds waited. Raises Cancelled when `stop` is set before."""
        wait_s = self._reserve()
        if wait_s > 0:
            try:
                if self._wait(wait_s):
                    raise Cancelled("the connection to the cluster was closed")
            finally:
                with self._lock:
                    self._waiting -= 1
        return wait_s

    def _reserve(self) -> float:
        if self._qps <= 0:
            return 0.0
        with self._lock:
            now_s = self._clock()
            self._tokens = min(self._burst, self._tokens + (now_s - self._filled_s) * self._qps) - 1
            self._filled_s = now_s
            wait_s = max(0.0, -self._tokens / self._qps)
            self._waiting += wait_s > 0
            return wait_s


class Slots:
    """At most `n` at once. Thread-safe."""

    def __init__(self, n: int = MAX_LISTS, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._n = n
        self._clock = clock
        self._closed = False
        self._changed = threading.Condition()
        self.taken = 0
        """How many are held now."""
        self.waiting = 0
        """How many wait for one now."""
        self.waited_s = 0.0
        """What all who came have waited, together."""

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot, waiting for it. Raises Cancelled when closed before."""
        with self._changed:
            if self.taken >= self._n and not self._closed:
                self._wait()
            if self._closed:
                raise Cancelled("the connection to the cluster was closed")
            self.taken += 1
        try:
            yield
        finally:
            with self._changed:
                self.taken -= 1
                self._changed.notify()

    def _wait(self) -> None:
        began_s = self._clock()
        self.waiting += 1
        try:
            self._changed.wait_for(lambda: self.taken < self._n or self._closed)
        finally:
            self.waiting -= 1
            self.waited_s += self._clock() - began_s

    def close(self) -> None:
        """Turn away who waits, and all who come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
