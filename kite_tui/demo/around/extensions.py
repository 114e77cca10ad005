"""What makes the API larger: definitions of custom kinds, groups with servers of their own, and webhooks."""

from __future__ import annotations

from kite_tui.demo.around.scribe import Made, Scribe, condition
from kite_tui.demo.definitions import definition
from kite_tui.demo.names import rfc3339
from kite_tui.demo.resources import (
    API_SERVICES,
    CERTIFICATES,
    DEFINITIONS,
    MUTATING_WEBHOOKS,
    VALIDATING_WEBHOOKS,
    is_custom,
)
from kite_tui.demo.templates import Document
from kite_tui.objects.kinds import NODE_METRICS

_AUTHORITY = "LS0tLS1CRUdJTiBERU1P"
_CERT_MANAGER = ("cert-manager", "cert-manager-webhook")
_INGRESS = ("ingress-nginx", "ingress-nginx-controller")


def objects(scribe: Scribe) -> Made:
    """All of them."""
    yield from _definitions(scribe)
    yield from _api_services(scribe)
    yield from _webhooks(scribe)


def _definitions(scribe: Scribe) -> Made:
    for kind in scribe.cluster.world.served.kinds:
        if not is_custom(kind):
            continue
        document = definition(kind)
        document["metadata"] = scribe.metadata("", **document["metadata"])
        if kind == CERTIFICATES and scribe.has(*_CERT_MANAGER):
            webhook = {"clientConfig": _service(*_CERT_MANAGER, "/convert"), "conversionReviewVersions": ["v1"]}
            document["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
        yield DEFINITIONS, document


def _api_services(scribe: Scribe) -> Made:
    since = rfc3339(scribe.now_s - 60 * 86400)
    kinds = scribe.cluster.world.served.kinds
    for group, version in dict.fromkeys((kind.group, kind.version) for kind in kinds):
        spec: Document = {"group": group} if group else {}
        spec |= {"version": version, "groupPriorityMinimum": 1000, "versionPriority": 100}
        local = condition("Available", since, "Local", "Local APIServices are always available")
        metadata = scribe.metadata("", f"{version}.{group}")
        yield API_SERVICES, {"metadata": metadata, "spec": spec, "status": {"conditions": [local]}}
    if scribe.has("kube-system", "metrics-server"):
        group, version = NODE_METRICS.group, NODE_METRICS.version
        spec = {"group": group, "version": version, "groupPriorityMinimum": 100, "versionPriority": 100}
        spec |= {"service": {"name": "metrics-server", "namespace": "kube-system", "port": 443}}
        passed = condition("Available", since, "Passed", "all checks passed")
        metadata = scribe.metadata("", f"{version}.{group}")
        yield API_SERVICES, {"metadata": metadata, "spec": spec, "status": {"conditions": [passed]}}


def _webhooks(scribe: Scribe) -> Made:
    if scribe.has(*_CERT_MANAGER):
        rules = _rules("cert-manager.io", "certificates", "certificaterequests")
        for kind, path in ((VALIDATING_WEBHOOKS, "/validate"), (MUTATING_WEBHOOKS, "/mutate")):
            webhook = _webhook("webhook.cert-manager.io", _service(*_CERT_MANAGER, path), rules)
            yield kind, {"metadata": scribe.metadata("", "cert-manager-webhook"), "webhooks": [webhook]}
    if scribe.has(*_INGRESS):
        namespace, app = _INGRESS
        client = _service(namespace, f"{app}-admission", "/networking/v1/ingresses")
        webhook = _webhook("validate.nginx.ingress.kubernetes.io", client, _rules("networking.k8s.io", "ingresses"))
        metadata = scribe.metadata("", "ingress-nginx-admission")
        yield VALIDATING_WEBHOOKS, {"metadata": metadata, "webhooks": [webhook]}
    # The mesh's control plane runs outside of the cluster.
    client = {"url": "https://istiod.mesh.example.com/inject", "caBundle": _AUTHORITY}
    webhook = _webhook("namespace.sidecar-injector.istio.io", client, _rules("", "pods"))
    yield MUTATING_WEBHOOKS, {"metadata": scribe.metadata("", "istio-sidecar-injector"), "webhooks": [webhook]}


def _service(namespace: str, name: str, path: str) -> Document:
    return {"service": {"namespace": namespace, "name": name, "path": path, "port": 443}, "caBundle": _AUTHORITY}


def _rules(group: str, *resources: str) -> list[Document]:
    rule = {"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"]}
    return [{**rule, "resources": list(resources), "scope": "*"}]


def _webhook(name: str, client: Document, rules: list[Document]) -> Document:
    return {
        "name": name,
        "clientConfig": client,
        "rules": rules,
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "sideEffects": "None",
        "timeoutSeconds": 10,
        "admissionReviewVersions": ["v1"],
    }
