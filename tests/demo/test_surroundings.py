"""What stands around the pods fits them: nothing is named that isn't there, but for what is meant to be missing."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from kite_tui.demo import resources as r
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.resources import CUSTOM, STORED
from kite_tui.objects.kinds import CLAIMS, NODES, PODS, SERVICES, STATEFULSETS
from tests.demo.conftest import NOW_S, documents
from tests.demo.references import Name, references
from tests.demo.test_live import lived

MISSING = {
    ("configmaps", "shop", "promo-banner-config"),
    ("csidrivers.storage.k8s.io", "", "rbd.csi.ceph.com"),
    ("roles.rbac.authorization.k8s.io", "data", "backup-operator"),
    ("secrets", "payments", "legacy-registry"),
    ("serviceaccounts", "data", "backup"),
    ("services", "shop", "mobile-storefront"),
}
"""Named, but not there."""

OPTIONAL = {
    ("configmaps", "shop", "catalog-overrides"),
    ("storageclasses.storage.k8s.io", "", "ceph-rbd"),
}
"""Named by those who do without, and not there."""


def absent(cluster: Cluster) -> tuple[set[Name], set[Name]]:
    """What is named and isn't there: what is needed, and what is optional."""
    there: set[Name] = set()
    named: tuple[set[Name], set[Name]] = set(), set()
    for kind in STORED + CUSTOM:
        for one in documents(cluster, kind):
            there.add((kind.plural, one["metadata"].get("namespace", ""), one["metadata"]["name"]))
            for name, optional in references(kind, one):
                named[optional].add(name)
    return named[False] - there, named[True] - there


def test_a_default_cluster_has_objects_of_every_kind(cluster: Cluster) -> None:
    assert [kind.plural for kind in STORED + CUSTOM if not cluster.world.snapshot(kind)[1].items] == []


def test_nothing_is_missing_but_what_is_meant_to_be(cluster: Cluster) -> None:
    assert absent(cluster) == (MISSING, OPTIONAL)


def test_nothing_more_is_missing_after_a_long_life() -> None:
    assert absent(lived(2500)) == (MISSING, OPTIONAL)


@pytest.mark.parametrize(("nodes", "pods"), [(1, 1), (2, 40), (4, 150), (40, 2000)])
def test_a_cluster_of_any_size_misses_only_things_of_these_names(nodes: int, pods: int) -> None:
    needed, optional = absent(generate(DemoOptions(nodes=nodes, pods=pods), lambda: NOW_S))
    assert {(plural, name) for plural, _, name in needed} <= {(plural, name) for plural, _, name in MISSING}
    assert {(plural, name) for plural, _, name in optional} <= {(plural, name) for plural, _, name in OPTIONAL}


def test_every_pod_has_a_token_of_its_own_but_mirror_pods_have_none(cluster: Cluster) -> None:
    names: Counter[str] = Counter()
    for pod in documents(cluster, PODS):
        spec, notes = pod["spec"], pod["metadata"].get("annotations", {})
        mounts = {mount["name"] for container in spec["containers"] for mount in container.get("volumeMounts", ())}
        tokens = [one["name"] for one in spec["volumes"] if one["name"].startswith("kube-api-access-")]
        if "kubernetes.io/config.mirror" in notes:
            assert (tokens, "serviceAccountName" in spec) == ([], False)
            continue
        assert re.fullmatch("kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}", tokens[0])
        assert set(tokens) <= mounts
        names.update(tokens)
    assert len(names) > 450
    assert len(names) > 0.99 * names.total()


def test_every_mount_is_of_a_volume_that_the_pod_has(cluster: Cluster) -> None:
    for pod in documents(cluster, PODS):
        volumes = [volume["name"] for volume in pod["spec"]["volumes"]]
        assert len(set(volumes)) == len(volumes)
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())):
            assert {mount["name"] for mount in container.get("volumeMounts", ())} <= set(volumes)


def test_every_node_has_its_lease_and_its_csi_node(cluster: Cluster) -> None:
    nodes = {node["metadata"]["name"]: node["metadata"]["uid"] for node in documents(cluster, NODES)}
    leases = [one for one in documents(cluster, r.LEASES) if one["metadata"]["namespace"] == "kube-node-lease"]
    for found in (leases, documents(cluster, r.CSI_NODES)):
        owners = {one["metadata"]["name"]: one["metadata"]["ownerReferences"][0] for one in found}
        assert {name: owner["uid"] for name, owner in owners.items()} == nodes
        assert {owner["kind"] for owner in owners.values()} == {"Node"}


def test_a_heartbeat_renews_the_lease_first() -> None:
    clock = [NOW_S]
    cluster = generate(DemoOptions(nodes=3, pods=10), lambda: clock[0])
    node = next(iter(cluster.nodes.values()))
    clock[0] += 10
    cluster.beat(node)
    lease, itself = (
        cluster.world.get(kind, space, node.name) for kind, space in ((r.LEASES, "kube-node-lease"), (NODES, ""))
    )
    assert lease is not None
    assert itself is not None
    assert lease.revision == itself.revision - 1
    assert b'"renewTime":"2026-09-21T14:13:30.000000Z"' in lease.body()


def test_volumes_are_attached_where_the_pod_of_their_claim_runs(cluster: Cluster) -> None:
    attached = {
        one["spec"]["source"]["persistentVolumeName"]: one["spec"]["nodeName"]
        for one in documents(cluster, r.ATTACHMENTS)
    }
    volumes = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one["spec"].get("volumeName")
        for one in documents(cluster, CLAIMS)
    }
    count = 0
    for pod in documents(cluster, PODS):
        for volume in pod["spec"]["volumes"]:
            claim = volume.get("persistentVolumeClaim", {}).get("claimName", "")
            if claim.startswith("data-"):
                name = volumes[pod["metadata"]["namespace"], claim]
                assert attached.get(name) == pod["spec"].get("nodeName")
                count += name is not None
    assert count == len(attached) > 10


def test_chains_of_owners_lead_from_an_ingress_to_a_request_and_from_a_prometheus_to_a_pod(cluster: Cluster) -> None:
    by_uid: dict[str, tuple[str, dict[str, Any]]] = {
        one["metadata"]["uid"]: (kind.kind, one["metadata"])
        for kind in STORED + CUSTOM
        for one in documents(cluster, kind)
    }

    def chain(metadata: dict[str, Any]) -> list[str]:
        found: list[str] = []
        while metadata.get("ownerReferences"):
            kind, metadata = by_uid[metadata["ownerReferences"][0]["uid"]]
            found.append(kind)
        return found

    requests = {one["metadata"]["name"]: chain(one["metadata"]) for one in documents(cluster, r.CERTIFICATE_REQUESTS)}
    assert requests["shop-tls-1"] == ["Certificate", "Ingress"]
    assert requests["public-gateway-tls-1"] == ["Certificate", "Gateway"]
    assert requests["grafana-tls-1"] == ["Certificate"]
    pods = {one["metadata"]["name"]: chain(one["metadata"]) for one in documents(cluster, PODS)}
    assert pods["prometheus-k8s-0"] == ["StatefulSet", "Prometheus"]
    assert ["Job", "CronJob"] in pods.values()
    assert ["ReplicaSet", "Deployment"] in pods.values()


def test_selectors_are_empty_and_of_expressions_and_of_labels(cluster: Cluster) -> None:
    policies = [one["spec"]["podSelector"] for one in documents(cluster, r.NETWORK_POLICIES)]
    budgets = [one["spec"]["selector"] for one in documents(cluster, r.DISRUPTION_BUDGETS)]
    for selectors in (policies, budgets):
        assert {} in selectors
        assert {key for selector in selectors for key in selector} == {"matchLabels", "matchExpressions"}
    aggregated = [one for one in documents(cluster, r.CLUSTER_ROLES) if "aggregationRule" in one]
    assert {one["metadata"]["name"] for one in aggregated} == {"admin", "edit", "view"}


def test_a_service_without_selector_has_the_slice_of_a_pod_and_one_of_strangers(cluster: Cluster) -> None:
    bare = {
        one["metadata"]["name"]
        for one in documents(cluster, SERVICES)
        if "selector" not in one["spec"] and one["spec"]["type"] != "ExternalName"
    }
    assert bare == {"kubernetes", "ledger-primary", "legacy-billing"}
    targets = {
        one["metadata"]["labels"]["kubernetes.io/service-name"]: [
            endpoint.get("targetRef", {}).get("name") for endpoint in one["endpoints"]
        ]
        for one in documents(cluster, r.ENDPOINT_SLICES)
        if "ownerReferences" not in one["metadata"]
    }
    assert targets["ledger-primary"] == ["ledger-0"]
    assert set(targets["legacy-billing"]) == {None}


def test_pods_of_a_set_are_of_its_controller_revision(cluster: Cluster) -> None:
    revisions = {
        (one["metadata"]["namespace"], one["metadata"]["name"]) for one in documents(cluster, r.CONTROLLER_REVISIONS)
    }
    for one in documents(cluster, STATEFULSETS):
        assert (one["metadata"]["namespace"], one["status"]["currentRevision"]) in revisions
