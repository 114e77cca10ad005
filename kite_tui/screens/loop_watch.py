"""How long the event loop was held up: a timer on it that notes how late it is. While it is late nothing is drawn and
no key is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kite_tui.objects.load import Stalls

EVERY_S = 0.1
WINDOW_S = 60.0


class Timer(Protocol):
    """What a loop gives for a call that it will make."""

    def cancel(self) -> None: ...


class Loop(Protocol):
    """What is needed of an event loop."""

    def time(self) -> float: ...
    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer: ...


class LoopWatch:
    """Runs while anybody wants to know: ten wake-ups a second. `begin` and `end` belong to the loop's thread."""

    def __init__(self, loop: Callable[[], Loop] = asyncio.get_running_loop) -> None:
        self._running_loop = loop
        self._wanted_by: set[str] = set()
        self._timer: Timer | None = None
        self._began_s = self._due_s = 0.0
        self._late: tuple[tuple[float, float], ...] = ()  # (when, how much), the newest last

    def begin(self, who: str) -> None:
        """Somebody wants to know from now on."""
        self._wanted_by.add(who)
        if self._timer is None:
            loop = self._running_loop()
            self._late, self._began_s = (), loop.time()
            self._wait(loop)

    def end(self, who: str) -> None:
        """Somebody doesn't any more; with the last of them goes the timer."""
        self._wanted_by.discard(who)
        if self._timer is not None and not self._wanted_by:
            self._timer.cancel()
            self._timer = None

    def stalls(self) -> Stalls | None:
        """Of the last minute, None where nothing is known of it. Any thread."""
        from kite_tui.objects.load import Stalls  # nobody asks before the first frame

        late = self._late
        if self._timer is None or not late:
            return None
        ordered = sorted(seconds for _, seconds in late)
        return Stalls(
            most_s=ordered[-1],
            p99_s=ordered[max(0, -(-99 * len(ordered) // 100) - 1)],
            over_s=min(WINDOW_S, late[-1][0] - self._began_s),
        )

    def _wait(self, loop: Loop) -> None:
        self._due_s = loop.time() + EVERY_S
        self._timer = loop.call_later(EVERY_S, self._note)

    def _note(self) -> None:
        loop = self._running_loop()
        now_s = loop.time()
        recent = tuple(each for each in self._late if now_s - each[0] < WINDOW_S)
        self._late = (*recent, (now_s, max(0.0, now_s - self._due_s)))
        self._wait(loop)
