"""The page of one object: sections of pairs and of small grids, lined up, side by side where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip

from kite_tui.text.cut import cell_width
from kite_tui.widgets.columns import EMPTY, Cell, Column, Slot, cell_need, chosen, natural_width, placed, row_strip
from kite_tui.widgets.ink import Palette, safe
from kite_tui.widgets.lines import LineView

PAIRS = (Column("key", "", least=8, most=24), Column("value", "", least=8, flex=1))
"""The columns of a section of keys and values."""

BESIDE = 110
"""From so many cells on, sections stand side by side: a wide screen is for more, not for longer blanks."""

BETWEEN = 3
"""Cells between two that stand side by side."""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled block of rows, one cell per column; titles of columns are shown where one of them has any.

    With `folds`, text of the last column that is too long goes on below itself, broken at a space; otherwise it is cut.
    `across` keeps the whole width for it where sections stand side by side.
    """

    title: str
    rows: Sequence[Sequence[Cell]]
    columns: tuple[Column, ...] = PAIRS
    folds: bool = True
    across: bool = False


class PageLine(NamedTuple):
    """A line before it is drawn: cells in their slots, and what stands to its right, `at` so many cells."""

    cells: Sequence[Cell]
    columns: Sequence[Column]
    slots: Sequence[Slot]
    beside: PageLine | None = None
    at: int = 0

    def draw(self, width: int, palette: Palette) -> Strip:
        """The line in exactly `width` cells."""
        if self.beside is None:
            return row_strip(self.cells, self.columns, self.slots, width, palette.plain)
        left = row_strip(self.cells, self.columns, self.slots, self.at - BETWEEN, palette.plain)
        right = self.beside.draw(width - self.at, palette)
        return Strip([*left, Segment(" " * BETWEEN, palette.plain[""]), *right], width)


BLANK = PageLine((), (), ())

Needs = dict[tuple[Column, ...], tuple[int, ...]]
"""The widest cell of each column, over all sections that have the same columns: so they line up with each other."""


class Sections(LineView):
    """Sections below each other, side by side where there is room; the keys scroll."""

    DEFAULT_CSS = """
    Sections { height: 1fr; }
    """

    def __init__(self, sections: Iterable[Section] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._sections = tuple(sections)
        self._lines: list[PageLine] = []
        self._laid_out_for = -1

    def show(self, sections: Iterable[Section]) -> None:
        """Show these sections; what is scrolled to stays. Lays out all of them, so it is for pages, not for lists."""
        before = len(self._lines)
        self._sections = tuple(sections)
        self._laid_out_for = -1
        if self.is_mounted:
            self.lines_changed()
            self.refresh(layout=self.styles.auto_dimensions and self.line_count != before)

    @property
    def line_count(self) -> int:
        """Lines at the width at hand."""
        return len(self._laid_out(self.line_width))

    def line_strip(self, line: int, width: int) -> Strip:
        """One line, drawn now."""
        return self._laid_out(width)[line].draw(width, self.palette)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are at that width (Textual's call for `height: auto`)."""
        return len(self._laid_out(width))

    def on_resize(self) -> None:
        """Another width folds elsewhere."""
        self.lines_changed()

    def _laid_out(self, width: int) -> list[PageLine]:
        if width != self._laid_out_for:
            self._laid_out_for = width
            self._lines = page(self._sections, width)
        return self._lines


def page(sections: Iterable[Section], width: int) -> list[PageLine]:
    """All lines of the sections in `width` cells, a blank one between two that follow each other."""
    sections = tuple(sections)
    needs: Needs = {}
    for section in sections:
        so_far = needs.get(section.columns, (0,) * len(section.columns))
        here = [
            max((cell_need(row[at]) for row in section.rows if at < len(row)), default=0) for at in range(len(so_far))
        ]
        needs[section.columns] = tuple(map(max, so_far, here))
    lines: list[PageLine] = []
    for group in _groups(sections, beside=width >= BESIDE):
        if lines:
            lines.append(BLANK)
        if len(group) == 1:
            lines += section_lines(group[0], width, needs)
        else:
            lines += _beside(group, width, needs)
    return lines


def _groups(sections: Iterable[Section], *, beside: bool) -> Iterator[list[Section]]:
    """Sections that share their lines: runs of those that aren't `across`."""
    run: list[Section] = []
    for section in sections:
        if beside and not section.across:
            run.append(section)
            continue
        if run:
            yield run
        run = []
        yield [section]
    if run:
        yield run


def _beside(sections: Sequence[Section], width: int, needs: Needs) -> list[PageLine]:
    """Two columns of sections; each section goes where less stands so far, so their order reads down and across."""
    at = (width + BETWEEN) // 2
    sides: tuple[list[PageLine], list[PageLine]] = ([], [])
    for section in sections:
        side = 0 if len(sides[0]) <= len(sides[1]) else 1
        lines = section_lines(section, at - BETWEEN if side == 0 else width - at, needs)
        sides[side].extend([BLANK, *lines] if sides[side] else lines)
    left, right = sides
    length = max(len(left), len(right))
    left += [BLANK] * (length - len(left))
    right += [BLANK] * (length - len(right))
    return [line._replace(beside=other, at=at) for line, other in zip(left, right, strict=True)]


def section_lines(section: Section, width: int, needs: Needs) -> list[PageLine]:
    """Title, titles of columns where there are any, and rows, the last column folded where the section folds."""
    columns = chosen(section.columns, width, wide=True)
    kept = [at for at, column in enumerate(section.columns) if column in columns]
    rows = [[row[at] if at < len(row) else EMPTY for at in kept] for row in section.rows]
    natural = [natural_width(section.columns[at], needs[section.columns][at]) for at in kept]
    slots = placed(columns, natural, width)
    heading = Slot(slots[0].x, width - slots[0].x) if slots else Slot(0, width)
    lines = [PageLine([Cell(section.title, "title")], [Column("title", "")], [heading])] if section.title else []
    if any(column.title for column in columns):
        lines.append(PageLine([Cell(column.title, "dim") for column in columns], columns, slots))
    for row in rows:
        parts = _folded(row[-1], slots[-1].width) if section.folds and row and slots else row[-1:]
        lines.append(PageLine([*row[:-1], *parts[:1]], columns, slots))
        lines += [PageLine([*[EMPTY] * (len(row) - 1), part], columns, slots) for part in parts[1:]]
    return lines


def _folded(cell: Cell, width: int) -> list[Cell]:
    text = safe(cell.text)
    if cell.parts is not None or cell_width(text) <= width:
        return [cell]
    return [Cell(line.plain.rstrip(), cell.ink) for line in Content(text).wrap(max(1, width))]
