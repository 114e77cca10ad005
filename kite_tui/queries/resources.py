"""CPU, memory and what else nodes offer: what there is, what pods ask for, and where room is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kite_tui.objects.amounts import NOTHING, Amounts, add
from kite_tui.objects.kinds import NODE_METRICS, NODES, PODS
from kite_tui.objects.nodes import Node
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import Live, Partial, Polling, State, is_readable
from kite_tui.objects.sums import NO_PODS, Sums


@dataclass(frozen=True, slots=True)
class Largest:
    """The schedulable node with the most of a resource free, and how much, in the resource's unit."""

    node: str
    free: int


@dataclass(frozen=True, slots=True)
class ResourceTotals:
    """CPU (millicores) or memory (bytes) of the cluster. None is unknown.

    `state` is the worse one of nodes and pods, `reason` says what the sums leave out. `requests` and `limits` are of
    the pods that hold resources on a listed node; `waiting` is what unscheduled pods ask for. `largest_free` is None
    where some of the pods on a node may not have been read.
    """

    state: State
    reason: str | None = None
    allocatable: int | None = None
    schedulable: int | None = None
    requests: int | None = None
    limits: int | None = None
    waiting: int | None = None
    usage: int | None = None
    largest_free: Largest | None = None


@dataclass(frozen=True, slots=True)
class ExtendedTotals:
    """An extended resource of the cluster, in the unit it is counted in."""

    allocatable: int | None
    requests: int | None
    waiting: int | None


@dataclass(slots=True)
class _Gathered:
    """Sums over the pods of the listed nodes, while they are gathered."""

    allocatable: Amounts = NOTHING
    requests: Amounts = NOTHING
    limits: Amounts = NOTHING
    unreadable: int = 0


def resources(reader: Reader) -> tuple[ResourceTotals, ResourceTotals, Mapping[str, ExtendedTotals]]:
    """CPU, memory and the extended resources of the cluster. O(nodes + namespaces)."""
    nodes, pods_state, metrics = reader.list(NODES), reader.state(PODS), reader.list(NODE_METRICS)
    samples = metrics.objects if is_readable(metrics.state) else ()
    sums = reader.sums_by_node() if is_readable(pods_state) else None
    gathered = _gather(nodes.objects, sums, is_readable(nodes.state))
    waiting, waiting_unreadable = NOTHING, 0
    if sums is not None:
        for counts in reader.counts_by_namespace().values():
            waiting = add(waiting, counts.waiting)
            waiting_unreadable += counts.waiting_unknown
    narrowed = bool(reader.head.namespaces)
    whole = not narrowed and not isinstance(pods_state, Partial)
    nodes_known, pods_known = is_readable(nodes.state), sums is not None
    left_out = [
        "nodes can't be read, so requests and limits are of all bound pods" if pods_known and not nodes_known else "",
        "requests, limits and waiting are of the namespaces shown only" if pods_known and narrowed else "",
        _unreadable(gathered.unreadable + waiting_unreadable, "pod"),
    ]

    def totals(field: str) -> ResourceTotals:
        offers = [getattr(node.allocatable, field) for node in nodes.objects]
        used = [value for usage in samples if (value := getattr(usage, field)) is not None]
        return ResourceTotals(
            _worse(nodes.state, pods_state),
            "; ".join(filter(None, (*left_out, _unreadable(offers.count(None), "node")))) or None,
            allocatable=_sum_of_known(offers) if nodes_known else None,
            schedulable=_sum_of_known(getattr(node.allocatable, field) for node in nodes.objects if node.is_schedulable)
            if nodes_known
            else None,
            requests=getattr(gathered.requests, field) or 0 if pods_known else None,
            limits=getattr(gathered.limits, field) or 0 if pods_known else None,
            waiting=getattr(waiting, field) or 0 if pods_known else None,
            usage=sum(used) if used else None,
            largest_free=_largest(nodes.objects, sums, field) if sums is not None and whole else None,
        )

    offered = (gathered.allocatable, gathered.requests, waiting)
    names = {name for amounts in offered for name, number in amounts.extended if number}
    extended = {
        name: ExtendedTotals(
            gathered.allocatable.by_name.get(name, 0) if nodes_known else None,
            gathered.requests.by_name.get(name, 0) if pods_known else None,
            waiting.by_name.get(name, 0) if pods_known else None,
        )
        for name in sorted(names)
    }
    return totals("cpu_m"), totals("memory_b"), extended


def _gather(nodes: Iterable[Node], sums: Mapping[str, Sums] | None, nodes_known: bool) -> _Gathered:
    """Add up the listed nodes, and their pods; where nodes may not be listed, the pods of every node."""
    total = _Gathered()
    on_nodes: list[Sums] = []
    for node in nodes:
        total.allocatable = add(total.allocatable, node.allocatable)
        if sums is not None:
            on_nodes.append(sums.get(node.name, NO_PODS))
    if not nodes_known and sums is not None:
        on_nodes = list(sums.values())
    for on_node in on_nodes:
        total.requests = add(total.requests, on_node.requests)
        total.limits = add(total.limits, on_node.limits)
        total.unreadable += on_node.unknown
    return total


def _worse(nodes: State, pods: State) -> State:
    """The state that a number made of both stands on."""
    if not is_readable(nodes) or isinstance(pods, Live | Polling):
        return nodes
    return pods


def _sum_of_known(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where there are amounts and not one of them is known."""
    given = list(amounts)
    known = [amount for amount in given if amount is not None]
    return sum(known) if known or not given else None


def _unreadable(count: int, noun: str) -> str:
    if not count:
        return ""
    subject = f"1 {noun} has" if count == 1 else f"{count} {noun}s have"
    return f"{subject} an amount that can't be read and is left out"


def _largest(nodes: Iterable[Node], sums: Mapping[str, Sums], field: str) -> Largest | None:
    best: Largest | None = None
    for node in nodes:
        allocatable = getattr(node.allocatable, field)
        if not node.is_schedulable or allocatable is None:
            continue
        free = allocatable - (getattr(sums.get(node.name, NO_PODS).requests, field) or 0)
        if best is None or free > best.free:
            best = Largest(node.name, free)
    return best
