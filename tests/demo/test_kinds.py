"""Kinds that the simulation serves, and kinds that come and go while it runs."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.demo.resources import CUSTOM, DEFINITIONS, STORED
from kite_tui.demo.world import KindGone, World
from kite_tui.objects.kinds import POD_METRICS, Kind
from tests.demo.conftest import Served

WIDGETS: Kind[Any] = Kind("example.test", "v1", "Widget", "widgets", "widget", True, ("wd",))
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
INITIAL = "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"


def discovered(served: Served) -> dict[str, Any]:
    """Resources of the aggregated documents by plural and group."""
    return {
        f"{resource['resource']}.{group['metadata'].get('name', '')}".removesuffix("."): resource
        for root in ("/api", "/apis")
        for group in served.client().request("GET", root, accept=DISCOVERY).json()["items"]
        for version in group["versions"]
        for resource in version["resources"]
    }


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: str(kind.plural))
def test_every_built_in_kind_is_served_empty_in_every_form(served: Served, kind: Kind[Any]) -> None:
    client = served.client()
    whole = client.get(kind.path())
    assert (whole["kind"], whole["apiVersion"], whole["items"]) == (f"{kind.kind}List", kind.api_version, [])
    assert client.request("GET", kind.path(), accept=METADATA).json()["items"] == []
    assert client.request("GET", kind.path(), accept=TABLE).json()["rows"] == []
    lines = client.watch_lines(f"{kind.path()}?{INITIAL}")
    assert next(lines)["type"] == "BOOKMARK"
    lines.close()  # type: ignore[attr-defined]
    assert client.request("GET", kind.path("a" if kind.namespaced else "", "b")).json()["reason"] == "NotFound"


def test_both_discoveries_tell_every_kind_alike(generated: Served) -> None:
    found = discovered(generated)
    assert set(found) >= {kind.plural for kind in STORED + CUSTOM}
    client = generated.client()
    for kind in STORED + CUSTOM:
        root = kind.path().rpartition("/")[0]
        plain = next(one for one in client.get(root)["resources"] if one["name"] == kind.resource)
        one = found[kind.plural]
        assert one["responseKind"] == {"group": kind.group, "version": kind.version, "kind": kind.kind}
        assert (one["scope"] == "Namespaced") is plain["namespaced"] is kind.namespaced
        assert tuple(one.get("shortNames", ())) == tuple(plain.get("shortNames", ())) == kind.short_names
        assert one.get("categories") == plain.get("categories")


def test_a_kind_that_is_installed_is_served_at_once(served: Served) -> None:
    assert served.client().request("GET", WIDGETS.path()).status == 404
    served.control.install_kind(WIDGETS)
    assert served.client().get(WIDGETS.path())["items"] == []
    assert discovered(served)["widgets.example.test"]["shortNames"] == ["wd"]
    assert served.client().get("/apis/example.test/v1")["resources"][0]["name"] == "widgets"
    assert served.client().get(DEFINITIONS.path(name="widgets.example.test"))["spec"]["names"]["kind"] == "Widget"
    with pytest.raises(ValueError, match="already"):
        served.control.install_kind(WIDGETS)


def test_a_kind_that_is_removed_ends_its_watches_after_their_last_events(served: Served) -> None:
    served.control.install_kind(WIDGETS)
    for name in ("a", "b"):
        served.control.create(WIDGETS, {"metadata": {"name": name, "namespace": "n"}})
    lines = served.client().watch_lines(f"{WIDGETS.path()}?watch=1&timeoutSeconds=60")
    added = [next(lines), next(lines)]
    served.control.remove_kind(WIDGETS)
    rest = list(lines)
    assert [(line["type"], line["object"]["metadata"]["name"]) for line in added + rest] == [
        ("ADDED", "a"),
        ("ADDED", "b"),
        ("DELETED", "a"),
        ("DELETED", "b"),
    ]
    versions = [int(line["object"]["metadata"]["resourceVersion"]) for line in added + rest]
    assert len(set(versions)) == 4
    answer = served.client().request("GET", WIDGETS.path())
    assert (answer.status, answer.body) == (404, b"404 page not found\n")
    assert "widgets.example.test" not in discovered(served)
    assert served.client().get(DEFINITIONS.path())["items"] == []


def test_a_removed_kind_can_be_installed_again_and_is_empty(served: Served) -> None:
    served.control.install_kind(WIDGETS)
    served.control.create(WIDGETS, {"metadata": {"name": "a", "namespace": "n"}})
    served.control.remove_kind(WIDGETS)
    served.control.install_kind(WIDGETS)
    assert served.client().get(WIDGETS.path())["items"] == []


def test_a_built_in_kind_can_be_removed_as_on_a_server_of_another_version(served: Served) -> None:
    kind = next(kind for kind in STORED if kind.resource == "resourceclaims")
    served.control.remove_kind(kind)
    assert served.client().request("GET", kind.path()).json()["message"] == (
        "the server could not find the requested resource"
    )
    assert kind.plural not in discovered(served)


def test_nothing_can_be_asked_of_a_kind_that_is_gone() -> None:
    world = World()
    world.uninstall(DEFINITIONS)
    with pytest.raises(KindGone):
        world.snapshot(DEFINITIONS)
    with pytest.raises(KindGone):
        world.uninstall(DEFINITIONS)


def test_a_broken_group_is_stale_and_unavailable_until_it_is_mended(generated: Served) -> None:
    client, group = generated.client(), POD_METRICS.group

    def freshness() -> str:
        groups = client.request("GET", "/apis", accept=DISCOVERY).json()["items"]
        return str(next(one for one in groups if one["metadata"]["name"] == group)["versions"][0]["freshness"])

    assert freshness() == "Current"
    generated.control.break_group(group)
    assert freshness() == "Stale"
    for path in (f"/apis/{group}/v1beta1", POD_METRICS.path()):
        answer = client.request("GET", path)
        assert (answer.status, answer.body) == (503, b"service unavailable\n")
    assert client.request("GET", "/apis/apps/v1").status == 200
    generated.control.mend_group(group)
    assert (freshness(), client.request("GET", POD_METRICS.path()).status) == ("Current", 200)
