"""What everything here is drawn with: pieces of plain text, each with an ink, turned into segments at the last moment.

A piece never carries markup, a link or a control character: whatever a screen hands over is cleaned where it is drawn,
so text from the cluster stays text. An ink is a meaning ("warn"), not a colour; a `Palette` knows what it looks like
under the theme, on the background at hand.

Inks stand where Textual's component classes would: 24 of those cost 3.7 ms of CSS matching per widget at the first
frame and again at each change of theme; a palette is one small dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content, Span
from textual.strip import Strip

from kite_tui.text.cut import cell_width, cut_end
from kite_tui.text.sanitise import clean

if TYPE_CHECKING:
    from textual.widget import Widget

Ink = Literal["", "name", "number", "dim", "faint", "good", "warn", "bad", "accent", "title", "key", "badge", "alarm"]
"""What a piece means. `title` heads a column or a section, `key` is a key to press, `badge` and `alarm` are filled."""

Piece = tuple[str, Ink]
Line = Sequence[Piece]
Styles = Mapping[Ink, Style]

_VARIABLES: dict[Ink, str] = {
    "": "foreground",
    "name": "kite-name",
    "number": "kite-number",
    "dim": "kite-dim",
    "faint": "kite-faint",
    "good": "kite-good",
    "warn": "kite-warn",
    "bad": "kite-bad",
    "accent": "kite-accent",
    "title": "kite-accent",
    "key": "kite-accent",
    "badge": "kite-accent",
    "alarm": "kite-bad",
}
_BOLD: frozenset[Ink] = frozenset(("name", "number", "title", "key", "badge", "alarm"))
FILLED: frozenset[Ink] = frozenset(("badge", "alarm"))
"""Inks whose blanks are seen too."""

_ANSI_BOLD: frozenset[Ink] = frozenset(("bad", "accent"))
_ANSI_DIM: frozenset[Ink] = frozenset(("dim", "faint"))


class Palette:
    """What each ink looks like under one theme on one background. Immutable; shared by widgets.

    On the cursor's row the tint is sent as the *text* colour of a reversed cell: a terminal shows the inks on a tinted
    ground, and where colours are stripped (NO_COLOR) the reverse remains.
    """

    def __init__(self, variables: Sequence[tuple[str, str]], background: Color, ansi: bool) -> None:
        known = dict(variables)
        ground = background.rich_color
        cursor, changed = (Color.parse(known[name]).rich_color for name in ("kite-cursor", "kite-changed"))
        self.plain: dict[Ink, Style] = {}
        self.cursor: dict[Ink, Style] = {}
        self.changed: dict[Ink, Style] = {}
        for ink, variable in _VARIABLES.items():
            colour = (background + Color.parse(known[variable])).rich_color
            bold = ink in _BOLD or (ansi and ink in _ANSI_BOLD)
            dim = ansi and ink in _ANSI_DIM
            self.plain[ink] = Style(color=colour, bgcolor=ground, bold=bold, dim=dim, reverse=ink in FILLED)
            self.changed[ink] = Style(color=colour, bgcolor=changed, bold=True, underline=ansi)
            if ansi:
                self.cursor[ink] = Style(color=cursor, bgcolor=ground, bold=bold, reverse=True)
            else:
                self.cursor[ink] = Style(color=cursor, bgcolor=colour, bold=bold, reverse=True)


_make_palette = lru_cache(maxsize=32)(Palette)
_USED = ("kite-cursor", "kite-changed", *_VARIABLES.values())


def palette(widget: Widget) -> Palette:
    """The palette for `widget` as it is styled now. A widget keeps it until `notify_style_update`."""
    app = widget.app
    known = app.theme_variables
    background = widget.background_colors[1]
    return _make_palette(tuple((name, known[name]) for name in _USED), background, app.native_ansi_color)


_cleaned = lru_cache(maxsize=4096)(clean)


def safe(text: str) -> str:
    """`text` cleaned for one line. Plain ASCII costs two C calls, anything else is remembered: bars repeat."""
    return text if text.isascii() and text.isprintable() else _cleaned(text)


def line_width(line: Iterable[Piece]) -> int:
    """Cells that `line` takes."""
    return sum(cell_width(safe(text)) for text, _ in line)


def fitted(line: Line, width: int) -> tuple[list[Piece], int]:
    """`line` cleaned and cut at its end with `…` to at most `width` cells, and the cells that it then takes."""
    pieces: list[Piece] = []
    used = 0
    for text, ink in line:
        text = safe(text)
        pieces.append((text, ink))
        used += cell_width(text)
    return (pieces, used) if used <= width else _cut(pieces, width)


def _cut(pieces: list[Piece], width: int) -> tuple[list[Piece], int]:
    out: list[Piece] = []
    used = 0
    for text, ink in pieces:
        size = cell_width(text)
        if used + size >= width:
            text = cut_end(text + "…", width - used)
            return [*out, (text, ink)], used + cell_width(text)
        out.append((text, ink))
        used += size
    return out, used


def strip(line: Line, width: int, styles: Styles) -> Strip:
    """`line` drawn in `styles`, cut or filled up to exactly `width` cells."""
    pieces, used = fitted(line, width)
    segments = [Segment(text, styles[ink]) for text, ink in pieces if text]
    if used < width:
        segments.append(Segment(" " * (width - used), styles[""]))
    return Strip(segments, width)


def content(line: Line) -> Content:
    """`line` as Textual's Content: for titles of borders, notices and placeholders."""
    text = ""
    spans = []
    for part, ink in line:
        part = safe(part)
        style = "bold " if ink in _BOLD else ""
        spans.append(Span(len(text), len(text) + len(part), f"{style}${_VARIABLES[ink]}"))
        text += part
    return Content(text, spans)
