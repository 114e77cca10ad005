"""Whether the machine slept: what happened meanwhile is not known, and its connections may be dead without a word."""

from __future__ import annotations

import time
from collections.abc import Callable

NOTICED_S = 5.0
"""As short a sleep no server takes for an end."""


def with_sleep_s() -> float:
    """Seconds from anywhere that go on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))  # macOS counts sleep in the latter


class Sleep:
    """Compares two clocks, of which one stands still while the machine sleeps. One thread."""

    def __init__(
        self, awake_s: Callable[[], float] = time.monotonic, with_sleep_s: Callable[[], float] = with_sleep_s
    ) -> None:
        self._awake_s, self._with_sleep_s = awake_s, with_sleep_s
        self._asleep_s = with_sleep_s() - awake_s()

    def is_over(self) -> bool:
        """True where the machine slept since this was asked last. O(1)."""
        before, self._asleep_s = self._asleep_s, self._with_sleep_s() - self._awake_s()
        return self._asleep_s - before > NOTICED_S
