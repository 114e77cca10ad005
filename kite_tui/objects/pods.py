"""A pod as kite-tui keeps it: a flat row of what is its own, beside one template shared by all pods of its owner."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kite_tui.objects.amounts import Amounts, Quantities
from kite_tui.objects.meta import Condition, Labels, Owner, controller_of
from kite_tui.objects.references import NO_LINKS, Links, Reference


class Container(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A container of the spec. `role` is "app", "init", "sidecar" (an init container with restartPolicy Always) or
    "ephemeral" (which never counts)."""

    name: str
    image: str
    role: str
    requests: Quantities = ()
    limits: Quantities = ()


# The one record the garbage collector may look at: msgspec forbids gc=False beside weak references. There are few.
class PodTemplate(msgspec.Struct, frozen=True, weakref=True, cache_hash=True):
    """What the pods of one owner have in common. Interned: equal templates are one object, dropped with its last pod.

    `containers` keeps the order of the spec: init containers (sidecars among them) first, then app, then ephemeral.
    `links` are the pods' owners, and the references that are the same for all of them, in `namespace`.
    `workload` is what a person would name as the owner: (kind, name) of the controller, with a ReplicaSet that carries
    a Deployment's hash read as that Deployment; None for a bare pod.
    """

    containers: tuple[Container, ...]
    overhead: Quantities = ()
    pod_requests: Quantities = ()
    pod_limits: Quantities = ()
    namespace: str = ""
    links: Links = NO_LINKS
    workload: tuple[str, str] | None = None
    qos: str = ""
    readiness_gates: tuple[str, ...] = ()

    @property
    def owner(self) -> Owner | None:
        """The controlling owner, None for a bare pod."""
        return controller_of(self.links.owners)


class ContainerSize(msgspec.Struct, frozen=True, gc=False):
    """What a container's status says of its resources (in-place resize). None: the map is not there at all, which is
    not the same as an empty one."""

    name: str
    allocated: Quantities | None = None
    requests: Quantities | None = None
    limits: Quantities | None = None


class Effective(msgspec.Struct, frozen=True, gc=False):
    """Effective requests and limits of a pod, after `k8s.io/component-helpers/resource` v0.37."""

    requests: Amounts
    limits: Amounts


class ContainerStatus(msgspec.Struct, frozen=True, gc=False):
    """State of one container. `state` is "waiting", "running", "terminated" or "" (no status yet); since when is in
    `Pod.since_s`, so that all that fare alike can share one. `message` is kept only where a container waits or ended
    for a reason worth reading."""

    name: str
    state: str = ""
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    signal: int | None = None
    ready: bool = False
    restarts: int = 0
    last_reason: str = ""
    last_exit_code: int | None = None
    last_finished_s: int | None = None


class Pod(msgspec.Struct, frozen=True, gc=False):
    """One pod. Times are seconds since the epoch.

    `status`, `ready` of `total`, `restarts` and `restarted_s` are what kubectl's printPod shows (see `printers`).
    `infeasible` is condition PodResizePending with reason Infeasible. `sizes` holds what the statuses say of resources
    where that differs from the spec (in-place resize); all that they say where the resize is infeasible.
    `unmet` are the conditions whose status is not "True".
    `own_references` are those that the other pods of its owner don't have, its node apart: claims.
    `is_ready` is condition Ready, `ready_changed_s` its last transition.
    `since_s` has for each of `containers` when it started running or finished, None where nothing says so.
    """

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    deleted_s: int | None
    deletion_grace_s: int | None
    labels: Labels
    template: PodTemplate
    effective: Effective
    sizes: tuple[ContainerSize, ...]
    infeasible: bool
    node_name: str
    phase: str
    status: str
    ready: int
    total: int
    restarts: int
    restarted_s: int | None
    ip: str
    is_ready: bool
    ready_changed_s: int | None
    gates_met: int
    containers: tuple[ContainerStatus, ...]
    since_s: tuple[int | None, ...]
    unmet: tuple[Condition, ...]
    own_references: tuple[Reference, ...] = ()

    @property
    def statuses(self) -> Iterator[tuple[ContainerStatus, int | None]]:
        """Each of `containers`, and since when it is so."""
        return zip(self.containers, self.since_s, strict=True)

    @property
    def links(self) -> Links:
        """All that it says of others: its template's links, its own references, and its node."""
        shared = self.template.links
        node = (Reference("", "Node", "", self.node_name, "nodeName"),) if self.node_name else ()
        return Links(shared.owners, (*shared.references, *self.own_references, *node))

    @property
    def is_finished(self) -> bool:
        """Phase Succeeded or Failed."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def holds(self) -> bool:
        """True where the pod holds resources on its node: bound and not finished, as `kubectl describe node` counts."""
        return bool(self.node_name) and not self.is_finished

    @property
    def waits(self) -> bool:
        """True for an unscheduled Pending pod that isn't being deleted: its requests are waiting for a node."""
        return not self.node_name and self.phase == "Pending" and self.deleted_s is None


def bucket(pod: Pod) -> str:
    """The one count of the overview that this pod belongs to: terminating, running_ready, not_ready, pending,
    succeeded, failed or unknown."""
    if pod.deleted_s is not None and not pod.is_finished:
        return "terminating"
    match pod.phase:
        case "Running":
            return "running_ready" if pod.is_ready else "not_ready"
        case "Pending":
            return "pending"
        case "Succeeded":
            return "succeeded"
        case "Failed":
            return "failed"
        case _:
            return "unknown"
