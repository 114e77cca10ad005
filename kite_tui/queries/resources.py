"""CPU, memory and what else nodes offer: what there is, what pods ask for, and where room is left.

Where nodes can't be read there are still requests and limits: of all bound pods, because nobody can tell which of them
are on a node that is gone. The state is then the one of the nodes (such as forbidden), and the reason says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kite_tui.objects import indexes
from kite_tui.objects.amounts import BASIC, Amounts, sum_of_known, total
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
    the pods that hold resources on a listed node; `waiting` is what unscheduled pods ask for. `usage` is the sum of the
    listed nodes' samples, of which some may be missing (see `Metrics.note`). `largest_free` is None where some of the
    pods on a node may not have been read; a node with a request that can't be read is left out of it.
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
    """An extended resource of the cluster, in the unit it is counted in; `state` and `reason` as in ResourceTotals.

    Amounts that can't be read are left out; where no other is left, the sum is None.
    """

    state: State
    reason: str | None
    allocatable: int | None
    requests: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Sums over the listed nodes and their pods."""

    allocatable: Amounts
    requests: Amounts
    limits: Amounts
    unreadable: int
    unreadable_on: list[str]
    """Nodes with pods of which some amount can't be read."""


def resources(reader: Reader) -> tuple[ResourceTotals, ResourceTotals, Mapping[str, ExtendedTotals]]:
    """CPU, memory and the extended resources of the cluster. O(nodes + namespaces), and where amounts can't be read
    the pods of those nodes, or those that may be at fault, are looked at too."""
    nodes, pods_state, metrics = reader.list(NODES), reader.state(PODS), reader.list(NODE_METRICS)
    listed = {node.name for node in nodes.objects} if is_readable(nodes.state) else None
    samples = [
        usage
        for usage in (metrics.objects if is_readable(metrics.state) else ())
        if listed is None or usage.name in listed
    ]
    sums = reader.sums_by_node() if is_readable(pods_state) else None
    gathered = _gather(nodes.objects, sums, is_readable(nodes.state))
    schedulable = [node for node in nodes.objects if node.is_schedulable]
    by_namespace = reader.counts_by_namespace().values() if sums is not None else ()
    waiting = total(counts.waiting for counts in by_namespace)
    waiting_unreadable = sum(counts.waiting_unknown for counts in by_namespace)
    narrowed = bool(reader.head.namespaces)
    whole = not narrowed and not isinstance(pods_state, Partial)
    nodes_known, pods_known = is_readable(nodes.state), sums is not None
    gaps = [
        "nodes can't be read, so requests and limits are of all bound pods" if pods_known and not nodes_known else "",
        "requests, limits and waiting are of the namespaces shown only" if pods_known and narrowed else "",
        left_out(gathered.unreadable + waiting_unreadable, "pod"),
    ]

    state = _worse(nodes.state, pods_state)

    def totals(field: str) -> ResourceTotals:
        offers = [getattr(node.allocatable, field) for node in nodes.objects]
        used = [value for usage in samples if (value := getattr(usage, field)) is not None]
        return ResourceTotals(
            state,
            "; ".join(filter(None, (*gaps, left_out(offers.count(None), "node")))) or None,
            allocatable=_offer(offers) if nodes_known else None,
            schedulable=_offer([getattr(node.allocatable, field) for node in schedulable]) if nodes_known else None,
            requests=getattr(gathered.requests, field) or 0 if pods_known else None,
            limits=getattr(gathered.limits, field) or 0 if pods_known else None,
            waiting=getattr(waiting, field) or 0 if pods_known else None,
            usage=sum(used) if used else None,
            largest_free=_largest(schedulable, sums, field) if sums is not None and whole else None,
        )

    offered = (gathered.allocatable, gathered.requests, waiting)
    odd = (
        _unreadable_names(node.allocatable for node in nodes.objects),
        _unreadable_names(_requests_on(reader, gathered.unreadable_on)),
        _unreadable_names(_requests_waiting(reader) if waiting_unreadable else ()),
    )
    names = {name for amounts in offered for name, number in amounts.extended if number}

    def extended(name: str) -> ExtendedTotals:
        # What is 0 beside an amount that can't be read is not known to be 0.
        found = [
            amounts.by_name.get(name) or (None if name in by else 0) for amounts, by in zip(offered, odd, strict=True)
        ]
        allocatable, requests, waits = found
        nodes_odd, pods_odd = odd[0][name], odd[1][name] + odd[2][name]
        reasons = [*gaps[:2], left_out(pods_odd, "pod"), left_out(nodes_odd, "node")]
        return ExtendedTotals(
            state,
            "; ".join(filter(None, reasons)) or None,
            allocatable if nodes_known else None,
            requests if pods_known else None,
            waits if pods_known else None,
        )

    return totals("cpu_m"), totals("memory_b"), {name: extended(name) for name in sorted(names.union(*odd))}


def _unreadable_names(amounts: Iterable[Amounts]) -> Counter[str]:
    """How many of these have an amount of an extended resource that can't be read, by its name."""
    return Counter(name for each in amounts for name in each.unknown if name not in BASIC)


def _requests_on(reader: Reader, nodes: Iterable[str]) -> Iterable[Amounts]:
    for name in nodes:
        for pod in reader.by_index(PODS, indexes.NODE, name):
            if pod.holds:
                yield pod.effective.requests


def _requests_waiting(reader: Reader) -> Iterable[Amounts]:
    """Of pods that wait for a node; all of these are among the suspects."""
    return (pod.effective.requests for pod in reader.by_index(PODS, indexes.SUSPECT, indexes.YES) if pod.waits)


def _gather(nodes: Collection[Node], sums: Mapping[str, Sums] | None, nodes_known: bool) -> _Gathered:
    """Add up the listed nodes, and their pods; where nodes may not be listed, the pods of every node."""
    on_nodes: Mapping[str, Sums] = {}
    if sums is not None:
        on_nodes = {node.name: sums.get(node.name, NO_PODS) for node in nodes} if nodes_known else sums
    return _Gathered(
        total(node.allocatable for node in nodes),
        total(on_node.requests for on_node in on_nodes.values()),
        total(on_node.limits for on_node in on_nodes.values()),
        sum(on_node.unknown for on_node in on_nodes.values()),
        [name for name, on_node in on_nodes.items() if on_node.unknown],
    )


def _worse(nodes: State, pods: State) -> State:
    """The state that a number made of both stands on."""
    if not is_readable(nodes) or isinstance(pods, Live | Polling):
        return nodes
    return pods


def _offer(amounts: Collection[int | None]) -> int | None:
    """The sum of what is known; of no nodes it is 0, of nodes whose amounts can't be read None."""
    return sum_of_known(amounts) if amounts else 0


def left_out(count: int, noun: str) -> str:
    """A sentence about amounts that can't be read, empty where there are none."""
    if not count:
        return ""
    subject = f"1 {noun} has" if count == 1 else f"{count} {noun}s have"
    return f"{subject} an amount that can't be read and is left out"


def _largest(schedulable: Iterable[Node], sums: Mapping[str, Sums], field: str) -> Largest | None:
    best: Largest | None = None
    for node in schedulable:
        allocatable = getattr(node.allocatable, field)
        on_node = sums.get(node.name, NO_PODS)
        if allocatable is None or on_node.unknown:
            continue  # what is free is not known where a request isn't
        free = allocatable - (getattr(on_node.requests, field) or 0)
        if best is None or free > best.free:
            best = Largest(node.name, free)
    return best
