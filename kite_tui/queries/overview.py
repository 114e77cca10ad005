"""The overview: one page of numbers, each standing for itself with the state of the kind it was counted from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kite_tui.objects.amounts import NOTHING, Amounts, add
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import EVENTS, NAMESPACES, NODE_METRICS, NODES, PODS, SERVICES
from kite_tui.objects.meta import label
from kite_tui.objects.nodes import Node
from kite_tui.objects.reader import Head, Reader
from kite_tui.objects.services import Service
from kite_tui.objects.states import State, is_readable
from kite_tui.objects.sums import NO_PODS, Sums
from kite_tui.queries.problems import Problem, problems

PROMETHEUS_NAMES = ("prometheus-operated", "prometheus-k8s", "prometheus-server", "prometheus")
FRESH_S = 120
"""A sample older than this many seconds is said to be stale; metrics-server samples every 15 to 60 s."""


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
class Largest:
    """The schedulable node with the most of a resource free, and how much, in the resource's unit."""

    node: str
    free: int


@dataclass(frozen=True, slots=True)
class ResourceTotals:
    """CPU (millicores) or memory (bytes) of the cluster. None is unknown.

    `requests` and `limits` are of the pods that hold resources on a listed node; `waiting` is what unscheduled pods
    ask for; `unreadable` counts holding pods with a malformed amount, which the sums leave out.
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


@dataclass(frozen=True, slots=True)
class Metrics:
    """Whether there is usage, and when the newest sample was taken (seconds since the epoch)."""

    state: State
    sampled_s: int | None = None
    covered: int = 0
    """How many of the listed nodes have a sample."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Where a Prometheus was found; None and no `where`: it can't be known. `where` is namespace/name:port."""

    state: State
    found: bool | None = None
    where: str | None = None


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


def overview(reader: Reader) -> Overview:
    """Ask everything at once. O(nodes + namespaces + services + warnings + pods at fault); never O(pods)."""
    metrics = _metrics(reader)
    cpu, memory, extended = _resources(reader, metrics)
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
        metrics=metrics,
        prometheus=_prometheus(reader),
        problems=problems(reader),
        warnings_state=events.state,
        warnings=newest_first(events.objects),
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


def _metrics(reader: Reader) -> Metrics:
    listing = reader.list(NODE_METRICS)
    if not is_readable(listing.state):
        return Metrics(listing.state)
    sampled_s = max((usage.sampled_s for usage in listing.objects if usage.sampled_s is not None), default=None)
    covered = sum(reader.get(NODES, "", usage.name) is not None for usage in listing.objects)
    return Metrics(listing.state, sampled_s, covered)


@dataclass(slots=True)
class _Gathered:
    """Sums over the listed nodes, while they are gathered."""

    allocatable: Amounts = NOTHING
    schedulable: Amounts = NOTHING
    requests: Amounts = NOTHING
    limits: Amounts = NOTHING
    unreadable: int = 0


def _resources(reader: Reader, metrics: Metrics) -> tuple[ResourceTotals, ResourceTotals, Mapping[str, ExtendedTotals]]:
    nodes, pods_state = reader.list(NODES), reader.state(PODS)
    sums = reader.sums_by_node() if is_readable(pods_state) else None
    gathered = _gather(nodes.objects, sums, is_readable(nodes.state))
    waiting, waiting_unreadable = NOTHING, 0
    if sums is not None:
        for counts in reader.counts_by_namespace().values():
            waiting = add(waiting, counts.waiting)
            waiting_unreadable += counts.waiting_unknown
    whole = not reader.head.namespaces
    nodes_known, pods_known = is_readable(nodes.state), sums is not None
    state = nodes.state if not nodes_known else pods_state
    reason = _reason(nodes_known, pods_known, whole, gathered.unreadable + waiting_unreadable)

    def totals(field: str) -> ResourceTotals:
        def of(amounts: Amounts) -> int:
            return getattr(amounts, field) or 0

        usages = [getattr(usage, field) for usage in reader.list(NODE_METRICS).objects]
        used = [value for value in usages if value is not None] if is_readable(metrics.state) else []
        return ResourceTotals(
            state,
            reason,
            allocatable=of(gathered.allocatable) if nodes_known else None,
            schedulable=of(gathered.schedulable) if nodes_known else None,
            requests=of(gathered.requests) if pods_known else None,
            limits=of(gathered.limits) if pods_known else None,
            waiting=of(waiting) if pods_known else None,
            usage=sum(used) if used else None,
            largest_free=_largest(nodes.objects, sums, field) if sums is not None and whole else None,
        )

    names = {name for amounts in (gathered.allocatable, gathered.requests, waiting) for name, _ in amounts.extended}
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
        if node.is_schedulable:
            total.schedulable = add(total.schedulable, node.allocatable)
        if sums is not None:
            on_nodes.append(sums.get(node.name, NO_PODS))
    if not nodes_known and sums is not None:
        on_nodes = list(sums.values())
    for on_node in on_nodes:
        total.requests = add(total.requests, on_node.requests)
        total.limits = add(total.limits, on_node.limits)
        total.unreadable += on_node.unknown
    return total


def _reason(nodes_known: bool, pods_known: bool, whole: bool, unreadable: int) -> str | None:
    reasons = []
    if not nodes_known and pods_known:
        reasons.append("nodes can't be read, so requests and limits are of all bound pods")
    if not whole and pods_known:
        reasons.append("requests and limits are of the namespaces shown only")
    if unreadable:
        pods = "1 pod has" if unreadable == 1 else f"{unreadable} pods have"
        reasons.append(f"{pods} an amount that can't be read and is left out")
    return "; ".join(reasons) or None


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


def _prometheus(reader: Reader) -> Prometheus:
    listing = reader.list(SERVICES)
    if not is_readable(listing.state):
        return Prometheus(listing.state)
    candidates = sorted(
        (rank, service.namespace, service.name, port)
        for service in listing.objects
        if (rank := _prometheus_rank(service)) is not None and (port := _web_port(service)) is not None
    )
    if not candidates:
        return Prometheus(listing.state, found=False)
    _, namespace, name, port = candidates[0]
    return Prometheus(listing.state, found=True, where=f"{namespace}/{name}:{port}")


def _prometheus_rank(service: Service) -> int | None:
    """How sure a Service is Prometheus' own: 0 by label, then by name; None: it isn't."""
    if label(service.labels, "app.kubernetes.io/name") == "prometheus":
        return 0
    return PROMETHEUS_NAMES.index(service.name) + 1 if service.name in PROMETHEUS_NAMES else None


def _web_port(service: Service) -> int | None:
    by_name = {name: port for name, port in service.ports}
    if any(port == 9090 for _, port in service.ports):
        return 9090
    return by_name.get("web") or by_name.get("http")
