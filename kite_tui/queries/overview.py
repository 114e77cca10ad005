"""The overview: one page of numbers, each standing for itself with the state of the kind it was counted from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kite_tui.objects.events import Event
from kite_tui.objects.kinds import CLAIMS, EVENTS, NAMESPACES, NODE_METRICS, NODES, PODS, SERVICES, WORKLOADS, Kind
from kite_tui.objects.reader import Head, Reader
from kite_tui.objects.states import Absent, State, is_readable
from kite_tui.queries.metrics import Metrics, metrics_of
from kite_tui.queries.problems import Problem, problems
from kite_tui.queries.prometheus import Prometheus, find_prometheus
from kite_tui.queries.resources import ExtendedTotals, ResourceTotals, resources

SEARCHED: tuple[Kind[Any], ...] = (NODES, NAMESPACES, PODS, *WORKLOADS, CLAIMS, EVENTS)


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """total = ready + not_ready + unknown; cordoned and pressure are counted beside them."""

    state: State
    total: int | None = None
    ready: int | None = None
    not_ready: int | None = None
    unknown: int | None = None
    cordoned: int | None = None
    pressure: int | None = None


@dataclass(frozen=True, slots=True)
class PodCounts:
    """Each pod is in one of the seven after `healthy`, which is running_ready + succeeded; `orphaned` ones hold
    resources on a node that is gone."""

    state: State
    total: int | None = None
    healthy: int | None = None
    running_ready: int | None = None
    not_ready: int | None = None
    pending: int | None = None
    succeeded: int | None = None
    failed: int | None = None
    terminating: int | None = None
    unknown: int | None = None
    orphaned: int | None = None


@dataclass(frozen=True, slots=True)
class NamespaceTotals:
    """Namespaces, and how many of them are going away."""

    state: State
    total: int | None = None
    terminating: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceTotals:
    """Services by `spec.type`; headless ones are among the ClusterIP ones and counted apart."""

    state: State
    total: int | None = None
    headless: int | None = None
    by_type: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first screen."""

    head: Head
    as_of_s: float
    nodes: NodeCounts
    pods: PodCounts
    namespaces: NamespaceTotals
    services: ServiceTotals
    cpu: ResourceTotals
    memory: ResourceTotals
    extended: Mapping[str, ExtendedTotals]
    metrics: Metrics
    prometheus: Prometheus
    problems: tuple[Problem, ...]
    warnings_state: State
    warnings: tuple[Event, ...]
    not_searched: tuple[tuple[Kind[Any], State], ...]
    """Kinds that faults or warnings would be found in, had they been readable; one the server doesn't serve is none."""


def overview(reader: Reader) -> Overview:
    """Ask everything at once. O(nodes + namespaces + services + warnings + pods at fault), whatever the number of pods;
    over some namespaces (`Narrowed`) the pods in these are counted too."""
    cpu, memory, extended = resources(reader)
    events = reader.list(EVENTS)
    return Overview(
        head=reader.head,
        as_of_s=reader.now_s(),
        nodes=_nodes(reader),
        pods=_pods(reader),
        namespaces=_namespaces(reader),
        services=_services(reader),
        cpu=cpu,
        memory=memory,
        extended=extended,
        metrics=metrics_of(reader, NODE_METRICS),
        prometheus=find_prometheus(reader),
        problems=problems(reader),
        warnings_state=events.state,
        warnings=newest_first(events.objects),
        not_searched=tuple(
            (kind, state)
            for kind in SEARCHED
            if not is_readable(state := reader.state(kind)) and not isinstance(state, Absent)
        ),
    )


def newest_first(events: Iterable[Event]) -> tuple[Event, ...]:
    """The Warning events among `events`, newest first."""
    warnings = [event for event in events if event.type == "Warning"]
    warnings.sort(key=lambda e: (-(e.last_seen_s or 0), e.about_namespace, e.about_name, e.name))
    return tuple(warnings)


def _nodes(reader: Reader) -> NodeCounts:
    listing = reader.list(NODES)
    if not is_readable(listing.state):
        return NodeCounts(listing.state)
    nodes = listing.objects
    ready = sum(node.readiness == "True" for node in nodes)
    not_ready = sum(node.readiness == "False" for node in nodes)
    return NodeCounts(
        listing.state,
        total=len(nodes),
        ready=ready,
        not_ready=not_ready,
        unknown=len(nodes) - ready - not_ready,
        cordoned=sum(node.unschedulable for node in nodes),
        pressure=sum(bool(node.pressure) for node in nodes),
    )


def _pods(reader: Reader) -> PodCounts:
    state = reader.state(PODS)
    if not is_readable(state):
        return PodCounts(state)
    counts = reader.counts_by_namespace().values()

    def total(field: str) -> int:
        return sum(getattr(count, field) for count in counts)

    orphaned = None
    if is_readable(reader.state(NODES)):
        sums = reader.sums_by_node()
        listed = {node.name for node in reader.list(NODES).objects}
        orphaned = sum(on_node.holding for name, on_node in sums.items() if name not in listed)
    running_ready, succeeded = total("running_ready"), total("succeeded")
    return PodCounts(
        state,
        total=total("total"),
        healthy=running_ready + succeeded,
        running_ready=running_ready,
        not_ready=total("not_ready"),
        pending=total("pending"),
        succeeded=succeeded,
        failed=total("failed"),
        terminating=total("terminating"),
        unknown=total("unknown"),
        orphaned=orphaned,
    )


def _namespaces(reader: Reader) -> NamespaceTotals:
    listing = reader.list(NAMESPACES)
    if not is_readable(listing.state):
        return NamespaceTotals(listing.state)
    return NamespaceTotals(
        listing.state,
        total=len(listing.objects),
        terminating=sum(namespace.phase == "Terminating" for namespace in listing.objects),
    )


def _services(reader: Reader) -> ServiceTotals:
    listing = reader.list(SERVICES)
    if not is_readable(listing.state):
        return ServiceTotals(listing.state)
    by_type = Counter(service.type or "ClusterIP" for service in listing.objects)
    return ServiceTotals(
        listing.state,
        total=len(listing.objects),
        headless=sum(service.is_headless for service in listing.objects),
        by_type=dict(sorted(by_type.items())),
    )
