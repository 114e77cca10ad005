"""Nodes: how large they must be, where a pod goes, and their documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kite_tui.demo import names
from kite_tui.demo.catalogue import GI, MI
from kite_tui.demo.names import rfc3339
from kite_tui.demo.options import PODS_PER_NODE
from kite_tui.demo.templates import GPU, Document, Requests
from kite_tui.demo.workloads import owned_by
from kite_tui.objects.kinds import NODES

VERSION = "v1.35.4"
SHARE = 0.69  # of the allocatable of the workers that is requested; in the cluster as a whole it is less
_CORES = (4, 8, 16, 32, 48, 64, 96, 128, 192)
_SIZES = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge", "48xlarge")
_FAMILIES = {4: "m7i", 8: "r7i"}  # GiB per core
ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
CSI_DRIVER = "ebs.csi.aws.com"
CHOICES = 3  # nodes compared for a pod: enough for an even spread, and cheap on 5 000 of them


@dataclass(slots=True, eq=False)
class Node:
    """One node. `role` is "control-plane", "worker" or "gpu"; `fault` is "", "cordoned", "not ready" or "memory"."""

    name: str
    uid: str
    ip: str
    number: int
    role: str
    machine: str
    cores: int
    memory_b: int
    created_s: int
    heartbeat_s: int
    lease_uid: str
    gpus: int = 0
    fault: str = ""
    fault_s: int = 0
    used: Requests = field(default_factory=Requests)
    pods: int = 0
    allocatable: Requests = field(init=False)
    """What pods may request: the machine without what the kubelet reserves."""

    def __post_init__(self) -> None:
        memory_b = self.memory_b * 95 // 100 - 255 * MI
        self.allocatable = Requests(self.cores * 1000 - 60 - 10 * self.cores, memory_b, self.gpus)

    @property
    def is_open(self) -> bool:
        """Whether the scheduler uses it. Under memory pressure it does: only BestEffort pods are kept away there."""
        return self.fault not in ("cordoned", "not ready")

    @property
    def zone(self) -> str:
        """Its availability zone."""
        return ZONES[self.number % 3]

    @property
    def csi_id(self) -> str:
        """What the CSI driver calls it."""
        return f"i-{self.uid[:8]}{self.uid[9:13]}"

    def fits(self, wanted: Requests) -> bool:
        """Whether there is room for a pod, in every resource."""
        used, free = self.used, self.allocatable
        return (
            self.pods < PODS_PER_NODE
            and used.cpu_m + wanted.cpu_m <= free.cpu_m
            and used.memory_b + wanted.memory_b <= free.memory_b
            and used.gpus + wanted.gpus <= free.gpus
        )

    def take(self, wanted: Requests) -> None:
        """Count a pod in."""
        self.used, self.pods = self.used.plus(wanted), self.pods + 1

    def give_back(self, wanted: Requests) -> None:
        """Count a pod out."""
        self.used, self.pods = self.used.plus(wanted, -1), self.pods - 1

    @property
    def load(self) -> float:
        """How full it is, by the fullest of its resources."""
        used, free = self.used, self.allocatable
        return max(used.cpu_m / free.cpu_m, used.memory_b / free.memory_b, self.pods / PODS_PER_NODE)


def choose(random: Random, nodes: Sequence[Node], wanted: Requests) -> Node | None:
    """The emptiest of a few open nodes that fit, else the first of all; None where the pod can't be placed."""
    few = random.choices(nodes, k=CHOICES) if nodes else []
    fitting = [node for node in few if node.is_open and node.fits(wanted)]
    if fitting:
        return min(fitting, key=_load)
    return next((node for node in nodes if node.is_open and node.fits(wanted)), None)


def _load(node: Node) -> float:
    return node.load


def make_nodes(random: Random, roles: Sequence[str], needed: Requests, now_s: int) -> list[Node]:
    """Nodes of the given roles, as large as it takes for `needed` to be `SHARE` of the workers' allocatable."""
    workers = max(1, roles.count("worker"))
    cores = needed.cpu_m / 940 / SHARE / workers
    ratio = min(8.0, max(4.0, needed.memory_b / 0.93 / GI / SHARE / workers / max(cores, 0.1)))
    cores = max(cores, needed.memory_b / 0.93 / GI / SHARE / workers / 8)
    made, carry_size, carry_family = [], 0.0, 0.0
    for number, role in enumerate(roles):
        carry_size, size = _step(_CORES, cores, carry_size)
        carry_family, family = _step(tuple(_FAMILIES), ratio, carry_family)
        machine, memory_b, gpus = f"{_FAMILIES[family]}.{_SIZES[_CORES.index(size)]}", size * family * GI, 0
        if role == "control-plane":
            machine, size, memory_b = "m7i.xlarge", 4, 16 * GI
        elif role == "gpu":
            machine, size, memory_b, gpus = "g6.4xlarge", 16, 64 * GI, 1
        # Numbers of a subnet, shuffled but never twice: 7919 is a prime.
        host = (number * 7919 + 17) % 60_000
        third, fourth = divmod(host, 250)
        made.append(
            Node(
                name=f"ip-10-{number // 60_000}-{third}-{fourth + 4}",
                uid=names.uid(random),
                ip=f"10.{number // 60_000}.{third}.{fourth + 4}",
                number=number,
                role=role,
                machine=machine,
                cores=size,
                memory_b=memory_b - random.randrange(200, 900) * MI,
                created_s=now_s - random.randrange(3600, 120 * 86400),
                heartbeat_s=now_s - random.randrange(0, 300),
                lease_uid=names.uid(random),
                gpus=gpus,
            )
        )
    return made


def _step(steps: Sequence[int], wanted: float, carry: float) -> tuple[float, int]:
    """One of two neighbouring steps, such that over many calls the mean is what is wanted."""
    low = max((step for step in steps if step <= wanted), default=steps[0])
    high = min((step for step in steps if step >= wanted), default=steps[-1])
    if low == high:
        return carry, low
    carry += (wanted - low) / (high - low)
    return (carry - 1, high) if carry >= 1 else (carry, low)


def node_document(node: Node) -> Document:
    """The node as the API has it."""
    spec: Document = {
        "podCIDR": f"100.{node.number // 256 + 64}.{node.number % 256}.0/24",
        "providerID": _provider(node),
    }
    taints: list[Document] = []
    if node.role == "control-plane":
        taints.append({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"})
    if node.role == "gpu":
        taints.append({"key": GPU, "value": "present", "effect": "NoSchedule"})
    since = rfc3339(node.fault_s)
    match node.fault:
        case "cordoned":
            spec["unschedulable"] = True
            taints.append({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": since})
        case "not ready":
            taints.append({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"})
            taints.append({"key": "node.kubernetes.io/not-ready", "effect": "NoExecute", "timeAdded": since})
        case "memory":
            taints.append({"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"})
    if taints:
        spec["taints"] = taints
    free = node.allocatable
    return {
        "metadata": {
            "name": node.name,
            "uid": node.uid,
            "creationTimestamp": rfc3339(node.created_s),
            "labels": node_labels(node),
            "annotations": {
                "csi.volume.kubernetes.io/nodeid": f'{{"{CSI_DRIVER}":"{node.csi_id}"}}',
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": {
            "capacity": _amounts(Requests(node.cores * 1000, node.memory_b, node.gpus), "104845292Ki"),
            "allocatable": _amounts(free, "95551679124"),
            "conditions": _conditions(node),
            "addresses": [
                {"type": "InternalIP", "address": node.ip},
                {"type": "Hostname", "address": node.name},
                {"type": "InternalDNS", "address": f"{node.name}.eu-central-1.compute.internal"},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": node.uid.replace("-", ""),
                "systemUUID": node.uid,
                "bootID": node.uid[::-1],
                "kernelVersion": "6.12.46-66.121.amzn2023.x86_64",
                "osImage": "Amazon Linux 2023.9.20250929",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kubeletVersion": VERSION if node.number % 11 else "v1.34.2",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
            "images": [
                {"names": [f"registry.k8s.io/{name}"], "sizeBytes": size}
                for name, size in (("kube-proxy:v1.35.4", 86_980_000), ("pause:3.10.1", 320_448))
            ],
        },
    }


def lease_document(node: Node) -> Document:
    """The Lease that its kubelet renews."""
    return {
        "metadata": {
            "name": node.name,
            "namespace": "kube-node-lease",
            "uid": node.lease_uid,
            "creationTimestamp": rfc3339(node.created_s),
            "ownerReferences": [owned_by(NODES, node.name, node.uid)],
        },
        "spec": {
            "holderIdentity": node.name,
            "leaseDurationSeconds": 40,
            "renewTime": rfc3339(node.heartbeat_s).removesuffix("Z") + ".000000Z",
        },
    }


def _provider(node: Node) -> str:
    return f"aws:///{node.zone}/i-0{node.uid[:8]}{node.uid[9:13]}{node.uid[-4:]}"


def node_labels(node: Node) -> dict[str, str]:
    """The labels of a node."""
    role = "worker" if node.role == "gpu" else node.role
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        f"node-role.kubernetes.io/{role}": "",
        "node.kubernetes.io/instance-type": node.machine,
        "topology.kubernetes.io/region": "eu-central-1",
        "topology.kubernetes.io/zone": node.zone,
    }
    if node.role == "gpu":
        labels |= {"node-role.kubernetes.io/gpu": "", "example.com/accelerator": "nvidia-l4"}
    return labels


def _amounts(amounts: Requests, storage: str) -> Document:
    found: dict[str, Any] = {
        "cpu": str(amounts.cpu_m // 1000) if amounts.cpu_m % 1000 == 0 else f"{amounts.cpu_m}m",
        "ephemeral-storage": storage,
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": f"{amounts.memory_b // 1024}Ki",
        "pods": str(PODS_PER_NODE),
    }
    if amounts.gpus:
        found[GPU] = str(amounts.gpus)
    return found


def _conditions(node: Node) -> list[Document]:
    beat = rfc3339(node.heartbeat_s)

    def condition(kind: str, bad: bool, good_reason: str, good: str, bad_reason: str, message: str) -> Document:
        normal = "True" if kind == "Ready" else "False"
        abnormal = "False" if kind == "Ready" else "True"
        return {
            "type": kind,
            "status": abnormal if bad else normal,
            "lastHeartbeatTime": beat,
            "lastTransitionTime": rfc3339(node.fault_s if bad else node.created_s + 40),
            "reason": bad_reason if bad else good_reason,
            "message": message if bad else good,
        }

    return [
        condition("MemoryPressure", node.fault == "memory", "KubeletHasSufficientMemory",
                  "kubelet has sufficient memory available", "KubeletHasInsufficientMemory",
                  "kubelet has insufficient memory available"),
        condition("DiskPressure", False, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "", ""),
        condition("PIDPressure", False, "KubeletHasSufficientPID", "kubelet has sufficient PID available", "", ""),
        condition("Ready", node.fault == "not ready", "KubeletReady", "kubelet is posting ready status",
                  "KubeletNotReady", "container runtime network not ready: NetworkReady=false "
                  "reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"),
    ]  # fmt: skip
