"""What goes wrong, where, and what the Events say of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from kite_tui.demo.catalogue import App
from kite_tui.demo.cluster import Cluster, about_node, about_pod
from kite_tui.demo.nodes import Node
from kite_tui.demo.pods import Pod
from kite_tui.demo.statuses import State
from kite_tui.demo.world import Manifest

_SOME = {
    "crash-some": State.CRASH_WAITING,
    "not-ready": State.NOT_READY,
    "oom-some": State.OOM,
    "init-some": State.INITIALIZING,
}
_ALL = {"config": State.CONFIG, "crash": State.CRASH_WAITING, "unschedulable": State.UNSCHEDULABLE}


_NODE_FAULTS = {
    "not ready": (5, 120),
    "cordoned": (4, 60),
    "memory": (7, 150),
}  # from so many workers on, one in so many


def mark_nodes(random: Random, nodes: list[Node], fault: str, now_s: int) -> None:
    """Give some workers a fault: "not ready" before pods are placed (they were evicted since), others after it."""
    workers = [node for node in nodes if node.role == "worker"]
    least, one_in = _NODE_FAULTS[fault]
    if len(workers) < least:
        return
    healthy = [node for node in workers if not node.fault]
    for node in random.sample(healthy, max(1, len(workers) // one_in)):
        node.fault = fault
        node.fault_s = now_s - random.randrange(400, 3000)
        if fault == "not ready":
            node.heartbeat_s = now_s - 20


def states(random: Random, app: App, count: int) -> list[State]:
    """What the pods of an application are doing, most of them nothing remarkable."""
    if app.kind in ("Job", "CronJob"):
        return _job_states(app, count)
    if app.fault in _ALL:
        return [_ALL[app.fault]] * count
    found = [State.RUNNING] * count
    if app.fault == "claim":
        found[-1] = State.UNSCHEDULABLE
    if app.fault in _SOME and count > 1:
        for at in range(max(1, count // 20)):
            found[at] = _SOME[app.fault]
    for at in range(count):
        if found[at] is State.RUNNING and app.kind == "Deployment":
            draw = random.random()
            if draw < 0.02:
                found[at] = State.RESTARTED
            elif draw < 0.026:
                found[at] = State.INITIALIZING if "init" in app.traits else State.CREATING
    return found


def _job_states(app: App, count: int) -> list[State]:
    found = [State.SUCCEEDED] * count
    if app.fault:
        for at in range(0, count, 4):
            found[at] = State.FAILED
    if app.kind == "CronJob":
        found[-1] = State.RUNNING
    return found


def events_of_faults(cluster: Cluster) -> Iterator[Manifest]:
    """A Warning for every node and pod in trouble."""
    for node in cluster.nodes.values():
        if node.fault == "not ready":
            yield cluster.remember(
                "Node", about_node(node), "NodeNotReady", f"Node {node.name} status is now: NodeNotReady",
                component="node-controller", first_s=node.fault_s, count=1,
            )  # fmt: skip
        if node.fault == "memory":
            yield cluster.remember(
                "Node", about_node(node), "EvictionThresholdMet", "Attempting to reclaim memory",
                component="kubelet", first_s=node.fault_s, count=math.ceil((cluster.now_s - node.fault_s) / 60),
            )  # fmt: skip
    for group in cluster.groups:
        for pod in group.pods.values():
            warning = warning_of(pod)
            if warning is None:
                continue
            reason, message, component, every_s = warning
            first_s = max(pod.created_s + 5, cluster.now_s - 3500)  # Events are kept for an hour
            count = max(1, (cluster.now_s - first_s) // every_s)
            yield cluster.remember(
                "Pod", about_pod(pod), reason, message, component=component, first_s=first_s, count=count
            )


def warning_of(pod: Pod) -> tuple[str, str, str, int] | None:
    """What is said of a pod in trouble: reason, message, who says it, and how many seconds
    apart; None for no trouble."""
    container = pod.template.containers[0]["name"]
    match pod.state:
        case State.UNSCHEDULABLE:
            return "FailedScheduling", pod.note, "default-scheduler", 300
        case State.CRASH_WAITING | State.CRASH_RUNNING:
            message = f"Back-off restarting failed container {container} in pod {pod.name}_{pod.namespace}({pod.uid})"
            return "BackOff", message, "kubelet", 12
        case State.IMAGE:
            image = pod.template.containers[0]["image"]
            return "Failed", f'Failed to pull image "{image}": {image}: not found', "kubelet", 90
        case State.CONFIG:
            return "Failed", f"Error: {pod.note}", "kubelet", 12
        case State.NOT_READY:
            port = pod.template.app.port
            message = f'Readiness probe failed: Get "http://{pod.ip}:{port}/healthz": context deadline exceeded'
            return "Unhealthy", message, "kubelet", 10
        case State.EVICTED:
            return "Evicted", pod.note, "kubelet", 3600
        case State.NODE_DOWN:
            return "NodeNotReady", "Node is not ready", "node-controller", 3600
        case State.FAILED:
            return "BackoffLimitExceeded", "Job has reached the specified backoff limit", "job-controller", 3600
        case _:
            return None
