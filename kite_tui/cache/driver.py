"""The threads of the cache: each drives one reflector, or takes turns with several that only poll."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Any

from kite_tui.cache.clock import Clock
from kite_tui.cache.reflector import Reflector

log = logging.getLogger(__name__)

IDLE_S = 3600.0
"""Between two looks where there is nothing to do; a wake-up comes by the event."""


class Driver:
    """A daemon thread that steps reflectors when they are due. No error ends it.

    A reflector that watches needs a driver of its own, because a step lasts as long as the watch.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._clock = clock
        self._arrivals: deque[Reflector[Any]] = deque()
        self._reflectors: list[Reflector[Any]] = []  # the thread's own
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def name(self) -> str:
        """The thread's name."""
        return self._thread.name

    @property
    def is_idle(self) -> bool:
        """Nothing is left to drive. Only whoever adds can tell for how long."""
        return all(reflector.is_stopping for reflector in (*self._reflectors, *self._arrivals))

    def add(self, reflector: Reflector[Any]) -> None:
        """Take a reflector's steps over. Any thread."""
        self._arrivals.append(reflector)
        self._wake.set()

    def start(self) -> None:
        """Start the thread; once."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the due times again: one was changed."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread as soon as the step under way ends (stop its reflector to cut that). Returns at once."""
        self._stopping = True
        self._wake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread's end; True where it ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            self._clock.wait(self._wake, self._turn())

    def _turn(self) -> float:
        """Step what is due; the seconds until something is again."""
        self._wake.clear()
        while self._arrivals:
            self._reflectors.append(self._arrivals[0])  # before it leaves the other: see `is_idle`
            self._arrivals.popleft()
        self._reflectors = [reflector for reflector in self._reflectors if not reflector.is_stopping]
        for reflector in self._reflectors:
            if not self._stopping and reflector.due_s <= self._clock.monotonic_s():
                self._step(reflector)
        now_s = self._clock.monotonic_s()
        return max(0.0, min((reflector.due_s for reflector in self._reflectors), default=now_s + IDLE_S) - now_s)

    def _step(self, reflector: Reflector[Any]) -> None:
        try:
            reflector.step()
        except Exception as error:  # the one place where our own faults end, so that the thread doesn't
            log.exception("a fault in the reflector of %s", threading.current_thread().name)
            try:
                reflector.failed_internally(error)
            except Exception:
                log.exception("a fault over that one")
