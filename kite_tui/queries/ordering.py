"""Many objects in an order that lives: built in short steps, then kept by moving only what changed.

No single C call here works on more than `RUN` entries but plain copies of references: sorting 150 000 tuples at once
would hold the interpreter, and with it every key press, for 300 ms.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Key, Record
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import State

RUN = 5_000
"""Entries sorted in one call: 5 to 8 ms of tuples on a slow core."""

FEW = 2_000
"""Up to so many changes are moved one by one (about 20 µs each among 150 000); more are cheaper to build anew."""

R = TypeVar("R", bound=Record)

SortKey = tuple[Any, ...]
Entry = tuple[SortKey, str, R]
"""(sort key, uid, record); uids differ, so a comparison never reaches the record."""


@dataclass(frozen=True, slots=True)
class Arrangement(Generic[R]):
    """How to show a kind: which objects, in which order. `token` says what the two functions were made from: as long as
    it is equal, the order at hand is kept and only changed objects are looked at again."""

    token: Hashable
    sort_key: Callable[[R], SortKey]
    keeps: Callable[[R], bool]
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Ordered(Generic[R]):
    """An ordered view of one moment: rows by position, and positions by uid. Never changes."""

    state: State
    entries: Sequence[Entry[R]]
    sort_keys: Mapping[str, SortKey]
    reverse: bool
    changed: frozenset[str] | None = None
    """Uids that moved, changed or came since the view before; None where everything was arranged anew."""

    def __len__(self) -> int:
        return len(self.entries)

    def at(self, position: int) -> R:
        """The record at a position, 0 at the top. O(1)."""
        return self.entries[~position if self.reverse else position][2]

    def uid_at(self, position: int) -> str:
        """The uid of the object at a position. O(1)."""
        return self.entries[~position if self.reverse else position][1]

    def index_of(self, uid: str) -> int | None:
        """Where the object with this uid stands, None where it isn't shown. O(log n)."""
        sort_key = self.sort_keys.get(uid)
        if sort_key is None:
            return None
        position = bisect_left(self.entries, (sort_key, uid))
        return len(self.entries) - 1 - position if self.reverse else position


class LiveOrder(Generic[R]):
    """Keeps the order of one kind from one `refresh` to the next. One thread at a time."""

    def __init__(self, kind: Kind[R]) -> None:
        self._kind = kind
        self._token: Hashable = None
        self._version: int | None = None
        self._entries: list[Entry[R]] = []
        self._sort_keys: dict[str, SortKey] = {}
        self._uids: dict[Key, str] = {}

    def refresh(self, reader: Reader, arrangement: Arrangement[R]) -> Ordered[R]:
        """The view as of now. O(changes × log n) plus a copy of references, or O(n log n) for another arrangement."""
        version = reader.version(self._kind)
        state = reader.state(self._kind)
        changed = None
        if self._version is not None and arrangement.token == self._token:
            changed = reader.changes_since(self._kind, self._version)
        moved: frozenset[str] | None = None
        if changed is None or len(changed) > FEW:
            self._build(reader.list(self._kind).objects, arrangement)
        else:
            for key in changed:
                self._move(key, reader.get(self._kind, *key), arrangement)
            moved = frozenset(uid for key in changed if (uid := self._uids.get(key)) is not None)
        self._token, self._version = arrangement.token, version
        return Ordered(state, self._entries.copy(), self._sort_keys.copy(), arrangement.reverse, moved)

    def _build(self, records: Sequence[R], arrangement: Arrangement[R]) -> None:
        sort_key, keeps = arrangement.sort_key, arrangement.keeps
        entries = [(sort_key(record), identity(record), record) for record in records if keeps(record)]
        self._entries = sorted_in_runs(entries)
        self._sort_keys = {uid: key for key, uid, _ in entries}
        self._uids = {(record.namespace, record.name): uid for _, uid, record in entries}

    def _move(self, key: Key, record: R | None, arrangement: Arrangement[R]) -> None:
        old = self._uids.pop(key, None)
        if old is not None:
            del self._entries[bisect_left(self._entries, (self._sort_keys.pop(old), old))]
        if record is not None and arrangement.keeps(record):
            sort_key, uid = arrangement.sort_key(record), identity(record)
            insort(self._entries, (sort_key, uid, record))
            self._sort_keys[uid] = sort_key
            self._uids[key] = uid


def identity(record: Record) -> str:
    """The uid, or for a malformed object without one its namespace and name: never the same for two objects."""
    return record.uid or f"{record.namespace}/{record.name}"


def sorted_in_runs(entries: Iterable[Entry[R]]) -> list[Entry[R]]:
    """Sorted like `sorted`, but no call holds the interpreter longer than a run of `RUN` takes."""
    waiting = list(entries)
    runs = [sorted(waiting[start : start + RUN]) for start in range(0, len(waiting), RUN)]
    return runs[0] if len(runs) == 1 else list(heapq.merge(*runs))
