"""The cache on a real API server while things go wrong with it: crashes, revoked rights, storms, sleep."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kite_tui.cache.clock import Clock, SystemClock
from kite_tui.cache.cluster import ClusterCache
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.transport import connect
from kite_tui.objects.kinds import FIRST, NAMESPACES, NODES, PODS, SECOND, SERVICES, Kind
from kite_tui.objects.states import Forbidden, Live, Partial, Stale, stale_since_s
from kite_tui.objects.sums import PodSums
from kite_tui.queries.overview import overview
from tests.cache.conftest import wait_until
from tests.cache.fakes import FakeClock, LowRandom
from tests.conformance.client import ApiClient, ApiFailure, Manifest
from tests.conformance.pki import Authority
from tests.conformance.realserver import RealServer
from tests.faults.faults import CONTINUED, Fault, Shown
from tests.faults.impatient import Impatient
from tests.faults.proxy import Exchange, Proxy

pytestmark = pytest.mark.realserver

STORM = int(os.environ.get("KITE_STORM", "400"))
"""Pods that come and go. 5 000 take a minute on two cores, of which the server needs the most."""
BINDING: Manifest = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "kite-team", "namespace": "default"},
}


@dataclass
class Scene:
    """A server of this module's own, its administrator, and caches on it."""

    server: RealServer
    admin: ApiClient

    @contextlib.contextmanager
    def cache(
        self, user: str = "reader", *, url: str = "", clock: Clock | None = None, hurry: float = 1, **options: Any
    ) -> Iterator[tuple[ClusterCache, Impatient]]:
        """A cache of a user's and what it asks through, at `url` where there is one; `hurry` makes its patience that
        much shorter."""
        cluster = Cluster(url or self.server.url, ca_data=b"" if url else self.server.ca_pem)
        config = ClientConfig(None, cluster, User(token=self.server.tokens[user]))
        api = Impatient(connect(config, qps=0), hurry)
        cache = ClusterCache(api, context=None, server=config.server, clock=clock, random=LowRandom(), **options)
        cache.start()
        try:
            yield cache, api
        finally:
            cache.stop()
            api.close()

    @contextlib.contextmanager
    def proxy(self) -> Iterator[Proxy]:
        with Proxy(self.server.url, ca_file=self.server.ca_file) as proxy:
            yield proxy

    def truth(self, kind: Kind[Any], namespace: str = "") -> set[tuple[str, str, str]]:
        metas = [item["metadata"] for item in self.admin.get(kind.path(namespace))["items"]]
        return {(meta["name"], meta["uid"], meta["resourceVersion"]) for meta in metas}

    def follows(self, cache: ClusterCache, *kinds: Kind[Any]) -> bool:
        """Every kind is live, and what the server has."""
        live = all(cache.state(kind) == Live() for kind in kinds)
        return live and all(held(cache, kind) == self.truth(kind) for kind in kinds)


def held(cache: ClusterCache, kind: Kind[Any]) -> set[tuple[str, str, str]]:
    return {(row.name, row.uid, row.resource_version) for row in cache.list(kind).objects}


def pod(name: str, namespace: str = "default", cpu: str = "10m") -> Manifest:
    container = {"name": "c", "image": "registry.test/i:1", "resources": {"requests": {"cpu": cpu}}}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"nodeName": "n1", "containers": [container]}}


def namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with RealServer() as server, contextlib.closing(server.client()) as admin:
        yield Scene(server, admin)


@pytest.fixture
def pods(scene: Scene) -> Iterator[Callable[[int], list[Manifest]]]:
    """Makes pods, which are gone after the test."""
    made: list[Manifest] = []

    def make(count: int) -> list[Manifest]:
        manifests = [pod(f"p{len(made) + number:04}") for number in range(count)]
        made.extend(scene.admin.load(manifests))
        return manifests

    yield make
    for manifest in made:
        with contextlib.suppress(ApiFailure):
            scene.admin.delete(manifest, grace_s=0)


Pods = Callable[[int], list[Manifest]]
MODES = pytest.mark.parametrize("streams", [False, True], ids=["pages", "stream"])


@MODES
def test_a_compaction_under_a_running_watch_goes_unnoticed(scene: Scene, pods: Pods, streams: bool) -> None:
    first, *_ = pods(3)
    with scene.cache(streams=streams) as (cache, api):
        wait_until(lambda: scene.follows(cache, *FIRST, *SECOND))
        asked = len(api.asked)
        scene.admin.delete(first, grace_s=0)
        scene.server.compact()
        pods(1)
        wait_until(lambda: scene.follows(cache, *FIRST))
        assert api.asked[asked:] == []


def test_a_server_that_has_lost_its_history_between_two_pages_is_listed_again(scene: Scene, pods: Pods) -> None:
    pods(130)

    def hold(exchange: Exchange) -> None:
        exchange.hold()
        exchange.forward()

    with scene.proxy() as proxy:
        proxy.strike(Fault("a page held", Shown.UNKNOWING, answer=hold, only=CONTINUED.only, times=1))
        with scene.cache(url=proxy.url) as (cache, _):
            wait_until(lambda: proxy.held)
            pods(1)
            scene.server.compact()
            scene.server.restart_apiserver()
            proxy.heal()
            wait_until(lambda: scene.follows(cache, PODS), within_s=40)
            assert sum("continue" in asked.query for asked in proxy.asked) >= 2


@MODES
def test_a_server_that_is_killed_leaves_stale_rows_and_is_followed_when_it_is_back(
    scene: Scene, pods: Pods, streams: bool
) -> None:
    pods(3)
    with scene.cache(streams=streams) as (cache, _):
        wait_until(lambda: scene.follows(cache, *FIRST))
        rows = held(cache, PODS)
        scene.server.kill_apiserver()
        wait_until(lambda: all(isinstance(cache.state(kind), Stale) for kind in FIRST), within_s=5)
        assert held(cache, PODS) == rows
        scene.server.start_apiserver()
        pods(1)
        wait_until(lambda: scene.follows(cache, *FIRST), within_s=40)


def test_another_certificate_of_the_same_authority_is_none_to_speak_of_and_one_of_another_is_not_trusted(
    scene: Scene, pods: Pods, tmp_path: Path
) -> None:
    pods(2)
    other = Authority(tmp_path)
    with scene.cache() as (cache, _):
        wait_until(lambda: scene.follows(cache, *FIRST))
        scene.server.restart_apiserver(scene.server.authority)
        cache.refresh()
        wait_until(lambda: scene.follows(cache, *FIRST), within_s=40)
        scene.server.restart_apiserver(other)
        cache.refresh()
        wait_until(lambda: "unknown authority" in getattr(cache.state(PODS), "reason", ""))
        assert isinstance(cache.state(PODS), Stale)
        assert len(cache.list(PODS).objects) == 2
        scene.server.restart_apiserver(scene.server.authority)
        cache.refresh()
        wait_until(lambda: scene.follows(cache, *FIRST), within_s=40)


def test_a_right_that_is_taken_away_is_noticed_with_the_next_watch_and_its_return_within_a_probe(
    scene: Scene, pods: Pods
) -> None:
    pods(2)
    clock = FakeClock()
    binding = scene.admin.get("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/kite-team")
    with (
        scene.proxy() as proxy,
        scene.cache("team", url=proxy.url, clock=clock, home_namespace="default") as (cache, _),
    ):
        wait_until(lambda: isinstance(cache.state(PODS), Partial) and held(cache, PODS) == scene.truth(PODS))
        rows = held(cache, PODS)
        scene.admin.delete(BINDING)
        with contextlib.closing(scene.server.client("team")) as team:
            wait_until(lambda: team.request("GET", "/api/v1/namespaces/default/pods").status == 403)
        clock.advance(40)  # the list is no longer fresh, so that the refused watch is followed by one
        proxy.hang_up_all()
        wait_until(lambda: stale_since_s(cache.state(PODS)) is not None)
        comes_true(clock, lambda: "forbidden" in reason(cache, PODS), within_s=3)
        clock.advance(20)
        assert held(cache, PODS) == rows
        binding["metadata"] = {"name": "kite-team", "namespace": "default"}
        scene.admin.create(binding)
        pods(1)
        comes_true(clock, lambda: not reason(cache, PODS) and held(cache, PODS) == scene.truth(PODS), within_s=120)


def test_a_namespace_that_is_deleted_goes_with_all_that_was_in_it(scene: Scene) -> None:
    scene.admin.create(namespace("doomed"))
    scene.admin.load([pod("a", "doomed"), pod("b", "doomed")])
    with scene.cache() as (cache, _), scene.cache(namespaces=("doomed",)) as (narrow, _):
        wait_until(lambda: scene.follows(cache, *FIRST) and scene.follows(narrow, *FIRST))
        scene.admin.delete(namespace("doomed"))
        wait_until(lambda: (row := cache.get(NAMESPACES, "", "doomed")) and row.deleted_s is not None)
        for name in ("a", "b"):  # as the namespace's controller does
            scene.admin.delete(pod(name, "doomed"), grace_s=0)
        done = {**namespace("doomed"), "spec": {"finalizers": []}}
        scene.admin.call("PUT", "/api/v1/namespaces/doomed/finalize", done)
        wait_until(lambda: cache.get(NAMESPACES, "", "doomed") is None)
        wait_until(lambda: scene.follows(cache, *FIRST) and scene.follows(narrow, *FIRST))
        assert not [row for row in cache.list(PODS).objects if row.namespace == "doomed"]


@MODES
def test_a_storm_of_pods_is_followed_without_a_relist(scene: Scene, streams: bool) -> None:
    manifests = [pod(f"storm-{number}") for number in range(STORM)]
    with scene.cache(streams=streams) as (cache, api):
        wait_until(lambda: scene.follows(cache, *FIRST, *SECOND))
        asked = len(api.asked)
        made = scene.admin.load(manifests)
        wait_until(lambda: scene.follows(cache, PODS), within_s=60)
        assert cache.sums_by_node()["n1"].requests.cpu_m == 10 * STORM
        for manifest in made:
            scene.admin.delete(manifest, grace_s=0)
        wait_until(lambda: scene.follows(cache, PODS), within_s=60)
        assert cache.sums_by_node() == PodSums(cache.list(PODS).objects).by_node()
        # In a storm the watch may end in order; then it goes on from where it was, and nothing else is asked.
        assert set(api.asked[asked:]) <= {("watch", PODS.path())}
        assert (cache.counts().relists, cache.counts().errors) == (0, 0)


def test_one_who_may_see_one_namespace_sees_that_one(scene: Scene, pods: Pods) -> None:
    pods(2)
    with scene.cache("team", home_namespace="default") as (cache, _):
        wait_until(lambda: isinstance(cache.state(PODS), Partial) and isinstance(cache.state(SERVICES), Partial))
        assert held(cache, PODS) == scene.truth(PODS, "default")
        assert isinstance(cache.state(NODES), Forbidden)
        assert isinstance(cache.state(NAMESPACES), Forbidden)
        pods(1)
        wait_until(lambda: held(cache, PODS) == scene.truth(PODS, "default"))


def test_one_who_may_see_nothing_is_told_so_and_asks_little(scene: Scene) -> None:
    clock = FakeClock()
    with scene.cache("nobody", clock=clock, home_namespace="default") as (cache, api):
        wait_until(lambda: {type(cache.state(kind)) for kind in (*FIRST, *SECOND)} == {Forbidden})
        assert len(api.asked) <= 2 * len((*FIRST, *SECOND))
        assert cache.object_count(cache.kinds()) == 0


@pytest.mark.parametrize("off_s", [-600, 600])
def test_a_clock_that_is_ten_minutes_off_is_no_matter(scene: Scene, pods: Pods, off_s: int) -> None:
    pods(2)

    class Off(SystemClock):
        def now_s(self) -> float:
            return super().now_s() + off_s

    with scene.cache(clock=Off()) as (cache, _):
        wait_until(lambda: scene.follows(cache, *FIRST))
        wait_until(lambda: cache.state(SECOND[0]) == Live())
        assert overview(cache).pods.total == 2


def test_after_a_sleep_the_rows_are_as_old_as_they_are_and_then_followed_again(scene: Scene, pods: Pods) -> None:
    first, *_ = pods(3)
    clock = FakeClock()
    asleep = Fault("asleep", line=hold_line, answer=say_nothing, open_watch=lambda _: None)
    with scene.proxy() as proxy, scene.cache(url=proxy.url, clock=clock, hurry=100, streams=True) as (cache, _):
        wait_until(lambda: scene.follows(cache, *FIRST))
        rows, fell_asleep_s = held(cache, PODS), clock.now_s()
        proxy.strike(asleep)
        scene.admin.delete(first, grace_s=0)
        pods(1)
        clock.advance(1800)
        wait_until(lambda: isinstance(cache.state(PODS), Stale))  # minutes without a byte, in a hurry
        state = cache.state(PODS)
        assert isinstance(state, Stale)
        assert state.since_s <= fell_asleep_s
        assert held(cache, PODS) == rows
        proxy.heal()
        proxy.hang_up_all()  # the other end has forgotten us
        comes_true(clock, lambda: scene.follows(cache, *FIRST), within_s=30)


def hold_line(exchange: Exchange, line: bytes) -> None:
    exchange.hold()
    exchange.line(line)


def say_nothing(exchange: Exchange) -> None:
    exchange.hold()
    exchange.cut()


def reason(cache: ClusterCache, kind: Kind[Any]) -> str:
    return str(getattr(cache.state(kind), "reason", ""))


def comes_true(clock: FakeClock, true: Callable[[], object], *, within_s: float) -> None:
    """Let the time pass, a second at a time, until it is true."""
    until_s = clock.monotonic_s() + within_s
    while not settled(true):
        assert clock.monotonic_s() < until_s, "it never came true"
        clock.advance(1)


def settled(true: Callable[[], object], within_s: float = 0.05) -> bool:
    """Whether it comes true in a moment."""
    deadline_s = time.monotonic() + within_s
    pause = threading.Event()
    while not true():
        if time.monotonic() > deadline_s:
            return False
        pause.wait(0.005)
    return True
