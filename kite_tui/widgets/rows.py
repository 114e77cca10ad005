"""What a table is fed: an ordered view of keys, and cells made for one row when that row comes into sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kite_tui.widgets.columns import Cell, Column


class Rows(Protocol):
    """An ordered view of one moment. It never changes once a table has it: an update is another `Rows`."""

    def __len__(self) -> int: ...

    def key(self, index: int) -> str:
        """Who the row is (a UID): the cursor stays on it wherever it goes. O(1)."""
        ...

    def index_of(self, key: str) -> int | None:
        """Where the row is now, None where it is no more. O(log n) or better; a few dozen calls per update."""
        ...

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """One cell for each of `columns`, the ones shown now, in their order. Called for rows in sight only, on the UI
        thread, so it computes and never waits."""
        ...


class ListRows:
    """Rows over a list at hand, for tables of up to some hundreds: keys and a function that makes a row's cells."""

    def __init__(self, keys: Sequence[str], make: Callable[[str, Sequence[Column]], Sequence[Cell]]) -> None:
        self._keys = keys
        self._make = make
        self._positions: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, index: int) -> str:
        """The key at a position."""
        return self._keys[index]

    def index_of(self, key: str) -> int | None:
        """The position of a key; the first call makes a dictionary of all, O(n)."""
        if self._positions is None:
            self._positions = {key: index for index, key in enumerate(self._keys)}
        return self._positions.get(key)

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """The cells of one row, made now."""
        return self._make(self._keys[index], columns)


NO_ROWS = ListRows((), lambda _key, _columns: ())
