"""A table that draws only the rows in sight and stays with the row under the cursor, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from time import monotonic
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from kite_tui.widgets.columns import Cell, Column, row_strip, titles
from kite_tui.widgets.following import follow
from kite_tui.widgets.lines import LineView
from kite_tui.widgets.marks import Marks
from kite_tui.widgets.placeholder import Placeholder
from kite_tui.widgets.rows import NO_ROWS, Rows
from kite_tui.widgets.widths import Widths


class RowTable(LineView):
    """Rows under fixed titles, one cursor, no cell cursor. UI thread only.

    Feed it with `set_columns` and `set_rows`; a refresh costs what is in sight, never what there is. It never sorts:
    it asks with `SortRequested`, and is told with `set_sort` and other rows.
    """

    DEFAULT_CSS = """
    RowTable { height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", show=False, id="table.open"),
        Binding("shift+left", "sort_neighbour(-1)", "Sort by the column before", show=False, id="table.sort_left"),
        Binding("shift+right", "sort_neighbour(1)", "Sort by the column after", show=False, id="table.sort_right"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | enter | Open the row under the cursor. |
    | shift+left / shift+right | Sort by the column before or after; at the outermost column, reverse. |
    """

    class Said(Message):
        """What every message of a table has."""

        def __init__(self, table: RowTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> RowTable:
            """The table."""
            return self.table

    class Opened(Said):
        """Enter, or a second click: a person wants to see this row."""

        def __init__(self, table: RowTable, key: str) -> None:
            super().__init__(table)
            self.key = key

    class Moved(Said):
        """The cursor is on another row; `key` is None where there are no rows."""

        def __init__(self, table: RowTable, key: str | None) -> None:
            super().__init__(table)
            self.key = key

    class SortRequested(Said):
        """A person wants another order."""

        def __init__(self, table: RowTable, column_id: str, reverse: bool) -> None:
            super().__init__(table)
            self.column_id = column_id
            self.reverse = reverse

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        header: bool = True,
        cursor_needs_focus: bool = False,
        clock: Callable[[], float] = monotonic,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`cursor_needs_focus` hides the cursor while another widget has the focus (lists among tiles)."""
        super().__init__(id=id, classes=classes)
        self.fixed = 1 if header else 0
        self._cursor_needs_focus = cursor_needs_focus
        self._clock = clock
        self._sort: tuple[str, bool] | None = None
        self._rows: Rows = NO_ROWS
        self._cursor = 0
        self._wanted: str | None = None
        self._touched = False
        self._placeholder = Placeholder(self)
        self._widths = Widths(tuple(columns))
        self._marks = Marks()
        self._mark_timer: Timer | None = None
        # Made from the rows and columns above, for the rows in sight only, by their keys.
        self._cells: dict[str, Sequence[Cell]] = {}
        self._strips: dict[tuple[str, bool], tuple[Sequence[Cell], Strip]] = {}
        self._clicked: str | None = None

    # What a screen says

    def set_columns(self, columns: Sequence[Column], *, wide: bool = False) -> None:
        """Show these columns; `wide` brings in the ones that are wide only. Widths start afresh."""
        self._widths.use(tuple(columns), wide=wide)
        self._forget()
        self.refresh()

    def set_sort(self, column_id: str, reverse: bool) -> None:
        """Show by an arrow what the rows are sorted by."""
        if self._sort != (column_id, reverse):
            self._sort = (column_id, reverse)
            self.refresh()

    def set_placeholder(self, text: Content) -> None:
        """What is shown while there are no rows; see `states.placeholder_for`."""
        if self._placeholder.set(text) and not len(self._rows):
            self.refresh()

    def set_rows(self, rows: Rows, *, settled: bool = True, changed: Container[str] | None = None) -> None:
        """Show these rows. Costs at most one screen of cells, and draws only the lines that look different.

        `changed` are the keys of rows that may read differently than before, None where all may.
        The cursor stays on its key and what is seen stays where it is (see `following.follow`). `settled` False says
        that a first list is still coming in, or that the order is another one: a cursor that nobody has moved then
        stays on the first row.
        """
        old, old_top, old_key = self._rows, self.top, self.cursor_key
        shown_before = self._strips_in_sight() if self.is_mounted else []
        columns = self._widths.shown
        self._marks.remember({key: (columns, cells) for key, cells in self._cells.items()})
        if not settled and not self._touched:
            cursor, top = 0, 0
        elif not len(old) and self._wanted is not None:
            cursor = rows.index_of(self._wanted) or 0
            top = max(0, cursor - self.room + 1)
        else:
            cursor, top = follow(old, rows, self._cursor, old_top, self.room)
        self._rows = rows
        self._cursor = cursor
        self._strips = {at: strip for at, strip in self._strips.items() if at[0] in self._cells}
        self._cells = {} if changed is None else {k: cells for k, cells in self._cells.items() if k not in changed}
        if len(rows):
            self._wanted = self.cursor_key
        self.lines_changed()
        if self.is_mounted:
            self._show_again(shown_before, old_top, top)
        if self.cursor_key != old_key:
            self.post_message(self.Moved(self, self.cursor_key))

    def mark_changed(self, keys: Container[str]) -> None:
        """Mark what just changed, for `MARK_S`: of the rows in sight whose key is in `keys` (a set), the cells that
        read differently than before the last `set_rows`, or the whole row where it is new."""
        now = self._clock()
        for line in self._in_sight():
            key = self._rows.key(line)
            if key in keys and self._marks.mark(key, self._widths.shown, self._cells_of(line), now):
                self._draw_again(line)
        self._await_expiry()

    # What a screen asks

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        """The columns that fit now."""
        self._lay_out(self.line_width)
        return self._widths.shown

    @property
    def cursor(self) -> int:
        """The position of the cursor; 0 where there are no rows."""
        return self._cursor

    @property
    def cursor_key(self) -> str | None:
        """The key under the cursor, None where there are no rows."""
        return self._rows.key(self._cursor) if len(self._rows) else None

    def sort_by(self, column_id: str) -> None:
        """Ask for the order of a column; of the column that is sorted by already, the other direction."""
        reverse = self._sort is not None and self._sort[0] == column_id and not self._sort[1]
        self.post_message(self.SortRequested(self, column_id, reverse))

    # Lines

    @property
    def line_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def line_strip(self, line: int, width: int) -> Strip:
        """One row, from the cache where it is."""
        self._lay_out(width)
        cursor = line == self._cursor and (self.has_focus or not self._cursor_needs_focus)
        at, cells = (self._rows.key(line), cursor), self._cells_of(line)
        made_of, strip = self._strips.get(at, (None, None))
        if strip is None or made_of != cells:
            strip = self._row_strip(line, width, cursor)
            self._strips[at] = (cells, strip)
        return strip

    def header_strip(self, width: int) -> Strip:
        """The titles, with an arrow beside the one that is sorted by."""
        self._lay_out(width)
        cells = titles(self._widths.shown, self._widths.slots, self._sort)
        return row_strip(cells, self._widths.shown, self._widths.slots, width, self.palette.plain)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen (Textual's line API)."""
        if not len(self._rows) and y >= self.fixed:
            return self._placeholder.line(y - self.fixed)
        return super().render_line(y)

    def _row_strip(self, line: int, width: int, cursor: bool) -> Strip:
        look = self.palette
        return row_strip(
            self._cells_of(line),
            self._widths.shown,
            self._widths.slots,
            width,
            look.cursor if cursor else look.plain,
            marked=self._marks.of(self._rows.key(line)),
            mark_styles=None if cursor else look.changed,
        )

    def _in_sight(self) -> range:
        return range(self.top, min(self.line_count, self.top + self.room))

    def _strips_in_sight(self) -> list[Strip]:
        width = self.line_width
        return [self.line_strip(line, width) for line in self._in_sight()]

    def _show_again(self, before: list[Strip], old_top: int, top: int) -> None:
        """Scroll to `top` and draw the lines that differ from `before`, what was in sight until now."""
        self._measure()
        if top != old_top:
            self.scroll_to(y=top, animate=False, force=True)
        if not before or not len(self._rows):
            self.refresh()
            return
        self.refresh_differing(before, self._strips_in_sight())

    # Cells and widths

    def _cells_of(self, line: int) -> Sequence[Cell]:
        key = self._rows.key(line)
        cells = self._cells.get(key)
        if cells is None:
            if len(self._cells) > 2 * max(16, self.room):
                self._forget()
            cells = self._cells[key] = self._rows.cells(line, self._widths.shown)
        return cells

    def _forget(self) -> None:
        self._cells.clear()
        self._strips.clear()

    def _lay_out(self, width: int) -> None:
        """Choose and place the columns for a width, unless that is done."""
        columns = self._widths.shown
        if self._widths.fit(width):
            self._strips.clear()
            if self._widths.shown != columns:
                self._cells.clear()

    def _measure(self) -> None:
        """Let columns grow to what is in sight and to a sample of the rest."""
        self._lay_out(self.line_width)
        rows = [self._cells_of(line) for line in self._in_sight()]
        sample = self._widths.sample(self.line_count)
        others = (line for line in sample if self._rows.key(line) not in self._cells)
        rows += [self._rows.cells(line, self._widths.shown) for line in others]
        if self._widths.see(rows):
            self._strips.clear()
            self.refresh()

    def notify_style_update(self) -> None:
        """Textual's call when CSS, theme or focus changed."""
        super().notify_style_update()
        self._strips.clear()
        self._placeholder.forget()

    def on_resize(self) -> None:
        """Another size: lay out anew, and keep the cursor in sight where it was."""
        self._strips.clear()
        self._placeholder.forget()
        self._measure()
        self._bring_into_sight()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows came into sight."""
        super().watch_scroll_y(old_value, new_value)
        if self.is_mounted and round(old_value) != round(new_value):
            self._measure()

    # Moving

    def move_by(self, lines: int) -> None:
        """Move the cursor."""
        self.move_to(self._cursor + lines)

    def move_to(self, line: int) -> None:
        """Put the cursor on a row and bring it into sight; beyond the ends means the end."""
        self._touched = True
        line = max(0, min(line, self.line_count - 1))
        if line != self._cursor:
            old, self._cursor = self._cursor, line
            self._draw_again(old)
            self._draw_again(line)
            self._wanted = self.cursor_key
            self.post_message(self.Moved(self, self.cursor_key))
        self._bring_into_sight()

    def action_page(self, pages: float) -> None:
        """Cursor and view together, so that the cursor keeps its line on the screen."""
        step = round(max(1, self.room) * pages) or (1 if pages > 0 else -1)
        self.scroll_to(y=max(0, min(self.top + step, self.line_count - self.room)), animate=False, force=True)
        self.move_by(step)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def action_sort_neighbour(self, step: int) -> None:
        """Sort by the next column that can be sorted by; where there is none, reverse."""
        beside = self._widths.neighbour(self._sort[0] if self._sort else None, step)
        if beside is not None:
            self.sort_by(beside)

    def _bring_into_sight(self) -> None:
        if not self.is_mounted:
            return
        if self._cursor < self.top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= self.top + self.room > self.top:
            self.scroll_to(y=self._cursor - self.room + 1, animate=False, force=True)

    def _draw_again(self, line: int) -> None:
        key = self._rows.key(line)
        self._strips.pop((key, True), None)
        self._strips.pop((key, False), None)
        if line in self._in_sight():
            self.refresh_rows(line - self.top)

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Select a row, open it at the second click; a click on a title sorts."""
        at = event.get_content_offset(self)
        if at is None:
            return
        event.stop()
        if at.y < self.fixed:
            column = self._widths.column_at(at.x)
            if column is not None and column.sortable:
                self.sort_by(column.id)
            return
        line = self.top + at.y - self.fixed
        if line < self.line_count:
            key = self._rows.key(line)
            again = key == self._clicked and line == self._cursor
            self._clicked = None if again else key
            self.move_to(line)
            if again:
                self.action_open()

    # Marks

    def _await_expiry(self) -> None:
        next_s = self._marks.next_s
        if next_s is not None and self._mark_timer is None:
            self._mark_timer = self.set_timer(max(0.05, next_s - self._clock()), self._expire_marks)

    def _expire_marks(self) -> None:
        self._mark_timer = None
        for key in self._marks.expire(self._clock()):
            line = self._rows.index_of(key)
            if line is not None:
                self._draw_again(line)
        self._await_expiry()
