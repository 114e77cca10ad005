"""What owns pods: Deployments with their ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs, as models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kite_tui.demo.catalogue import App
from kite_tui.demo.pods import Pod
from kite_tui.demo.templates import Document, PodTemplate
from kite_tui.objects.kinds import DAEMONSETS, STATEFULSETS, Kind

_REVISIONS = {STATEFULSETS.plural: "6c5f8d9b7", DAEMONSETS.plural: "7d4c9b6f58"}


@dataclass(slots=True, eq=False)
class Parent:
    """A Deployment or CronJob: it owns groups, not pods. `replicas` is what a Deployment wants in all."""

    app: App
    kind: Kind[Any]
    namespace: str
    name: str
    uid: str
    created_s: int
    replicas: int = 0
    revision: int = 1
    groups: list[Group] = field(default_factory=list)
    """Oldest first; the last one of a Deployment is the one it rolls out."""


@dataclass(slots=True, eq=False)
class Group:
    """What owns pods directly: a ReplicaSet, StatefulSet, DaemonSet or Job, or a node with its static pods.

    `kind` is None for the last. `replicas` is what it wants, `ended_s` when a Job was over, `owner` the ownerReference
    to a custom object that stands above it.
    """

    kind: Kind[Any] | None
    namespace: str
    name: str
    uid: str
    created_s: int
    template: PodTemplate
    replicas: int = 0
    parent: Parent | None = None
    revision: int = 1
    ended_s: int = 0
    owner: Document | None = None
    pods: dict[str, Pod] = field(default_factory=dict)

    def counts(self) -> tuple[int, int]:
        """How many pods are active, and how many of those are ready."""
        active = [pod for pod in self.pods.values() if pod.is_active]
        return len(active), sum(pod.is_ready for pod in active)


def reference(owner: Parent | Group) -> Document:
    """The ownerReference to a parent or group."""
    assert owner.kind is not None
    return controlled_by(owner.kind, owner.name, owner.uid)


def owned_by(kind: Kind[Any], name: str, uid: str) -> Document:
    """An ownerReference to any object, which is not its controller."""
    return {"apiVersion": kind.api_version, "kind": kind.kind, "name": name, "uid": uid}


def controlled_by(kind: Kind[Any], name: str, uid: str) -> Document:
    """An ownerReference to the one controller."""
    return owned_by(kind, name, uid) | {"controller": True, "blockOwnerDeletion": True}


def revision_name(kind: Kind[Any], name: str) -> str:
    """The ControllerRevision that the pods of a StatefulSet or DaemonSet are of."""
    return f"{name}-{_REVISIONS[kind.plural]}"


def revision_label(kind: Kind[Any], name: str) -> str:
    """Its value as the label controller-revision-hash, which the two kinds write differently."""
    return revision_name(kind, name) if kind == STATEFULSETS else _REVISIONS[kind.plural]
