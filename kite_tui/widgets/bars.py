"""Bars of one line: usage, requests and limits in one; a plain share; a ring of samples.

Every function gives pieces of exactly `width` cells. Colours follow one rule everywhere: usage above 90 % is bad, above
60 % a warning; requests from 90 % are a warning; limits above 100 % are ordinary overcommit: a mark, never red.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kite_tui.widgets.ink import Ink, Piece

FULL = "█"
EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
TRACK = "·"
REQUEST_TICK = "┃"
LIMIT_TICK = "┆"
OVER = "►"
LEVELS = "▁▂▃▄▅▆▇█"


def usage_ink(share: float) -> Ink:
    """The ink of a usage; 1.0 is all of it."""
    return "bad" if share > 0.9 else "warn" if share > 0.6 else "good"


def request_ink(share: float) -> Ink:
    """The ink of requests; 1.0 is all that is allocatable."""
    return "warn" if share >= 0.9 else "accent"


@lru_cache(maxsize=512)
def resource_bar(
    width: int, used: float | None, requested: float | None, limited: float | None, total: float | None
) -> tuple[Piece, ...]:
    """Usage as the fill, requests and limits as ticks on it, `►` at the end for what is over 100 %.

    All in one unit; None is unknown and draws nothing. Without a total there is nothing to draw against: blank cells.
    Remembered, because most rows are drawn again with the numbers they had.
    """
    if width < 1:
        return ()
    if not total or total < 0:
        return ((" " * width, ""),)
    cells: list[Piece] = [(TRACK, "faint")] * width
    if used is not None:
        share = max(0.0, used / total)
        for at, mark in enumerate(_fill(width, share)):
            cells[at] = (mark, usage_ink(share))
    if limited is not None:
        over = limited > total
        cells[width - 1 if over else _tick(width, limited / total)] = (OVER if over else LIMIT_TICK, "dim")
    if requested is not None:
        share = requested / total
        at = _tick(width, share)
        if limited is not None and limited > total and at == width - 1:
            at = max(0, width - 2)
        cells[at] = (REQUEST_TICK if share <= 1 else OVER, request_ink(share))
    return tuple(_joined(cells))


def percent_bar(width: int, share: float | None, ink: Ink = "accent") -> list[Piece]:
    """A share of 1.0 as a bar in eighths of a cell, `►` in the last cell above 1.0; None is all track."""
    if width < 1:
        return []
    if share is None:
        return [(TRACK * width, "faint")]
    if share > 1:
        return _joined([(FULL, ink)] * (width - 1) + [(OVER, ink)])
    fill = _fill(width, max(0.0, share))
    return _joined([(mark, ink) for mark in fill] + [(TRACK, "faint")] * (width - len(fill)))


def sparkline(
    width: int, samples: Sequence[float | None], most: float | None = None, ink: Ink = "accent"
) -> list[Piece]:
    """The newest `width` samples, the last one rightmost, as heights of `most` (or of the greatest shown).

    None is a gap: a sample that could not be had is not a zero.
    """
    if width < 1:
        return []
    shown = list(samples[-width:])
    known = [sample for sample in shown if sample is not None]
    top = most if most is not None else max(known, default=0)
    marks = [" " if sample is None else _level(sample, top) for sample in shown]
    return [("".join(marks).rjust(width), ink)]


def _fill(width: int, share: float) -> list[str]:
    """The filled cells of a bar, at most `width`. What is there but too little for an eighth still shows one."""
    eighths = round(min(share, 1.0) * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    return [FULL] * (eighths // 8) + ([EIGHTHS[eighths % 8]] if eighths % 8 else [])


def _tick(width: int, share: float) -> int:
    return min(width - 1, int(max(0.0, min(share, 1.0)) * width))


def _level(sample: float, top: float) -> str:
    if top <= 0:
        return LEVELS[0]
    return LEVELS[min(7, int(max(0.0, min(sample / top, 1.0)) * 8))]


def _joined(cells: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one ink as one piece: fewer segments to draw."""
    out: list[Piece] = []
    for mark, ink in cells:
        if out and out[-1][1] == ink:
            out[-1] = (out[-1][0] + mark, ink)
        else:
            out.append((mark, ink))
    return out
