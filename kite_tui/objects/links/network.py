"""What the objects of the network refer to: services, slices of endpoints, ingresses, gateways and their routes."""

from __future__ import annotations

from collections.abc import Iterator

from kite_tui.objects.links.parts import Found, Linker, Parts, as_map, as_maps, as_texts, at, named, text, typed
from kite_tui.objects.meta import label
from kite_tui.objects.references import Reference, Selection
from kite_tui.objects.selectors import InvalidSelector, selector_of_map, selector_of_object

GATEWAY = "gateway.networking.k8s.io"
SERVICE_NAME = "kubernetes.io/service-name"
INGRESS_CLASS = "kubernetes.io/ingress.class"


def service_selections(spec_type: str, selector: Found, namespace: str) -> Iterator[Selection]:
    """The pods of a Service. One without selector selects nothing, an ExternalName whatever its selector says."""
    if selector and spec_type != "ExternalName":
        chosen = selector_of_map(selector)
        yield Selection("", "Pod", namespace, chosen, f"selector {chosen}", templates=True)


def _endpoint_slice(parts: Parts) -> Iterator[Reference]:
    service = label(parts.labels, SERVICE_NAME)
    yield from named("", "Service", parts.namespace, service, f"label {SERVICE_NAME}")
    for endpoint in parts.maps("endpoints"):
        about = as_map(endpoint.get("targetRef"))
        if text(about, "kind") == "Pod":
            namespace = text(about, "namespace") or parts.namespace
            yield from named("", "Pod", namespace, text(about, "name"), "endpoint", uid=text(about, "uid"))
        yield from named("", "Node", "", text(endpoint, "nodeName"), "endpoint node")


def _ingress(parts: Parts) -> Iterator[Reference]:
    spec = parts.map("spec")
    yield from _backend(spec.get("defaultBackend"), parts.namespace, "default backend")
    for rule in as_maps(spec.get("rules")):
        host = text(rule, "host") or "*"
        for path in as_maps(at(rule, "http", "paths")):
            below = text(path, "path").removeprefix("/")
            where = f"{host}/{below}" if text(path, "path") else host
            yield from _backend(path.get("backend"), parts.namespace, f"rule {where}")
    for tls in as_maps(spec.get("tls")):
        hosts = ",".join(as_texts(tls.get("hosts")))
        yield from named("", "Secret", parts.namespace, text(tls, "secretName"), f"tls {hosts}".rstrip())
    yield from named("networking.k8s.io", "IngressClass", "", text(spec, "ingressClassName"), "ingressClassName")
    old = text(parts.annotations, INGRESS_CLASS)
    yield from named("networking.k8s.io", "IngressClass", "", old, f"annotation {INGRESS_CLASS}")


def _backend(backend: object, namespace: str, reason: str) -> Iterator[Reference]:
    yield from named("", "Service", namespace, text(backend, "service", "name"), reason)
    yield from typed(at(backend, "resource"), namespace, reason)


def _ingress_class(parts: Parts) -> Iterator[Reference]:
    yield from typed(parts.map("spec").get("parameters"), "", "parameters")


def _gateway(parts: Parts) -> Iterator[Reference]:
    spec = parts.map("spec")
    yield from named(GATEWAY, "GatewayClass", "", text(spec, "gatewayClassName"), "gatewayClassName")
    for listener in as_maps(spec.get("listeners")):
        reason = f"listener {text(listener, 'name')} tls"
        for certificate in as_maps(at(listener, "tls", "certificateRefs")):
            yield from typed(certificate, parts.namespace, reason, kind="Secret")


def _gateway_class(parts: Parts) -> Iterator[Reference]:
    yield from typed(parts.map("spec").get("parametersRef"), "", "parametersRef")


def _route(parts: Parts) -> Iterator[Reference]:
    spec = parts.map("spec")
    for parent in as_maps(spec.get("parentRefs")):
        yield from typed(parent, parts.namespace, "parentRef", group=GATEWAY, kind="Gateway")
    for rule in as_maps(spec.get("rules")):
        yield from _mirrors(rule, parts.namespace)
        for backend in as_maps(rule.get("backendRefs")):
            yield from typed(backend, parts.namespace, "backendRef", kind="Service")
            yield from _mirrors(backend, parts.namespace)


def _mirrors(found: Found, namespace: str) -> Iterator[Reference]:
    for each in as_maps(found.get("filters")):
        yield from typed(at(each, "requestMirror", "backendRef"), namespace, "mirror", kind="Service")


def _network_policy(parts: Parts) -> Iterator[Selection]:
    yield from pods_selected(at(parts.map("spec"), "podSelector"), parts.namespace, "podSelector")


def pods_selected(selector: object, namespace: str, word: str) -> Iterator[Selection]:
    """The pods of a LabelSelector: none where there is no selector or an unreadable one, all where it is empty."""
    if isinstance(selector, dict):
        try:
            chosen = selector_of_object(selector)
        except InvalidSelector:
            return
        yield Selection("", "Pod", namespace, chosen, f"{word} {chosen}")


LINKERS: dict[tuple[str, str], Linker] = {
    ("discovery.k8s.io", "EndpointSlice"): _endpoint_slice,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("networking.k8s.io", "IngressClass"): _ingress_class,
    ("networking.k8s.io", "NetworkPolicy"): _network_policy,
    (GATEWAY, "Gateway"): _gateway,
    (GATEWAY, "GatewayClass"): _gateway_class,
    (GATEWAY, "HTTPRoute"): _route,
    (GATEWAY, "GRPCRoute"): _route,
}
