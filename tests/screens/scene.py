"""One small cluster with something of everything: what the screens are tried on, made of manifests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kite_tui.objects.decode import decoder
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
from kite_tui.objects.nodes import Node
from kite_tui.objects.pods import Pod

Json = dict[str, Any]

NOW_S = 1_790_000_000.0
"""2026-09-21 14:13:20 UTC."""

MINUTE, HOUR, DAY = 60, 3600, 86_400


def ago(seconds: float) -> str:
    """A time before NOW_S, as the API writes it."""
    return datetime.fromtimestamp(NOW_S - seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(kind: Kind[Any], manifest: Json) -> Any:
    """The record of a manifest."""
    return decoder(kind)(json.dumps(manifest).encode())


def meta(name: str, namespace: str = "", *, age_s: float = 9 * DAY, version: int = 1, **more: Any) -> Json:
    """Metadata whose uid follows from the names, so that all runs are alike."""
    there = {"namespace": namespace} if namespace else {}
    uid = f"uid-{namespace}-{name}"
    return {"name": name, **there, "uid": uid, "resourceVersion": str(version), "creationTimestamp": ago(age_s), **more}


def condition(kind: str, status: str, since_s: float = 9 * DAY, **more: str) -> Json:
    """A condition and when it became so."""
    return {"type": kind, "status": status, "lastTransitionTime": ago(since_s), **more}


def node_manifest(
    name: str, *, ready: str = "True", role: str = "worker", cordoned: bool = False, pressure: str = "", **more: Any
) -> Json:
    """A node of 8 cores and 32 GiB. `labels`, `taints`, `ready_message` and what metadata takes."""
    labels = {f"node-role.kubernetes.io/{role}": "", "topology.kubernetes.io/zone": "eu-central-1a"}
    labels |= {"node.kubernetes.io/instance-type": "m7i.2xlarge", **more.pop("labels", {})}
    message = more.pop("ready_message", "kubelet is posting ready status")
    conditions = [
        condition("MemoryPressure", "True" if pressure else "False", 41 * MINUTE, reason="KubeletHasMemoryPressure"),
        condition("DiskPressure", "False", reason="KubeletHasNoDiskPressure"),
        condition("Ready", ready, 4 * MINUTE if ready != "True" else 9 * DAY, reason="KubeletReady", message=message),
    ]
    allocatable = {"cpu": "7910m", "memory": "30Gi", "pods": "110", "ephemeral-storage": "89Gi"}
    system = {
        "kubeletVersion": "v1.36.1",
        "containerRuntimeVersion": "containerd://2.1.4",
        "osImage": "Amazon Linux 2023.9.20250929",
        "kernelVersion": "6.12.46-66.121.amzn2023.x86_64",
        "architecture": "amd64",
    }
    address = name.removeprefix("ip-").replace("-", ".")
    addresses = [
        {"type": "InternalIP", "address": address},
        {"type": "Hostname", "address": name},
        {"type": "InternalDNS", "address": f"{name}.eu-central-1.compute.internal"},
    ]
    taints = more.pop("taints", [])
    spec = {"taints": taints, **({"unschedulable": True} if cordoned else {})}
    status = {"conditions": conditions, "allocatable": allocatable, "nodeInfo": system, "addresses": addresses}
    return {"metadata": meta(name, labels=labels, **more), "spec": spec, "status": status}


def node(name: str, **how: Any) -> Node:
    """The record of `node_manifest`."""
    found: Node = read(NODES, node_manifest(name, **how))
    return found


def container(
    name: str, image: str, cpu: str = "", memory: str = "", cpu_limit: str = "", memory_limit: str = "", **more: Any
) -> Json:
    """A container of a spec; amounts left empty are left out."""
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    limits = {key: value for key, value in (("cpu", cpu_limit), ("memory", memory_limit)) if value}
    return {"name": name, "image": image, "resources": {"requests": requests, "limits": limits}, **more}


def running(name: str, *, since_s: float = DAY, ready: bool = True, restarts: int = 0, **more: Any) -> Json:
    """The status of a container that runs."""
    state = {"running": {"startedAt": ago(since_s)}}
    return {"name": name, "ready": ready, "restartCount": restarts, "state": state, "started": True, **more}


def waiting(name: str, reason: str, message: str = "", *, restarts: int = 0, **more: Any) -> Json:
    """The status of a container that waits."""
    state = {"waiting": {"reason": reason, "message": message}}
    return {"name": name, "ready": False, "restartCount": restarts, "state": state, **more}


def ended(reason: str, code: int, ago_s: float) -> Json:
    """A state, or a last state, of a container that ended."""
    finished = {"reason": reason, "exitCode": code, "startedAt": ago(ago_s + 60), "finishedAt": ago(ago_s)}
    return {"terminated": finished}


def pod_manifest(
    name: str,
    namespace: str,
    on: str = "",
    *,
    phase: str = "Running",
    ready: bool | None = None,
    containers: Sequence[Json] = (),
    statuses: Sequence[Json] | None = None,
    owner: str = "",
    **more: Any,
) -> Json:
    """A pod, of one container `app` where none are given. `init`, `init_statuses`, `spec`, `reason`, `deleted_s`,
    `conditions` and what metadata takes."""
    is_ready = phase == "Running" if ready is None else ready
    specs = list(containers) or [container("app", f"registry.test/{namespace}/app:1.4.2", "250m", "256Mi", "", "512Mi")]
    if statuses is None:
        statuses = [running(each["name"], ready=is_ready) for each in specs] if phase == "Running" else []
    conditions = [condition("Ready", "True" if is_ready else "False", 6 * MINUTE), *more.pop("conditions", [])]
    spec = {"containers": specs, "initContainers": more.pop("init", []), "serviceAccountName": "default"}
    spec |= {"nodeName": on} if on else {}
    spec |= more.pop("spec", {})
    status: Json = {"phase": phase, "conditions": conditions, "containerStatuses": list(statuses)}
    status |= {"initContainerStatuses": more.pop("init_statuses", []), "podIP": "100.64.3.7" if on else None}
    status |= {"reason": more.pop("reason", None), "qosClass": "Burstable"}
    if owner:
        kind, _, owner_name = owner.partition("/")
        about = {"apiVersion": "apps/v1", "kind": kind, "name": owner_name, "uid": f"uid-{owner}", "controller": True}
        more["ownerReferences"] = [about]
    if (deleted_s := more.pop("deleted_s", None)) is not None:
        more["deletionTimestamp"] = ago(deleted_s)
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": meta(name, namespace, **{"age_s": 3 * DAY, **more}),
        "spec": spec,
        "status": status,
    }


def pod(name: str, namespace: str, on: str = "", **how: Any) -> Pod:
    """The record of `pod_manifest`."""
    found: Pod = read(PODS, pod_manifest(name, namespace, on, **how))
    return found


def event(about: str, reason: str, message: str, *, count: int = 1, ago_s: float = 30, kind: str = "Warning") -> Event:
    """An event about `Pod/shop/web-1` or `Node//n1`."""
    about_kind, namespace, name = about.split("/")
    manifest = {
        "metadata": meta(f"{name}.{reason.lower()}", namespace or "default"),
        "type": kind,
        "reason": reason,
        "message": message,
        "count": count,
        "lastTimestamp": ago(ago_s),
        "involvedObject": {"kind": about_kind, "namespace": namespace, "name": name},
    }
    found: Event = read(EVENTS, manifest)
    return found


def node_usage(name: str, cpu: str, memory: str) -> Any:
    """A sample of 20 s ago."""
    usage = {"cpu": cpu, "memory": memory}
    return read(NODE_METRICS, {"metadata": {"name": name}, "timestamp": ago(20), "usage": usage})


def pod_usage(found: Pod, cpu: str, memory: str) -> Any:
    """A sample of 20 s ago, all of it in the first container."""
    usage = [{"name": found.template.containers[-1].name, "usage": {"cpu": cpu, "memory": memory}}]
    about = {"name": found.name, "namespace": found.namespace}
    return read(POD_METRICS, {"metadata": about, "timestamp": ago(20), "containers": usage})


WORKERS = ("ip-10-0-13-123", "ip-10-0-76-211", "ip-10-0-95-28", "ip-10-0-126-197", "ip-10-0-190-35")
DOWN = "ip-10-0-45-42"
MIGRATE = container("migrate", "registry.test/shop/migrate:1.4.2", "200m", "128Mi")
PROXY = container("proxy", "registry.test/mesh/proxy:1.29", "100m", "64Mi", "200m", "128Mi", restartPolicy="Always")
CART = container("cart", "registry.test/shop/cart:1.4.2", "500m", "512Mi", "2", "1Gi")


def nodes() -> tuple[Node, ...]:
    """A control plane, five workers one of which is cordoned and one under pressure, and one that is down."""
    taint = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
    return (
        node("ip-10-0-0-21", role="control-plane", taints=[taint]),
        *(node(name, cordoned=name == WORKERS[2], pressure="yes" if name == WORKERS[1] else "") for name in WORKERS),
        node(DOWN, ready="False", ready_message="container runtime is down"),
    )


def cart_manifest(**more: Any) -> Json:
    """The pod with everything: an init container, a sidecar, a crash loop, an event."""
    statuses = [
        waiting(
            "cart",
            "CrashLoopBackOff",
            "back-off 5m0s restarting failed container=cart",
            restarts=12,
            lastState=ended("Error", 137, 4 * MINUTE),
        )
    ]
    init_statuses = [
        {"name": "migrate", "ready": True, "restartCount": 0, "state": ended("Completed", 0, 3 * HOUR)},
        running("proxy", since_s=3 * HOUR),
    ]
    return pod_manifest(
        "cart-7d9f6b5c44-x2v9p",
        "shop",
        WORKERS[0],
        ready=False,
        init=[MIGRATE, PROXY],
        containers=[CART],
        statuses=statuses,
        init_statuses=init_statuses,
        owner="ReplicaSet/cart-7d9f6b5c44",
        labels={"app": "cart", "pod-template-hash": "7d9f6b5c44"},
        age_s=3 * HOUR,
        **more,
    )


def pods() -> tuple[Pod, ...]:
    """Thirty of all sorts."""
    cart: Pod = read(PODS, cart_manifest())
    web = [
        pod(
            f"web-6c8d{at:x}f7b9-{tail}",
            "shop",
            WORKERS[at % 5],
            owner=f"ReplicaSet/web-6c8d{at:x}f7b9",
            age_s=at * HOUR,
        )
        for at, tail in enumerate(("4k2xq", "8hj5t", "c9wlp", "m3n7d", "q5v8z", "t7b2c", "z6r4g"), 1)
    ]
    etcd = [pod(f"{name}-ip-10-0-0-21", "kube-system", "ip-10-0-0-21") for name in ("etcd", "kube-apiserver")]
    cilium = [
        pod(f"cilium-{at}bhl", "kube-system", name, owner="DaemonSet/cilium")
        for at, name in enumerate((*WORKERS, DOWN), 2)
    ]
    batch = [
        pod(
            f"etl-nightly-2992{at}492-cqt7m",
            "data",
            WORKERS[1],
            phase="Succeeded",
            owner=f"Job/etl-nightly-2992{at}492",
        )
        for at in (1, 2)
    ]
    odd = (
        pod("query-0", "search", WORKERS[3], ready=False, owner="StatefulSet/query"),
        pod(
            "query-1",
            "search",
            phase="Pending",
            owner="StatefulSet/query",
            conditions=[_UNSCHEDULABLE],
            age_s=20 * MINUTE,
        ),
        pod("etl-nightly-29920492-f4rz9", "data", WORKERS[1], phase="Failed", owner="Job/etl-nightly-29920492"),
        pod("ledger-5b7f9c-wq8kx", "payments", WORKERS[4], deleted_s=-20, owner="ReplicaSet/ledger-5b7f9c"),
        pod(
            "image-7f4c9d-hh2vb",
            "shop",
            WORKERS[2],
            phase="Pending",
            statuses=[_NO_IMAGE],
            owner="ReplicaSet/image-7f4c9d",
        ),
        pod("restarted-59c7-jq6nm", "payments", WORKERS[4], statuses=[_RESTARTED], owner="ReplicaSet/restarted-59c7"),
    )
    return (cart, *web, *etcd, *cilium, *batch, *odd)


_UNSCHEDULABLE = condition(
    "PodScheduled",
    "False",
    20 * MINUTE,
    reason="Unschedulable",
    message="0/7 nodes are available: 7 Insufficient cpu. preemption: 0/7 nodes are available.",
)
_NO_IMAGE = waiting("app", "ImagePullBackOff", 'Back-off pulling image "registry.test/shop/app:1.4.2"')
_RESTARTED = running("app", restarts=3, since_s=90, lastState=ended("OOMKilled", 137, 95))

EVENTS_NOW = (
    event("Pod/shop/cart-7d9f6b5c44-x2v9p", "BackOff", "Back-off restarting failed container cart", count=44, ago_s=12),
    event("Node//ip-10-0-45-42", "NodeNotReady", "Node ip-10-0-45-42 status is now: NodeNotReady", ago_s=40),
    event("Pod/search/query-1", "FailedScheduling", "0/7 nodes are available: 7 Insufficient cpu.", count=11, ago_s=75),
)


def _workload(name: str, namespace: str, wanted: int, has: int) -> Json:
    status = {"availableReplicas": has, "numberAvailable": has, "desiredNumberScheduled": wanted, "conditions": []}
    return {"metadata": meta(name, namespace), "spec": {"replicas": wanted}, "status": status}


def objects() -> dict[Kind[Any], tuple[Any, ...]]:
    """The whole cluster."""
    found = pods()
    running_pods = [each for each in found if each.phase == "Running"]
    services: list[tuple[str, str]] = [("cart", "ClusterIP"), ("web", "LoadBalancer"), ("legacy", "ExternalName")]
    return {
        NODES: nodes(),
        PODS: found,
        NAMESPACES: tuple(
            read(NAMESPACES, {"metadata": meta(name), "status": {"phase": phase}})
            for name, phase in [
                *((name, "Active") for name in ("data", "kube-system", "payments", "search", "shop")),
                ("legacy", "Terminating"),
            ]
        ),
        SERVICES: tuple(
            read(SERVICES, {"metadata": meta(name, "shop"), "spec": {"type": kind, "clusterIP": "10.96.0.7"}})
            for name, kind in services
        ),
        EVENTS: EVENTS_NOW,
        DEPLOYMENTS: (
            read(DEPLOYMENTS, _workload("cart", "shop", 1, 0)),
            read(DEPLOYMENTS, _workload("web", "shop", 7, 7)),
        ),
        STATEFULSETS: (read(STATEFULSETS, _workload("query", "search", 2, 0)),),
        DAEMONSETS: (read(DAEMONSETS, _workload("cilium", "kube-system", 7, 7)),),
        CLAIMS: (),
        NODE_METRICS: tuple(
            node_usage(name, f"{1 + 0.7 * at:.1f}", f"{8 + 4 * at}Gi")
            for at, name in enumerate(("ip-10-0-0-21", *WORKERS))
        ),
        POD_METRICS: tuple(
            pod_usage(each, f"{40 + 7 * at}m", f"{96 + 11 * at}Mi") for at, each in enumerate(running_pods)
        ),
    }


def with_kind(changed: Mapping[Kind[Any], Sequence[Any]]) -> dict[Kind[Any], Sequence[Any]]:
    """The whole cluster, with the objects of some kinds replaced."""
    return {**objects(), **changed}
