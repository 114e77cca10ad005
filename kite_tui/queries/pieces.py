"""Many items in order, sorted and kept so with no call on more than a few thousand of them but plain copies of
references.

Sorting 150 000 tuples at once would hold the interpreter, and with it every key press, for 300 ms; one list of them
would be copied for each change, and looked through by the garbage collector each time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any, Generic, TypeVar

RUN = 5_000
"""Items sorted in one call: 2 to 5 ms of tuples on a slow core."""

SIZE = 64
"""Items in a piece: a change copies one piece, and one reference to each of the others."""

C = TypeVar("C")

Change = tuple[C | None, C | None]
"""What was, and what is now; None where there was or is nothing."""

_last = itemgetter(-1)


class Pieces(Generic[C]):
    """Items in order that never change: `changed` makes others, which share all but the pieces that differ.

    The pieces are tuples, because the garbage collector looks at a tuple of what refers to nothing (texts, numbers,
    such tuples, records) no more than a few times.
    """

    __slots__ = ("_starts", "pieces")

    def __init__(self, pieces: Iterable[tuple[C, ...]] = ()) -> None:
        """The pieces in order, none empty."""
        self.pieces = tuple(pieces)
        self._starts = tuple(accumulate(map(len, self.pieces), initial=0))

    @classmethod
    def of(cls, items: list[C]) -> Pieces[C]:
        """Items that are in order. O(n)."""
        return cls(_cut(items))

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, position: int) -> C:
        """The item at a position, negative ones from the end. O(log n)."""
        if position < 0:
            position += len(self)
        at = bisect_right(self._starts, position) - 1
        return self.pieces[at][position - self._starts[at]]

    def __iter__(self) -> Iterator[C]:
        return chain.from_iterable(self.pieces)

    def position(self, item: Any) -> int:
        """Where the item is or would be. O(log n)."""
        at = self._piece(item)
        return self._starts[at] + bisect_left(self.pieces[at], item) if self.pieces else 0

    def changed(self, changes: Iterable[Change[C]]) -> Pieces[C]:
        """With these changes made; what was is among the items. O(changes × log n) and a copy of references to the
        pieces, for very many O(n)."""
        gone: list[C] = []
        come: list[C] = []
        for was, now in changes:
            if was is not None:
                gone.append(was)
            if now is not None:
                come.append(now)
        # One after the other: what was and what is now may differ in nothing that can be compared.
        return self._edited(gone, _without)._edited(come, _merged)

    def _edited(self, items: list[C], edit: Callable[[list[C], list[C]], list[C]]) -> Pieces[C]:
        """With each piece as `edit` makes it with those of `items` that are in it, or belong there."""
        if not items:
            return self
        by_piece: defaultdict[int, list[C]] = defaultdict(list)
        for item in sorted_in_runs(items):
            by_piece[self._piece(item)].append(item)
        pieces: list[tuple[C, ...]] = []
        copied = 0
        for at, some in by_piece.items():
            pieces += self.pieces[copied:at]
            pieces += _cut(edit([*self.pieces[at]] if self.pieces else [], some))
            copied = at + 1
        made = Pieces([*pieces, *self.pieces[copied:]])
        return made if len(made.pieces) * SIZE <= 4 * (len(made) + SIZE) else Pieces.of([*made])

    def _piece(self, item: Any) -> int:
        """Which piece the item is in, or belongs into."""
        return min(bisect_left(self.pieces, item, key=_last), max(0, len(self.pieces) - 1))


def _cut(items: list[C]) -> list[tuple[C, ...]]:
    if len(items) <= 2 * SIZE:
        return [tuple(items)] if items else []
    return [tuple(items[start : start + SIZE]) for start in range(0, len(items), SIZE)]


def _without(items: list[Any], gone: list[Any]) -> list[Any]:
    for each in gone:
        del items[bisect_left(items, each)]
    return items


def _merged(items: list[Any], come: list[Any]) -> list[Any]:
    merged: list[Any] = []
    at = 0
    for each in come:
        position = bisect_left(items, each, at)
        merged += items[at:position]
        merged.append(each)
        at = position
    return merged + items[at:]


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
