"""What the simulated cluster's objects name, read from their JSON in the plainest way: the tests' own reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kite_tui.demo import resources as r
from kite_tui.objects.kinds import CLAIMS, DEPLOYMENTS, NODES, PODS, SERVICES, STATEFULSETS, WORKLOADS, Kind

Document = dict[str, Any]
Name = tuple[str, str, str]
"""Plural, namespace and name of an object; the namespace is empty for a cluster-scoped one."""

_BY_KIND = {kind.kind: kind for kind in (*r.STORED, *r.CUSTOM)}
_TEMPLATED = (*WORKLOADS, r.REPLICASETS, r.REPLICATION_CONTROLLERS, r.JOBS)


def references(kind: Kind[Any], document: Document) -> Iterator[tuple[Name, bool]]:
    """Everything that an object names, and whether it does without."""
    metadata, spec = document["metadata"], document.get("spec") or {}
    here = metadata.get("namespace", "")
    for owner in metadata.get("ownerReferences", ()):
        yield _name(_BY_KIND[owner["kind"]], here, owner["name"]), False
    if kind == PODS:
        yield from _of_pod_spec(here, spec)
        for status in document["status"].get("resourceClaimStatuses", ()):
            yield (r.RESOURCE_CLAIMS.plural, here, status["resourceClaimName"]), False
    elif kind in _TEMPLATED:
        yield from _of_pod_spec(here, spec["template"]["spec"])
    elif kind == r.CRONJOBS:
        yield from _of_pod_spec(here, spec["jobTemplate"]["spec"]["template"]["spec"])
    if kind == STATEFULSETS:
        yield (SERVICES.plural, here, spec["serviceName"]), False
    for name in _named(kind, here, document):
        yield name, False
    if kind in (CLAIMS, r.VOLUMES):
        is_bound = kind == r.VOLUMES or "volumeName" in spec
        yield (r.STORAGE_CLASSES.plural, "", spec["storageClassName"]), is_bound


def _of_pod_spec(here: str, spec: Document) -> Iterator[tuple[Name, bool]]:
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        for variable in container.get("env", ()):
            source = variable.get("valueFrom", {})
            for part, kind in (("configMapKeyRef", r.CONFIG_MAPS), ("secretKeyRef", r.SECRETS)):
                if part in source:
                    yield _name(kind, here, source[part]["name"]), source[part].get("optional", False)
        for source in container.get("envFrom", ()):
            for part, kind in (("configMapRef", r.CONFIG_MAPS), ("secretRef", r.SECRETS)):
                if part in source:
                    yield _name(kind, here, source[part]["name"]), source[part].get("optional", False)
    for volume in spec.get("volumes", ()):
        for source in (volume, *volume.get("projected", {}).get("sources", ())):
            if "configMap" in source:
                yield (
                    _name(r.CONFIG_MAPS, here, source["configMap"]["name"]),
                    source["configMap"].get("optional", False),
                )
            if "secret" in source:
                secret = source["secret"]
                yield _name(r.SECRETS, here, secret.get("secretName") or secret["name"]), secret.get("optional", False)
        if "persistentVolumeClaim" in volume:
            yield _name(CLAIMS, here, volume["persistentVolumeClaim"]["claimName"]), False
    for secret in spec.get("imagePullSecrets", ()):
        yield _name(r.SECRETS, here, secret["name"]), False
    for claim in spec.get("resourceClaims", ()):
        yield _name(r.RESOURCE_CLAIM_TEMPLATES, here, claim["resourceClaimTemplateName"]), False
    for field, kind in (
        ("serviceAccountName", r.SERVICE_ACCOUNTS),
        ("priorityClassName", r.PRIORITY_CLASSES),
        ("runtimeClassName", r.RUNTIME_CLASSES),
        ("nodeName", NODES),
    ):
        if field in spec:
            yield _name(kind, here, spec[field]), False


def _named(kind: Kind[Any], here: str, document: Document) -> Iterator[Name]:
    """Of the kinds that are no workloads."""
    spec = document.get("spec") or {}
    if kind == r.INGRESSES:
        if "ingressClassName" in spec:
            yield _name(r.INGRESS_CLASSES, "", spec["ingressClassName"])
        backends = [path["backend"] for rule in spec["rules"] for path in rule["http"]["paths"]]
        for backend in (*backends, *([spec["defaultBackend"]] if "defaultBackend" in spec else ())):
            yield _name(SERVICES, here, backend["service"]["name"])
        for tls in spec.get("tls", ()):
            yield _name(r.SECRETS, here, tls["secretName"])
    elif kind == r.INGRESS_CLASSES and "parameters" in spec:
        yield _name(_BY_KIND[spec["parameters"]["kind"]], spec["parameters"]["namespace"], spec["parameters"]["name"])
    elif kind == r.GATEWAY_CLASSES:
        parameters = spec["parametersRef"]
        yield _name(_BY_KIND[parameters["kind"]], parameters["namespace"], parameters["name"])
    elif kind == r.GATEWAYS:
        yield _name(r.GATEWAY_CLASSES, "", spec["gatewayClassName"])
        for listener in spec["listeners"]:
            for reference in listener.get("tls", {}).get("certificateRefs", ()):
                yield _name(r.SECRETS, here, reference["name"])
    elif kind in (r.HTTP_ROUTES, r.GRPC_ROUTES):
        for parent in spec["parentRefs"]:
            yield _name(r.GATEWAYS, parent["namespace"], parent["name"])
        for rule in spec["rules"]:
            mirrors = [one["requestMirror"]["backendRef"] for one in rule.get("filters", ())]
            for backend in (*rule["backendRefs"], *mirrors):
                yield _name(SERVICES, here, backend["name"])
    elif kind == r.ENDPOINT_SLICES:
        yield _name(SERVICES, here, document["metadata"]["labels"]["kubernetes.io/service-name"])
        for endpoint in document["endpoints"] or ():
            if "targetRef" in endpoint:
                yield _name(PODS, endpoint["targetRef"]["namespace"], endpoint["targetRef"]["name"])
                yield _name(NODES, "", endpoint["nodeName"])
    elif kind == r.AUTOSCALERS:
        yield _name(DEPLOYMENTS, here, spec["scaleTargetRef"]["name"])
        for metric in spec["metrics"]:
            if "object" in metric:
                described = metric["object"]["describedObject"]
                yield _name(_BY_KIND[described["kind"]], here, described["name"])
    elif kind in (r.ROLE_BINDINGS, r.CLUSTER_ROLE_BINDINGS):
        yield _name(_BY_KIND[document["roleRef"]["kind"]], here, document["roleRef"]["name"])
        for subject in document["subjects"]:
            if subject["kind"] == "ServiceAccount":
                yield _name(r.SERVICE_ACCOUNTS, subject["namespace"], subject["name"])
    elif kind == r.SERVICE_ACCOUNTS:
        for secret in (*document.get("secrets", ()), *document.get("imagePullSecrets", ())):
            yield _name(r.SECRETS, here, secret["name"])
    elif kind in (CLAIMS, r.VOLUMES, r.ATTACHMENTS, r.SNAPSHOTS):
        yield from _of_storage(kind, here, spec)
    elif kind in (r.VALIDATING_WEBHOOKS, r.MUTATING_WEBHOOKS):
        for webhook in document["webhooks"]:
            if "service" in webhook["clientConfig"]:
                service = webhook["clientConfig"]["service"]
                yield _name(SERVICES, service["namespace"], service["name"])
    elif kind == r.API_SERVICES and "service" in spec:
        yield _name(SERVICES, spec["service"]["namespace"], spec["service"]["name"])
    elif kind == r.DEFINITIONS and "webhook" in spec["conversion"]:
        service = spec["conversion"]["webhook"]["clientConfig"]["service"]
        yield _name(SERVICES, service["namespace"], service["name"])
    elif kind in (r.RESOURCE_CLAIMS, r.RESOURCE_CLAIM_TEMPLATES):
        wanted = spec.get("spec") or spec
        for request in wanted["devices"]["requests"]:
            yield _name(r.DEVICE_CLASSES, "", request["exactly"]["deviceClassName"])
    elif kind == r.CERTIFICATES:
        yield _name(r.SECRETS, here, spec["secretName"])
        yield _name(r.CLUSTER_ISSUERS, "", spec["issuerRef"]["name"])


def _of_storage(kind: Kind[Any], here: str, spec: Document) -> Iterator[Name]:
    if kind == r.SNAPSHOTS:
        yield _name(CLAIMS, here, spec["source"]["persistentVolumeClaimName"])
        yield _name(r.SNAPSHOT_CLASSES, "", spec["volumeSnapshotClassName"])
    if kind == r.ATTACHMENTS:
        yield _name(NODES, "", spec["nodeName"])
        yield _name(r.VOLUMES, "", spec["source"]["persistentVolumeName"])
        yield _name(r.CSI_DRIVERS, "", spec["attacher"])
    if "volumeAttributesClassName" in spec:
        yield _name(r.ATTRIBUTES_CLASSES, "", spec["volumeAttributesClassName"])
    if "dataSourceRef" in spec:
        yield _name(_BY_KIND[spec["dataSourceRef"]["kind"]], here, spec["dataSourceRef"]["name"])
    if spec.get("volumeName"):
        yield _name(r.VOLUMES, "", spec["volumeName"])
    if kind == r.VOLUMES:
        yield _name(CLAIMS, spec["claimRef"]["namespace"], spec["claimRef"]["name"])
        yield _name(r.CSI_DRIVERS, "", spec["csi"]["driver"])
        for field, secret in spec["csi"].items():
            if field.endswith("SecretRef"):
                yield _name(r.SECRETS, secret["namespace"], secret["name"])


def _name(kind: Kind[Any], namespace: str, name: str) -> Name:
    return kind.plural, namespace if kind.namespaced else "", name
