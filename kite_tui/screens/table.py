"""What the lists of nodes and of pods have in common: a filter, an order, faults only, wide columns, the row's keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Record
from kite_tui.objects.states import State, Syncing, is_readable
from kite_tui.queries.filters import Filter, Vocabulary, parse_filter
from kite_tui.queries.ordering import LiveOrder
from kite_tui.queries.relations import Vertex
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.caption import Caption
from kite_tui.screens.ordering import after_click, after_key, arrow
from kite_tui.screens.views import TableView
from kite_tui.session.cluster import ClusterSession
from kite_tui.text import units
from kite_tui.widgets.columns import Column
from kite_tui.widgets.foot import Foot
from kite_tui.widgets.ink import Line, Piece
from kite_tui.widgets.states import placeholder_for, word
from kite_tui.widgets.table import RowTable

R = TypeVar("R", bound=Record)


class TableScreen(KiteScreen[TableView[R]], Generic[R]):
    """A list of one kind. Subclasses give the columns, the arrangement and the cells."""

    KIND: ClassVar[Kind[Any]]
    NOUN: ClassVar[str] = ""
    VOCABULARY: ClassVar[Vocabulary[Any]]
    SORT_KEYS: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Key → the columns it sorts by; the same key again takes the next one, or the other direction of the only one."""
    LEGEND: ClassVar[Line] = ()
    """What the marks in the rows mean."""
    AUTO_FOCUS = "RowTable"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="table.filter"),
        Binding("w,ctrl+w", "wide", "Wide columns", show=False, id="table.wide"),
        Binding("F,ctrl+z", "faults", "Faults only", show=False, id="table.faults"),
        Binding("c", "copy", "Copy the name", show=False, id="table.copy"),
        Binding("y", "yaml", "YAML", show=False, id="table.yaml"),
        Binding("N", "sort('N')", "Sort by name", show=False, id="table.sort_name"),
        Binding("A", "sort('A')", "Sort by age", show=False, id="table.sort_age"),
        Binding("S", "sort('S')", "Sort by status", show=False, id="table.sort_status"),
        Binding("T", "sort('T')", "Sort by restarts", show=False, id="table.sort_restarts"),
        Binding("P", "sort('P')", "Sort by namespace", show=False, id="table.sort_namespace"),
        Binding("C", "sort('C')", "Sort by CPU", show=False, id="table.sort_cpu"),
        Binding("M", "sort('M')", "Sort by memory", show=False, id="table.sort_memory"),
    ]

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        self.order: LiveOrder[R] = LiveOrder(self.KIND)
        self.filter: Filter[Any] = parse_filter("", self.VOCABULARY)
        self.faults_only = False
        self.wide = False
        self.sort_column = next(iter(self.SORT_KEYS.values()))[0]
        self.reverse = False
        self.view: TableView[R] | None = None

    # -- what a subclass says -----------------------------------------------------------------------------------

    def columns(self) -> Sequence[Column]:
        """The columns to show now."""
        raise NotImplementedError

    def noun(self) -> str:
        """What the rows are, where there are none."""
        return self.NOUN

    def path_of(self, record: R) -> str:
        """The path of an object on the server."""
        return self.KIND.path(record.namespace, record.name)

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
        self._say_state(self.session.reader.state(self.KIND))

    def show(self, view: TableView[R]) -> None:
        """Hand the rows to the table."""
        settled = not isinstance(view.ordered.state, Syncing)
        before, self.view = self.view, view
        self._say_state(view.ordered.state)
        self.table.set_rows(view, settled=settled)
        if before is not None and settled and view.changed:
            self.table.mark_changed(view.changed)
        self.query_one(Caption).show(self._caption(view), self.LEGEND)

    def tick(self) -> None:
        """Ages go on while nothing else happens: the rows in sight are drawn again, where they look different."""
        if self.view is not None:
            self.view = self.view.as_of(self.session.reader.now_s())
            self.table.set_rows(self.view, settled=not isinstance(self.view.ordered.state, Syncing))

    def _say_state(self, state: State) -> None:
        filtered = bool(self.filter.text) or self.faults_only
        self.table.set_placeholder(placeholder_for(state, self.noun(), filtered, narrowable=self.KIND.namespaced))

    def _caption(self, view: TableView[R]) -> Line:
        shown, state = len(view), view.ordered.state
        said = word(state, view.now_s)
        if said is not None and not shown and not is_readable(state):
            pieces: list[Piece] = [(f" {self.NOUN} ", "dim"), said]  # not 0: nobody knows how many there are
        else:
            pieces = [(f" {units.count(shown)}", "number")]
            if shown != view.total and (self.filter.text or self.faults_only or self.host.namespaces):
                pieces.append((f" of {units.count(view.total)}", "dim"))
            pieces.append((f" {self.NOUN}", "dim"))
        if self.filter.text:
            pieces += [("   filter ", "dim"), (self.filter.text, "accent")]
        if self.filter.notice:
            pieces.append((f"  {self.filter.notice}", "warn"))
        if self.faults_only:
            pieces += [("   ", ""), ("faults only", "warn")]
        return [*pieces, *self.notices(view)]

    def notices(self, view: TableView[R]) -> Line:
        """What else the caption should say: why numbers are missing."""
        return ()

    def shown(self) -> Sequence[R]:
        """The objects shown now, in their order. O(n)."""
        view = self.view
        return [view.ordered.at(position) for position in range(len(view))] if view is not None else []

    def namespaces_changed(self) -> None:
        """Other namespaces: perhaps other columns too."""
        self.lay_out()
        super().namespaces_changed()

    # -- filter -------------------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show what the filter keeps. Typing never queues up: the newest text is answered next."""
        self.filter = parse_filter(text, self.VOCABULARY)
        self.foot.set_notice(self.filter.notice)
        self.look()

    def begin_with(self, text: str, sort: str, came_from: str) -> None:
        """Come to this list with a filter and an order (empty: as it was), also before it was ever on screen."""
        self.came_from = came_from
        self.filter = parse_filter(text, self.VOCABULARY)
        self.faults_only = False
        if sort:
            self.set_sort(sort)
        if self.is_mounted:
            self.look()

    def action_filter(self) -> None:
        """Open the filter prompt on what is set."""
        self.foot.open_filter(self.filter.text)

    @on(Foot.Filtered)
    def _filtered(self, event: Foot.Filtered) -> None:
        self.set_filter(event.text)

    def action_escape(self) -> None:
        """Clear the filter, else back; a filter that a tile brought along goes with the way back."""
        filtered = bool(self.filter.text) or self.faults_only
        if filtered:
            self.faults_only = False
            self.set_filter("")
        if self.came_from or not filtered:
            super().action_escape()

    def action_faults(self) -> None:
        """Only rows that something is wrong with, or all again."""
        self.faults_only = not self.faults_only
        self.look()

    # -- order and columns --------------------------------------------------------------------------------------

    def set_sort(self, column: str, reverse: bool = False) -> None:
        """Order by a column."""
        self.sort_column, self.reverse = column, reverse
        if self.is_mounted:
            self.table.set_sort(*arrow((column, reverse)))
            self.look()

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

    # -- the row under the cursor -------------------------------------------------------------------------------

    def subject(self) -> Vertex | None:
        """The object under the cursor."""
        record = self.selected()
        if record is None:
            return None
        return Vertex(self.KIND.group, self.KIND.kind, record.namespace, record.name, self.KIND, record)

    def selected(self) -> R | None:
        """The object under the cursor, None where there is none."""
        if self.view is None or not len(self.view):
            return None
        return self.view.ordered.at(self.table.cursor)

    def action_copy(self) -> None:
        """Copy the name, as the cluster says it."""
        record = self.selected()
        if record is not None:
            self.host.copy_name(record.name)

    def action_yaml(self) -> None:
        """The object as the server has it now."""
        record = self.selected()
        if record is not None:
            self.host.open_yaml(self.KIND.kind, self.path_of(record), record.namespace, record.name)
