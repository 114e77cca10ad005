"""A Reader over one store a kind, as the cache has them, without threads: a test writes the stores itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from kite_tui.cache.store import Store
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing
from kite_tui.objects.served import Served
from kite_tui.objects.states import Live, State
from kite_tui.objects.sums import NamespaceCounts, Sums
from tests.queries.making import HEAD, NOW_S

T = TypeVar("T")


class Stores:
    """All kinds are live from the beginning. `asked` are the reads so far: (method, kind, index)."""

    head: Head = HEAD

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self.served = Served(kinds)
        self.of: dict[Kind[Any], Store[Any]] = {kind: Store(index_functions(kind)) for kind in self.served.kinds}
        for store in self.of.values():
            store.open_part("", Live())
        self.asked: list[tuple[str, str, str]] = []

    def all(self) -> list[tuple[Kind[Any], Any]]:
        """Every object."""
        return [(kind, record) for kind, store in self.of.items() for record in store.list().objects]

    # -- Reader -------------------------------------------------------------------------------------------------

    def now_s(self) -> float:
        return float(NOW_S)

    def state(self, kind: Kind[T]) -> State:
        return self.of[kind].state

    def list(self, kind: Kind[T]) -> Listing[T]:
        self.asked.append(("list", kind.plural, ""))
        return self.of[kind].list()

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        self.asked.append(("get", kind.plural, ""))
        found: T | None = self.of[kind].get(namespace, name)
        return found

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        self.asked.append(("by_index", kind.plural, index))
        return self.of[kind].by_index(index, value)

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        self.asked.append(("index_values", kind.plural, index))
        return self.of[kind].index_values(index)

    def version(self, kind: Kind[T]) -> int:
        return self.of[kind].version

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        return self.of[kind].changes_since(version)

    def sums_by_node(self) -> Mapping[str, Sums]:
        return {}

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        return {}
