"""How pods are scaled, kept from disruption, ranked and run, and the devices that they claim."""

from __future__ import annotations

from kite_tui.demo.around.scribe import Made, Scribe, condition
from kite_tui.demo.catalogue import PLATFORM, App
from kite_tui.demo.names import rfc3339
from kite_tui.demo.plan import Planned
from kite_tui.demo.pods import PRIORITIES
from kite_tui.demo.resources import (
    AUTOSCALERS,
    DEVICE_CLASSES,
    DISRUPTION_BUDGETS,
    INGRESSES,
    PRIORITY_CLASSES,
    RESOURCE_CLAIM_TEMPLATES,
    RESOURCE_CLAIMS,
    RUNTIME_CLASSES,
)
from kite_tui.demo.templates import OVERHEAD, Document, app_labels
from kite_tui.demo.workloads import controlled_by
from kite_tui.objects.kinds import DEPLOYMENTS, PODS

_DEVICES = "gpu.nvidia.com"


def objects(scribe: Scribe) -> Made:
    """All of them."""
    yield from _classes(scribe)
    for one in scribe.planned:
        if one.app.grows and one.app.weight >= 14:
            yield AUTOSCALERS, _autoscaler(scribe, one)
    yield from _budgets(scribe)
    yield from _devices(scribe)


def _classes(scribe: Scribe) -> Made:
    for name, value in PRIORITIES.items():
        policy = "PreemptLowerPriority"
        yield PRIORITY_CLASSES, {"metadata": scribe.metadata("", name), "value": value, "preemptionPolicy": policy}
    overhead = {"podFixed": OVERHEAD}
    yield RUNTIME_CLASSES, {"metadata": scribe.metadata("", "kata"), "handler": "kata", "overhead": overhead}


def _autoscaler(scribe: Scribe, planned: Planned) -> Document:
    app, namespace, count = planned.app, planned.namespace, planned.pods
    target = {"type": "Utilization", "averageUtilization": 70}
    metrics: list[Document] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if app.name == "query" and scribe.has(namespace, "suggest"):
        described = {"apiVersion": INGRESSES.api_version, "kind": INGRESSES.kind, "name": "search"}
        value = {"type": "Value", "value": "2k"}
        measured = {"metric": {"name": "requests-per-second"}, "describedObject": described, "target": value}
        metrics.append({"type": "Object", "object": measured})
    since = rfc3339(scribe.now_s - 40 * 60)
    return {
        "metadata": scribe.metadata(namespace, app.name, labels=app_labels(app)),
        "spec": {
            "scaleTargetRef": {"apiVersion": DEPLOYMENTS.api_version, "kind": DEPLOYMENTS.kind, "name": app.name},
            "minReplicas": max(1, count // 2),
            "maxReplicas": count * 2,
            "metrics": metrics,
        },
        "status": {
            "currentReplicas": count,
            "desiredReplicas": count,
            "conditions": [condition("AbleToScale", since, "ReadyForNewScale")],
        },
    }


def _budgets(scribe: Scribe) -> Made:
    for one in scribe.planned:
        app = one.app
        is_set = app.kind == "StatefulSet" and one.pods > 1
        if app.namespace in PLATFORM or not (is_set or (app.kind == "Deployment" and app.weight >= 20)):
            continue
        allowed = 1 if is_set else max(1, one.pods // 4)
        rule = {"maxUnavailable": 1 if is_set else "25%"}
        yield DISRUPTION_BUDGETS, _budget(scribe, one.namespace, app.name, _labels(app), rule, one.pods, allowed)
    for _, namespace in scribe.spaces("search"):
        if scribe.has(namespace, "query", "suggest"):
            expression = {"key": "app.kubernetes.io/name", "operator": "In", "values": ["suggest", "query"]}
            count = sum(scribe.of(namespace)[app].pods for app in ("query", "suggest"))
            rule = {"minAvailable": "50%"}
            chosen = {"matchExpressions": [expression]}
            yield DISRUPTION_BUDGETS, _budget(scribe, namespace, "frontends", chosen, rule, count, count // 2)
    for _, namespace in scribe.spaces("ci"):
        yield DISRUPTION_BUDGETS, _budget(scribe, namespace, "during-releases", {}, {"minAvailable": 1}, 1, 0)


def _labels(app: App) -> Document:
    return {"matchLabels": {"app.kubernetes.io/name": app_labels(app)["app.kubernetes.io/name"]}}


def _budget(
    scribe: Scribe, namespace: str, name: str, selector: Document, rule: Document, pods: int, allowed: int
) -> Document:
    status = {"currentHealthy": pods, "desiredHealthy": pods - allowed, "disruptionsAllowed": allowed}
    return {
        "metadata": scribe.metadata(namespace, name, generation=1),
        "spec": {**rule, "selector": selector},
        "status": {**status, "expectedPods": pods, "observedGeneration": 1},
    }


def _devices(scribe: Scribe) -> Made:
    """A class of devices, and for the pods that ask for one the claims that were made from their template."""
    chosen = {"cel": {"expression": f'device.driver == "{_DEVICES}"'}}
    yield DEVICE_CLASSES, {"metadata": scribe.metadata("", _DEVICES), "spec": {"selectors": [chosen]}}
    exactly = {"deviceClassName": _DEVICES, "allocationMode": "ExactCount", "count": 1}
    spec: Document = {"devices": {"requests": [{"name": "gpu", "exactly": exactly}]}}
    templates: dict[tuple[str, str], None] = {}
    for group in scribe.cluster.groups:
        app = group.template.app
        if "device" not in app.traits:
            continue
        templates.setdefault((group.namespace, f"{app.name}-gpu"))
        for pod in group.pods.values():
            if not pod.node:
                continue
            owner = controlled_by(PODS, pod.name, pod.uid)
            notes = {"resource.kubernetes.io/pod-claim-name": "gpu"}
            name = f"{pod.name}-gpu-{pod.token}"
            metadata = scribe.metadata(pod.namespace, name, annotations=notes, ownerReferences=[owner])
            reserved = [{"resource": "pods", "name": pod.name, "uid": pod.uid}]
            yield RESOURCE_CLAIMS, {"metadata": metadata, "spec": spec, "status": {"reservedFor": reserved}}
    for namespace, name in templates:
        yield RESOURCE_CLAIM_TEMPLATES, {"metadata": scribe.metadata(namespace, name), "spec": {"spec": spec}}
