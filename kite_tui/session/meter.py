"""What reading the cluster costs, second by second: counters of cache and transport turned into rates."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from kite_tui.objects.kinds import Kind
from kite_tui.objects.load import Beat, Counts, KindLoad, Load, Stalls, Traffic

LENGTH = 120
"""Seconds that are remembered one by one."""
WINDOW_S = 10.0
RECENT = 12
"""The most samples of a window: one a second."""
SHORT_S = 0.9
"""Over less than about a second a rate would be a guess."""
BRIEF_S = 0.1
"""One beat after another: a timer may be early."""
WEIGHED_S = 30.0
"""As long an estimate of what objects take is as good as a new one."""


Read = Callable[[], Load | None]
"""What reading a cluster costs, as of now; None while there is none."""
Export = Callable[[Read], None]
"""Told what to ask, for as long as the program runs."""


class Metered(Protocol):
    """What counts: the watch cache, and the lists of `--no-cache`."""

    def loads(self) -> tuple[KindLoad, ...]: ...
    def counts(self) -> Counts: ...
    def estimated_b(self, kind: Kind[Any]) -> int: ...


@dataclass(frozen=True, slots=True)
class _Sample:
    """Totals of one moment; None is unknown: nothing is watched, or nothing was asked yet."""

    at_s: float
    events: int | None
    requests: int | None


class Meter:
    """`sample` belongs to one thread and is called once a second; all else to any thread."""

    def __init__(
        self,
        source: Metered,
        traffic: Callable[[], Traffic | None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._traffic = traffic
        self._clock = clock
        self._samples: tuple[_Sample, ...] = ()
        self._by_kind: tuple[tuple[float, Mapping[Kind[Any], int]], ...] = ()
        self._weights: Mapping[Kind[Any], tuple[float, int]] = {}
        self._received_b = 0
        self._heard_s: float | None = None

    def sample(self) -> None:
        """Note the totals of now. O(kinds): a millisecond for 60 of them."""
        now_s, counts, traffic = self._clock(), self._source.counts(), self._traffic()
        sample = _Sample(now_s, counts.events if counts.watches else None, traffic.total if traffic else None)
        self._samples = (*self._samples[-LENGTH:], sample)
        events = {load.kind: load.counts.events for load in self._source.loads() if load.counts.watches}
        recent = tuple(each for each in self._by_kind if now_s - each[0] <= WINDOW_S)
        self._by_kind = (*recent, (now_s, events))
        received_b = traffic.received_b if traffic else 0
        if received_b != self._received_b:
            self._received_b, self._heard_s = received_b, now_s

    @property
    def silent_s(self) -> float | None:
        """How long the server has said nothing at all, to a second; None where it never said anything."""
        return None if self._heard_s is None else self._clock() - self._heard_s

    @property
    def events_per_s(self) -> float | None:
        """Events of watches a second, over the last ten; None where nothing is watched, and in the first second."""
        return _rate([(each.at_s, each.events) for each in self._recent()])

    def load(self, stalls: Stalls | None = None) -> Load:
        """Everything, as of now. O(kinds), but every half minute objects are weighed: perhaps 20 ms a kind, so it is
        for no thread that anybody waits for."""
        samples = self._samples
        return Load(
            kinds=self._source.loads(),
            counts=self._source.counts(),
            traffic=self._traffic(),
            events_per_s=self.events_per_s,
            requests_per_s=_rate([(each.at_s, each.requests) for each in self._recent()]),
            kind_events_per_s=self._rates_by_kind(),
            beats=tuple(_beat(before, after) for before, after in pairwise(samples)),
            weights=self._weighed(),
            stalls=stalls,
        )

    def forget_weights(self) -> None:
        """Weigh anew at the next load."""
        self._weights = {}

    def _weighed(self) -> Mapping[Kind[Any], int]:
        now_s, known = self._clock(), self._weights
        weights = {}
        for load in self._source.loads():
            if load.objects is not None:
                at_s, weight_b = known.get(load.kind, (-WEIGHED_S, 0))
                is_old = now_s - at_s >= WEIGHED_S
                weights[load.kind] = (now_s, self._source.estimated_b(load.kind)) if is_old else (at_s, weight_b)
        self._weights = weights
        return {kind: weight_b for kind, (_, weight_b) in weights.items()}

    def _recent(self) -> list[_Sample]:
        samples = self._samples[-RECENT:]
        return [each for each in samples if samples[-1].at_s - each.at_s <= WINDOW_S]

    def _rates_by_kind(self) -> Mapping[Kind[Any], float]:
        samples = self._by_kind
        kinds = samples[-1][1] if samples else ()
        rates = {kind: _rate([(at_s, events.get(kind)) for at_s, events in samples]) for kind in kinds}
        return {kind: rate for kind, rate in rates.items() if rate is not None}


def _rate(totals: list[tuple[float, int | None]], least_s: float = SHORT_S) -> float | None:
    """Growth a second from the first known total to the last, or since the counter began anew; None over less than
    `least_s`."""
    known: list[tuple[float, int]] = []
    for at_s, total in totals:
        if total is not None:
            if known and total < known[-1][1]:
                known.clear()
            known.append((at_s, total))
    if not known:
        return None
    (then_s, before), (now_s, after) = known[0], known[-1]
    return (after - before) / (now_s - then_s) if now_s - then_s >= least_s else None


def _beat(before: _Sample, after: _Sample) -> Beat:
    return Beat(
        _rate([(before.at_s, before.events), (after.at_s, after.events)], BRIEF_S),
        _rate([(before.at_s, before.requests), (after.at_s, after.requests)], BRIEF_S),
    )
