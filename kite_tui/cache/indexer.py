"""Indexes of a store: under each name, which keys stand under which value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from kite_tui.objects.indexes import IndexFunc
from kite_tui.objects.meta import Key, Record

T = TypeVar("T", bound=Record)

_Bucket = dict[Key, None]  # a set that keeps its order, so that two reads of the same state agree


class Indexer(Generic[T]):
    """Keys by index and value. Not thread-safe: the store calls it under its lock.

    A bucket holds keys, not objects, so that an event that changes no indexed value touches no bucket.
    """

    def __init__(self, functions: Mapping[str, IndexFunc]) -> None:
        self._functions = dict(functions)
        self._buckets: dict[str, dict[str, _Bucket]] = {name: {} for name in functions}

    def has(self, index: str) -> bool:
        """True where the index is kept."""
        return index in self._buckets

    def keys(self, index: str, value: str) -> Iterable[Key]:
        """The keys under `value`, a live view. Raises KeyError for an index that is not kept."""
        return self._buckets[index].get(value, ())

    def put(self, key: Key, old: T | None, new: T | None) -> None:
        """Move `key` from where `old` put it to where `new` does; None is no object. O(values)."""
        for name, function in self._functions.items():
            buckets = self._buckets[name]
            before = () if old is None else tuple(function(old))
            after = () if new is None else tuple(function(new))
            if before == after:
                continue
            for value in before:
                if value not in after:
                    bucket = buckets.get(value)
                    if bucket is not None:
                        bucket.pop(key, None)
                        if not bucket:
                            del buckets[value]
            for value in after:
                buckets.setdefault(value, {})[key] = None
