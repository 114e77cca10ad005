from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from kite_tui.demo.cluster import Cluster
from kite_tui.demo.generate import generate
from kite_tui.demo.options import PODS_PER_NODE, DemoOptions
from kite_tui.demo.resources import CONFIG_MAPS, CUSTOM, REPLICASETS, SECRETS, STORED
from kite_tui.objects.kinds import CLAIMS, DEPLOYMENTS, EVENTS, NAMESPACES, NODES, PODS, SERVICES, STATEFULSETS
from tests.demo.conftest import NOW_S, documents

Document = dict[str, Any]


def everything(options: DemoOptions) -> list[bytes]:
    world = generate(options, lambda: NOW_S).world
    return [item.body() for kind in STORED + CUSTOM for item in world.snapshot(kind)[1].items]


def millis(quantity: str) -> int:
    return int(quantity[:-1]) if quantity.endswith("m") else int(quantity) * 1000


def mebi(quantity: str) -> float:
    return int(quantity[:-2]) / (1024 if quantity.endswith("Ki") else 1)


def requested(pod: Document, name: str) -> float:
    """Container by container: the independent count of what a pod takes of its node."""
    read = millis if name == "cpu" else mebi

    def of(container: Document) -> float:
        return read(container["resources"].get("requests", {}).get(name, "0Mi" if name == "memory" else "0"))

    sidecars, peak = 0.0, 0.0
    for container in pod["spec"].get("initContainers", []):
        if container.get("restartPolicy") == "Always":
            sidecars += of(container)
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + of(container))
    total = max(sum(map(of, pod["spec"]["containers"])) + sidecars, peak)
    return total + read(pod["spec"].get("overhead", {}).get(name, "0Mi" if name == "memory" else "0"))


def test_the_same_seed_and_moment_give_the_same_bytes() -> None:
    assert everything(DemoOptions(seed=7)) == everything(DemoOptions(seed=7))
    assert everything(DemoOptions(seed=7)) != everything(DemoOptions(seed=8))


@pytest.mark.parametrize(("nodes", "pods"), [(1, 1), (1, 60), (2, 9), (5, 100), (12, 500), (40, 7), (60, 3000)])
def test_a_cluster_has_exactly_the_size_asked_for(nodes: int, pods: int) -> None:
    world = generate(DemoOptions(nodes=nodes, pods=pods), lambda: NOW_S).world
    assert len(world.snapshot(PODS)[1].items) == pods
    assert len(world.snapshot(NODES)[1].items) == nodes


@pytest.mark.parametrize(("nodes", "pods"), [(12, 500), (4, 200), (60, 3000)])
def test_no_node_holds_more_than_is_allocatable(nodes: int, pods: int) -> None:
    cluster = generate(DemoOptions(nodes=nodes, pods=pods), lambda: NOW_S)
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for pod in documents(cluster, PODS):
        node = pod["spec"].get("nodeName")
        if node and pod["status"]["phase"] not in ("Succeeded", "Failed"):
            held[node].update({"cpu": requested(pod, "cpu"), "memory": requested(pod, "memory"), "pods": 1})
    for node in documents(cluster, NODES):
        allocatable, holds = node["status"]["allocatable"], held[node["metadata"]["name"]]
        assert holds["cpu"] <= millis(allocatable["cpu"])
        assert holds["memory"] <= mebi(allocatable["memory"])
        assert holds["pods"] <= PODS_PER_NODE


def test_more_than_half_of_the_cpu_is_requested_but_not_all_of_it(cluster: Cluster) -> None:
    requests = sum(requested(pod, "cpu") for pod in documents(cluster, PODS) if pod["spec"].get("nodeName"))
    allocatable = sum(millis(node["status"]["allocatable"]["cpu"]) for node in documents(cluster, NODES))
    assert 0.5 < requests / allocatable < 0.8


def test_every_fault_that_the_screens_must_show_is_there(cluster: Cluster) -> None:
    pods = documents(cluster, PODS)
    waiting = Counter(
        status["state"]["waiting"]["reason"]
        for pod in pods
        for status in pod["status"].get("containerStatuses", [])
        if "waiting" in status["state"]
    )
    assert set(waiting) >= {"CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError", "PodInitializing"}
    last = [s["lastState"].get("terminated", {}) for p in pods for s in p["status"].get("containerStatuses", [])]
    assert any(terminated.get("reason") == "OOMKilled" for terminated in last)
    assert {pod["status"]["phase"] for pod in pods} == {"Pending", "Running", "Succeeded", "Failed"}
    assert any(pod["status"].get("reason") == "Evicted" for pod in pods)
    assert any("deletionTimestamp" in pod["metadata"] for pod in pods)
    unscheduled = [pod for pod in pods if "nodeName" not in pod["spec"]]
    assert all(pod["status"]["conditions"][0]["reason"] == "Unschedulable" for pod in unscheduled)
    assert any("Insufficient nvidia.com/gpu" in pod["status"]["conditions"][0]["message"] for pod in unscheduled)
    nodes = documents(cluster, NODES)
    assert sum(node["spec"].get("unschedulable", False) for node in nodes) == 1
    true = Counter(c["type"] for node in nodes for c in node["status"]["conditions"] if c["status"] == "True")
    assert true["Ready"] == len(nodes) - 1
    assert true["MemoryPressure"] == 1
    assert {claim["status"]["phase"] for claim in documents(cluster, CLAIMS)} == {"Bound", "Pending"}
    assert {one["status"]["phase"] for one in documents(cluster, NAMESPACES)} == {"Active", "Terminating"}
    types = {service["spec"]["type"] for service in documents(cluster, SERVICES)}
    assert types == {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}


def test_most_pods_are_well_at_any_size() -> None:
    for nodes, pods in ((12, 500), (60, 3000)):
        found = documents(generate(DemoOptions(nodes=nodes, pods=pods), lambda: NOW_S), PODS)
        well = sum(
            pod["status"]["phase"] == "Succeeded"
            or any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
            for pod in found
        )
        assert 0.9 < well / pods < 0.99


def test_a_missing_configmap_is_missing(cluster: Cluster) -> None:
    config = {item.key for item in cluster.world.snapshot(CONFIG_MAPS)[1].items}
    for pod in documents(cluster, PODS):
        for status in pod["status"].get("containerStatuses", []):
            if status["state"].get("waiting", {}).get("reason") == "CreateContainerConfigError":
                name = status["state"]["waiting"]["message"].split('"')[1]
                assert f"{pod['metadata']['namespace']}/{name}" not in config


def test_every_faulty_pod_has_a_warning_with_its_uid(cluster: Cluster) -> None:
    warned = {event["involvedObject"]["uid"] for event in documents(cluster, EVENTS) if event["type"] == "Warning"}
    for pod in documents(cluster, PODS):
        states = [s["state"].get("waiting", {}).get("reason", "") for s in pod["status"].get("containerStatuses", [])]
        if any(reason.endswith(("BackOff", "Error")) for reason in states) or pod["status"].get("reason") == "Evicted":
            assert pod["metadata"]["uid"] in warned


def test_every_owner_exists_with_the_uid_that_is_referred_to(cluster: Cluster) -> None:
    objects = {one["metadata"]["uid"] for kind in STORED + CUSTOM for one in documents(cluster, kind)}
    for kind in STORED + CUSTOM:
        for one in documents(cluster, kind):
            owners = one["metadata"].get("ownerReferences", ())
            assert owners or kind not in (PODS, REPLICASETS)
            assert {owner["uid"] for owner in owners} <= objects


def test_names_and_uids_are_never_used_twice(cluster: Cluster) -> None:
    for kind in STORED + CUSTOM:
        found = documents(cluster, kind)
        assert len({(d["metadata"].get("namespace"), d["metadata"]["name"]) for d in found}) == len(found)
        assert len({d["metadata"]["uid"] for d in found}) == len(found)


def test_counts_of_workloads_are_those_of_their_pods(cluster: Cluster) -> None:
    assert_counts_follow_pods(cluster)


def assert_counts_follow_pods(cluster: Cluster) -> None:
    """Deployments, ReplicaSets and StatefulSets say what a recount of the pods says."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for pod in documents(cluster, PODS):
        if pod["status"]["phase"] in ("Succeeded", "Failed") or "deletionTimestamp" in pod["metadata"]:
            continue
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
        counted[pod["metadata"]["ownerReferences"][0]["uid"]].update({"all": 1, "ready": int(ready)})
    for kind in (REPLICASETS, STATEFULSETS):
        for one in documents(cluster, kind):
            counts, status = counted[one["metadata"]["uid"]], one["status"]
            assert (status["replicas"], status.get("readyReplicas", 0)) == (counts["all"], counts["ready"])
            if kind is REPLICASETS:
                counted[one["metadata"]["ownerReferences"][0]["uid"]].update(counts)
    for one in documents(cluster, DEPLOYMENTS):
        counts, status = counted[one["metadata"]["uid"]], one["status"]
        assert (status.get("replicas", 0), status.get("availableReplicas", 0)) == (counts["all"], counts["ready"])


def test_prometheus_can_be_found_by_label_name_and_port(cluster: Cluster) -> None:
    service = next(s for s in documents(cluster, SERVICES) if s["metadata"]["name"] == "prometheus-k8s")
    assert service["metadata"]["namespace"] == "monitoring"
    assert service["metadata"]["labels"]["app.kubernetes.io/name"] == "prometheus"
    assert [(port["name"], port["port"]) for port in service["spec"]["ports"]] == [("web", 9090)]


def test_pods_have_sidecars_init_containers_overhead_gpus_and_some_no_requests(cluster: Cluster) -> None:
    pods = documents(cluster, PODS)
    inits = [container for pod in pods for container in pod["spec"].get("initContainers", [])]
    assert {container.get("restartPolicy") for container in inits} == {None, "Always"}
    assert any("overhead" in pod["spec"] and "runtimeClassName" in pod["spec"] for pod in pods)
    assert any("nvidia.com/gpu" in pod["spec"]["containers"][0]["resources"].get("limits", {}) for pod in pods)
    assert {pod["status"]["qosClass"] for pod in pods} == {"Guaranteed", "Burstable", "BestEffort"}
    assert documents(cluster, SECRETS)
