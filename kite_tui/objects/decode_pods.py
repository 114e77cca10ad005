"""From a pod's bytes to its record, sharing whatever pods have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from sys import intern
from weakref import WeakValueDictionary

from kite_tui.objects import shared, wire
from kite_tui.objects.effective import effective
from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.lenient import wire_reader
from kite_tui.objects.links.pods import own_references, pod_links
from kite_tui.objects.meta import Condition, Labels, Owner, controller_of, label
from kite_tui.objects.pods import Container, ContainerSize, ContainerStatus, Pod, PodTemplate
from kite_tui.objects.printers import print_pod
from kite_tui.objects.references import Links
from kite_tui.objects.times import epoch_s

MESSAGE_LENGTH = 1024
"""Characters kept of a message; the whole of it is in the object itself, one GET away."""

_read = wire_reader(wire.Pod)
_NO_META, _NO_SPEC, _NO_STATUS, _NO_STATE = wire.ObjectMeta(), wire.PodSpec(), wire.PodStatus(), wire.ContainerState()

_templates: WeakValueDictionary[tuple[object, ...], PodTemplate] = WeakValueDictionary()


def decode_pod(raw: Bytes) -> Pod:
    """One pod. Thread-safe. Raises Malformed."""
    found = _read(raw)
    meta = found.metadata or _NO_META
    if not meta.name:
        raise Malformed("a pod without metadata.name")
    spec, status = found.spec or _NO_SPEC, found.status or _NO_STATUS
    conditions = status.conditions or ()
    labels = shared.labels(bytes(meta.labels))
    namespace = intern(meta.namespace or "")
    template = _template(spec, status, namespace, pod_links(spec, meta.owner_references, namespace), labels)
    ready, infeasible, unmet = _told(conditions)
    sizes = _sizes(template, status, infeasible)
    row = print_pod(found)
    statuses = tuple(_statuses(status))
    return Pod(
        namespace,
        meta.name,
        meta.uid or "",
        meta.resource_version or "",
        epoch_s(meta.creation_timestamp),
        epoch_s(meta.deletion_timestamp),
        meta.deletion_grace_period_seconds,
        labels,
        template,
        effective(template, sizes, infeasible),
        sizes,
        infeasible,
        intern(spec.node_name or ""),
        intern(status.phase or ""),
        intern(row.status),
        row.ready,
        row.total,
        row.restarts,
        row.restarted_s,
        status.pod_ip or "",
        ready is not None and ready.status == "True",
        epoch_s(ready.last_transition_time) if ready else None,
        _gates_met(template.readiness_gates, conditions) if template.readiness_gates else 0,
        tuple([_container_status(each) for each in statuses]),
        tuple([_since_s(each) for each in statuses]),
        unmet,
        own_references(spec, status, namespace, meta.name),
    )


def condition(found: wire.Condition) -> Condition:
    """A condition as records carry it."""
    return Condition(
        intern(found.type or ""),
        intern(found.status or ""),
        intern(found.reason or ""),
        (found.message or "")[:MESSAGE_LENGTH],
        epoch_s(found.last_transition_time),
    )


def _template(spec: wire.PodSpec, status: wire.PodStatus, namespace: str, links: Links, labels: Labels) -> PodTemplate:
    pod_requests, pod_limits = shared.resources(bytes(spec.resources))
    key = (
        tuple(_containers(spec)),
        shared.quantities(bytes(spec.overhead)),
        pod_requests or (),
        pod_limits or (),
        namespace,
        links,
        workload_of(controller_of(links.owners), labels),
        intern(status.qos_class or ""),
        tuple(gate.condition_type or "" for gate in spec.readiness_gates or ()),
    )
    # Two threads that meet here make two equal templates: a little memory, no harm.
    template = _templates.get(key)
    if template is None:
        template = _templates[key] = PodTemplate(*key)
    return template


def _containers(spec: wire.PodSpec) -> Iterator[Container]:
    for each in spec.init_containers or ():
        role = "sidecar" if each.restart_policy == "Always" else "init"
        yield _container(each.name or "", each.image or "", role, bytes(each.resources))
    for each in spec.containers or ():
        yield _container(each.name or "", each.image or "", "app", bytes(each.resources))
    for each in spec.ephemeral_containers or ():
        yield _container(each.name or "", each.image or "", "ephemeral", b"")


@lru_cache(maxsize=4096)
def _container(name: str, image: str, role: str, resources: bytes) -> Container:
    requests, limits = shared.resources(resources)
    return Container(intern(name), intern(image), role, requests or (), limits or ())


def workload_of(owner: Owner | None, labels: Labels) -> tuple[str, str] | None:
    """(kind, name) of what a person would name as the owner; see `PodTemplate.workload`."""
    if owner is None or owner.kind == "Node":  # a static pod belongs to its node, which is no workload
        return None
    if owner.kind == "ReplicaSet":
        suffix = "-" + label(labels, "pod-template-hash")
        if len(owner.name) > len(suffix) > 1 and owner.name.endswith(suffix):
            return ("Deployment", intern(owner.name.removesuffix(suffix)))
    return (owner.kind, owner.name)


def _statuses(status: wire.PodStatus) -> Iterator[wire.ContainerStatus]:
    yield from status.init_container_statuses or ()
    yield from status.container_statuses or ()
    yield from status.ephemeral_container_statuses or ()


def _sizes(template: PodTemplate, status: wire.PodStatus, infeasible: bool) -> tuple[ContainerSize, ...]:
    """What statuses say of resources, app containers first; upstream looks names up in that order too."""
    sizes: dict[str, ContainerSize] = {}
    for each in (*(status.container_statuses or ()), *(status.init_container_statuses or ())):
        allocated = shared.quantities_or_none(bytes(each.allocated_resources))
        requests, limits = shared.resources(bytes(each.resources))
        if allocated is requests is limits is None or each.name in sizes:
            continue
        size = ContainerSize(intern(each.name or ""), allocated, requests, limits)
        if infeasible or _says_more(size, template.containers):
            sizes[size.name] = size
    return tuple(sizes.values())


def _says_more(size: ContainerSize, containers: Iterable[Container]) -> bool:
    """False where a feasible pod's effective numbers are the same with and without this status."""
    for container in containers:
        if container.name == size.name:
            return (
                size.allocated not in (None, container.requests)
                or size.requests not in (None, container.requests)
                or size.limits not in (None, container.limits)
            )
    return False


def _told(conditions: Sequence[wire.Condition]) -> tuple[wire.Condition | None, bool, tuple[Condition, ...]]:
    """The condition Ready, whether a resize is infeasible, and all that are not met. Of a type the first one counts."""
    ready, pending, unmet = None, None, []
    for each in conditions:
        if each.status != "True":
            unmet.append(condition(each))
        if each.type == "Ready":
            ready = ready or each
        elif each.type == "PodResizePending":
            pending = pending or each
    return ready, pending is not None and pending.reason == "Infeasible", tuple(unmet)


def _gates_met(gates: Iterable[str], conditions: Sequence[wire.Condition]) -> int:
    return sum(
        next((condition.status == "True" for condition in conditions if condition.type == gate), False)
        for gate in gates
    )


def _since_s(found: wire.ContainerStatus) -> int | None:
    state = found.state or _NO_STATE
    if state.terminated:
        return epoch_s(state.terminated.finished_at)
    return epoch_s(state.running.started_at) if state.running else None


def _container_status(found: wire.ContainerStatus) -> ContainerStatus:
    state = found.state or _NO_STATE
    last = found.last_state.terminated if found.last_state else None
    name, reason, message, exit_code, signal = "", "", "", None, None
    if state.terminated:
        name = "terminated"
        reason = state.terminated.reason or ""
        exit_code = state.terminated.exit_code or 0
        signal = state.terminated.signal or None
        message = (state.terminated.message or "") if exit_code or reason not in ("", "Completed") else ""
    elif state.running:
        name = "running"
    elif state.waiting:
        name = "waiting"
        reason = state.waiting.reason or ""
        message = state.waiting.message or ""
    if last is None and not message:
        return _usual(found.name or "", name, reason, exit_code, signal, bool(found.ready), found.restart_count or 0)
    return ContainerStatus(
        intern(found.name or ""),
        name,
        intern(reason),
        message[:MESSAGE_LENGTH],
        exit_code,
        signal,
        bool(found.ready),
        found.restart_count or 0,
        intern(last.reason or "") if last else "",
        (last.exit_code or 0) if last else None,
        epoch_s(last.finished_at) if last else None,
    )


@lru_cache(maxsize=4096)
def _usual(
    name: str, state: str, reason: str, exit_code: int | None, signal: int | None, ready: bool, restarts: int
) -> ContainerStatus:
    """One that says nothing of its own: thousands are the same, word for word."""
    return ContainerStatus(intern(name), state, intern(reason), "", exit_code, signal, ready, restarts)
