"""Ways from outside to the Services, Ingresses and a Gateway's routes, and who may talk to whom inside."""

from __future__ import annotations

from kite_tui.demo.around.certificates import certified
from kite_tui.demo.around.scribe import Made, Scribe, condition
from kite_tui.demo.names import rfc3339
from kite_tui.demo.resources import (
    CONFIG_MAPS,
    GATEWAY_CLASSES,
    GATEWAYS,
    GRPC_ROUTES,
    HTTP_ROUTES,
    INGRESS_CLASSES,
    INGRESSES,
    NETWORK_POLICIES,
)
from kite_tui.demo.templates import Document
from kite_tui.demo.workloads import controlled_by

DOMAIN = "example.com"
SPACE = "ingress-nginx"
CLASS = "nginx"
GATEWAY = "public"
GATEWAY_SECRET = "public-gateway-tls"


def objects(scribe: Scribe) -> Made:
    """All of them."""
    yield from _classes(scribe)
    yield from _ingresses(scribe)
    yield from _gateway(scribe)
    yield from _policies(scribe)


def shop_host(stage: str) -> str:
    """Where a shop is found."""
    return f"shop{stage}.{DOMAIN}"


def pay_host(stage: str) -> str:
    """Where payments are taken."""
    return f"pay{stage}.{DOMAIN}"


def _classes(scribe: Scribe) -> Made:
    if not scribe.has(SPACE, "ingress-nginx-controller"):
        return
    notes = {"ingressclass.kubernetes.io/is-default-class": "true"}
    spec: Document = {"controller": "k8s.io/ingress-nginx"}
    yield INGRESS_CLASSES, {"metadata": scribe.metadata("", CLASS, annotations=notes), "spec": spec}
    yield CONFIG_MAPS, {"metadata": scribe.metadata(SPACE, "internal-proxy"), "data": {"use-http2": "false"}}
    parameters = {"kind": "ConfigMap", "name": "internal-proxy", "namespace": SPACE, "scope": "Namespace"}
    spec = {"controller": "k8s.io/internal-nginx", "parameters": parameters}
    yield INGRESS_CLASSES, {"metadata": scribe.metadata("", "internal"), "spec": spec}


def _ingresses(scribe: Scribe) -> Made:
    for stage, namespace in scribe.spaces("shop"):
        if not scribe.has(namespace, "storefront"):
            continue
        paths = {"/": "storefront", "/cart": "cart", "/checkout": "checkout", "/api/prices": "pricing"}
        main = _rule(shop_host(stage), *_paths(scribe, namespace, paths))
        rules = [main, _rule(f"www.{shop_host(stage)}", _path("/", "storefront"))]
        hosts = [rule["host"] for rule in rules]
        tls = [{"hosts": hosts, "secretName": "shop-tls"}]
        notes = {"cert-manager.io/cluster-issuer": "letsencrypt"}
        more = {"tls": tls, "ingressClassName": CLASS}
        yield from _certified(scribe, _ingress(scribe, namespace, "shop", rules, annotations=notes, **more))
        old = [_rule(f"m.{shop_host(stage)}", _path("/", "mobile-storefront"))]  # a Service that was taken away
        yield INGRESSES, _ingress(scribe, namespace, "shop-mobile", old, ingressClassName=CLASS)
    for stage, namespace in scribe.spaces("payments"):
        if scribe.has(namespace, "payment-api"):
            tls = [{"hosts": [pay_host(stage)], "secretName": "payments-tls"}]
            paths = {"/v1": "payment-api", "/hooks": "webhook-relay"}
            rules = [_rule(pay_host(stage), *_paths(scribe, namespace, paths))]
            notes = {"cert-manager.io/cluster-issuer": "letsencrypt"}
            more = {"tls": tls, "ingressClassName": CLASS}
            yield from _certified(scribe, _ingress(scribe, namespace, "payments", rules, annotations=notes, **more))
    for stage, namespace in scribe.spaces("search"):
        if scribe.has(namespace, "query", "suggest"):
            rules = [_rule(f"search{stage}.{DOMAIN}", _path("/suggest", "suggest"))]
            backend = {"service": {"name": "query", "port": {"name": "http"}}}
            notes = {"kubernetes.io/ingress.class": CLASS}
            yield INGRESSES, _ingress(scribe, namespace, "search", rules, annotations=notes, defaultBackend=backend)
    if scribe.has("monitoring", "grafana"):
        rules = [_rule(f"grafana.{DOMAIN}", _path("/", "grafana"))]
        yield from certified(scribe, "monitoring", "grafana-tls", [f"grafana.{DOMAIN}"])
        tls = [{"secretName": "grafana-tls"}]
        yield INGRESSES, _ingress(scribe, "monitoring", "grafana", rules, tls=tls, ingressClassName="internal")


def _certified(scribe: Scribe, ingress: Document) -> Made:
    """An Ingress with the certificates that cert-manager makes for it, as its annotation asks."""
    yield INGRESSES, ingress
    metadata = ingress["metadata"]
    owner = controlled_by(INGRESSES, metadata["name"], metadata["uid"])
    for tls in ingress["spec"]["tls"]:
        yield from certified(scribe, metadata["namespace"], tls["secretName"], tls["hosts"], owner)


def _ingress(
    scribe: Scribe,
    namespace: str,
    name: str,
    rules: list[Document],
    *,
    annotations: dict[str, str] | None = None,
    **spec: object,
) -> Document:
    notes = {"annotations": annotations} if annotations else {}
    return {
        "metadata": scribe.metadata(namespace, name, generation=1, **notes),
        "spec": {**spec, "rules": rules},
        "status": {"loadBalancer": {"ingress": [{"hostname": "k8s-ingress.elb.eu-central-1.amazonaws.com"}]}},
    }


def _rule(host: str, *paths: Document) -> Document:
    return {"host": host, "http": {"paths": list(paths)}}


def _paths(scribe: Scribe, namespace: str, paths: dict[str, str]) -> list[Document]:
    """Those of the paths whose Service is there: a small cluster doesn't have every application."""
    return [_path(path, app) for path, app in paths.items() if scribe.has(namespace, app)]


def _path(path: str, service: str) -> Document:
    backend = {"service": {"name": service, "port": {"name": "http"}}}
    return {"path": path, "pathType": "Prefix", "backend": backend}


def _gateway(scribe: Scribe) -> Made:
    """A Gateway beside the Ingresses, with a shop's routes from other namespaces."""
    if not scribe.has(SPACE, "ingress-nginx-controller"):
        return
    since = rfc3339(scribe.now_s - 20 * 86400)
    accepted = {"conditions": [condition("Accepted", since, "Accepted")]}
    yield CONFIG_MAPS, {"metadata": scribe.metadata(SPACE, "gateway-proxy"), "data": {"workers": "4"}}
    parameters = {"group": "", "kind": "ConfigMap", "name": "gateway-proxy", "namespace": SPACE}
    spec: Document = {"controllerName": "gateway.nginx.org/nginx-gateway-controller", "parametersRef": parameters}
    yield GATEWAY_CLASSES, {"metadata": scribe.metadata("", CLASS), "spec": spec, "status": accepted}
    routes = {"namespaces": {"from": "All"}}
    tls = {"mode": "Terminate", "certificateRefs": [{"group": "", "kind": "Secret", "name": GATEWAY_SECRET}]}
    listeners = [
        {"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": routes},
        {"name": "https", "port": 443, "protocol": "HTTPS", "allowedRoutes": routes, "tls": tls},
    ]
    spec = {"gatewayClassName": CLASS, "listeners": listeners}
    metadata = scribe.metadata(SPACE, GATEWAY)
    yield GATEWAYS, {"metadata": metadata, "spec": spec, "status": accepted}
    owner = controlled_by(GATEWAYS, GATEWAY, metadata["uid"])
    yield from certified(scribe, SPACE, GATEWAY_SECRET, [f"*.{DOMAIN}"], owner)
    parent = {"group": GATEWAYS.group, "kind": "Gateway", "name": GATEWAY, "namespace": SPACE}
    for stage, namespace in scribe.spaces("shop"):
        if not scribe.has(namespace, "storefront", "recommendations", "pricing"):
            continue
        mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": _backend("pricing")}}
        rules = [
            {"matches": [_match("/recommended")], "filters": [mirror], "backendRefs": [_backend("recommendations")]},
            {"matches": [_match("/")], "backendRefs": [_backend("storefront", weight=1)]},
        ]
        spec = {"parentRefs": [parent], "hostnames": [f"next.{shop_host(stage)}"], "rules": rules}
        status = {"parents": [{"parentRef": parent, "controllerName": "gateway.nginx.org", **accepted}]}
        yield HTTP_ROUTES, {"metadata": scribe.metadata(namespace, "shop-next"), "spec": spec, "status": status}
    for stage, namespace in scribe.spaces("search"):
        if not scribe.has(namespace, "query"):
            continue
        matches: Document = {"matches": [{"method": {"service": "search.v1.Query"}}]}
        routed: list[Document] = [matches | {"backendRefs": [_backend("query")]}]
        spec = {"parentRefs": [parent], "hostnames": [f"grpc{stage}.{DOMAIN}"], "rules": routed}
        yield GRPC_ROUTES, {"metadata": scribe.metadata(namespace, "query"), "spec": spec}


def _match(path: str) -> Document:
    return {"path": {"type": "PathPrefix", "value": path}}


def _backend(service: str, **more: object) -> Document:
    return {"group": "", "kind": "Service", "name": service, "port": 8080, **more}


def _policies(scribe: Scribe) -> Made:
    for product in ("shop", "payments"):
        for _, namespace in scribe.spaces(product):
            closed: Document = {"podSelector": {}, "policyTypes": ["Ingress"]}
            yield NETWORK_POLICIES, {"metadata": scribe.metadata(namespace, "default-deny"), "spec": closed}
            own = closed | {"ingress": [{"from": [{"podSelector": {}}]}]}
            yield NETWORK_POLICIES, {"metadata": scribe.metadata(namespace, "from-here"), "spec": own}
    for _, namespace in scribe.spaces("shop"):
        apps = [app for app in ("storefront", "cart", "checkout") if scribe.has(namespace, app)]
        if not apps:
            continue
        chosen = {
            "matchExpressions": [
                {"key": "app.kubernetes.io/name", "operator": "In", "values": apps},
                {"key": "batch.kubernetes.io/job-name", "operator": "DoesNotExist"},
            ]
        }
        yield NETWORK_POLICIES, _from_ingress(scribe, namespace, "from-ingress", chosen)
    for _, namespace in scribe.spaces("payments"):
        if scribe.has(namespace, "ledger"):
            ledger = {"matchLabels": {"app.kubernetes.io/name": "ledger"}}
            yield NETWORK_POLICIES, _from_ingress(scribe, namespace, "ledger", ledger)


def _from_ingress(scribe: Scribe, namespace: str, name: str, chosen: Document) -> Document:
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": SPACE}}}
    ingress = [{"from": [peer], "ports": [{"protocol": "TCP", "port": 8080}]}]
    spec = {"podSelector": chosen, "policyTypes": ["Ingress"], "ingress": ingress}
    return {"metadata": scribe.metadata(namespace, name), "spec": spec}
