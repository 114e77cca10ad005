"""The documents that scripts rely on: keys in their order, types, and null for what isn't known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kite_tui.objects.kinds import EVENTS, NAMESPACES, NODE_METRICS, NODES, POD_METRICS, PODS, SERVICES, Kind
from kite_tui.objects.reader import Head
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
from kite_tui.queries import documents
from kite_tui.queries.metrics import metrics_of
from kite_tui.queries.nodes import node_rows
from kite_tui.queries.overview import overview
from kite_tui.queries.pods import pod_rows
from tests.queries.making import HEAD, NOW_S, Json, ago, condition, meta, node, node_usage, owner, pod, reader, service

HEAD_KEYS = "schema kind context server version namespaces_shown as_of"
POD_KEYS = (
    "namespace name uid phase status ready restarts restarted_at node ip qos owner age_s holds cpu memory extended why"
)
NODE_KEYS = (
    "name uid status ready cordoned pressure roles version internal_ip os_image kernel runtime architecture "
    "instance_type zone age_s taints pods cpu memory ephemeral_storage extended"
)

EVENT: Json = {
    "metadata": {"name": "e", "namespace": "shop", "uid": "e"},
    "type": "Warning",
    "reason": "BackOff",
    "message": "again",
    "count": 4,
    "lastTimestamp": ago(5),
    "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "p"},
}


def an_overview(states: dict[Kind[Any], State] | None = None, head: Head = HEAD) -> Json:
    objects: dict[Kind[Any], list[Json]] = {
        NODES: [
            node("n", allocatable={"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"}),
            node("down", ready="False"),
        ],
        PODS: [pod("p", on="n", requests={"cpu": "1"})],
        NAMESPACES: [{"metadata": meta("shop"), "status": {"phase": "Active"}}],
        SERVICES: [service("prometheus", ports=[{"port": 9090}])],
        NODE_METRICS: [node_usage("n", "1", "1Gi")],
        EVENTS: [EVENT],
    }
    kept = {kind: many for kind, many in objects.items() if kind not in (states or {})}
    return documents.overview_document(overview(reader(kept, states, head=head)))


def test_the_overview_s_keys_and_their_order_are_the_contract_s() -> None:
    found = an_overview()
    parts = "nodes pods namespaces services cpu memory extended metrics prometheus problems warnings not_searched"
    assert " ".join(found) == f"{HEAD_KEYS} {parts}"
    keys = {part: " ".join(found[part]) for part in parts.split() if isinstance(found[part], dict)}
    assert keys == {
        "nodes": "state reason total ready not_ready unknown cordoned pressure",
        "pods": "state reason total healthy running_ready not_ready pending succeeded failed terminating unknown "
        "orphaned",
        "namespaces": "state reason total terminating",
        "services": "state reason total headless by_type",
        "cpu": "state reason allocatable_m schedulable_m requests_m limits_m waiting_m usage_m largest_free",
        "memory": "state reason allocatable_b schedulable_b requests_b limits_b waiting_b usage_b largest_free",
        "extended": "nvidia.com/gpu",
        "metrics": "state reason sampled_at",
        "prometheus": "state reason found where",
    }
    assert found["cpu"]["largest_free"] == {"node": "n", "free_m": 3000}
    assert found["memory"]["largest_free"] == {"node": "n", "free_b": 8 << 30}
    assert list(found["extended"]["nvidia.com/gpu"].items()) == [
        ("state", "ok"),
        ("reason", None),
        ("allocatable", 1),
        ("requests", 0),
        ("waiting", 0),
    ]
    assert " ".join(found["problems"][0]) == "severity kind namespace name count what since"
    assert found["problems"][0]["namespace"] is None
    assert list(found["warnings"][0].items()) == [
        ("last_seen", ago(5)),
        ("count", 4),
        ("kind", "Pod"),
        ("namespace", "shop"),
        ("name", "p"),
        ("reason", "BackOff"),
        ("message", "again"),
    ]


def test_the_head_says_which_cluster_when_and_which_namespaces() -> None:
    found = an_overview(head=Head(None, "https://x", None, ("a", "b")))
    assert [found[key] for key in HEAD_KEYS.split()] == [1, "Overview", None, "https://x", None, ["a", "b"], ago(0)]
    assert an_overview()["namespaces_shown"] == "all"


def test_amounts_are_whole_numbers() -> None:
    found = an_overview()
    for part, unit in (("cpu", "m"), ("memory", "b")):
        for name in ("allocatable", "schedulable", "requests", "limits", "waiting", "usage"):
            assert type(found[part][f"{name}_{unit}"]) is int
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("state", "word", "reason"),
    [
        (Live(), "ok", None),
        (Polling(1.0), "ok", None),
        (Partial(2, 9, "bank: no"), "partial", "bank: no"),
        (Partial(2, None), "partial", "2 of ? namespaces"),
        (Forbidden("list", "x", "may not"), "forbidden", "may not"),
        (Forbidden("list", "the whole cluster"), "forbidden", "may not list (the whole cluster)"),
        (Absent(), "absent", "the server doesn't serve it"),
        (Failed("refused"), "failed", "refused"),
        (Auth("who?"), "failed", "who?"),
        (Stale(1.0, "cut"), "failed", "cut"),
        (Syncing(3), "failed", "still reading"),
        (Off(), "off", None),
    ],
)
def test_each_state_has_its_word_and_its_reason(state: State, word: str, reason: str | None) -> None:
    assert documents.state_word(state) == (word, reason)


def test_what_is_not_known_is_null_and_its_state_says_why() -> None:
    forbidden = Forbidden("list", "x", "may not")
    found = an_overview(dict.fromkeys((NODES, PODS, NAMESPACES, SERVICES, NODE_METRICS, EVENTS), forbidden))
    for part in ("nodes", "pods", "namespaces", "services", "cpu", "memory", "metrics", "prometheus"):
        assert found[part].pop("state") == "forbidden"
        assert found[part].pop("reason") == "may not"
        assert set(found[part].values()) == {None}, part
    assert (found["extended"], found["problems"], found["warnings"]) == ({}, [], [])
    named = {each["resource"]: each["state"] for each in found["not_searched"]}
    assert {name: named[name] for name in ("nodes", "pods", "events")} == dict.fromkeys(
        ("nodes", "pods", "events"), "forbidden"
    )
    assert list(found["not_searched"][0]) == ["resource", "state", "reason"]


def test_a_node_s_keys_types_and_units() -> None:
    offers = {"cpu": "3920m", "memory": "7Gi", "pods": "110", "nvidia.com/gpu": "2"}
    one = node(
        "n",
        allocatable=offers,
        capacity={"cpu": "4", "memory": "8Gi"},
        labels={
            "node-role.kubernetes.io/worker": "",
            "topology.kubernetes.io/zone": "a",
            "node.kubernetes.io/instance-type": "m",
        },
    )
    one["spec"]["taints"] = [{"key": "k", "effect": "NoSchedule"}]
    one["status"]["nodeInfo"] = {"kubeletVersion": "v1.35.4", "architecture": "arm64"}
    one["status"]["addresses"] = [{"type": "InternalIP", "address": "10.0.0.1"}]
    found = reader(
        {NODES: [one], PODS: [pod("p", on="n", requests={"cpu": "1"})], NODE_METRICS: [node_usage("n", "1", "1Gi")]}
    )
    made = documents.nodes_document(
        HEAD, NOW_S, found.state(PODS), metrics_of(found, NODE_METRICS), node_rows(found), []
    )
    assert " ".join(made) == f"{HEAD_KEYS} pods metrics items pod_items"
    assert made["kind"] == "Nodes"
    assert made["metrics"] == {"state": "ok", "reason": None, "sampled_at": ago(20)}
    (item,) = made["items"]
    assert " ".join(item) == NODE_KEYS
    del item["uid"]
    assert item == {
        "name": "n",
        "status": "Ready",
        "ready": True,
        "cordoned": False,
        "pressure": [],
        "roles": ["worker"],
        "version": "v1.35.4",
        "internal_ip": "10.0.0.1",
        "os_image": None,
        "kernel": None,
        "runtime": None,
        "architecture": "arm64",
        "instance_type": "m",
        "zone": "a",
        "age_s": 86400,
        "taints": [{"key": "k", "value": None, "effect": "NoSchedule"}],
        "pods": {"state": "ok", "reason": None, "holding": 1, "finished": 0, "allocatable": 110, "unreadable": 0},
        "cpu": {"capacity_m": 4000, "allocatable_m": 3920, "requests_m": 1000, "limits_m": 0, "usage_m": 1000},
        "memory": {
            "capacity_b": 8 << 30,
            "allocatable_b": 7 << 30,
            "requests_b": 0,
            "limits_b": 0,
            "usage_b": 1 << 30,
        },
        "ephemeral_storage": {"capacity_b": None, "allocatable_b": None, "requests_b": 0, "limits_b": 0},
        "extended": {"nvidia.com/gpu": {"allocatable": 2, "requests": 0, "limits": 0}},
    }
    assert "pod_items" not in documents.nodes_document(HEAD, NOW_S, Live(), metrics_of(found, NODE_METRICS), [])


def test_a_node_whose_pods_have_unreadable_requests_says_so_beside_its_sums() -> None:
    found = reader({NODES: [node("n"), node("m")], PODS: [pod("odd", on="n", requests={"cpu": "abc"})]})
    made = documents.nodes_document(HEAD, NOW_S, Live(), metrics_of(found, NODE_METRICS), node_rows(found))
    parts = {item["name"]: item["pods"] for item in made["items"]}
    assert parts["n"]["unreadable"] == 1
    assert (parts["n"]["state"], parts["n"]["reason"]) == (
        "partial",
        "1 pod has an amount that can't be read and is left out",
    )
    assert (parts["m"]["state"], parts["m"]["reason"], parts["m"]["unreadable"]) == ("ok", None, 0)


def test_samples_that_are_old_or_missing_are_said() -> None:
    old = reader({NODES: [node("n")], NODE_METRICS: [node_usage("n", "1", "1Gi", sampled_s=3 * 3600)]})
    assert documents.overview_document(overview(old))["metrics"] == {
        "state": "ok",
        "reason": "stale 3h",
        "sampled_at": ago(3 * 3600),
    }
    some = reader({NODES: [node("n"), node("m")], NODE_METRICS: [node_usage("n", "1", "1Gi")]})
    assert documents.overview_document(overview(some))["metrics"] == {
        "state": "partial",
        "reason": "1 of 2 nodes have a sample",
        "sampled_at": ago(20),
    }


def test_a_pod_s_keys_types_and_units() -> None:
    status = {"name": "app", "ready": True, "restartCount": 3, "state": {"running": {}}}
    status["lastState"] = {"terminated": {"exitCode": 1, "finishedAt": ago(240)}}
    wants = {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}
    one = pod(
        "p", on="n", requests=wants, limits={"cpu": "2", "nvidia.com/gpu": "1"}, containers=[status], age_s=500,
        owned_by=owner("ReplicaSet", "cart-5d4f"),
    )  # fmt: skip
    one["status"] |= {"qosClass": "Burstable", "podIP": "10.1.0.9"}
    used: Json = {"metadata": {"name": "p", "namespace": "shop"}, "timestamp": ago(9)}
    used["containers"] = [{"name": "app", "usage": {"cpu": "1500000n", "memory": "1Mi"}}]
    found = reader({PODS: [one], POD_METRICS: [used]})
    rows = pod_rows(found, found.list(PODS).objects)
    made = documents.pods_document(HEAD, NOW_S, found.state(PODS), metrics_of(found, POD_METRICS), rows)
    assert " ".join(made) == f"{HEAD_KEYS} pods metrics items"
    (item,) = made["items"]
    assert " ".join(item) == POD_KEYS
    del item["uid"]
    assert item == {
        "namespace": "shop",
        "name": "p",
        "phase": "Running",
        "status": "Running",
        "ready": [1, 1],
        "restarts": 3,
        "restarted_at": ago(240),
        "node": "n",
        "ip": "10.1.0.9",
        "qos": "Burstable",
        "owner": {"kind": "ReplicaSet", "name": "cart-5d4f"},
        "age_s": 500,
        "holds": True,
        "cpu": {"requests_m": 1000, "limits_m": 2000, "usage_m": 2},
        "memory": {"requests_b": 1 << 30, "limits_b": None, "usage_b": 1 << 20},
        "extended": {"nvidia.com/gpu": {"requests": 1, "limits": 1}},
        "why": {"cpu": "containers 1", "memory": "containers 1Gi"},
    }


def test_a_malformed_pod_is_null_where_it_is_unknown() -> None:
    bare: Json = {"metadata": {"name": "bare"}, "spec": None, "status": None}
    odd = pod("odd", requests={"cpu": "abc", "nvidia.com/gpu": "many"}, limits={"memory": "?"})
    found = reader({PODS: [bare, odd]})
    made = {row.pod.name: documents.pod_document(row, NOW_S) for row in pod_rows(found, found.list(PODS).objects)}
    nulls = {key for key, value in made["bare"].items() if value is None}
    assert nulls == {"phase", "restarted_at", "node", "ip", "owner", "age_s"} | ({"qos"} & nulls)
    assert made["bare"]["holds"] is False
    assert made["odd"]["cpu"]["requests_m"] is None
    assert made["odd"]["memory"] == {"requests_b": 0, "limits_b": None, "usage_b": None}
    assert made["odd"]["extended"] == {"nvidia.com/gpu": {"requests": None, "limits": None}}
    assert "unreadable" in made["odd"]["why"]["cpu"]


def test_a_time_in_the_future_is_no_negative_age() -> None:
    found = reader({PODS: [pod("p", age_s=-30, conditions=[condition("Initialized", "True")])]})
    (row,) = pod_rows(found, found.list(PODS).objects)
    assert documents.pod_document(row, NOW_S)["age_s"] == 0
