"""The overview: each number by its rule, each with the state of what it was counted from."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.objects.kinds import (
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    PODS,
    SERVICES,
    Kind,
)
from kite_tui.objects.reader import Head
from kite_tui.objects.states import Absent, Failed, Forbidden, Live, Partial, Stale, State, Syncing
from kite_tui.queries.narrowed import Narrowed
from kite_tui.queries.overview import Overview, overview
from tests.queries.making import NOW_S, Json, ago, condition, meta, node, node_usage, pod, reader, service

FORBIDDEN = Forbidden("list", "the whole cluster", "nobody may")
UNREADABLE = (FORBIDDEN, Syncing(3), Absent(), Failed("refused"))


def ask(objects: dict[Kind[Any], list[Json]], states: dict[Kind[Any], State] | None = None) -> Overview:
    return overview(reader(objects, states))


def test_nodes_are_ready_not_ready_or_unknown_and_cordoned_and_pressed_beside_that() -> None:
    pressed = [condition("DiskPressure", "True"), condition("PIDPressure", "True")]
    found = ask(
        {
            NODES: [
                node("a", unschedulable=True),
                node("b", conditions=pressed),
                node("c", ready="False"),
                node("d", ready="Unknown"),
                node("e", ready="", conditions=[condition("NetworkUnavailable", "True")]),
            ]
        }
    ).nodes
    assert (found.total, found.ready, found.not_ready, found.unknown) == (5, 2, 1, 2)
    assert (found.cordoned, found.pressure) == (1, 2)


def test_every_pod_is_in_one_of_seven_counts() -> None:
    found = ask(
        {
            NODES: [node("n")],
            PODS: [
                pod("ready", on="n"),
                pod("not-ready", on="n", ready="False"),
                pod("pending", phase="Pending"),
                pod("done", phase="Succeeded", on="n"),
                pod("failed", phase="Failed", on="n"),
                pod("leaving", on="n", deleted_s=5),
                pod("done-and-deleted", phase="Succeeded", on="n", deleted_s=5),
                pod("lost", phase="Unknown", on="n"),
                pod("empty", phase="", on="n"),
                pod("foreign", phase="Dreaming", on="n"),
            ],
        }
    ).pods
    assert found.total == 10
    assert (found.running_ready, found.not_ready, found.pending, found.succeeded) == (1, 1, 1, 2)
    assert (found.failed, found.terminating, found.unknown) == (1, 1, 3)
    assert found.healthy == 3


def test_a_pod_that_holds_on_a_node_that_is_gone_is_orphaned_and_left_out_of_the_sums() -> None:
    found = ask(
        {
            NODES: [node("n")],
            PODS: [
                pod("here", on="n", requests={"cpu": "1"}),
                pod("gone", on="old", requests={"cpu": "2"}),
                pod("finished", on="old", phase="Failed", requests={"cpu": "4"}),
            ],
        }
    )
    assert found.pods.orphaned == 1
    assert found.cpu.requests == 1000


def test_orphaned_is_not_known_where_nodes_are_not() -> None:
    assert ask({PODS: [pod("p", on="n")]}, {NODES: FORBIDDEN}).pods.orphaned is None


def test_waiting_is_what_unscheduled_pending_pods_ask_for_that_stay() -> None:
    cpu: Json = {"requests": {"cpu": "1", "memory": "1Gi"}}
    found = ask(
        {
            NODES: [node("n")],
            PODS: [
                pod("waits", phase="Pending", **cpu),
                pod("bound", phase="Pending", on="n", **cpu),
                pod("leaving", phase="Pending", deleted_s=3, **cpu),
                pod("failed", phase="Failed", **cpu),
            ],
        }
    )
    assert (found.cpu.waiting, found.memory.waiting) == (1000, 1 << 30)
    assert found.cpu.requests == 1000


def test_largest_free_is_of_a_schedulable_node_and_of_each_resource_by_itself() -> None:
    found = ask(
        {
            NODES: [
                node("empty-but-cordoned", cpu="64", memory="64Gi", unschedulable=True),
                node("down", cpu="64", memory="64Gi", ready="False"),
                node("cpu", cpu="8", memory="8Gi"),
                node("memory", cpu="4", memory="16Gi"),
            ],
            PODS: [pod("p", on="cpu", requests={"cpu": "3500m", "memory": "1Gi"})],
        }
    )
    assert found.cpu.largest_free is not None
    assert (found.cpu.largest_free.node, found.cpu.largest_free.free) == ("cpu", 4500)
    assert found.memory.largest_free is not None
    assert (found.memory.largest_free.node, found.memory.largest_free.free) == ("memory", 16 << 30)
    assert (found.cpu.allocatable, found.cpu.schedulable) == (140_000, 12_000)


def test_nothing_is_the_largest_free_where_no_node_is_schedulable() -> None:
    assert ask({NODES: [node("n", ready="False")], PODS: []}).cpu.largest_free is None


@pytest.mark.parametrize("state", [Partial(1, 3), *UNREADABLE])
def test_the_largest_free_is_not_known_where_some_pods_may_be_unread(state: State) -> None:
    assert ask({NODES: [node("n")], PODS: []}, {PODS: state}).cpu.largest_free is None


def test_limits_of_pods_without_any_are_no_part_of_the_sum() -> None:
    pods = [pod("a", on="n", limits={"cpu": "2", "memory": "1Gi"}), pod("b", on="n")]
    found = ask({NODES: [node("n")], PODS: pods})
    assert (found.cpu.limits, found.memory.limits) == (2000, 1 << 30)
    assert found.cpu.requests == 0


def test_extended_resources_are_summed_by_name_and_left_out_where_nobody_has_or_wants_any() -> None:
    offers = {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "8", "hugepages-2Mi": "0"}
    gpus: Json = {"requests": {"nvidia.com/gpu": "2"}}
    pods = [pod("a", on="n", **gpus), pod("b", phase="Pending", **gpus), pod("c", on="gone", **gpus)]
    found = ask({NODES: [node("n", allocatable=offers), node("m")], PODS: pods}).extended
    assert list(found) == ["nvidia.com/gpu"]
    gpu = found["nvidia.com/gpu"]
    assert (gpu.allocatable, gpu.requests, gpu.waiting) == (8, 2, 2)


def test_usage_is_the_sum_of_samples_and_unknown_without_one() -> None:
    nodes = [node("a"), node("b")]
    samples = [node_usage("a", "1500000001n", "1Gi"), node_usage("b", "abc", "1Gi")]
    found = ask({NODES: nodes, PODS: [], NODE_METRICS: samples})
    assert (found.cpu.usage, found.memory.usage) == (1501, 2 << 30)
    assert found.metrics.sampled_s == NOW_S - 20
    assert ask({NODES: nodes, PODS: [], NODE_METRICS: []}).cpu.usage is None
    assert ask({NODES: nodes, PODS: []}, {NODE_METRICS: Absent()}).cpu.usage is None


def test_usage_is_of_the_nodes_listed_and_the_nodes_without_a_sample_are_counted() -> None:
    samples = [node_usage("a", "1", "1Gi"), node_usage("gone", "7", "7Gi", sampled_s=1)]
    found = ask({NODES: [node("a"), node("b")], PODS: [], NODE_METRICS: samples})
    assert (found.cpu.usage, found.memory.usage) == (1000, 1 << 30)
    assert (found.metrics.samples, found.metrics.of, found.metrics.sampled_s) == (1, 2, NOW_S - 20)
    assert found.metrics.note(NOW_S) == "1 of 2 nodes have a sample"
    unlisted = ask({PODS: [], NODE_METRICS: samples}, {NODES: FORBIDDEN})
    assert (unlisted.cpu.usage, unlisted.metrics.note(NOW_S)) == (8000, "")


GPU = "nvidia.com/gpu"


def test_an_extended_amount_that_nobody_can_read_is_unknown_and_said() -> None:
    wants = pod("p", on="n", requests={GPU: "1"})
    found = ask({NODES: [node("n", allocatable={GPU: "abc"})], PODS: [wants]}).extended[GPU]
    assert (found.allocatable, found.requests, found.waiting) == (None, 1, 0)
    assert found.reason == "1 node has an amount that can't be read and is left out"
    offers = [node("n", allocatable={GPU: "8"}), node("m", allocatable={GPU: "abc"})]
    odd = [pod("p", on="n", requests={GPU: "abc"}), pod("q", phase="Pending", requests={GPU: "abc"})]
    found = ask({NODES: offers, PODS: odd}).extended[GPU]
    assert (found.allocatable, found.requests, found.waiting) == (8, None, None)
    assert found.reason == (
        "2 pods have an amount that can't be read and is left out; "
        "1 node has an amount that can't be read and is left out"
    )
    found = ask({NODES: offers[:1], PODS: [pod("r", on="n", requests={GPU: "1"}), odd[0]]}).extended[GPU]
    assert (found.requests, found.waiting) == (1, 0)


def test_a_node_with_a_request_that_nobody_can_read_is_not_the_largest_free() -> None:
    objects: dict[Kind[Any], list[Json]] = {
        NODES: [node("big", cpu="8"), node("small", cpu="2")],
        PODS: [pod("odd", on="big", requests={"cpu": "abc"})],
    }
    largest = ask(objects).cpu.largest_free
    assert largest is not None
    assert (largest.node, largest.free) == ("small", 2000)


@pytest.mark.parametrize("state", UNREADABLE)
def test_a_kind_that_is_not_readable_makes_its_own_numbers_unknown_and_no_others(state: State) -> None:
    everything: dict[Kind[Any], list[Json]] = {
        NODES: [node("n")],
        PODS: [pod("p", on="n")],
        NAMESPACES: [{"metadata": meta("shop"), "status": {"phase": "Active"}}],
        SERVICES: [service("web")],
    }
    whole = ask(everything)
    for kind in everything:
        found = ask({k: v for k, v in everything.items() if k != kind}, {kind: state})
        parts: dict[Kind[Any], Any] = {
            NODES: found.nodes,
            PODS: found.pods,
            NAMESPACES: found.namespaces,
            SERVICES: found.services,
        }
        for other, part in parts.items():
            assert (part.total is None) == (other == kind)
            assert part.state == (state if other == kind else Live())
    unread = ask({PODS: everything[PODS]}, {NODES: state})
    assert unread.cpu.state == state
    assert (unread.cpu.allocatable, unread.cpu.schedulable, unread.cpu.largest_free) == (None, None, None)
    assert unread.cpu.requests == whole.cpu.requests
    assert "nodes can't be read" in (unread.cpu.reason or "")
    unread = ask({NODES: everything[NODES]}, {PODS: state})
    assert unread.cpu.state == state
    assert (unread.cpu.requests, unread.cpu.limits, unread.cpu.waiting) == (None, None, None)
    assert unread.cpu.allocatable == 4000


def test_a_total_made_of_two_kinds_stands_on_the_worse_state() -> None:
    stale, partial = Stale(1.0, "refused"), Partial(1, 2)
    objects: dict[Kind[Any], list[Json]] = {NODES: [node("n")], PODS: []}
    assert ask(objects, {NODES: stale}).cpu.state == stale
    assert ask(objects, {PODS: partial}).cpu.state == partial
    assert ask(objects).cpu.state == Live()


def test_what_nobody_can_read_is_left_out_and_said_and_changes_no_other_number() -> None:
    odd = pod("odd", on="n", requests={"cpu": "abc", "memory": "1Gi"})
    good = pod("good", on="n", requests={"cpu": "1", "memory": "1Gi"})
    found = ask({NODES: [node("n"), node("m", cpu="lots")], PODS: [odd, good]})
    assert (found.cpu.requests, found.memory.requests) == (1000, 2 << 30)
    assert found.cpu.allocatable == 4000
    assert found.memory.allocatable == 16 << 30
    assert found.cpu.reason == (
        "1 pod has an amount that can't be read and is left out; 1 node has an amount that can't be read and is left "
        "out"
    )


def test_an_allocatable_that_no_node_tells_is_unknown_and_not_zero() -> None:
    found = ask({NODES: [node("n", allocatable={}), node("m", cpu="?", memory="?")], PODS: []})
    assert (found.cpu.allocatable, found.memory.allocatable, found.cpu.schedulable) == (None, None, None)
    assert ask({NODES: [], PODS: []}).cpu.allocatable == 0


def test_services_are_counted_by_type_and_headless_ones_apart() -> None:
    services = [service("a"), service("b", ip="None"), service("c", kind="LoadBalancer")]
    found = ask({SERVICES: services}).services
    assert (found.total, found.headless, found.by_type) == (3, 1, {"ClusterIP": 2, "LoadBalancer": 1})


def test_namespaces_that_go_are_counted() -> None:
    spaces = [
        {"metadata": meta(name), "status": {"phase": phase}} for name, phase in (("a", "Active"), ("b", "Terminating"))
    ]
    found = ask({NAMESPACES: spaces}).namespaces
    assert (found.total, found.terminating) == (2, 1)


def test_narrowed_to_namespaces_everything_but_the_cluster_s_own_is_of_them() -> None:
    objects: dict[Kind[Any], list[Json]] = {
        NODES: [node("n")],
        PODS: [
            pod("a", on="n", namespace="shop", requests={"cpu": "1"}),
            pod("b", on="n", namespace="bank", requests={"cpu": "2"}),
            pod("w", phase="Pending", namespace="bank", requests={"cpu": "2"}),
            pod("o", on="gone", namespace="bank"),
        ],
        SERVICES: [service("web"), service("db", namespace="bank"), service("prometheus", namespace="bank")],
    }
    found = overview(Narrowed(reader(objects), ["shop", "shop"]))
    assert found.head.namespaces == ("shop",)
    assert (found.pods.total, found.pods.orphaned, found.services.total, found.nodes.total) == (1, 0, 1, 1)
    assert (found.cpu.requests, found.cpu.waiting, found.cpu.allocatable) == (1000, 0, 4000)
    assert found.cpu.largest_free is None
    assert "namespaces shown only" in (found.cpu.reason or "")
    both = overview(Narrowed(reader(objects), ["bank", "shop"]))
    assert (both.pods.total, both.pods.orphaned, both.cpu.requests) == (4, 1, 3000)


def test_warnings_are_of_type_warning_newest_first_and_the_time_nobody_told_is_last() -> None:
    def event(name: str, *, kind: str = "Warning", **more: Any) -> Json:
        about = {"kind": "Pod", "namespace": "shop", "name": "p"}
        metadata = {"name": name, "namespace": "shop", "uid": name}
        return {"metadata": metadata, "type": kind, "reason": "R", "involvedObject": about, **more}

    found = ask(
        {
            EVENTS: [
                event("no-time"),
                event("old", lastTimestamp=ago(100), count=4),
                event("series", lastTimestamp=ago(500), series={"lastObservedTime": ago(5), "count": 9}, count=2),
                event("micro", eventTime=ago(50), firstTimestamp=ago(70)),
                event("normal", kind="Normal", lastTimestamp=ago(1)),
            ]
        }
    ).warnings
    assert [(e.name, e.count) for e in found] == [("series", 9), ("micro", 1), ("old", 4), ("no-time", 1)]


def test_kinds_in_which_nothing_could_be_searched_are_named_unless_nobody_serves_them() -> None:
    states: dict[Kind[Any], State] = {DEPLOYMENTS: FORBIDDEN, EVENTS: Absent()}
    readable: dict[Kind[Any], list[Json]] = {kind: [] for kind in (NODES, PODS, NAMESPACES)}
    found = [(kind.plural, type(state).__name__) for kind, state in ask(readable, states).not_searched]
    assert found[0] == ("deployments.apps", "Forbidden")
    assert "events" not in dict(found)
    assert "pods" not in dict(found)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"labels": {"app.kubernetes.io/name": "prometheus"}, "ports": [{"name": "x", "port": 9090}]}, "shop/s:9090"),
        ({"labels": {"app.kubernetes.io/name": "prometheus"}, "ports": [{"name": "web", "port": 80}]}, "shop/s:80"),
        ({"labels": {"app.kubernetes.io/name": "prometheus"}, "ports": [{"name": "http", "port": 81}]}, "shop/s:81"),
        ({"labels": {"app.kubernetes.io/name": "prometheus"}, "ports": [{"name": "grpc", "port": 10901}]}, None),
        ({"labels": {"app": "prometheus"}, "ports": [{"name": "web", "port": 9090}]}, None),
    ],
)
def test_prometheus_is_a_service_with_its_label_and_its_web_port(fields: Any, where: str | None) -> None:
    found = ask({SERVICES: [service("s", **fields)]}).prometheus
    assert (found.found, found.where) == (where is not None, where)


@pytest.mark.parametrize("name", ["prometheus-operated", "prometheus-k8s", "prometheus-server", "prometheus"])
def test_prometheus_is_known_by_its_usual_names_too(name: str) -> None:
    found = ask({SERVICES: [service(name, ports=[{"port": 9090}]), service("prometheus-x", ports=[{"port": 9090}])]})
    assert found.prometheus.where == f"shop/{name}:9090"


def test_a_prometheus_that_was_not_found_in_a_part_of_the_cluster_may_be_in_another() -> None:
    head = Head("c", "s", None, namespaces=("shop",))
    assert overview(reader({SERVICES: []}, head=head)).prometheus.found is None
    assert ask({SERVICES: []}, {SERVICES: Partial(1, 3)}).prometheus.found is None
    assert ask({SERVICES: []}, {SERVICES: FORBIDDEN}).prometheus.found is None
    assert ask({SERVICES: []}).prometheus.found is False
