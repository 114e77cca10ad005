"""Plain tables: aligned columns of text, without colour, cut nowhere, for people and `awk` alike.

Every cell is cleaned here, so that no column can forget to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from kite_tui.text.cut import cell_width
from kite_tui.text.sanitise import clean

T_contra = TypeVar("T_contra", contravariant=True)
T = TypeVar("T")

GAP = "   "


class CellOf(Protocol[T_contra]):
    """Makes the text of one cell."""

    def __call__(self, row: T_contra, /) -> str: ...


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of a plain table; `wide` ones appear with `-o wide`. `right` aligns numbers by their last digit."""

    title: str
    cell: CellOf[T]
    right: bool = False
    wide: bool = False


def table(columns: Sequence[Column[T]], rows: Iterable[T], *, wide: bool = False) -> str:
    """Lines with a header; the last column is not padded. Empty where there are no rows."""
    shown = [column for column in columns if wide or not column.wide]
    return aligned(
        [[column.title for column in shown]] + [[column.cell(row) for column in shown] for row in rows],
        [column.right for column in shown],
    )


def aligned(lines: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Pad the cells of each column, cleaned, to one width of terminal cells, and join everything to one text."""
    lines = [[clean(cell) for cell in line] for line in lines]
    widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
    return "".join(
        GAP.join(
            _pad(cell, width, to_right) for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def _pad(cell: str, width: int, right: bool) -> str:
    space = " " * (width - cell_width(cell))
    return space + cell if right else cell + space
