"""The objects of one kind, and all that is kept up to date beside them, under one lock.

Objects are read-only for ever: an event replaces the object under its key and never edits it, so a reader takes
references under the lock and works without it. One read answers from one state.

Several reflectors may feed one store, each its own part: the whole cluster is part `""`, a namespace the part of its
name. A part's writer touches the objects of its part only; a part that was closed is written to in vain.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Mapping
from sys import getsizeof
from typing import Generic, Protocol, TypeVar

from kite_tui.cache.journal import Journal
from kite_tui.cache.weight import SAMPLE, estimated_b
from kite_tui.objects.indexer import Indexer
from kite_tui.objects.indexes import NAMESPACE, Index
from kite_tui.objects.meta import Key, Record
from kite_tui.objects.reader import Listing
from kite_tui.objects.states import Off, State

T = TypeVar("T", bound=Record)
T_contra = TypeVar("T_contra", contravariant=True)
R = TypeVar("R")

WHOLE = ""
"""The part that is the whole cluster."""


class Aggregate(Protocol[T_contra]):
    """Something summed over all objects, such as `PodSums`. Called under the store's lock; must not raise."""

    def add(self, row: T_contra, /) -> None: ...
    def remove(self, row: T_contra, /) -> None: ...


Combine = Callable[[Mapping[str, State], int], State]
"""One state from those of the parts and the count of objects. Pure; called under the store's lock."""


def single(parts: Mapping[str, State], _count: int) -> State:
    """The state of the only part."""
    return next(iter(parts.values()), Off())


def key_of(row: Record) -> Key:
    """(namespace, name): unique among the objects of a kind at one moment, but for a recreated one (see UID)."""
    return (row.namespace, row.name)


class Store(Generic[T]):
    """Thread-safe. `limit` keeps only that many objects, the greatest by `newest_by`."""

    def __init__(
        self,
        indexes: Mapping[str, Index] | None = None,
        *,
        aggregate: Aggregate[T] | None = None,
        limit: int | None = None,
        newest_by: Callable[[T], float] = lambda _row: 0,
        combine: Combine = single,
    ) -> None:
        self._lock = threading.Lock()
        self._objects: dict[Key, T] = {}
        self._indexer: Indexer[T] = Indexer(indexes or {})
        self._journal = Journal()
        self._aggregate = aggregate
        self._limit = limit
        self._newest_by = newest_by
        self._combine = combine
        self._parts: dict[str, State] = {}
        self._state: State = Off()

    # -- reading ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """How far the objects are the truth. O(1)."""
        return self._state

    @property
    def version(self) -> int:
        """Grows with each changed object; state changes leave it alone."""
        return self._journal.version

    def __len__(self) -> int:
        return len(self._objects)

    def list(self) -> Listing[T]:
        """All objects and the state of the same moment. O(n), a copy of references (1 ms for 150 000)."""
        with self._lock:
            return Listing(self._state, tuple(self._objects.values()))

    def get(self, namespace: str, name: str) -> T | None:
        """One object. O(1)."""
        return self._objects.get((namespace, name))

    def by_index(self, index: str, value: str) -> tuple[T, ...]:
        """The objects under `value`. O(result). Raises KeyError for an index that is not kept."""
        with self._lock:
            return tuple([self._objects[key] for key in self._indexer.keys(index, value)])

    def index_values(self, index: str) -> set[str]:
        """The values that have objects. O(values). Raises KeyError for an index that is not kept."""
        with self._lock:
            return self._indexer.values(index)

    def changes_since(self, version: int) -> set[Key] | None:
        """Keys whose objects changed, came or went after `version`; None where too much happened since."""
        with self._lock:
            return self._journal.since(version)

    def part_states(self) -> Mapping[str, State]:
        """The state of each open part."""
        with self._lock:
            return dict(self._parts)

    def estimated_b(self) -> int:
        """Bytes that the objects take, with what is found by them (keys and indexes): an estimate from a sample. Some
        20 ms, so it is for no thread that anybody waits for; the lock is held for a copy of references."""
        with self._lock:
            rows = tuple(self._objects.values())
            found_by_b = getsizeof(self._objects) + self._indexer.estimated_b(SAMPLE)
        return estimated_b(rows) + len(rows) * getsizeof(("", "")) + found_by_b

    def locked(self, read: Callable[[], R]) -> R:
        """`read()` under the lock: for the aggregate, which has none of its own."""
        with self._lock:
            return read()

    # -- writing ------------------------------------------------------------------------------------------------

    def apply(
        self, upserts: Iterable[T], deletes: Iterable[T] = (), *, part: str = WHOLE, state: State | None = None
    ) -> None:
        """Put `upserts` in and take `deletes` out, in this order, and set the part's state at the same moment.

        A delete names the object by key and UID: one that was recreated since stays.
        """
        with self._lock:
            self._write_locked(upserts, deletes, part, state)

    def paint(self, rows: Iterable[T], *, part: str = WHOLE, state: State | None = None) -> bool:
        """Show a page of a first list before the list is whole; False where it was not done, because other parts
        already show these objects, newer."""
        with self._lock:
            if part not in self._parts or (part == WHOLE and len(self._parts) > 1):
                return False
            self._write_locked(rows, (), part, state)
            return True

    def replace(self, rows: Iterable[T], *, part: str = WHOLE, state: State | None = None) -> None:
        """Make the part's objects exactly `rows`, at once, differing by key and UID.

        Equal objects stay the ones they are. The differences are found without the lock, because only this part's
        writer changes its objects; the lock is held for what differs. The whole cluster's list is the better answer
        to all other parts: they are closed first, and that once the differences are found under the lock too.
        """
        fresh = {key_of(row): row for row in rows}
        with self._lock:
            held, writers = self._held_locked(part), set(self._parts)
        upserts, deletes = _differences(held, fresh)
        with self._lock:
            if part == WHOLE and part in self._parts and len(writers | set(self._parts)) > 1:
                self._parts = {part: self._parts[part]}
                upserts, deletes = _differences(self._objects, fresh)
            self._write_locked(upserts, deletes, part, state)

    def set_state(self, state: State, *, part: str = WHOLE) -> None:
        """Set the state of an open part."""
        with self._lock:
            if part in self._parts:
                self._parts[part] = state
                self._compose_locked()

    def open_part(self, part: str, state: State) -> None:
        """Let a part be written to."""
        with self._lock:
            self._parts[part] = state
            self._compose_locked()

    def close_parts(self, parts: Iterable[str], *, keep_objects: bool = False) -> None:
        """Close parts; their writers write in vain from now on. Their objects go too, unless another part has them."""
        with self._lock:
            for part in parts:
                self._parts.pop(part, None)
                for key, row in () if keep_objects else self._held_locked(part).items():
                    self._drop_locked(key, row)
            self._compose_locked()

    def recombine(self, combine: Combine) -> None:
        """Another way to make one state of the parts'."""
        with self._lock:
            self._combine = combine
            self._compose_locked()

    def _held_locked(self, part: str) -> dict[Key, T]:
        if part == WHOLE:
            return dict(self._objects)
        if self._indexer.has(NAMESPACE):
            return {key: self._objects[key] for key in self._indexer.keys(NAMESPACE, part)}
        return {key: row for key, row in self._objects.items() if key[0] == part}

    def _write_locked(self, upserts: Iterable[T], deletes: Iterable[T], part: str, state: State | None) -> None:
        if part not in self._parts:
            return
        for row in upserts:
            self._put_locked(row)
        for row in deletes:
            held = self._objects.get(key_of(row))
            if held is not None and held.uid == row.uid:
                self._drop_locked(key_of(row), held)
        self._trim_locked()
        if state is not None:
            self._parts[part] = state
            self._compose_locked()

    def _put_locked(self, row: T) -> None:
        key = key_of(row)
        held = self._objects.get(key)
        if held == row:
            return
        if held is not None and held.uid != row.uid:
            self._drop_locked(key, held)
            held = None
        self._objects[key] = row
        self._indexer.put(key, held, row)
        self._journal.add(key)
        if self._aggregate is not None:
            if held is not None:
                self._aggregate.remove(held)
            self._aggregate.add(row)

    def _drop_locked(self, key: Key, held: T) -> None:
        del self._objects[key]
        self._indexer.put(key, held, None)
        self._journal.add(key)
        if self._aggregate is not None:
            self._aggregate.remove(held)

    def _trim_locked(self) -> None:
        if self._limit is None or len(self._objects) <= self._limit:
            return
        excess = len(self._objects) - self._limit
        for row in heapq.nsmallest(excess, self._objects.values(), key=self._newest_by):
            self._drop_locked(key_of(row), row)

    def _compose_locked(self) -> None:
        self._state = self._combine(self._parts, len(self._objects))


class StorePart(Generic[T]):
    """A store as one reflector sees it: the part that it writes."""

    def __init__(self, store: Store[T], name: str = WHOLE) -> None:
        self._store = store
        self.name = name

    def paint(self, rows: Iterable[T], state: State) -> bool:
        """See `Store.paint`."""
        return self._store.paint(rows, part=self.name, state=state)

    def apply(self, upserts: Iterable[T], deletes: Iterable[T] = ()) -> None:
        """See `Store.apply`."""
        self._store.apply(upserts, deletes, part=self.name)

    def replace(self, rows: Iterable[T], state: State | None = None) -> None:
        """See `Store.replace`."""
        self._store.replace(rows, part=self.name, state=state)

    def set_state(self, state: State) -> None:
        """See `Store.set_state`."""
        self._store.set_state(state, part=self.name)


def _differences(held: Mapping[Key, T], fresh: Mapping[Key, T]) -> tuple[list[T], list[T]]:
    """What to put in and what to take out, to get from `held` to `fresh`."""
    upserts = [row for key, row in fresh.items() if held.get(key) != row]
    return upserts, [row for key, row in held.items() if key not in fresh]
