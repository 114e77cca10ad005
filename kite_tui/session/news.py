"""Which kinds changed since somebody last looked: from many threads to one."""

from __future__ import annotations

import threading
from typing import Any

from kite_tui.objects.kinds import Kind


class News:
    """Gathers changes. However many there are, whoever waits for them is woken once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: set[Kind[Any]] = set()

    def note(self, kind: Kind[Any]) -> bool:
        """A kind changed; True where nothing had since the last `take`. Any thread."""
        with self._lock:
            first = not self._kinds
            self._kinds.add(kind)
        return first

    def take(self) -> set[Kind[Any]]:
        """What changed, forgotten by that."""
        with self._lock:
            kinds, self._kinds = self._kinds, set()
        return kinds
