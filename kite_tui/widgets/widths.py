"""Widths of a table's columns over time: they grow to what was seen and never shrink, so nothing jumps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kite_tui.widgets.columns import Cell, Column, Slot, cell_need, chosen, natural_width, placed

SAMPLE = 24
"""Rows looked at beside those in sight, each time the number of rows has doubled."""


class Widths:
    """Which columns are shown and where. Answers are for the width of the last `fit`."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns: Sequence[Column] = columns
        self._wide = False
        self._width = -1
        self._seen: dict[str, int] = {}
        self._sampled = 0
        self.shown: tuple[Column, ...] = ()
        self.slots: list[Slot] = []

    def use(self, columns: Sequence[Column], *, wide: bool) -> None:
        """Other columns; what was seen is forgotten."""
        self._columns, self._wide, self._width = columns, wide, -1
        self._seen.clear()
        self._sampled = 0

    def fit(self, width: int) -> bool:
        """Lay out for a width, unless that is the one at hand. True where columns or places may be other ones."""
        if width == self._width:
            return False
        self._width = width
        shown = chosen(self._columns, width, wide=self._wide)
        if shown != self.shown:
            self.shown = shown
            self._sampled = 0
        self._place()
        return True

    def column_at(self, x: int) -> Column | None:
        """The column that stands at a cell of the line; None in a gap."""
        for column, slot in zip(self.shown, self.slots, strict=True):
            if slot.x <= x < slot.x + slot.width:
                return column
        return None

    def neighbour(self, column_id: str | None, step: int) -> str | None:
        """The sortable column shown so many steps beside another, at the ends that one itself; None without any."""
        able = [column.id for column in self.shown if column.sortable]
        if not able:
            return None
        at = able.index(column_id) + step if column_id in able else 0
        return able[max(0, min(at, len(able) - 1))]

    def sample(self, count: int) -> range:
        """The rows, of `count`, to `see` beside those in sight: spread over all, and none while nothing much is new."""
        if count < 2 * max(1, self._sampled):
            return range(0)
        self._sampled = count
        return range(0, count, max(1, count // SAMPLE))

    def see(self, rows: Iterable[Sequence[Cell]]) -> bool:
        """Grow to what these rows need. True where that moved a column."""
        grown = False
        for cells in rows:
            for column, cell in zip(self.shown, cells, strict=False):
                need = cell_need(cell)
                if need > self._seen.get(column.id, 0):
                    self._seen[column.id] = need
                    grown = True
        return grown and self._place()

    def _place(self) -> bool:
        before = self.slots
        natural = [natural_width(column, self._seen.get(column.id, 0)) for column in self.shown]
        self.slots = placed(self.shown, natural, self._width)
        return self.slots != before
