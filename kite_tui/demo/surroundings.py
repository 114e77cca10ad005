"""What stands around the pods: namespaces, services, configuration, accounts and storage."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from kite_tui.demo import names
from kite_tui.demo.catalogue import App
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.names import rfc3339
from kite_tui.demo.plan import Planned
from kite_tui.demo.resources import CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, STORAGE_CLASSES, VOLUMES
from kite_tui.demo.templates import Document, app_labels, service_account
from kite_tui.demo.world import Manifest
from kite_tui.objects.kinds import CLAIMS, NAMESPACES, SERVICES, STATEFULSETS, Kind

ENDING = "legacy-cart"
"""A namespace that has been Terminating for a while."""


def surroundings(cluster: Cluster, planned: list[Planned]) -> Iterator[tuple[Kind[Any], list[Manifest]]]:
    """Every object that is neither a node, a workload, a pod nor an Event, kind by kind."""
    make = _Maker(cluster)
    spaces = dict.fromkeys(one.namespace for one in planned)
    found = {"default": None, "kube-system": None, "kube-public": None, "kube-node-lease": None} | spaces
    yield NAMESPACES, [*(make.namespace(name) for name in found), make.ending_namespace()]
    yield SERVICES, [make.cluster_service(), *(s for one in planned for s in make.services(one))]
    yield CONFIG_MAPS, [*(make.root_ca(name) for name in found), *(c for one in planned for c in make.config(one))]
    yield SECRETS, [secret for one in planned for secret in make.secrets(one)]
    accounts = {(name, "default"): None for name in found} | {
        (one.namespace, service_account(one.app)): None for one in planned
    }
    yield SERVICE_ACCOUNTS, [make.account(namespace, name) for namespace, name in accounts]
    yield STORAGE_CLASSES, [make.storage_class("gp3", default=True), make.storage_class("io2", default=False)]
    claims = list(make.claims())
    yield CLAIMS, [claim for claim, _ in claims]
    yield VOLUMES, [volume for _, volume in claims if volume is not None]


class _Maker:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._random: Random = cluster.random
        self._now_s = cluster.now_s
        self._addresses = 10

    def _metadata(self, namespace: str, name: str, **more: object) -> Document:
        metadata: Document = {"name": name}
        if namespace:
            metadata["namespace"] = namespace
        created_s = self._now_s - self._random.randrange(20 * 86400, 120 * 86400)
        return metadata | {"uid": names.uid(self._random), "creationTimestamp": rfc3339(created_s), **more}

    def namespace(self, name: str) -> Manifest:
        labels = {"kubernetes.io/metadata.name": name}
        document = {
            "metadata": self._metadata("", name, labels=labels),
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }
        return Manifest(NAMESPACES, document)

    def ending_namespace(self) -> Manifest:
        since = rfc3339(self._now_s - 47 * 60)

        def condition(kind: str, true: bool, reason: str, message: str) -> Document:
            return {
                "type": kind,
                "status": "True" if true else "False",
                "lastTransitionTime": since,
                "reason": reason,
                "message": message,
            }

        conditions = [
            condition("NamespaceDeletionDiscoveryFailure", False, "ResourcesDiscovered",
                      "All resources successfully discovered"),
            condition("NamespaceDeletionContentFailure", False, "ContentDeleted",
                      "All content successfully deleted, may be waiting on finalization"),
            condition("NamespaceContentRemaining", True, "SomeResourcesRemain",
                      "Some resources are remaining: persistentvolumeclaims. has 1 resource instances"),
            condition("NamespaceFinalizersRemaining", True, "SomeFinalizersRemain",
                      "Some content in the namespace has finalizers remaining: kubernetes.io/pvc-protection in 1 "
                      "resource instances"),
        ]  # fmt: skip
        labels = {"kubernetes.io/metadata.name": ENDING}
        document = {
            "metadata": self._metadata("", ENDING, labels=labels, deletionTimestamp=since),
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Terminating", "conditions": conditions},
        }
        return Manifest(NAMESPACES, document)

    def cluster_service(self) -> Manifest:
        ports = [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]
        return self._service("default", "kubernetes", {}, {}, ports, address="10.96.0.1")

    def services(self, planned: Planned) -> Iterator[Manifest]:
        app, namespace = planned.app, planned.namespace
        if app.kind not in ("Deployment", "StatefulSet") or not app.port:
            return
        labels = app_labels(app)
        selector = {"app.kubernetes.io/name": labels["app.kubernetes.io/name"]}
        name = "kube-dns" if app.name == "coredns" else app.name
        ports = [{"name": _port_name(app), "protocol": "TCP", "port": app.port, "targetPort": app.port}]
        kind = "ClusterIP"
        if app.name in ("ingress-nginx-controller", "storefront"):
            kind = "LoadBalancer"
        elif app.name in ("runner", "grafana"):
            kind = "NodePort"
        headless = app.kind == "StatefulSet" and app.name != "prometheus-k8s"
        address = "None" if headless else ""
        yield self._service(namespace, name, labels, selector, ports, address=address, kind=kind)
        if app.name == "payment-api":
            yield self._service(namespace, "bank-gateway", labels, {}, [], kind="ExternalName")

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
    ) -> Manifest:
        spec: Document = {"type": kind, "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}
        status: Document = {"loadBalancer": {}}
        if kind == "ExternalName":
            spec["externalName"] = "gateway.bank.example.com"
        else:
            self._addresses += 1
            if not address:
                address = f"10.{96 + self._addresses // 62500}.{self._addresses // 250 % 250}.{self._addresses % 250}"
            spec |= {"clusterIP": address, "clusterIPs": [address], "ipFamilies": ["IPv4"], "selector": selector}
        if kind in ("LoadBalancer", "NodePort"):
            for port in ports:
                port["nodePort"] = 30000 + self._addresses % 2768
        if kind == "LoadBalancer":
            host = f"k8s-{name[:8]}-{self._addresses:04x}.elb.eu-central-1.amazonaws.com"
            status = {"loadBalancer": {"ingress": [{"hostname": host}]}}
        if ports:
            spec["ports"] = ports
        document = {"metadata": self._metadata(namespace, name, labels=labels), "spec": spec, "status": status}
        return Manifest(SERVICES, document)

    def root_ca(self, namespace: str) -> Manifest:
        data = {"ca.crt": "-----BEGIN CERTIFICATE-----\nMIIDEMO\n-----END CERTIFICATE-----\n"}
        return Manifest(CONFIG_MAPS, {"metadata": self._metadata(namespace, "kube-root-ca.crt"), "data": data})

    def config(self, planned: Planned) -> Iterator[Manifest]:
        app = planned.app
        if "config" in app.traits and app.fault != "config":
            data = {"application.yaml": f"name: {app.name}\nport: {app.port}\n"}
            metadata = self._metadata(planned.namespace, f"{app.name}-config", labels=app_labels(app))
            yield Manifest(CONFIG_MAPS, {"metadata": metadata, "data": data})

    def secrets(self, planned: Planned) -> Iterator[Manifest]:
        app = planned.app
        if "secret" in app.traits:
            metadata = self._metadata(planned.namespace, f"{app.name}-credentials", labels=app_labels(app))
            yield Manifest(
                SECRETS, {"metadata": metadata, "type": "Opaque", "data": {"password": "ZGVtby1zZWNyZXQtdmFsdWU="}}
            )

    def account(self, namespace: str, name: str) -> Manifest:
        return Manifest(SERVICE_ACCOUNTS, {"metadata": self._metadata(namespace, name)})

    def storage_class(self, name: str, *, default: bool) -> Manifest:
        notes = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
        document = {
            "metadata": self._metadata("", name, annotations=notes),
            "provisioner": "ebs.csi.aws.com",
            "parameters": {"type": name},
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer" if default else "Immediate",
            "allowVolumeExpansion": True,
        }
        return Manifest(STORAGE_CLASSES, document)

    def claims(self) -> Iterator[tuple[Manifest, Manifest | None]]:
        """Claims of the StatefulSets' pods, each with its volume; the one of an unscheduled pod has none."""
        for group in self._cluster.groups:
            if group.kind is not STATEFULSETS or "claims" not in group.template.app.traits:
                continue
            for pod in group.pods.values():
                yield self._claim(group.template.app, pod.namespace, f"data-{pod.name}", bound=bool(pod.node))

    def _claim(self, app: App, namespace: str, name: str, *, bound: bool) -> tuple[Manifest, Manifest | None]:
        metadata = self._metadata(namespace, name, labels=app_labels(app), finalizers=["kubernetes.io/pvc-protection"])
        spec: Document = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "50Gi"}},
            "storageClassName": "gp3" if bound else "io2",
            "volumeMode": "Filesystem",
        }
        if not bound:
            return Manifest(CLAIMS, {"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}}), None
        spec["volumeName"] = f"pvc-{metadata['uid']}"
        capacity = {"storage": "50Gi"}
        status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": capacity}
        reference = {
            "kind": "PersistentVolumeClaim",
            "apiVersion": "v1",
            "namespace": namespace,
            "name": name,
            "uid": metadata["uid"],
        }
        volume = {
            "metadata": self._metadata("", f"pvc-{metadata['uid']}"),
            "spec": {
                "capacity": capacity,
                "accessModes": ["ReadWriteOnce"],
                "claimRef": reference,
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": "gp3",
                "volumeMode": "Filesystem",
                "csi": {"driver": "ebs.csi.aws.com", "fsType": "ext4", "volumeHandle": f"vol-0{metadata['uid'][:8]}"},
            },
            "status": {"phase": "Bound"},
        }
        return Manifest(CLAIMS, {"metadata": metadata, "spec": spec, "status": status}), Manifest(VOLUMES, volume)


def _port_name(app: App) -> str:
    if app.name == "prometheus-k8s":
        return "web"
    return "dns-tcp" if app.name == "coredns" else "http"
