"""What stands around the pods: everything that is neither a node, a workload, a pod nor an Event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kite_tui.demo.around import (
    certificates,
    configuration,
    controllers,
    extensions,
    policies,
    rights,
    routes,
    services,
    storage,
)
from kite_tui.demo.around.scribe import Scribe
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.plan import Planned
from kite_tui.demo.resources import ENDPOINT_SLICES
from kite_tui.demo.world import Manifest, Thing
from kite_tui.objects.kinds import Kind

PARTS = (configuration, services, routes, storage, rights, policies, certificates, controllers, extensions)


def surroundings(cluster: Cluster, planned: list[Planned]) -> Iterator[tuple[Kind[Any], Sequence[Thing]]]:
    """Every object around the pods, kind by kind. A custom owner is written into the workload that it has made."""
    scribe = Scribe(cluster, planned)
    found: dict[Kind[Any], list[Manifest]] = {}
    for part in PARTS:
        for kind, document in part.objects(scribe):
            found.setdefault(kind, []).append(Manifest(kind, document))
    yield from found.items()
    pods = (pod for group in cluster.groups for pod in group.pods.values())
    yield ENDPOINT_SLICES, cluster.endpoints.fill(pods, cluster.now_s)
