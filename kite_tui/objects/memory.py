"""A Reader over objects that are simply there: what direct lists gather, and what tests make up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from kite_tui.objects.indexer import Indexer
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import PODS, Kind
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing
from kite_tui.objects.served import NOTHING_KNOWN, Served
from kite_tui.objects.states import Live, Off, State
from kite_tui.objects.sums import NamespaceCounts, PodSums, Sums

T = TypeVar("T")


class MemoryReader:
    """Answers from the objects given and never changes. Indexes and sums are made when first asked for.

    A kind in `objects` without a state is Live, one in neither is Off.
    """

    def __init__(
        self,
        head: Head,
        objects: Mapping[Kind[Any], Iterable[Any]],
        states: Mapping[Kind[Any], State] | None = None,
        now_s: Callable[[], float] = lambda: 0.0,
        *,
        served: Served = NOTHING_KNOWN,
    ) -> None:
        self._head = head
        self._objects = {kind: {(o.namespace, o.name): o for o in found} for kind, found in objects.items()}
        self._states: dict[Kind[Any], State] = {kind: Live() for kind in self._objects} | dict(states or {})
        self._now_s = now_s
        self._served = served
        self._indexers: dict[tuple[Kind[Any], str], Indexer[Any]] = {}

    def with_objects(self, kind: Kind[Any], objects: Iterable[Any]) -> MemoryReader:
        """Another reader that has these objects too; states stay as they are."""
        merged = {each: tuple(found.values()) for each, found in self._objects.items()}
        merged[kind] = (*merged.get(kind, ()), *objects)
        return MemoryReader(self._head, merged, self._states, self._now_s, served=self._served)

    @property
    def head(self) -> Head:
        """Which cluster this was read from."""
        return self._head

    @property
    def served(self) -> Served:
        """What the server serves."""
        return self._served

    def now_s(self) -> float:
        """The time by the clock given."""
        return self._now_s()

    def state(self, kind: Kind[T]) -> State:
        """How the list of `kind` ended."""
        return self._states.get(kind, Off())

    def list(self, kind: Kind[T]) -> Listing[T]:
        """All objects of `kind` that were read."""
        return Listing(self.state(kind), tuple(self._objects.get(kind, {}).values()))

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """One object, None where it was not read."""
        return self._objects.get(kind, {}).get((namespace, name))

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value`; the first call for an index is O(n). Raises KeyError for an unknown index."""
        objects = self._objects.get(kind, {})
        return tuple([objects[key] for key in self._indexer(kind, index).keys(index, value)])

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        """The values that have objects; as `by_index`."""
        return self._indexer(kind, index).values(index)

    def _indexer(self, kind: Kind[Any], index: str) -> Indexer[Any]:
        indexer = self._indexers.get((kind, index))
        if indexer is None:
            indexer = Indexer({index: index_functions(kind)[index]})
            for key, record in self._objects.get(kind, {}).items():
                indexer.put(key, None, record)
            self._indexers[kind, index] = indexer
        return indexer

    def version(self, kind: Kind[T]) -> int:
        """Always 0: nothing here changes."""
        return 0

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        """Always None: whoever keeps an order over several such readers has to look at all of it again."""
        return None

    @cached_property
    def _sums(self) -> PodSums:
        return PodSums(self._objects.get(PODS, {}).values())

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods read, by node name."""
        return self._sums.by_node()

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods read, by namespace."""
        return self._sums.by_namespace()
