"""What changed lately, so that a reader who keeps an order can move the changed rows instead of sorting all."""

from __future__ import annotations

from collections import deque
from itertools import islice

from kite_tui.objects.meta import Key

SIZE = 8192
"""Changes remembered: a reader asks four times a second, so this is 32 000 events a second before one is too late;
bisecting more rows than this into an order costs as much as sorting them."""


class Journal:
    """A counter of changes and the keys of the last `size` of them. Not thread-safe: the store calls it under its
    lock."""

    def __init__(self, size: int = SIZE) -> None:
        self._keys: deque[Key] = deque(maxlen=size)
        self.version = 0
        """Grows by one with each changed object, never goes back."""

    def add(self, key: Key) -> None:
        """Note that the object under `key` changed, came or went."""
        self._keys.append(key)
        self.version += 1

    def since(self, version: int) -> set[Key] | None:
        """The keys changed after `version`; None where that is too long ago (or not a version of this journal)."""
        count = self.version - version
        if count < 0 or count > len(self._keys):
            return None
        return set(islice(reversed(self._keys), count))
