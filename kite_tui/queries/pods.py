"""Pods with what they ask for and what they use."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.objects.amounts import Amounts
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


def _demand(name: str, requests: int | None, limits: int | None, usage: int | None, pod: Pod) -> Demand:
    asks, caps = pod.effective.requests, pod.effective.limits
    return Demand(None if name in asks.unknown else requests or 0, limits, usage, name in caps.unknown)


def pod_row(pod: Pod, usage: PodUsage | None) -> PodRow:
    """Put a pod and its sample (None: there is none) together. O(1)."""
    requests: Amounts = pod.effective.requests
    limits: Amounts = pod.effective.limits
    return PodRow(
        pod,
        _demand("cpu", requests.cpu_m, limits.cpu_m, usage.cpu_m if usage else None, pod),
        _demand("memory", requests.memory_b, limits.memory_b, usage.memory_b if usage else None, pod),
        usage,
    )


def usage_of(reader: Reader, pod: Pod) -> PodUsage | None:
    """The newest sample of a pod. O(1)."""
    return reader.get(POD_METRICS, pod.namespace, pod.name)


def pod_rows(reader: Reader, pods: tuple[Pod, ...]) -> tuple[PodRow, ...]:
    """A row for each of the pods, in their order. O(n)."""
    return tuple(pod_row(pod, usage_of(reader, pod)) for pod in pods)
