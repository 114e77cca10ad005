"""A pod's spec is read once for all that share it, and never mistaken for another's."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from kite_tui.objects.specs import MOST_B, Spec, _specs, pod_spec

Json = dict[str, Any]


def manifest(node: str = "node-1", token: str = "kube-api-access-x2v9p", **more: Any) -> Json:
    """The fields in the order in which the API server writes them."""
    mount = {"name": token, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    return {
        "volumes": [{"name": token, "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}],
        "containers": [{"name": "app", "image": "cart:1", "volumeMounts": [mount]}],
        "serviceAccountName": "cart",
        "nodeName": node,
        **more,
    }


def read(spec: Any) -> tuple[Spec, bytes, str]:
    return pod_spec(msgspec.Raw(msgspec.json.encode(spec)), "shop")


def affine(node: str) -> Json:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    return {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}},
    }


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    _specs.cache_clear()


def test_pods_of_an_owner_are_read_once_though_each_has_a_node_and_a_token_of_its_own() -> None:
    one, _, node = read(manifest("node-1", "kube-api-access-aaaaa"))
    other, _, other_node = read(manifest("node-2", "kube-api-access-bbbbb"))
    assert one is other
    assert (node, other_node) == ("node-1", "node-2")
    assert _specs.cache_info().misses == 1
    assert [each.reason for each in one.references if each.kind == "ConfigMap"] == ["projected volume kube-api-access"]


def test_pods_of_a_daemon_set_are_read_once_though_each_asks_for_its_node() -> None:
    for node in ("node-1", "node-2"):
        assert read(manifest(node, affinity=affine(node)))[2] == node
    assert _specs.cache_info().misses == 1


def test_a_pod_without_a_node_or_a_token_or_a_spec_is_read_too() -> None:
    pending = manifest()
    del pending["nodeName"]
    assert read(pending)[2] == ""
    assert read({"nodeName": "node-1", "containers": [{"name": "app"}]})[2] == "node-1"
    nothings: tuple[Any, ...] = (None, 5, [], "nodeName")
    for nothing in nothings:
        assert read(nothing)[0].containers == ()
    assert pod_spec(msgspec.Raw(), "shop")[0].containers == ()


@pytest.mark.parametrize("name", ["high", 'a"b', "é", "back\\slash", "?", ""])
def test_a_node_s_name_means_nothing_elsewhere(name: str) -> None:
    """Where a priority class has the name of the node, or the node a name that none can have."""
    for node in (name, "node-1"):
        spec, _, found = read(manifest(node, priorityClassName=node, imagePullSecrets=[{"name": node}]))
        assert (found, [each.name for each in spec.containers]) == (node, ["app"])
        named = {each.kind: each.name for each in spec.references if each.kind in ("PriorityClass", "Secret")}
        assert named == ({"PriorityClass": node, "Secret": node} if node else {})


def test_a_token_s_name_means_nothing_elsewhere() -> None:
    for token in ("kube-api-access-aaaaa", "kube-api-access-bbbbb"):
        spec = manifest(token=token)
        spec["containers"][0]["image"] = token
        assert read(spec)[0].containers[0].image == token


def test_a_node_named_inside_what_nobody_reads_is_not_the_pod_s() -> None:
    unread = {"securityContext": {"nodeName": "node-9"}}
    assert read({**manifest("node-1"), **unread})[2] == "node-1"
    pending = {**manifest(), **unread}
    del pending["nodeName"]
    assert read(pending)[2] == ""


def test_a_huge_spec_is_read_and_not_remembered() -> None:
    read(manifest(securityContext={"x": "y" * MOST_B}))
    assert _specs.cache_info().currsize == 0


def test_another_namespace_has_references_of_its_own() -> None:
    raw = msgspec.Raw(json.dumps(manifest()).encode())
    spaces = {each.namespace for space in ("shop", "data") for each in pod_spec(raw, space)[0].references}
    assert spaces == {"shop", "data"}
