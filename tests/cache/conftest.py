"""A cluster's cache on a fake server, stopped at the end of each test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.kube.api import Api
from tests.cache.fakes import FakeClock, LowRandom
from tests.cache.server import FakeServer

MakeCache = Callable[..., ClusterCache]


def wait_until(true: Callable[[], object], *, within_s: float = 10) -> None:
    """Return as soon as `true()` is; fail where it isn't in time."""
    deadline_s = time.monotonic() + within_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline_s, "it never came true"
        pause.wait(0.003)


def passes(clock: FakeClock, seconds: float, until: Callable[[], object]) -> None:
    """Time goes by, in steps, until something is so. In steps, because a step that a thread is about to find due may
    be reckoned from before or after one of them."""

    def so() -> bool:
        if not until():
            clock.advance(seconds)
        return bool(until())

    wait_until(so)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server() -> FakeServer:
    server = FakeServer()
    server.put("namespaces", "shop")
    server.put("namespaces", "till")
    server.put("nodes", "n1")
    server.put("services", "web", "shop")
    put_pod(server, "a", "shop")
    put_pod(server, "b", "till")
    return server


def put_pod(server: FakeServer, name: str, namespace: str, cpu: str = "100m") -> None:
    """A running pod on node n1."""
    container = {"name": "app", "resources": {"requests": {"cpu": cpu}}}
    server.put(
        "pods",
        name,
        namespace,
        spec={"nodeName": "n1", "containers": [container]},
        status={"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    )


@pytest.fixture
def make_cache(server: FakeServer, clock: FakeClock) -> Iterator[MakeCache]:
    made: list[tuple[ClusterCache, Api]] = []

    def make(*, api: Api = server, start: bool = True, **options: Any) -> ClusterCache:
        options.setdefault("home_namespace", "shop")
        cache = ClusterCache(api, context="test", server="https://test", clock=clock, random=LowRandom(), **options)
        made.append((cache, api))
        if start:
            cache.start()
        return cache

    yield make
    for cache, api in made:
        cache.stop()
        api.close()
