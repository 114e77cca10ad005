"""What all nodes together used lately: samples for sparklines."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kite_tui.objects.usage import NodeUsage

LENGTH = 40
"""Samples kept: ten minutes at one every 15 s, as many as a sparkline has cells."""


@dataclass(frozen=True, slots=True)
class UsageSample:
    """Usage summed over the nodes whose usage could be read; None where none could."""

    at_s: float
    cpu_m: int | None
    memory_b: int | None


class UsageHistory:
    """Written by one thread, read by any."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._cluster: tuple[UsageSample, ...] = ()

    def note(self, at_s: float, nodes: Collection[NodeUsage]) -> None:
        """Add one sample: the sums over `nodes`. O(nodes)."""
        sample = UsageSample(at_s, _total(node.cpu_m for node in nodes), _total(node.memory_b for node in nodes))
        self._cluster = (*self._cluster, sample)[-self._length :]

    def cluster(self) -> tuple[UsageSample, ...]:
        """The samples, oldest first."""
        return self._cluster


def _total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
