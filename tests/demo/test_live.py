from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict

import msgspec
import pytest

from kite_tui.demo.cluster import Cluster
from kite_tui.demo.generate import generate
from kite_tui.demo.live import Life
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.resources import CUSTOM, REPLICASETS, STORED
from kite_tui.objects.kinds import EVENTS, NODES, PODS
from tests.demo.conftest import NOW_S
from tests.demo.test_generate import assert_counts_follow_pods


def lived(steps: int, seed: int = 1) -> Cluster:
    clock = [NOW_S]
    cluster = generate(DemoOptions(seed=seed), lambda: clock[0])
    life = Life(cluster)
    for _ in range(steps):
        clock[0] += 0.2
        life.step()
    return cluster


@pytest.fixture(scope="module")
def old() -> Cluster:
    return lived(3000)


def test_counts_of_workloads_still_follow_their_pods_after_many_changes(old: Cluster) -> None:
    assert_counts_follow_pods(old)


def test_what_nodes_count_is_what_their_pods_request(old: Cluster) -> None:
    held: Counter[str] = Counter()
    for group in old.groups:
        for pod in group.pods.values():
            if pod.holds:
                held[pod.node] += pod.template.requests.cpu_m
    assert {node.name: node.used.cpu_m for node in old.nodes.values() if node.used.cpu_m} == dict(held)
    assert all(node.used.cpu_m <= node.allocatable.cpu_m for node in old.nodes.values())


def test_the_cluster_keeps_its_size_and_health(old: Cluster) -> None:
    pods = [item.thing for item in old.world.snapshot(PODS)[1].items]
    assert 450 < len(pods) < 550
    assert sum(pod.field("status.phase") == "Running" for pod in pods) > 400
    assert len(old.world.snapshot(EVENTS)[1].items) < 400


def test_everything_that_should_change_changes(old: Cluster) -> None:
    seen = {
        (plural, event.kind) for plural, table in old.world.tables.items() for event in table.since(table.end()) or ()
    }
    for table in old.world.tables.values():
        seen |= {(table.kind.plural, event.kind) for event in table.since(table.position(table.oldest)) or ()}
    assert seen >= {
        ("pods", "ADDED"),
        ("pods", "MODIFIED"),
        ("pods", "DELETED"),
        ("nodes", "MODIFIED"),
        ("events", "ADDED"),
        ("events", "MODIFIED"),
        ("replicasets.apps", "ADDED"),
        ("deployments.apps", "MODIFIED"),
        ("jobs.batch", "ADDED"),
        ("jobs.batch", "DELETED"),
        ("endpointslices.discovery.k8s.io", "MODIFIED"),
        ("leases.coordination.k8s.io", "MODIFIED"),
    }


def test_in_a_rollout_the_new_replicaset_grows_while_the_old_one_shrinks(old: Cluster) -> None:
    table = old.world.tables[REPLICASETS.plural]
    wanted: dict[str, list[int]] = defaultdict(list)  # replicas by ReplicaSet, as its watch told them
    siblings: dict[str, list[str]] = defaultdict(list)
    for event in table.since(table.position(table.oldest)) or ():
        if event.kind == "DELETED":
            continue
        document = msgspec.json.decode(event.body())
        uid = document["metadata"]["uid"]
        if not wanted[uid]:
            siblings[document["metadata"]["ownerReferences"][0]["uid"]].append(uid)
        if wanted[uid][-1:] != [document["spec"]["replicas"]]:
            wanted[uid].append(document["spec"]["replicas"])
    growing = [series for series in wanted.values() if series[0] == 0 and len(series) > 2 and series == sorted(series)]
    shrinking = [series for series in wanted.values() if series[-1] == 0 and series == sorted(series, reverse=True)]
    assert growing
    assert any(
        wanted[new] in growing and wanted[before] in shrinking and wanted[new][-1] == wanted[before][0] > 0
        for uids in siblings.values()
        for new in uids
        for before in uids
    )


def test_the_same_seed_lives_the_same_life() -> None:
    def written(cluster: Cluster) -> list[bytes]:
        return [item.body() for kind in STORED + CUSTOM for item in cluster.world.snapshot(kind)[1].items]

    assert written(lived(400, seed=3)) == written(lived(400, seed=3))


class Clock:
    """A clock that only waiting moves on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Stop(threading.Event):
    """An event that is set once the clock that its waiting moves on has reached the end."""

    def __init__(self, clock: Clock, end_s: float) -> None:
        super().__init__()
        self._clock = clock
        self._end_s = end_s

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now_s += timeout or 0.0
        if self._clock.now_s >= self._end_s:
            self.set()
        return self.is_set()


def test_changes_come_at_the_rate_asked_for() -> None:
    cluster = generate(DemoOptions(), time.time)
    before, clock = cluster.world.revision, Clock()
    Life(cluster).run(5.0, Stop(clock, 60.0), clock)
    assert 290 <= cluster.world.revision - before <= 310


def test_heartbeats_reach_nodes(old: Cluster) -> None:
    assert any(node.heartbeat_s > NOW_S for node in old.nodes.values())
    assert len(old.world.snapshot(NODES)[1].items) == 12
