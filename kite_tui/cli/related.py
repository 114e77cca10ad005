"""`kite-tui related KIND/NAME`: what an object hangs together with, from concurrent lists of everything served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import anyio

from kite_tui.cli import graphs
from kite_tui.cli.arguments import Invocation
from kite_tui.cli.failure import Failure
from kite_tui.cli.tables import aligned
from kite_tui.cli.target import Target
from kite_tui.kube.errors import NotFound
from kite_tui.objects import states
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import EVENTS, Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.reader import Head
from kite_tui.objects.served import Served
from kite_tui.queries.documents import state_word
from kite_tui.queries.related import DIRECTIONS, Edge, Unsearched, edges, events_about, not_searched
from kite_tui.queries.related_document import related_document
from kite_tui.queries.relations import Relations
from kite_tui.queries.standing import standing
from kite_tui.queries.tree import Choice, Line, tree
from kite_tui.queries.vertices import Vertex
from kite_tui.session.direct import DirectLists, Want
from kite_tui.session.threads import in_daemon_thread
from kite_tui.text import units
from kite_tui.text.sanitise import clean
from kite_tui.text.serialise import serialise

EVERY_ONE = 1 << 30
"""Printed trees give every sibling a line."""


def run(invocation: Invocation, target: Target, out: TextIO, err: TextIO) -> None:
    """Print what `invocation.name` of kind `invocation.kind` hangs together with. Raises Failure."""
    options = invocation.options
    found = anyio.run(_read, invocation, target)
    relations = Relations(found.reader)
    centre = relations.find(found.kind, found.namespace, invocation.name)
    directions = tuple(options.direction) or DIRECTIONS
    events = events_about(centre, found.events) if "used-by" in directions else []
    for sentence in _notices(found):
        print(f"kite-tui: {clean(sentence)}", file=err)
    if options.output in ("", "table"):
        hops = {} if options.depth is None else dict.fromkeys(directions, options.depth)
        choice = Choice(directions, hops, bunch=EVERY_ONE)
        out.write(page(relations, centre, tree(relations, centre, choice, events)))
        return
    walked = edges(relations, centre, directions, options.depth, events)
    match options.output:
        case "name":
            out.writelines(f"{name}\n" for name in dict.fromkeys(map(_name, walked)))
        case "dot":
            out.write(graphs.dot(centre, walked))
        case "mermaid":
            out.write(graphs.mermaid(centre, walked))
        case form:
            out.write(serialise(related_document(relations, centre, walked), form))


def page(relations: Relations, centre: Vertex, lines: Sequence[Line]) -> str:
    """A tree as text: what, why, and how it is, in columns."""
    cells = [(f"{centre.kind} {centre.name_from()}", "", standing(relations, centre).text)]
    cells += [(line.guides + _what(line, centre), ", ".join(line.reasons), line.status.text) for line in lines]
    if not lines:
        cells.append(("└─ nothing that kite-tui knows of", "", ""))
    return aligned([tuple(map(clean, row)) for row in cells], (False, False, False))


def _what(line: Line, centre: Vertex) -> str:
    if line.vertex is None:
        return f"{line.title} ×{units.count(line.count)}" if line.count else line.title
    return f"{line.vertex.kind} {line.vertex.name_from(centre.namespace)}"


def _name(edge: Edge) -> str:
    """`deployment.apps/cart`, as kubectl names objects."""
    far = edge.far
    kind = far.served.singular if far.served else far.kind.lower()
    return clean(f"{kind}.{far.group}/{far.name}" if far.group else f"{kind}/{far.name}")


# -- reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    kind: Kind[Any]
    namespace: str
    reader: MemoryReader
    events: tuple[Event, ...]
    malformed: int


async def _read(invocation: Invocation, target: Target) -> _Found:
    options = invocation.options
    lists = DirectLists(target.api, preferred=(*options.namespace, *target.preferred))
    served = await in_daemon_thread(lists.discover, "discovery")
    kind = _kind(served, invocation.kind)
    namespace = (options.namespace[0] if options.namespace else target.home) if kind.namespaced else ""
    about = f"involvedObject.kind={kind.kind},involvedObject.name={invocation.name}"
    events = Want(EVENTS, (namespace,) if namespace else (), query=(("fieldSelector", about),), ladder=False)
    wants = [events, *(Want(each, beyond=False) for each in served.searched)]
    one = None

    async def get() -> None:
        nonlocal one
        one = await lists.get(Want(kind, (namespace,) if namespace else (), invocation.name))

    async with anyio.create_task_group() as group:
        group.start_soon(get)
        answer = await lists.read(wants, Head(target.context, target.server, None), served)
    assert one is not None
    if one.error is not None and answer.reader.get(kind, namespace, invocation.name) is None:
        if isinstance(one.error, NotFound):
            where = f" in namespace {namespace!r}; -n looks in another one" if namespace else ""
            raise Failure(f"there is no {kind.singular} {invocation.name!r}{where}") from one.error
        raise Failure(str(one.error)) from one.error
    return _Found(
        kind,
        namespace,
        _with(answer.reader, kind, one.objects),
        answer.reader.list(EVENTS).objects,
        answer.malformed,
    )


def _kind(served: Served, word: str) -> Kind[Any]:
    kind = served.find(word)
    if kind is None:
        raise Failure(f"the server has no kind {word!r}; kubectl api-resources lists those that it has")
    return kind


def _with(reader: MemoryReader, kind: Kind[Any], objects: Iterable[Any]) -> MemoryReader:
    """The reader with the object asked for in it, also where its kind may not be listed."""
    missing = [each for each in objects if reader.get(kind, each.namespace, each.name) is None]
    return reader.with_objects(kind, missing) if missing else reader


def _notices(found: _Found) -> Iterator[str]:
    if found.malformed:
        yield f"{found.malformed} object(s) can't be read and are left out"
    unsearched = not_searched(found.reader)
    events = found.reader.state(EVENTS)
    if not states.is_readable(events):
        unsearched.append(Unsearched("events", events))
    by_word: dict[str, list[Unsearched]] = {}
    for each in unsearched:
        by_word.setdefault(state_word(each.state)[0], []).append(each)
    for word, alike in by_word.items():
        # Of many that are forbidden the names say it all; one alone may have a reason worth reading.
        reason = f": {state_word(alike[0].state)[1]}" if len(alike) == 1 else ""
        yield f"not searched: {', '.join(each.resource for each in alike)} ({word}){reason}"
