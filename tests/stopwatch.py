"""How long something took on a machine that does other things, too."""

from __future__ import annotations

import time
from pathlib import Path


class Stopwatch:
    """Runs from when it is made. What a task (this thread, or the main thread of a process) spent meanwhile in the
    queue for a processor doesn't count, where the kernel tells: that is up to what else the machine does."""

    def __init__(self, task: int | str = "thread-self") -> None:
        self._task = task
        self._begun_s, self._queued_s = time.monotonic(), self._queued()

    @property
    def wall_s(self) -> float:
        """By the clock on the wall."""
        return time.monotonic() - self._begun_s

    @property
    def s(self) -> float:
        """Without the time in the queue. Works until the process is reaped."""
        return self.wall_s - (self._queued() - self._queued_s)

    def _queued(self) -> float:
        counted = Path(f"/proc/{self._task}/schedstat")
        return int(counted.read_text().split()[1]) / 1e9 if counted.exists() else 0.0
