"""The state of the simulated cluster: objects by kind, one revision for all, and a window of history.

An object is never edited, only replaced, so whoever holds one may read it without the lock.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from kite_tui.demo.paths import Served
from kite_tui.demo.resources import FIELDS, STORED
from kite_tui.objects.kinds import Kind

HISTORY = 20_000
"""Events kept per kind before the oldest are forgotten and a watch from there gets 410."""


class Thing(Protocol):
    """What an object says, whatever its resourceVersion. Immutable."""

    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def labels(self) -> Mapping[str, str]: ...

    def field(self, path: str) -> str:
        """The value at a path that the kind can be selected by, "" where it is not set."""
        ...

    def body(self, revision: int) -> bytes:
        """JSON of the object without kind and apiVersion, as items stand in a list."""
        ...


def key_of(namespace: str, name: str) -> str:
    """The key that objects are ordered by, as in etcd: "namespace/name", or just the name."""
    return f"{namespace}/{name}" if namespace else name


class Item(msgspec.Struct, frozen=True, gc=False):
    """A thing as it was stored at one revision."""

    key: str
    thing: Thing
    revision: int

    def body(self) -> bytes:
        """JSON without kind and apiVersion."""
        return self.thing.body(self.revision)


class Event:
    """One change. `item` is the new state (of a deleted object the last one, at the deletion's revision), `previous`
    the one before, None for a new object."""

    __slots__ = ("_body", "item", "kind", "previous", "revision")

    def __init__(self, kind: str, item: Item, previous: Item | None) -> None:
        self.kind = kind
        self.item = item
        self.previous = previous
        self.revision = item.revision
        self._body: bytes | None = None

    def body(self) -> bytes:
        """The item's JSON, made once for all watchers."""
        if self._body is None:
            self._body = self.item.body()
        return self._body


class HistoryGone(Exception):
    """The revision asked for is older than the history kept. `oldest` is the first that could be asked for."""

    def __init__(self, revision: int, oldest: int) -> None:
        super().__init__(f"too old resource version: {revision} ({oldest})")
        self.oldest = oldest


class KindGone(LookupError):
    """The kind is not served any more."""


class Snapshot:
    """All objects of one kind at one revision, sorted by key."""

    def __init__(self, revision: int, items: tuple[Item, ...]) -> None:
        self.revision = revision
        self.items = items

    def span(self, namespace: str, after: str = "") -> tuple[int, int]:
        """Where the objects of a namespace ("" is all) with keys greater than `after` begin and end."""
        low, high = 0, len(self.items)
        if namespace:
            low = bisect_left(self.items, f"{namespace}/", key=_key)
            high = bisect_left(self.items, f"{namespace}0", key=_key)  # "0" follows "/"
        if after:
            low = max(low, bisect_right(self.items, after, key=_key))
        return low, high


def _key(item: Item) -> str:
    return item.key


class Table:
    """Objects of one kind and the window of their history. Every method expects the world's lock held."""

    def __init__(self, kind: Kind[Any], lock: threading.RLock) -> None:
        self.kind = kind
        self.changed = threading.Condition(lock)
        self._items: list[Item] = []
        self._snapshot: Snapshot | None = None
        self._events: list[Event] = []
        self._forgotten = 0  # events dropped from the front, so that a position stays what it was
        self.oldest = 0
        """Watches may start at this revision or later."""
        self.is_closed = False
        """Whether the kind is gone: a watch ends after the last event."""

    def load(self, items: Iterable[Item]) -> None:
        """Fill the table at once, without history."""
        self._items = sorted([*self._items, *items], key=_key)
        self._snapshot = None

    def get(self, key: str) -> Item | None:
        at = bisect_left(self._items, key, key=_key)
        return self._items[at] if at < len(self._items) and self._items[at].key == key else None

    def put(self, item: Item, *, hidden: bool = False) -> None:
        """Insert or replace; `hidden` leaves the history without it."""
        at = bisect_left(self._items, item.key, key=_key)
        if at < len(self._items) and self._items[at].key == item.key:
            previous = self._items[at]
            self._items[at] = item
            self._record(Event("MODIFIED", item, previous), hidden)
        else:
            self._items.insert(at, item)
            self._record(Event("ADDED", item, None), hidden)

    def remove(self, key: str, revision: int, *, hidden: bool = False) -> None:
        """Raises KeyError where there is no such object; `hidden` leaves the history without it."""
        previous = self.get(key)
        if previous is None:
            raise KeyError(key)
        del self._items[bisect_left(self._items, key, key=_key)]
        self._record(Event("DELETED", Item(key, previous.thing, revision), previous), hidden)

    def close(self, revision: int) -> None:
        """Remove every object, each at a revision of its own after `revision`, and end the watches."""
        for number, item in enumerate(list(self._items), 1):
            self.remove(item.key, revision + number)
        self.is_closed = True
        self.changed.notify_all()

    def __len__(self) -> int:
        return len(self._items)

    def snapshot(self, revision: int) -> Snapshot:
        """All objects as they are now; costs a copy of the list of pointers only when something changed."""
        if self._snapshot is None:
            self._snapshot = Snapshot(revision, tuple(self._items))
        return self._snapshot

    def end(self) -> int:
        """The position after the newest event."""
        return self._forgotten + len(self._events)

    def position(self, revision: int) -> int:
        """The position of the first event after `revision`. Raises HistoryGone."""
        if revision < self.oldest:
            raise HistoryGone(revision, self.oldest)
        return self._forgotten + bisect_right(self._events, revision, key=lambda event: event.revision)

    def since(self, position: int) -> Sequence[Event] | None:
        """The events from `position` on; None where some of them are forgotten already."""
        if position < self._forgotten:
            return None
        return self._events[position - self._forgotten :]

    def forget(self, keep: int, revision: int) -> None:
        """Drop all but the newest `keep` events; with 0, `revision` becomes the oldest to watch from."""
        drop = len(self._events) - keep
        if drop > 0:
            self.oldest = self._events[drop - 1].revision
            self._forgotten += drop
            del self._events[:drop]
        if keep == 0:
            self.oldest = max(self.oldest, revision)

    def _record(self, event: Event, hidden: bool) -> None:
        self._snapshot = None
        if hidden:
            return
        self._events.append(event)
        if len(self._events) > HISTORY + HISTORY // 4:
            self.forget(HISTORY, event.revision)
        self.changed.notify_all()


class World:
    """All tables under one lock and one revision, as etcd has it. Thread-safe.

    Hold `lock` over several calls to make them one step for readers.
    """

    def __init__(self, revision: int = 1, kinds: Iterable[Kind[Any]] = STORED) -> None:
        self.lock = threading.RLock()
        self.revision = revision
        self.served = Served(())
        """The kinds that have a table; replaced when one comes or goes."""
        self.tables: dict[str, Table] = {}
        for kind in kinds:
            self.install(kind)

    def install(self, kind: Kind[Any]) -> None:
        """Serve one more kind from now on. Raises ValueError where its plural is taken."""
        with self.lock:
            if kind.plural in self.tables:
                raise ValueError(f"{kind.plural} is served already")
            table = self.tables[kind.plural] = Table(kind, self.lock)
            table.oldest = self.revision
            self.served = Served((*self.served.kinds, kind))

    def uninstall(self, kind: Kind[Any]) -> None:
        """Delete every object of the kind, and the kind: its watches are told, and end. Raises KindGone."""
        with self.lock:
            table = self.table(kind)
            objects = len(table)
            table.close(self.revision)
            self.revision += objects
            del self.tables[kind.plural]
            self.served = Served(one for one in self.served.kinds if one.plural != kind.plural)

    def table(self, kind: Kind[Any]) -> Table:
        """The table of a kind; to be used with the lock held. Raises KindGone."""
        try:
            return self.tables[kind.plural]
        except KeyError:
            raise KindGone(kind.plural) from None

    def load(self, kind: Kind[Any], things: Iterable[Thing]) -> None:
        """Store many new objects without history: a watch can start from here on only."""
        with self.lock:
            items = []
            for thing in things:
                self.revision += 1
                items.append(Item(key_of(thing.namespace, thing.name), thing, self.revision))
            self.table(kind).load(items)
            for table in self.tables.values():
                table.oldest = self.revision

    def put(self, kind: Kind[Any], thing: Thing, *, hidden: bool = False) -> Item:
        """Create the object, or replace the one of the same name; `hidden` from watches if a test wants it so."""
        with self.lock:
            self.revision += 1
            item = Item(key_of(thing.namespace, thing.name), thing, self.revision)
            self.table(kind).put(item, hidden=hidden)
            return item

    def delete(self, kind: Kind[Any], namespace: str, name: str, *, hidden: bool = False) -> None:
        """Remove the object. Raises KeyError where there is none."""
        with self.lock:
            self.table(kind).remove(key_of(namespace, name), self.revision + 1, hidden=hidden)
            self.revision += 1

    def get(self, kind: Kind[Any], namespace: str, name: str) -> Item | None:
        """The object as it is now."""
        with self.lock:
            return self.table(kind).get(key_of(namespace, name))

    def snapshot(self, kind: Kind[Any]) -> tuple[int, Snapshot]:
        """The world's revision and all objects of a kind at it."""
        with self.lock:
            return self.revision, self.table(kind).snapshot(self.revision)

    def forget_history(self) -> None:
        """Compact: only watches and lists from now on are possible."""
        with self.lock:
            for table in self.tables.values():
                table.forget(0, self.revision)


class Manifest:
    """A thing made of a document: any JSON object with metadata.name. Encoded at once; the document is not kept."""

    __slots__ = ("_encoded", "_fields", "labels", "name", "namespace")

    def __init__(self, kind: Kind[Any], document: Mapping[str, Any]) -> None:
        metadata = {k: v for k, v in document["metadata"].items() if k != "resourceVersion"}
        self.namespace: str = metadata.get("namespace", "")
        self.name: str = metadata["name"]
        self.labels: Mapping[str, str] = metadata.get("labels") or {}
        self._fields = {path: _dig(document, path) for path in FIELDS.get(kind.plural, ())}
        rest = {k: v for k, v in document.items() if k not in ("apiVersion", "kind", "metadata")}
        self._encoded = msgspec.json.encode({"metadata": metadata, **rest})

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, whatever their resourceVersion."""
        return isinstance(other, Manifest) and self._encoded == other._encoded

    __hash__ = None  # type: ignore[assignment]

    def field(self, path: str) -> str:
        """See `Thing`."""
        if path == "metadata.name":
            return self.name
        if path == "metadata.namespace":
            return self.namespace
        return self._fields.get(path, "")

    def body(self, revision: int) -> bytes:
        """See `Thing`. O(bytes)."""
        return b'{"metadata":{"resourceVersion":"%d",%b' % (revision, self._encoded[len(b'{"metadata":{') :])


def _dig(document: Mapping[str, Any], path: str) -> str:
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if path == "spec.unschedulable":
        return "true" if value else "false"
    return "" if value is None else str(value)
