"""By what nodes and pods can be sorted, in the TUI and by `--sort-by`: the names of columns and what each compares.

A value is computed for each of 150 000 pods at a key press, so it is taken from the object itself and not from the row
that a table shows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, Protocol

from kite_tui.objects.amounts import Amounts
from kite_tui.objects.kinds import NODE_METRICS
from kite_tui.objects.nodes import Node
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.sums import NO_PODS, Sums
from kite_tui.objects.usage import NodeUsage, PodUsage
from kite_tui.queries.ordering import R, Value
from kite_tui.queries.pods import requests_of, usage_of
from kite_tui.text.natural import natural_key

SortKey = tuple[Any, ...]

Amount = Literal["cpu_m", "memory_b"]


class PodValue(Protocol):
    """What a column compares, of a pod, its natural name and its usage (None: no sample, or not asked for)."""

    def __call__(self, pod: Pod, natural: str, usage: PodUsage | None, /) -> Value: ...


class NodeValue(Protocol):
    """The same of a node, its natural name, the sums of its pods and its usage (None: unknown)."""

    def __call__(self, node: Node, natural: str, sums: Sums | None, usage: NodeUsage | None, /) -> Value: ...


_shared_key = lru_cache(maxsize=8192)(natural_key)
"""One key for all that share a name: pods by the dozen share a node. Names of their own are not worth keeping."""


def _descending(value: int | None) -> Value:
    return None if value is None else -value


POD_SORTS: Mapping[str, PodValue] = {
    "namespace": lambda pod, *_: pod.namespace,
    "name": lambda _, natural, __: natural,
    "ready": lambda pod, *_: pod.ready / pod.total if pod.total else 1,
    "status": lambda pod, *_: pod.status,
    "restarts": lambda pod, *_: -pod.restarts,
    "node": lambda pod, *_: _shared_key(pod.node_name) if pod.node_name else None,
    "ip": lambda pod, *_: natural_key(pod.ip) if pod.ip else None,
    "qos": lambda pod, *_: pod.template.qos or None,
    "owner": lambda pod, *_: pod.template.workload,
    "age": lambda pod, *_: _descending(pod.created_s),
    "cpu": lambda _, __, usage: _descending(usage and usage.cpu_m),
    "cpu_requests": lambda pod, *_: _descending(requests_of(pod, "cpu")),
    "cpu_limits": lambda pod, *_: _descending(pod.effective.limits.cpu_m),
    "memory": lambda _, __, usage: _descending(usage and usage.memory_b),
    "memory_requests": lambda pod, *_: _descending(requests_of(pod, "memory")),
    "memory_limits": lambda pod, *_: _descending(pod.effective.limits.memory_b),
}
"""Amounts and restarts compare largest first, which is what one sorts by them for; ages youngest first. Ties go by
namespace and name."""


def _share(part: int | None, node: Node, amount: Amount) -> Value:
    whole: int | None = getattr(node.allocatable, amount)
    return None if part is None or not whole else -part / whole


def _sum(sums: Amounts, amount: Amount) -> int:
    return getattr(sums, amount) or 0


def _amounts(name: str, amount: Amount) -> Mapping[str, NodeValue]:
    """What the columns of one resource compare."""

    def used(node: Node, _: str, __: Sums | None, usage: NodeUsage | None) -> Value:
        return _share(getattr(usage, amount, None), node, amount)

    def requested(node: Node, _: str, sums: Sums | None, __: NodeUsage | None) -> Value:
        return None if sums is None else _share(_sum(sums.requests, amount), node, amount)

    def limited(node: Node, _: str, sums: Sums | None, __: NodeUsage | None) -> Value:
        return None if sums is None else _share(_sum(sums.limits, amount), node, amount)

    def size(node: Node, *_: object) -> Value:
        return _descending(getattr(node.allocatable, amount))

    def free(node: Node, _: str, sums: Sums | None, __: NodeUsage | None) -> Value:
        whole: int | None = getattr(node.allocatable, amount)
        return None if sums is None or whole is None else _sum(sums.requests, amount) - whole

    found: dict[str, NodeValue] = {"": used, "_requests": requested, "_limits": limited, "_size": size, "_free": free}
    return {f"{name}{of}": value for of, value in found.items()}


NODE_SORTS: Mapping[str, NodeValue] = {
    "name": lambda _, natural, *__: natural,
    "status": lambda node, *_: node.status,
    "roles": lambda node, *_: node.roles,
    "pods": lambda _, __, sums, ___: None if sums is None else -sums.holding,
    **_amounts("cpu", "cpu_m"),
    **_amounts("memory", "memory_b"),
    "version": lambda node, *_: _shared_key(node.kubelet_version) if node.kubelet_version else None,
    "zone": lambda node, *_: node.zone or None,
    "instance_type": lambda node, *_: node.instance_type or None,
    "age": lambda node, *_: _descending(node.created_s),
}
"""Usage, requests and limits of nodes compare as shares of what is allocatable: 90 % of a small node is fuller."""

USAGE_COLUMNS = frozenset({"cpu", "memory"})
"""Columns whose order changes with every sample."""

SUM_COLUMNS = frozenset(
    {"pods"} | {f"{name}_{of}" for name in ("cpu", "memory") for of in ("requests", "limits", "free")}
)
"""Columns of nodes whose order changes with their pods."""


def pod_value(reader: Reader, column: str) -> Callable[[Pod, str], Value]:
    """What a column compares, of a pod and its natural name. Raises KeyError for an unknown column."""
    value = POD_SORTS[column]
    if column in USAGE_COLUMNS:
        return lambda pod, natural: value(pod, natural, usage_of(reader, pod))
    return lambda pod, natural: value(pod, natural, None)


def node_value(reader: Reader, sums: Mapping[str, Sums] | None, column: str) -> Callable[[Node, str], Value]:
    """The same of a node, by the sums of its pods given. Raises KeyError for an unknown column."""
    value, is_usage = NODE_SORTS[column], column in USAGE_COLUMNS

    def of(node: Node, natural: str) -> Value:
        usage = reader.get(NODE_METRICS, "", node.name) if is_usage else None
        return value(node, natural, None if sums is None else sums.get(node.name, NO_PODS), usage)

    return of


def ranked(value: Value, reverse: bool, *ties: Any) -> SortKey:
    """A sort key in which None comes last, also where the order is read backwards."""
    return ((value is None) != reverse, 0 if value is None else value, *ties)


def _sort_key(value: Callable[[R, str], Value], reverse: bool) -> Callable[[R], SortKey]:
    def key(record: R) -> SortKey:
        natural = natural_key(record.name)
        return ranked(value(record, natural), reverse, record.namespace, natural)

    return key


def pod_sort_key(reader: Reader, column: str, reverse: bool) -> Callable[[Pod], SortKey]:
    """The key of a pod under a column, for `sorted`; ties go by namespace and name. KeyError for an unknown column."""
    return _sort_key(pod_value(reader, column), reverse)


def node_sort_key(
    reader: Reader, sums: Mapping[str, Sums] | None, column: str, reverse: bool
) -> Callable[[Node], SortKey]:
    """The key of a node under a column, by the sums of its pods given; ties go by name. KeyError for no such column."""
    return _sort_key(node_value(reader, sums, column), reverse)
