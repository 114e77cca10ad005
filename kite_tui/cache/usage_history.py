"""What nodes used lately: samples for sparklines, in rings of a fixed length."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from kite_tui.objects.usage import NodeUsage

LENGTH = 40
"""Samples kept: ten minutes at one every 15 s, as many as a sparkline has cells."""

_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class UsageSample:
    """Usage summed over the nodes whose usage could be read; None where none could."""

    at_s: float
    cpu_m: int | None
    memory_b: int | None


class UsageHistory:
    """Written by one thread, read by any: readers get copies, made in one step of the interpreter."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._cluster: tuple[UsageSample, ...] = ()
        # Two machine integers a sample: 5 000 nodes are 4 MB, as tuples they would be 25.
        self._cpu_m: dict[str, array[int]] = {}
        self._memory_b: dict[str, array[int]] = {}

    def note(self, at_s: float, nodes: Iterable[NodeUsage]) -> None:
        """Add one sample of every node; nodes that are not among them are forgotten. O(nodes)."""
        cpu_m: dict[str, int | None] = {}
        memory_b: dict[str, int | None] = {}
        for node in nodes:
            cpu_m[node.name] = node.cpu_m
            memory_b[node.name] = node.memory_b
        self._push(self._cpu_m, cpu_m)
        self._push(self._memory_b, memory_b)
        sample = UsageSample(at_s, _total(cpu_m.values()), _total(memory_b.values()))
        self._cluster = (*self._cluster, sample)[-self._length :]

    def cluster(self) -> tuple[UsageSample, ...]:
        """The sums over all nodes, oldest first."""
        return self._cluster

    def node_cpu_m(self, name: str) -> tuple[int | None, ...]:
        """One node's CPU, oldest first; None where a sample could not be read. Empty for an unknown node."""
        return _samples(self._cpu_m.get(name))

    def node_memory_b(self, name: str) -> tuple[int | None, ...]:
        """One node's memory, as `node_cpu_m`."""
        return _samples(self._memory_b.get(name))

    def _push(self, rings: dict[str, array[int]], values: dict[str, int | None]) -> None:
        for name in [name for name in rings if name not in values]:
            del rings[name]
        for name, value in values.items():
            ring = rings.get(name, array("q"))
            known = _UNKNOWN if value is None else value
            rings[name] = ring[1 - self._length :] + array("q", (known,))


def _samples(ring: array[int] | None) -> tuple[int | None, ...]:
    return () if ring is None else tuple(None if value == _UNKNOWN else value for value in ring)


def _total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
