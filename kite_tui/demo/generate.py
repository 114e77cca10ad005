"""The cluster as it is in its first moment: everything that runs, and everything that has gone wrong."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from random import Random
from typing import Any

from msgspec.structs import replace

from kite_tui.demo import names
from kite_tui.demo.catalogue import App
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.faults import events_of_faults, mark_nodes, states
from kite_tui.demo.makers import aged, extra_labels, make_template, new_job, new_replicaset, no_node
from kite_tui.demo.manifests import group_document, parent_document
from kite_tui.demo.nodes import Node, make_nodes, node_document
from kite_tui.demo.options import DemoOptions, check
from kite_tui.demo.plan import Planned, plan, roles
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import CRONJOBS, CUSTOM, STORED
from kite_tui.demo.statuses import State
from kite_tui.demo.surroundings import surroundings
from kite_tui.demo.templates import Requests, pod_spec, requests_of
from kite_tui.demo.workloads import Group, Parent, owned_by, reference
from kite_tui.demo.world import Manifest, World
from kite_tui.objects.kinds import DAEMONSETS, DEPLOYMENTS, EVENTS, NODES, PODS, STATEFULSETS, Kind

_DAY = 86400


def generate(options: DemoOptions, clock: Callable[[], float]) -> Cluster:
    """Make the cluster. Deterministic in the options and in the clock's first answer; raises BadOptions.

    About 0.05 s for 500 pods and 6 s for 150 000.
    """
    check(options)
    now_s = int(clock())
    random = Random(options.seed)
    node_roles = roles(options.nodes)
    planned = plan(options.pods, node_roles)
    nodes = make_nodes(random, node_roles, _needed(planned), now_s)
    mark_nodes(random, nodes, "not ready", now_s)
    cluster = Cluster(World(random.randrange(100_000, 900_000), STORED + CUSTOM), random, clock, nodes)
    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage, and looking for it among millions of objects takes seconds
    try:
        for one in planned:
            _Builder(cluster, one, now_s).build()
        for fault in ("cordoned", "memory"):
            mark_nodes(random, nodes, fault, now_s)
        _fill(cluster, planned, nodes)
    finally:
        if collecting:
            gc.enable()
    return cluster


def _needed(planned: list[Planned]) -> Requests:
    cpu_m = memory_b = 0
    for one in planned:
        wanted = requests_of(one.app, pod_spec(one.app))
        cpu_m, memory_b = cpu_m + wanted.cpu_m * one.pods, memory_b + wanted.memory_b * one.pods
    return Requests(cpu_m, memory_b)


def _fill(cluster: Cluster, planned: list[Planned], nodes: list[Node]) -> None:
    world = cluster.world
    for kind, things in surroundings(cluster, planned):
        world.load(kind, things)
    world.load(NODES, (Manifest(NODES, node_document(node)) for node in nodes))
    documents: dict[Kind[Any], list[Manifest]] = {}
    for parent in cluster.parents:
        documents.setdefault(parent.kind, []).append(Manifest(parent.kind, parent_document(parent)))
    for group in cluster.groups:
        if group.kind is not None:
            documents.setdefault(group.kind, []).append(Manifest(group.kind, group_document(group)))
    for kind, made in documents.items():
        world.load(kind, made)
    world.load(PODS, (pod for group in cluster.groups for pod in group.pods.values()))
    world.load(EVENTS, events_of_faults(cluster))


class _Builder:
    """Builds one planned application: its parent, its groups and their pods."""

    def __init__(self, cluster: Cluster, planned: Planned, now_s: int) -> None:
        self._cluster = cluster
        self._random = cluster.random
        self._app: App = planned.app
        self._namespace = planned.namespace
        self._count = planned.pods
        self._now_s = now_s
        self._created_s = now_s - self._random.randrange(2 * _DAY, 90 * _DAY)

    def build(self) -> None:
        match self._app.kind:
            case "Deployment":
                self._deployment()
            case "StatefulSet":
                group = self._group(STATEFULSETS, self._app.name, self._created_s, self._count)
                self._pods(group, self._count)
            case "DaemonSet":
                group = self._group(DAEMONSETS, self._app.name, self._created_s, self._count)
                for node in self._cluster.nodes.values():
                    state = State.NODE_DOWN if node.fault == "not ready" else State.RUNNING
                    self._place(group, state, node=node)
            case "Static":
                self._static()
            case _:
                self._jobs()

    def _deployment(self) -> None:
        evicted = min(self._count // 3, math.ceil(self._count / 12)) if self._app.fault == "evicted" else 0
        rolling = min(self._count // 3, math.ceil(self._count / 8)) if self._app.fault == "image-new" else 0
        ending = self._count // 12 if self._app.fault == "ending" else 0
        replicas = self._count - evicted - rolling - ending
        parent = Parent(
            self._app,
            DEPLOYMENTS,
            self._namespace,
            self._app.name,
            names.uid(self._random),
            self._created_s,
            replicas,
            revision=self._random.randrange(1, 40),
        )
        self._cluster.parents.append(parent)
        if self._app.weight >= 10:
            self._replicaset(parent, self._created_s, 0)
            parent.revision += 1
        updated_s = self._now_s - self._random.randrange(3600, 2 * _DAY)
        stable = self._replicaset(parent, updated_s, replicas)
        self._pods(stable, replicas)
        for _ in range(evicted):
            self._place(stable, State.EVICTED)
        for _ in range(ending):
            pod = self._place(stable, State.RUNNING)
            deleted_s = self._now_s - self._random.randrange(120, 900)
            self._cluster.keep(stable, replace(pod, deleted_s=deleted_s))
        if rolling:
            parent.revision += 1
            newest = self._replicaset(parent, self._now_s - self._random.randrange(300, 1500), rolling)
            for _ in range(rolling):
                self._place(newest, State.IMAGE)

    def _replicaset(self, parent: Parent, created_s: int, replicas: int) -> Group:
        group = new_replicaset(self._cluster, parent, created_s)
        group.replicas = replicas
        return group

    def _group(self, kind: Kind[Any], name: str, created_s: int, replicas: int) -> Group:
        group = Group(
            kind,
            self._namespace,
            name,
            names.uid(self._random),
            created_s,
            make_template(self._app, self._namespace, extra_labels(kind, name)),
            replicas,
        )
        group.template.owner = reference(group)
        self._cluster.groups.append(group)
        return group

    def _static(self) -> None:
        for node in self._cluster.nodes.values():
            if node.role != "control-plane":
                continue
            template = make_template(self._app, self._namespace, {"component": self._app.name, "tier": "control-plane"})
            template.owner = owned_by(NODES, node.name, node.uid) | {"controller": True}
            group = Group(None, self._namespace, node.name, node.uid, node.created_s, template)
            self._cluster.groups.append(group)
            self._place(group, State.RUNNING, node=node)

    def _jobs(self) -> None:
        parent = None
        if self._app.kind == "CronJob":
            parent = Parent(
                self._app,
                CRONJOBS,
                self._namespace,
                self._app.name,
                names.uid(self._random),
                self._created_s,
            )
            self._cluster.parents.append(parent)
        for number, state in enumerate(states(self._random, self._app, self._count)):
            created_s = self._now_s - 90 - 600 * (self._count - 1 - number)
            group = new_job(self._cluster, self._app, self._namespace, parent, created_s)
            pod = self._place(group, state)
            if state.phase in ("Succeeded", "Failed"):
                group.ended_s = pod.ended_s

    def _pods(self, group: Group, count: int) -> None:
        for ordinal, state in enumerate(states(self._random, self._app, count)):
            self._place(group, state, ordinal=ordinal)

    def _place(self, group: Group, state: State, *, node: Node | None = None, ordinal: int | None = None) -> Pod:
        cluster, random = self._cluster, self._random
        recent = state in (State.CREATING, State.INITIALIZING)
        age_s = random.randrange(5, 40) if recent else random.randrange(60, max(61, self._now_s - group.created_s))
        if self._app.kind in ("Job", "CronJob"):
            age_s = self._now_s - group.created_s
        pod = cluster.new_pod(group, self._now_s - age_s, ordinal)
        node = node or (cluster.find_node(group) if state.is_bound else None)
        if node is None:
            pod = replace(pod, state=State.UNSCHEDULABLE, note=no_node(cluster, group))
        else:
            pod = aged(cluster, cluster.bind(pod, node, state, pod.created_s + 1), self._now_s)
        cluster.keep(group, pod)
        return pod
