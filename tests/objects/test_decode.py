"""From bytes to records: what is kept, what is shared, and what odd objects become."""

from __future__ import annotations

import gc
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.objects import decode_pods
from kite_tui.objects.amounts import Amounts
from kite_tui.objects.decode import decoder
from kite_tui.objects.details import decode_pod_detail
from kite_tui.objects.envelope import Malformed, split_list
from kite_tui.objects.kinds import (
    CLAIMS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    POD_METRICS,
    PODS,
    SERVICES,
    STATEFULSETS,
    Kind,
)
from kite_tui.objects.meta import Condition, Owner
from kite_tui.objects.nodes import Node, Taint
from kite_tui.objects.pods import Container, ContainerSize, ContainerStatus, Pod
from kite_tui.objects.usage import ContainerUsage

Json = dict[str, Any]
KINDS: tuple[Kind[Any], ...] = (
    *(PODS, NODES, NAMESPACES, SERVICES, EVENTS, CLAIMS, DEPLOYMENTS, STATEFULSETS, DAEMONSETS),
    *(NODE_METRICS, POD_METRICS),
)
AT, AT_S = "2026-02-28T10:00:00Z", 1772272800
RESOURCES = {"requests": {"memory": "128Mi", "cpu": "100m"}, "limits": {"cpu": "1"}}


def pod(name: str = "cart-7d9f8c-x2v9p", **status: Any) -> Json:
    """A running pod of a Deployment, as a server of 1.33 and later writes it."""
    token = {"name": f"kube-api-access-{name[-5:]}", "mountPath": "/var/run/secrets"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "uid": f"uid-{name}",
            "resourceVersion": "17",
            "creationTimestamp": AT,
            "labels": {"pod-template-hash": "7d9f8c", "app": "cart"},
            "annotations": {"note": name},
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Other", "name": "bystander", "uid": "u0"},
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "cart-7d9f8c", "uid": "u1", "controller": True},
            ],
        },
        "spec": {
            "nodeName": "node-1",
            "containers": [{"name": "app", "image": "cart:1", "resources": RESOURCES, "volumeMounts": [token]}],
            "initContainers": [{"name": "mesh", "image": "mesh:2", "restartPolicy": "Always"}],
            "readinessGates": [{"conditionType": "example.com/lb"}],
            "volumes": [token],
        },
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "qosClass": "Burstable",
            "conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": AT},
                {"type": "example.com/lb", "status": "True"},
            ],
            "containerStatuses": [
                {
                    "name": "app",
                    "ready": True,
                    "restartCount": 2,
                    "state": {"running": {"startedAt": AT}},
                    "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": AT}},
                    "allocatedResources": RESOURCES["requests"],
                    "resources": RESOURCES,
                }
            ],
            "initContainerStatuses": [
                {"name": "mesh", "ready": True, "started": True, "state": {"running": {"startedAt": AT}}}
            ],
            **status,
        },
    }


def decoded(kind: Kind[Any], manifest: Any) -> Any:
    return decoder(kind)(json.dumps(manifest).encode())


def pod_of(manifest: Json) -> Pod:
    return decoder(PODS)(json.dumps(manifest).encode())


def test_a_pod_keeps_what_screens_and_queries_read() -> None:
    found = pod_of(pod())
    assert (found.namespace, found.name, found.uid) == ("shop", "cart-7d9f8c-x2v9p", "uid-cart-7d9f8c-x2v9p")
    assert (found.resource_version, found.created_s, found.deleted_s) == ("17", AT_S, None)
    assert found.labels == (("app", "cart"), ("pod-template-hash", "7d9f8c"))
    assert (found.status, found.ready, found.total, found.restarts, found.restarted_s) == ("Running", 2, 2, 2, AT_S)
    assert (found.node_name, found.phase, found.ip, found.is_ready) == ("node-1", "Running", "10.0.0.1", True)
    assert (found.ready_changed_s, found.gates_met, found.unmet) == (AT_S, 1, ())
    assert found.effective.requests == Amounts(100, 128 * 2**20)
    assert found.effective.limits == Amounts(1000)
    assert found.containers == (
        ContainerStatus("mesh", "running", ready=True),
        ContainerStatus(
            *("app", "running"), ready=True, restarts=2,
            last_reason="OOMKilled", last_exit_code=137, last_finished_s=AT_S,
        ),
    )  # fmt: skip
    assert found.since_s == (AT_S, AT_S)


def test_the_template_names_containers_owner_and_workload() -> None:
    template = pod_of(pod()).template
    assert template.containers == (
        Container("mesh", "mesh:2", "sidecar"),
        Container("app", "cart:1", "app", (("cpu", "100m"), ("memory", "128Mi")), (("cpu", "1"),)),
    )
    assert template.owner == Owner("apps/v1", "ReplicaSet", "cart-7d9f8c", "u1", controller=True)
    assert (template.workload, template.qos) == (("Deployment", "cart"), "Burstable")
    assert template.readiness_gates == ("example.com/lb",)


def test_a_replica_set_without_the_hash_is_a_workload_of_its_own() -> None:
    manifest = pod()
    manifest["metadata"]["labels"] = {"pod-template-hash": "other"}
    assert pod_of(manifest).template.workload == ("ReplicaSet", "cart-7d9f8c")
    manifest["metadata"]["ownerReferences"] = None
    bare = pod_of(manifest).template
    assert (bare.owner, bare.workload) == (None, None)


def test_pods_of_one_owner_share_their_template_labels_and_amounts() -> None:
    one, other = pod_of(pod("cart-7d9f8c-aaaaa")), pod_of(pod("cart-7d9f8c-bbbbb"))
    assert one.template is other.template
    assert one.labels is other.labels
    assert one.effective is other.effective
    assert one.containers[0] is other.containers[0]
    assert one.node_name is other.node_name
    assert one.namespace is other.namespace


def test_a_template_is_dropped_with_its_last_pod() -> None:
    manifest = pod()
    manifest["spec"]["containers"][0]["image"] = "seen-only-here:1"
    found = pod_of(manifest)
    key = next(key for key, template in decode_pods._templates.items() if template is found.template)
    del found
    gc.collect()
    assert key not in decode_pods._templates


def test_statuses_that_repeat_the_spec_are_not_kept() -> None:
    assert pod_of(pod()).sizes == ()


def test_a_resize_under_way_is_kept() -> None:
    manifest = pod()
    manifest["status"]["containerStatuses"][0]["resources"] = {"requests": {"cpu": "300m"}}
    found = pod_of(manifest)
    assert found.sizes == (ContainerSize("app", (("cpu", "100m"), ("memory", "128Mi")), (("cpu", "300m"),), None),)
    assert found.effective.requests == Amounts(300, 128 * 2**20)


def test_an_infeasible_resize_keeps_all_that_statuses_say() -> None:
    pending = {"type": "PodResizePending", "status": "True", "reason": "Infeasible"}
    found = pod_of(pod(conditions=[pending]))
    assert found.infeasible
    assert [size.name for size in found.sizes] == ["app"]


def test_waiting_and_ended_containers_say_why() -> None:
    states: list[Json] = [
        {"name": "a", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}},
        {"name": "b", "state": {"terminated": {"exitCode": 1, "signal": 9, "message": "bad", "finishedAt": AT}}},
        {"name": "c", "state": {"terminated": {"exitCode": 0, "reason": "Completed", "message": "all is well"}}},
        {"name": "d"},
    ]
    found = pod_of(pod(containerStatuses=states, initContainerStatuses=None))
    assert found.since_s == (None, AT_S, None, None)
    assert found.containers == (
        ContainerStatus("a", "waiting", "ImagePullBackOff", "no such image"),
        ContainerStatus("b", "terminated", "", "bad", 1, 9),
        ContainerStatus("c", "terminated", "Completed", "", 0),
        ContainerStatus("d"),
    )


def test_conditions_that_are_not_true_are_kept_with_their_reason() -> None:
    condition = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "x" * 5000}
    (found,) = pod_of(pod(conditions=[condition])).unmet
    assert found == Condition("Ready", "False", "ContainersNotReady", "x" * decode_pods.MESSAGE_LENGTH)


def test_the_least_pod_is_a_pod() -> None:
    found = pod_of({"metadata": {"name": "p"}})
    assert (found.name, found.namespace, found.phase, found.status, found.total) == ("p", "", "", "", 0)
    assert found.effective.requests == Amounts()


NULLS: Json = {
    "metadata": {"name": "p", "labels": None, "ownerReferences": None, "creationTimestamp": None, "uid": None},
    "spec": {"containers": None, "initContainers": None, "overhead": None, "resources": None, "nodeName": None},
    "status": {"phase": None, "conditions": None, "containerStatuses": None, "podIP": None, "qosClass": None},
}


def test_null_is_as_good_as_absent_anywhere() -> None:
    assert pod_of(NULLS) == pod_of({"metadata": {"name": "p"}})
    assert pod_of({"metadata": {"name": "p"}, "spec": None, "status": None}).name == "p"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((("spec", "containers"), "x"), (("spec", "containers"), [None, 7]), (("spec", "overhead"), [1])),
        *((("status", "containerStatuses", 0, "restartCount"), "x"), (("status", "conditions"), {"a": 1})),
        *((("status", "containerStatuses", 0, "state"), 7), (("status", "phase"), 7), (("spec",), "x")),
        *((("metadata", "labels"), {"app": 7}), (("metadata", "labels"), "x"), (("metadata", "ownerReferences"), 7)),
        *((("metadata", "creationTimestamp"), "yesterday"), (("metadata", "uid"), 7), (("status",), [])),
        *((("metadata", "ownerReferences"), [7, {"controller": True}]), (("spec", "nodeName"), True)),
        *((("status", "containerStatuses", 0, "resources"), "x"), (("spec", "containers", 0, "resources"), 7)),
    ],
)
def test_a_field_of_a_wrong_type_costs_only_itself(path: tuple[str | int, ...], value: Any) -> None:
    manifest = pod()
    inner: Any = manifest
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    found = pod_of(manifest)
    assert found.name == "cart-7d9f8c-x2v9p"
    if path[0] != "status":
        assert (found.phase, found.ip) == ("Running", "10.0.0.1")
    if path[0] != "spec":
        assert found.effective.requests.cpu_m == 100


def test_a_wrong_restart_count_reads_as_none_and_the_pod_keeps_its_status() -> None:
    manifest = pod()
    manifest["status"]["containerStatuses"][0]["restartCount"] = "x"
    found = pod_of(manifest)
    assert (found.status, found.restarts, found.ready) == ("Running", 0, 2)


def test_fields_that_nobody_reads_may_be_anything() -> None:
    manifest = pod()
    manifest["metadata"]["annotations"] = 7
    manifest["spec"]["volumes"] = "x"
    assert pod_of(manifest) == pod_of(pod())


@pytest.mark.parametrize("quantity", ["abc", None, True, [], {"a": 1}])
def test_an_unreadable_quantity_is_unknown_and_others_stay(quantity: Any) -> None:
    manifest = pod()
    manifest["spec"]["containers"][0]["resources"] = {"requests": {"cpu": quantity, "memory": "1Gi"}}
    manifest["status"]["containerStatuses"] = None
    assert pod_of(manifest).effective.requests == Amounts(memory_b=2**30, unknown=("cpu",))


def test_a_quantity_may_be_a_bare_number() -> None:
    manifest = pod(containerStatuses=None)
    manifest["spec"]["containers"][0]["resources"] = {"requests": {"cpu": 2, "memory": 1.5}}
    assert pod_of(manifest).effective.requests == Amounts(2000, 2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.plural)
@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"<html>", b"[]", b"null", b"7", b"{}", b'{"metadata":{}}', b'{"metadata":{"name":7}}', b"[" * 9999],
)
def test_what_has_no_name_or_is_no_object_is_malformed(kind: Kind[Any], raw: bytes) -> None:
    with pytest.raises(Malformed):
        decoder(kind)(raw)


def test_a_pod_without_a_name_has_no_page_either() -> None:
    with pytest.raises(Malformed):
        decode_pod_detail(b"{}")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.plural)
def test_a_name_is_enough_for_every_kind(kind: Kind[Any]) -> None:
    found = decoded(kind, {"metadata": {"name": "x", "namespace": "n", "uid": "u", "resourceVersion": "3"}})
    assert (found.namespace, found.name, found.uid, found.resource_version) == ("n", "x", "u", "3")


def test_bytes_that_are_no_text_are_replaced_where_they_stand() -> None:
    raw = json.dumps(pod(reason="REASON")).encode().replace(b"REASON", b"a\xffb")
    assert decoder(PODS)(raw).name == "cart-7d9f8c-x2v9p"


def test_no_record_is_known_to_the_garbage_collector() -> None:
    manifest = pod(conditions=[{"type": "Ready", "status": "False"}])
    found = pod_of(manifest)
    records: list[Any] = [found, found.effective, found.effective.requests, *found.containers, *found.unmet]
    records += [*found.template.containers, found.template.owner]
    records += [decoded(kind, {"metadata": {"name": "x", "labels": {"a": "b"}}}) for kind in KINDS]
    assert not any(gc.is_tracked(record) for record in records)


def test_an_object_decodes_from_a_page_that_was_split() -> None:
    _, (item,) = split_list(b'{"items":[' + json.dumps(pod()).encode() + b"]}")
    assert decoder(PODS)(item) == pod_of(pod())


def test_many_threads_may_decode_at_once() -> None:
    raws = [json.dumps(pod(f"cart-7d9f8c-{index:05}")).encode() for index in range(200)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(decoder(PODS), raws))
    assert len({each.name for each in found}) == 200
    assert all(each.template == found[0].template for each in found)


FIELDS = (
    *("metadata", "spec", "status", "labels", "ownerReferences", "containers", "resources", "requests", "cpu", "name"),
    *("conditions", "type", "containerStatuses", "state", "terminated", "exitCode", "overhead", "capacity", "usage"),
    *("taints", "addresses", "ports", "series", "controller", "timestamp", "allocatable", "initContainers"),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=30,
)


@given(
    st.sampled_from(KINDS),
    *(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6) for _ in range(3)),
)
def test_no_object_with_a_name_is_too_odd_to_show(kind: Kind[Any], meta: Json, spec: Json, status: Json) -> None:
    odd = {**status, "status": status, "spec": spec, "metadata": {**meta, "name": "odd"}}
    found = decoded(kind, odd)
    assert found.name == "odd"


NODE: Json = {
    "metadata": {
        "name": "node-1",
        "creationTimestamp": AT,
        "labels": {
            "node-role.kubernetes.io/worker": "",
            "topology.kubernetes.io/zone": "eu-1a",
            "beta.kubernetes.io/instance-type": "m5.large",
        },
    },
    "spec": {"unschedulable": True, "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}, {"key": "k"}]},
    "status": {
        "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi", "nvidia.com/gpu": "2"},
        "allocatable": {"cpu": "7910m", "memory": "abc", "pods": "110"},
        "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": AT},
            {"type": "MemoryPressure", "status": "True"},
            {"type": "DiskPressure", "status": "False"},
        ],
        "addresses": [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.9"}],
        "nodeInfo": {
            "kubeletVersion": "v1.35.4",
            "osImage": "Linux",
            "kernelVersion": "6.1",
            "containerRuntimeVersion": "containerd://2",
            "architecture": "arm64",
        },
    },
}


def test_a_node_keeps_what_its_row_and_page_show() -> None:
    found: Node = decoded(NODES, NODE)
    assert (found.status, found.roles, found.readiness) == ("Ready,SchedulingDisabled", ("worker",), "True")
    assert (found.is_ready, found.is_schedulable, found.pressure) == (True, False, ("MemoryPressure",))
    assert found.taints == (Taint("gpu", "yes", "NoSchedule"), Taint("k", "", ""))
    assert found.internal_ip == "10.0.0.9"
    assert found.capacity == Amounts(8000, 32 * 2**30, 100 * 2**30, 110, (("nvidia.com/gpu", 2),))
    assert found.allocatable == Amounts(cpu_m=7910, pods=110, unknown=("memory",))
    assert (found.kubelet_version, found.os_image, found.kernel) == ("v1.35.4", "Linux", "6.1")
    assert (found.runtime, found.architecture) == ("containerd://2", "arm64")
    assert (found.instance_type, found.zone) == ("m5.large", "eu-1a")


def test_a_ready_condition_without_a_status_is_not_ready() -> None:
    found = decoded(NODES, {"metadata": {"name": "n"}, "status": {"conditions": [{"type": "Ready"}]}})
    assert (found.status, found.readiness) == ("NotReady", "Unknown")


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"series": {"lastObservedTime": "2026-02-28T10:00:05.123456Z", "count": 9}, "lastTimestamp": AT}, AT_S + 5),
        ({"lastTimestamp": "2026-02-28T10:00:04Z", "eventTime": AT}, AT_S + 4),
        ({"lastTimestamp": None, "eventTime": "2026-02-28T10:00:03.5Z", "firstTimestamp": AT}, AT_S + 3),
        ({"firstTimestamp": "2026-02-28T12:00:02+02:00"}, AT_S + 2),
        ({}, AT_S + 1),
    ],
)
def test_an_event_was_last_seen_at_the_first_time_that_it_has(fields: Json, at: int) -> None:
    found = decoded(EVENTS, {"metadata": {"name": "e", "creationTimestamp": "2026-02-28T10:00:01Z"}, **fields})
    assert found.last_seen_s == at


@pytest.mark.parametrize(
    ("fields", "count"), [({"series": {"count": 9}, "count": 2}, 9), ({"count": 2}, 2), ({"count": None}, 1), ({}, 1)]
)
def test_an_event_counts_once_at_least(fields: Json, count: int) -> None:
    assert decoded(EVENTS, {"metadata": {"name": "e"}, **fields}).count == count


def test_an_event_says_what_it_is_about() -> None:
    about = {"kind": "Pod", "namespace": "shop", "name": "cart", "uid": "u", "fieldPath": "x"}
    found = decoded(
        EVENTS,
        {"metadata": {"name": "e"}, "type": "Warning", "reason": "BackOff", "message": "m", "involvedObject": about},
    )
    assert (found.type, found.reason, found.message) == ("Warning", "BackOff", "m")
    assert (found.about_kind, found.about_namespace, found.about_name, found.about_uid) == ("Pod", "shop", "cart", "u")


def test_a_service_keeps_type_address_and_ports() -> None:
    ports = [{"name": "web", "port": 9090}, {"port": 80}, {"name": "odd", "port": "x"}]
    spec = {"type": "ClusterIP", "clusterIP": "None", "ports": ports}
    found = decoded(SERVICES, {"metadata": {"name": "s"}, "spec": spec})
    assert (found.type, found.is_headless, found.ports) == ("ClusterIP", True, (("web", 9090), ("", 80)))


def test_a_static_pod_has_a_node_for_an_owner_and_no_workload() -> None:
    manifest = pod()
    manifest["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "u-n1", "controller": True}
    ]
    template = pod_of(manifest).template
    assert template.owner is not None
    assert (template.owner.kind, template.workload) == ("Node", None)


def test_workloads_say_how_many_they_want_and_have() -> None:
    def counts(kind: Kind[Any], spec: Json, status: Json) -> tuple[str, int, int]:
        found = decoded(kind, {"metadata": {"name": "w"}, "spec": spec, "status": status})
        return (found.kind, found.desired, found.available)

    assert counts(DEPLOYMENTS, {"replicas": 3}, {"availableReplicas": 2}) == ("Deployment", 3, 2)
    assert counts(STATEFULSETS, {}, {}) == ("StatefulSet", 1, 0)
    assert counts(DEPLOYMENTS, {"replicas": 0}, {}) == ("Deployment", 0, 0)
    assert counts(DAEMONSETS, {}, {"desiredNumberScheduled": 4, "numberAvailable": 3}) == ("DaemonSet", 4, 3)


def test_claims_and_namespaces_keep_their_phase() -> None:
    claim = decoded(
        CLAIMS,
        {
            "metadata": {"name": "c"},
            "spec": {"storageClassName": "fast", "volumeName": "pv-1"},
            "status": {"phase": "Bound"},
        },
    )
    assert (claim.phase, claim.storage_class, claim.volume) == ("Bound", "fast", "pv-1")
    held = {"type": "NamespaceContentRemaining", "status": "True", "reason": "SomeResourcesRemain"}
    namespace = decoded(
        NAMESPACES,
        {
            "metadata": {"name": "n", "deletionTimestamp": AT},
            "status": {"phase": "Terminating", "conditions": [held]},
        },
    )
    assert (namespace.phase, namespace.deleted_s) == ("Terminating", AT_S)
    assert namespace.conditions == (Condition("NamespaceContentRemaining", "True", "SomeResourcesRemain"),)


def test_usage_of_a_node_is_rounded_up() -> None:
    found = decoded(
        NODE_METRICS,
        {"metadata": {"name": "n"}, "timestamp": AT, "usage": {"cpu": "250000001n", "memory": "1025m"}},
    )
    assert (found.sampled_s, found.cpu_m, found.memory_b) == (AT_S, 251, 2)


def test_samples_of_one_moment_share_its_number() -> None:
    first, second = (decoded(POD_METRICS, {"metadata": {"name": name}, "timestamp": AT}) for name in "ab")
    assert first.sampled_s is second.sampled_s


def test_usage_of_a_pod_is_the_exact_sum_rounded_up_once() -> None:
    containers = [{"name": name, "usage": {"cpu": "1500001n", "memory": "1Mi"}} for name in "ab"]
    found = decoded(POD_METRICS, {"metadata": {"name": "p"}, "timestamp": AT, "containers": containers})
    assert (found.cpu_m, found.memory_b) == (4, 2 * 2**20)
    assert found.containers == (ContainerUsage("a", 2, 2**20), ContainerUsage("b", 2, 2**20))


@pytest.mark.parametrize(
    "containers", [None, [], [{"name": "a", "usage": {"cpu": "abc"}}], [{"name": "a"}, {"name": "b", "usage": None}]]
)
def test_usage_that_cannot_be_read_is_none_and_never_0(containers: Any) -> None:
    found = decoded(POD_METRICS, {"metadata": {"name": "p"}, "containers": containers})
    assert (found.cpu_m, found.memory_b) == (None, None)


def test_one_unreadable_container_makes_only_that_resource_of_the_pod_unknown() -> None:
    usages = [{"cpu": "1", "memory": "1Ki"}, {"cpu": "abc", "memory": "1Ki"}]
    containers = [{"name": str(index), "usage": usage} for index, usage in enumerate(usages)]
    found = decoded(POD_METRICS, {"metadata": {"name": "p"}, "containers": containers})
    assert (found.cpu_m, found.memory_b) == (None, 2048)


def test_of_a_kind_without_a_record_nothing_but_metadata_is_read() -> None:
    secret = {
        "metadata": {"name": "db", "namespace": "shop", "uid": "u", "resourceVersion": "7"},
        "data": {"password": "aHVudGVyMg=="},
    }
    found = decoded(Kind("", "v1", "Secret", "secrets", "secret", True), secret)
    assert (found.namespace, found.name, found.uid, found.resource_version) == ("shop", "db", "u", "7")
    assert "aHVudGVyMg==" not in repr(found)


def test_the_page_of_a_pod_shows_all_conditions_and_how_it_runs() -> None:
    manifest = pod(reason="Evicted", message="low on memory", hostIP="10.9.9.9", startTime=AT)
    manifest["spec"] |= {
        "serviceAccountName": "cart",
        "priorityClassName": "high",
        "priority": 1000,
        "restartPolicy": "Always",
        "runtimeClassName": "gvisor",
        "schedulerName": "default-scheduler",
    }
    found = decode_pod_detail(json.dumps(manifest).encode())
    assert [each.type for each in found.conditions] == ["Ready", "example.com/lb"]
    assert found.conditions[0] == Condition("Ready", "True", changed_s=AT_S)
    assert (found.reason, found.message, found.host_ip, found.started_s) == (
        "Evicted",
        "low on memory",
        "10.9.9.9",
        AT_S,
    )
    assert (found.service_account, found.priority_class, found.priority) == ("cart", "high", 1000)
    assert (found.restart_policy, found.runtime_class, found.scheduler) == ("Always", "gvisor", "default-scheduler")


def test_the_page_of_an_odd_pod_is_empty_where_it_is_odd() -> None:
    found = decode_pod_detail(b'{"metadata":{"name":"p"},"spec":{"priority":"high"},"status":{"conditions":null}}')
    assert (found.priority, found.conditions, found.started_s) == (None, (), None)
