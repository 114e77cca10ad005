"""An ordered view of objects as the rows of a table: cells are made for the row asked for, when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Generic, TypeVar

from kite_tui.objects.meta import Record
from kite_tui.queries.ordering import Ordered
from kite_tui.screens.ordering import Sort
from kite_tui.widgets.columns import EMPTY, Cell, Column
from kite_tui.widgets.ink import Line

R = TypeVar("R", bound=Record)

Maker = Callable[[R, float], dict[str, Cell]]
"""Makes the cells of one object by column id, as of a time in seconds since the epoch. UI thread; must not wait."""


class TableView(Generic[R]):
    """`Rows` for a `RowTable`, over an `Ordered` that never changes. `total` counts the objects before the filter;
    `narrowing` says why some are missing; `changed` are the uids of rows that may read differently than in the view
    before, None where everything is new; `sort` is what they are ordered by."""

    def __init__(
        self,
        ordered: Ordered[R],
        make: Maker[R],
        *,
        total: int,
        now_s: float,
        narrowing: Line = (),
        changed: Container[str] | None = None,
        sort: Sort = ("", False),
    ) -> None:
        self.ordered = ordered
        self.total = total
        self.narrowing = narrowing
        self.changed = changed
        self.now_s = now_s
        self.sort = sort
        self._make = make

    def as_of(self, now_s: float) -> TableView[R]:
        """The same rows some time later: only their ages differ."""
        return TableView(
            self.ordered, self._make, total=self.total, now_s=now_s, narrowing=self.narrowing, sort=self.sort
        )

    def __len__(self) -> int:
        return len(self.ordered)

    def key(self, index: int) -> str:
        """The uid of a row."""
        return self.ordered.uid_at(index)

    def index_of(self, key: str) -> int | None:
        """Where a uid is, None where it isn't shown."""
        return self.ordered.index_of(key)

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """The cells of one row."""
        made = self._make(self.ordered.at(index), self.now_s)
        return [made.get(column.id, EMPTY) for column in columns]
