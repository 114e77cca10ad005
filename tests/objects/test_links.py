"""What objects say of others: shared where it is the same, and never lost because something beside it is odd."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.demo.resources import CUSTOM, STORED
from kite_tui.objects.decode import decoder, is_metadata_only
from kite_tui.objects.decode_linked import WORKLOADS
from kite_tui.objects.kinds import PODS, STATEFULSETS, Kind
from kite_tui.objects.links import LINKERS
from kite_tui.objects.pods import Pod
from kite_tui.objects.references import ANY, Links, Reference, Selection, hooks_for
from kite_tui.objects.selectors import parse_selector
from tests.conformance import relations

Json = dict[str, Any]
KINDS = {(kind.group, kind.kind): kind for kind in (*STORED, *CUSTOM)}
SUFFIXES = ("x2v9p", "4k2xq")


def kind_of(manifest: Json) -> Kind[Any]:
    ref = relations.ref_of(manifest)
    return KINDS.get((ref.group, ref.kind)) or Kind(ref.group, "v1", ref.kind, "things", "thing", True)


def decoded(manifest: Json, of: Json | None = None) -> Any:
    """The record of a manifest, read as what `of` (itself) is."""
    return decoder(kind_of(of or manifest))(json.dumps(manifest).encode())


FIXTURE = relations.resolve()


# -- pods -----------------------------------------------------------------------------------------------------------


def pod(name: str, *volumes: Json, owner: str = "ReplicaSet", **spec: Any) -> Pod:
    token = {"name": f"kube-api-access-{name[-1]}k2xq", "projected": {"sources": [{"configMap": {"name": "root-ca"}}]}}
    manifest = {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": owner, "name": "cart", "uid": "u", "controller": True}
            ],
        },
        "spec": {"containers": [{"name": "app"}], "volumes": [*volumes, token], **spec},
    }
    return decoder(PODS)(json.dumps(manifest).encode())


def targets(references: tuple[Reference, ...], kind: str) -> list[tuple[str, str]]:
    return [(each.name, each.reason) for each in references if each.kind == kind]


def test_pods_of_one_owner_share_their_links_though_each_has_a_token_volume_of_its_own() -> None:
    one, other = (pod(f"cart-{suffix}", envFrom=[]) for suffix in SUFFIXES)
    assert one.template.links is other.template.links
    assert targets(one.links.references, "ConfigMap") == [("root-ca", "projected volume kube-api-access")]


def test_a_volume_that_only_looks_like_the_token_s_keeps_its_name() -> None:
    found = pod("cart-x2v9p", {"name": "kube-api-access-mine", "configMap": {"name": "c"}})
    assert ("c", "volume kube-api-access-mine") in targets(found.links.references, "ConfigMap")


def test_pods_of_a_stateful_set_share_their_links_and_keep_their_claims_apart() -> None:
    one, other = (
        pod(f"db-{at}", {"name": "data", "persistentVolumeClaim": {"claimName": f"data-db-{at}"}}, owner="StatefulSet")
        for at in (0, 1)
    )
    assert one.template.links is other.template.links
    assert targets(one.own_references, "PersistentVolumeClaim") == [("data-db-0", "volume data")]
    assert targets(other.links.references, "PersistentVolumeClaim") == [("data-db-1", "volume data")]


def test_a_generic_ephemeral_volume_is_a_claim_of_the_pod_s_name_and_a_template_has_none() -> None:
    volume = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}}
    assert targets(pod("cart-x2v9p", volume).own_references, "PersistentVolumeClaim") == [
        ("cart-x2v9p-scratch", "volume scratch")
    ]
    workload = {"metadata": {"name": "db", "namespace": "shop"}, "spec": {"template": {"spec": {"volumes": [volume]}}}}
    found = decoder(STATEFULSETS)(json.dumps(workload).encode())
    assert targets(found.links.references, "PersistentVolumeClaim") == []


def test_a_pod_s_links_have_all_of_it_its_node_and_its_made_claims_too() -> None:
    found = decoder(PODS)(
        json.dumps(
            {
                "metadata": {"name": "p", "namespace": "shop"},
                "spec": {"nodeName": "n1", "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "t"}]},
                "status": {"resourceClaimStatuses": [{"name": "gpu", "resourceClaimName": "p-gpu-7"}]},
            }
        ).encode()
    )
    made = {(each.kind, each.name, each.reason) for each in found.links.references}
    assert made == {
        ("Node", "n1", "nodeName"),
        ("ResourceClaimTemplate", "t", "resourceClaim gpu"),
        ("ResourceClaim", "p-gpu-7", "resourceClaim gpu"),
    }


# -- selections are found by a label --------------------------------------------------------------------------------

LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2).map(
    lambda d: tuple(sorted(d.items()))
)
SELECTORS = ["a=1", "a in (1,2)", "a!=1", "a", "!a", "a=1,b=2", "!b,a in (2)", ""]


@given(LABELS, st.sampled_from(SELECTORS), st.sampled_from(["", "shop"]), st.sampled_from(["shop", "till", ""]))
def test_whatever_selects_an_object_is_found_by_a_hook_of_its_labels(
    labels: tuple[tuple[str, str], ...], selector: str, within: str, namespace: str
) -> None:
    selection = Selection("", "Pod", within, parse_selector(selector), "because")
    if selection.selector.matches(labels) and within in ("", namespace):
        assert set(selection.hooks()) & set(hooks_for("", "Pod", namespace, labels))


def test_a_selector_that_asks_for_no_value_hangs_under_a_name_no_label_has() -> None:
    (hook,) = Selection("", "Pod", "shop", parse_selector("!a,b"), "").hooks()
    assert hook.endswith(f"/{ANY}")


# -- odd objects ----------------------------------------------------------------------------------------------------

ODD: tuple[Any, ...] = (None, True, 7, -0.5, "", "odd", [], {}, [None], [[]], {"a": {"b": []}}, [{"name": 5}])


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a manifest."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from places(value, (*path, key))


def replaced(manifest: Json, path: tuple[Any, ...], value: Any) -> Json:
    made = copy.deepcopy(manifest)
    node: Any = made
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return made


def test_the_fixture_has_an_object_of_every_kind_that_says_something_of_others() -> None:
    there = {(ref.group, ref.kind) for ref in map(relations.ref_of, FIXTURE)}
    assert there >= set(LINKERS) | WORKLOADS


@pytest.mark.parametrize("kind", sorted({each["kind"] for each in FIXTURE}))
def test_whatever_stands_in_whatever_place_costs_no_more_than_that_place(kind: str) -> None:
    for manifest in (each for each in FIXTURE if each["kind"] == kind):
        whole = decoded(manifest)
        for at, path in enumerate(places(manifest)):
            for value in (ODD[at % len(ODD)], ODD[(at + 5) % len(ODD)]):
                odd = replaced(manifest, path, value)
                if path in (("metadata",), ("metadata", "name")):
                    continue
                found = decoded(odd, manifest)
                assert found.name == whole.name, path
                if path[0] != "metadata":
                    assert found.links.owners == whole.links.owners, path


NOT_SELECTORS = ("matchExpressions", "values")
"""One odd requirement makes a selector another one, and upstream refuses it whole."""


@pytest.mark.parametrize("kind", sorted({each["kind"] for each in FIXTURE}))
def test_an_odd_element_of_a_list_takes_nothing_from_its_neighbours(kind: str) -> None:
    for manifest in (each for each in FIXTURE if each["kind"] == kind):
        wanted: Links = decoded(manifest).links
        for path in places(manifest):
            if path[-1] in NOT_SELECTORS:
                continue
            node: Any = manifest
            for key in path:
                node = node[key]
            if isinstance(node, list):
                odd = replaced(manifest, path, [None, 7, [], *node, True, [[]], -1])
                assert decoded(odd, manifest).links == wanted, path


@pytest.mark.parametrize("hosts", [7, True, {"a": 1}, "shop.example", None])
def test_hosts_of_tls_that_are_no_list_are_left_out(hosts: Any) -> None:
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i", "namespace": "shop"},
        "spec": {"tls": [{"hosts": hosts, "secretName": "s"}]},
    }
    assert [(each.name, each.reason) for each in decoded(ingress).links.references] == [("s", "tls")]


def test_every_kind_without_a_linker_is_asked_for_as_metadata_alone() -> None:
    for kind in STORED:
        reads_more = (kind.group, kind.kind) in {*LINKERS, *WORKLOADS} - {("", "Secret")}
        own = type(decoder(kind)(b'{"metadata":{"name":"a"}}')).__name__ != "Linked"
        assert is_metadata_only(kind) is not (reads_more or own), kind
