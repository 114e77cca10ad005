"""What stands in a table that has no rows."""

from __future__ import annotations

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual

from kite_tui.widgets.lines import LineView


class Placeholder:
    """A text in the upper middle of a view, broken at its spaces; drawn once for each width."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self._text = Content("")
        self._drawn: tuple[int, list[Strip]] | None = None

    def set(self, text: Content) -> bool:
        """Another text; False where it is the same."""
        if text.is_same(self._text):
            return False
        self._text = text
        self.forget()
        return True

    def forget(self) -> None:
        """Draw it anew: theme or size changed."""
        self._drawn = None

    def line(self, y: int) -> Strip:
        """Line `y` of the view, below what is fixed."""
        view, width = self._view, self._view.line_width
        if self._drawn is None or self._drawn[0] != width:
            self._drawn = (width, self._centred(width))
        lines = self._drawn[1]
        at = y - max(0, (view.room - len(lines)) // 3)
        return lines[at] if 0 <= at < len(lines) else Strip.blank(width, view.palette.plain[""])

    def _centred(self, width: int) -> list[Strip]:
        view, blank = self._view, self._view.palette.plain[""]
        strips = Visual.to_strips(view, self._text, max(1, width - 2), None, view.visual_style, apply_selection=False)
        lines = []
        for strip in strips:
            before = Segment(" " * max(0, (width - strip.cell_length) // 2), blank)
            lines.append(Strip([before, *strip]).adjust_cell_length(width, blank))
        return lines
