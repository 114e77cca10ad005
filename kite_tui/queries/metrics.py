"""Whether there is usage at all, how old it is, and of how many nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kite_tui.objects.kinds import NODE_METRICS, NODES, Kind
from kite_tui.objects.reader import Listing, Reader
from kite_tui.objects.states import State, is_readable
from kite_tui.objects.usage import NodeUsage, PodUsage
from kite_tui.text.ages import human_duration

FRESH_S = 180
"""A sample older than this is said to be stale; metrics-server samples every 15 to 60 s."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """State of one kind of metrics.k8s.io; `sampled_s` is when its newest sample was taken (seconds since the epoch),
    `samples` how many there are, and `of` how many there should be: one for each listed node, None where that isn't
    known (as of pods, which needn't run)."""

    state: State
    sampled_s: int | None = None
    samples: int = 0
    of: int | None = None

    def is_stale(self, now_s: float) -> bool:
        """True where the newest sample is older than `FRESH_S`."""
        return self.sampled_s is not None and now_s - self.sampled_s > FRESH_S

    @property
    def is_whole(self) -> bool:
        """False where listed nodes have no sample, and a sum over samples is less than the truth."""
        return self.of is None or self.samples >= self.of

    def note(self, now_s: float) -> str:
        """What a number made of these samples leaves open, such as `stale 4m; 3 of 5 nodes have a sample`; else
        empty."""
        stale = f"stale {human_duration(now_s - self.sampled_s)}" if self.sampled_s and self.is_stale(now_s) else ""
        missing = "" if self.is_whole else f"{self.samples} of {self.of} nodes have a sample"
        return "; ".join(filter(None, (stale, missing)))


def metrics_of(reader: Reader, kind: Kind[Any]) -> Metrics:
    """How far the samples of `kind` can be trusted; those of nodes that aren't listed don't count. O(samples)."""
    listing: Listing[NodeUsage | PodUsage] = reader.list(kind)
    if not is_readable(listing.state):
        return Metrics(listing.state)
    samples, of = listing.objects, None
    if kind is NODE_METRICS and is_readable(reader.state(NODES)):
        names = {node.name for node in reader.list(NODES).objects}
        samples, of = tuple(usage for usage in samples if usage.name in names), len(names)
    times = [usage.sampled_s for usage in samples if usage.sampled_s is not None]
    return Metrics(listing.state, max(times, default=None), len(samples), of)
