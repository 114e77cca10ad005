"""From raw objects to rows, one by one: short calls, between which another thread can have the interpreter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec import Raw

from kite_tui.cache.stats import Stats
from kite_tui.objects.decode import Decoder
from kite_tui.objects.envelope import Bytes, Malformed

log = logging.getLogger(__name__)

T = TypeVar("T")

RUN = 500
"""As many objects as a page has as a rule."""


class Decoding(Generic[T]):
    """Decodes for one reflector, on its thread. An object that is malformed costs itself only: it is counted, and the
    first one is logged."""

    def __init__(self, name: str, decode: Decoder[T], stats: Stats, stopping: threading.Event) -> None:
        self._name = name
        self._decode = decode
        self._stats = stats
        self._stopping = stopping

    def runs(self, raws: list[Raw]) -> Iterator[list[T]]:
        """The rows of a page, `RUN` at a time; fewer where the reflector is being stopped.

        Takes the list over and empties it on the way: a page may be all objects of a cluster, and bytes that were read
        are let go before the next ones are rows.
        """
        raws.reverse()
        while raws and not self._stopping.is_set():
            rows = [self.one(raws.pop()) for _ in range(min(RUN, len(raws)))]
            yield [row for row in rows if row is not None]

    def one(self, raw: Bytes) -> T | None:
        """One row, None where the object is malformed."""
        try:
            return self._decode(raw)
        except Malformed as error:
            self._stats.malformed += 1
            if self._stats.malformed == 1:
                log.warning("%s: an object can't be read and is left out (further ones too): %s", self._name, error)
            return None
