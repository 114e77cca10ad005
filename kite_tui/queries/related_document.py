"""The JSON document of `kite-tui related`, as `schema: 1` has it."""

from __future__ import annotations

from collections.abc import Sequence

from kite_tui.objects.kinds import NAMESPACES
from kite_tui.queries.documents import Document, head_document, state_word
from kite_tui.queries.related import Edge, contents, not_searched, progress
from kite_tui.queries.relations import Relations
from kite_tui.queries.standing import standing
from kite_tui.queries.vertices import Vertex


def related_document(relations: Relations, centre: Vertex, edges: Sequence[Edge]) -> Document:
    """`edges` as they come from `related.edges`. A Namespace's document has `contains` too."""
    reader = relations.reader
    unsearched = not_searched(reader)
    document = {
        **head_document("Related", reader.head, reader.now_s()),
        "object": reference(centre),
        "edges": [_edge(relations, edge) for edge in edges],
        "not_searched": [
            {"resource": each.resource, "state": state_word(each.state)[0], "reason": state_word(each.state)[1]}
            for each in unsearched
        ],
        "complete": not unsearched and progress(reader).is_done,
    }
    if centre.served == NAMESPACES:
        document["contains"] = [
            {"resource": kind.plural, "count": count} for kind, count in contents(reader, centre.name)
        ]
    return document


def reference(vertex: Vertex) -> Document:
    """How a document names an object."""
    return {
        "group": vertex.group,
        "version": vertex.served.version if vertex.served else None,
        "kind": vertex.kind,
        "namespace": vertex.namespace or None,
        "name": vertex.name,
        "uid": vertex.uid or None,
    }


def _edge(relations: Relations, edge: Edge) -> Document:
    return {
        "direction": edge.direction,
        "depth": edge.depth,
        "from": reference(edge.holder),
        "to": reference(edge.target),
        "reasons": list(edge.reasons),
        "state": edge.presence,
        "status": standing(relations, edge.far).text or None if edge.presence == "found" else None,
    }
