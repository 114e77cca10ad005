"""The ground under everything that scrolls: a view whose lines are drawn one by one, and only those in sight."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar, Literal

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from kite_tui.widgets.ink import Line, Palette, content, palette


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines by number, drawn when they come into sight. Subclasses give `line_count` and `line_strip`.

    The keys move by lines and pages; here that scrolls, where a subclass has a cursor it moves the cursor.
    `fixed` is 1 where the line at the top (a header) never scrolls, else 0.
    """

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        scrollbar-color: $kite-faint;
        scrollbar-color-hover: $kite-accent;
        scrollbar-color-active: $kite-accent;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        background: $background;
        color: $foreground;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="lines.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="lines.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="lines.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="lines.page_down"),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False, id="lines.half_up"),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False, id="lines.half_down"),
        Binding("g,home", "first", "First", show=False, id="lines.first"),
        Binding("G,end", "last", "Last", show=False, id="lines.last"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | up, k / down, j | One line up or down. |
    | pageup / pagedown | One page up or down. |
    | ctrl+u / ctrl+d | Half a page up or down. |
    | g, home / G, end | To the first or the last line. |
    """

    fixed = 0

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._palette: Palette | None = None
        self._said: dict[str, Line] = {}

    @property
    def palette(self) -> Palette:
        """What the inks look like now."""
        if self._palette is None:
            self._palette = palette(self)
        return self._palette

    @property
    def line_count(self) -> int:
        """How many lines there are, without the fixed one. O(1)."""
        raise NotImplementedError

    def line_strip(self, line: int, width: int) -> Strip:
        """Line `line`, exactly `width` cells. Called for lines in sight only."""
        raise NotImplementedError

    def header_strip(self, width: int) -> Strip:
        """The line that never scrolls. Called only where `fixed` is 1."""
        raise NotImplementedError

    @property
    def line_width(self) -> int:
        """Cells that a line may take: the scrollbar's column is left out even while it isn't shown."""
        return self.scrollable_content_region.width

    @property
    def room(self) -> int:
        """How many scrolling lines are in sight."""
        return max(0, self.scrollable_content_region.height - self.fixed)

    @property
    def top(self) -> int:
        """The line at the top of the scrolling ones."""
        return self.scroll_offset.y

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen (Textual's line API)."""
        width = self.line_width
        if y < self.fixed:
            return self.header_strip(width)
        line = self.top + y - self.fixed
        if line < self.line_count:
            return self.line_strip(line, width)
        return Strip.blank(width, self.palette.plain[""])

    def lines_changed(self) -> None:
        """Say that the number of lines may be another one; the scrollbar follows.

        Assigning `virtual_size` lays out the whole screen and draws every line again, so that is done only where the
        scrollbar comes or goes.
        """
        size = Size(0, self.line_count + self.fixed)
        overflows = self.line_count > self.room
        if not self.is_mounted or overflows != self.show_vertical_scrollbar:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(LineView.virtual_size, size)
            if overflows:
                self._set_scrollbar(size.height, self.scroll_y)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines came into sight."""
        if self.show_vertical_scrollbar:
            self._set_scrollbar(self.vertical_scrollbar.window_virtual_size, new_value)
        super().watch_scroll_y(old_value, new_value)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """The scrollbar came: it stands where the lines are, which may have scrolled without it."""
        if shown:
            self._set_scrollbar(self.virtual_size.height, self.scroll_y)

    def _set_scrollbar(self, virtual_size: int, position: float) -> None:
        """Set it, and draw it again only where it looks different: a bar is a cell in every line of the screen, which
        costs more to draw than the few lines that changed, and of 150 000 rows one more is none to see."""
        bar = self.vertical_scrollbar
        before = _look_of(bar)
        bar.set_reactive(ScrollBar.window_virtual_size, virtual_size)
        bar.set_reactive(ScrollBar.position, bar.validate_position(position))
        if _look_of(bar) != before:
            bar.refresh()

    def refresh_rows(self, first: int, count: int = 1) -> None:
        """Draw `count` lines of the screen again, from the scrolling one at `first`."""
        self.refresh(Region(0, self.fixed + first, self.line_width, count))

    def refresh_differing(self, before: Sequence[Strip], after: Sequence[Strip]) -> None:
        """Draw those lines of the screen again that look different than before."""
        for y, (was, now) in enumerate(zip_longest(before, after)):
            if was is not now and was != now:
                self.refresh_rows(y)

    def say(self, where: Literal["border_title", "border_subtitle"], line: Line) -> None:
        """A text of the border. Assigning it draws the whole widget: that is done only where it reads differently."""
        if self._said.get(where) != line:
            self._said[where] = line
            setattr(self, where, content(line))

    def notify_style_update(self) -> None:
        """Textual's call when CSS, theme or focus changed: the inks may look different now."""
        super().notify_style_update()
        self._palette = None
        self.refresh()

    def move_by(self, lines: int) -> None:
        """Move by so many lines."""
        self.scroll_to(y=self.top + lines, animate=False)

    def move_to(self, line: int) -> None:
        """Move to a line; beyond the ends means the end."""
        self.scroll_to(y=line, animate=False)

    def action_move(self, lines: int) -> None:
        """One line up or down."""
        self.move_by(lines)

    def action_page(self, pages: float) -> None:
        """A page, or a part of one, up or down."""
        self.move_by(round(max(1, self.room) * pages) or (1 if pages > 0 else -1))

    def action_first(self) -> None:
        """To the first line."""
        self.move_to(0)

    def action_last(self) -> None:
        """To the last line."""
        self.move_to(max(0, self.line_count - 1))


class OneLine(Widget):
    """A widget of one line drawn in inks: the parts of the frame."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    OneLine {
        height: 1;
        background: $kite-frame;
        color: $foreground;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._palette: Palette | None = None

    @property
    def palette(self) -> Palette:
        """What the inks look like now."""
        if self._palette is None:
            self._palette = palette(self)
        return self._palette

    def notify_style_update(self) -> None:
        """Textual's call when CSS, theme or focus changed: the inks may look different now."""
        super().notify_style_update()
        self._palette = None
        self.refresh()

    def line_strip(self, width: int) -> Strip:
        """The line, exactly `width` cells."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Draw the line (Textual's line API)."""
        width = self.size.width
        return self.line_strip(width) if y == 0 else Strip.blank(width, self.palette.plain[""])


def _look_of(bar: ScrollBar) -> list[Segment]:
    window_size = bar.window_size if bar.window_size < bar.window_virtual_size else 0
    drawn = bar.renderer.render_bar(bar.size.height, bar.window_virtual_size, window_size, bar.position)
    return list(drawn.segments)
