"""The seam between what is known and what is asked: queries read through it and cannot tell what stands behind.

Two things implement it: the watch cache, and the direct lists of a plain command (or of `--no-cache`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from kite_tui.objects.kinds import Kind
from kite_tui.objects.meta import Key
from kite_tui.objects.served import Served
from kite_tui.objects.states import State
from kite_tui.objects.sums import NamespaceCounts, Sums

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One read of one kind: its objects and how far they are the truth, both of the same moment."""

    state: State
    objects: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """Which cluster is read. `version` is the server's gitVersion, None until it answered."""

    context: str | None
    server: str
    version: str | None
    namespaces: tuple[str, ...] = ()
    """Namespaces asked for with `-n`; empty is all."""


class Reader(Protocol):
    """Read-only, thread-safe, never blocks on the network. Objects are shared and never change."""

    @property
    def head(self) -> Head: ...

    @property
    def served(self) -> Served:
        """What the server serves, as far as that is known."""
        ...

    def now_s(self) -> float:
        """Seconds since the epoch, by the injected clock."""
        ...

    def state(self, kind: Kind[T]) -> State:
        """How far the objects of `kind` are the truth. O(1)."""
        ...

    def list(self, kind: Kind[T]) -> Listing[T]:
        """All objects of `kind`, in no promised order. O(n), one copy of references."""
        ...

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """One object, None where it is not among those read. O(1)."""
        ...

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value` in the index. O(result). Raises KeyError for an index the kind does not have."""
        ...

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        """The values under which the index has something, a copy. O(values). Raises KeyError as `by_index`."""
        ...

    def version(self, kind: Kind[T]) -> int:
        """A number that grows with every change of the objects of `kind`, never of their state. O(1)."""
        ...

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        """The keys whose objects changed, came or went after `version`; None where that is not known any more (or was
        never kept), which means all of them. O(changes)."""
        ...

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods read, by node name."""
        ...

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods read, by namespace."""
        ...
