"""Many objects in an order that lives: built in short steps, then kept by moving only what changed.

All objects are kept by name, whatever is shown, so that another order or filter is one pass: objects with an equal
value are in order already, and only the different values are sorted. No single C call here works on more than `RUN`
entries but plain copies of references: sorting 150 000 tuples at once would hold the interpreter, and with it every
key press, for 300 ms.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import ChainMap, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Key, Record
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import State
from kite_tui.text.natural import natural_key

RUN = 5_000
"""Entries sorted in one call: 2 to 5 ms of tuples on a slow core."""

FEW = 200
"""Up to so many are moved one by one, some 20 µs each among 150 000; for more one pass over all is cheaper."""

FOLDED = 2_000
"""Up to so many changes stand beside the map of all: to copy that for each view costs 10 ms and more."""

R = TypeVar("R", bound=Record)
C = TypeVar("C")

Value = Any
"""What objects are sorted by: hashable, and comparable with its like. None is unknown and comes last either way."""

Place = tuple[str, str, str, R]
"""An object by name: (namespace, natural name, uid, record); uids differ, so a comparison never reaches the record."""

Entry = tuple[bool, Value, Place[R]]
"""A place in an order, behind whether it comes with the later half (see `_entry`) and its value."""

Change = tuple[C | None, C | None]
"""What was, and what is now; None where there was or is nothing."""


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
    entries: Sequence[Entry[R]]
    by_uid: Mapping[str, Entry[R] | None]
    """None is one that is gone."""
    reverse: bool
    changed: frozenset[str] | None = None
    """Uids that moved, changed or came since the view before; None where everything was arranged anew."""

    def __len__(self) -> int:
        return len(self.entries)

    def at(self, position: int) -> R:
        """The record at a position, 0 at the top. O(1)."""
        return self.entries[~position if self.reverse else position][2][3]

    def uids(self) -> frozenset[str]:
        """Of all objects shown. O(n)."""
        return frozenset(entry[2][2] for entry in self.entries)

    def uid_at(self, position: int) -> str:
        """The uid of the object at a position. O(1)."""
        return self.entries[~position if self.reverse else position][2][2]

    def index_of(self, uid: str) -> int | None:
        """Where the object with this uid stands, None where it isn't shown. O(log n)."""
        entry = self.by_uid.get(uid)
        if entry is None:
            return None
        position = bisect_left(self.entries, entry)
        return len(self.entries) - 1 - position if self.reverse else position


class LiveOrder(Generic[R]):
    """Keeps the order of one kind from one `refresh` to the next. One thread at a time."""

    def __init__(self, kind: Kind[R]) -> None:
        self._kind = kind
        self._token: Hashable = None
        self._version: int | None = None
        self._by_key: dict[Key, Place[R]] = {}
        self._places: list[Place[R]] = []
        # Views share these two, so they are never changed, only replaced.
        self._entries: list[Entry[R]] = []
        self._by_uid: ChainMap[str, Entry[R] | None] = ChainMap()
        """What became of those that changed lately, before all as they were until then."""
        self._left: list[Entry[R]] = []
        """Entries of the order before, for as long as a screen may show them; see `_let_go`."""

    def refresh(self, reader: Reader, arrangement: Arrangement[R]) -> Ordered[R]:
        """The view as of now. O(changes × log n) plus a copy of references, and for another arrangement O(n) plus
        O(values × log values)."""
        version, state = reader.version(self._kind), reader.state(self._kind)
        # A mistake on the way leaves no order that isn't one: the next time begins with nothing.
        kept, self._token = self._token, None
        known, self._version = self._version, None
        if known is None:
            self._by_key, self._places = {}, []
        self._let_go()
        changes = self._catch_up(reader, known)
        moved: frozenset[str] | None = None
        if known is None or arrangement.token != kept:
            self._left = self._entries.copy()
            self._entries = _arranged(self._places, arrangement)
            self._by_uid = ChainMap({}, {entry[2][2]: entry for entry in self._entries})
        else:
            moved = self._move(changes, arrangement)
        self._token, self._version = arrangement.token, version
        return Ordered(state, self._entries, self._by_uid, arrangement.reverse, moved)

    def _let_go(self) -> None:
        """Free the entries of an order that was left, some at a time: whoever drops the last reference to 150 000 at
        once, be it the screen, holds the interpreter for 20 ms."""
        while self._left:
            del self._left[-RUN:]

    def _catch_up(self, reader: Reader, known: int | None) -> list[Change[Place[R]]]:
        """Bring the places, which are as of the version `known`, up to date. Returns what changed."""
        changed = None if known is None else reader.changes_since(self._kind, known)
        changes: list[Change[Place[R]]] = []
        for key, record in self._news(reader, changed):
            was = self._by_key.pop(key, None)
            now = was
            if record is None:
                now = None
            elif was is None or was[3] is not record:
                natural = natural_key(record.name) if was is None else was[1]
                now = (record.namespace, natural, identity(record), record)
            if now is not None:
                self._by_key[key] = now
            if now is not was:
                changes.append((was, now))
        self._places = _patched(self._places, changes)
        return changes

    def _news(self, reader: Reader, changed: Collection[Key] | None) -> Iterable[tuple[Key, R | None]]:
        """Keys with what is there now. Where nobody knows what changed: all that is or was there."""
        if changed is not None:
            return ((key, reader.get(self._kind, *key)) for key in changed)
        found: dict[Key, R | None] = dict.fromkeys(self._by_key)
        found.update({(record.namespace, record.name): record for record in reader.list(self._kind).objects})
        return found.items()

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
        self._entries, self._by_uid = _patched(self._entries.copy(), moves), by_uid
        return frozenset(new[2][2] for _, new in moves if new is not None)


def ordered(state: State, records: Iterable[R], arrangement: Arrangement[R]) -> Ordered[R]:
    """A view of some objects at hand, that nobody keeps up to date. O(n log n)."""
    places = [(record.namespace, natural_key(record.name), identity(record), record) for record in records]
    entries = _arranged(sorted_in_runs(places), arrangement)
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


def _patched(entries: list[C], changes: Iterable[Change[C]]) -> list[C]:
    """Make the changes in `entries`, which are in order, or in another list, which is returned: what was is among them,
    what is may go elsewhere."""
    patched: list[Any] = entries
    gone: list[Any] = []
    come: list[Any] = []
    for was, now in changes:
        at = len(patched) if was is None else bisect_left(patched, was)
        if was is not None and now is not None and _fits(patched, at, now):
            patched[at] = now
            continue
        if was is not None:
            gone.append(patched[at])
        if now is not None:
            come.append(now)
    if len(gone) + len(come) > FEW:
        return _merged(patched, gone, sorted_in_runs(come))
    for each in gone:
        del patched[bisect_left(patched, each)]
    for each in come:
        insort(patched, each)
    return patched


def _fits(entries: list[Any], at: int, entry: Any) -> bool:
    """True where `entries` stay in order with another one at this position: most changes move nothing."""
    return (not at or entries[at - 1] < entry) and (at + 1 == len(entries) or entry < entries[at + 1])


def _merged(entries: list[Any], gone: list[Any], come: list[Any]) -> list[Any]:
    leaving = {id(each) for each in gone}
    kept = [each for each in entries if id(each) not in leaving] if leaving else entries
    merged: list[Any] = []
    at = 0
    for each in come:
        position = bisect_left(kept, each, at)
        merged += kept[at:position]
        merged.append(each)
        at = position
    return merged + kept[at:]


def identity(record: Record) -> str:
    """The uid, or for a malformed object without one its namespace and name: never the same for two objects."""
    return record.uid or f"{record.namespace}/{record.name}"


def sorted_in_runs(items: Iterable[C]) -> list[C]:
    """Sorted like `sorted`, with no call on more than `RUN` of them, up to some 240 000 that all differ.

    Sorted runs are cut at the same values, and the pieces between two cuts sorted together. The cuts are every p-th of
    an even sample of all p runs, which has at most `RUN`, so that a piece has 2 p (p + 1) at most.
    """
    waiting: list[Any] = list(items)
    runs = [sorted(waiting[start : start + RUN]) for start in range(0, len(waiting), RUN)]
    if len(runs) < 2:
        return runs[0] if runs else []
    sample = sorted([each for run in runs for each in run[:: len(runs) + 1]])
    done: list[Any] = []
    starts = [0] * len(runs)
    for cut in sample[:: len(runs)][1:]:
        ends = [bisect_left(run, cut, start) for run, start in zip(runs, starts, strict=True)]
        done += _together([run[start:end] for run, start, end in zip(runs, starts, ends, strict=True)])
        starts = ends
    return done + _together([run[start:] for run, start in zip(runs, starts, strict=True)])


def _together(pieces: Iterable[list[Any]]) -> list[Any]:
    return sorted([each for piece in pieces for each in piece])
