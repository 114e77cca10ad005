"""A simulated server in this process, over a small world that a test fills, or over a generated cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from kite_tui.demo.cluster import Cluster
from kite_tui.demo.control import Control
from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.objects.kinds import Kind
from tests.conformance.client import ApiClient

NOW_S = 1_790_000_000.0


@dataclass
class Served:
    """A server that runs, with its control and a client for every user."""

    server: DemoServer
    control: Control
    _stack: ExitStack = field(default_factory=ExitStack)

    def client(self, user: str = "demo") -> ApiClient:
        """Requests as a built-in user; an empty name is system:anonymous."""
        return self._stack.enter_context(closing(ApiClient(self.server.url, None, token=user)))

    def close(self) -> None:
        self._stack.close()


def serve(world: World, **settings: Any) -> Iterator[Served]:
    with DemoServer(world, **settings) as server:
        served = Served(server, Control(server))
        yield served
        served.close()


@pytest.fixture
def served() -> Iterator[Served]:
    """An empty server with quick bookmarks."""
    yield from serve(World(), bookmark_s=0.2)


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    """The default cluster at a fixed moment; not to be changed."""
    return generate(DemoOptions(), lambda: NOW_S)


@pytest.fixture
def generated(cluster: Cluster) -> Iterator[Served]:
    """The default cluster, served."""
    yield from serve(cluster.world, metrics=Metrics(cluster))


def documents(cluster: Cluster, kind: Kind[Any]) -> list[dict[str, Any]]:
    """All objects of a kind as a client reads them."""
    return [msgspec.json.decode(item.body()) for item in cluster.world.snapshot(kind)[1].items]


def pod(name: str, namespace: str = "default", **labels: str) -> dict[str, Any]:
    """A minimal pod."""
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "i", "resources": {}}]},
        "status": {"phase": "Running"},
    }
