"""A Deployment, StatefulSet or DaemonSet as kite-tui keeps it: how many it wants and how many it has."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kite_tui.objects.meta import Condition, Labels, Owner, controller_of
from kite_tui.objects.references import NO_LINKS, Links

TYPES = (
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps", "ReplicaSet"),
    ("", "ReplicationController"),
    ("batch", "Job"),
    ("batch", "CronJob"),
)
"""(group, kind) of everything that makes pods from a template."""


def is_own_master(owners: Iterable[Owner]) -> bool:
    """False for what another workload made and controls: a Deployment's ReplicaSet, a CronJob's Job."""
    controller = controller_of(owners)
    return controller is None or (controller.group, controller.kind) not in TYPES


class Workload(msgspec.Struct, frozen=True, gc=False):
    """One workload. `desired` is spec.replicas (1 where unset) or, for a DaemonSet, status.desiredNumberScheduled;
    `available` is status.availableReplicas or status.numberAvailable (0 where unset)."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    deleted_s: int | None
    labels: Labels
    kind: str
    desired: int
    available: int
    conditions: tuple[Condition, ...]
    links: Links = NO_LINKS
