"""What the server serves, as discovery tells it: aggregated (apidiscovery.k8s.io/v2) and in the older documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from kite_tui.demo.resources import CATEGORIES, verbs
from kite_tui.objects.kinds import Kind

Document = dict[str, Any]
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def is_aggregated(accept: str) -> bool:
    """Whether an Accept header prefers the aggregated document, whatever the order of its parameters."""
    first, *rest = (part.strip() for part in accept.split(",", 1)[0].split(";"))
    return first == "application/json" and set(rest) >= {
        "g=apidiscovery.k8s.io",
        "v=v2",
        "as=APIGroupDiscoveryList",
    }


def aggregated(kinds: Sequence[Kind[Any]], *, core: bool, stale: Collection[str] = ()) -> Document:
    """All resources of core/v1, or of every other group, in one document.

    Of the groups in `stale` it tells what was known before their servers stopped answering.
    """
    items = []
    for group, version in _groups(kinds, core=core):
        entry = {
            "version": version,
            "resources": [_discovered(kind) for kind in kinds if (kind.group, kind.version) == (group, version)],
            "freshness": "Stale" if group in stale else "Current",
        }
        items.append({"metadata": {"name": group} if group else {}, "versions": [entry]})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def versions(address: str) -> Document:
    """The document at /api."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def groups(kinds: Sequence[Kind[Any]]) -> Document:
    """The document at /apis."""
    found = [_group(group, version) for group, version in _groups(kinds, core=False)]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group_or_resources(kinds: Sequence[Kind[Any]], path: str) -> Document | None:
    """The document at /apis/GROUP, /apis/GROUP/VERSION or /api/v1; None where no group stands there."""
    parts = path.strip("/").split("/")
    for group, version in [*_groups(kinds, core=True), *_groups(kinds, core=False)]:
        root = ["apis", group, version] if group else ["api", version]
        if parts == root:
            return _resources(kinds, group, version)
        if group and parts == root[:2]:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, version)}
    return None


def _groups(kinds: Sequence[Kind[Any]], *, core: bool) -> list[tuple[str, str]]:
    return list(dict.fromkeys((kind.group, kind.version) for kind in kinds if (kind.group == "") is core))


def _group(group: str, version: str) -> Document:
    entry = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [entry], "preferredVersion": entry}


def _resources(kinds: Sequence[Kind[Any]], group: str, version: str) -> Document:
    resources = []
    for kind in kinds:
        if (kind.group, kind.version) == (group, version):
            resource: Document = {
                "name": kind.resource,
                "singularName": kind.singular,
                "namespaced": kind.namespaced,
                "kind": kind.kind,
                "verbs": list(verbs(kind)),
            }
            resources.append(resource | _extras(kind))
    group_version = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}


def _discovered(kind: Kind[Any]) -> Document:
    resource: Document = {
        "resource": kind.resource,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(verbs(kind)),
    }
    return resource | _extras(kind)


def _extras(kind: Kind[Any]) -> Document:
    extras: Document = {"shortNames": list(kind.short_names)} if kind.short_names else {}
    categories = CATEGORIES.get(kind.plural)
    return extras | ({"categories": list(categories)} if categories else {})
