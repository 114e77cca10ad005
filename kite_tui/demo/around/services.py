"""Services, and the EndpointSlices of those that no selector serves."""

from __future__ import annotations

from kite_tui.demo.around.scribe import Made, Scribe
from kite_tui.demo.catalogue import App
from kite_tui.demo.endpoints import SERVICE_NAME
from kite_tui.demo.plan import Planned
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import ENDPOINT_SLICES
from kite_tui.demo.templates import Document, app_labels
from kite_tui.objects.kinds import SERVICES, STATEFULSETS


def objects(scribe: Scribe) -> Made:
    """All of them; the ones with a selector are told to the cluster's Endpoints."""
    maker = _Maker(scribe)
    yield from maker.of_the_cluster()
    for one in scribe.planned:
        yield from maker.of(one)
    for group in scribe.cluster.groups:
        first = next(iter(group.pods.values()), None)
        if group.kind == STATEFULSETS and group.template.app.name == "ledger" and first and first.node:
            yield from maker.of_one_pod(first)
    for _, namespace in scribe.spaces("payments"):
        yield from maker.elsewhere(namespace)


class _Maker:
    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._addresses = 10

    def of_the_cluster(self) -> Made:
        ports = [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]
        labels = {"component": "apiserver", "provider": "kubernetes"}
        yield SERVICES, self._service("default", "kubernetes", labels, {}, ports, address="10.96.0.1")
        planes = [node for node in self._scribe.cluster.nodes.values() if node.role == "control-plane"]
        endpoints = [{"addresses": [node.ip], "conditions": {"ready": True}} for node in planes]
        yield ENDPOINT_SLICES, self._slice("default", "kubernetes", "kubernetes", endpoints or None, 6443, "https")

    def of(self, planned: Planned) -> Made:
        app, namespace = planned.app, planned.namespace
        if app.kind not in ("Deployment", "StatefulSet") or not app.port:
            return
        labels = app_labels(app)
        selector = {"app.kubernetes.io/name": labels["app.kubernetes.io/name"]}
        ports = [{"name": _port_name(app), "protocol": "TCP", "port": app.port, "targetPort": app.port}]
        kind = "ClusterIP"
        if app.name in ("ingress-nginx-controller", "storefront"):
            kind = "LoadBalancer"
        elif app.name in ("runner", "grafana"):
            kind = "NodePort"
        headless = app.kind == "StatefulSet" and app.name != "prometheus-k8s"
        address = "None" if headless else ""
        service = self._service(namespace, service_name(app), labels, selector, ports, address=address, kind=kind)
        self._scribe.cluster.endpoints.back(app.name, service)
        yield SERVICES, service
        if "admission" in app.traits:
            ports = [{"name": "https-webhook", "protocol": "TCP", "port": 443, "targetPort": 8443}]
            admission = self._service(namespace, f"{app.name}-admission", labels, selector, ports)
            self._scribe.cluster.endpoints.back(app.name, admission)
            yield SERVICES, admission
        if app.name == "payment-api":
            yield SERVICES, self._service(namespace, "bank-gateway", labels, {}, [], kind="ExternalName")

    def of_one_pod(self, pod: Pod) -> Made:
        """A Service without selector whose slice a failover program writes: the primary of the ledger."""
        app, name = pod.template.app, "ledger-primary"
        ports = [{"name": "http", "protocol": "TCP", "port": app.port, "targetPort": app.port}]
        yield SERVICES, self._service(pod.namespace, name, {"app": app.name}, {}, ports)
        endpoint = {
            "addresses": [pod.ip],
            "conditions": {"ready": pod.is_ready, "serving": pod.is_ready, "terminating": False},
            "nodeName": pod.node,
            "targetRef": {"kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid},
        }
        yield ENDPOINT_SLICES, self._slice(pod.namespace, name, f"{name}-1", [endpoint], app.port, "http")

    def elsewhere(self, namespace: str) -> Made:
        """A Service without selector for machines outside of the cluster."""
        ports = [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}]
        yield SERVICES, self._service(namespace, "legacy-billing", {}, {}, ports)
        endpoints = [{"addresses": [f"192.0.2.{number}"], "conditions": {"ready": True}} for number in (17, 18)]
        yield ENDPOINT_SLICES, self._slice(namespace, "legacy-billing", "legacy-billing-1", endpoints, 8080, "http")

    def _service(
        self,
        namespace: str,
        name: str,
        labels: dict[str, str],
        selector: dict[str, str],
        ports: list[Document],
        *,
        address: str = "",
        kind: str = "ClusterIP",
    ) -> Document:
        spec: Document = {"type": kind, "sessionAffinity": "None"}
        status: Document = {"loadBalancer": {}}
        if kind == "ExternalName":
            spec["externalName"] = "gateway.bank.example.com"
        else:
            self._addresses += 1
            if not address:
                address = f"10.{96 + self._addresses // 62500}.{self._addresses // 250 % 250}.{self._addresses % 250}"
            spec |= {"clusterIP": address, "clusterIPs": [address], "ipFamilies": ["IPv4"]}
            spec["internalTrafficPolicy"] = "Cluster"
        if selector:
            spec["selector"] = selector
        if kind in ("LoadBalancer", "NodePort"):
            for port in ports:
                port["nodePort"] = 30000 + self._addresses % 2768
        if kind == "LoadBalancer":
            host = f"k8s-{name[:8]}-{self._addresses:04x}.elb.eu-central-1.amazonaws.com"
            status = {"loadBalancer": {"ingress": [{"hostname": host}]}}
        if ports:
            spec["ports"] = ports
        return {"metadata": self._scribe.metadata(namespace, name, labels=labels), "spec": spec, "status": status}

    def _slice(
        self, namespace: str, service: str, name: str, endpoints: list[Document] | None, port: int, port_name: str
    ) -> Document:
        return {
            "metadata": self._scribe.metadata(namespace, name, labels={SERVICE_NAME: service}),
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": [{"name": port_name, "port": port, "protocol": "TCP"}],
        }


def service_name(app: App) -> str:
    """The name of an application's Service."""
    return "kube-dns" if app.name == "coredns" else app.name


def _port_name(app: App) -> str:
    if app.name == "prometheus-k8s":
        return "web"
    return "dns-tcp" if app.name == "coredns" else "http"
