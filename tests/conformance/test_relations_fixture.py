"""The fixture of relations: whole, consistent in itself, and what a real server takes."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.conformance import relations
from tests.conformance.realserver import RealServer
from tests.conformance.relations.edges import Edge, Expected, Ref, parse

TEMPLATES = "Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|ReplicationController|Job|CronJob"
IN = r" \((init|sidecar|ephemeral) \S+\)"
ROWS: tuple[tuple[str, str, str], ...] = (
    (".*", ".*", "owner"),
    *((kind, "ServiceAccount", "serviceAccountName") for kind in TEMPLATES.split("|")),
    *((kind, "ConfigMap|Secret", ".*") for kind in TEMPLATES.split("|")),
    *((TEMPLATES, kind, reason) for kind in ("ConfigMap", "Secret") for reason in (r"env \S+", "envFrom")),
    *((TEMPLATES, "ConfigMap|Secret", rf".* \({kind} \S+\)") for kind in ("init", "sidecar", "ephemeral")),
    *((TEMPLATES, "ConfigMap|Secret", rf"{part}{IN}") for part in (r"env \S+", "envFrom")),
    *((TEMPLATES, kind, r"volume \S+") for kind in ("ConfigMap", "Secret", "PersistentVolumeClaim")),
    *(
        ("Pod", "Secret", f"volume v-{kind}")
        for kind in ("secret", "csi", "azurefile", "cephfs", "rbd", "flex", "scaleio", "iscsi", "cinder", "storageos")
    ),
    (TEMPLATES, "ConfigMap", r"projected volume \S+"),
    (TEMPLATES, "Secret", r"projected volume \S+"),
    ("Pod", "ConfigMap", "projected volume kube-api-access"),
    (TEMPLATES, "Secret", "imagePullSecret"),
    ("Pod", "PersistentVolumeClaim", "volume scratch"),
    ("StatefulSet", "PersistentVolumeClaim", "volumeClaimTemplate data"),
    (TEMPLATES, "PriorityClass", "priorityClassName"),
    (TEMPLATES, "RuntimeClass", "runtimeClassName"),
    ("Pod", "Node", "nodeName"),
    *(
        (kind, f"ResourceClaim{end}", r"resourceClaim \S+")
        for kind in ("Pod", "Deployment")
        for end in ("", "Template")
    ),
    *(("Service", kind, "selector .*") for kind in TEMPLATES.split("|")),
    ("Service", "Pod", r"endpoint of \S+"),
    ("EndpointSlice", "Service", "label kubernetes.io/service-name"),
    ("EndpointSlice", "Pod", "endpoint"),
    ("EndpointSlice", "Node", "endpoint node"),
    ("Ingress", "Service", r"rule \S+"),
    ("Ingress", "Service", "default backend"),
    ("Ingress", "Widget", r"rule \S+"),
    ("Ingress", "Widget", "default backend"),
    ("Ingress", "Secret", "tls.*"),
    ("Ingress", "IngressClass", "ingressClassName"),
    ("Ingress", "IngressClass", "annotation kubernetes.io/ingress.class"),
    ("IngressClass", "Widget", "parameters"),
    ("IngressClass", "Profile", "parameters"),
    *((kind, "Gateway", "parentRef") for kind in ("HTTPRoute", "GRPCRoute")),
    *((kind, "Service", reason) for kind in ("HTTPRoute", "GRPCRoute") for reason in ("backendRef", "mirror")),
    ("Gateway", "GatewayClass", "gatewayClassName"),
    ("Gateway", "Secret", r"listener \S+ tls"),
    ("GatewayClass", "Profile|ConfigMap", "parametersRef"),
    ("HorizontalPodAutoscaler", "Deployment", "scaleTargetRef"),
    ("HorizontalPodAutoscaler", "Ingress", r"metric \S+"),
    ("PodDisruptionBudget", "Pod", "selector app=.*"),
    ("PodDisruptionBudget", "Pod", "selector everything"),
    ("NetworkPolicy", "Pod", "podSelector app=.*"),
    ("NetworkPolicy", "Pod", "podSelector everything"),
    ("PersistentVolumeClaim", "PersistentVolume", "volumeName"),
    ("PersistentVolumeClaim", "PersistentVolumeClaim", "dataSourceRef"),
    ("PersistentVolumeClaim", "VolumeSnapshot", "dataSourceRef"),
    ("PersistentVolume", "PersistentVolumeClaim", "claimRef"),
    *((f"PersistentVolume{end}", "StorageClass", "storageClassName") for end in ("", "Claim")),
    *((f"PersistentVolume{end}", "VolumeAttributesClass", "volumeAttributesClassName") for end in ("", "Claim")),
    ("PersistentVolume", "CSIDriver", "csi driver"),
    *(
        ("PersistentVolume", "Secret", f"csi {field}SecretRef")
        for field in ("controllerPublish", "nodeStage", "nodePublish", "controllerExpand", "nodeExpand")
    ),
    *(
        ("PersistentVolume", "Secret", f"{kind} secret")
        for kind in ("azureFile", "cephfs", "rbd", "flexVolume", "scaleIO", "iscsi", "cinder", "storageos")
    ),
    *((kind, "ServiceAccount", "subject") for kind in ("RoleBinding", "ClusterRoleBinding")),
    (".*RoleBinding", "ServiceAccount", "subject User system:serviceaccount:.*:.*"),
    (".*RoleBinding", "ServiceAccount", "subject Group system:serviceaccounts:.*"),
    (".*RoleBinding", "ServiceAccount", "subject Group system:serviceaccounts"),
    ("RoleBinding", "Role", "roleRef"),
    *((kind, "ClusterRole", "roleRef") for kind in ("RoleBinding", "ClusterRoleBinding")),
    ("ClusterRole", "ClusterRole", "aggregationRule .*"),
    ("ServiceAccount", "Secret", "secret"),
    ("ServiceAccount", "Secret", "imagePullSecret"),
    ("Secret", "ServiceAccount", "annotation kubernetes.io/service-account.name"),
    ("VolumeAttachment", "Node", "nodeName"),
    ("VolumeAttachment", "PersistentVolume", "persistentVolumeName"),
    ("VolumeAttachment", "CSIDriver", "attacher"),
    *((f"{kind}WebhookConfiguration", "Service", r"webhook \S+") for kind in ("Validating", "Mutating")),
    ("APIService", "Service", "service"),
    ("CustomResourceDefinition", "Service", "conversion webhook"),
    ("ResourceClaim", "DeviceClass", "deviceClassName"),
    ("ResourceClaimTemplate", "DeviceClass", "deviceClassName"),
    ("ResourceQuota", "Namespace", "quota"),
    ("LimitRange", "Namespace", "limits"),
    *(("Event", kind, "involvedObject") for kind in ("Pod", "Deployment", "Node", "Tenant")),
)
"""Every relation there is: kind of the holder, kind of the target, reason. (`dataSource` alone is never stored.)"""

OTHER_UIDS = {"cart-7d9f", "cart", "stale", "builder", "cart-7d9f-bbbbb"}
"""Names of what is there, but not with the uid that some reference to it has."""


def _edges() -> list[tuple[Ref, Edge]]:
    return [(one.centre, edge) for one in relations.expected() for edge in one.edges]


@pytest.mark.parametrize("directions", [("uses", "owner"), ("used-by", "owned")], ids=["forward", "backward"])
def test_every_relation_is_expected_in_both_directions(directions: tuple[str, str]) -> None:
    seen = {
        (edge.holder.kind, edge.target.kind, reason)
        for _, edge in _edges()
        if edge.direction in directions
        for reason in edge.reasons
    }
    lacking = [row for row in ROWS if not any(all(map(re.fullmatch, row, one)) for one in seen)]
    assert lacking == []


def test_every_reason_expected_is_of_a_relation_there_is() -> None:
    mesh = [("GRPCRoute", "Service", "parentRef")]
    custom = [("Ingress|HTTPRoute", "Service", "default backend|backendRef")]
    targets = [("HorizontalPodAutoscaler", "StatefulSet", "scaleTargetRef")]
    for _, edge in _edges():
        for reason in edge.reasons:
            one = (edge.holder.kind, edge.target.kind, reason)
            assert any(all(map(re.fullmatch, row, one)) for row in (*ROWS, *mesh, *custom, *targets)), one


def test_no_object_is_there_twice_and_there_are_few_enough() -> None:
    refs = [entry.ref for entry in relations.entries()]
    assert [ref for ref, count in Counter(refs).items() if count > 1] == []
    assert len(refs) <= 200


def test_every_kind_is_a_centre_and_every_centre_is_there_once() -> None:
    refs = {entry.ref for entry in relations.entries()}
    centres = [one.centre for one in relations.expected()]
    assert set(centres) <= refs
    assert len(centres) == len(set(centres))
    assert {(ref.group, ref.kind) for ref in refs} == {(ref.group, ref.kind) for ref in centres}


def test_what_is_found_is_there_and_what_is_not_has_another_uid_if_it_is_there() -> None:
    refs = {entry.ref for entry in relations.entries()}
    edges = [edge for _, edge in _edges()]
    assert {edge.holder for edge in edges} <= refs
    assert {edge.target for edge in edges if edge.state == "found"} <= refs
    absent = {edge.target for edge in edges if edge.state != "found"}
    assert {ref.name for ref in absent & refs} == OTHER_UIDS
    assert {edge.state for edge in edges} == {"found", "missing", "optional-absent"}


def test_edges_and_their_reasons_are_sorted_and_none_is_there_twice() -> None:
    for one in relations.expected():
        assert [edge.order for edge in one.edges] == sorted(edge.order for edge in one.edges), one.centre
        ends = [(edge.direction, edge.holder, edge.target) for edge in one.edges]
        assert len(ends) == len(set(ends)), one.centre
        for edge in one.edges:
            assert list(edge.reasons) == sorted(set(edge.reasons)), edge


def test_an_edge_is_the_same_wherever_it_is_come_upon() -> None:
    told: dict[tuple[Ref, Ref, bool, bool], tuple[tuple[str, ...], str]] = {}
    for _, edge in _edges():
        owner = edge.direction in ("owner", "owned")
        key = (edge.holder, edge.target, owner, edge.state == "found")
        assert told.setdefault(key, (edge.reasons, edge.state)) == (edge.reasons, edge.state), edge
        assert (edge.reasons == ("owner",)) == owner, edge


def test_what_one_centre_uses_or_is_owned_by_says_so_of_it_too() -> None:
    first: dict[Ref, Expected] = {one.centre: one for one in relations.expected()}
    for forward, backward in (("uses", "used-by"), ("owner", "owned")):
        for centre, edge in _edges():
            if edge.depth > 1 or edge.direction not in (forward, backward):
                continue
            other = edge.target if edge.direction == forward else edge.holder
            if edge.state != "found" or other not in first:
                continue
            away = backward if edge.direction == forward else forward
            ends = {(e.holder, e.target) for e in first[other].edges if e.direction == away and e.depth == 1}
            assert (edge.holder, edge.target) in ends, (centre, edge)


def test_a_walk_comes_from_the_centre_one_hop_after_the_other() -> None:
    for one in relations.expected():
        for direction in ("owner", "owned", "uses", "used-by"):
            reached = {one.centre: 0}
            for edge in (edge for edge in one.edges if edge.direction == direction):
                ends = (edge.holder, edge.target)
                near, far = ends if direction in ("owner", "uses") else reversed(ends)
                assert reached[near] == edge.depth - 1, (one.centre, edge)
                reached.setdefault(far, edge.depth)


def test_uids_are_filled_in_and_wrong_ones_stay() -> None:
    manifests = {relations.ref_of(manifest): manifest for manifest in relations.resolve()}
    assert len({manifest["metadata"]["uid"] for manifest in manifests.values()}) == len(relations.entries())
    assert not [text for manifest in manifests.values() for text in _texts(manifest) if text.startswith("@")]
    ring = [Ref("example.test", "Widget", "shop", f"ring-{end}") for end in "ab"]
    for one, other in (ring, reversed(ring)):
        assert manifests[one]["metadata"]["ownerReferences"][0]["uid"] == manifests[other]["metadata"]["uid"]
    orphan = manifests[Ref("", "Pod", "shop", "cart-orphan")]["metadata"]["ownerReferences"][0]
    assert orphan["uid"] == "00000000-0000-4000-8000-0000000000bb"
    assert relations.resolve() == relations.resolve()
    assert json.loads(json.dumps(relations.resolve())) == relations.resolve()


def test_a_placeholder_that_names_nothing_is_an_error() -> None:
    with pytest.raises(KeyError):
        relations.fill({"uid": "@core/Node/-/gone"}, {})


KINDS = {("", "Pod"), ("apps", "Deployment"), ("example.test", "Deployment"), ("", "Node")}


def test_edges_are_read_as_they_are_written() -> None:
    text = "# a word\n\n@ Node a\n@ Deployment.example.test s/c\nuses 1  Pod s/p -> Node a  [x; y (init z)]  missing\n"
    pod, node = Ref("", "Pod", "s", "p"), Ref("", "Node", "", "a")
    edge = Edge("uses", 1, pod, node, ("x", "y (init z)"), "missing")
    assert parse(text, KINDS) == (Expected(node, ()), Expected(Ref("example.test", "Deployment", "s", "c"), (edge,)))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("uses 1  Pod s/p -> Node a  [nodeName]", "line 2: no edge"),
        ("uses 1 Pod s/p -> Node a  [nodeName]  found", "line 2: no edge"),
        ("uses 1  Pod s/p -> Node a  []  found", "line 2: no edge"),
        ("used 1  Pod s/p -> Node a  [nodeName]  found", "line 2: no such direction"),
        ("uses 1  Pod s/p -> Node a  [nodeName]  gone", "line 2: no such direction or state"),
        ("uses 1  Pod s/p -> Pad a  [nodeName]  found", "line 2: .*Pad"),
        ("uses 1  Pod s/p -> Pod.apps s/a  [nodeName]  found", "line 2: no kind Pod in apps"),
    ],
)
def test_a_line_that_is_not_understood_is_an_error_that_names_it(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(f"@ Pod s/p\n{line}\n", KINDS)


def test_an_edge_before_any_centre_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 1"):
        parse("uses 1  Pod s/p -> Node a  [nodeName]  found\n", KINDS)


def test_a_kind_that_could_be_several_is_an_error() -> None:
    with pytest.raises(ValueError, match="could be several"):
        parse("", {*KINDS, ("batch", "Pod")})


@pytest.mark.realserver
def test_a_real_server_takes_every_object_as_it_is_written() -> None:
    with RealServer() as server, contextlib.closing(server.client()) as client:
        uids = relations.load_real(client)
        assert list(uids) == [entry.ref for entry in relations.entries()]
        changed = []
        for entry in relations.entries():
            there = client.get(client.path(entry.manifest))
            wanted = relations.fill(entry.manifest, uids)
            if entry.file != relations.SERVERS_OWN:
                changed += [f"{entry.ref}: {text}" for text in _lost(wanted, there)]
        assert changed == []
        accounts = [one["metadata"] for one in client.get("/api/v1/serviceaccounts")["items"]]
        ours = {(ref.namespace, ref.name) for ref in uids if ref.kind == "ServiceAccount"}
        assert {(one["namespace"], one["name"]) for one in accounts} == ours  # a Group may mean all of them
        with contextlib.closing(server.client()) as later:  # discovers with the stale group there
            assert later.get(later.path(relations.entries()[0].manifest))


def _lost(wanted: Any, found: Any, path: str = "") -> list[str]:
    """Where `found` has not what `wanted` says; it may have more."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [text for key, value in wanted.items() for text in _lost(value, found.get(key), f"{path}.{key}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [text for a, b in zip(wanted, found, strict=True) for text in _lost(a, b, f"{path}[]")]
    return [] if wanted == found or (not wanted and not found) else [f"{path}: {wanted!r} is {found!r}"]


def _texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [text for value in part.values() for text in _texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in _texts(value)]
    return [part] if isinstance(part, str) else []
