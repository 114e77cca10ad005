"""What the controllers of a cluster keep for themselves: leases, revisions of templates, and what operators watch."""

from __future__ import annotations

from kite_tui.demo.around.scribe import Made, Scribe
from kite_tui.demo.names import rfc3339
from kite_tui.demo.nodes import lease_document
from kite_tui.demo.resources import (
    CONTROLLER_REVISIONS,
    LEASES,
    PROMETHEUSES,
    REPLICATION_CONTROLLERS,
    SERVICE_MONITORS,
)
from kite_tui.demo.templates import Document, app_labels
from kite_tui.demo.workloads import controlled_by, reference, revision_label, revision_name
from kite_tui.objects.kinds import DAEMONSETS, STATEFULSETS


def objects(scribe: Scribe) -> Made:
    """All of them. The Prometheus becomes the owner of its StatefulSet."""
    yield from _leases(scribe)
    yield from _revisions(scribe)
    yield from _prometheus(scribe)
    for _, namespace in scribe.spaces("ci"):
        yield REPLICATION_CONTROLLERS, _old_controller(scribe, namespace)


def _leases(scribe: Scribe) -> Made:
    for node in scribe.cluster.nodes.values():
        yield LEASES, lease_document(node)
    first = next(iter(scribe.cluster.nodes))
    renewed = rfc3339(scribe.now_s).removesuffix("Z") + ".000000Z"
    for name in ("kube-controller-manager", "kube-scheduler"):
        spec = {"holderIdentity": f"{first}_{name}", "leaseDurationSeconds": 15, "renewTime": renewed}
        yield LEASES, {"metadata": scribe.metadata("kube-system", name), "spec": spec}


def _revisions(scribe: Scribe) -> Made:
    for group in scribe.cluster.groups:
        if group.kind is None or group.kind not in (STATEFULSETS, DAEMONSETS):
            continue
        labels = app_labels(group.template.app)
        labels["controller.kubernetes.io/hash"] = revision_label(group.kind, group.name).rpartition("-")[2]
        owners = [reference(group)]
        name = revision_name(group.kind, group.name)
        metadata = scribe.metadata(group.namespace, name, labels=labels, ownerReferences=owners)
        data = {"spec": {"template": {"$patch": "replace", "metadata": {"labels": app_labels(group.template.app)}}}}
        yield CONTROLLER_REVISIONS, {"metadata": metadata, "data": data, "revision": 1}


def _prometheus(scribe: Scribe) -> Made:
    for group in scribe.cluster.groups:
        if group.kind != STATEFULSETS or group.template.app.name != "prometheus-k8s":
            continue
        name = group.name.removeprefix("prometheus-")
        metadata = scribe.metadata(group.namespace, name, labels=app_labels(group.template.app))
        group.owner = controlled_by(PROMETHEUSES, name, metadata["uid"])
        spec = {"replicas": group.replicas, "serviceAccountName": group.name, "serviceMonitorSelector": {}}
        yield PROMETHEUSES, {"metadata": metadata, "spec": spec, "status": {"replicas": group.replicas}}
    for one in scribe.planned:
        if one.app.name in ("storefront", "payment-api", "query", "kube-state-metrics", "alertmanager-main"):
            labels = app_labels(one.app)
            selector = {"matchLabels": {"app.kubernetes.io/name": labels["app.kubernetes.io/name"]}}
            spec = {"selector": selector, "endpoints": [{"port": "http", "interval": "30s"}]}
            yield (
                SERVICE_MONITORS,
                {"metadata": scribe.metadata(one.namespace, one.app.name, labels=labels), "spec": spec},
            )


def _old_controller(scribe: Scribe, namespace: str) -> Document:
    """A ReplicationController of the early days that was scaled down and forgotten."""
    labels = {"app": "build-proxy"}
    container = {"name": "proxy", "image": "docker.io/library/squid:3.5", "resources": {}}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "metadata": scribe.metadata(namespace, "build-proxy", labels=labels),
        "spec": {"replicas": 0, "selector": labels, "template": template},
        "status": {"replicas": 0},
    }
