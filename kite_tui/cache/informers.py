"""Making stores and informers: what is kept of a kind, what is asked, how often it is polled, and whose thread drives
it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from kite_tui.cache.clock import Clock
from kite_tui.cache.driver import Driver
from kite_tui.cache.informer import Informer
from kite_tui.cache.lister import source_of
from kite_tui.cache.reflector import Reflector
from kite_tui.cache.store import Store, StorePart
from kite_tui.cache.streaming import Streaming
from kite_tui.kube.api import Api
from kite_tui.objects.decode import decoder
from kite_tui.objects.events import WARNINGS_ONLY, Event
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import EVENTS, METRICS, PODS, Kind
from kite_tui.objects.sums import PodSums

METRICS_EVERY_S = 15.0
"""As often as metrics-server scrapes."""
POLLING_THREADS = 4

WARNINGS_KEPT = 1000

_QUERIES: Mapping[Kind[Any], tuple[tuple[str, str], ...]] = {EVENTS: WARNINGS_ONLY}


def store_of(kind: Kind[Any], pod_sums: PodSums) -> Store[Any]:
    """An empty store with the indexes of a kind; of events it keeps the newest, of pods the sums."""
    if kind is EVENTS:
        return Store(index_functions(kind), limit=WARNINGS_KEPT, newest_by=_last_seen)
    return Store(index_functions(kind), aggregate=pod_sums if kind is PODS else None)


def _last_seen(event: Event) -> float:
    return event.last_seen_s or 0


class Informers:
    """Makes the informers of one cluster. What watches gets a thread of its own; what only polls shares
    `POLLING_THREADS`. `maker` and `stop` belong to any thread, all else to one, the cache's keeper."""

    def __init__(
        self, api: Api, clock: Clock, random: Random, on_change: Callable[[Kind[Any]], None], *, streams: bool
    ) -> None:
        """`streams`: lists are asked for as the beginning of their watch, where the server can do that."""
        self._api = api
        self._clock = clock
        self._random = random
        self._on_change = on_change
        self._streams = streams
        self._pollers: list[Driver] = []
        self._polled = 0

    def maker(self, kind: Kind[Any]) -> Callable[[StorePart[Any], float | None], Informer[Any]]:
        """What makes informers of a kind, see `scope.Make`."""
        streaming = Streaming(self._streams)

        def make(part: StorePart[Any], poll_every_s: float | None) -> Informer[Any]:
            every_s = poll_every_s
            if kind in METRICS:
                every_s = max(METRICS_EVERY_S, poll_every_s or 0)
            reflector = Reflector(
                self._api,
                source_of(kind, part.name, _QUERIES.get(kind, ())),
                decoder(kind),
                part,
                clock=self._clock,
                random=self._random,
                on_change=lambda: self._on_change(kind),
                poll_every_s=every_s,
                streaming=streaming,
                in_place=kind in METRICS,
            )
            if poll_every_s is not None:
                return Informer(reflector, self._poller(), shared=True)
            name = "-".join(filter(None, ("reflector", kind.plural, part.name)))
            return Informer(reflector, Driver(name, self._clock))

        return make

    def tidy(self) -> None:
        """End the shared threads that have nothing to poll any more."""
        idle = [poller for poller in self._pollers if poller.is_idle]
        for poller in idle:
            self._pollers.remove(poller)
            poller.stop()

    def stop(self) -> None:
        """End the shared threads. Returns at once; any thread."""
        for poller in tuple(self._pollers):
            poller.stop()

    def _poller(self) -> Driver:
        if len(self._pollers) < POLLING_THREADS:
            poller = Driver(f"poller-{len(self._pollers) + 1}", self._clock)
            self._pollers.append(poller)
            poller.start()
            return poller
        self._polled += 1
        return self._pollers[self._polled % POLLING_THREADS]
