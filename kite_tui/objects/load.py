"""What reading a cluster costs the cluster, as of one moment: counters by kind and of all requests together.

Frozen, so that screens, documents and metrics read the same snapshot. What isn't known is None, never 0.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate
from operator import add
from typing import Any

from kite_tui.objects.kinds import Kind
from kite_tui.objects.states import State

BOUNDS_S: tuple[float, ...] = tuple(2.0 ** (step / 4 - 12) for step in range(77))
"""Upper bounds of the buckets of durations, from 0.24 ms to 128 s, each a fifth above the one before."""
_MIDDLE: float = 2.0 ** (-1 / 8)


@dataclass(frozen=True, slots=True)
class Durations:
    """How long things took, as counts: one for each of `BOUNDS_S`, and a last one for what took longer."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    sum_s: float = 0.0

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.counts)

    def quantile_s(self, share: float) -> float | None:
        """The duration that `share` of all did not exceed, to a tenth (a bucket's middle); None where there were
        none."""
        if not self.count:
            return None
        at = bisect_left(list(accumulate(self.counts)), max(1, round(share * self.count)))
        return BOUNDS_S[at] * _MIDDLE if at < len(BOUNDS_S) else BOUNDS_S[-1]


@dataclass(frozen=True, slots=True)
class Traffic:
    """All requests to one server since the way to it was opened.

    `requests` counts by (verb, outcome): verbs are list, get and watch, an outcome is the status ("200", "403") or
    "failed" where no whole answer came. `durations` are those of what was answered, by verb: of lists and gets to
    their last byte, of watches to their opening, both after any waiting here.
    """

    requests: Mapping[tuple[str, str], int] = field(default_factory=dict)
    durations: Mapping[str, Durations] = field(default_factory=dict)
    received_b: int = 0
    """Bytes of bodies, compressed as they came."""
    throttled_s: float = 0.0
    """What requests waited for the rate limit, all together."""
    queued_s: float = 0.0
    """What lists waited because so many were under way, all together."""
    throttled_now: int = 0
    queued_now: int = 0
    lists_now: int = 0
    watches_now: int = 0

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.requests.values())


@dataclass(frozen=True, slots=True)
class Counts:
    """What was asked of a kind and what came, since it is followed."""

    lists: int = 0
    """Lists that came to their end."""
    relists: int = 0
    """Lists after the first one of each scope."""
    watches: int = 0
    """Watches that were opened."""
    reconnects: int = 0
    """Watches after the first one of each scope."""
    events: int = 0
    """Events that added, modified or deleted an object."""
    received_b: int = 0
    """Bytes of pages and events, compressed as they came."""
    malformed: int = 0
    errors: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.lists + other.lists,
            self.relists + other.relists,
            self.watches + other.watches,
            self.reconnects + other.reconnects,
            self.events + other.events,
            self.received_b + other.received_b,
            self.malformed + other.malformed,
            self.errors + other.errors,
        )


def total(counts: Iterable[Counts]) -> Counts:
    """All together."""
    return reduce(add, counts, Counts())


@dataclass(frozen=True, slots=True)
class ScopeLoad:
    """What following one kind in one scope costs. Times are seconds since the epoch."""

    name: str
    """A namespace; empty for the whole cluster."""
    state: State
    counts: Counts = Counts()
    list_s: float | None = None
    """How long the last whole list took, with the waiting in between."""
    listed_at_s: float | None = None
    heard_at_s: float | None = None
    """When the server last told of the objects: a list, an event, a bookmark."""
    last_error: str = ""
    failed_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class KindLoad:
    """What following a kind costs, all its scopes together."""

    kind: Kind[Any]
    state: State
    objects: int | None
    scopes: tuple[ScopeLoad, ...]
    counts: Counts
    """Of scopes that are not asked any more, too."""

    @property
    def list_s(self) -> float | None:
        """How long the slowest of the last lists took."""
        return max((scope.list_s for scope in self.scopes if scope.list_s is not None), default=None)

    @property
    def listed_at_s(self) -> float | None:
        """When the scope was listed whose list is the oldest."""
        return min((scope.listed_at_s for scope in self.scopes if scope.listed_at_s is not None), default=None)

    @property
    def heard_at_s(self) -> float | None:
        """When the scope was heard of that has been silent longest."""
        return min((scope.heard_at_s for scope in self.scopes if scope.heard_at_s is not None), default=None)

    @property
    def last_failure(self) -> ScopeLoad | None:
        """The scope whose last error is the newest, None where there was none."""
        failed = [scope for scope in self.scopes if scope.failed_at_s is not None]
        return max(failed, key=lambda scope: scope.failed_at_s or 0, default=None)


@dataclass(frozen=True, slots=True)
class Beat:
    """One second: events of watches and requests in it, as rates; None where that isn't known."""

    events_per_s: float | None
    requests_per_s: float | None


@dataclass(frozen=True, slots=True)
class Stalls:
    """How late a timer of the screen's event loop was at most, and all but one in a hundred times, over the last
    `over_s` (a minute at most): so long nothing was drawn and no key was read."""

    most_s: float
    p99_s: float
    over_s: float


@dataclass(frozen=True, slots=True)
class Load:
    """All of it. `counts` are of all kinds, those no longer followed too; rates are over the last ten seconds, None
    until there was one second of them or where nothing is watched; `beats` has the last seconds, the newest last;
    `weights` are estimates of the bytes that objects take; `stalls` are None where nobody times them."""

    kinds: tuple[KindLoad, ...] = ()
    counts: Counts = Counts()
    traffic: Traffic | None = None
    events_per_s: float | None = None
    requests_per_s: float | None = None
    kind_events_per_s: Mapping[Kind[Any], float] = field(default_factory=dict)
    beats: tuple[Beat, ...] = ()
    weights: Mapping[Kind[Any], int] = field(default_factory=dict)
    stalls: Stalls | None = None
