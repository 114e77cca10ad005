"""Namespaces, and what pods are given to read there: ConfigMaps, Secrets and accounts; and how much they may take."""

from __future__ import annotations

import math

from kite_tui.demo.around.scribe import Made, Scribe, condition
from kite_tui.demo.catalogue import App
from kite_tui.demo.names import rfc3339
from kite_tui.demo.resources import CONFIG_MAPS, LIMIT_RANGES, QUOTAS, SECRETS, SERVICE_ACCOUNTS
from kite_tui.demo.templates import (
    ADMISSION_SECRET,
    MESH_CA,
    PULL_SECRET,
    Document,
    app_labels,
    pull_secrets,
    service_account,
)
from kite_tui.objects.kinds import NAMESPACES

ENDING = "legacy-cart"
"""A namespace that has been Terminating for a while."""

_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIDEMO\n-----END CERTIFICATE-----\n"
_ENCODED = "ZGVtby1zZWNyZXQtdmFsdWU="
_LOGIN = "eyJhdXRocyI6eyJyZWdpc3RyeS5leGFtcGxlLmNvbSI6e319fQ=="
_TOKEN_ACCOUNT = "runner"


def objects(scribe: Scribe) -> Made:
    """All of them."""
    yield from _namespaces(scribe)
    yield from _config(scribe)
    yield from _secrets(scribe)
    yield from _accounts(scribe)
    yield from _shares(scribe)


def _namespaces(scribe: Scribe) -> Made:
    for name in scribe.namespaces:
        labels = {"kubernetes.io/metadata.name": name}
        yield (
            NAMESPACES,
            {
                "metadata": scribe.metadata("", name, labels=labels),
                "spec": {"finalizers": ["kubernetes"]},
                "status": {"phase": "Active"},
            },
        )
    yield NAMESPACES, _ending_namespace(scribe)


def _ending_namespace(scribe: Scribe) -> Document:
    since = rfc3339(scribe.now_s - 47 * 60)
    conditions = [
        condition("NamespaceDeletionDiscoveryFailure", since, "ResourcesDiscovered",
                  "All resources successfully discovered", true=False),
        condition("NamespaceDeletionContentFailure", since, "ContentDeleted",
                  "All content successfully deleted, may be waiting on finalization", true=False),
        condition("NamespaceContentRemaining", since, "SomeResourcesRemain",
                  "Some resources are remaining: persistentvolumeclaims. has 1 resource instances"),
        condition("NamespaceFinalizersRemaining", since, "SomeFinalizersRemain",
                  "Some content in the namespace has finalizers remaining: kubernetes.io/pvc-protection in 1 "
                  "resource instances"),
    ]  # fmt: skip
    labels = {"kubernetes.io/metadata.name": ENDING}
    return {
        "metadata": scribe.metadata("", ENDING, labels=labels, deletionTimestamp=since),
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Terminating", "conditions": conditions},
    }


def _config(scribe: Scribe) -> Made:
    for namespace in scribe.namespaces:
        data = {"ca.crt": _CERTIFICATE}
        yield CONFIG_MAPS, {"metadata": scribe.metadata(namespace, "kube-root-ca.crt"), "data": data}
    for namespace in dict.fromkeys(one.namespace for one in scribe.planned if "sidecar" in one.app.traits):
        labels = {"istio.io/config": "true"}
        metadata = scribe.metadata(namespace, MESH_CA, labels=labels)
        yield CONFIG_MAPS, {"metadata": metadata, "data": {"root-cert.pem": _CERTIFICATE}}
    for one in scribe.planned:
        app = one.app
        if "config" in app.traits and app.fault != "config":
            data = {"application.yaml": f"name: {app.name}\nport: {app.port}\n"}
            metadata = scribe.metadata(one.namespace, f"{app.name}-config", labels=app_labels(app))
            yield CONFIG_MAPS, {"metadata": metadata, "data": data}
        if "assets" in app.traits:
            metadata = scribe.metadata(one.namespace, f"{app.name}-rulefiles", labels=app_labels(app))
            yield CONFIG_MAPS, {"metadata": metadata, "data": {"rules.yaml": "groups: []\n"}}


def _secrets(scribe: Scribe) -> Made:
    pulling = dict.fromkeys(one.namespace for one in scribe.planned if pull_secrets(one.app))
    for namespace in pulling:
        kind = "kubernetes.io/dockerconfigjson"
        metadata = scribe.metadata(namespace, PULL_SECRET)
        yield SECRETS, {"metadata": metadata, "type": kind, "data": {".dockerconfigjson": _LOGIN}}
    for one in scribe.planned:
        app, namespace = one.app, one.namespace
        if "secret" in app.traits:
            yield SECRETS, _secret(scribe, namespace, f"{app.name}-credentials", "password", labels=app_labels(app))
        if "assets" in app.traits:
            yield SECRETS, _secret(scribe, namespace, app.name, "prometheus.yaml.gz", labels=app_labels(app))
            yield SECRETS, _secret(scribe, namespace, f"{app.name}-tls", "tls.crt", labels=app_labels(app))
        if "admission" in app.traits:
            yield SECRETS, _secret(scribe, namespace, ADMISSION_SECRET, "cert")


def _secret(scribe: Scribe, namespace: str, name: str, key: str, kind: str = "Opaque", **metadata: object) -> Document:
    return {"metadata": scribe.metadata(namespace, name, **metadata), "type": kind, "data": {key: _ENCODED}}


def _accounts(scribe: Scribe) -> Made:
    for namespace in scribe.namespaces:
        yield SERVICE_ACCOUNTS, {"metadata": scribe.metadata(namespace, "default")}
    own: dict[tuple[str, str], App] = {
        (one.namespace, service_account(one.app)): one.app
        for one in scribe.planned
        if service_account(one.app) not in ("", "default")
    }
    for (namespace, name), app in own.items():
        account: Document = {"metadata": scribe.metadata(namespace, name, labels=app_labels(app))}
        if pull_secrets(app):
            account["imagePullSecrets"] = [{"name": PULL_SECRET}]
        if name == _TOKEN_ACCOUNT:
            account["secrets"] = [{"name": f"{name}-token"}]
            notes = {
                "kubernetes.io/service-account.name": name,
                "kubernetes.io/service-account.uid": account["metadata"]["uid"],
            }
            kind = "kubernetes.io/service-account-token"
            yield SECRETS, _secret(scribe, namespace, f"{name}-token", "token", kind, annotations=notes)
        yield SERVICE_ACCOUNTS, account


def _shares(scribe: Scribe) -> Made:
    """Quotas and limits where teams try things out."""
    for product in ("ci", "data"):
        for _, namespace in scribe.spaces(product):
            count = sum(one.pods for one in scribe.of(namespace).values())
            hard = {"pods": str(100 * math.ceil(count / 50)), "services.loadbalancers": "0"}
            used = {"pods": str(count), "services.loadbalancers": "0"}
            metadata = scribe.metadata(namespace, "team")
            yield QUOTAS, {"metadata": metadata, "spec": {"hard": hard}, "status": {"hard": hard, "used": used}}
            limit = {"type": "PersistentVolumeClaim", "max": {"storage": "2Ti"}, "min": {"storage": "1Gi"}}
            yield LIMIT_RANGES, {"metadata": scribe.metadata(namespace, "defaults"), "spec": {"limits": [limit]}}
