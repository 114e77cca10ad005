"""Kinds as an API server tells and serves them: the built-in ones, and custom ones that come and go."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kite_tui.demo.resources import CATEGORIES, JOBS, REPLICATION_CONTROLLERS, STORED
from kite_tui.objects.kinds import Kind
from tests.conformance.client import Manifest
from tests.conformance.subjects import LIST, OBJECT, TABLE, Subject, groups, names, told, wait_until

_numbers = itertools.count(1)


@pytest.fixture
def widgets(subject: Subject) -> Kind[Any]:
    """A custom kind of this test's own, served."""
    kind: Kind[Any] = Kind(f"g{next(_numbers)}.example.test", "v1", "Widget", "widgets", "widget", True, ("wd",))
    subject.install(kind)
    return kind


def widget(subject: Subject, kind: Kind[Any], name: str, **labels: str) -> Manifest:
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": subject.namespace, "labels": labels},
        "spec": {"size": 3},
    }


def test_discovery_tells_every_built_in_kind_as_the_table_of_kinds_has_it(subject: Subject) -> None:
    found = groups(subject.client())
    for kind in STORED:
        version = next(one for one in found[kind.group]["versions"] if one["version"] == kind.version)
        told = next(one for one in version["resources"] if one["resource"] == kind.resource)
        assert version["freshness"] == "Current"
        assert told["responseKind"]["kind"] == kind.kind
        assert told["singularResource"] == kind.singular
        assert told["scope"] == ("Namespaced" if kind.namespaced else "Cluster")
        assert tuple(told.get("shortNames", ())) == kind.short_names
        assert tuple(told.get("categories", ())) == CATEGORIES.get(kind.plural, ())
        assert set(told["verbs"]) >= {"get", "list", "watch"}


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: str(kind.plural))
def test_every_built_in_kind_can_be_listed_whole_as_metadata_and_as_a_table(subject: Subject, kind: Kind[Any]) -> None:
    client, path = subject.client(), kind.path(subject.namespace)
    listing = client.get(path)
    assert (listing["kind"], listing["apiVersion"]) == (f"{kind.kind}List", kind.api_version)
    assert client.request("GET", path, accept=LIST).json()["kind"] == "PartialObjectMetadataList"
    table = client.request("GET", path, accept=TABLE).json()
    assert table["kind"] == "Table"
    assert "name" in {column["name"].lower() for column in table["columnDefinitions"]}


@pytest.mark.parametrize(
    ("kind", "selector"), [(JOBS, "status.successful=7"), (REPLICATION_CONTROLLERS, "status.replicas=7")]
)
def test_some_kinds_can_be_selected_by_a_field_of_their_status(
    subject: Subject, kind: Kind[Any], selector: str
) -> None:
    assert subject.client().get(f"{kind.path()}?fieldSelector={selector}")["items"] == []


def test_a_namespace_in_the_path_of_a_cluster_scoped_kind_is_not_found(subject: Subject) -> None:
    answer = subject.client().request("GET", "/apis/rbac.authorization.k8s.io/v1/namespaces/x/clusterroles")
    assert (answer.status, answer.json()["message"]) == (404, "the server could not find the requested resource")


def test_an_installed_kind_is_discovered_by_group_and_version(subject: Subject, widgets: Kind[Any]) -> None:
    client = subject.client()
    told = groups(client)[widgets.group]["versions"][0]["resources"][0]
    assert told["responseKind"] == {"group": widgets.group, "version": "v1", "kind": "Widget"}
    assert (told["resource"], told["singularResource"], told["shortNames"]) == ("widgets", "widget", ["wd"])
    plain = client.get(f"/apis/{widgets.group}/v1")
    assert (plain["groupVersion"], plain["resources"][0]["name"]) == (widgets.api_version, "widgets")
    assert client.get(f"/apis/{widgets.group}")["preferredVersion"]["version"] == "v1"


def test_a_list_of_custom_objects_has_sorted_keys_and_the_kind_in_every_item(
    subject: Subject, widgets: Kind[Any]
) -> None:
    subject.create(widget(subject, widgets, "a"))
    listing = subject.client().get(widgets.path(subject.namespace))
    assert list(listing) == ["apiVersion", "items", "kind", "metadata"]
    assert (listing["apiVersion"], listing["kind"]) == (widgets.api_version, "WidgetList")
    assert list(listing["metadata"]) == ["continue", "resourceVersion"]
    assert listing["metadata"]["continue"] == ""
    assert list(listing["items"][0])[:3] == ["apiVersion", "kind", "metadata"]
    assert subject.client().get(widgets.path(subject.namespace, "a")) == listing["items"][0]


def test_custom_objects_come_in_pages_and_by_label(subject: Subject, widgets: Kind[Any]) -> None:
    for number in range(3):
        subject.create(widget(subject, widgets, f"w{number}", even=str(number % 2 == 0)))
    client, path = subject.client(), widgets.path(subject.namespace)
    page = client.get(f"{path}?limit=2")
    assert page["metadata"]["remainingItemCount"] == 1
    rest = client.get(f"{path}?limit=2&continue={page['metadata']['continue']}")
    assert names(page) + names(rest) == ["w0", "w1", "w2"]
    assert rest["metadata"]["continue"] == ""
    assert names(client.get(f"{path}?labelSelector=even%3DTrue")) == ["w0", "w2"]
    assert client.request("GET", f"{path}?fieldSelector=spec.size%3D3").status == 400


def test_the_metadata_of_custom_objects_comes_in_the_form_of_every_other(subject: Subject, widgets: Kind[Any]) -> None:
    subject.create(widget(subject, widgets, "a"))
    client, path = subject.client(), widgets.path(subject.namespace)
    listing = client.request("GET", path, accept=LIST).json()
    assert list(listing) == ["kind", "apiVersion", "metadata", "items"]
    assert set(listing["metadata"]) == {"resourceVersion"}
    one = client.request("GET", f"{path}/a", accept=OBJECT).json()
    assert listing["items"] == [one]
    assert set(one) == {"kind", "apiVersion", "metadata"}
    query = "watch=1&timeoutSeconds=1&resourceVersion=0"
    assert list(client.watch_lines(f"{path}?{query}", accept=OBJECT)) == [{"type": "ADDED", "object": one}]
    table = client.request("GET", path, accept=TABLE).json()
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Age"]
    answer = client.request("GET", path, accept=OBJECT)
    assert answer.json()["message"].endswith("the requested object is a list (*unstructured.UnstructuredList)")


def test_what_a_custom_group_does_not_have_is_a_page_that_is_not_found(subject: Subject, widgets: Kind[Any]) -> None:
    client = subject.client()
    for path in (f"/apis/{widgets.group}/v1/foos", f"/apis/{widgets.group}/v2/widgets", "/apis/gone.test/v1/widgets"):
        answer = client.request("GET", path)
        assert (answer.status, answer.body) == (404, b"404 page not found\n")
    one = client.request("GET", widgets.path(subject.namespace, "gone"))
    assert one.json()["message"] == f'{widgets.plural} "gone" not found'
    assert one.json()["details"] == {"name": "gone", "group": widgets.group, "kind": "widgets"}


def test_a_kind_that_is_removed_tells_its_watches_and_ends_them(subject: Subject, widgets: Kind[Any]) -> None:
    client, path = subject.client(), widgets.path(subject.namespace)
    subject.create(widget(subject, widgets, "a"))
    lines = client.watch_lines(f"{path}?watch=1&timeoutSeconds=60")
    assert told([next(lines)]) == [("ADDED", "a")]
    subject.remove(widgets)
    assert told(list(lines)) == [("DELETED", "a")]
    wait_until(lambda: client.request("GET", path).status == 404)
    assert client.request("GET", path).body == b"404 page not found\n"
    wait_until(lambda: widgets.group not in groups(client))


def test_a_group_whose_server_is_down_is_stale_and_unavailable(subject: Subject) -> None:
    group = f"b{next(_numbers)}.example.test"
    subject.break_group(group)
    client = subject.client()
    wait_until(lambda: client.request("GET", f"/apis/{group}/v1").status == 503)
    assert [one["freshness"] for one in groups(client)[group]["versions"]] == ["Stale"]
    answer = client.request("GET", f"/apis/{group}/v1/things")
    assert (answer.status, answer.body) == (503, b"service unavailable\n")
    assert client.get(f"/apis/{group}")["name"] == group
    assert groups(client)["apps"]["versions"][0]["freshness"] == "Current"
