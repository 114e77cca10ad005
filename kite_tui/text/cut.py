"""Cutting text to a width in terminal cells, with `…` where something is missing.

Widths are rich's, because rich and Textual draw: a table of our own would disagree with theirs some day.
"""

from __future__ import annotations

from rich.cells import cell_len

ELLIPSIS = "…"


def cell_width(text: str) -> int:
    """Cells that the text takes on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


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
    """As many leading characters as fit."""
    size = min(len(text), max(width, 0))
    while cell_width(text[:size]) > width > 0:
        size -= 1
    # Zero-width characters cost nothing: a letter keeps its accents.
    while width > 0 and size < len(text) and cell_width(text[: size + 1]) <= width:
        size += 1
    return text[:size] if width > 0 else ""


def _tail(text: str, width: int) -> str:
    """As many trailing characters as fit, not beginning with an accent that lost its letter."""
    size = min(len(text), max(width, 0))
    while size and cell_width(text[-size:]) > width:
        size -= 1
    while size and cell_width(text[-size]) == 0:
        size -= 1
    return text[-size:] if size else ""
