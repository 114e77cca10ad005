"""Events per second over the last seconds, from a counter that only grows."""

from __future__ import annotations

WINDOW_S = 10.0


class Rate:
    """Any thread; two that sample at the same moment may cost each other one sample."""

    def __init__(self) -> None:
        self._samples: tuple[tuple[float, int], ...] = ()

    def sample(self, now_s: float, total: int) -> float:
        """Note the counter and return its growth per second since the oldest sample in the window; 0 at first."""
        recent = tuple(sample for sample in self._samples if now_s - sample[0] <= WINDOW_S)
        self._samples = (*recent[-40:], (now_s, total))
        then_s, before = self._samples[0]
        return (total - before) / (now_s - then_s) if now_s > then_s else 0.0
