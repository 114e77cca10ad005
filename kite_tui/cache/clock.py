"""Time as the cache sees it: injected, so that tests move it instead of waiting for it."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Thread-safe."""

    def now_s(self) -> float:
        """Seconds since the epoch: for what a person reads. May jump."""
        ...

    def monotonic_s(self) -> float:
        """Seconds from anywhere, never going back: for every delay and deadline."""
        ...

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Block until `event` is set or `timeout_s` passed; True where it is set."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_s(self) -> float:
        return time.time()

    def monotonic_s(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(timeout_s)
