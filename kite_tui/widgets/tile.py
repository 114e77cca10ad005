"""Tiles of an overview: a titled box of a few lines, or of a list, among which the arrow keys wander."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kite_tui.objects.states import Live, State, is_readable
from kite_tui.widgets.columns import Column
from kite_tui.widgets.ink import Line, strip
from kite_tui.widgets.lines import LineView
from kite_tui.widgets.states import placeholder_for, word
from kite_tui.widgets.table import RowTable

Direction = Literal["up", "down", "left", "right"]

LIVE = Live()


class TileLine(NamedTuple):
    """One line of a tile: pieces, or what makes them for the width at hand. With an `id` it can be opened."""

    line: Line | Callable[[int], Line]
    id: str = ""


class Tile(LineView):
    """A few lines in a box, some of which open something. It is focusable where there is something to open.

    The cursor is seen only while the tile has the focus, and stays on its line (by id) when the lines change.
    """

    DEFAULT_CSS = """
    Tile {
        height: auto;
        border: round $kite-faint;
        padding: 0 1;
        scrollbar-gutter: auto;
        &:focus { border: round $kite-accent; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", show=False, id="tile.open"),
        Binding("left,h", "leave('left')", "Tile to the left", show=False, id="tile.left"),
        Binding("right,l", "leave('right')", "Tile to the right", show=False, id="tile.right"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | enter | Open what the line under the cursor is about. |
    | left / right | To the tile on that side; up and down do so beyond the first and last line. |
    """

    class Opened(Message):
        """Enter or a click on a line that can be opened."""

        def __init__(self, tile: Tile, line_id: str) -> None:
            super().__init__()
            self.tile = tile
            self.line_id = line_id

        @property
        def control(self) -> Tile:
            """The tile; its `id` says which one."""
            return self.tile

    def __init__(self, title: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.set_title([(title, "accent")])
        self.can_focus = False
        self._lines: tuple[TileLine, ...] = ()
        self._open: tuple[int, ...] = ()
        self._cursor = 0
        self._notice: Line | None = None
        self._drawn: Sequence[Strip] = ()
        """The lines as `_settle` saw them; empty where they were drawn in another way since."""
        self._height = 0

    def set_title(self, line: Line) -> None:
        """Another title, drawn in inks."""
        self.say("border_title", line)

    def show(self, lines: Sequence[TileLine], state: State = LIVE, now_s: float = 0, note: Line = ()) -> None:
        """Show these lines, and how far they are the truth: where they are no answer at all, the state's word stands in
        their place, else in the lower border, at the right end of which `note` is without one."""
        said = word(state, now_s)
        line_id = self.line_id
        self._lines = tuple(lines)
        self._notice = [said] if said is not None and not is_readable(state) else None
        self.say("border_subtitle", () if self._notice else (said,) if said else tuple(note))
        self._settle(line_id)

    @property
    def line_id(self) -> str:
        """Id of the line under the cursor, empty where none can be opened."""
        return self._lines[self._open[self._cursor]].id if self._open else ""

    @property
    def line_count(self) -> int:
        """Lines, or the one word in their place."""
        return 1 if self._notice is not None else len(self._lines)

    def line_strip(self, line: int, width: int) -> Strip:
        """One line; the one under the cursor reversed while the tile has the focus."""
        if self._notice is not None:
            return strip(self._notice, width, self.palette.plain)
        pieces = self._lines[line].line
        cursor = self.has_focus and bool(self._open) and line == self._open[self._cursor]
        look = self.palette.cursor if cursor else self.palette.plain
        return strip(pieces(width) if callable(pieces) else pieces, width, look)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are (Textual's call for `height: auto`)."""
        return self.line_count

    def notify_style_update(self) -> None:
        """Textual's call when CSS, theme or focus changed."""
        super().notify_style_update()
        self._drawn = ()

    def move_by(self, lines: int) -> None:
        """To another line that can be opened, or out of the tile."""
        at = self._cursor + lines
        if 0 <= at < len(self._open):
            self._put(at)
        elif abs(lines) == 1:
            self.action_leave("down" if lines > 0 else "up")
        else:
            self.move_to(at)

    def move_to(self, line: int) -> None:
        """To the first or last line that can be opened."""
        self._put(max(0, min(line, len(self._open) - 1)))

    def action_open(self) -> None:
        """Open what the line under the cursor is about."""
        if self.line_id:
            self.post_message(self.Opened(self, self.line_id))

    def action_leave(self, direction: Direction) -> None:
        """To the tile on that side."""
        focus_neighbour(self, direction)

    def on_click(self, event: events.Click) -> None:
        """A click on a line that can be opened opens it."""
        at = event.get_content_offset(self)
        if at is not None and (line := self.top + at.y) in self._open:
            event.stop()
            self._put(self._open.index(line))
            self.action_open()

    def _put(self, cursor: int) -> None:
        if cursor != self._cursor and self._open:
            self._cursor, self._drawn = cursor, ()
            line = self._open[cursor]
            if not self.top <= line < self.top + self.room:
                self.scroll_to(y=line, animate=False)
            self.refresh()

    def _settle(self, line_id: str) -> None:
        lines = () if self._notice is not None else self._lines
        self._open = tuple(at for at, line in enumerate(lines) if line.id)
        ids = [lines[at].id for at in self._open]
        self._cursor = ids.index(line_id) if line_id in ids else max(0, min(self._cursor, len(ids) - 1))
        self.can_focus = bool(ids)
        self.lines_changed()
        if not self.is_mounted:
            return
        before, width = self._drawn, self.line_width
        self._drawn = [self.line_strip(line, width) for line in range(self.line_count)]
        if len(self._drawn) != self._height:
            self._height = len(self._drawn)
            self.refresh(layout=True)
        elif before and not self.top:
            self.refresh_differing(before, self._drawn)
        else:
            self.refresh()


class ListTile(RowTable):
    """A list in a box: rows in columns without titles. `RowTable.Opened` says what was opened."""

    DEFAULT_CSS = """
    ListTile {
        border: round $kite-faint;
        &:focus { border: round $kite-accent; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "leave('left')", "Tile to the left", show=False, id="list.left"),
        Binding("right,l", "leave('right')", "Tile to the right", show=False, id="list.right"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | left / right | To the tile on that side; up and down do so beyond the first and last row. |
    """

    def __init__(
        self, title: str, columns: Sequence[Column] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(columns, header=False, cursor_needs_focus=True, id=id, classes=classes)
        self.say("border_title", [(title, "accent")])

    def set_state(self, state: State, what: str, now_s: float, note: Line = ()) -> None:
        """Say how far the rows are the truth: in their place where there are none, else in the lower border, at the
        right end of which `note` is (overruled by a state's word)."""
        said = word(state, now_s)
        self.say("border_subtitle", (said,) if said else tuple(note))
        self.set_placeholder(placeholder_for(state, what, filtered=False))

    def action_move(self, lines: int) -> None:
        """One row, or out of the tile beyond the ends."""
        if 0 <= self.cursor + lines < self.line_count:
            self.move_by(lines)
        else:
            self.action_leave("down" if lines > 0 else "up")

    def action_leave(self, direction: Direction) -> None:
        """To the tile on that side."""
        focus_neighbour(self, direction)


def focus_neighbour(widget: Widget, direction: Direction) -> None:
    """Give the focus to the nearest tile on that side, if there is one; what overlaps in the other direction first."""
    here = widget.region
    others = [
        other for other in widget.screen.focus_chain if isinstance(other, Tile | ListTile) and other is not widget
    ]
    ranked = [(rank, index) for index, other in enumerate(others) if (rank := _rank(here, other.region, direction))]
    if ranked:
        others[min(ranked)[1]].focus()


def _rank(here: Region, there: Region, direction: Direction) -> tuple[int, int, int] | None:
    """How far `there` is in that direction, as (aside, distance, offset); None where it isn't that way at all.

    Up and down go to the nearest row of tiles even where that has nothing right above or below; left and right stay
    in theirs.
    """
    if direction in ("left", "right"):
        if max(here.y, there.y) >= min(here.bottom, there.bottom):
            return None
        along = there.x - here.right if direction == "right" else here.x - there.right
        return (0, along, abs(here.y - there.y)) if along >= 0 else None
    along = there.y - here.bottom if direction == "down" else here.y - there.bottom
    aside = max(here.x, there.x) >= min(here.right, there.right)
    return (int(aside), along, abs(here.x - there.x)) if along >= 0 else None
