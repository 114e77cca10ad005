"""metrics.k8s.io: usage that moves round a base, taken as a sample every 15 s. Deterministic in time and uid."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from kite_tui.demo.answers import Answer, not_found
from kite_tui.demo.catalogue import MI
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.listoptions import Query
from kite_tui.demo.lists import selector_of, whole
from kite_tui.demo.names import rfc3339
from kite_tui.demo.nodes import Node, node_labels
from kite_tui.demo.paths import Target
from kite_tui.demo.pods import Pod
from kite_tui.demo.templates import PodTemplate, mebibytes, millis
from kite_tui.objects.kinds import NODE_METRICS

INTERVAL_S = 15
_NODE_CPU_M, _NODE_MEMORY_B = 120, 900 * MI  # of the kubelet, the container runtime and the system


class _Sampled:
    """What selectors look at: metrics-server copies the labels of the pod or node."""

    __slots__ = ("labels", "name", "namespace")

    def __init__(self, namespace: str, name: str, labels: Mapping[str, str]) -> None:
        self.namespace = namespace
        self.name = name
        self.labels = labels

    def field(self, path: str) -> str:
        return self.name if path == "metadata.name" else self.namespace


class Metrics:
    """What metrics-server would say of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def answer(self, target: Target, query: Query) -> Answer:
        """A list or one sample. Like metrics-server it gives everything at once, without resourceVersions.

        A node that isn't ready and a pod that doesn't run have no sample. Raises Refused (400, 404).
        """
        kind = target.kind
        at_s = self._cluster.now_s // INTERVAL_S * INTERVAL_S
        chosen = selector_of(kind, query)
        bodies = [
            body
            for sampled, body in (self._nodes(at_s) if kind == NODE_METRICS else self._pods(target.namespace, at_s))
            if (not target.name or sampled.name == target.name) and chosen(sampled)
        ]
        if not target.name:
            head = f'{{"kind":"{kind.kind}List","apiVersion":"{kind.api_version}","metadata":{{}},"items":['
            return Answer(200, b"".join((head.encode(), b",".join(bodies), b"]}\n")))
        if not bodies:
            raise not_found(kind, target.name)
        return Answer(200, whole(kind, bodies[0]) + b"\n")

    def _pods(self, namespace: str, at_s: int) -> Iterator[tuple[_Sampled, bytes]]:
        pods = [pod for pod in self._running() if not namespace or pod.namespace == namespace]
        pods.sort(key=lambda pod: (pod.namespace, pod.name))
        times = self._times(at_s)
        for pod in pods:
            usage = b",".join(
                b'{"name":"%b","usage":%b}' % (container, _written(cpu_n, memory_b))
                for container, cpu_n, memory_b in pod_usage(pod, at_s)
            )
            labels = pod.labels
            head = b'{"metadata":{"name":"%b","namespace":"%b","labels":%b,%b,"containers":[%b]}' % (
                pod.name.encode(),
                pod.namespace.encode(),
                msgspec.json.encode(labels),
                times,
                usage,
            )
            yield _Sampled(pod.namespace, pod.name, labels), head

    def _nodes(self, at_s: int) -> Iterator[tuple[_Sampled, bytes]]:
        nodes = sorted(self._cluster.nodes.values(), key=lambda node: node.name)
        sums = {node.name: [_NODE_CPU_M * 1_000_000, _NODE_MEMORY_B] for node in nodes}
        for pod in self._running():
            total = sums[pod.node]
            for _, cpu_n, memory_b in pod_usage(pod, at_s):
                total[0] += cpu_n
                total[1] += memory_b
        times = self._times(at_s)
        for node in nodes:
            if node.fault == "not ready":
                continue
            labels = node_labels(node)
            usage = _written(*capped(node, *sums[node.name]))
            body = b'{"metadata":{"name":"%b","labels":%b,%b,"usage":%b}' % (
                node.name.encode(),
                msgspec.json.encode(labels),
                times,
                usage,
            )
            yield _Sampled("", node.name, labels), body

    def _running(self) -> list[Pod]:
        nodes = self._cluster.nodes
        with self._cluster.world.lock:
            return [
                pod
                for group in self._cluster.groups
                for pod in group.pods.values()
                if pod.phase == "Running" and nodes[pod.node].fault != "not ready"
            ]

    def _times(self, at_s: int) -> bytes:
        """The end of the metadata, and what follows it."""
        created, at = rfc3339(self._cluster.now_s), rfc3339(at_s)
        return f'"creationTimestamp":"{created}"}},"timestamp":"{at}","window":"15.02s"'.encode()


def pod_usage(pod: Pod, at_s: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, nanocores and bytes of every container that runs."""
    seed = zlib.crc32(pod.uid.encode())
    wave = 1 + 0.25 * math.sin((at_s + seed % 997) / 140) + 0.1 * math.sin((at_s + seed % 89) / 23)
    slow_wave = 1 + 0.04 * math.sin((at_s + seed % 401) / 300)
    for number, (name, cpu_m, memory_b, most_cpu_n, most_memory_b) in enumerate(_sizes(pod.template)):
        base = 0.12 + (seed >> number & 255) / 340  # of what was requested: 12 to 87 %
        cpu_n = int(cpu_m * 1_000_000 * base * wave)
        used_b = int(memory_b * (0.35 + base / 2) * slow_wave)
        yield name, min(cpu_n, most_cpu_n), min(used_b, most_memory_b)


@lru_cache(maxsize=32768)
def _sizes(template: PodTemplate) -> tuple[tuple[bytes, int, int, int, int], ...]:
    """Name, usual use of CPU (millicores) and memory, and the limits (nanocores and bytes), container by container."""
    sidecars = [one for one in template.init_containers if one.get("restartPolicy") == "Always"]
    sizes = []
    for container in (*template.containers, *sidecars):
        wanted, limits = container["resources"].get("requests", {}), container["resources"].get("limits", {})
        sizes.append(
            (
                str(container["name"]).encode(),
                millis(wanted.get("cpu", "60m")),
                mebibytes(wanted.get("memory", "120Mi")),
                millis(limits.get("cpu", "1000")) * 1_000_000,
                mebibytes(limits.get("memory", f"{2**40}Mi")),
            )
        )
    return tuple(sizes)


def capped(node: Node, cpu_n: int, memory_b: int) -> tuple[int, int]:
    """Never more than the machine has."""
    return min(cpu_n, node.cores * 1_000_000_000), min(memory_b, node.memory_b)


def _written(cpu_n: int, memory_b: int) -> bytes:
    return b'{"cpu":"%dn","memory":"%dKi"}' % (cpu_n, memory_b // 1024)
