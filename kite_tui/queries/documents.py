"""The JSON documents of the plain commands: keys, units and order of `schema: 1`, as the README promises them.

CPU is integer millicores (`_m`), memory and storage integer bytes (`_b`), times RFC 3339 UTC, durations integer seconds
(`_s`). A number that isn't known is None, never 0, and the nearest `state` says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kite_tui.objects.amounts import BASIC, Amounts
from kite_tui.objects.effective import explain
from kite_tui.objects.events import Event
from kite_tui.objects.nodes import Node
from kite_tui.objects.reader import Head
from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Off,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
)
from kite_tui.queries.metrics import Metrics
from kite_tui.queries.nodes import NodeRow
from kite_tui.queries.overview import Overview
from kite_tui.queries.pods import PodRow
from kite_tui.queries.problems import Problem
from kite_tui.queries.resources import ResourceTotals, left_out
from kite_tui.text.ages import rfc3339

SCHEMA = 1

Document = dict[str, Any]


def state_word(state: State) -> tuple[str, str | None]:
    """(`state`, `reason`) as documents write them; the reason is a sentence, None where there is nothing to add."""
    match state:
        case Live() | Polling():
            return "ok", None
        case Partial():
            return "partial", state.reason or f"{state.n} of {state.m if state.m is not None else '?'} namespaces"
        case Forbidden():
            return "forbidden", state.reason or f"may not {state.verb} ({state.scope})"
        case Absent():
            return "absent", state.reason or "the server doesn't serve it"
        case Auth() | Failed() | Stale():
            return "failed", state.reason
        case Syncing():
            return "failed", "still reading"
        case Off():
            return "off", None


def _state(state: State, reason: str | None = None) -> Document:
    word, sentence = state_word(state)
    return {"state": word, "reason": "; ".join(part for part in (sentence, reason) if part) or None}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else rfc3339(seconds)


def _age_s(created_s: int | None, now_s: float) -> int | None:
    return None if created_s is None else max(0, int(now_s - created_s))


def head_document(kind: str, head: Head, as_of_s: float) -> Document:
    """The keys that every document begins with."""
    return {
        "schema": SCHEMA,
        "kind": kind,
        "context": head.context,
        "server": head.server,
        "version": head.version,
        "namespaces_shown": list(head.namespaces) or "all",
        "as_of": rfc3339(as_of_s),
    }


def _metrics(metrics: Metrics, now_s: float) -> Document:
    found = _state(metrics.state, metrics.note(now_s))
    if found["state"] == "ok" and not metrics.is_whole:
        found["state"] = "partial"
    return {**found, "sampled_at": _time(metrics.sampled_s)}


def overview_document(overview: Overview) -> Document:
    """`kite-tui overview -o json`."""
    nodes, pods, namespaces, services = overview.nodes, overview.pods, overview.namespaces, overview.services
    return {
        **head_document("Overview", overview.head, overview.as_of_s),
        "nodes": {
            **_state(nodes.state),
            "total": nodes.total,
            "ready": nodes.ready,
            "not_ready": nodes.not_ready,
            "unknown": nodes.unknown,
            "cordoned": nodes.cordoned,
            "pressure": nodes.pressure,
        },
        "pods": {
            **_state(pods.state),
            "total": pods.total,
            "healthy": pods.healthy,
            "running_ready": pods.running_ready,
            "not_ready": pods.not_ready,
            "pending": pods.pending,
            "succeeded": pods.succeeded,
            "failed": pods.failed,
            "terminating": pods.terminating,
            "unknown": pods.unknown,
            "orphaned": pods.orphaned,
        },
        "namespaces": {
            **_state(namespaces.state),
            "total": namespaces.total,
            "terminating": namespaces.terminating,
        },
        "services": {
            **_state(services.state),
            "total": services.total,
            "headless": services.headless,
            "by_type": None if services.by_type is None else dict(services.by_type),
        },
        "cpu": _resource(overview.cpu, "m"),
        "memory": _resource(overview.memory, "b"),
        "extended": {
            name: {
                **_state(total.state, total.reason),
                "allocatable": total.allocatable,
                "requests": total.requests,
                "waiting": total.waiting,
            }
            for name, total in overview.extended.items()
        },
        "metrics": _metrics(overview.metrics, overview.as_of_s),
        "prometheus": {
            **_state(overview.prometheus.state, overview.prometheus.reason),
            "found": overview.prometheus.found,
            "where": overview.prometheus.where,
        },
        "problems": [_problem(problem) for problem in overview.problems],
        "warnings": [_warning(event) for event in overview.warnings],
        "not_searched": [{"resource": kind.plural, **_state(state)} for kind, state in overview.not_searched],
    }


def _resource(total: ResourceTotals, unit: str) -> Document:
    largest = total.largest_free
    return {
        **_state(total.state, total.reason),
        f"allocatable_{unit}": total.allocatable,
        f"schedulable_{unit}": total.schedulable,
        f"requests_{unit}": total.requests,
        f"limits_{unit}": total.limits,
        f"waiting_{unit}": total.waiting,
        f"usage_{unit}": total.usage,
        "largest_free": {"node": largest.node, f"free_{unit}": largest.free} if largest else None,
    }


def _problem(problem: Problem) -> Document:
    return {
        "severity": problem.severity,
        "kind": problem.kind,
        "namespace": problem.namespace or None,
        "name": problem.name,
        "count": problem.count,
        "what": problem.what,
        "since": _time(problem.since_s),
    }


def _warning(event: Event) -> Document:
    return {
        "last_seen": _time(event.last_seen_s),
        "count": event.count,
        "kind": event.about_kind,
        "namespace": event.about_namespace or None,
        "name": event.about_name,
        "reason": event.reason,
        "message": event.message,
    }


def nodes_document(
    head: Head,
    as_of_s: float,
    pods: State,
    metrics: Metrics,
    rows: Iterable[NodeRow],
    pod_rows: Iterable[PodRow] | None = None,
) -> Document:
    """`kite-tui nodes -o json`; with `pod_rows`, that of `nodes NAME`."""
    document = {
        **head_document("Nodes", head, as_of_s),
        "pods": _state(pods),
        "metrics": _metrics(metrics, as_of_s),
        "items": [_node(row, pods, as_of_s) for row in rows],
    }
    if pod_rows is not None:
        document["pod_items"] = [pod_document(row, as_of_s) for row in pod_rows]
    return document


def _pods_of(row: NodeRow, pods: State) -> Document:
    """State and reason of a node's pods, and so of its requests and limits."""
    found = _state(pods)
    if row.unreadable and row.holding is not None:
        found = _state(pods, left_out(row.unreadable, "pod"))
        found["state"] = "partial" if found["state"] == "ok" else found["state"]
    return found


def _node(row: NodeRow, pods: State, now_s: float) -> Document:
    node: Node = row.node
    storage = row.ephemeral_storage
    return {
        "name": node.name,
        "uid": node.uid,
        "status": node.status,
        "ready": node.is_ready,
        "cordoned": node.unschedulable,
        "pressure": list(node.pressure),
        "roles": list(node.roles),
        "version": node.kubelet_version or None,
        "internal_ip": node.internal_ip or None,
        "os_image": node.os_image or None,
        "kernel": node.kernel or None,
        "runtime": node.runtime or None,
        "architecture": node.architecture or None,
        "instance_type": node.instance_type or None,
        "zone": node.zone or None,
        "age_s": _age_s(node.created_s, now_s),
        "taints": [{"key": t.key, "value": t.value or None, "effect": t.effect} for t in node.taints],
        "pods": {
            **_pods_of(row, pods),
            "holding": row.holding,
            "finished": row.finished,
            "allocatable": row.pods_allocatable,
            "unreadable": None if row.holding is None else row.unreadable,
        },
        "cpu": {
            "capacity_m": row.cpu.capacity,
            "allocatable_m": row.cpu.allocatable,
            "requests_m": row.cpu.requests,
            "limits_m": row.cpu.limits,
            "usage_m": row.cpu.usage,
        },
        "memory": {
            "capacity_b": row.memory.capacity,
            "allocatable_b": row.memory.allocatable,
            "requests_b": row.memory.requests,
            "limits_b": row.memory.limits,
            "usage_b": row.memory.usage,
        },
        "ephemeral_storage": {
            "capacity_b": storage.capacity,
            "allocatable_b": storage.allocatable,
            "requests_b": storage.requests,
            "limits_b": storage.limits,
        },
        "extended": {
            name: {"allocatable": total.allocatable, "requests": total.requests, "limits": total.limits}
            for name, total in row.extended.items()
        },
    }


def pods_document(head: Head, as_of_s: float, pods: State, metrics: Metrics, rows: Iterable[PodRow]) -> Document:
    """`kite-tui pods -o json`."""
    return {
        **head_document("Pods", head, as_of_s),
        "pods": _state(pods),
        "metrics": _metrics(metrics, as_of_s),
        "items": [pod_document(row, as_of_s) for row in rows],
    }


def pod_document(row: PodRow, now_s: float) -> Document:
    """One item of `pods -o json` and of `pod_items`."""
    pod = row.pod
    owner = pod.template.owner
    why = explain(pod.template, pod.sizes, pod.infeasible)
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "phase": pod.phase or None,
        "status": pod.status,
        "ready": [pod.ready, pod.total],
        "restarts": pod.restarts,
        "restarted_at": _time(pod.restarted_s),
        "node": pod.node_name or None,
        "ip": pod.ip or None,
        "qos": pod.template.qos or None,
        "owner": {"kind": owner.kind, "name": owner.name} if owner else None,
        "age_s": _age_s(pod.created_s, now_s),
        "holds": pod.holds,
        "cpu": {"requests_m": row.cpu.requests, "limits_m": row.cpu.limits, "usage_m": row.cpu.usage},
        "memory": {"requests_b": row.memory.requests, "limits_b": row.memory.limits, "usage_b": row.memory.usage},
        "extended": _asked(pod.effective.requests, pod.effective.limits),
        "why": {"cpu": why.cpu, "memory": why.memory},
    }


def _asked(requests: Amounts, limits: Amounts) -> Document:
    """Extended resources of a pod; a request that can't be read is None, one that isn't there 0."""
    asked: dict[str, int | None] = {**requests.by_name} | dict.fromkeys(requests.unknown)
    capped: dict[str, int | None] = {**limits.by_name} | dict.fromkeys(limits.unknown)
    names = sorted((asked.keys() | capped.keys()) - BASIC)
    return {name: {"requests": asked.get(name, 0), "limits": capped.get(name)} for name in names}
