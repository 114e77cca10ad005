"""What the simulated server serves: every kind, what it can be selected by, and how a path names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

CONFIG_MAPS: Kind[Any] = Kind("", "v1", "ConfigMap", "configmaps", "configmap", True, ("cm",))
SECRETS: Kind[Any] = Kind("", "v1", "Secret", "secrets", "secret", True)
SERVICE_ACCOUNTS: Kind[Any] = Kind("", "v1", "ServiceAccount", "serviceaccounts", "serviceaccount", True, ("sa",))
VOLUMES: Kind[Any] = Kind("", "v1", "PersistentVolume", "persistentvolumes", "persistentvolume", False, ("pv",))
REPLICASETS: Kind[Any] = Kind("apps", "v1", "ReplicaSet", "replicasets", "replicaset", True, ("rs",))
JOBS: Kind[Any] = Kind("batch", "v1", "Job", "jobs", "job", True)
CRONJOBS: Kind[Any] = Kind("batch", "v1", "CronJob", "cronjobs", "cronjob", True, ("cj",))
STORAGE_CLASSES: Kind[Any] = Kind(
    "storage.k8s.io", "v1", "StorageClass", "storageclasses", "storageclass", False, ("sc",)
)

STORED: tuple[Kind[Any], ...] = (
    CONFIG_MAPS,
    EVENTS,
    NAMESPACES,
    NODES,
    CLAIMS,
    VOLUMES,
    PODS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    DAEMONSETS,
    DEPLOYMENTS,
    REPLICASETS,
    STATEFULSETS,
    CRONJOBS,
    JOBS,
    STORAGE_CLASSES,
)
"""Kinds whose objects the world keeps, in the order of discovery."""

COMPUTED: tuple[Kind[Any], ...] = (NODE_METRICS, POD_METRICS)
"""Kinds that are answered from samples: get and list, no watch."""

SERVED = STORED + COMPUTED

ALL_CATEGORY = frozenset(
    kind.plural for kind in (PODS, SERVICES, DAEMONSETS, DEPLOYMENTS, REPLICASETS, STATEFULSETS, CRONJOBS, JOBS)
)
"""Kinds of `kubectl get all`."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    PODS.plural: (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
    ),
    NODES.plural: ("spec.unschedulable",),
    NAMESPACES.plural: ("status.phase",),
    EVENTS.plural: (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "reason",
        "reportingComponent",
        "type",
    ),
    SECRETS.plural: ("type",),
    SERVICES.plural: ("spec.clusterIP", "spec.type"),
}
"""What a field selector may name, beside metadata.name and metadata.namespace."""


def verbs(kind: Kind[Any]) -> tuple[str, ...]:
    """The verbs that are served, as discovery lists them."""
    return ("get", "list") if kind in COMPUTED else ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names. `name` is empty for a list, `namespace` for all of them or a cluster-scoped kind."""

    kind: Kind[Any]
    namespace: str
    name: str


_BY_PREFIX = {
    (kind.path().rsplit("/", 1)[0], kind.resource): kind for kind in SERVED
}  # ("/api/v1", "pods"), ("/apis/apps/v1", "deployments")

GROUP_VERSIONS = tuple(dict.fromkeys((kind.group, kind.version) for kind in SERVED))


def locate(path: str) -> Target | None:
    """What a path of resources names; None where nothing of the kind is served there."""
    parts = path.strip("/").split("/")
    depth = 2 if parts[0] == "api" else 3
    prefix, rest = "/" + "/".join(parts[:depth]), parts[depth:]
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    if not 1 <= len(rest) <= 2:
        return None
    kind = _BY_PREFIX.get((prefix, rest[0]))
    name = rest[1] if len(rest) == 2 else ""
    if kind is None or (namespace and not kind.namespaced) or (name and kind.namespaced and not namespace):
        return None
    return Target(kind, namespace, name)
