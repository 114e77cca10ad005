"""What the lists of nodes and of pods have in common: an order that lives, the row's object and its keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Record
from kite_tui.objects.states import State, Syncing, is_readable
from kite_tui.queries.ordering import LiveOrder
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.caption import Caption
from kite_tui.screens.listing import ListScreen
from kite_tui.screens.views import TableView
from kite_tui.session.cluster import ClusterSession
from kite_tui.text import units
from kite_tui.widgets.ink import Line, Piece
from kite_tui.widgets.states import being_ordered, placeholder_for, word

R = TypeVar("R", bound=Record)

MANY = 5_000
"""Rows that are found and ordered too quickly for a word about it."""


class TableScreen(ListScreen[TableView[R]], Generic[R]):
    """A list of one kind. Subclasses give the columns, the arrangement and the cells."""

    KIND: ClassVar[Kind[Any]]
    NOUN: ClassVar[str] = ""
    LEGEND: ClassVar[Line] = ()
    """What the marks in the rows mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy the name", show=False, id="table.copy"),
        Binding("y", "yaml", "YAML", show=False, id="table.yaml"),
        Binding("A", "sort('A')", "Sort by age", show=False, id="table.sort_age"),
        Binding("T", "sort('T')", "Sort by restarts", show=False, id="table.sort_restarts"),
        Binding("P", "sort('P')", "Sort by namespace", show=False, id="table.sort_namespace"),
        Binding("C", "sort('C')", "Sort by CPU", show=False, id="table.sort_cpu"),
        Binding("M", "sort('M')", "Sort by memory", show=False, id="table.sort_memory"),
    ]

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        self.order: LiveOrder[R] = LiveOrder(self.KIND)
        self.view: TableView[R] | None = None
        self._awaiting = False
        """Other rows were asked for, and the caption says so."""

    # -- what a subclass says -----------------------------------------------------------------------------------

    def noun(self) -> str:
        """What the rows are, where there are none."""
        return self.NOUN

    def path_of(self, record: R) -> str:
        """The path of an object on the server."""
        return self.KIND.path(record.namespace, record.name)

    # -- widgets ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Say how far the kind is before there is a first answer."""
        self._say_state(self.session.reader.state(self.KIND))

    def show(self, view: TableView[R]) -> None:
        """Hand the rows to the table."""
        settled = not isinstance(view.ordered.state, Syncing)
        before, self.view = self.view, view
        ordered_anew = before is not None and before.sort != view.sort
        self._say_state(view.ordered.state)
        self.table.set_rows(view, settled=settled and not ordered_anew, changed=view.changed)
        if before is not None and settled and view.changed is not None:
            self.table.mark_changed(view.changed)
        self._awaiting = False
        self.query_one(Caption).show(self._caption(view), self.LEGEND)

    def look_anew(self) -> None:
        """Of many rows others can take half a second to find: until then the caption says what they will be."""
        if self.view is not None and self.view.total > MANY:
            self._awaiting = True
            self.query_one(Caption).show([(" …", "number"), (f" {self.NOUN}", "dim"), *self.narrowing()], self.LEGEND)
        super().look_anew()

    def tick(self) -> None:
        """Ages go on while nothing else happens, that of stale data too: what is in sight is drawn again, where it
        looks different."""
        if self.view is not None:
            self.view = self.view.as_of(self.session.reader.now_s())
            self.table.set_rows(self.view, settled=not isinstance(self.view.ordered.state, Syncing))
            if not self._awaiting:
                self.query_one(Caption).show(self._caption(self.view), self.LEGEND)

    def _say_state(self, state: State) -> None:
        narrowable = self.KIND.namespaced
        if self.view is None and is_readable(state):  # of many it takes a moment to say which come first
            self.table.set_placeholder(being_ordered(self.NOUN))
            return
        self.table.set_placeholder(placeholder_for(state, self.noun(), self.is_narrowed, narrowable=narrowable))

    def _caption(self, view: TableView[R]) -> Line:
        shown, state = len(view), view.ordered.state
        said = word(state, view.now_s)
        if said is not None and not shown and not is_readable(state):
            pieces: list[Piece] = [(f" {self.NOUN} ", "dim"), said]  # not 0: nobody knows how many there are
        else:
            pieces = [(f" {units.count(shown)}", "number")]
            if shown != view.total and (view.narrowing or self.host.namespaces):
                pieces.append((f" of {units.count(view.total)}", "dim"))
            pieces.append((f" {self.NOUN}", "dim"))
        return [*pieces, *view.narrowing, *self.notices(view)]

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
        self.show_truth()
        self.look_anew()

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
