"""What only the page of one pod shows; read from a GET of that pod and not kept."""

from __future__ import annotations

import msgspec

from kite_tui.objects import wire
from kite_tui.objects.decode_pods import MESSAGE_LENGTH, condition
from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.lenient import wire_reader
from kite_tui.objects.meta import Condition
from kite_tui.objects.times import epoch_s


class PodDetail(msgspec.Struct, frozen=True, gc=False):
    """`conditions` are all of them, in the pod's order; `reason` and `message` are the status's own (why it was
    evicted, for one). What the pod does not say is empty."""

    uid: str
    resource_version: str
    conditions: tuple[Condition, ...]
    started_s: int | None
    reason: str
    message: str
    host_ip: str
    nominated_node: str
    service_account: str
    priority_class: str
    priority: int | None
    restart_policy: str
    runtime_class: str
    scheduler: str


class _Spec(wire.Wire):
    service_account_name: str | None = None
    priority_class_name: str | None = None
    priority: wire.Int | None = None
    restart_policy: str | None = None
    runtime_class_name: str | None = None
    scheduler_name: str | None = None


class _Status(wire.Wire):
    conditions: list[wire.Condition] | None = None
    start_time: str | None = None
    reason: str | None = None
    message: str | None = None
    host_ip: str | None = msgspec.field(default=None, name="hostIP")
    nominated_node_name: str | None = None


class _Pod(wire.Wire):
    metadata: wire.ObjectMeta | None = None
    spec: _Spec | None = None
    status: _Status | None = None


_read = wire_reader(_Pod)


def decode_pod_detail(body: Bytes) -> PodDetail:
    """The body of a GET of one pod. Thread-safe. Raises Malformed."""
    found = _read(body)
    meta, spec, status = found.metadata or wire.ObjectMeta(), found.spec or _Spec(), found.status or _Status()
    if not meta.name:
        raise Malformed("a pod without metadata.name")
    return PodDetail(
        meta.uid or "",
        meta.resource_version or "",
        tuple(condition(each) for each in status.conditions or ()),
        epoch_s(status.start_time),
        status.reason or "",
        (status.message or "")[:MESSAGE_LENGTH],
        status.host_ip or "",
        status.nominated_node_name or "",
        spec.service_account_name or "",
        spec.priority_class_name or "",
        spec.priority,
        spec.restart_policy or "",
        spec.runtime_class_name or "",
        spec.scheduler_name or "",
    )
