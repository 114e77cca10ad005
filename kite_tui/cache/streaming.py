"""A streaming list: a watch that begins with every object there is, until a bookmark says that these were all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from kite_tui.cache.decision import NotStreamed
from kite_tui.cache.decoding import Decoding
from kite_tui.cache.lister import FIRST_PAGE, PAGE
from kite_tui.cache.presence import Presence
from kite_tui.cache.store import key_of
from kite_tui.kube.errors import BadAnswer, TimedOut
from kite_tui.objects.envelope import Malformed, WatchEvent, peek_meta
from kite_tui.objects.meta import Key, Record

T = TypeVar("T", bound=Record)

QUERY = (("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan"))
"""Goes with `allowWatchBookmarks`; a server that doesn't know `sendInitialEvents` refuses the match (422)."""

IDLE_S = 10.0
"""Without a byte before the bookmark: a server from before streaming lists sent what it has and waits for changes."""

_END = ("k8s.io/initial-events-end", "true")


class Streaming:
    """Whether the lists of one resource are streamed: shared by the reflectors of its scopes, on any thread."""

    def __init__(self, wanted: bool) -> None:
        self.is_on = wanted

    def refuse(self) -> None:
        """The server can't: pages from now on."""
        self.is_on = False


class StreamedList(Generic[T]):
    """The rows of one streaming list as they come, on the reflector's thread. Those of a first list are shown as pages
    are, a hundred and then five hundred at a time; there is no estimate of how many they will be."""

    def __init__(self, presence: Presence[T], decoding: Decoding[T]) -> None:
        self._presence = presence
        self._decoding = decoding
        self._rows: dict[Key, T] = {}
        self.resource_version = ""
        """The version of the whole list, once it is."""

    def read(self, events: Iterable[WatchEvent]) -> list[T]:
        """All rows, when the bookmark came; what follows in `events` is a watch from `resource_version`.

        Raises NotStreamed after `IDLE_S` of silence and for a bookmark that isn't the list's end, BadAnswer where the
        server ended the stream before it, and what `events` raises.
        """
        unseen: list[T] = []
        size = FIRST_PAGE
        try:
            for event in events:
                if event.type == "BOOKMARK":
                    self._end(event)
                    return list(self._rows.values())
                row = self._decoding.one(event.object)
                if row is None:
                    continue
                if event.type == "DELETED":
                    self._rows.pop(key_of(row), None)
                    continue
                self._rows[key_of(row)] = row
                unseen.append(row)
                if len(unseen) >= size:
                    self._presence.page(unseen, len(self._rows), None)
                    unseen, size = [], PAGE
        except TimedOut as error:
            raise NotStreamed("the server does not say where a streaming list ends") from error
        raise BadAnswer("the server ended a streaming list before it was whole")

    def _end(self, event: WatchEvent) -> None:
        try:
            meta = peek_meta(event.object)
        except Malformed as error:
            raise BadAnswer(str(error)) from error
        if _END not in meta.annotations:
            raise NotStreamed("the server sent a bookmark before the end of a streaming list")
        self.resource_version = meta.resource_version
