"""Plain text of many lines, such as YAML: drawn where it is in sight, never read as markup."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from kite_tui.text.cut import cell_width
from kite_tui.text.sanitise import clean
from kite_tui.widgets.ink import Piece
from kite_tui.widgets.lines import LineView

LONGEST = 65_536
"""Characters kept of one line: an annotation can hold a whole object in one."""

_KEY = re.compile(r"(?P<lead>\s*(?:- )*)(?P<key>[^\s:#'\"][^:]*:)(?P<value>(?:\s.*)?)$")
STEP = 8


class TextView(LineView):
    """Text as it is, but for control characters, which become marks. Left and right move along long lines."""

    DEFAULT_CSS = """
    TextView { height: 1fr; overflow-x: auto; scrollbar-size-horizontal: 1; padding: 0 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "sideways(-1)", "Left", show=False, id="text.left"),
        Binding("right,l", "sideways(1)", "Right", show=False, id="text.right"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | left, h / right, l | Along lines that are longer than the screen is wide. |
    """

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[str] = []
        self._longest = 0
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text from its beginning. Every line is cleaned now: about 1 ms for a thousand lines."""
        lines = text.removesuffix("\n").split("\n")
        self._lines = [clean(line.expandtabs(4), limit=LONGEST) for line in lines]
        self._longest = max(map(cell_width, self._lines))
        self.virtual_size = Size(self._longest, len(self._lines))
        if self.is_mounted:
            self.scroll_to(0, 0, animate=False)

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line_strip(self, line: int, width: int) -> Strip:
        """The part of a line that is in sight; the keys of YAML in another ink than their values."""
        look = self.palette.plain
        pieces = _yaml(self._lines[line])
        whole = Strip([Segment(text, look[ink]) for text, ink in pieces if text])
        x = self.scroll_offset.x
        return whole.crop_extend(x, x + width, look[""])

    def action_sideways(self, steps: int) -> None:
        """Along long lines."""
        self.scroll_to(x=self.scroll_offset.x + steps * STEP, animate=False)


def _yaml(line: str) -> list[Piece]:
    if line.lstrip().startswith("#"):
        return [(line, "dim")]
    found = _KEY.match(line)
    if found is None:
        return [(line, "")]
    return [(found["lead"], "dim"), (found["key"], "accent"), (found["value"], "")]
