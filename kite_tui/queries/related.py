"""Everything that one object hangs together with: walks over `relations`, in four directions, as sorted edges.

A walk never changes direction: owners and owned all hops, what it uses one hop, what uses it two, unless told
otherwise. What thousands use (`ENDS`) ends a walk, and is its own walk's first hop only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kite_tui.objects import indexes
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import EVENTS, NAMESPACES, NODES, Kind
from kite_tui.objects.reader import Reader
from kite_tui.objects.references import target
from kite_tui.objects.states import Absent, Failed, Live, Off, Polling, State, Syncing
from kite_tui.queries.relations import Relations
from kite_tui.queries.vertices import Presence, Vertex

DIRECTIONS = ("owner", "owned", "uses", "used-by")
ALL_HOPS = 1 << 20
HOPS: Mapping[str, int] = {"owner": ALL_HOPS, "owned": ALL_HOPS, "uses": 1, "used-by": 2}

ENDS = (("", "ServiceAccount", "default"), ("", "ConfigMap", "kube-root-ca.crt"))
"""Objects that every namespace has and nearly everything uses; so are Nodes and Namespaces."""


class Edge(msgspec.Struct, frozen=True, gc=False):
    """`holder` refers to `target`, for these reasons; `depth` counts hops from the object asked about."""

    direction: str
    depth: int
    holder: Vertex
    target: Vertex
    reasons: tuple[str, ...]

    @property
    def far(self) -> Vertex:
        """The end that is farther from the object asked about."""
        return self.target if self.direction in ("owner", "uses") else self.holder

    @property
    def near(self) -> Vertex:
        """The other end."""
        return self.holder if self.direction in ("owner", "uses") else self.target

    @property
    def presence(self) -> Presence:
        """Whether the far end is there."""
        return self.far.presence


@dataclass(frozen=True, slots=True)
class Unsearched:
    """A kind (or a whole group) that could not be looked through, and why."""

    resource: str
    state: State


@dataclass(frozen=True, slots=True)
class Progress:
    """How many kinds of how many have been looked through."""

    searched: int
    of: int
    discovered: bool

    @property
    def is_done(self) -> bool:
        """True where nothing more is to come."""
        return self.discovered and self.searched == self.of


def ends_walks(vertex: Vertex) -> bool:
    """True for what a walk reaches and does not go beyond."""
    return vertex.served in (NODES, NAMESPACES) or (vertex.group, vertex.kind, vertex.name) in ENDS


def hops_of(centre: Vertex, direction: str, depth: int | None = None) -> int:
    """How far a walk goes from `centre`; `depth` overrides it."""
    if depth is not None:
        return depth
    return 1 if direction == "used-by" and ends_walks(centre) else HOPS[direction]


def edges(
    relations: Relations,
    centre: Vertex,
    directions: Iterable[str] = DIRECTIONS,
    depth: int | None = None,
    events: Iterable[Event] = (),
) -> list[Edge]:
    """All edges of the walks from `centre`, sorted by direction, depth, and the far end's kind, namespace and name.

    `events` are those about the centre (see `events_about`). O(edges); each object is stepped from once a direction.
    """
    found: list[Edge] = []
    for direction in directions:
        found += _walk(relations, centre, direction, hops_of(centre, direction, depth))
    if "used-by" in directions:
        about = (relations.vertex(EVENTS, each) for each in events)
        found += (Edge("used-by", 1, event, centre, ("involvedObject",)) for event in about)
    return sorted(found, key=_order)


def _order(edge: Edge) -> tuple[Any, ...]:
    return (DIRECTIONS.index(edge.direction), edge.depth, edge.far.key, edge.near.key)


def _walk(relations: Relations, centre: Vertex, direction: str, depth: int) -> Iterator[Edge]:
    outward = direction in ("owner", "uses")
    seen = {centre.key}
    frontier = [centre]
    for hop_number in range(1, depth + 1):
        further: list[Vertex] = []
        for near in frontier:
            if near is not centre and ends_walks(near):
                continue
            for hop in relations.hops(direction, near):
                holder, named = (near, hop.to) if outward else (hop.to, near)
                yield Edge(direction, hop_number, holder, named, hop.reasons)
                if hop.to.key not in seen:
                    seen.add(hop.to.key)
                    further.append(hop.to)
        if not further:
            return
        frontier = further


def events_about(centre: Vertex, events: Iterable[Event]) -> list[Event]:
    """Those of `events` that are about `centre`, newest first: by uid, for a Node also where the uid is its name (the
    kubelet writes so), and by kind and name where there is none."""
    uids = {"", centre.uid, *([centre.name] if centre.served == NODES else [])}
    found = [
        event
        for event in events
        if (event.about_kind, event.about_name) == (centre.kind, centre.name)
        and event.about_group in ("", centre.group)
        and event.about_namespace in ("", centre.namespace)
        and event.about_uid in uids
    ]
    return sorted(found, key=lambda event: (-(event.last_seen_s or 0), event.name))


def kept_events(reader: Reader, centre: Vertex) -> list[Event]:
    """The events about `centre` among those that the reader holds. O(result)."""
    value = target("", centre.kind, centre.namespace, centre.name)
    return events_about(centre, reader.by_index(EVENTS, indexes.ABOUT, value))


def contents(reader: Reader, namespace: str) -> list[tuple[Kind[Any], int]]:
    """How many objects of each kind a namespace has (all there are, where it is empty), by kind; none of 0."""
    found = []
    for kind in reader.served.searched:
        if namespace and not kind.namespaced:
            continue
        objects = reader.by_index(kind, indexes.NAMESPACE, namespace) if namespace else reader.list(kind).objects
        if objects:
            found.append((kind, len(objects)))
    return sorted(found, key=lambda pair: (pair[0].kind, pair[0].group))


def progress(reader: Reader) -> Progress:
    """How far the search is. O(kinds)."""
    served = reader.served
    done = sum(not isinstance(reader.state(kind), Off | Syncing) for kind in served.searched)
    return Progress(done, len(served.searched), served.is_known)


def not_searched(reader: Reader) -> list[Unsearched]:
    """What could not be looked through, and so may hide edges: named once, sorted. Absent kinds hide nothing, and
    those that are still being read are no fault but progress."""
    failed = dict(reader.served.failed)
    found = {
        kind.plural: Unsearched(kind.plural, state)
        for kind in reader.served.searched
        if kind.group not in failed
        and not isinstance(state := reader.state(kind), Live | Polling | Absent | Off | Syncing)
    }
    for group, reason in failed.items():
        found[group] = Unsearched(group, Failed(reason))
    return [found[name] for name in sorted(found)]
