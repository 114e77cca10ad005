"""Pods with what they ask for and what they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kite_tui.objects.kinds import POD_METRICS
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.usage import PodUsage


@dataclass(frozen=True, slots=True)
class Demand:
    """One resource of a pod, in its unit. `requests` is 0 where it asks for nothing and None only where that can't be
    read; `limits` is None where it sets none, or where that can't be read (`limits_unknown`)."""

    requests: int | None
    limits: int | None
    usage: int | None
    limits_unknown: bool = False


@dataclass(frozen=True, slots=True)
class PodRow:
    """One line of the pods table."""

    pod: Pod
    cpu: Demand
    memory: Demand
    usage: PodUsage | None


def requests_of(pod: Pod, name: Literal["cpu", "memory"]) -> int | None:
    """What a pod asks for of a resource: 0 where that is nothing, None where it can't be read. O(1)."""
    requests = pod.effective.requests
    if name in requests.unknown:
        return None
    return (requests.cpu_m if name == "cpu" else requests.memory_b) or 0


def pod_row(pod: Pod, usage: PodUsage | None) -> PodRow:
    """Put a pod and its sample (None: there is none) together. O(1)."""
    limits = pod.effective.limits
    cpu_m, memory_b = (usage.cpu_m, usage.memory_b) if usage else (None, None)
    return PodRow(
        pod,
        Demand(requests_of(pod, "cpu"), limits.cpu_m, cpu_m, "cpu" in limits.unknown),
        Demand(requests_of(pod, "memory"), limits.memory_b, memory_b, "memory" in limits.unknown),
        usage,
    )


def usage_of(reader: Reader, pod: Pod) -> PodUsage | None:
    """The newest sample of a pod. O(1)."""
    return reader.get(POD_METRICS, pod.namespace, pod.name)


def pod_rows(reader: Reader, pods: tuple[Pod, ...]) -> tuple[PodRow, ...]:
    """A row for each of the pods, in their order. O(n)."""
    return tuple(pod_row(pod, usage_of(reader, pod)) for pod in pods)
