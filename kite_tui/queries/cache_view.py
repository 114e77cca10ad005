"""What the Cache screen shows: each kind with what it costs, in order, and the requests behind all of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kite_tui.objects.load import Durations, KindLoad, Load, ScopeLoad, Traffic
from kite_tui.objects.states import Live, Polling, State
from kite_tui.queries.sorting import ranked
from kite_tui.queries.truth import ORDER

VERBS = ("list", "get", "watch")
"""How requests are told apart; the time of a watch is that of its opening."""


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind and what it costs. `held_b` is an estimate, None where nothing is held."""

    load: KindLoad
    events_per_s: float | None = None
    held_b: int | None = None

    @property
    def name(self) -> str:
        """The kind, unique across groups."""
        return self.load.kind.plural

    @property
    def last_error(self) -> str:
        """What went wrong last, empty where nothing ever did."""
        failure = self.load.last_failure
        return failure.last_error if failure is not None else ""


@dataclass(frozen=True, slots=True)
class VerbRow:
    """The requests of one verb. `refused` were answered with an error, `failed` had no whole answer; percentiles are
    None where nothing was answered yet."""

    verb: str
    asked: int
    refused: int
    failed: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class CacheView:
    """Everything on the screen. `total` counts the kinds before the filter."""

    rows: tuple[KindRow, ...]
    total: int
    verbs: tuple[VerbRow, ...]
    load: Load
    now_s: float
    objects: int | None
    held_b: int | None

    def row(self, name: str) -> KindRow | None:
        """The kind of this name, None where it is not among the rows."""
        return next((row for row in self.rows if row.name == name), None)


SORTS: Mapping[str, Callable[[KindRow], Any]] = {
    "name": lambda row: row.name,
    "state": lambda row: ORDER.index(type(row.load.state)) if type(row.load.state) in ORDER else len(ORDER),
    "objects": lambda row: _descending(row.load.objects),
    "received": lambda row: -row.load.counts.received_b,
    "held": lambda row: _descending(row.held_b),
    "events": lambda row: _descending(row.events_per_s),
    "list": lambda row: _descending(row.load.list_s),
    "heard": lambda row: row.load.heard_at_s,
    "lists": lambda row: -row.load.counts.lists,
    "watches": lambda row: -row.load.counts.watches,
    "errors": lambda row: -row.load.counts.errors,
    "error": lambda row: row.last_error or None,
}
"""Numbers compare largest first, which is what one sorts by them for, and so do silences; states worst first. None is
unknown and comes last in both directions; ties go by name."""


def _descending(value: float | None) -> float | None:
    return None if value is None else -value


def rows_of(load: Load) -> tuple[KindRow, ...]:
    """Every kind, by name."""
    rows = [KindRow(each, load.kind_events_per_s.get(each.kind), load.weights.get(each.kind)) for each in load.kinds]
    return tuple(sorted(rows, key=lambda row: row.name))


def cache_view(
    load: Load,
    now_s: float,
    *,
    keeps: Callable[[KindRow], bool] = lambda _: True,
    column: str = "name",
    reverse: bool = False,
) -> CacheView:
    """The kinds that `keeps`, ordered by a column, beside what holds for all. Raises KeyError for an unknown column."""
    value = SORTS[column]
    everything = rows_of(load)
    kept = sorted(filter(keeps, everything), key=lambda row: ranked(value(row), reverse, row.name), reverse=reverse)
    return CacheView(
        rows=tuple(kept),
        total=len(everything),
        verbs=verb_rows(load.traffic),
        load=load,
        now_s=now_s,
        objects=_sum(row.load.objects for row in everything),
        held_b=_sum(row.held_b for row in everything),
    )


def _sum(numbers: Iterable[int | None]) -> int | None:
    """Of those that are known; None where none is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def verb_rows(traffic: Traffic | None) -> tuple[VerbRow, ...]:
    """Requests by verb; none where nothing was asked yet."""
    return () if traffic is None else tuple(_verb_row(traffic, verb) for verb in VERBS)


def _verb_row(traffic: Traffic, verb: str) -> VerbRow:
    outcomes = {outcome: count for (of, outcome), count in traffic.requests.items() if of == verb}
    took = traffic.durations.get(verb, Durations())
    return VerbRow(
        verb,
        asked=sum(outcomes.values()),
        refused=sum(count for outcome, count in outcomes.items() if is_refusal(outcome)),
        failed=outcomes.get("failed", 0),
        p50_s=took.quantile_s(0.5),
        p95_s=took.quantile_s(0.95),
        p99_s=took.quantile_s(0.99),
    )


def is_refusal(outcome: str) -> bool:
    """True for the status of an error."""
    return outcome.isdigit() and int(outcome) >= 400


def is_well(state: State) -> bool:
    """True where the objects are those of this moment, or of the last poll."""
    return isinstance(state, Live | Polling)


def scope_name(scope: ScopeLoad) -> str:
    """In a person's words."""
    return scope.name or "the whole cluster"


def condensed(samples: Sequence[float | None], cells: int) -> list[float | None]:
    """All samples in at most `cells`, each the mean of those that fall together; None where none of them is known."""
    if cells < 1 or len(samples) <= cells:
        return list(samples[-cells:]) if cells > 0 else []
    edges = [at * len(samples) // cells for at in range(cells + 1)]
    return [_mean(samples[edges[at] : edges[at + 1]]) for at in range(cells)]


def _mean(samples: Sequence[float | None]) -> float | None:
    known = [sample for sample in samples if sample is not None]
    return sum(known) / len(known) if known else None
