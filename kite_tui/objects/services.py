"""A Service as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.meta import Labels
from kite_tui.objects.references import NO_LINKS, Links


class Service(msgspec.Struct, frozen=True, gc=False):
    """One Service; `ports` are (name, port) pairs. Headless is a clusterIP of "None"."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    labels: Labels
    type: str
    cluster_ip: str
    ports: tuple[tuple[str, int], ...]
    links: Links = NO_LINKS

    @property
    def is_headless(self) -> bool:
        """True for a ClusterIP service without an address of its own."""
        return self.cluster_ip == "None"
