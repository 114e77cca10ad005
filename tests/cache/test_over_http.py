"""The cache on a simulated cluster through the real transport: sync, life, and what goes wrong on the way."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.demo.answers import invalid_options
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.generate import generate
from kite_tui.demo.live import Life
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.server import DemoServer
from kite_tui.kube.clientconfig import ClientConfig, User
from kite_tui.kube.clientconfig import Cluster as ServerConfig
from kite_tui.kube.transport import PooledTransport, connect
from kite_tui.objects.indexes import NODE
from kite_tui.objects.kinds import FIRST, NAMESPACES, NODE_METRICS, NODES, POD_METRICS, PODS, SECOND, Kind
from kite_tui.objects.states import Auth, Forbidden, Live, Partial, Polling, Stale
from kite_tui.objects.sums import PodSums
from tests.cache.conftest import wait_until
from tests.cache.relay import Relay

PODS_MADE = 1300
NOW_S = 1_760_000_000.0


@dataclass
class Scene:
    """A simulated cluster behind a relay, and caches on it."""

    relay: Relay
    cluster: Cluster
    life: Life
    server: DemoServer
    open: list[tuple[ClusterCache, PooledTransport]] = field(default_factory=list)

    def cache(self, user: str = "demo", **options: Any) -> ClusterCache:
        config = ClientConfig(None, ServerConfig(self.relay.url), User(token=user))
        api = connect(config, qps=0)
        options.setdefault("home_namespace", "shop")
        cache = ClusterCache(api, context="demo", server=self.relay.url, **options)
        self.open.append((cache, api))
        cache.start()
        return cache

    def live(self, steps: int) -> None:
        """Let things happen in the cluster."""
        for _ in range(steps):
            self.life.step()

    def truth(self, kind: Kind[Any]) -> set[tuple[str, int]]:
        """Key and version of every object, as the server has them."""
        _, snapshot = self.cluster.world.snapshot(kind)
        return {(item.key, item.revision) for item in snapshot.items}

    def restart(self) -> None:
        """Stop the server, let things happen, and start another one for the same cluster."""
        self.relay.target = ""
        self.server.stop()
        self.live(20)
        self.cluster.world.forget_history()
        self.server = serve(self.cluster)
        self.relay.target = self.server.url


def serve(cluster: Cluster) -> DemoServer:
    server = DemoServer(cluster.world, metrics=Metrics(cluster), bookmark_s=0.2)
    server.start()
    return server


def held(cache: ClusterCache, kind: Kind[Any]) -> set[tuple[str, int]]:
    return {
        (f"{row.namespace}/{row.name}" if kind.namespaced else row.name, int(row.resource_version))
        for row in cache.list(kind).objects
    }


def follows(cache: ClusterCache, scene: Scene, *kinds: Kind[Any]) -> bool:
    return all(cache.state(kind) == Live() and held(cache, kind) == scene.truth(kind) for kind in kinds)


def let_pass(seconds: float) -> None:
    deadline_s = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > deadline_s)


@pytest.fixture
def scene() -> Iterator[Scene]:
    cluster = generate(DemoOptions(nodes=24, pods=PODS_MADE, rate=0, now_s=NOW_S), lambda: NOW_S)
    with Relay() as relay:
        scene = Scene(relay, cluster, Life(cluster), serve(cluster))
        relay.target = scene.server.url
        yield scene
        for cache, api in scene.open:
            cache.stop()
            api.close()
        scene.server.stop()


def test_every_kind_is_synced_with_as_few_requests_as_there_are_pages(scene: Scene) -> None:
    cache = scene.cache()
    wait_until(lambda: follows(cache, scene, *FIRST, *SECOND[:-1]))
    pods = len(scene.truth(PODS))
    assert scene.server.requests["list", "/api/v1/pods"] == 1 + math.ceil((pods - 100) / 500)
    assert scene.server.requests["watch", "/api/v1/pods"] == 1
    assert cache.head.version is not None
    assert not gc.is_tracked(cache.list(NODES).objects[0])


def test_with_streaming_lists_every_kind_is_one_request(scene: Scene) -> None:
    cache = scene.cache(streams=True)
    wait_until(lambda: follows(cache, scene, *FIRST, *SECOND[:-1]))
    assert {path: count for (verb, path), count in scene.server.requests.items() if verb == "list"} == {}
    assert {count for (verb, _), count in scene.server.requests.items() if verb == "watch"} == {1}
    scene.live(100)
    wait_until(lambda: follows(cache, scene, *FIRST))
    assert cache.sums_by_node() == PodSums(cache.list(PODS).objects).by_node()


def test_a_server_without_streaming_lists_is_asked_once_and_then_for_pages(scene: Scene) -> None:
    forget = invalid_options(("resourceVersionMatch", "FieldValueForbidden", "Forbidden: for watch")).answer
    scene.server.intercept = lambda _verb, _path, query: forget if "sendInitialEvents" in query else None
    cache = scene.cache(streams=True)
    wait_until(lambda: follows(cache, scene, *FIRST))
    assert scene.server.requests["watch", "/api/v1/pods"] == 2
    cache.refresh()
    wait_until(lambda: scene.server.requests["list", "/api/v1/nodes"] == 2 and follows(cache, scene, *FIRST))
    assert scene.server.requests["watch", "/api/v1/nodes"] == 3


def test_sums_and_indexes_are_those_of_a_recount_after_many_events(scene: Scene) -> None:
    cache = scene.cache()
    wait_until(lambda: follows(cache, scene, PODS))
    scene.live(400)
    wait_until(lambda: follows(cache, scene, *FIRST))
    rows = cache.list(PODS).objects
    recount = PodSums(rows)
    assert cache.sums_by_node() == recount.by_node()
    assert cache.counts_by_namespace() == recount.by_namespace()
    for node in cache.list(NODES).objects:
        assert {row.name for row in cache.by_index(PODS, NODE, node.name)} == {
            row.name for row in rows if row.node_name == node.name
        }


def test_a_server_that_ends_its_watches_is_followed_without_a_relist(scene: Scene) -> None:
    cache = scene.cache()
    wait_until(lambda: follows(cache, scene, *FIRST))
    lists = scene.server.requests["list", "/api/v1/pods"]
    let_pass(1.1)  # a watch of under a second goes through the back-off, which is not what is looked at here
    scene.server.drop_watches()
    scene.live(50)
    wait_until(lambda: follows(cache, scene, *FIRST))
    assert scene.server.requests["list", "/api/v1/pods"] == lists


def test_connections_cut_anywhere_are_stale_and_then_followed_again(scene: Scene) -> None:
    cache = scene.cache()
    wait_until(lambda: follows(cache, scene, *FIRST))
    scene.relay.cut()
    wait_until(lambda: isinstance(cache.state(PODS), Stale))
    scene.live(50)
    wait_until(lambda: follows(cache, scene, *FIRST))


def test_a_compacted_history_is_listed_again(scene: Scene) -> None:
    cache = scene.cache()
    wait_until(lambda: follows(cache, scene, *FIRST))
    lists = scene.server.requests["list", "/api/v1/pods"]
    with scene.cluster.world.lock:
        scene.relay.cut()
        scene.live(100)
        scene.cluster.world.forget_history()
    wait_until(lambda: follows(cache, scene, *FIRST))
    assert scene.server.requests["list", "/api/v1/pods"] > lists


def test_a_server_that_restarts_keeps_the_rows_as_stale_until_it_is_back(scene: Scene) -> None:
    cache = scene.cache()
    wait_until(lambda: follows(cache, scene, *FIRST))
    scene.relay.target = ""
    scene.server.drop_watches()
    scene.relay.cut()
    wait_until(lambda: all(isinstance(cache.state(kind), Stale) for kind in FIRST))
    assert len(cache.list(PODS).objects) >= PODS_MADE
    scene.restart()
    cache.refresh()
    wait_until(lambda: follows(cache, scene, *FIRST))


def test_one_who_may_read_one_namespace_sees_it_as_partial(scene: Scene) -> None:
    cache = scene.cache("namespaced")
    wait_until(lambda: isinstance(cache.state(PODS), Partial))
    assert {row.namespace for row in cache.list(PODS).objects} == {"shop"}
    assert isinstance(cache.state(NODES), Forbidden)
    assert isinstance(cache.state(NAMESPACES), Forbidden)


def test_one_who_may_not_watch_polls(scene: Scene) -> None:
    cache = scene.cache("no-watch")
    wait_until(lambda: isinstance(cache.state(PODS), Polling))
    assert held(cache, PODS) == scene.truth(PODS)


def test_a_token_that_is_revoked_ends_in_auth_or_stale_rows(scene: Scene) -> None:
    scene.server.access.revoke("demo")
    cache = scene.cache()
    wait_until(lambda: all(isinstance(cache.state(kind), Auth) for kind in FIRST))


def test_metrics_come_beside_the_rows(scene: Scene) -> None:
    cache = scene.cache()
    cache.need(NODE_METRICS, POD_METRICS)
    wait_until(lambda: isinstance(cache.state(POD_METRICS), Polling) and cache.usage_history.cluster())
    sample = cache.usage_history.cluster()[-1]
    assert sample.cpu_m == sum(row.cpu_m or 0 for row in cache.list(NODE_METRICS).objects)


def test_leaving_while_everything_is_under_way_takes_no_time(scene: Scene) -> None:
    cache = scene.cache()
    api = scene.open[-1][1]
    wait_until(lambda: cache.object_count(cache.kinds()) > 0)
    began_s = time.monotonic()
    cache.stop()
    api.close()
    assert time.monotonic() - began_s < 0.5
