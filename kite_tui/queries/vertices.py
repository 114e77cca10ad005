"""Objects among others, and the edges that lead from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

import msgspec

from kite_tui.objects.kinds import Kind
from kite_tui.objects.references import NO_LINKS, Links

Presence = Literal["found", "missing", "optional-absent", "unknown"]
"""Whether an object that is named is there. Missing is said only where a whole list of its kind is at hand."""


class Vertex(msgspec.Struct, frozen=True, gc=False):
    """One object among others, by the name that others know it by. `record` is None unless it is found; `served` is
    its kind, None where the server doesn't serve it (or that isn't known)."""

    group: str
    kind: str
    namespace: str
    name: str
    served: Kind[Any] | None = None
    record: Any = None
    presence: Presence = "found"

    @property
    def type(self) -> tuple[str, str]:
        """(group, kind)."""
        return (self.group, self.kind)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What no other object has at the same time; also the order that objects are shown in."""
        return (self.kind, self.group, self.namespace, self.name)

    def name_from(self, namespace: str = "") -> str:
        """`shop/cart`; just the name where it is cluster-scoped or in `namespace`."""
        return f"{self.namespace}/{self.name}" if self.namespace not in ("", namespace) else self.name

    @property
    def uid(self) -> str:
        """Its uid, empty where it isn't found."""
        return self.record.uid if self.record is not None else ""

    @property
    def links(self) -> Links:
        """What it says of others; what is computed (metrics) says nothing."""
        found: Links = getattr(self.record, "links", NO_LINKS)
        return found


class Hop(msgspec.Struct, frozen=True, gc=False):
    """The object at the other end of an edge, and why there is one."""

    to: Vertex
    reasons: tuple[str, ...]


OWNER = ("owner",)


class Group:
    """The objects of one kind at the other ends of edges from one object. What thousands of pods share is not taken
    apart before somebody wants to see them one by one."""

    def __init__(
        self,
        type_: tuple[str, str],
        hops: list[Hop] | None = None,
        *,
        kind: Kind[Any] | None = None,
        records: Sequence[Any] = (),
        reasons_of: Callable[[Any], tuple[str, ...]] = lambda _: OWNER,
    ) -> None:
        """Either sorted `hops`, or `records` of a `kind`, each once, with what gives the reasons of each."""
        self.type = type_
        self._hops = hops
        self._kind = kind
        self._records = records
        self._reasons_of = reasons_of

    def __len__(self) -> int:
        return len(self._records) if self._hops is None else len(self._hops)

    @property
    def hops(self) -> list[Hop]:
        """One by one, sorted by namespace and name. O(n log n), once."""
        if self._hops is None:
            (group, word), kind, reasons_of = self.type, self._kind, self._reasons_of
            ordered = sorted(self._records, key=lambda record: (record.namespace, record.name))
            self._hops = [Hop(Vertex(group, word, r.namespace, r.name, kind, r), reasons_of(r)) for r in ordered]
        return self._hops

    @property
    def records(self) -> Iterable[Any]:
        """What is there, in no order; of what is missing there is none."""
        if self._hops is None:
            return self._records
        return (hop.to.record for hop in self._hops if hop.to.record is not None)

    @property
    def absent(self) -> Iterable[Presence]:
        """How it is with each that isn't there."""
        return (hop.to.presence for hop in self._hops or () if hop.to.record is None)

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons, each once. Cheap: the pods of an owner share theirs."""
        if self._hops is None:
            found = {id(reasons): reasons for reasons in map(self._reasons_of, self._records)}
            return tuple(dict.fromkeys(reason for reasons in found.values() for reason in reasons))
        return tuple(dict.fromkeys(reason for hop in self._hops for reason in hop.reasons))


class Merged:
    """Hops by object while they are gathered, with all the reasons for each. One place that needs an object is enough
    to miss it; but where some places mean an object by a uid that is gone, the one of its name that is there counts,
    for the reasons that mean it."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], tuple[Vertex, tuple[str, ...]]] = {}

    def add(self, vertex: Vertex, reason: str) -> None:
        self.add_all(vertex, (reason,))

    def add_all(self, vertex: Vertex, reasons: tuple[str, ...]) -> None:
        key = vertex.key
        known = self._found.get(key)
        if known is None:
            self._found[key] = (vertex, reasons)
            return
        other, before = known
        if (other.record is None) is not (vertex.record is None):
            self._found[key] = (vertex, reasons) if other.record is None else known
            return
        kept = vertex if other.presence == "optional-absent" else other
        self._found[key] = (kept, (*before, *reasons))

    def groups(self) -> Iterator[Group]:
        hops = [
            Hop(vertex, reasons if len(reasons) == 1 else tuple(sorted(set(reasons))))
            for _, (vertex, reasons) in sorted(self._found.items())
        ]
        for type_, found in groupby(hops, key=lambda hop: hop.to.type):
            yield Group(type_, list(found))
