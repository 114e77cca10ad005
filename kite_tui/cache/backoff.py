"""How long to wait before the next try: the arithmetic of client-go's reflector.

800 ms doubling to 30 s, and as much again at random. The jitter's upper half matters: after an outage every client
of a cluster comes back at once, and spreading them over twice the delay halves the peak.
"""

from __future__ import annotations

from random import Random

from kite_tui.cache.clock import Clock

FIRST_S = 0.8
CAP_S = 30.0
HEALTH_S = 120.0
"""Failures further apart than this are not one outage."""


class Backoff:
    """Delays of one kind and scope. Not thread-safe: it belongs to its reflector's thread."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._base_s = FIRST_S
        self._healthy_since_s: float | None = None
        self._had_expired = False

    def succeeded(self) -> None:
        """The server answered well: health begins here unless it already lasts."""
        if self._healthy_since_s is None:
            self._healthy_since_s = self._clock.monotonic_s()

    def next_s(self) -> float:
        """The delay before the next try, between base and twice the base; counts as a failure, so health ends."""
        self._end_health()
        return self._step_s() * (1 + self._random.random())

    def first_expiry(self) -> bool:
        """True for the first 410 since health, which may be followed by a relist without delay.

        That is a step of the back-off, too: a list and its watch are two requests, and a server that has lost every
        history answers each watch with the next 410.
        """
        self._end_health()
        first = not self._had_expired
        self._had_expired = True
        if first:
            self._step_s()
        return first

    def reset(self) -> None:
        """Start over, as after a person asked for a try now."""
        self._base_s = FIRST_S
        self._had_expired = False
        self._healthy_since_s = None

    def _step_s(self) -> float:
        base_s = self._base_s
        self._base_s = min(base_s * 2, CAP_S)
        return base_s

    def _end_health(self) -> None:
        since_s, self._healthy_since_s = self._healthy_since_s, None
        if since_s is not None and self._clock.monotonic_s() - since_s >= HEALTH_S:
            self.reset()
