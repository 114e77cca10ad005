"""Cache: how hard kite-tui leans on the API server, and whether what the other screens show is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from kite_tui.objects.kinds import Kind
from kite_tui.queries.cache_view import CacheView, cache_view
from kite_tui.screens.cache_cells import (
    COLUMNS,
    LEGEND,
    SORT_KEYS,
    VOCABULARY,
    is_faulty,
    maker,
    summary,
)
from kite_tui.screens.caption import Caption
from kite_tui.screens.listing import ListScreen
from kite_tui.session.cluster import ClusterSession
from kite_tui.text import units
from kite_tui.widgets.columns import Column
from kite_tui.widgets.detail import Sections
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.ink import Line, Piece
from kite_tui.widgets.rows import ListRows
from kite_tui.widgets.table import RowTable


class CacheScreen(ListScreen[CacheView]):
    """Every kind that is followed, below the requests that it takes. Asked anew once a second while in sight."""

    NAME = "cache"
    VOCABULARY = VOCABULARY
    SORT_KEYS = SORT_KEYS

    DEFAULT_CSS = """
    CacheScreen {
        & Sections { height: auto; max-height: 50%; margin: 0 0 1 0; scrollbar-size-horizontal: 0; }
        &.-tiny Sections { max-height: 40%; margin: 0; }
    }
    """

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        self.view: CacheView | None = None

    # -- frame --------------------------------------------------------------------------------------------------

    def columns(self) -> Sequence[Column]:
        """All columns, always: what fits is up to the width."""
        return COLUMNS

    def body(self) -> ComposeResult:
        """The requests, then the kinds."""
        yield Sections()
        yield from super().body()

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("enter", "its scopes, its last error"),
            KeyHint("/", "filter", 1),
            KeyHint("F", "faults", 5),
            KeyHint("shift-→", "sort", 6),
            KeyHint("ctrl-r", "ask again", 4),
            KeyHint("?", "help", 2),
            KeyHint("q", "quit", 3),
        )

    def truth_kinds(self) -> Iterable[Kind[Any]]:
        """All that are followed: the table has them all."""
        return self.session.reader.kinds()

    def on_screen_resume(self) -> None:
        """In sight: stalls of the screen are timed."""
        self.host.loop_watch.begin(self.NAME)
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Out of sight: nobody wants to know."""
        super().on_screen_suspend()
        self.host.loop_watch.end(self.NAME)

    def on_unmount(self) -> None:
        """The same, where another cluster is shown."""
        self.host.loop_watch.end(self.NAME)

    # -- asking -------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """The numbers go on by themselves."""
        self.look()

    def ask_again(self) -> None:
        """Weigh what is held anew, too."""
        self.session.meter.forget_weights()
        self.look()

    def question(self) -> Callable[[], CacheView]:
        """The kinds that the filter keeps, in order, and all requests."""
        reader, meter = self.session.reader, self.session.meter
        column, reverse, faults, keeps = self.sort_column, self.reverse, self.faults_only, self.filter.keeps
        stalls = self.host.loop_watch.stalls()

        def ask() -> CacheView:
            return cache_view(
                meter.load(stalls),
                reader.now_s(),
                keeps=lambda row: keeps(row) and (not faults or is_faulty(row)),
                column=column,
                reverse=reverse,
            )

        return ask

    def show(self, view: CacheView) -> None:
        """Hand the numbers to the block and the rows to the table."""
        before, self.view = self.view, view
        names = tuple(row.name for row in view.rows)
        self.query_one(Sections).show(summary(view))
        self.table.set_placeholder(self._nothing())
        self.table.set_rows(ListRows(names, maker(view)))
        if before is not None:
            self.table.mark_changed(set(names))
        self.query_one(Caption).show(self._caption(view), LEGEND)

    def _nothing(self) -> Content:
        if self.faults_only and not self.filter.text.strip():
            return Content("nothing is wrong with any kind; esc shows all")
        if self.is_narrowed:
            return Content("no kind matches the filter; esc clears it")
        return Content("nothing is followed yet")

    def _caption(self, view: CacheView) -> Line:
        shown = len(view.rows)
        pieces: list[Piece] = [(f" {shown}", "number")]
        if shown != view.total:
            pieces.append((f" of {view.total}", "dim"))
        pieces.append((" kinds", "dim"))
        if view.objects is not None:
            pieces += [(f"   {units.count(view.objects)}", "number"), (" objects", "dim")]
        if view.held_b is not None:
            pieces += [(f"   ≈ {units.binary(view.held_b)}", "number"), (" held", "dim")]
        if view.load.counts.errors:
            pieces += [(f"   {units.count(view.load.counts.errors)}", "warn"), (" errors", "dim")]
        return [*pieces, *self.narrowing()]

    # -- keys ---------------------------------------------------------------------------------------------------

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        event.stop()
        self.host.open_cached(event.key)
