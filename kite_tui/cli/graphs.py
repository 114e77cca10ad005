"""Edges as drawings for other programs: Graphviz' dot and Mermaid's flowchart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from kite_tui.queries.related import Edge
from kite_tui.queries.vertices import Vertex
from kite_tui.text.sanitise import clean


def dot(centre: Vertex, edges: Sequence[Edge]) -> str:
    """A digraph: arrows go from the object that refers to the one it names."""
    ids = _ids(centre, edges)
    lines = ["digraph related {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for vertex, number in ids.values():
        style = ", style=bold" if vertex.key == centre.key else "" if vertex.presence == "found" else ", style=dashed"
        lines.append(f"  n{number} [label={_quoted(_label(vertex))}{style}];")
    lines += [f"  n{a} -> n{b} [label={_quoted(why)}];" for a, b, why in _arrows(ids, edges)]
    return "\n".join([*lines, "}", ""])


def mermaid(centre: Vertex, edges: Sequence[Edge]) -> str:
    """A flowchart from left to right."""
    ids = _ids(centre, edges)
    lines = ["flowchart LR"]
    lines += [f"  n{number}[{_mermaid(_label(vertex))}]" for vertex, number in ids.values()]
    lines += [f"  n{a} -->|{_mermaid(why)}| n{b}" for a, b, why in _arrows(ids, edges)]
    return "\n".join([*lines, f"  style n{ids[centre.key][1]} stroke-width:3px", ""])


_Ids = dict[tuple[str, str, str, str], tuple[Vertex, int]]


def _ids(centre: Vertex, edges: Iterable[Edge]) -> _Ids:
    found: _Ids = {}
    for vertex in (centre, *(end for edge in edges for end in (edge.holder, edge.target))):
        found.setdefault(vertex.key, (vertex, len(found)))
    return found


def _arrows(ids: _Ids, edges: Iterable[Edge]) -> list[tuple[int, int, str]]:
    """Each once, although two directions may have walked it."""
    found = {
        (ids[edge.holder.key][1], ids[edge.target.key][1], ", ".join(map(clean, edge.reasons))): None for edge in edges
    }
    return list(found)


def _label(vertex: Vertex) -> str:
    absent = "" if vertex.presence == "found" else f"\n({vertex.presence})"
    return f"{clean(vertex.kind)}\n{clean(vertex.name_from())}{absent}"


def _quoted(text: str) -> str:
    # dot's strings know \n and \" as JSON's do; no other escape is left in cleaned text but of the backslash itself.
    return json.dumps(text, ensure_ascii=False)


def _mermaid(text: str) -> str:
    """Mermaid has no escapes but entities."""
    codes = {ord(mark): f"#{ord(mark)};" for mark in '"#&<>|[]{}`'}
    return '"' + text.translate(codes).replace("\n", "<br/>") + '"'
