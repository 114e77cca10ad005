"""Whether there is usage at all, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kite_tui.objects.kinds import Kind
from kite_tui.objects.reader import Listing, Reader
from kite_tui.objects.states import State, is_readable
from kite_tui.objects.usage import NodeUsage, PodUsage

FRESH_S = 180
"""A sample older than this is said to be stale; metrics-server samples every 15 to 60 s."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """State of one kind of metrics.k8s.io; `sampled_s` is when its newest sample was taken (seconds since the epoch),
    `samples` how many there are."""

    state: State
    sampled_s: int | None = None
    samples: int = 0

    def is_stale(self, now_s: float) -> bool:
        """True where the newest sample is older than `FRESH_S`."""
        return self.sampled_s is not None and now_s - self.sampled_s > FRESH_S


def metrics_of(reader: Reader, kind: Kind[Any]) -> Metrics:
    """How far the samples of `kind` can be trusted. O(samples)."""
    listing: Listing[NodeUsage | PodUsage] = reader.list(kind)
    if not is_readable(listing.state):
        return Metrics(listing.state)
    times = [usage.sampled_s for usage in listing.objects if usage.sampled_s is not None]
    return Metrics(listing.state, max(times, default=None), len(listing.objects))
