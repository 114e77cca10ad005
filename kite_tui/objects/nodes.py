"""A node as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.amounts import Amounts
from kite_tui.objects.meta import Condition, Labels
from kite_tui.objects.references import NO_LINKS, Links

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
"""Conditions that are a fault when True."""


class Taint(msgspec.Struct, frozen=True, gc=False):
    """One of `spec.taints`."""

    key: str
    value: str
    effect: str


class Node(msgspec.Struct, frozen=True, gc=False):
    """One node. `status` and `roles` are what kubectl's printNode shows; `readiness` is the Ready condition's status
    ("True", "False", "Unknown"), empty where there is no such condition; `pressure` the names of `PRESSURES` that are
    True. Amounts that cannot be read are named in `Amounts.unknown`."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    deleted_s: int | None
    labels: Labels
    status: str
    roles: tuple[str, ...]
    readiness: str
    unschedulable: bool
    pressure: tuple[str, ...]
    conditions: tuple[Condition, ...]
    taints: tuple[Taint, ...]
    addresses: tuple[tuple[str, str], ...]
    capacity: Amounts
    allocatable: Amounts
    kubelet_version: str
    os_image: str
    kernel: str
    runtime: str
    architecture: str
    instance_type: str
    zone: str
    links: Links = NO_LINKS

    @property
    def is_ready(self) -> bool:
        """Condition Ready is True."""
        return self.readiness == "True"

    @property
    def is_schedulable(self) -> bool:
        """Ready and not cordoned: a pod could be placed here, taints aside."""
        return self.is_ready and not self.unschedulable

    @property
    def internal_ip(self) -> str:
        """The first InternalIP, or empty."""
        return next((address for kind, address in self.addresses if kind == "InternalIP"), "")
