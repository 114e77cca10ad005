"""Generated pods of every shape, and the nodes that most of them are bound to; the same for the same seed.

All are full manifests. Those that a real server would refuse (for the oracle only) say so in `ORACLE_ONLY`.
"""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Iterable
from typing import Any

from tests.conformance import shape_resources as resources
from tests.conformance.client import Manifest
from tests.conformance.shape_status import STATES, UNBOUND, Draft

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)
SHAPE = "kite-tui.test/shape"  # annotation: the state's name, and what was added to it
ORACLE_ONLY = "kite-tui.test/oracle-only"  # annotation: a server would refuse this pod
FINALIZER = "kite-tui.test/hold"  # keeps deleted pods terminating
NAMESPACES = ("shapes-a", "shapes-b", "default")
OVERHEADS = {
    "kite-sandbox": {"cpu": "100m", "memory": "128Mi"},
    "kite-heavy": {"cpu": "1.25", "memory": "129M", "ephemeral-storage": "1Gi"},
    "kite-bare": {},
}
NODES = 12

_DELETED = ("running", "crash-loop", "completed", "failed", "node-lost", "pending", "new", "init-progress")


def prerequisites() -> list[Manifest]:
    """What has to be on the server before the pods: their namespaces and RuntimeClasses."""
    made: list[Manifest] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in NAMESPACES
        if name != "default"
    ]
    for name, overhead in OVERHEADS.items():
        runtime: Manifest = {
            "apiVersion": "node.k8s.io/v1",
            "kind": "RuntimeClass",
            "metadata": {"name": name},
            "handler": "runc",
        }
        made.append(runtime | ({"overhead": {"podFixed": overhead}} if overhead else {}))
    return made


def loadable(pods: Iterable[Manifest]) -> list[Manifest]:
    """Those of `pods` that a real server takes."""
    return [pod for pod in pods if ORACLE_ONLY not in pod["metadata"]["annotations"]]


def pods(seed: int, count: int, *, now: datetime.datetime = NOW, nodes: int = NODES) -> list[Manifest]:
    """`count` pods on `nodes` nodes, a tenth of them for the oracle only; the times in their status are before `now`.

    States take turns, so that 80 pods have every one of them; resources are drawn at random.
    """
    rng = random.Random(seed)
    names = [*((name, False) for name in (*STATES, *UNBOUND)), *((name, True) for name in _DELETED)]
    made = []
    for index in range(count):
        state, deleted = names[index % len(names)]
        made.append(_pod(random.Random(rng.random()), index, state, deleted, now, nodes))
    return made


def _pod(rng: random.Random, index: int, state: str, deleted: bool, now: datetime.datetime, nodes: int) -> Manifest:
    marks = [state] + (["deleted"] if deleted else [])
    pod_level = rng.random() < 0.2
    count = rng.choice([0, 0, 1, 2, 3, 4]) or int(state.startswith("init"))
    init = [_container(rng, f"init-{n}", whole_milli=pod_level) for n in range(count)]
    for one in init:
        chance = rng.random()
        if chance < 0.45:
            one["restartPolicy"] = "Always"
            marks.append("sidecar")
        elif chance < 0.55:
            one["restartPolicy"] = rng.choice(["OnFailure", "Never"])  # an ordinary init container all the same
    apps = [_container(rng, f"app-{n}", whole_milli=pod_level) for n in range(rng.choice([1, 1, 2, 3]))]
    spec: dict[str, Any] = {"containers": apps, "restartPolicy": rng.choice(["Always", "OnFailure", "Never"])}
    if init:
        spec["initContainers"] = init
        marks.append("init")
    if state in STATES:
        gone = rng.random() < 0.08
        spec["nodeName"] = f"node-gone-{rng.randrange(3)}" if gone else f"node-{rng.randrange(nodes)}"
        marks += ["gone-node"] if gone else []
    elif state == "gated":
        spec["schedulingGates"] = [{"name": "kite-tui.test/gate"}]
    if rng.random() < 0.2:
        name, overhead = rng.choice(list(OVERHEADS.items()))
        spec["runtimeClassName"] = name
        if overhead:
            spec["overhead"] = dict(overhead)
        marks.append("overhead")
    if pod_level:
        huge = any(resources.HUGEPAGES_2MI in one["resources"].get("limits", {}) for one in (*init, *apps))
        spec["resources"] = resources.pod_level(rng, huge)
        marks.append("pod-level")
    draft = Draft(
        rng, now, [(one["name"], one.get("restartPolicy") == "Always") for one in init], [one["name"] for one in apps]
    )
    (STATES | UNBOUND)[state](draft)
    if state != "new" and rng.random() < 0.25:
        marks += _resize(rng, draft, [*init, *apps])
    metadata: dict[str, Any] = {
        "name": f"pod-{index:05}",
        "namespace": rng.choice(NAMESPACES),
        "labels": {"app": f"app-{index % 7}"},
        "annotations": {},
    }
    if rng.random() < 0.7:
        metadata["ownerReferences"] = [_owner(rng, index % 7)]
    if deleted:
        metadata["finalizers"] = [FINALIZER]
        metadata["deletionTimestamp"] = draft.ago(40)
    pod: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    if draft.status:
        pod["status"] = draft.status
    if rng.random() < 0.1:
        _make_inadmissible(rng, pod)
        marks.append("oracle-only")
    metadata["annotations"][SHAPE] = " ".join(dict.fromkeys(marks))
    return pod


def _container(rng: random.Random, name: str, *, whole_milli: bool) -> dict[str, Any]:
    return {"name": name, "image": "registry.test/i:1", "resources": resources.container(rng, whole_milli=whole_milli)}


def _owner(rng: random.Random, number: int) -> dict[str, Any]:
    kind = rng.choice(["ReplicaSet", "StatefulSet", "DaemonSet"])
    name = f"{kind.lower()}-{number}"
    uid = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": True}


def _resize(rng: random.Random, draft: Draft, containers: list[dict[str, Any]]) -> list[str]:
    """Add an in-place resize to a status, and give its marks."""
    by_name = {one["name"]: one["resources"] for one in containers}
    for part in ("initContainerStatuses", "containerStatuses"):
        for status in draft.status.get(part, ()):
            status.update(resources.resized(rng, by_name[status["name"]]))
    pending = rng.choice(["Infeasible", "Infeasible", "Deferred", ""])
    if pending:
        draft.condition("PodResizePending", "True", pending)
    if rng.random() < 0.3:
        draft.condition("PodResizeInProgress", "True")
    return ["resized", *([pending.lower()] if pending else [])]


def _make_inadmissible(rng: random.Random, pod: Manifest) -> None:
    """Change a pod into one that only the oracle takes."""
    pod["metadata"]["annotations"][ORACLE_ONLY] = "true"
    spec = pod["spec"]
    status = pod.setdefault("status", {})
    match rng.randrange(6):
        case 0:
            spec["resources"] = resources.anything(rng)
        case 1:
            for one in spec["containers"]:
                one["resources"] = resources.anything(rng)
        case 2:
            spec["overhead"] = resources.anything(rng).get("requests")
        case 3:
            spec["ephemeralContainers"] = [_container(rng, "debugger", whole_milli=False)]
        case 4:
            # The first one counts, whatever its status.
            first, second = rng.sample(["Infeasible", "Deferred", ""], 2)
            status["conditions"] = [
                {"type": "PodResizePending", "status": rng.choice(["True", "False"]), "reason": reason}
                for reason in (first, second)
            ]
        case _:
            status["resources"] = resources.anything(rng)
            status["allocatedResources"] = {"cpu": resources.quantity(rng, "cpu")}


def nodes(seed: int, count: int = NODES) -> list[Manifest]:
    """`count` nodes, node-0 and so on, with every Ready condition, role, pressure, taint and missing field."""
    rng = random.Random(seed)
    return [_node(rng, index) for index in range(count)]


def _node(rng: random.Random, index: int) -> Manifest:
    stamp = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    ready = ("True", "True", "False", "Unknown", "", "True")[index % 6]
    pressures = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
    conditions = [(kind, "True" if rng.random() < 0.15 else "False") for kind in pressures]
    conditions += [("Ready", ready)] if ready else []
    labels = {"kubernetes.io/arch": rng.choice(["amd64", "arm64"]), "topology.kubernetes.io/zone": f"zone-{index % 3}"}
    for role in rng.sample(["control-plane", "worker", "infra"], rng.choice([0, 1, 1, 2])):
        labels[f"node-role.kubernetes.io/{role}"] = ""
    if index % 5 == 4:
        labels["kubernetes.io/role"] = "legacy"
    spec: dict[str, Any] = {"podCIDR": f"10.1.{index}.0/24"}
    if index % 4 == 1:
        spec["unschedulable"] = True
    if index % 3 == 2:
        spec["taints"] = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]
    capacity = {"cpu": rng.choice(["8", "15890m", "96"]), "memory": rng.choice(["32Gi", "64884Mi"]), "pods": "110"}
    capacity["ephemeral-storage"] = "100Gi"
    if index % 4 == 3:
        capacity |= {"nvidia.com/gpu": "8", resources.HUGEPAGES_2MI: "1Gi"}
    addresses = [{"type": "Hostname", "address": f"node-{index}"}]
    if index % 6 != 5:
        addresses.append({"type": "InternalIP", "address": f"10.0.0.{index + 1}"})
    if index % 3 == 0:
        addresses.append({"type": "ExternalIP", "address": f"192.0.2.{index + 1}"})
    info = dict.fromkeys(("machineID", "systemUUID", "bootID", "kubeProxyVersion"), "")
    info |= {"operatingSystem": "linux", "architecture": labels["kubernetes.io/arch"]}
    info |= {"kubeletVersion": rng.choice(["v1.35.4", "v1.34.2-eks-1"])}
    full = index % 7 != 6
    info |= {"osImage": "Debian GNU/Linux 12 (bookworm)" if full else "", "kernelVersion": "6.1.0-18" if full else ""}
    info |= {"containerRuntimeVersion": "containerd://2.1.4" if full else ""}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{index}", "labels": labels},
        "spec": spec,
        "status": {
            "capacity": capacity,
            "allocatable": capacity | {"cpu": "7910m"},
            "conditions": [
                {"type": kind, "status": status, "lastHeartbeatTime": stamp, "lastTransitionTime": stamp}
                for kind, status in conditions
            ],
            "addresses": addresses,
            "nodeInfo": info,
        },
    }
