"""Samples of metrics.k8s.io. Usage is rounded up once to the unit, as `Quantity.MilliValue()` and `Value()` do."""

from __future__ import annotations

import msgspec


class NodeUsage(msgspec.Struct, frozen=True, gc=False):
    """Usage of a node; `sampled_s` is the sample's own timestamp. None is unreadable, never 0."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    sampled_s: int | None
    cpu_m: int | None
    memory_b: int | None


class ContainerUsage(msgspec.Struct, frozen=True, gc=False):
    """Usage of one container."""

    name: str
    cpu_m: int | None
    memory_b: int | None


class PodUsage(msgspec.Struct, frozen=True, gc=False):
    """Usage of a pod: the exact sum over its containers, rounded up once."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    sampled_s: int | None
    cpu_m: int | None
    memory_b: int | None
    containers: tuple[ContainerUsage, ...]
