"""What every table has in common, whatever its rows are: a filter, an order, faults only, wide columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kite_tui.queries.filters import Filter, Vocabulary, parse_filter
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.caption import Caption
from kite_tui.screens.ordering import after_click, after_key, arrow
from kite_tui.session.cluster import ClusterSession
from kite_tui.widgets.columns import Column
from kite_tui.widgets.foot import Foot
from kite_tui.widgets.ink import Line, Piece
from kite_tui.widgets.table import RowTable

V = TypeVar("V")


class ListScreen(KiteScreen[V], Generic[V]):
    """A table below a line that says what is shown. Subclasses give the columns and, as every screen, the question."""

    VOCABULARY: ClassVar[Vocabulary[Any]]
    SORT_KEYS: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Key → the columns it sorts by; the same key again takes the next one, or the other direction of the only one."""
    AUTO_FOCUS = "RowTable"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="table.filter"),
        Binding("w,ctrl+w", "wide", "Wide columns", show=False, id="table.wide"),
        Binding("F,ctrl+z", "faults", "Faults only", show=False, id="table.faults"),
        Binding("N", "sort('N')", "Sort by name", show=False, id="table.sort_name"),
        Binding("S", "sort('S')", "Sort by status", show=False, id="table.sort_status"),
    ]

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        self.filter: Filter[Any] = parse_filter("", self.VOCABULARY)
        self.faults_only = False
        self.wide = False
        self.sort_column = next(iter(self.SORT_KEYS.values()))[0]
        self.reverse = False

    # -- what a subclass says -----------------------------------------------------------------------------------

    def columns(self) -> Sequence[Column]:
        """The columns to show now."""
        raise NotImplementedError

    # -- widgets ------------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """A line that says what is shown, and the table."""
        yield Caption()
        yield RowTable(self.columns())

    @property
    def table(self) -> RowTable:
        """The table."""
        return self.query_one(RowTable)

    def on_mount(self) -> None:
        """Begin with the order that was chosen before there was a table."""
        self.table.set_sort(*arrow((self.sort_column, self.reverse)))

    @property
    def is_narrowed(self) -> bool:
        """True where a filter may hold rows back."""
        return bool(self.filter.text) or self.faults_only

    def narrowing(self) -> Line:
        """What holds rows back, for the line above the table."""
        pieces: list[Piece] = []
        if self.filter.text:
            pieces += [("   filter ", "dim"), (self.filter.text, "accent")]
        if self.filter.notice:
            pieces.append((f"  {self.filter.notice}", "warn"))
        if self.faults_only:
            pieces += [("   ", ""), ("faults only", "warn")]
        return pieces

    def look_anew(self) -> None:
        """Ask because a person wants other rows, or another order."""
        self.look()

    # -- filter -------------------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show what the filter keeps. Typing never queues up: the newest text is answered next."""
        self.filter = parse_filter(text, self.VOCABULARY)
        self.foot.set_notice(self.filter.notice)
        self.look_anew()

    def begin_with(self, text: str, sort: str, came_from: str) -> None:
        """Come to this list with a filter and an order (empty: as it was), also before it was ever on screen."""
        self.came_from = came_from
        self.filter = parse_filter(text, self.VOCABULARY)
        self.faults_only = False
        if sort:
            self.set_sort(sort)
        if self.is_mounted:
            self.look_anew()

    def action_filter(self) -> None:
        """Open the filter prompt on what is set."""
        self.foot.open_filter(self.filter.text)

    @on(Foot.Filtered)
    def _filtered(self, event: Foot.Filtered) -> None:
        self.set_filter(event.text)

    def action_escape(self) -> None:
        """Clear the filter, else back; a filter that a tile brought along goes with the way back."""
        narrowed = self.is_narrowed
        if narrowed:
            self.faults_only = False
            self.set_filter("")
        if self.came_from or not narrowed:
            super().action_escape()

    def action_faults(self) -> None:
        """Only rows that something is wrong with, or all again."""
        self.faults_only = not self.faults_only
        self.look_anew()

    # -- order and columns --------------------------------------------------------------------------------------

    def set_sort(self, column: str, reverse: bool = False) -> None:
        """Order by a column."""
        self.sort_column, self.reverse = column, reverse
        if self.is_mounted:
            self.table.set_sort(*arrow((column, reverse)))
            self.look_anew()

    def action_sort(self, key: str) -> None:
        """Order by what the key stands for; again: by the next thing it stands for, or the other way round."""
        columns = self.SORT_KEYS.get(key, ())
        if columns:
            self.set_sort(*after_key(columns, (self.sort_column, self.reverse)))

    @on(RowTable.SortRequested)
    def _sort_requested(self, event: RowTable.SortRequested) -> None:
        event.stop()
        self.set_sort(*after_click(event.column_id, (self.sort_column, self.reverse)))

    def action_wide(self) -> None:
        """More columns, or fewer again."""
        self.wide = not self.wide
        self.lay_out()

    def lay_out(self) -> None:
        """Bring the table's columns up to date."""
        self.table.set_columns(self.columns(), wide=self.wide)
