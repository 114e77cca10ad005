"""Reads edges as expected.txt writes them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

Direction = Literal["owner", "owned", "uses", "used-by"]
State = Literal["found", "missing", "optional-absent", "unknown"]
CUSTOM = "example.test"  # the group whose kinds always stand with it, since two share a name with one of Kubernetes

_EDGE = re.compile(
    r"(?P<direction>[a-z-]+) (?P<depth>\d+)  (?P<holder>\S+ \S+) -> (?P<target>\S+ \S+)"
    r"  \[(?P<reasons>[^]]+)\]  (?P<state>[a-z-]+)"
)


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """What names an object: its kind's group ("" for core), kind, namespace ("" where it has none) and name."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Edge:
    """One reference, from who holds it to whom it names, as it is come upon from a centre."""

    direction: Direction
    depth: int
    holder: Ref
    target: Ref
    reasons: tuple[str, ...]
    state: State

    @property
    def order(self) -> tuple[object, ...]:
        """What edges are sorted by: the end that the walk came to counts before the one that it came from."""
        near, far = (self.holder, self.target) if self.direction in ("owner", "uses") else (self.target, self.holder)
        ends = tuple((ref.kind, ref.group, ref.namespace, ref.name) for ref in (far, near))
        return get_args(Direction).index(self.direction), self.depth, *ends


@dataclass(frozen=True, slots=True)
class Expected:
    """Every edge that an answer about `centre` has."""

    centre: Ref
    edges: tuple[Edge, ...]


def parse(text: str, kinds: Collection[tuple[str, str]]) -> tuple[Expected, ...]:
    """Read the whole of a file; `kinds` are the (group, kind) there are.

    Raises ValueError, with the line, for what isn't understood and for a kind that is none or could be several.
    """
    groups = {kind: group for group, kind in sorted(kinds) if group != CUSTOM}
    if len(groups) != sum(group != CUSTOM for group, _ in kinds):
        raise ValueError("a kind without a group could be several")
    found: list[tuple[Ref, list[Edge]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.startswith("@ "):
                found.append((_ref(line[2:], groups, kinds), []))
            elif line and not line.startswith("#"):
                found[-1][1].append(_edge(line, groups, kinds))
        except (ValueError, LookupError) as reason:
            raise ValueError(f"line {number}: {reason}: {line}") from reason
    return tuple(Expected(centre, tuple(edges)) for centre, edges in found)


def _edge(line: str, groups: dict[str, str], kinds: Collection[tuple[str, str]]) -> Edge:
    match = _EDGE.fullmatch(line)
    if not match:
        raise ValueError("no edge")
    part = match.groupdict()
    direction = next((one for one in get_args(Direction) if one == part["direction"]), None)
    state = next((one for one in get_args(State) if one == part["state"]), None)
    if direction is None or state is None:
        raise ValueError("no such direction or state")
    holder, target = (_ref(part[end], groups, kinds) for end in ("holder", "target"))
    return Edge(direction, int(part["depth"]), holder, target, tuple(part["reasons"].split("; ")), state)


def _ref(text: str, groups: dict[str, str], kinds: Collection[tuple[str, str]]) -> Ref:
    """`Kind NAMESPACE/NAME`, or `Kind NAME` of what has no namespace; a custom kind as `Kind.GROUP`."""
    kind, _, path = text.partition(" ")
    kind, _, group = kind.partition(".")
    group = group or groups[kind]
    if (group, kind) not in kinds:
        raise ValueError(f"no kind {kind} in {group}")
    namespace, _, name = path.rpartition("/")
    return Ref(group, kind, namespace, name)
