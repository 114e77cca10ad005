"""Indexes of a store: under each name, which keys stand under which value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import chain, islice
from sys import getsizeof
from typing import Any, Generic, TypeVar

from kite_tui.objects.indexes import Index, IndexFunc, Shared
from kite_tui.objects.meta import Key, Record

T = TypeVar("T", bound=Record)
K = TypeVar("K", bound=Hashable)

_Bucket = dict[K, None]  # a set that keeps its order, so that two reads of the same state agree


class Indexer(Generic[T]):
    """Keys by index and value. Not thread-safe: the store calls it under its lock.

    A bucket holds keys, not objects, so that an event that changes no indexed value touches no bucket.
    """

    def __init__(self, indexes: Mapping[str, Index]) -> None:
        self._direct: list[_Direct] = []
        self._parts: dict[Callable[[Any], Hashable], _Parts] = {}
        self._sources: dict[str, list[tuple[_Direct, _Parts | None]]] = {}
        for name, index in indexes.items():
            sources = index if isinstance(index, tuple) else (index,)
            self._sources[name] = [self._source(source) for source in sources]

    def has(self, index: str) -> bool:
        """True where the index is kept."""
        return index in self._sources

    def keys(self, index: str, value: str) -> Iterable[Key]:
        """The keys under `value`, each once. Raises KeyError for an index that is not kept."""
        found = [
            buckets.keys(value) if parts is None else parts.keys(buckets.keys(value))
            for buckets, parts in self._sources[index]
        ]
        return found[0] if len(found) == 1 else dict.fromkeys(chain.from_iterable(found))

    def values(self, index: str) -> set[str]:
        """The values under which something is found. Raises KeyError for an index that is not kept."""
        return {value for buckets, _ in self._sources[index] for value in buckets.values()}

    def put(self, key: Key, old: T | None, new: T | None) -> None:
        """Move `key` from where `old` put it to where `new` does; None is no object. O(values)."""
        for direct in self._direct:
            direct.put(key, old, new)
        for parts in self._parts.values():
            parts.put(key, old, new)

    def estimated_b(self, sample: int) -> int:
        """Bytes of the buckets, from up to twice `sample` of each index; their keys are the caller's. O(values)."""
        direct = sum(index.estimated_b(sample) for index in self._direct)
        return direct + sum(parts.estimated_b(sample) for parts in self._parts.values())

    def _source(self, source: IndexFunc | Shared) -> tuple[_Direct, _Parts | None]:
        if not isinstance(source, Shared):
            direct = _Direct(source)
            self._direct.append(direct)
            return direct, None
        parts = self._parts.setdefault(source.part, _Parts(source.part))
        by_value = _Direct(source.values)
        parts.indexes.append(by_value)
        return by_value, parts


class _Direct:
    """Values of a function, and the keys (or shared parts) that have them."""

    def __init__(self, function: IndexFunc) -> None:
        self._function = function
        self._buckets: dict[str, _Bucket[Any]] = {}

    def keys(self, value: str) -> Iterable[Any]:
        return self._buckets.get(value, ())

    def values(self) -> Iterable[str]:
        return self._buckets

    def estimated_b(self, sample: int) -> int:
        return _estimated_b(self._buckets, sample)

    def put(self, key: Hashable, old: object, new: object) -> None:
        before = () if old is None else tuple(self._function(old))
        after = () if new is None else tuple(self._function(new))
        if before == after:
            return
        for value in before:
            if value not in after:
                _discard(self._buckets, value, key)
        for value in after:
            self._buckets.setdefault(value, {})[key] = None


class _Parts:
    """Which keys have a shared part, and the indexes over these parts: a part is in them while any key has it."""

    def __init__(self, part: Callable[[Any], Hashable]) -> None:
        self._part = part
        self._members: dict[Hashable, _Bucket[Key]] = {}
        self.indexes: list[_Direct] = []

    def estimated_b(self, sample: int) -> int:
        return _estimated_b(self._members, sample) + sum(index.estimated_b(sample) for index in self.indexes)

    def keys(self, parts: Iterable[Hashable]) -> Iterator[Key]:
        for part in parts:
            yield from self._members[part]

    def put(self, key: Key, old: object, new: object) -> None:
        before = None if old is None else self._part(old)
        after = None if new is None else self._part(new)
        if before is after or before == after:
            return
        if before is not None and _discard(self._members, before, key):
            for index in self.indexes:
                index.put(before, before, None)
        if after is not None:
            bucket = self._members.get(after)
            if bucket is None:
                bucket = self._members[after] = {}
                for index in self.indexes:
                    index.put(after, None, after)
            bucket[key] = None


def _estimated_b(buckets: Mapping[Any, _Bucket[Any]], sample: int) -> int:
    if not buckets:
        return getsizeof(buckets)
    some = list(islice(buckets.items(), 0, None, max(1, len(buckets) // sample)))
    # A value is the index's own where it is a text; a shared part belongs to the objects.
    weight_b = sum(getsizeof(bucket) + (getsizeof(value) if isinstance(value, str) else 0) for value, bucket in some)
    return getsizeof(buckets) + weight_b * len(buckets) // len(some)


def _discard(buckets: dict[Any, _Bucket[Any]], value: object, key: object) -> bool:
    """Take a key out of its bucket; True where that was the bucket's last, which then goes too."""
    bucket = buckets.get(value)
    if bucket is None:
        return False
    bucket.pop(key, None)
    if bucket:
        return False
    del buckets[value]
    return True
