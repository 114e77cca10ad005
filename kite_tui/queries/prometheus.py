"""Is there a Prometheus in the cluster, and where: by the label or the names that its charts and operator give it."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.objects.kinds import SERVICES
from kite_tui.objects.meta import label
from kite_tui.objects.reader import Reader
from kite_tui.objects.services import Service
from kite_tui.objects.states import Partial, State, is_readable

PROMETHEUS_NAMES = ("prometheus-operated", "prometheus-k8s", "prometheus-server", "prometheus")


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Where a Prometheus was found, `where` being namespace/name:port. `found` is None where it can't be known."""

    state: State
    found: bool | None = None
    where: str | None = None
    reason: str | None = None


def find_prometheus(reader: Reader) -> Prometheus:
    """Look among the Services read; where several fit, the surest sign wins, then the first by name. O(services)."""
    listing = reader.list(SERVICES)
    if not is_readable(listing.state):
        return Prometheus(listing.state)
    candidates = sorted(
        (rank, service.namespace, service.name, port)
        for service in listing.objects
        if (rank := _prometheus_rank(service)) is not None and (port := _web_port(service)) is not None
    )
    if not candidates:
        if reader.head.namespaces or isinstance(listing.state, Partial):
            return Prometheus(listing.state, reason="not found in the namespaces read, but it may be in another one")
        return Prometheus(listing.state, found=False)
    _, namespace, name, port = candidates[0]
    return Prometheus(listing.state, found=True, where=f"{namespace}/{name}:{port}")


def _prometheus_rank(service: Service) -> int | None:
    """How sure a Service is Prometheus' own: 0 by label, then by name; None: it isn't."""
    if label(service.labels, "app.kubernetes.io/name") == "prometheus":
        return 0
    return PROMETHEUS_NAMES.index(service.name) + 1 if service.name in PROMETHEUS_NAMES else None


def _web_port(service: Service) -> int | None:
    by_name = dict(service.ports)
    if any(port == 9090 for _, port in service.ports):
        return 9090
    return by_name.get("web") or by_name.get("http")
