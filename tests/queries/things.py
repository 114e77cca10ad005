"""Objects of all kinds for questions about relations, made from the JSON that a server would send."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kite_tui.demo.resources import CUSTOM, STORED
from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.served import Served
from kite_tui.objects.states import State
from kite_tui.queries.relations import Relations
from kite_tui.queries.vertices import Hop, Vertex
from tests.queries.making import HEAD, NOW_S, ago

Json = dict[str, Any]
Thing = tuple[Kind[Any], Any]
"""A kind and a record of it."""

SERVED = Served((*STORED, *CUSTOM))
WIDGETS: Kind[Any] = Kind("example.test", "v1", "Widget", "widgets", "widget", True)


def uid_of(kind: Kind[Any], name: str) -> str:
    return f"{kind.kind}-{name}"


def thing(
    kind: Kind[Any],
    name: str,
    *,
    namespace: str = "shop",
    owned_by: Iterable[tuple[Kind[Any], str]] = (),
    uid: str = "",
    labels: Mapping[str, str] | None = None,
    meta: Json | None = None,
    **body: Any,
) -> Thing:
    """An object; the first of its owners controls it. `meta` is more metadata, `body` everything beside it."""
    owners = [
        {
            "apiVersion": owner.api_version,
            "kind": owner.kind,
            "name": whose,
            "uid": uid_of(owner, whose),
            "controller": at == 0,
        }
        for at, (owner, whose) in enumerate(owned_by)
    ]
    metadata = {
        "name": name,
        "namespace": namespace if kind.namespaced else "",
        "uid": uid or uid_of(kind, name),
        "creationTimestamp": ago(3600),
        "labels": dict(labels or {}),
        "ownerReferences": owners,
        **(meta or {}),
    }
    return kind, decoder(kind)(json.dumps({"metadata": metadata, **body}).encode())


def reading(*things: Thing, states: Mapping[Kind[Any], State] | None = None, served: Served = SERVED) -> MemoryReader:
    """A reader of all kinds, live but for `states`."""
    objects: dict[Kind[Any], list[Any]] = {kind: [] for kind in served.kinds}
    for kind, record in things:
        objects.setdefault(kind, []).append(record)
    return MemoryReader(HEAD, objects, states, lambda: float(NOW_S), served=served)


def env_of(name: str, *, optional: bool = False) -> Json:
    """The spec of a pod whose environment comes from a ConfigMap."""
    reference = {"name": name, "optional": optional} if optional else {"name": name}
    return {"containers": [{"name": "app", "envFrom": [{"configMapRef": reference}]}]}


def running(**spec: Any) -> Json:
    """The body of a pod that is ready."""
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": ago(60)}]
    statuses = [{"name": "app", "ready": True, "state": {"running": {"startedAt": ago(60)}}}]
    body = {"phase": "Running", "conditions": conditions, "containerStatuses": statuses}
    return {"spec": {"containers": [{"name": "app"}], **spec}, "status": body}


def centre(reader: MemoryReader, kind: Kind[Any], name: str, namespace: str = "shop") -> tuple[Relations, Vertex]:
    """A question, and the object that it is about."""
    relations = Relations(reader)
    return relations, relations.find(kind, namespace if kind.namespaced else "", name)


def briefly(vertex: Vertex) -> str:
    """`Pod cart`, or `Pod cart (missing)`."""
    return f"{vertex.kind} {vertex.name}" + ("" if vertex.presence == "found" else f" ({vertex.presence})")


def hops(relations: Relations, direction: str, vertex: Vertex) -> list[str]:
    """`Pod cart: envFrom, volume a` of each."""

    def said(hop: Hop) -> str:
        return f"{briefly(hop.to)}: {', '.join(hop.reasons)}"

    return [said(hop) for hop in relations.hops(direction, vertex)]
