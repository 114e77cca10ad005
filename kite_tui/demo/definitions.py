"""CustomResourceDefinitions: what brings a kind that no server has of itself."""

from __future__ import annotations

from typing import Any

from kite_tui.demo.resources import CATEGORIES
from kite_tui.demo.templates import Document
from kite_tui.objects.kinds import Kind


def definition(kind: Kind[Any]) -> Document:
    """The definition of a kind, established; its metadata is without identity and age."""
    names: Document = {
        "plural": kind.resource,
        "singular": kind.singular,
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
    }
    if kind.short_names:
        names["shortNames"] = list(kind.short_names)
    if kind.plural in CATEGORIES:
        names["categories"] = list(CATEGORIES[kind.plural])
    version = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    conditions = [
        {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
        {
            "type": "Established",
            "status": "True",
            "reason": "InitialNamesAccepted",
            "message": "the initial names have been accepted",
        },
    ]
    metadata: Document = {"name": kind.plural}
    if kind.group.endswith(".k8s.io"):  # upstream's own groups want a review
        metadata["annotations"] = {"api-approved.kubernetes.io": f"https://github.com/kubernetes-sigs/{kind.resource}"}
    return {
        "metadata": metadata,
        "spec": {
            "group": kind.group,
            "names": names,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [version],
            "conversion": {"strategy": "None"},
        },
        "status": {"conditions": conditions, "acceptedNames": names, "storedVersions": [kind.version]},
    }
