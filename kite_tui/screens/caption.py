"""The line above a list."""

from __future__ import annotations

from textual.strip import Strip

from kite_tui.widgets.ink import Line, line_width, strip
from kite_tui.widgets.lines import OneLine


class Caption(OneLine):
    """How many rows are shown of how many, and what holds the others back."""

    DEFAULT_CSS = """
    Caption { background: $background; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._line: Line = ()
        self._legend: Line = ()

    def show(self, line: Line, legend: Line = ()) -> None:
        """Say something else; the legend stands at the right, where there is room for it."""
        if (line, legend) != (self._line, self._legend):
            self._line, self._legend = line, legend
            self.refresh()

    def line_strip(self, width: int) -> Strip:
        """The line, exactly `width` cells."""
        free = width - line_width(self._line) - line_width(self._legend) - 1
        legend = [(" " * free, ""), *self._legend] if free >= 3 else ()
        return strip([*self._line, *legend], width, self.palette.plain)
