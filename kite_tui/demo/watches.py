"""Watches: readers of a table's history, each on its connection's thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kite_tui.demo.answers import Form, refuse, status_document, too_large_status
from kite_tui.demo.listoptions import Query, check_watch, flag, integer
from kite_tui.demo.lists import metadata_only, selector_of, table, whole
from kite_tui.demo.paths import Target
from kite_tui.demo.world import Event, HistoryGone, Item, World
from kite_tui.objects.kinds import PODS

GLANCE_S = 0.5
"""How often a silent watch looks whether its client is still there."""


class Watch:
    """One watch. `lines` gives its events until it is over; `stop` ends it from any thread."""

    def __init__(self, world: World, target: Target, query: Query, form: Form, bookmark_s: float) -> None:
        """Raises Refused (400, 422) where the parameters can't be met, and KindGone."""
        self.target = target
        self._world = world
        with world.lock:
            self._table = world.table(target.kind)
        self._form = form
        self._chosen = selector_of(target.kind, query)
        check_watch(query)
        self._revision = _parse_revision(query.get("resourceVersion", ""))
        self._bookmark_s = bookmark_s if flag(query, "allowWatchBookmarks") else 0.0
        self._send_initial = flag(query, "sendInitialEvents")
        self._from_now = not self._send_initial and bool(query.get("sendInitialEvents"))
        timeout_s = integer(query, "timeoutSeconds") or random.uniform(1800, 3600)
        self._until_s = time.monotonic() + timeout_s
        self._columns = True
        self.is_cut = False
        self._stopped = threading.Event()

    def stop(self, *, in_line: bool = False) -> None:
        """End it after the line under way; `in_line`: the connection is to be cut inside one more."""
        self.is_cut = in_line
        self._stopped.set()
        with self._world.lock:
            self._table.changed.notify_all()

    def lines(self, is_gone: Callable[[], bool]) -> Iterator[bytes]:
        """The lines as they come, several to a chunk where there are several.

        Ends after timeoutSeconds, when stopped, when `is_gone` says that the client left, when the history was
        forgotten under a reader that was too slow, and when the kind is served no more.
        """
        try:
            position, first = self._begin()
        except HistoryGone as gone:
            yield _error(status_document(410, "Expired", str(gone)))
            return
        if first is None:
            yield _error(too_large_status(self._revision, self._world.revision))
            return
        if first:
            yield b"".join(first)
        bookmark_at_s = time.monotonic() + self._bookmark_s
        while not self._stopped.is_set() and not is_gone():
            now_s = time.monotonic()
            wait_s = min(self._until_s - now_s, GLANCE_S)
            if self._bookmark_s:
                wait_s = min(wait_s, bookmark_at_s - now_s)
            with self._world.lock:
                is_silent = position == self._table.end() and not self._table.is_closed
                if is_silent and wait_s > 0 and not self._stopped.is_set():
                    self._table.changed.wait(wait_s)
                events = self._table.since(position)
                is_closed = self._table.is_closed
                revision = self._world.revision
            if events is None:
                return
            position += len(events)
            lines = b"".join(filter(None, map(self._line, events)))
            now_s = time.monotonic()
            over = is_closed or now_s >= self._until_s
            if self._bookmark_s and revision >= self._revision and (over or now_s >= bookmark_at_s) and not is_closed:
                bookmark_at_s = now_s + self._bookmark_s
                lines += self._bookmark(revision)
            if lines:
                yield lines
            if over:
                return

    def _begin(self) -> tuple[int, list[bytes] | None]:
        """Where to read on, and the lines of the objects that exist already, where they are wanted; None where they
        are wanted at a version that isn't there yet (upstream waits 3 s for it)."""
        with self._world.lock:
            if self._revision and not self._send_initial:
                return self._table.position(self._revision), []
            revision = self._world.revision
            snapshot, position = self._table.snapshot(revision), self._table.end()
        if self._from_now:
            return position, []
        if self._revision > revision:
            return position, None
        low, high = snapshot.span(self.target.namespace)
        lines = [
            self._written("ADDED", item, item.body()) for item in snapshot.items[low:high] if self._chosen(item.thing)
        ]
        if self._send_initial and self._bookmark_s:
            lines.append(self._bookmark(revision, {"k8s.io/initial-events-end": "true"}))
        return position, lines

    def _line(self, event: Event) -> bytes:
        """What the event is to this watch: with a selector an object comes, changes or goes by matching."""
        namespace = self.target.namespace
        if (namespace and event.item.thing.namespace != namespace) or event.revision <= self._revision:
            return b""
        if not self._chosen:
            return self._written(event.kind, event.item, event.body())
        was = event.previous is not None and self._chosen(event.previous.thing)
        matches = event.kind != "DELETED" and self._chosen(event.item.thing)
        if matches:
            return self._written("MODIFIED" if was else "ADDED", event.item, event.body())
        if was and event.previous is not None:
            # Upstream sends the last state that matched, at the revision of the change.
            item = Item(event.item.key, event.previous.thing, event.revision)
            return self._written("DELETED", item, item.body())
        return b""

    def _written(self, kind: str, item: Item, body: bytes) -> bytes:
        match self._form:
            case Form.OBJECT:
                content = whole(self.target.kind, body)
            case Form.TABLE:
                metadata = {"resourceVersion": str(item.revision)}
                content = msgspec.json.encode(table(self.target.kind, metadata, [body], with_columns=self._columns))
                self._columns = False  # only the first event has them
            case _:
                content = metadata_only(body)
        return b'{"type":"%b","object":%b}\n' % (kind.encode(), content)

    def _bookmark(self, revision: int, annotations: dict[str, str] | None = None) -> bytes:
        metadata: dict[str, Any] = {"resourceVersion": str(revision)}
        if annotations:
            metadata["annotations"] = annotations
        kind = self.target.kind
        name, version = (kind.kind, kind.api_version)
        if self._form is not Form.OBJECT:
            name, version = "PartialObjectMetadata", "meta.k8s.io/v1"
        content = {"kind": name, "apiVersion": version, "metadata": metadata}
        if name == PODS.kind:
            content |= {"spec": {"containers": None}, "status": {}}  # as Go writes an empty Pod
        return msgspec.json.encode({"type": "BOOKMARK", "object": content}) + b"\n"


def _error(status: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"type": "ERROR", "object": status}) + b"\n"


def _parse_revision(text: str) -> int:
    """Of a watch upstream refuses a malformed one with 500 and no reason."""
    if text and not text.isdecimal():
        message = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise refuse(500, "", message)
    return int(text or 0)
