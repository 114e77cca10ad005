"""Many objects in an order that lives: built in short steps, then kept by moving only what changed.

All objects are kept by name, whatever is shown, so that another order or filter is one pass: objects with an equal
value are in order already, and only the different values are sorted.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Record
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import State
from kite_tui.queries.pieces import RUN, SIZE, Change, Pieces, sorted_in_runs
from kite_tui.text.natural import natural_key

FOLDED = 2_000
"""Up to so many changes stand beside the map of all: to copy that for each view costs 10 ms and more."""

R = TypeVar("R", bound=Record)

Value = Any
"""What objects are sorted by: hashable, and comparable with its like. None is unknown and comes last either way."""

Place = tuple[str, str, str, R]
"""An object by name: (namespace, natural name, uid, record); uids differ, so a comparison never reaches the record."""

Entry = tuple[bool, Value, Place[R]]
"""A place in an order, behind whether it comes with the later half (see `_entry`) and its value."""


@dataclass(frozen=True, slots=True)
class Arrangement(Generic[R]):
    """How to show a kind: which objects, and by what; ties go by namespace and name. `value` is given an object and its
    natural name. `token` says what the two functions were made from: as long as it is equal, the order at hand is kept
    and only changed objects are looked at again."""

    token: Hashable
    value: Callable[[R, str], Value]
    keeps: Callable[[R], bool]
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Ordered(Generic[R]):
    """An ordered view of one moment: rows by position, and positions by uid. Never changes."""

    state: State
    entries: Pieces[Entry[R]]
    by_uid: Mapping[str, Entry[R] | None]
    """None is one that is gone."""
    reverse: bool
    changed: frozenset[str] | None = None
    """Uids that moved, changed or came since the view before; None where everything was arranged anew."""

    def __len__(self) -> int:
        return len(self.entries)

    def at(self, position: int) -> R:
        """The record at a position, 0 at the top. O(log n)."""
        return self.entries[~position if self.reverse else position][2][3]

    def uids(self) -> frozenset[str]:
        """Of all objects shown. O(n)."""
        return frozenset(entry[2][2] for entry in self.entries)

    def uid_at(self, position: int) -> str:
        """The uid of the object at a position. O(log n)."""
        return self.entries[~position if self.reverse else position][2][2]

    def index_of(self, uid: str) -> int | None:
        """Where the object with this uid stands, None where it isn't shown. O(log n)."""
        entry = self.by_uid.get(uid)
        if entry is None:
            return None
        position = self.entries.position(entry)
        return len(self.entries) - 1 - position if self.reverse else position


class LiveOrder(Generic[R]):
    """Keeps the order of one kind from one `refresh` to the next. One thread at a time."""

    def __init__(self, kind: Kind[R]) -> None:
        self._kind = kind
        self._token: Hashable = None
        self._version: int | None = None
        self._places: Pieces[Place[R]] = Pieces()
        # Views share these two, so they are never changed, only replaced.
        self._entries: Pieces[Entry[R]] = Pieces()
        self._by_uid: ChainMap[str, Entry[R] | None] = ChainMap()
        """What became of those that changed lately, before all as they were until then."""
        self._left: list[tuple[Entry[R], ...]] = []
        """Entries of the order before, for as long as a screen may show them; see `_let_go`."""

    def refresh(self, reader: Reader, arrangement: Arrangement[R]) -> Ordered[R]:
        """The view as of now. O(changes × log n), see `Pieces.changed`, and for another arrangement O(n) plus
        O(values × log values)."""
        version, state = reader.version(self._kind), reader.state(self._kind)
        # A mistake on the way leaves no order that isn't one: the next time begins with nothing.
        kept, self._token = self._token, None
        known, self._version = self._version, None
        if known is None:
            self._places = Pieces()
        self._let_go()
        changes = self._catch_up(reader, known)
        moved: frozenset[str] | None = None
        if known is None or arrangement.token != kept:
            self._left = [*self._entries.pieces]
            self._entries = Pieces.of(_arranged(self._places, arrangement))
            self._by_uid = ChainMap({}, {entry[2][2]: entry for entry in self._entries})
        else:
            moved = self._move(changes, arrangement)
        self._token, self._version = arrangement.token, version
        return Ordered(state, self._entries, self._by_uid, arrangement.reverse, moved)

    def _let_go(self) -> None:
        """Free the entries of an order that was left, some at a time: whoever drops the last reference to 150 000 at
        once, be it the screen, holds the interpreter for 20 ms."""
        while self._left:
            del self._left[-max(1, RUN // SIZE) :]

    def _catch_up(self, reader: Reader, known: int | None) -> list[Change[Place[R]]]:
        """Bring the places, which are as of the version `known`, up to date. Returns what changed."""
        changes: list[Change[Place[R]]] = []
        for was, record in self._news(reader, known):
            now = None
            if record is not None:
                if was is not None and was[3] is record:
                    continue
                natural = natural_key(record.name) if was is None else was[1]
                now = (record.namespace, natural, identity(record), record)
            changes.append((was, now))
        self._places = self._places.changed(changes)
        return changes

    def _news(self, reader: Reader, known: int | None) -> Iterator[Change[Any]]:
        """The place that an object has here, and the record that is there now. Where nobody knows what changed: of all
        that is or was there."""
        changed = None if known is None else reader.changes_since(self._kind, known)
        if changed is not None:
            for namespace, name in changed:
                yield self._place(namespace, name), reader.get(self._kind, namespace, name)
            return
        held = {(place[0], place[3].name): place for place in self._places}
        for record in reader.list(self._kind).objects:
            yield held.pop((record.namespace, record.name), None), record
        for place in held.values():
            yield place, None

    def _place(self, namespace: str, name: str) -> Place[R] | None:
        """Where an object is by name. O(log n)."""
        start: Any = (namespace, natural_key(name))  # before the place that begins so, of which there is one
        at = self._places.position(start)
        place = self._places[at] if at < len(self._places) else None
        return place if place is not None and place[:2] == start else None

    def _move(self, changes: list[Change[Place[R]]], arrangement: Arrangement[R]) -> frozenset[str]:
        """Bring the entries up to date. Returns the uids of those that are shown now."""
        if not changes:
            return frozenset()
        by_uid = self._by_uid.copy()  # of what changed lately, not of all
        moves: list[Change[Entry[R]]] = []
        for was, now in changes:
            old = None
            if was is not None:
                old = by_uid.get(was[2])
                by_uid[was[2]] = None
            new = None if now is None or not arrangement.keeps(now[3]) else _entry(now, arrangement)
            if new is not None:
                by_uid[new[2][2]] = new
            moves.append((old, new))
        since, before = by_uid.maps
        if len(since) > FOLDED:
            by_uid = ChainMap({}, {uid: entry for uid, entry in {**before, **since}.items() if entry is not None})
        self._entries, self._by_uid = self._entries.changed(moves), by_uid
        return frozenset(new[2][2] for _, new in moves if new is not None)


def ordered(state: State, records: Iterable[R], arrangement: Arrangement[R]) -> Ordered[R]:
    """A view of some objects at hand, that nobody keeps up to date. O(n log n)."""
    places = [(record.namespace, natural_key(record.name), identity(record), record) for record in records]
    entries = Pieces.of(_arranged(sorted_in_runs(places), arrangement))
    return Ordered(state, entries, {entry[2][2]: entry for entry in entries}, arrangement.reverse)


def _entry(place: Place[R], arrangement: Arrangement[R]) -> Entry[R]:
    """What is unknown comes last; where the order is read backwards that is the front of it."""
    value = arrangement.value(place[3], place[1])
    return ((value is None) != arrangement.reverse, 0 if value is None else value, place)


def _arranged(places: Iterable[Place[R]], arrangement: Arrangement[R]) -> list[Entry[R]]:
    """`places`, which are in order, by value: as sorting what `_entry` makes of each, but quicker by far."""
    value_of, keeps, reverse = arrangement.value, arrangement.keeps, arrangement.reverse
    first: dict[Value, Place[R]] = {}
    others: defaultdict[Value, list[Place[R]]] = defaultdict(list)
    for place in places:
        record = place[3]
        if keeps(record):
            value = value_of(record, place[1])
            if first.setdefault(value, place) is not place:
                others[value].append(place)
    unknown = [(not reverse, 0, place) for place in (first.pop(None), *others.pop(None, ()))] if None in first else []
    known: list[Entry[R]] = []
    for value in sorted_in_runs(first):
        known.append((reverse, value, first.pop(value)))
        if value in others:
            known += [(reverse, value, place) for place in others.pop(value)]
    return [*unknown, *known] if reverse else [*known, *unknown]


def identity(record: Record) -> str:
    """The uid, or for a malformed object without one its namespace and name: never the same for two objects."""
    return record.uid or f"{record.namespace}/{record.name}"
