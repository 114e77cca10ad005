"""What one object hangs together with, as the lines of a tree: groups, then objects below one another.

Of many siblings of one kind there is one line that counts them (`Pod ×5 000`) until somebody opens it, and what is
below a closed line isn't looked for at all, so a tree costs what is seen of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

import msgspec

from kite_tui.objects import indexes
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import EVENTS, NAMESPACES, Kind
from kite_tui.objects.linked import NO_STATUS, Status
from kite_tui.queries.documents import state_word
from kite_tui.queries.related import ALL_HOPS, DIRECTIONS, Unsearched, contents, ends_walks, hops_of
from kite_tui.queries.relations import Relations
from kite_tui.queries.standing import standing, summary
from kite_tui.queries.vertices import Group, Hop, Merged, Vertex

BUNCH = 8
"""Siblings of one kind that get a line each; more get one for all."""

TITLES = {"owner": "owned by", "owned": "owns", "uses": "uses", "used-by": "used by"}

Fold = Literal["", "open", "closed"]

Step = Callable[[Vertex], Sequence[Group]]


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line. `vertex` is None for the title of a group and for a line that stands for `count` objects of `kind`.

    `guides` are the strokes before it. `key` is the same in the next tree. `fold` says whether there is more below
    it, `depth` how many hops it is from the centre.
    """

    key: str
    guides: str
    vertex: Vertex | None
    title: str
    reasons: tuple[str, ...]
    status: Status
    fold: Fold
    depth: int = 0
    count: int = 0

    @property
    def is_title(self) -> bool:
        """True for the title of a group."""
        return self.vertex is None and "/" not in self.key


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody wants to see a tree: which directions, how many hops in each (as usual where it isn't named), which
    lines were opened or closed against the usual, and which objects to keep. More than `bunch` siblings of a kind
    share a line."""

    directions: tuple[str, ...] = DIRECTIONS
    hops: Mapping[str, int] = field(default_factory=dict)
    toggled: frozenset[str] = frozenset()
    keeps: Callable[[Hop], bool] | None = None
    bunch: int = BUNCH


@dataclass(slots=True)
class _Branch:
    key: str
    vertex: Vertex | None = None
    title: str = ""
    reasons: tuple[str, ...] = ()
    status: Status = NO_STATUS
    fold: Fold = ""
    depth: int = 0
    count: int = 0
    children: list[_Branch] = field(default_factory=list)


def tree(
    relations: Relations,
    centre: Vertex,
    choice: Choice,
    events: Sequence[Event] = (),
    unsearched: Sequence[Unsearched] = (),
) -> list[Line]:
    """The lines under `centre`: owned by, owns, uses, used by, contains, events, and what was not searched; a group
    without lines has no title.

    O(lines), and for a Service line its pods.
    """
    planter = _Planter(relations, choice)
    groups = []
    for direction in choice.directions:
        hops = hops_of(centre, direction, choice.hops.get(direction))
        groups.append(planter.group(direction, TITLES[direction], centre, hops))
    if centre.served == NAMESPACES and "owned" in choice.directions:
        groups.append(planter.contents(centre.name))
    if "used-by" in choice.directions:
        about = [Hop(relations.vertex(EVENTS, e), (e.reason,)) for e in events]
        groups.append(planter.listed("events", "events", [Group(("", "Event"), about)] if about else []))
    groups.append(planter.unsearched(unsearched))
    return list(_lines([group for group in groups if group.fold]))


def everything(relations: Relations, choice: Choice) -> list[Line]:
    """All kinds that there are objects of, with their number: where one begins who looks for nothing yet."""
    return list(_lines(_Planter(relations, choice).contents("").children))


def breaking(relations: Relations, centre: Vertex, choice: Choice) -> list[Line]:
    """Everything that reaches `centre` through what it uses or what owns it, and so breaks if that goes: those that
    nothing else builds on come first, each above the way that leads down to `centre`. O(all that is found)."""
    below = _dependents(relations, centre)
    planter = _Planter(relations, choice, below.towards_from)
    branches = planter.below("breaks", _grouped([Hop(top, ()) for top in below.tops()]), ALL_HOPS, 1)
    if centre.served == NAMESPACES:
        branches += planter.contents(centre.name).children
    return list(_lines(branches))


# -- planting -------------------------------------------------------------------------------------------------------


class _Planter:
    """Makes branches. An object has one line in a group, at the fewest hops from the centre that its siblings leave
    it, so cycles end and nothing is told twice. With a `step` given (a tree of ways that may meet again) an object has
    a line wherever it stands, and its own branches below the first."""

    def __init__(self, relations: Relations, choice: Choice, step: Step | None = None) -> None:
        self._relations = relations
        self._choice = choice
        self._once = step is None
        self._step = step
        self._drawn: set[tuple[str, str, str, str]] = set()
        self._grown: set[tuple[str, str, str, str]] = set()

    def group(self, direction: str, title: str, centre: Vertex, hops: int) -> _Branch:
        """A direction, from the centre on."""
        self._drawn, self._grown = {centre.key}, set()
        self._step = lambda vertex: self._relations.groups(direction, vertex)
        first = self._step(centre) if hops else ()
        return self._titled(direction, title, first, lambda: self.below(direction, first, hops, 1))

    def listed(self, key: str, title: str, groups: Sequence[Group]) -> _Branch:
        """A plain list."""
        self._drawn, self._step = set(), lambda _: ()
        return self._titled(key, title, groups, lambda: self.below(key, groups, 1, 1))

    def contents(self, namespace: str) -> _Branch:
        """What is in a namespace (everywhere where it is empty), a line a kind."""
        self._step = lambda _: ()
        reader = self._relations.reader

        counted = contents(reader, namespace)

        def lines() -> list[_Branch]:
            found = []
            for kind, count in counted:
                key = f"contents/{kind.plural}"
                fold = self._fold(key, "closed")
                hops = [] if fold == "closed" and self._choice.keeps is None else self._of_kind(kind, namespace)
                kept = count if self._choice.keeps is None else len(hops)
                if kept:
                    children = [self._branch(key, hop, 0, 1) for hop in hops] if fold == "open" else []
                    found.append(_Branch(key, title=kind.kind, count=kept, fold=fold, children=children))
            return found

        return self._titled("contents", "contains", counted, lines)

    def unsearched(self, found: Sequence[Unsearched]) -> _Branch:
        """The kinds that may hide something, each with its state."""
        usually: Fold = "open" if len(found) <= self._choice.bunch else "closed"
        fold: Fold = self._fold("unsearched", usually) if found else ""
        lines = [
            _Branch(
                f"unsearched/{each.resource}", title=each.resource, status=Status(state_word(each.state)[0], "warn")
            )
            for each in found
        ]
        return _Branch("unsearched", title="not searched", fold=fold, count=len(found), children=lines)

    def below(self, parent: str, groups: Iterable[Group], remaining: int, depth: int) -> list[_Branch]:
        """The branches of siblings: one each, or of many of a kind one for all."""
        branches: list[_Branch] = []
        for group in [self._fresh(group) for group in groups]:
            if len(group) <= self._choice.bunch:
                branches += filter(None, [self._kept(parent, hop, remaining, depth) for hop in group.hops])
            elif self._choice.keeps is None:
                branches.append(self._bunch(parent, group, remaining, depth))
            else:
                kept = [hop for hop in group.hops if self._choice.keeps(hop)]
                branches += [self._bunch(parent, Group(group.type, kept), remaining, depth)] if kept else []
        return branches

    def _fresh(self, group: Group) -> Group:
        """Without the objects that have a line already; these get theirs now. A bunch is what it is."""
        if not self._once or len(group) > self._choice.bunch:
            return group
        hops = [hop for hop in group.hops if hop.to.key not in self._drawn]
        self._drawn.update(hop.to.key for hop in hops)
        return Group(group.type, hops)

    def _bunch(self, parent: str, group: Group, remaining: int, depth: int) -> _Branch:
        key = f"{parent}/{group.type[1]}.{group.type[0]}*"
        branch = _Branch(
            key,
            title=group.type[1],
            reasons=group.reasons,
            status=summary(self._relations, group),
            fold=self._fold(key, "closed"),
            depth=depth,
            count=len(group),
        )
        if branch.fold == "open":
            branch.children = [self._branch(key, hop, remaining, depth, usually="closed") for hop in group.hops]
        return branch

    def _kept(self, parent: str, hop: Hop, remaining: int, depth: int) -> _Branch | None:
        """The branch of an object, None where the filter keeps neither it nor anything below it."""
        branch = self._branch(parent, hop, remaining, depth)
        keeps = self._choice.keeps
        return branch if keeps is None or branch.children or keeps(hop) else None

    def _branch(self, parent: str, hop: Hop, remaining: int, depth: int, *, usually: Fold = "open") -> _Branch:
        vertex = hop.to
        key = f"{parent}/{vertex.kind}.{vertex.group}/{vertex.namespace}/{vertex.name}"
        branch = _Branch(key, vertex, "", hop.reasons, standing(self._relations, vertex), depth=depth)
        ends = self._once and ends_walks(vertex)
        if remaining <= 1 or ends or vertex.key in self._grown or vertex.record is None:
            return branch
        fold = self._fold(key, usually)
        if fold == "open":
            assert self._step is not None
            self._grown.add(vertex.key)
            branch.children = self.below(key, self._step(vertex), remaining - 1, depth + 1)
            branch.fold = "open" if branch.children else ""
        else:
            branch.fold = "closed"
        return branch

    def _of_kind(self, kind: Kind[Any], namespace: str) -> list[Hop]:
        """The objects in a namespace that the filter keeps, sorted. O(n log n)."""
        reader = self._relations.reader
        records: Sequence[Any] = (
            reader.by_index(kind, indexes.NAMESPACE, namespace) if namespace else reader.list(kind).objects
        )
        hops = [Hop(self._relations.vertex(kind, record), ()) for record in records]
        keeps = self._choice.keeps
        return sorted((hop for hop in hops if keeps is None or keeps(hop)), key=lambda hop: hop.to.key)

    def _titled(self, key: str, title: str, found: Sequence[object], make: Callable[[], list[_Branch]]) -> _Branch:
        """A group; without a fold where there is nothing in it."""
        fold: Fold = self._fold(key, "open") if found else ""
        children = make() if fold == "open" else []
        return _Branch(key, title=title, fold=fold if children or fold == "closed" else "", children=children)

    def _fold(self, key: str, usually: Fold) -> Fold:
        if key not in self._choice.toggled:
            return usually
        return "closed" if usually == "open" else "open"


def _lines(branches: Sequence[_Branch], guides: str = "") -> Iterator[Line]:
    for at, branch in enumerate(branches):
        last = at == len(branches) - 1
        yield Line(
            branch.key,
            guides + ("└─ " if last else "├─ "),
            branch.vertex,
            branch.title,
            branch.reasons,
            branch.status,
            branch.fold,
            branch.depth,
            branch.count,
        )
        if branch.fold == "open":
            yield from _lines(branch.children, guides + ("   " if last else "│  "))


def _grouped(hops: Sequence[Hop]) -> list[Group]:
    """Sorted hops by kind."""
    return [Group(type_, list(found)) for type_, found in groupby(hops, key=lambda hop: hop.to.type)]


# -- what breaks ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Dependents:
    """All that depends on a centre, the nearest first. `towards` leads from each one step nearer to it."""

    vertices: list[Vertex] = field(default_factory=list)
    towards: dict[tuple[str, str, str, str], Merged] = field(default_factory=dict)
    needed_by_others: set[tuple[str, str, str, str]] = field(default_factory=set)

    def towards_from(self, vertex: Vertex) -> list[Group]:
        """What a vertex needs on the way to the centre."""
        found = self.towards.get(vertex.key)
        return list(found.groups()) if found else []

    def tops(self) -> list[Vertex]:
        """Those that nothing else builds on; and of a ring of objects each of which needs another, the farthest."""
        tops = [vertex for vertex in self.vertices if vertex.key not in self.needed_by_others]
        reached: set[tuple[str, str, str, str]] = set()
        self._reach(tops, reached)
        for vertex in reversed(self.vertices):
            if vertex.key not in reached:
                tops.append(vertex)
                self._reach([vertex], reached)
        return sorted(tops, key=lambda vertex: vertex.key)

    def _reach(self, vertices: Sequence[Vertex], reached: set[tuple[str, str, str, str]]) -> None:
        waiting = list(vertices)
        while waiting:
            vertex = waiting.pop()
            if vertex.key not in reached:
                reached.add(vertex.key)
                waiting += [hop.to for group in self.towards_from(vertex) for hop in group.hops]


def _dependents(relations: Relations, centre: Vertex) -> _Dependents:
    found = _Dependents()
    seen = {centre.key}
    frontier = [centre]
    while frontier:
        further: list[Vertex] = []
        for vertex in frontier:
            if vertex is not centre and ends_walks(vertex):
                continue
            for hop in (*relations.hops("used-by", vertex), *relations.hops("owned", vertex)):
                other = hop.to
                if other.key == centre.key:
                    continue
                found.needed_by_others.add(vertex.key)
                found.towards.setdefault(other.key, Merged()).add_all(vertex, hop.reasons)
                if other.key not in seen:
                    seen.add(other.key)
                    further.append(other)
                    found.vertices.append(other)
        frontier = further
    return found
