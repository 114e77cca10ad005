"""Nodes and pods as rows, sorting, the truth about everything, metrics, and YAML for a person."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.objects.kinds import CLAIMS, EVENTS, NODE_METRICS, NODES, POD_METRICS, PODS, SERVICES, Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Off,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
)
from kite_tui.queries.manifest import MASK, readable
from kite_tui.queries.metrics import FRESH_S, metrics_of
from kite_tui.queries.narrowed import Narrowed
from kite_tui.queries.nodes import node_rows, one_node, pods_on
from kite_tui.queries.pods import pod_rows
from kite_tui.queries.sorting import NODE_SORTS, POD_SORTS, node_sort_key, pod_sort_key
from kite_tui.queries.truth import truth
from tests.queries.making import NOW_S, Json, ago, node, node_usage, pod, reader, service

FORBIDDEN = Forbidden("list", "the whole cluster")


# -- nodes ----------------------------------------------------------------------------------------------------------


def test_a_node_s_row_adds_up_the_pods_that_hold_and_shows_the_finished_apart() -> None:
    found = reader(
        {
            NODES: [node("n", cpu="4", memory="8Gi"), node("idle")],
            PODS: [
                pod("a", on="n", requests={"cpu": "1500m", "memory": "1Gi", "ephemeral-storage": "1Gi"}),
                pod("b", on="n", phase="Pending", requests={"cpu": "3"}, limits={"cpu": "5"}),
                pod("c", on="n", phase="Succeeded", requests={"cpu": "3"}),
            ],
            NODE_METRICS: [node_usage("n", "250m", "1Gi")],
        }
    )
    row = one_node(found, "n")
    assert row is not None
    assert (row.holding, row.finished, row.pods_allocatable) == (2, 1, 110)
    assert (row.cpu.requests, row.cpu.limits, row.cpu.usage, row.cpu.free) == (4500, 5000, 250, -500)
    assert (row.memory.requests, row.memory.limits, row.memory.free) == (1 << 30, 0, 7 << 30)
    assert (row.ephemeral_storage.requests, row.ephemeral_storage.usage) == (1 << 30, None)
    assert {each.node.name for each in node_rows(found)} == {"n", "idle"}
    idle = one_node(found, "idle")
    assert idle is not None
    assert (idle.holding, idle.cpu.requests, idle.cpu.usage) == (0, 0, None)
    assert one_node(found, "nobody") is None
    assert {each.name for each in pods_on(found, "n")} == {"a", "b", "c"}


def test_where_pods_may_not_be_read_a_node_s_requests_are_unknown_and_its_size_and_usage_known() -> None:
    objects: dict[Kind[Any], list[Json]] = {NODES: [node("n")], NODE_METRICS: [node_usage("n", "1", "1Gi")]}
    found = reader(objects, {PODS: FORBIDDEN})
    for row in (*node_rows(found), one_node(found, "n")):
        assert row is not None
        assert (row.holding, row.finished, row.cpu.requests, row.memory.limits, row.cpu.free) == (None,) * 5
        assert (row.cpu.allocatable, row.cpu.usage) == (4000, 1000)


def test_extended_resources_stand_where_a_node_has_them_or_a_pod_on_it_wants_them() -> None:
    offers = {"cpu": "4", "nvidia.com/gpu": "8", "example.com/odd": "abc"}
    wants = pod("p", on="n", requests={"nvidia.com/gpu": "2", "gone.test/device": "1"}, limits={"nvidia.com/gpu": "2"})
    row = one_node(reader({NODES: [node("n", allocatable=offers)], PODS: [wants]}), "n")
    assert row is not None
    assert list(row.extended) == ["example.com/odd", "gone.test/device", "nvidia.com/gpu"]
    gpu, odd, gone = (row.extended[name] for name in ("nvidia.com/gpu", "example.com/odd", "gone.test/device"))
    assert (gpu.allocatable, gpu.requests, gpu.limits, gpu.free) == (8, 2, 2, 6)
    assert (odd.allocatable, odd.requests, odd.free) == (None, 0, None)
    assert (gone.allocatable, gone.requests, gone.limits) == (0, 1, 0)


def test_an_amount_that_nobody_can_read_is_unknown_in_its_row_only() -> None:
    pods = [pod("odd", on="n", requests={"cpu": "abc", "memory": "1Gi"}), pod("ok", on="n", requests={"cpu": "1"})]
    found = reader({NODES: [node("n")], PODS: pods})
    rows = {row.pod.name: row for row in pod_rows(found, found.list(PODS).objects)}
    assert (rows["odd"].cpu.requests, rows["odd"].memory.requests) == (None, 1 << 30)
    assert (rows["ok"].cpu.requests, rows["ok"].memory.requests, rows["ok"].cpu.limits) == (1000, 0, None)
    row = one_node(found, "n")
    assert row is not None
    assert (row.cpu.requests, row.memory.requests, row.unreadable) == (1000, 1 << 30, 1)


# -- sorting --------------------------------------------------------------------------------------------------------


def sorted_pods(found: MemoryReader, column: str, reverse: bool = False) -> list[str]:
    key = pod_sort_key(found, column, reverse)
    return [each.name for each in sorted(found.list(PODS).objects, key=key, reverse=reverse)]


def usage(name: str, cpu: str) -> Json:
    containers = [{"name": "app", "usage": {"cpu": cpu, "memory": "1Mi"}}]
    return {"metadata": {"name": name, "namespace": "shop"}, "timestamp": ago(9), "containers": containers}


def test_pods_sort_by_every_column_both_ways_with_the_unknown_last() -> None:
    found = reader(
        {
            PODS: [
                pod("p-10", on="n-2", requests={"cpu": "1"}, limits={"cpu": "2"}, age_s=10),
                pod("p-2", on="n-10", requests={"cpu": "2"}, age_s=20),
                pod("p-1", namespace="bank", requests={"cpu": "abc"}, age_s=30, phase="Pending"),
            ],
            POD_METRICS: [usage("p-2", "1m"), usage("p-10", "2m")],
        }
    )
    assert sorted_pods(found, "name") == ["p-1", "p-2", "p-10"]
    assert sorted_pods(found, "namespace") == ["p-1", "p-2", "p-10"]
    assert sorted_pods(found, "cpu") == ["p-10", "p-2", "p-1"]
    assert sorted_pods(found, "cpu", True) == ["p-2", "p-10", "p-1"]
    assert sorted_pods(found, "cpu_requests") == ["p-2", "p-10", "p-1"]
    assert sorted_pods(found, "cpu_requests", True) == ["p-10", "p-2", "p-1"]
    assert sorted_pods(found, "cpu_limits")[0] == "p-10"
    assert sorted_pods(found, "node") == ["p-10", "p-2", "p-1"]
    assert sorted_pods(found, "node", True) == ["p-2", "p-10", "p-1"]
    assert sorted_pods(found, "age") == ["p-10", "p-2", "p-1"]
    for column in POD_SORTS:
        assert len(sorted_pods(found, column)) == len(sorted_pods(found, column, True)) == 3
    with pytest.raises(KeyError):
        pod_sort_key(found, "colour", False)


def test_nodes_sort_by_shares_and_by_what_is_free() -> None:
    nodes = [node("n-10", cpu="10"), node("n-2", cpu="2"), node("n-1", cpu="abc")]
    pods = [pod("a", on="n-10", requests={"cpu": "4"}), pod("b", on="n-2", requests={"cpu": "1"})]
    found = reader({NODES: nodes, PODS: pods})

    def by(column: str, reverse: bool = False) -> list[str]:
        key = node_sort_key(found, found.sums_by_node(), column, reverse)
        return [each.name for each in sorted(found.list(NODES).objects, key=key, reverse=reverse)]

    assert by("name") == ["n-1", "n-2", "n-10"]
    assert by("cpu_requests") == ["n-2", "n-10", "n-1"]
    assert by("cpu_requests", True) == ["n-10", "n-2", "n-1"]
    assert by("cpu_free") == ["n-10", "n-2", "n-1"]
    assert by("cpu_size", True) == ["n-2", "n-10", "n-1"]
    for column in NODE_SORTS:
        assert len(by(column)) == len(by(column, True)) == 3


# -- narrowed -------------------------------------------------------------------------------------------------------


def test_a_narrowed_reader_answers_for_its_namespaces_and_for_the_cluster_s_own_kinds_whole() -> None:
    pods = [pod("a", on="n"), pod("b", namespace="bank", on="n"), pod("c", namespace="farm", on="n")]
    whole = reader({NODES: [node("n")], PODS: pods, SERVICES: [service("s"), service("s", namespace="farm")]})
    narrow = Narrowed(whole, ["shop", "bank", "shop"])
    assert narrow.head.namespaces == ("bank", "shop")
    assert sorted(each.name for each in narrow.list(PODS).objects) == ["a", "b"]
    assert len(narrow.list(SERVICES).objects) == len(narrow.list(NODES).objects) == 1
    assert sorted(each.name for each in narrow.by_index(PODS, "spec.nodeName", "n")) == ["a", "b"]
    assert narrow.sums_by_node()["n"].holding == 2
    assert set(narrow.counts_by_namespace()) == {"bank", "shop"}
    assert narrow.get(PODS, "farm", "c") is not None
    assert narrow.state(PODS) == whole.state(PODS)
    assert narrow.now_s() == NOW_S


# -- the truth ------------------------------------------------------------------------------------------------------

FROM_WORST = (
    Auth("refused"),
    Stale(5.0, "gone"),
    Failed("refused"),
    Syncing(4),
    Partial(1, 2),
    FORBIDDEN,
    Absent(),
    Polling(1.0),
    Live(),
)


@pytest.mark.parametrize("place", range(len(FROM_WORST)))
def test_the_worst_state_speaks_for_all_and_names_whom_it_is_true_of(place: int) -> None:
    kinds: tuple[Kind[Any], ...] = (PODS, NODES, SERVICES)
    states: dict[Kind[Any], State] = {PODS: FROM_WORST[-1], NODES: FROM_WORST[place], SERVICES: Off()}
    verdict = truth(MemoryReader(reader({}).head, {}, states), kinds)
    assert verdict.state == FROM_WORST[place]
    assert verdict.kinds == 2
    assert verdict.what == ("pods, nodes" if place == len(FROM_WORST) - 1 else "nodes")


def test_of_alike_states_the_one_that_says_most_speaks() -> None:
    states: dict[Kind[Any], State] = {PODS: Stale(9.0, "late"), NODES: Stale(3.0, "early"), EVENTS: Live()}
    assert truth(MemoryReader(reader({}).head, {}, states), states).state == Stale(3.0, "early")
    states = {PODS: Syncing(100), NODES: Syncing(3)}
    assert truth(MemoryReader(reader({}).head, {}, states), states).state == Syncing(100)
    states = {PODS: Partial(3, 9), CLAIMS: Partial(2, 9)}
    assert truth(MemoryReader(reader({}).head, {}, states), states).state == Partial(2, 9)


def test_a_part_that_is_stale_speaks_as_a_whole_that_is() -> None:
    partly = Partial(2, 9, "a: cut", stale_since_s=3.0)
    states: dict[Kind[Any], State] = {PODS: partly, NODES: Stale(9.0, "late"), EVENTS: Failed("refused")}
    assert truth(MemoryReader(reader({}).head, {}, states), states).state == partly
    states = {PODS: partly, NODES: Partial(1, 9), EVENTS: Failed("refused")}
    assert truth(MemoryReader(reader({}).head, {}, states), states).state == partly


def test_where_nothing_is_read_the_truth_is_that() -> None:
    assert truth(reader({}), [PODS]).state == Off()


# -- metrics --------------------------------------------------------------------------------------------------------


def test_metrics_are_as_old_as_their_newest_sample() -> None:
    samples = [node_usage("a", "1", "1", sampled_s=FRESH_S + 1), node_usage("b", "1", "1", sampled_s=FRESH_S)]
    fresh = metrics_of(reader({NODE_METRICS: samples}), NODE_METRICS)
    assert (fresh.sampled_s, fresh.samples, fresh.is_stale(NOW_S)) == (NOW_S - FRESH_S, 2, False)
    assert metrics_of(reader({NODE_METRICS: samples[:1]}), NODE_METRICS).is_stale(NOW_S)
    none = metrics_of(reader({NODE_METRICS: []}), NODE_METRICS)
    assert (none.sampled_s, none.is_stale(NOW_S)) == (None, False)
    assert metrics_of(reader({}, {NODE_METRICS: Absent()}), NODE_METRICS).state == Absent()


# -- YAML -----------------------------------------------------------------------------------------------------------


def test_a_secret_is_readable_without_its_values() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": "hush", "long": "h" * 257, "short": "seen"}
    secret = {
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": annotations, "managedFields": [{}]},
        "data": {"key": "aHVzaA=="},
        "stringData": {"other": "hush"},
    }
    shown = readable(secret)
    assert shown["data"] == {"key": MASK}
    assert shown["stringData"] == {"other": MASK}
    assert shown["metadata"]["annotations"] == {
        "kubectl.kubernetes.io/last-applied-configuration": MASK,
        "long": MASK,
        "short": "seen",
    }
    assert "managedFields" not in shown["metadata"]
    assert secret["data"] == {"key": "aHVzaA=="}
    assert readable({"kind": "Secret", "data": ["odd", "hush"]})["data"] == MASK


def test_other_objects_are_readable_whole_but_for_managed_fields() -> None:
    config = {"kind": "ConfigMap", "metadata": {"name": "c", "managedFields": []}, "data": {"key": "value"}}
    assert readable(config) == {"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"key": "value"}}
    assert readable({"kind": "Pod", "metadata": None}) == {"kind": "Pod", "metadata": None}
