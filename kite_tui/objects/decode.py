"""From bytes of the API to trimmed records, one object at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from sys import intern
from typing import Any, TypeVar

from kite_tui.objects import shared, wire
from kite_tui.objects.amounts import Amounts, from_nanos, nanos_of, nanos_once
from kite_tui.objects.claims import Claim
from kite_tui.objects.decode_linked import MASKED, WORKLOADS, decode_metadata, decode_whole, decode_workload
from kite_tui.objects.decode_pods import MESSAGE_LENGTH, condition, decode_pod
from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import (
    CLAIMS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    POD_METRICS,
    PODS,
    SERVICES,
    STATEFULSETS,
    Kind,
)
from kite_tui.objects.lenient import wire_reader
from kite_tui.objects.links import LINKERS
from kite_tui.objects.links.network import service_selections
from kite_tui.objects.links.parts import as_map, decoded
from kite_tui.objects.links.pods import claim_templates, template_links
from kite_tui.objects.links.storage import claim_references
from kite_tui.objects.meta import Condition, group_of, label
from kite_tui.objects.namespaces import Namespace
from kite_tui.objects.nodes import PRESSURES, Node, Taint
from kite_tui.objects.printers import node_roles, node_status
from kite_tui.objects.quantity import MILLI, ONE, round_up
from kite_tui.objects.references import NO_LINKS, Links
from kite_tui.objects.services import Service
from kite_tui.objects.times import epoch_s
from kite_tui.objects.usage import ContainerUsage, NodeUsage, PodUsage
from kite_tui.objects.workloads import Workload

__all__ = ["MASKED", "Decoder", "Malformed", "decoder", "is_metadata_only", "names_others"]

T = TypeVar("T")

Decoder = Callable[[Bytes], T]
"""Decodes one object's JSON. Thread-safe. Raises `Malformed`; what is merely odd inside (a quantity `abc`, nulls, no
status) decodes, with the odd part unknown or empty."""

_NO_META, _NO_NODE_INFO = wire.ObjectMeta(), wire.NodeInfo()

_read_node = wire_reader(wire.Node)
_read_namespace = wire_reader(wire.Namespace)
_read_service = wire_reader(wire.Service)
_read_event = wire_reader(wire.Event)
_read_claim = wire_reader(wire.Claim)
_read_workload = wire_reader(wire.Workload)
_read_node_metrics = wire_reader(wire.NodeMetrics)
_read_pod_metrics = wire_reader(wire.PodMetrics)


def decoder(kind: Kind[T]) -> Decoder[T]:
    """The decoder of a kind: into its own record, or else into `Linked`."""
    known = _DECODERS.get(kind)
    if known is not None:
        return known
    key: tuple[str, str] = (kind.group, kind.kind)
    made: Decoder[Any] = decode_metadata
    if key in WORKLOADS:
        made = partial(decode_workload, kind=kind.kind)
    elif key in LINKERS:
        made = partial(decode_whole, key=key)
    return made


def is_metadata_only(kind: Kind[Any]) -> bool:
    """True where a list of the kind asks for metadata alone."""
    return (kind.group, kind.kind) in MASKED or not names_others(kind)


def names_others(kind: Kind[Any]) -> bool:
    """True where an object of the kind may name or select others, beyond its owners."""
    key = (kind.group, kind.kind)
    return kind in _DECODERS or key in LINKERS or key in WORKLOADS


def _identity(meta: wire.ObjectMeta | None) -> tuple[wire.ObjectMeta, tuple[str, str, str, str]]:
    """The metadata, and (namespace, name, uid, resourceVersion)."""
    meta = meta or _NO_META
    if not meta.name:
        raise Malformed("an object without metadata.name")
    return meta, (intern(meta.namespace or ""), meta.name, meta.uid or "", meta.resource_version or "")


def _conditions(found: Iterable[wire.Condition] | None) -> tuple[Condition, ...]:
    return tuple(condition(each) for each in found or ())


def _amounts(raw: Bytes) -> Amounts:
    return from_nanos(nanos_of(shared.quantities(bytes(raw))))


def _node(raw: Bytes) -> Node:
    found = _read_node(raw)
    meta, identity = _identity(found.metadata)
    spec, status = found.spec or wire.NodeSpec(), found.status or wire.NodeStatus()
    info = status.node_info or _NO_NODE_INFO
    labels = shared.labels(bytes(meta.labels))
    conditions = _conditions(status.conditions)
    # As printNode: the last one counts where there are several.
    readiness = {each.type: each.status or "Unknown" for each in conditions}.get("Ready", "")
    unschedulable = bool(spec.unschedulable)
    return Node(
        *identity,
        epoch_s(meta.creation_timestamp),
        epoch_s(meta.deletion_timestamp),
        labels,
        node_status(readiness, unschedulable),
        node_roles(labels),
        readiness,
        unschedulable,
        tuple(each.type for each in conditions if each.type in PRESSURES and each.status == "True"),
        conditions,
        tuple(
            Taint(intern(each.key or ""), intern(each.value or ""), intern(each.effect or ""))
            for each in spec.taints or ()
        ),
        tuple((intern(each.type or ""), each.address or "") for each in status.addresses or ()),
        _amounts(status.capacity),
        _amounts(status.allocatable),
        intern(info.kubelet_version or ""),
        intern(info.os_image or ""),
        intern(info.kernel_version or ""),
        intern(info.container_runtime_version or ""),
        intern(info.architecture or ""),
        _first_label(labels, "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"),
        _first_label(labels, "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
        _owned(meta),
    )


def _owned(meta: wire.ObjectMeta) -> Links:
    """The links of what names nothing but its owners."""
    raw = bytes(meta.owner_references)
    return Links(shared.owners(raw)) if raw else NO_LINKS


def _first_label(labels: tuple[tuple[str, str], ...], *names: str) -> str:
    return next((value for name in names if (value := label(labels, name))), "")


def _namespace(raw: Bytes) -> Namespace:
    found = _read_namespace(raw)
    meta, identity = _identity(found.metadata)
    status = found.status or wire.NamespaceStatus()
    return Namespace(
        *identity,
        epoch_s(meta.creation_timestamp),
        epoch_s(meta.deletion_timestamp),
        shared.labels(bytes(meta.labels)),
        intern(status.phase or ""),
        _conditions(status.conditions),
        _owned(meta),
    )


def _service(raw: Bytes) -> Service:
    found = _read_service(raw)
    meta, identity = _identity(found.metadata)
    spec = found.spec or wire.ServiceSpec()
    return Service(
        *identity,
        epoch_s(meta.creation_timestamp),
        shared.labels(bytes(meta.labels)),
        intern(spec.type or ""),
        spec.cluster_ip or "",
        tuple((intern(each.name or ""), each.port) for each in spec.ports or () if each.port is not None),
        Links(
            shared.owners(bytes(meta.owner_references)),
            selections=tuple(service_selections(spec.type or "", as_map(decoded(spec.selector)), identity[0])),
        ),
    )


def _event(raw: Bytes) -> Event:
    found = _read_event(raw)
    meta, identity = _identity(found.metadata)
    about = found.involved_object or wire.ObjectReference()
    series = found.series or wire.EventSeries()
    times = (
        *(series.last_observed_time, found.last_timestamp, found.event_time, found.first_timestamp),
        meta.creation_timestamp,
    )
    return Event(
        *identity,
        intern(found.type or ""),
        intern(found.reason or ""),
        (found.message or "")[:MESSAGE_LENGTH],
        series.count or found.count or 1,
        next((seconds for text in times if (seconds := epoch_s(text)) is not None), None),
        intern(about.kind or ""),
        intern(about.namespace or ""),
        about.name or "",
        about.uid or "",
        intern(group_of(about.api_version or "")),
    )


def _claim(raw: Bytes) -> Claim:
    found = _read_claim(raw)
    meta, identity = _identity(found.metadata)
    spec, status = found.spec or wire.ClaimSpec(), found.status or wire.ClaimStatus()
    return Claim(
        *identity,
        epoch_s(meta.creation_timestamp),
        epoch_s(meta.deletion_timestamp),
        shared.labels(bytes(meta.labels)),
        intern(status.phase or ""),
        intern(spec.storage_class_name or ""),
        spec.volume_name or "",
        Links(shared.owners(bytes(meta.owner_references)), tuple(claim_references(spec, identity[0]))),
    )


def _workload(raw: Bytes, kind: str) -> Workload:
    found = _read_workload(raw)
    meta, identity = _identity(found.metadata)
    spec, status = found.spec or wire.WorkloadSpec(), found.status or wire.WorkloadStatus()
    if kind == DAEMONSETS.kind:
        desired, available = status.desired_number_scheduled or 0, status.number_available or 0
    else:
        desired, available = 1 if spec.replicas is None else spec.replicas, status.available_replicas or 0
    return Workload(
        *identity,
        epoch_s(meta.creation_timestamp),
        epoch_s(meta.deletion_timestamp),
        shared.labels(bytes(meta.labels)),
        kind,
        desired,
        available,
        _conditions(status.conditions),
        template_links(
            spec.template or wire.PodTemplate(),
            meta.owner_references,
            identity[0],
            claim_templates(spec, identity[0], meta.name or ""),
        ),
    )


def _node_usage(raw: Bytes) -> NodeUsage:
    found = _read_node_metrics(raw)
    _, identity = _identity(found.metadata)
    return NodeUsage(*identity, _sampled_s(found.timestamp), *_rounded(*_used(found.usage)))


def _pod_usage(raw: Bytes) -> PodUsage:
    found = _read_pod_metrics(raw)
    _, identity = _identity(found.metadata)
    containers = found.containers or ()
    samples = [_used(each.usage) for each in containers]
    # Most pods have one container, whose amounts are the pod's: the same numbers, kept once.
    total = _rounded(_exact_sum(cpu for cpu, _ in samples), _exact_sum(memory for _, memory in samples))
    amounts = [total] if len(samples) == 1 else [_rounded(*sample) for sample in samples]
    return PodUsage(
        *identity,
        _sampled_s(found.timestamp),
        *(total if samples else (None, None)),
        tuple(
            ContainerUsage(intern(each.name or ""), *amount) for each, amount in zip(containers, amounts, strict=True)
        ),
    )


_sampled_s = lru_cache(maxsize=64)(epoch_s)
"""One number for all samples that were taken at once."""


def _used(raw: Bytes) -> tuple[int | None, int | None]:
    """CPU and memory in nanos, None where there is none or it can't be read."""
    found = as_map(decoded(raw))
    return nanos_once(found.get("cpu")), nanos_once(found.get("memory"))


def _rounded(cpu: int | None, memory: int | None) -> tuple[int | None, int | None]:
    """Millicores and bytes."""
    return None if cpu is None else round_up(cpu, MILLI), None if memory is None else round_up(memory, ONE)


def _exact_sum(nanos: Iterable[int | None]) -> int | None:
    """None where one of them is not known."""
    total = 0
    for each in nanos:
        if each is None:
            return None
        total += each
    return total


_DECODERS: Mapping[Kind[Any], Decoder[Any]] = {
    PODS: decode_pod,
    NODES: _node,
    NAMESPACES: _namespace,
    SERVICES: _service,
    EVENTS: _event,
    CLAIMS: _claim,
    **{kind: partial(_workload, kind=kind.kind) for kind in (DEPLOYMENTS, STATEFULSETS, DAEMONSETS)},
    NODE_METRICS: _node_usage,
    POD_METRICS: _pod_usage,
}
