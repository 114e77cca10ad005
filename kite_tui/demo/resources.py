"""The kinds that the simulated cluster knows, and what each can be selected by."""

from __future__ import annotations

from collections.abc import Mapping
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


def _kind(api_version: str, kind: str, resource: str, *short_names: str, namespaced: bool = True) -> Kind[Any]:
    group, _, version = api_version.rpartition("/")
    return Kind(group, version, kind, resource, kind.lower(), namespaced, short_names)


def _cluster_kind(api_version: str, kind: str, resource: str, *short_names: str) -> Kind[Any]:
    return _kind(api_version, kind, resource, *short_names, namespaced=False)


CONFIG_MAPS = _kind("v1", "ConfigMap", "configmaps", "cm")
LIMIT_RANGES = _kind("v1", "LimitRange", "limitranges", "limits")
VOLUMES = _cluster_kind("v1", "PersistentVolume", "persistentvolumes", "pv")
REPLICATION_CONTROLLERS = _kind("v1", "ReplicationController", "replicationcontrollers", "rc")
QUOTAS = _kind("v1", "ResourceQuota", "resourcequotas", "quota")
SECRETS = _kind("v1", "Secret", "secrets")
SERVICE_ACCOUNTS = _kind("v1", "ServiceAccount", "serviceaccounts", "sa")
CONTROLLER_REVISIONS = _kind("apps/v1", "ControllerRevision", "controllerrevisions")
REPLICASETS = _kind("apps/v1", "ReplicaSet", "replicasets", "rs")
CRONJOBS = _kind("batch/v1", "CronJob", "cronjobs", "cj")
JOBS = _kind("batch/v1", "Job", "jobs")
AUTOSCALERS = _kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa")
INGRESS_CLASSES = _cluster_kind("networking.k8s.io/v1", "IngressClass", "ingressclasses")
INGRESSES = _kind("networking.k8s.io/v1", "Ingress", "ingresses", "ing")
NETWORK_POLICIES = _kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "netpol")
DISRUPTION_BUDGETS = _kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb")
CLUSTER_ROLE_BINDINGS = _cluster_kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings")
CLUSTER_ROLES = _cluster_kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles")
ROLE_BINDINGS = _kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings")
ROLES = _kind("rbac.authorization.k8s.io/v1", "Role", "roles")
CSI_DRIVERS = _cluster_kind("storage.k8s.io/v1", "CSIDriver", "csidrivers")
CSI_NODES = _cluster_kind("storage.k8s.io/v1", "CSINode", "csinodes")
STORAGE_CLASSES = _cluster_kind("storage.k8s.io/v1", "StorageClass", "storageclasses", "sc")
ATTACHMENTS = _cluster_kind("storage.k8s.io/v1", "VolumeAttachment", "volumeattachments")
ATTRIBUTES_CLASSES = _cluster_kind("storage.k8s.io/v1", "VolumeAttributesClass", "volumeattributesclasses", "vac")
MUTATING_WEBHOOKS = _cluster_kind(
    "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations"
)
VALIDATING_WEBHOOKS = _cluster_kind(
    "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"
)
DEFINITIONS = _cluster_kind(
    "apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", "crd", "crds"
)
API_SERVICES = _cluster_kind("apiregistration.k8s.io/v1", "APIService", "apiservices")
PRIORITY_CLASSES = _cluster_kind("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", "pc")
LEASES = _kind("coordination.k8s.io/v1", "Lease", "leases")
RUNTIME_CLASSES = _cluster_kind("node.k8s.io/v1", "RuntimeClass", "runtimeclasses")
ENDPOINT_SLICES = _kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices")
DEVICE_CLASSES = _cluster_kind("resource.k8s.io/v1", "DeviceClass", "deviceclasses")
RESOURCE_CLAIMS = _kind("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")
RESOURCE_CLAIM_TEMPLATES = _kind("resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates")

GATEWAY_CLASSES = _cluster_kind("gateway.networking.k8s.io/v1", "GatewayClass", "gatewayclasses", "gc")
GATEWAYS = _kind("gateway.networking.k8s.io/v1", "Gateway", "gateways", "gtw")
GRPC_ROUTES = _kind("gateway.networking.k8s.io/v1", "GRPCRoute", "grpcroutes")
HTTP_ROUTES = _kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes")
SNAPSHOT_CLASSES = _cluster_kind(
    "snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "volumesnapshotclasses", "vsclass", "vsclasses"
)
SNAPSHOTS = _kind("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "volumesnapshots", "vs")
CERTIFICATE_REQUESTS = _kind("cert-manager.io/v1", "CertificateRequest", "certificaterequests", "cr", "crs")
CERTIFICATES = _kind("cert-manager.io/v1", "Certificate", "certificates", "cert", "certs")
CLUSTER_ISSUERS = _cluster_kind("cert-manager.io/v1", "ClusterIssuer", "clusterissuers", "ciss")
PROMETHEUSES = _kind("monitoring.coreos.com/v1", "Prometheus", "prometheuses", "prom")
SERVICE_MONITORS = _kind("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", "smon")

STORED: tuple[Kind[Any], ...] = (
    CONFIG_MAPS,
    EVENTS,
    LIMIT_RANGES,
    NAMESPACES,
    NODES,
    CLAIMS,
    VOLUMES,
    PODS,
    REPLICATION_CONTROLLERS,
    QUOTAS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    API_SERVICES,
    CONTROLLER_REVISIONS,
    DAEMONSETS,
    DEPLOYMENTS,
    REPLICASETS,
    STATEFULSETS,
    AUTOSCALERS,
    CRONJOBS,
    JOBS,
    INGRESS_CLASSES,
    INGRESSES,
    NETWORK_POLICIES,
    DISRUPTION_BUDGETS,
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    ROLES,
    CSI_DRIVERS,
    CSI_NODES,
    STORAGE_CLASSES,
    ATTACHMENTS,
    ATTRIBUTES_CLASSES,
    MUTATING_WEBHOOKS,
    VALIDATING_WEBHOOKS,
    DEFINITIONS,
    PRIORITY_CLASSES,
    LEASES,
    RUNTIME_CLASSES,
    ENDPOINT_SLICES,
    DEVICE_CLASSES,
    RESOURCE_CLAIMS,
    RESOURCE_CLAIM_TEMPLATES,
)
"""Kinds that every server has and whose objects the world keeps, in the order of discovery."""

CUSTOM: tuple[Kind[Any], ...] = (
    CERTIFICATE_REQUESTS,
    CERTIFICATES,
    CLUSTER_ISSUERS,
    GATEWAY_CLASSES,
    GATEWAYS,
    GRPC_ROUTES,
    HTTP_ROUTES,
    PROMETHEUSES,
    SERVICE_MONITORS,
    SNAPSHOT_CLASSES,
    SNAPSHOTS,
)
"""Kinds that are installed in a generated cluster, each with its CustomResourceDefinition."""

COMPUTED: tuple[Kind[Any], ...] = (NODE_METRICS, POD_METRICS)
"""Kinds that are answered from samples: get and list, no watch."""

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    **{
        kind.plural: ("all",)
        for kind in (
            PODS,
            REPLICATION_CONTROLLERS,
            SERVICES,
            DAEMONSETS,
            DEPLOYMENTS,
            REPLICASETS,
            STATEFULSETS,
            AUTOSCALERS,
            CRONJOBS,
            JOBS,
        )
    },
    **{
        kind.plural: ("api-extensions",) for kind in (API_SERVICES, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, DEFINITIONS)
    },
    **{kind.plural: ("cert-manager",) for kind in (CERTIFICATE_REQUESTS, CERTIFICATES, CLUSTER_ISSUERS)},
    **{kind.plural: ("gateway-api",) for kind in (GATEWAY_CLASSES, GATEWAYS, GRPC_ROUTES, HTTP_ROUTES)},
    **{kind.plural: ("prometheus-operator",) for kind in (PROMETHEUSES, SERVICE_MONITORS)},
}
"""Categories by plural: `kubectl get all` names several kinds at once."""

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
    REPLICATION_CONTROLLERS.plural: ("status.replicas",),
    JOBS.plural: ("status.successful",),
    SECRETS.plural: ("type",),
    SERVICES.plural: ("spec.clusterIP", "spec.type"),
}
"""What a field selector may name, beside metadata.name and metadata.namespace."""


_BUILT_IN = frozenset(kind.plural for kind in STORED + COMPUTED)


def is_custom(kind: Kind[Any]) -> bool:
    """Whether a CustomResourceDefinition brings the kind: upstream answers those from another program part."""
    return kind.plural not in _BUILT_IN


def verbs(kind: Kind[Any]) -> tuple[str, ...]:
    """The verbs that are served, as discovery lists them."""
    return ("get", "list") if kind in COMPUTED else ("get", "list", "watch")
