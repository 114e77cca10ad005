"""Following a cluster as the app does, until of every kind that every screen lives on it is known what can be had."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.cache.cluster import ClusterCache
from kite_tui.kube.api import Api
from kite_tui.objects.load import Load
from kite_tui.objects.reader import Head
from kite_tui.session.meter import Meter


@dataclass(frozen=True, slots=True)
class Followed:
    """What it took, at `now_s`. `is_settled` is False where the time was not enough."""

    head: Head
    load: Load
    now_s: float
    is_settled: bool


def follow(
    api: Api,
    *,
    context: str | None,
    server: str,
    namespaces: tuple[str, ...],
    home_namespace: str,
    favourites: tuple[str, ...],
    climbs: bool,
    streams: bool,
    limit_s: float,
) -> Followed:
    """As `ClusterCache`, for `limit_s` at most. Blocks; raises nothing of the server's. `api` stays the caller's."""
    cache = ClusterCache(
        api,
        context=context,
        server=server,
        namespaces=namespaces,
        home_namespace=home_namespace,
        favourites=favourites,
        climbs=climbs,
        streams=streams,
    )
    meter = Meter(cache, api.traffic)
    meter.sample()
    try:
        cache.start()
        is_settled = cache.wait_settled(limit_s)
        meter.sample()
        return Followed(cache.head, meter.load(), cache.now_s(), is_settled)
    finally:
        cache.stop()
