"""From raw objects to rows, one by one: short calls, between which another thread can have the interpreter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from kite_tui.cache.stats import Stats
from kite_tui.objects.decode import Decoder
from kite_tui.objects.envelope import Bytes, Malformed

log = logging.getLogger(__name__)

T = TypeVar("T")


class Decoding(Generic[T]):
    """Decodes for one reflector, on its thread. An object that is malformed costs itself only: it is counted, and the
    first one is logged."""

    def __init__(self, name: str, decode: Decoder[T], stats: Stats, stopping: threading.Event) -> None:
        self._name = name
        self._decode = decode
        self._stats = stats
        self._stopping = stopping

    def all(self, raws: Iterable[Bytes]) -> Iterator[T]:
        """The rows of a page; fewer where the reflector is being stopped."""
        for raw in raws:
            row = self.one(raw)
            if row is not None:
                yield row
            if self._stopping.is_set():
                return

    def one(self, raw: Bytes) -> T | None:
        """One row, None where the object is malformed."""
        try:
            return self._decode(raw)
        except Malformed as error:
            self._stats.malformed += 1
            if self._stats.malformed == 1:
                log.warning("%s: an object can't be read and is left out (further ones too): %s", self._name, error)
            return None
