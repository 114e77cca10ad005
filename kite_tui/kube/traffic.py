"""Counters of all requests to one server, written where they are made."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kite_tui.kube.ratelimit import Slots, TokenBucket
from kite_tui.objects.load import BOUNDS_S, Durations, Traffic

FAILED = "failed"


class Counted:
    """A request that is being counted."""

    def __init__(self) -> None:
        self.outcome = FAILED

    def answered(self, status: int) -> None:
        """There was a whole answer (of a watch: its beginning)."""
        self.outcome = str(status)


class _Histogram:
    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    def note(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds


class TrafficCounter:
    """Thread-safe: a lock is held for a few additions. 2 µs a request, a third of one a read from a socket."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._durations: dict[str, _Histogram] = {}
        self._received_b = 0
        self._throttled_s = 0.0
        self._watches = 0

    @contextmanager
    def request(self, verb: str) -> Iterator[Counted]:
        """Count what is asked inside as one request, however it ends. What was not answered has no duration."""
        counted = Counted()
        began_s = self._clock()
        try:
            yield counted
        finally:
            took_s = self._clock() - began_s
            with self._lock:
                self._requests[verb, counted.outcome] += 1
                if counted.outcome != FAILED:
                    self._durations.setdefault(verb, _Histogram()).note(took_s)

    def received(self, n: int) -> None:
        """So many bytes of a body came."""
        with self._lock:
            self._received_b += n

    def throttled(self, seconds: float) -> None:
        """A request waited for the rate limit."""
        with self._lock:
            self._throttled_s += seconds

    def watch_opened(self) -> None:
        """A watch is open; `watch_closed` follows once."""
        with self._lock:
            self._watches += 1

    def watch_closed(self) -> None:
        """A watch is open no more."""
        with self._lock:
            self._watches -= 1

    def as_of_now(self, bucket: TokenBucket, lists: Slots) -> Traffic:
        """All of it, with who waits in `bucket` and for `lists`."""
        with self._lock:
            return Traffic(
                requests=dict(self._requests),
                durations={verb: Durations(tuple(each.counts), each.sum_s) for verb, each in self._durations.items()},
                received_b=self._received_b,
                throttled_s=self._throttled_s,
                queued_s=lists.waited_s,
                throttled_now=bucket.waiting,
                queued_now=lists.waiting,
                lists_now=lists.taken,
                watches_now=self._watches,
            )
