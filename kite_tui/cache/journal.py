"""What changed lately, so that a reader who keeps an order can move the changed rows instead of sorting all."""

from __future__ import annotations

from collections import OrderedDict
from itertools import takewhile

from kite_tui.objects.meta import Key

SIZE = 2048
"""Keys remembered: a reader asks four times a second, so this is 8 000 changed objects a second before one is too late
and has to compare all there are."""


class Journal:
    """A counter of changes, and the `size` keys that changed last. Not thread-safe: the store calls it under its lock.

    A key is kept once, as it first came, however often its object changes: what few objects say again and again takes
    no more room than they do.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._changed: OrderedDict[Key, int] = OrderedDict()
        """Each with the version of its last change, the newest last."""
        self._forgotten = 0
        self.version = 0
        """Grows by one with each changed object, never goes back."""

    def add(self, key: Key) -> None:
        """Note that the object under `key` changed, came or went."""
        self.version += 1
        self._changed[key] = self.version
        self._changed.move_to_end(key)
        if len(self._changed) > self._size:
            _, self._forgotten = self._changed.popitem(last=False)

    def since(self, version: int) -> set[Key] | None:
        """The keys changed after `version`; None where that is too long ago (or not a version of this journal)."""
        if not self._forgotten <= version <= self.version:
            return None
        return {key for key, _ in takewhile(lambda change: change[1] > version, reversed(self._changed.items()))}
