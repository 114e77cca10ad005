"""The kinds that kite-tui reads, and their paths on the API server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from kite_tui.objects.claims import Claim
    from kite_tui.objects.events import Event
    from kite_tui.objects.namespaces import Namespace
    from kite_tui.objects.nodes import Node
    from kite_tui.objects.pods import Pod
    from kite_tui.objects.services import Service
    from kite_tui.objects.usage import NodeUsage, PodUsage
    from kite_tui.objects.workloads import Workload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind as the API serves it; `T` is the trimmed record its objects are decoded into.

    Names are discovery's: `resource` is the plural in the path, `group` is empty for core/v1.
    """

    group: str
    version: str
    kind: str
    resource: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # Kinds are looked up all the time, and the hash of a string is remembered.
        return hash(self.resource)

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`, as manifests write it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def plural(self) -> str:
        """`pods` or `deployments.apps`: unique across groups, as kubectl takes it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of the list (of one namespace, or of all), or of one object.

        Names are quoted, so whatever a person typed stays one segment of the path; only "." and ".." would not.
        """
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.resource}" + (f"/{quote(name, safe='')}" if name else "")


PODS: Kind[Pod] = Kind("", "v1", "Pod", "pods", "pod", True, ("po",))
NODES: Kind[Node] = Kind("", "v1", "Node", "nodes", "node", False, ("no",))
NAMESPACES: Kind[Namespace] = Kind("", "v1", "Namespace", "namespaces", "namespace", False, ("ns",))
SERVICES: Kind[Service] = Kind("", "v1", "Service", "services", "service", True, ("svc",))
EVENTS: Kind[Event] = Kind("", "v1", "Event", "events", "event", True, ("ev",))
CLAIMS: Kind[Claim] = Kind(
    "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim", True, ("pvc",)
)
DEPLOYMENTS: Kind[Workload] = Kind("apps", "v1", "Deployment", "deployments", "deployment", True, ("deploy",))
STATEFULSETS: Kind[Workload] = Kind("apps", "v1", "StatefulSet", "statefulsets", "statefulset", True, ("sts",))
DAEMONSETS: Kind[Workload] = Kind("apps", "v1", "DaemonSet", "daemonsets", "daemonset", True, ("ds",))
NODE_METRICS: Kind[NodeUsage] = Kind("metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes", "node", False)
POD_METRICS: Kind[PodUsage] = Kind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", "pod", True)

WORKLOADS: tuple[Kind[Workload], ...] = (DEPLOYMENTS, STATEFULSETS, DAEMONSETS)
FIRST: tuple[Kind[Any], ...] = (PODS, NODES, NAMESPACES, SERVICES)
"""What every screen needs, started at once."""
SECOND: tuple[Kind[Any], ...] = (*WORKLOADS, CLAIMS, EVENTS)
"""What only "wrong now" and the warnings need: started when each of the first has its first page, or is known
not to be had."""
ALWAYS = FIRST + SECOND
METRICS: tuple[Kind[Any], ...] = (NODE_METRICS, POD_METRICS)
"""Kinds that can only be listed again and again: metrics.k8s.io has no watch."""
