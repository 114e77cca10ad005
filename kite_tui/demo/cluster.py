"""The cluster's machinery: pods go to nodes, their owners' counts follow, what happens is told in Events.

It keeps the models from which the world's objects are written. One thread at a time may use it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from msgspec.structs import replace

from kite_tui.demo import names
from kite_tui.demo.endpoints import Endpoints
from kite_tui.demo.manifests import group_document, parent_document
from kite_tui.demo.names import rfc3339
from kite_tui.demo.nodes import Node, choose, lease_document, node_document
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import LEASES
from kite_tui.demo.statuses import State
from kite_tui.demo.templates import Document
from kite_tui.demo.workloads import Group, Parent
from kite_tui.demo.world import Manifest, World
from kite_tui.objects.kinds import EVENTS, NODES, PODS, STATEFULSETS

MAX_EVENTS = 3_000
"""Events kept beside those of the beginning; the API server drops them after an hour."""


@dataclass(slots=True)
class _Told:
    """An Event that is counted up when the same thing happens again."""

    name: str
    uid: str
    namespace: str
    first_s: int
    count: int = 0


class Cluster:
    """All nodes, workloads and pods, and the changes that may happen to them.

    Until `start` changes are only gathered in the models; after it every change is written to the world at once.
    `clock` gives seconds since the epoch.
    """

    def __init__(self, world: World, random: Random, clock: Callable[[], float], nodes: list[Node]) -> None:
        self.world = world
        self.random = random
        self.clock = clock
        self.nodes = {node.name: node for node in nodes}
        self.parents: list[Parent] = []
        self.groups: list[Group] = []
        self.endpoints = Endpoints(world, random, {node.name: node.zone for node in nodes})
        self._pools = {role: [node for node in nodes if node.role == role] for role in ("worker", "gpu")}
        self._told: dict[tuple[str, str], _Told] = {}
        self._kept: deque[tuple[str, str]] = deque()

    @property
    def now_s(self) -> int:
        """The cluster's time."""
        return int(self.clock())

    def new_pod(self, group: Group, created_s: int, ordinal: int | None = None) -> Pod:
        """A pod of the group that is not stored yet; `ordinal` is for StatefulSets."""
        if group.kind is STATEFULSETS:
            name = f"{group.name}-{ordinal}"
        elif group.kind is None:
            name = f"{group.template.app.name}-{group.name}"
        else:
            name = f"{group.name}-{names.suffix(self.random)}"
            while name in group.pods:
                name = f"{group.name}-{names.suffix(self.random)}"
        return Pod(group.template, name, names.uid(self.random), State.QUEUED, created_s)

    def find_node(self, group: Group) -> Node | None:
        """Where the scheduler would put a pod of the group now."""
        template = group.template
        pool = self._pools["gpu" if "gpu" in template.app.traits else "worker"]
        return choose(self.random, pool, template.requests)

    def bind(self, pod: Pod, node: Node, state: State, bound_s: int) -> Pod:
        """The pod on a node, with its addresses; the node's sums count it from now on."""
        if state.phase not in ("Succeeded", "Failed"):
            node.take(pod.template.requests)
        number = node.number
        host = "host" in pod.template.app.traits
        ip = node.ip if host else f"100.{number // 256 + 64}.{number % 256}.{self.random.randrange(2, 255)}"
        return replace(pod, node=node.name, node_ip=node.ip, ip=ip, state=state, bound_s=bound_s)

    def keep(self, group: Group, pod: Pod) -> None:
        """Take a pod into its group without writing anything: for the time before the world is filled."""
        group.pods[pod.name] = pod

    def put(self, group: Group, pod: Pod) -> None:
        """Write a pod, and the status of its owners where their counts change."""
        with self.world.lock:
            before = group.pods.get(pod.name)
            group.pods[pod.name] = pod
            if before is not None and before.holds and not pod.holds:
                self.nodes[pod.node].give_back(pod.template.requests)
            self.world.put(PODS, pod)
            self.endpoints.follow(before, pod, self.now_s)
            self.report(group)

    def remove(self, group: Group, pod: Pod) -> None:
        """Delete a pod, and write the status of its owners."""
        with self.world.lock:
            del group.pods[pod.name]
            if pod.holds:
                self.nodes[pod.node].give_back(pod.template.requests)
            self.world.delete(PODS, pod.namespace, pod.name)
            self.endpoints.follow(pod, None, self.now_s)
            self.report(group)

    def report(self, group: Group) -> None:
        """Write the group and its parent, where what they say has changed."""
        if group.kind is None:
            return
        with self.world.lock:
            self._write(group.kind.plural, Manifest(group.kind, group_document(group)))
            if group.parent is not None:
                parent = group.parent
                self._write(parent.kind.plural, Manifest(parent.kind, parent_document(parent)))

    def drop_group(self, group: Group) -> None:
        """Delete a group that has no pods any more."""
        assert group.kind is not None
        with self.world.lock:
            self.groups.remove(group)
            if group.parent is not None:
                group.parent.groups.remove(group)
            self.world.delete(group.kind, group.namespace, group.name)

    def beat(self, node: Node) -> None:
        """The kubelet of a node reports that it lives: first in its Lease."""
        node.heartbeat_s = self.now_s
        with self.world.lock:
            self.world.put(LEASES, Manifest(LEASES, lease_document(node)))
            self.world.put(NODES, Manifest(NODES, node_document(node)))

    def tell(self, kind: str, about: Document, reason: str, message: str, *, component: str, count: int = 1) -> None:
        """Write an Event about an object (its namespace, name and uid), or count up the one that says the same.

        Its type is Warning unless the reason is one of everyday life.
        """
        key = (about["uid"], reason)
        with self.world.lock:
            told = self._told.get(key)
            if told is None:
                now_s = self.now_s
                name = f"{about['name']}.{self.random.getrandbits(60):016x}"
                namespace = about.get("namespace") or "default"
                told = self._told[key] = _Told(name, names.uid(self.random), namespace, now_s)
                self._kept.append(key)
            told.count += count
            self.world.put(EVENTS, self.event(told, kind, about, reason, message, component, self.now_s))
            while len(self._kept) > MAX_EVENTS:
                old = self._told.pop(self._kept.popleft())
                self.world.delete(EVENTS, old.namespace, old.name)

    def remember(
        self, kind: str, about: Document, reason: str, message: str, *, component: str, first_s: int, count: int
    ) -> Manifest:
        """An Event of the time before the beginning, for the world to be filled with."""
        name = f"{about['name']}.{self.random.getrandbits(60):016x}"
        told = _Told(name, names.uid(self.random), about.get("namespace") or "default", first_s, count)
        self._told[about["uid"], reason] = told
        last_s = self.now_s - self.random.randrange(5, 120)
        return self.event(told, kind, about, reason, message, component, last_s)

    def event(
        self, told: _Told, kind: str, about: Document, reason: str, message: str, component: str, last_s: int
    ) -> Manifest:
        """The Event's document."""
        normal = reason in ("Scheduled", "Pulled", "Created", "Started", "Killing", "ScalingReplicaSet", "Completed")
        version = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "Job": "batch/v1"}.get(kind, "v1")
        document = {
            "metadata": {
                "name": told.name,
                "namespace": told.namespace,
                "uid": told.uid,
                "creationTimestamp": rfc3339(told.first_s),
            },
            "involvedObject": {"kind": kind, "apiVersion": version, **about},
            "reason": reason,
            "message": message,
            "source": {"component": component},
            "firstTimestamp": rfc3339(told.first_s),
            "lastTimestamp": rfc3339(max(told.first_s, last_s)),
            "count": told.count,
            "type": "Normal" if normal else "Warning",
            "eventTime": None,
            "reportingComponent": component,
            "reportingInstance": "",
        }
        return Manifest(EVENTS, document)

    def _write(self, plural: str, manifest: Manifest) -> None:
        table = self.world.tables[plural]
        before = self.world.get(table.kind, manifest.namespace, manifest.name)
        if before is None or before.thing != manifest:
            self.world.put(table.kind, manifest)


def about_pod(pod: Pod) -> Document:
    """The involvedObject of an Event about a pod."""
    return {"namespace": pod.namespace, "name": pod.name, "uid": pod.uid}


def about_node(node: Node) -> Document:
    """The involvedObject of an Event about a node; its uid is the node's name, as the kubelet writes it."""
    return {"name": node.name, "uid": node.name}
