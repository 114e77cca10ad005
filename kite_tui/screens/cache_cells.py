"""Columns and cells of what following the cluster costs: the kinds, and the block of requests above them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kite_tui.objects.load import Stalls, Traffic
from kite_tui.objects.states import State
from kite_tui.queries.cache_view import CacheView, KindRow, VerbRow, condensed, is_well
from kite_tui.queries.filters import Vocabulary
from kite_tui.screens.formats import UNKNOWN, age, count, memory, text
from kite_tui.text import units
from kite_tui.widgets.bars import sparkline
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import PAIRS, Section
from kite_tui.widgets.ink import Line, Piece
from kite_tui.widgets.states import sentence, word

COLUMNS: Sequence[Column] = (
    Column("name", "KIND", least=20, most=44, flex=2, flashes=False),
    Column("state", "STATE", least=15, most=26, rank=1),
    Column("objects", "OBJECTS", least=7, align="right", rank=2, flashes=False),
    Column("received", "RECEIVED", least=8, align="right", rank=4, flashes=False),
    Column("held", "HELD ≈", least=6, align="right", rank=7, flashes=False),
    Column("events", "EV/S", least=4, align="right", rank=5, flashes=False),
    Column("list", "LISTED IN", least=9, align="right", rank=8, flashes=False),
    Column("heard", "HEARD", least=5, align="right", rank=6, flashes=False),
    Column("lists", "LISTS", least=5, align="right", rank=10, flashes=False),
    Column("watches", "WATCHES", least=7, align="right", rank=9, flashes=False),
    Column("errors", "ERRORS", least=6, align="right", rank=3),
    Column("error", "LAST ERROR", least=24, most=90, flex=3, rank=11, flashes=False),
)
SORT_KEYS = {"N": ("name",), "S": ("state",)}
LEGEND: Line = [("≈", ""), (" estimated   ", "dim"), ("HEARD", ""), (" last event or bookmark", "dim")]

VOCABULARY: Vocabulary[KindRow] = Vocabulary(
    text=lambda row: row.name,
    columns={
        "name": lambda row: row.name,
        "state": lambda row: type(row.load.state).__name__,
        "error": lambda row: row.last_error,
    },
    classes={"fault": lambda row: is_faulty(row), "live": lambda row: is_well(row.load.state)},
    labels=lambda _: (),
)

_VERBS = (
    Column("verb", "REQUESTS", least=8),
    Column("asked", "SENT", least=5, align="right"),
    Column("refused", "REFUSED", least=7, align="right", rank=3),
    Column("failed", "FAILED", least=6, align="right", rank=2),
    Column("p50", "p50", least=6, align="right", rank=4),
    Column("p95", "p95", least=6, align="right"),
    Column("p99", "p99", least=6, align="right", rank=5),
)
_NAMES = {"list": "lists", "get": "gets", "watch": "watches"}
_RATE = 5
_MOST_BEATS = 60


def is_faulty(row: KindRow) -> bool:
    """True where a kind is not all there now."""
    return not is_well(row.load.state)


def kind_cells(row: KindRow, now_s: float) -> dict[str, Cell]:
    """The cells of a kind by column id."""
    load, counts = row.load, row.load.counts
    return {
        "name": _name(row),
        "state": state_cell(load.state, now_s),
        "objects": count(load.objects),
        "received": memory(counts.received_b),
        "held": memory(row.held_b, "dim"),
        "events": UNKNOWN if row.events_per_s is None else Cell(units.rate(row.events_per_s), "number"),
        "list": duration(load.list_s),
        "heard": age(load.heard_at_s, now_s),
        "lists": count(counts.lists, ""),
        "watches": count(counts.watches, ""),
        "errors": error_count(counts.errors),
        "error": text(row.last_error, "dim"),
    }


def _name(row: KindRow) -> Cell:
    """The resource, which is what kinds differ in, and the end of its group where there is room for it."""
    kind = row.load.kind
    group: Line = [(f".{kind.group}", "dim")] if kind.group else []
    return Cell(row.name, "name", [(kind.resource, "name"), *group])


def state_cell(state: State, now_s: float) -> Cell:
    """A mark and a word, both of their own for each state."""
    mark = sentence(state, "", now_s)[0]
    said = word(state, now_s) or (type(state).__name__.lower(), "")
    return Cell(mark[0] + said[0], said[1], [mark, said])


def error_count(errors: int) -> Cell:
    """How often something went wrong."""
    return Cell("0", "dim") if not errors else Cell(units.count(errors), "warn")


def duration(seconds: float | None) -> Cell:
    """How long something took."""
    return UNKNOWN if seconds is None else Cell(units.duration(seconds))


# -- the block of requests ------------------------------------------------------------------------------------------


def summary(view: CacheView) -> list[Section]:
    """Requests by verb with their times, and what there is of events, bytes, waiting and stalls."""
    return [
        Section("", [_verb_cells(row) for row in view.verbs] or [_verb_unknown()], _VERBS, folds=False),
        Section("", list(_facts(view)), PAIRS, folds=False),
    ]


def _verb_cells(row: VerbRow) -> Sequence[Cell]:
    asked = Cell(units.count(row.asked), "number")
    refused, failed = (error_count(n) if row.asked else UNKNOWN for n in (row.refused, row.failed))
    return (Cell(_NAMES[row.verb]), asked, refused, failed, *map(duration, (row.p50_s, row.p95_s, row.p99_s)))


def _verb_unknown() -> Sequence[Cell]:
    return (Cell("none yet", "dim"), *[UNKNOWN] * 6)


def _facts(view: CacheView) -> Sequence[Sequence[Cell]]:
    load = view.load
    return (
        (Cell("events/s", "dim"), _beats(load.events_per_s, [beat.events_per_s for beat in load.beats])),
        (Cell("requests/s", "dim"), _beats(load.requests_per_s, [beat.requests_per_s for beat in load.beats])),
        (Cell("received", "dim"), _received(load.traffic)),
        (Cell("waiting", "dim"), _waiting(load.traffic)),
        (Cell("stalls", "dim"), _stalls(load.stalls)),
    )


def _beats(now: float | None, samples: Sequence[float | None]) -> Cell:
    """The rate of now, and the last two minutes in what room there is."""
    number: Piece = (units.rate(now).ljust(_RATE), "number") if now is not None else ("-".ljust(_RATE), "faint")

    def drawn(width: int) -> Line:
        room = min(_MOST_BEATS, width - _RATE - 2)
        return [number, ("  ", ""), *sparkline(room, condensed(samples, room))] if room > 0 else [number]

    return Cell(number[0].strip(), number[1], drawn, _RATE + 2 + _MOST_BEATS)


def _received(traffic: Traffic | None) -> Cell:
    if traffic is None:
        return UNKNOWN
    running = f", {traffic.lists_now} lists under way" if traffic.lists_now else ""
    said = f"   {traffic.watches_now} watches open{running}"
    received = units.binary(traffic.received_b)
    return Cell(received + said, "", [(received, "number"), (said, "")])


def _waiting(traffic: Traffic | None) -> Cell:
    if traffic is None:
        return UNKNOWN
    now = traffic.throttled_now + traffic.queued_now
    limit, slots = units.duration(traffic.throttled_s), units.duration(traffic.queued_s)
    number: Piece = (f"{now} now", "warn" if now else "")
    so_far: Piece = (f"   rate limit {limit}, list slots {slots}", "dim")
    return Cell(number[0] + so_far[0], number[1], [number, so_far])


def _stalls(stalls: Stalls | None) -> Cell:
    if stalls is None:
        return UNKNOWN
    most, p99 = units.duration(stalls.most_s), units.duration(stalls.p99_s)
    said = f" at most, p99 {p99}, in {units.duration(max(1, round(stalls.over_s)))}"
    return Cell(most + said, "", [(most, "number"), (said, "")])


Make = Callable[[str, Sequence[Column]], Sequence[Cell]]
"""Makes the cells of a kind by its name, see `ListRows`."""


def maker(view: CacheView) -> Make:
    """Cells for the rows of a view."""
    by_name = {row.name: row for row in view.rows}

    def make(name: str, columns: Sequence[Column]) -> Sequence[Cell]:
        made = kind_cells(by_name[name], view.now_s)
        return [made[column.id] for column in columns]

    return make
