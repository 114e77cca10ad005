"""Some namespaces of a cluster, read as if they were all there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from kite_tui.objects import indexes
from kite_tui.objects.kinds import METRICS, PODS, Kind
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing, Reader
from kite_tui.objects.served import Served
from kite_tui.objects.states import State
from kite_tui.objects.sums import NamespaceCounts, PodSums, Sums

T = TypeVar("T")


class Narrowed:
    """A Reader of one query: objects of other namespaces aren't there, cluster-scoped ones all are.

    Sums by node are recounted from the pods shown, O(pods in these namespaces), once; so make a new one for each query.
    """

    def __init__(self, reader: Reader, namespaces: Collection[str]) -> None:
        self._reader = reader
        self._namespaces = tuple(sorted(set(namespaces)))

    @property
    def head(self) -> Head:
        """The cluster's, with the namespaces shown."""
        return replace(self._reader.head, namespaces=self._namespaces)

    @property
    def served(self) -> Served:
        """As the whole reader's."""
        return self._reader.served

    def now_s(self) -> float:
        """As the whole reader's."""
        return self._reader.now_s()

    def state(self, kind: Kind[T]) -> State:
        """As the whole reader's."""
        return self._reader.state(kind)

    def list(self, kind: Kind[T]) -> Listing[T]:
        """The objects of `kind` in these namespaces. Each namespace is of one moment, all together are not: an object
        that is moved (deleted here, created there) may be in both or in none."""
        if not kind.namespaced:
            return self._reader.list(kind)
        if kind in METRICS:
            listing: Listing[Any] = self._reader.list(kind)
            return Listing(listing.state, tuple(o for o in listing.objects if o.namespace in self._namespaces))
        found: list[Any] = [
            o for name in self._namespaces for o in self._reader.by_index(kind, indexes.NAMESPACE, name)
        ]
        return Listing(self._reader.state(kind), tuple(found))

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """As the whole reader's: who names an object may have it."""
        return self._reader.get(kind, namespace, name)

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value` that are in these namespaces."""
        found: tuple[Any, ...] = self._reader.by_index(kind, index, value)
        return tuple(o for o in found if o.namespace in self._namespaces) if kind.namespaced else found

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        """As the whole reader's: some may have nothing in these namespaces."""
        return self._reader.index_values(kind, index)

    def version(self, kind: Kind[T]) -> int:
        """As the whole reader's."""
        return self._reader.version(kind)

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        """As the whole reader's, other namespaces among them."""
        return self._reader.changes_since(kind, version)

    @cached_property
    def _sums(self) -> PodSums:
        return PodSums(self.list(PODS).objects)

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods of these namespaces, by node name."""
        return self._sums.by_node()

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods of these namespaces."""
        counts = self._reader.counts_by_namespace()
        return {name: counts[name] for name in self._namespaces if name in counts}
