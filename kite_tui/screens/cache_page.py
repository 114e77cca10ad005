"""One kind of the cache: what went wrong last, in full, and every scope that it is read in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult

from kite_tui.objects.load import ScopeLoad
from kite_tui.queries.cache_view import CacheView, KindRow, cache_view, scope_name
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.cache_cells import duration, error_count, state_cell
from kite_tui.screens.formats import UNKNOWN, age, count, memory
from kite_tui.screens.missing import WHOLE
from kite_tui.session.cluster import ClusterSession
from kite_tui.text import units
from kite_tui.text.ages import human_duration
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import PAIRS, Section, Sections
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.states import sentence

_SCOPES = (
    Column("scope", "SCOPE", least=10, most=40),
    Column("state", "STATE", least=10, most=24),
    Column("lists", "LISTS", least=5, align="right", rank=5),
    Column("list", "LISTED IN", least=9, align="right", rank=4),
    Column("watches", "WATCHES", least=7, align="right", rank=3),
    Column("events", "EVENTS", least=6, align="right", rank=2),
    Column("heard", "HEARD", least=5, align="right", rank=1),
    Column("errors", "ERRORS", least=6, align="right", rank=1),
    Column("error", "LAST ERROR", least=14, flex=1),
)


class CachePage(KiteScreen[CacheView]):
    """The page of one kind, by its plural."""

    NAME = "cache-kind"
    AUTO_FOCUS = "Sections"

    def __init__(self, session: ClusterSession, name: str) -> None:
        super().__init__(session)
        self.kind_name = name

    def body(self) -> ComposeResult:
        """All of it."""
        yield Sections()

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (KeyHint("ctrl-r", "ask again", 1), KeyHint("esc", "back"))

    def tick(self) -> None:
        """The numbers go on by themselves."""
        self.look()

    def question(self) -> Callable[[], CacheView]:
        """Everything: a kind is one of its rows."""
        reader, meter = self.session.reader, self.session.meter
        return lambda: cache_view(meter.load(), reader.now_s())

    def show(self, view: CacheView) -> None:
        """Lay the page out."""
        row = view.row(self.kind_name)
        if row is None:
            sections = [Section(self.kind_name, [(Cell("is not followed any more", "warn"),)], WHOLE)]
        else:
            sections = [*_sections(row, view.now_s)]
        self.query_one(Sections).show(sections)


def _sections(row: KindRow, now_s: float) -> Sequence[Section]:
    load, counts = row.load, row.load.counts
    state = sentence(load.state, row.name, now_s)
    facts = [
        (Cell("state", "dim"), Cell("".join(said for said, _ in state), state[0][1])),
        (Cell("objects", "dim"), count(load.objects)),
        (Cell("held", "dim"), _held(row)),
        (Cell("last list", "dim"), _last_list(row, now_s)),
        (Cell("heard", "dim"), _ago(load.heard_at_s, now_s)),
    ]
    numbers = [
        (Cell("received", "dim"), memory(counts.received_b)),
        (Cell("events", "dim"), _events(row)),
        (Cell("lists", "dim"), _times(counts.lists, counts.relists)),
        (Cell("watches", "dim"), _times(counts.watches, counts.reconnects)),
        (Cell("malformed", "dim"), error_count(counts.malformed)),
        (Cell("errors", "dim"), error_count(counts.errors)),
    ]
    sections = [Section(row.name, facts), Section("", numbers)]
    failure = load.last_failure
    if failure is not None:
        said = [
            (Cell("when", "dim"), _ago(failure.failed_at_s, now_s)),
            (Cell("where", "dim"), Cell(scope_name(failure))),
            (Cell("what", "dim"), Cell(failure.last_error, "warn")),
        ]
        sections.append(Section("Last error", said, PAIRS, across=True))
    scopes = [_scope(scope, now_s) for scope in load.scopes]
    return [*sections, Section("Scopes", scopes, _SCOPES, across=True)]


def _times(times: int, again: int) -> Cell:
    return Cell(units.count(times) + (f", {units.count(again)} of them anew" if again else ""))


def _held(row: KindRow) -> Cell:
    return UNKNOWN if row.held_b is None else Cell(f"≈ {units.binary(row.held_b)}, estimated from a sample")


def _events(row: KindRow) -> Cell:
    rate = "" if row.events_per_s is None else f", {units.rate(row.events_per_s)} a second"
    return Cell(units.count(row.load.counts.events) + rate)


def _last_list(row: KindRow, now_s: float) -> Cell:
    load = row.load
    if load.list_s is None or load.listed_at_s is None:
        return UNKNOWN
    return Cell(f"{human_duration(max(0.0, now_s - load.listed_at_s))} ago, in {units.duration(load.list_s)}")


def _ago(at_s: float | None, now_s: float) -> Cell:
    return UNKNOWN if at_s is None else Cell(f"{human_duration(max(0.0, now_s - at_s))} ago")


def _scope(scope: ScopeLoad, now_s: float) -> Sequence[Cell]:
    counts = scope.counts
    return (
        Cell(scope_name(scope), "name"),
        state_cell(scope.state, now_s),
        count(counts.lists, ""),
        duration(scope.list_s),
        count(counts.watches, ""),
        count(counts.events, ""),
        age(scope.heard_at_s, now_s),
        error_count(counts.errors),
        Cell(scope.last_error, "dim"),
    )
