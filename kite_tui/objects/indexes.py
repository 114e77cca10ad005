"""Index functions: what an object can be found by. Pure and quick, because a store runs them under its lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kite_tui.objects.kinds import PODS, Kind
from kite_tui.objects.pods import Pod

IndexFunc = Callable[[Any], Iterable[str]]

NAMESPACE = "namespace"
NODE = "spec.nodeName"
OWNER = "ownerUID"
WORKLOAD = "workload"
LABEL = "label"
SUSPECT = "suspect"
"""Under `YES`: the pods that something may be wrong with, now or when some minutes have passed. Few in a healthy
cluster, so what looks for faults need not look at every pod."""

YES = "yes"


def workload_value(namespace: str, kind: str, name: str) -> str:
    """The value under which the pods of a workload stand in the index `WORKLOAD`."""
    return f"{kind}/{namespace}/{name}"


def _by_namespace(record: Any) -> Iterable[str]:
    return (record.namespace,)


def _by_node(pod: Pod) -> Iterable[str]:
    return (pod.node_name,) if pod.node_name else ()


def _by_owner(pod: Pod) -> Iterable[str]:
    owner = pod.template.owner
    return (owner.uid,) if owner else ()


def _by_workload(pod: Pod) -> Iterable[str]:
    workload = pod.template.workload
    return (workload_value(pod.namespace, *workload),) if workload else ()


def _by_label(record: Any) -> Iterable[str]:
    return (f"{name}={value}" for name, value in record.labels)


def _by_suspicion(pod: Pod) -> Iterable[str]:
    if pod.phase == "Succeeded":
        return ()
    if pod.phase != "Running" or not pod.is_ready or pod.deleted_s is not None:
        return (YES,)
    for status in pod.containers:
        if status.state == "waiting" or "OOMKilled" in (status.reason, status.last_reason):
            return (YES,)
    return ()


def index_functions(kind: Kind[Any]) -> Mapping[str, IndexFunc]:
    """The indexes that a store of `kind` keeps."""
    if kind == PODS:
        return {
            NAMESPACE: _by_namespace,
            NODE: _by_node,
            OWNER: _by_owner,
            WORKLOAD: _by_workload,
            LABEL: _by_label,
            SUSPECT: _by_suspicion,
        }
    return {NAMESPACE: _by_namespace} if kind.namespaced else {}
