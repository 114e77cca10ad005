"""By what nodes and pods can be sorted, in the TUI and by `--sort-by`: the names of columns and what each compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kite_tui.objects.kinds import NODE_METRICS
from kite_tui.objects.nodes import Node
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.sums import NO_PODS, Sums
from kite_tui.queries.nodes import NodeRow, node_row
from kite_tui.queries.ordering import SortKey
from kite_tui.queries.pods import PodRow, pod_row, usage_of
from kite_tui.text.natural import natural_key

Value = Any
"""Anything comparable with its like; None is unknown and comes last in both directions."""

POD_SORTS: Mapping[str, Callable[[PodRow], Value]] = {
    "namespace": lambda row: row.pod.namespace,
    "name": lambda row: natural_key(row.pod.name),
    "ready": lambda row: row.pod.ready / row.pod.total if row.pod.total else 1,
    "status": lambda row: row.pod.status,
    "restarts": lambda row: -row.pod.restarts,
    "node": lambda row: natural_key(row.pod.node_name) if row.pod.node_name else None,
    "ip": lambda row: natural_key(row.pod.ip) if row.pod.ip else None,
    "qos": lambda row: row.pod.template.qos or None,
    "owner": lambda row: row.pod.template.workload,
    "age": lambda row: None if row.pod.created_s is None else -row.pod.created_s,
    "cpu": lambda row: _descending(row.cpu.usage),
    "cpu_requests": lambda row: _descending(row.cpu.requests),
    "cpu_limits": lambda row: _descending(row.cpu.limits),
    "memory": lambda row: _descending(row.memory.usage),
    "memory_requests": lambda row: _descending(row.memory.requests),
    "memory_limits": lambda row: _descending(row.memory.limits),
}
"""Amounts and restarts compare largest first, which is what one sorts by them for; ages youngest first. Ties go by
namespace and name."""

NODE_SORTS: Mapping[str, Callable[[NodeRow], Value]] = {
    "name": lambda row: natural_key(row.node.name),
    "status": lambda row: row.node.status,
    "roles": lambda row: row.node.roles,
    "pods": lambda row: _descending(row.holding),
    "cpu": lambda row: _descending_share(row.cpu.usage, row.cpu.allocatable),
    "cpu_requests": lambda row: _descending_share(row.cpu.requests, row.cpu.allocatable),
    "cpu_limits": lambda row: _descending_share(row.cpu.limits, row.cpu.allocatable),
    "cpu_size": lambda row: _descending(row.cpu.allocatable),
    "cpu_free": lambda row: _descending(row.cpu.free),
    "memory": lambda row: _descending_share(row.memory.usage, row.memory.allocatable),
    "memory_requests": lambda row: _descending_share(row.memory.requests, row.memory.allocatable),
    "memory_limits": lambda row: _descending_share(row.memory.limits, row.memory.allocatable),
    "memory_size": lambda row: _descending(row.memory.allocatable),
    "memory_free": lambda row: _descending(row.memory.free),
    "version": lambda row: natural_key(row.node.kubelet_version) if row.node.kubelet_version else None,
    "zone": lambda row: row.node.zone or None,
    "instance_type": lambda row: row.node.instance_type or None,
    "age": lambda row: None if row.node.created_s is None else -row.node.created_s,
}
"""Usage, requests and limits of nodes compare as shares of what is allocatable: 90 % of a small node is fuller."""


def _descending(value: int | None) -> Value:
    return None if value is None else -value


def _descending_share(value: int | None, total: int | None) -> Value:
    return None if value is None or not total else -value / total


def ranked(value: Value, reverse: bool, *ties: Any) -> SortKey:
    """A sort key in which None comes last, also where the order is read backwards."""
    return ((value is None) != reverse, 0 if value is None else value, *ties)


def pod_sort_key(reader: Reader, column: str, reverse: bool) -> Callable[[Pod], SortKey]:
    """The key of a pod under a column; ties go by namespace and name. Raises KeyError for an unknown column."""
    value = POD_SORTS[column]

    def key(pod: Pod) -> SortKey:
        row = pod_row(pod, usage_of(reader, pod) if column in USAGE_COLUMNS else None)
        return ranked(value(row), reverse, pod.namespace, natural_key(pod.name))

    return key


def node_sort_key(
    reader: Reader, sums: Mapping[str, Sums] | None, column: str, reverse: bool
) -> Callable[[Node], SortKey]:
    """The key of a node under a column, by the sums of its pods given; ties go by name. KeyError for no such column."""
    value = NODE_SORTS[column]

    def key(node: Node) -> SortKey:
        on_node = None if sums is None else sums.get(node.name, NO_PODS)
        usage = reader.get(NODE_METRICS, "", node.name) if column in USAGE_COLUMNS else None
        return ranked(value(node_row(node, on_node, usage)), reverse, natural_key(node.name))

    return key


USAGE_COLUMNS = frozenset({"cpu", "memory"})
"""Columns whose order changes with every sample."""

SUM_COLUMNS = frozenset(
    {"pods"} | {f"{name}_{of}" for name in ("cpu", "memory") for of in ("requests", "limits", "free")}
)
"""Columns of nodes whose order changes with their pods."""
