"""Records for queries, made from the JSON that a server would send, and readers over them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.reader import Head
from kite_tui.objects.states import State

NOW_S = 1_790_000_000
HEAD = Head("prod", "https://prod.test:6443", "v1.35.4")
Json = dict[str, Any]

_uids = itertools.count(1)


def ago(seconds: float) -> str:
    """A time before NOW_S, as the API writes it."""
    return datetime.fromtimestamp(NOW_S - seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def reader(
    objects: Mapping[Kind[Any], list[Json]], states: Mapping[Kind[Any], State] | None = None, *, head: Head = HEAD
) -> MemoryReader:
    """A reader over manifests, at NOW_S."""
    decoded = {kind: [decoder(kind)(json.dumps(one).encode()) for one in many] for kind, many in objects.items()}
    return MemoryReader(head, decoded, states, lambda: float(NOW_S))


def meta(name: str, namespace: str = "", *, age_s: float = 86400, **more: Any) -> Json:
    made = {"name": name, "uid": f"uid-{next(_uids)}", "resourceVersion": "1", "creationTimestamp": ago(age_s)}
    return {**made, **({"namespace": namespace} if namespace else {}), **more}


def condition(kind: str, status: str, *, since_s: float = 3600, **more: str) -> Json:
    return {"type": kind, "status": status, "lastTransitionTime": ago(since_s), **more}


def node(name: str, *, cpu: str = "4", memory: str = "8Gi", ready: str = "True", **more: Any) -> Json:
    """A node; `ready` empty leaves the condition out. `conditions`, `unschedulable`, `allocatable` replace or add."""
    conditions = [condition("Ready", ready)] if ready else []
    amounts = more.pop("allocatable", {"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "100Gi"})
    spec = {"unschedulable": True} if more.pop("unschedulable", False) else {}
    status = {
        "conditions": conditions + more.pop("conditions", []),
        "allocatable": amounts,
        "capacity": more.pop("capacity", amounts),
    }
    return {"metadata": meta(name, **more), "spec": spec, "status": status}


def owner(kind: str, name: str) -> Json:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-of-{kind}-{name}", "controller": True}


def pod(name: str, *, namespace: str = "shop", on: str = "", phase: str = "Running", **more: Any) -> Json:
    """A pod of one container. `requests`, `limits`, `ready` (its condition), `since_s` (of that), `containers`
    (statuses), `conditions`, `owned_by`, `deleted_s` and what metadata takes."""
    resources = {part: more.pop(part) for part in ("requests", "limits") if part in more}
    ready = more.pop("ready", "True" if phase == "Running" else "False")
    since_s = more.pop("since_s", 3600)
    status: Json = {"phase": phase} if phase else {}
    status["conditions"] = [condition("Ready", ready, since_s=since_s), *more.pop("conditions", [])]
    status |= {"containerStatuses": more.pop("containers")} if "containers" in more else {}
    status |= {"reason": more.pop("reason")} if "reason" in more else {}
    if "owned_by" in more:
        more["ownerReferences"] = [more.pop("owned_by")]
    if "deleted_s" in more:
        more["deletionTimestamp"] = ago(more.pop("deleted_s"))
    spec: Json = {"containers": [{"name": "app", "image": "app:1", "resources": resources}]}
    spec |= {"nodeName": on} if on else {}
    return {"metadata": meta(name, namespace, **more), "spec": spec, "status": status}


def waiting(reason: str, message: str = "", **more: Any) -> Json:
    return {"name": "app", "state": {"waiting": {"reason": reason, "message": message}}, **more}


def service(name: str, *, namespace: str = "shop", kind: str = "ClusterIP", **more: Any) -> Json:
    spec = {"type": kind, "clusterIP": more.pop("ip", "10.0.0.1"), "ports": more.pop("ports", [])}
    return {"metadata": meta(name, namespace, **more), "spec": spec}


def workload(name: str, desired: int, available: int, *, namespace: str = "shop", **more: Any) -> Json:
    """A Deployment or StatefulSet."""
    status = {"availableReplicas": available, "conditions": more.pop("conditions", [])}
    return {"metadata": meta(name, namespace, **more), "spec": {"replicas": desired}, "status": status}


def node_usage(name: str, cpu: str, memory: str, *, sampled_s: float = 20) -> Json:
    return {"metadata": {"name": name}, "timestamp": ago(sampled_s), "usage": {"cpu": cpu, "memory": memory}}
