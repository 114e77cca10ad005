"""What owns pods: Deployments with their ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs, as models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kite_tui.demo.catalogue import App
from kite_tui.demo.pods import Pod
from kite_tui.demo.templates import Document, PodTemplate
from kite_tui.objects.kinds import Kind


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

    `kind` is None for the last. `replicas` is what it wants, `ended_s` when a Job was over.
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
    pods: dict[str, Pod] = field(default_factory=dict)

    def counts(self) -> tuple[int, int]:
        """How many pods are active, and how many of those are ready."""
        active = [pod for pod in self.pods.values() if pod.is_active]
        return len(active), sum(pod.is_ready for pod in active)


def reference(owner: Parent | Group) -> Document:
    """The ownerReference to a parent or group."""
    kind = owner.kind
    assert kind is not None
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": owner.name,
        "uid": owner.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
