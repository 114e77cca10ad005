"""What just changed, and until when that is worth showing."""

from __future__ import annotations

from collections.abc import Sequence

from kite_tui.widgets.columns import Cell, Column

MARK_S = 1.5
"""How long a change stays marked: long enough to be noticed, short enough not to add up."""

Drawn = tuple[tuple[Column, ...], Sequence[Cell]]
"""A row as it was drawn: its columns and their cells."""

NONE: frozenset[int] = frozenset()


class Marks:
    """Marked cells by the key of their row. Holds what is or was in sight, nothing else."""

    def __init__(self) -> None:
        self._before: dict[str, Drawn] = {}
        self._marked: dict[str, tuple[float, frozenset[int]]] = {}

    def remember(self, rows: dict[str, Drawn]) -> None:
        """The rows in sight as they were before the last update."""
        self._before = rows

    def mark(self, key: str, columns: tuple[Column, ...], cells: Sequence[Cell], now_s: float) -> bool:
        """Mark the cells of a row that read differently than before, or the whole row where it wasn't in sight.

        Columns that change all by themselves are left out. False where nothing is marked.
        """
        known, before = self._before.get(key, ((), ()))
        able = (at for at, column in enumerate(columns) if column.flashes)
        if known == columns:
            able = (at for at in able if at < min(len(cells), len(before)) and cells[at].text != before[at].text)
        marked = frozenset(able)
        if marked:
            self._marked[key] = (now_s + MARK_S, marked)
        return bool(marked)

    def of(self, key: str) -> frozenset[int]:
        """The marked cells of a row, by their place among the columns."""
        marked = self._marked.get(key)
        return marked[1] if marked else NONE

    def expire(self, now_s: float) -> list[str]:
        """Forget what has been marked long enough; the keys of those rows."""
        gone = [key for key, (until_s, _) in self._marked.items() if until_s <= now_s]
        for key in gone:
            del self._marked[key]
        return gone

    @property
    def next_s(self) -> float | None:
        """When the next mark ends; None where there are none."""
        return min((until_s for until_s, _ in self._marked.values()), default=None)
