"""Events of a watch as fast as they can be taken in, from the end of the list to the last event.

The arguments are a kubeconfig of `benchmarks.replay`, and how many events it sends.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from benchmarks.cases import LIMIT_S, Numbers
from benchmarks.replay import LAST
from benchmarks.replay import PODS as LISTED


class _Clock:
    """Begins once, ends once."""

    def __init__(self) -> None:
        self._began_s = self._had_s = 0.0
        self._numbers: Numbers = {}
        self._ended = threading.Event()

    @property
    def is_running(self) -> bool:
        return self._began_s > 0

    def begin(self) -> None:
        self._began_s, self._had_s = time.perf_counter(), time.process_time()

    def end(self) -> None:
        if not self._numbers:
            self._numbers = {"seconds": time.perf_counter() - self._began_s, "cpu": time.process_time() - self._had_s}
            self._ended.set()

    def numbers(self, events: str) -> Numbers:
        """Of each second of time and of processor time."""
        if not self._ended.wait(LIMIT_S):
            raise RuntimeError("the last event did not come")
        return {"events": int(events) / self._numbers["seconds"], "cpu_events": int(events) / self._numbers["cpu"]}


def kite_tui(kubeconfig: str, events: str) -> Numbers:
    """Into the cache's store, with indexes and sums, and its subscribers told."""
    from benchmarks.cases.cached import Cached
    from kite_tui.objects.kinds import PODS
    from kite_tui.objects.states import Live

    cached, clock = Cached(kubeconfig), _Clock()
    cache = cached.cache

    def on_change(kind: Any) -> None:
        if kind is not PODS:
            return
        if not clock.is_running:
            if cache.state(PODS) == Live():
                clock.begin()
        elif cache.get(PODS, *LAST) is not None:
            clock.end()

    cache.subscribe(on_change)
    cache.start()
    return clock.numbers(events)


def informer(kubeconfig: str, events: str) -> Numbers:
    """Into SharedInformer's cache, with one handler; no numbers before version 37."""
    from benchmarks.cases.official import pod_informer

    shared = pod_informer(kubeconfig)
    if shared is None:
        return {}
    clock, added = _Clock(), 0

    def on_added(pod: Any) -> None:
        nonlocal added
        added += 1
        if added == LISTED:
            clock.begin()
        elif (pod.metadata.namespace, pod.metadata.name) == LAST:
            clock.end()

    shared.add_event_handler("ADDED", on_added)
    shared.start()
    return clock.numbers(events)
