"""Cutting text to a width in terminal cells, with `…` where something is missing.

Widths are made from Unicode's own tables and are those of rich, which draws (a test compares every character that the
sanitiser leaves); so text needs no rich, and the plain commands don't load it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ELLIPSIS = "…"

_NO_CELL = (
    (0x1160, 0x11FF),  # Hangul vowels and finals: they join the consonant before them
    (0xD7B0, 0xD7FF),
    (0x1F3FB, 0x1F3FF),  # skin tones: they colour the emoji before them
)
# Wide since Unicode 16, which terminals follow sooner than Python does.
_TWO_CELLS = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D356), (0x1D360, 0x1D376))


def cell_width(text: str) -> int:
    """Cells that the text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_width, text))


def cut_end(text: str, width: int) -> str:
    """The beginning of `text` in at most `width` cells."""
    if cell_width(text) <= width:
        return text
    return _head(text, width - 1) + ELLIPSIS if width > 0 else ""


def cut_middle(text: str, width: int) -> str:
    """Both ends of `text` in at most `width` cells: names that a cloud makes up differ only at their ends."""
    if cell_width(text) <= width:
        return text
    if width <= 0:
        return ""
    tail = _tail(text, width // 2)
    return _head(text, width - 1 - cell_width(tail)) + ELLIPSIS + tail


def _head(text: str, width: int) -> str:
    """As many leading characters as fit; a letter keeps its accents, which take no cell."""
    if width <= 0:
        return ""
    for index, character in enumerate(text):
        width -= _width(character)
        if width < 0:
            return text[:index]
    return text


def _tail(text: str, width: int) -> str:
    """As many trailing characters as fit, not beginning with an accent that lost its letter."""
    start = len(text)
    for index in range(len(text) - 1, -1, -1):
        cells = _width(text[index])
        if cells > width:
            break
        width -= cells
        if cells:
            start = index
    return text[start:]


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    code = ord(character)
    if unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf") or _is_in(code, _NO_CELL):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" or _is_in(code, _TWO_CELLS) else 1


def _is_in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
