"""Columns of a table: what each wants, which ones fit, how wide each becomes, and drawing one row across them.

Pure arithmetic over numbers and text: the table asks, nothing here knows a widget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from kite_tui.text.cut import cell_width, cut_end, cut_middle
from kite_tui.widgets.ink import FILLED, Ink, Line, Styles, fitted, line_width, safe


class Cell(NamedTuple):
    """One value of one row: its plain text (also what is copied or saved) and its ink.

    `parts` draws it in several inks, or, as a function of the column's width, as a bar or cut in a way of its own; it
    stands in for `text`. `need` is how many cells such a function would like to have.
    """

    text: str
    ink: Ink = ""
    parts: Line | Callable[[int], Line] | None = None
    need: int = 0


EMPTY = Cell("")

GAP = 2
ENDLESS = 1 << 30


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it wants of the width.

    It is never narrower than `least` (where it is shown at all), grows to what its cells need up to `most`, and takes
    a share of what is left over in proportion to `flex`, again up to `most`. Where even the least widths don't fit,
    the column with the greatest `rank` goes first, of equals the rightmost; the last one left is cut, never dropped.
    `wide` columns are shown only when asked for. `cut` is where `…` goes: names of clouds differ at their ends, so
    those are cut in the middle. `flashes` is False for what changes all by itself, such as an age.
    """

    id: str
    title: str
    least: int = 4
    most: int | None = None
    flex: int = 0
    align: Literal["left", "right"] = "left"
    rank: int = 0
    wide: bool = False
    cut: Literal["middle", "end"] = "end"
    sortable: bool = True
    flashes: bool = True


class Slot(NamedTuple):
    """A column's place: the cell where it starts, and how many it takes."""

    x: int
    width: int


def margin(width: int) -> int:
    """Cells left free at the left edge of a table of this width; a very narrow one has none to spare."""
    return 1 if width >= 40 else 0


def natural_width(column: Column, seen: int) -> int:
    """What a column wants when its widest cell takes `seen` cells. One cell stays free for the sort arrow."""
    wanted = max(column.least, cell_width(column.title) + (2 if column.sortable else 0), seen)
    return wanted if column.most is None else max(column.least, min(column.most, wanted))


def chosen(columns: Sequence[Column], width: int, *, wide: bool) -> tuple[Column, ...]:
    """The columns that fit in `width` cells at their least widths, in their order; at least one where there
    is any, none in no width at all."""
    if width < 1:
        return ()
    shown = [column for column in columns if wide or not column.wide]
    width -= margin(width)
    while len(shown) > 1 and sum(column.least for column in shown) + GAP * (len(shown) - 1) > width:
        shown.remove(max(reversed(shown), key=lambda column: column.rank))
    return tuple(shown)


def placed(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[Slot]:
    """Where the `chosen` columns go. The slots are in order, don't overlap and don't reach beyond `width`.

    Each gets its least width, then what it needs, short needs first, so that only the long ones are cut; then every
    gap a third cell where there is room for all; then the flexible ones share what is left.
    """
    if not columns or width < 1:
        return []
    gap, x = GAP, margin(width)
    width -= x
    widths = [column.least for column in columns]
    left = width - sum(widths) - gap * (len(columns) - 1)
    if left < 0:
        widths[0] = max(1, widths[0] + left)
        left = 0
    left -= _grow(widths, natural, left)
    if left >= len(columns) - 1 > 0:
        gap += 1
        left -= len(columns) - 1
    _share(columns, widths, left)
    slots = []
    for size in widths:
        slots.append(Slot(x, size))
        x += size + gap
    return slots


def _grow(widths: list[int], natural: Sequence[int], left: int) -> int:
    """Grow `widths` towards `natural` in equal steps, at most `left` cells in all. Returns the cells used."""
    given = 0
    while given < left:
        short = [i for i, width in enumerate(widths) if natural[i] > width]
        if not short:
            break
        step = max(1, (left - given) // len(short))
        for i in short:
            more = min(step, natural[i] - widths[i], left - given)
            widths[i] += more
            given += more
    return given


def _share(columns: Sequence[Column], widths: list[int], left: int) -> None:
    """Give `left` cells to the flexible columns in `widths`; what reaches its most leaves the rest to the others."""
    while left > 0:
        open_ = [i for i, column in enumerate(columns) if column.flex and (column.most or ENDLESS) > widths[i]]
        if not open_:
            return
        shares = sum(columns[i].flex for i in open_)
        before = left
        for i in open_:
            room = (columns[i].most or ENDLESS) - widths[i]
            more = min(room, left, max(1, before * columns[i].flex // shares))
            widths[i] += more
            left -= more


def cell_need(cell: Cell) -> int:
    """Cells that a cell needs to be whole."""
    if cell.parts is None:
        return cell_width(safe(cell.text))
    return cell.need if callable(cell.parts) else line_width(cell.parts)


def cell_line(cell: Cell, column: Column, width: int) -> list[tuple[str, Ink]]:
    """A cell as pieces of exactly `width` cells."""
    if cell.parts is None:
        text = (cut_middle if column.cut == "middle" else cut_end)(safe(cell.text), width)
        pieces: list[tuple[str, Ink]] = [(text, cell.ink)] if text else []
        used = cell_width(text)
    else:
        pieces, used = fitted(cell.parts(width) if callable(cell.parts) else cell.parts, width)
    if used < width:
        fill: tuple[str, Ink] = (" " * (width - used), "")
        pieces = [fill, *pieces] if column.align == "right" else [*pieces, fill]
    return pieces


def row_strip(
    cells: Sequence[Cell],
    columns: Sequence[Column],
    slots: Sequence[Slot],
    width: int,
    styles: Styles,
    *,
    marked: frozenset[int] = frozenset(),
    mark_styles: Styles | None = None,
) -> Strip:
    """A row drawn into its slots; the cells whose index is in `marked` in `mark_styles`.

    Blanks before a text become part of its segment: half as many segments to draw, filter and send.
    """
    segments: list[Segment] = []
    add = segments.append
    blank = styles[""]
    blanks = at = 0
    for index, (x, size) in enumerate(slots):
        blanks += x - at
        at = x + size
        column = columns[index]
        cell = cells[index] if index < len(cells) else EMPTY
        is_marked = mark_styles is not None and index in marked
        if cell.parts is None and not is_marked and cell.ink not in FILLED:
            text = safe(cell.text)
            used = cell_width(text)
            if used > size:
                text = (cut_middle if column.cut == "middle" else cut_end)(text, size)
                used = cell_width(text)
            if column.align == "right":
                blanks += size - used
            if text:
                add(Segment(" " * blanks + text, styles[cell.ink]))
                blanks = 0
            if column.align == "left":
                blanks += size - used
            continue
        if blanks:
            add(Segment(" " * blanks, blank))
            blanks = 0
        inks = mark_styles if is_marked and mark_styles is not None else styles
        for text, ink in cell_line(cell, column, size):
            add(Segment(text, inks[ink]))
    blanks += width - at
    if blanks > 0:
        add(Segment(" " * blanks, blank))
    return Strip(segments, width)


def titles(columns: Sequence[Column], slots: Sequence[Slot], sort: tuple[str, bool] | None) -> list[Cell]:
    """The cells of the header: titles, with an arrow beside the one that `sort` (id, reversed) names."""
    cells = []
    for column, slot in zip(columns, slots, strict=True):
        arrow = (" ↓" if sort[1] else " ↑") if sort and sort[0] == column.id else ""
        title = cut_end(column.title, max(1, slot.width - len(arrow)))
        cells.append(Cell("", "title", [(title + arrow, "title")]))
    return cells
