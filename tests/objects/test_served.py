"""What a server serves: how people name kinds, and what its documents of discovery come to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kite_tui.objects import kinds
from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, METRICS, NODES, PODS, SERVICES, Kind
from kite_tui.objects.served import NOTHING_KNOWN, Served, read_aggregated, read_groups, read_resources

Json = dict[str, Any]
KNATIVE: Kind[Any] = Kind("serving.example.test", "v1", "Service", "services", "service", True, ("ksvc",))
WIDGETS: Kind[Any] = Kind("a.example.test", "v1", "Widget", "widgets", "widget", True, ("wd", "po"))
GADGETS: Kind[Any] = Kind("b.example.test", "v1beta1", "Gadget", "gadgets", "gadget", False, ("wd",))
SERVED = Served([PODS, NODES, SERVICES, DEPLOYMENTS, KNATIVE, WIDGETS, GADGETS])


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("deployments", DEPLOYMENTS),
        ("deployment", DEPLOYMENTS),
        ("Deployment", DEPLOYMENTS),
        ("DEPLOY", DEPLOYMENTS),
        ("deployments.apps", DEPLOYMENTS),
        ("deployment.apps", DEPLOYMENTS),
        ("deploy.apps", DEPLOYMENTS),
        ("deployments.v1.apps", DEPLOYMENTS),
        ("Deployment.v1.apps", DEPLOYMENTS),
        ("pods.v1", PODS),
        ("pods.", PODS),
        ("services", SERVICES),
        ("services.serving.example.test", KNATIVE),
        ("service.v1.serving.example.test", KNATIVE),
        ("ksvc", KNATIVE),
        ("wd", WIDGETS),
        ("wd.b.example.test", GADGETS),
        ("po", PODS),
        ("po.a.example.test", WIDGETS),
        ("deployments.v1beta1.apps", None),
        ("deployments.extensions", None),
        ("deployments.app", None),
        ("pods.apps", None),
        ("pod/", None),
        ("", None),
        (".", None),
        (".apps", None),
        ("deployments..apps", None),
    ],
)
def test_kinds_are_found_by_the_words_that_kubectl_takes(word: str, kind: Kind[Any] | None) -> None:
    assert SERVED.find(word) == kind


def test_a_whole_name_goes_before_a_short_one_and_what_is_served_first_before_what_comes_later() -> None:
    svc: Kind[Any] = Kind("x.example.test", "v1", "Svc", "svc", "svc", True)
    assert Served([SERVICES, svc]).find("svc") == svc
    assert Served([KNATIVE, SERVICES]).find("services") == KNATIVE
    assert Served([SERVICES, KNATIVE]).find("services") == SERVICES


def test_objects_name_kinds_by_group_and_kind() -> None:
    assert SERVED.of_type("serving.example.test", "Service") == KNATIVE
    assert SERVED.of_type("", "Service") == SERVICES
    assert SERVED.of_type("apps", "Pod") is None


# -- what is searched -----------------------------------------------------------------------------------------------


def test_neither_events_nor_computed_nor_unwatched_kinds_are_searched() -> None:
    new_events: Kind[Any] = Kind("events.k8s.io", "v1", "Event", "events", "event", True)
    custom: Kind[Any] = Kind("custom.metrics.k8s.io", "v1beta1", "MetricValueList", "pods", "", True)
    found = Served([PODS, EVENTS, new_events, *METRICS, custom, WIDGETS, GADGETS], unwatched=[WIDGETS])
    assert found.searched == (PODS, GADGETS)
    assert found.find("events") == EVENTS
    assert found.find("wd") == WIDGETS


def test_a_custom_kind_that_is_called_event_too_is_an_object_like_others() -> None:
    parties: Kind[Any] = Kind("calendar.example.test", "v1", "Event", "events", "event", True)
    measured: Kind[Any] = Kind("my-metrics.k8s.io.example.test", "v1", "Metric", "metrics", "metric", True)
    assert Served([parties, measured]).searched == (parties, measured)


def test_before_discovery_has_answered_it_is_what_every_server_has() -> None:
    assert not NOTHING_KNOWN.is_known
    assert set(NOTHING_KNOWN.searched) == {PODS, NODES, kinds.NAMESPACES, SERVICES, kinds.CLAIMS, *kinds.WORKLOADS}
    assert NOTHING_KNOWN.find("po") == PODS


def test_what_is_served_is_compared_whole() -> None:
    assert Served([PODS, NODES]) == Served([PODS, NODES, PODS])
    for other in (
        Served([NODES, PODS]),
        Served([PODS, NODES], unwatched=[NODES]),
        Served([PODS, NODES], failed=[("apps", "down")]),
        Served([PODS, NODES], is_known=False),
    ):
        assert Served([PODS, NODES]) != other


# -- documents ------------------------------------------------------------------------------------------------------

WATCHED = ["get", "list", "watch"]


def resource(kind: str, plural: str, *verbs: str, scope: str = "Namespaced", **more: Any) -> Json:
    type_ = {"group": "", "version": "", "kind": kind}
    return {"resource": plural, "responseKind": type_, "scope": scope, "verbs": list(verbs or WATCHED), **more}


def version(name: str, *resources: Json, freshness: str = "Current") -> Json:
    return {"version": name, "resources": list(resources), "freshness": freshness}


def aggregated(*groups: tuple[str, list[Json]]) -> bytes:
    items = [{"metadata": {"name": name} if name else {}, "versions": versions} for name, versions in groups]
    return json.dumps({"kind": "APIGroupDiscoveryList", "items": items}).encode()


def test_the_aggregated_document_gives_each_kind_once_in_the_version_preferred() -> None:
    scale = [{"subresource": "scale", "verbs": ["get"]}]
    deployments = resource(
        "Deployment", "deployments", singularResource="deployment", shortNames=["deploy"], subresources=scale
    )
    body = aggregated(
        ("apps", [version("v1", deployments), version("v1beta1", deployments, resource("Old", "olds"))]),
        ("", [version("v1", resource("Node", "nodes", scope="Cluster"), resource("Binding", "bindings", "create"))]),
    )
    listed = read_aggregated(body)
    assert listed is not None
    (found, failed) = listed
    assert failed == []
    assert [(kind.api_version, kind.kind, kind.namespaced, watch) for kind, watch in found] == [
        ("apps/v1", "Deployment", True, True),
        ("apps/v1beta1", "Old", True, True),
        ("v1", "Node", False, True),
    ]
    assert found[0][0] is DEPLOYMENTS
    assert found[2][0] is NODES


def test_what_is_stale_is_told_and_what_was_known_of_it_kept() -> None:
    body = aggregated(
        (
            "far.test",
            [version("v2", resource("Far", "fars"), freshness="Stale"), version("v1", resource("Far", "fars"))],
        ),
        ("near.test", [version("v1", resource("Near", "nears", "get", "list"))]),
    )
    listed = read_aggregated(body)
    assert listed is not None
    (found, failed) = listed
    assert [(kind.kind, kind.version, watch) for kind, watch in found] == [("Far", "v2", True), ("Near", "v1", False)]
    ((group, reason),) = failed
    assert (group, "far.test/v2" in reason, "stale" in reason) == ("far.test", True, True)


def test_an_older_server_s_documents_are_told_apart_and_read_group_by_group() -> None:
    assert read_aggregated(b'{"kind": "APIVersions", "versions": ["v1"]}') is None
    groups = {
        "kind": "APIGroupList",
        "groups": [
            {"name": "apps", "versions": [], "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"}},
            {"name": "odd.test"},
        ],
    }
    assert read_aggregated(json.dumps(groups).encode()) is None
    assert read_groups(json.dumps(groups).encode()) == [("apps", "v1")]
    resources = [
        {"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": WATCHED, "shortNames": ["deploy"]},
        {"name": "deployments/scale", "kind": "Scale", "namespaced": True, "verbs": ["get", "list"]},
        {"name": "oddities", "singularName": "", "kind": "Oddity", "namespaced": False, "verbs": ["list"]},
        {"name": "reviews", "kind": "Review", "namespaced": False, "verbs": ["create"]},
    ]
    found = read_resources(json.dumps({"resources": resources}).encode(), "apps", "v1")
    assert found == [(DEPLOYMENTS, True), (Kind("apps", "v1", "Oddity", "oddities", "oddity", False), False)]
    assert found[0][0] is DEPLOYMENTS


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b'{"items": 7}', b'{"kind": []}', b"\xff"])
def test_what_is_no_document_of_discovery_is_an_error_that_names_itself(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_aggregated(body)


@pytest.mark.parametrize("odd", [None, []])
def test_lists_that_are_not_there_are_empty(odd: Any) -> None:
    body = json.dumps(
        {"kind": "APIGroupDiscoveryList", "items": [{"versions": odd}, {"versions": [{"resources": odd}]}]}
    )
    assert read_aggregated(body.encode()) == ([], [])
    assert read_groups(json.dumps({"groups": odd}).encode()) == []
    assert read_resources(json.dumps({"resources": odd}).encode(), "", "v1") == []
