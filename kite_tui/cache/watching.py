"""One watch, from its opening to its end: lines in, changes out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

from kite_tui.cache.clock import Clock
from kite_tui.cache.decision import Regressed, ShortWatch, SilentWatch
from kite_tui.cache.decoding import Decoding
from kite_tui.cache.presence import Presence
from kite_tui.cache.stats import Stats
from kite_tui.cache.versions import is_older
from kite_tui.kube.api import WatchStream
from kite_tui.kube.errors import ApiError, BadAnswer, TimedOut
from kite_tui.kube.status import error_of_status
from kite_tui.objects.envelope import Bytes, Malformed, WatchEvent, decode_event, peek_meta
from kite_tui.objects.meta import Record

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Record)

MIN_TIMEOUT_S = 300
MAX_TIMEOUT_S = 600
"""A watch is renewed every 5 to 10 minutes, each at its own time, so that watches spread over the servers behind a
load balancer and a revoked right is noticed."""

GRACE_S = 30
"""Beyond the timeout before the first bookmark, when nothing says yet how often the server speaks."""

BOOKMARK_IDLE_S = 75
"""Servers send a bookmark every 60 s (cacher.go: bookmarkFrequency); a quarter more without a byte is a dead line."""

SHORT_S = 1.0

SETTLE_S = 0.5
"""A watch that goes on after an error brings at once what happened meanwhile, or the next error: what is shown is the
truth again when it has been open for so long and nothing more comes."""
BUSY_S = 5.0
"""Where something always comes, that late."""

CHANGES = frozenset({"ADDED", "MODIFIED", "DELETED"})


class Watching(Generic[T]):
    """Follows watches for one reflector, on its thread, and keeps the version where the next one goes on."""

    def __init__(self, name: str, presence: Presence[T], decoding: Decoding[T], stats: Stats, clock: Clock) -> None:
        self._name = name
        self._presence = presence
        self._decoding = decoding
        self._stats = stats
        self._clock = clock
        self._unknown_types: set[str] = set()
        self.version = ""
        """The resourceVersion up to which the rows are the server's; empty where a list is due."""

    def events(self, lines: Iterable[bytes]) -> Iterator[WatchEvent]:
        """What the lines say, until they end. An event of an unknown type is passed over.

        Raises what `lines` raises, what an ERROR event says, and BadAnswer for a line that is no event.
        """
        for line in lines:
            self._stats.bytes += len(line) + 1
            try:
                event = decode_event(line)
                if event.type == "ERROR":
                    raise _error_of(event.object)
            except Malformed as error:
                raise BadAnswer(str(error)) from error
            if event.type == "BOOKMARK" or event.type in CHANGES:
                yield event
            else:
                self._skip(event.type)

    def follow(self, stream: WatchStream, events: Iterator[WatchEvent], timeout_s: int, opened_s: float) -> None:
        """Apply the `events` of `stream` as they come, until the server ends the watch in order; then it may go on
        from `version`.

        Live are the rows at once where they are confirmed, else when what came at once is in them (see `SETTLE_S`).
        Raises an ApiError for every other end: the events' own, Regressed, SilentWatch, ShortWatch.
        """
        began_at, before = self.version, self._stats.events
        try:
            self._read(stream, events, opened_s)
        except TimedOut as error:
            if self._is_silent(timeout_s):
                raise SilentWatch(_SILENT) from error
            raise
        if self._is_silent(timeout_s):
            raise SilentWatch(_SILENT)
        moved = self._stats.events > before and self.version != began_at
        if not moved and self._clock.monotonic_s() - opened_s < SHORT_S:
            raise ShortWatch("the server ends watches at once")
        self._presence.live()

    def _read(self, stream: WatchStream, events: Iterator[WatchEvent], opened_s: float) -> None:
        if self._presence.is_confirmed:
            self._presence.live()
        else:
            self._presence.doubt("catching up")
            self._catch_up(stream, opened_s)
        had_bookmark = False
        for event in events:
            try:
                if event.type == "BOOKMARK":
                    self._move_to(peek_meta(event.object).resource_version)
                    if not had_bookmark:
                        had_bookmark = True
                        stream.set_idle_s(BOOKMARK_IDLE_S)
                else:
                    self._change(event)
            except Malformed as error:
                raise BadAnswer(str(error)) from error
            if not self._presence.is_confirmed:
                self._catch_up(stream, opened_s)

    def _catch_up(self, stream: WatchStream, opened_s: float) -> None:
        """Wait until something comes, or it is clear that nothing more does."""
        open_s = self._clock.monotonic_s() - opened_s
        if open_s >= BUSY_S or stream.is_quiet(max(0.0, SETTLE_S - open_s)):
            self._presence.live()

    def _change(self, event: WatchEvent) -> None:
        self._stats.events += 1
        row = self._decoding.one(event.object)
        if row is None:
            self._move_to(peek_meta(event.object).resource_version)
            return
        if event.type == "DELETED":
            # Not every server dates a deleted object by its deletion.
            if not is_older(row.resource_version, self.version):
                self._move_to(row.resource_version)
            self._presence.drop(row)
        else:
            self._move_to(row.resource_version)
            self._presence.put(row)

    def _move_to(self, version: str) -> None:
        self._presence.hear()
        if is_older(version, self.version):
            raise Regressed(f"the server went back from version {self.version} to {version}")
        if version:
            self.version = version

    def _skip(self, type_: str) -> None:
        if type_ not in self._unknown_types:
            self._unknown_types.add(type_)
            log.warning("%s: the watch sent an event of the unknown type %r", self._name, type_)

    def _is_silent(self, timeout_s: float) -> bool:
        # A second of slack: the server's timer may be a little ahead of ours.
        return self._clock.monotonic_s() - self._presence.heard_s >= timeout_s - 1


_SILENT = "the watch stayed silent for its whole time"


def _error_of(raw: Bytes) -> ApiError:
    try:
        status = msgspec.json.decode(raw)
    except msgspec.MsgspecError as error:
        raise Malformed(f"an ERROR event without a Status: {error}") from error
    return error_of_status(status if isinstance(status, dict) else {})
