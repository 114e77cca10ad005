"""From an application to the template of its pods: containers, volumes, and what a scheduler needs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kite_tui.demo.catalogue import MI, App

Document = dict[str, Any]

GPU = "nvidia.com/gpu"
OVERHEAD = {"cpu": "100m", "memory": "160Mi"}


@dataclass(frozen=True, slots=True)
class Requests:
    """What a pod takes of a node."""

    cpu_m: int = 0
    memory_b: int = 0
    gpus: int = 0

    def plus(self, other: Requests, sign: int = 1) -> Requests:
        """The sum, or with sign −1 the difference."""
        return Requests(
            self.cpu_m + sign * other.cpu_m, self.memory_b + sign * other.memory_b, self.gpus + sign * other.gpus
        )

    def most(self, other: Requests) -> Requests:
        """The greater of each."""
        return Requests(max(self.cpu_m, other.cpu_m), max(self.memory_b, other.memory_b), max(self.gpus, other.gpus))


@dataclass(slots=True, eq=False)
class PodTemplate:
    """What the pods of one owner share. `owner` is their ownerReference, None for a bare pod."""

    app: App
    namespace: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: Document
    requests: Requests
    qos: str
    owner: Document
    moulds: dict[Any, Any] = field(default_factory=dict)
    """JSON of its pods by state, made when the first of them is read; `pods` keeps them here."""

    @property
    def containers(self) -> list[Document]:
        """The app containers."""
        found: list[Document] = self.spec["containers"]
        return found

    @property
    def init_containers(self) -> list[Document]:
        """Init containers, native sidecars among them."""
        found: list[Document] = self.spec.get("initContainers", [])
        return found


def app_labels(app: App) -> dict[str, str]:
    """The labels that select an application's pods, and those beside them."""
    labels = {"app.kubernetes.io/name": app.name, "app.kubernetes.io/part-of": app.namespace}
    if app.namespace in ("shop", "payments", "search"):
        labels["app"] = app.name
    if app.name == "prometheus-k8s":
        labels["app.kubernetes.io/name"] = "prometheus"
    return labels


def pod_annotations(app: App) -> dict[str, str]:
    """The annotations of a pod."""
    if app.kind in ("Job", "CronJob", "Static"):
        return {}
    return {"prometheus.io/scrape": "true", "prometheus.io/port": str(app.port)}


def pod_spec(app: App) -> Document:
    """The spec in a workload's template, with the defaults that the server fills in."""
    spec: Document = {}
    init = _init_containers(app)
    if init:
        spec["initContainers"] = init
    spec["containers"] = [_main(app), *_beside(app)]
    volumes = _volumes(app)
    if volumes:
        spec["volumes"] = volumes
    spec |= {
        "restartPolicy": "Never" if app.kind in ("Job", "CronJob") else "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": service_account(app),
        "serviceAccount": service_account(app),
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    if "host" in app.traits:
        spec |= {"hostNetwork": True, "tolerations": [{"operator": "Exists"}]}
    if "sandbox" in app.traits:
        spec |= {"runtimeClassName": "kata", "overhead": OVERHEAD}
    if "gpu" in app.traits:
        spec |= {
            "nodeSelector": {"example.com/accelerator": "nvidia-l4"},
            "tolerations": [{"key": GPU, "operator": "Exists", "effect": "NoSchedule"}],
        }
    if app.priority:
        spec["priorityClassName"] = app.priority
    return spec


def service_account(app: App) -> str:
    """The name of the service account; products run as their own, jobs as `default`."""
    return "default" if app.kind in ("Job", "CronJob") else app.name


def requests_of(app: App, spec: Document) -> Requests:
    """What the scheduler counts: the containers and sidecars, or the greatest init container if that is more."""
    total, peak = Requests(), Requests()
    sidecars = Requests()
    for container in spec.get("initContainers", ()):
        wanted = _requests(container)
        if container.get("restartPolicy") == "Always":
            sidecars = sidecars.plus(wanted)
            peak = peak.most(sidecars)
        else:
            peak = peak.most(sidecars.plus(wanted))
    for container in spec["containers"]:
        total = total.plus(_requests(container))
    total = total.plus(sidecars).most(peak)
    return total.plus(Requests(100, 160 * MI)) if "sandbox" in app.traits else total


def quality(spec: Document) -> str:
    """The quality-of-service class."""
    containers = [*spec["containers"], *spec.get("initContainers", ())]
    resources = [container["resources"] for container in containers]
    if not any(resources):
        return "BestEffort"
    if all(
        set(one.get("limits", ())) >= {"cpu", "memory"} and one["limits"] == one.get("requests") for one in resources
    ):
        return "Guaranteed"
    return "Burstable"


def millis(text: str) -> int:
    """Millicores of a CPU quantity as this package writes them."""
    return int(text[:-1]) if text.endswith("m") else int(text) * 1000


def mebibytes(text: str) -> int:
    """Bytes of a memory quantity as this package writes them."""
    return int(text[:-2]) * MI


def _requests(container: Document) -> Requests:
    wanted = container["resources"].get("requests", {})
    return Requests(millis(wanted.get("cpu", "0")), mebibytes(wanted.get("memory", "0Mi")), int(wanted.get(GPU, "0")))


def _resources(app: App) -> Document:
    if "best-effort" in app.traits:
        return {}
    resources: Document = {"requests": {"cpu": f"{app.cpu_m}m", "memory": f"{app.memory_b // MI}Mi"}}
    if app.limit:
        resources["limits"] = {
            "cpu": f"{round(app.cpu_m * app.limit)}m",
            "memory": f"{round(app.memory_b * app.limit) // MI}Mi",
        }
    if "gpu" in app.traits:
        count = "8" if "gpu-many" in app.traits else "1"
        resources["requests"][GPU] = resources.setdefault("limits", {})[GPU] = count
    return resources


def _container(name: str, image: str, resources: Document, **more: object) -> Document:
    return {
        "name": name,
        "image": image,
        "resources": resources,
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        **more,
    }


def _main(app: App) -> Document:
    env: list[Document] = [
        {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
        {"name": "LOG_LEVEL", "value": "info"},
    ]
    if "secret" in app.traits:
        reference = {"name": f"{app.name}-credentials", "key": "password"}
        env.append({"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": reference}})
    more: Document = {"env": env}
    if "config" in app.traits:
        more["envFrom"] = [{"configMapRef": {"name": f"{app.name}-config"}}]
    mounts = []
    if "config" in app.traits:
        mounts.append({"name": "config", "mountPath": "/etc/app", "readOnly": True})
    if "claims" in app.traits:
        mounts.append({"name": "data", "mountPath": "/data"})
    if mounts:
        more["volumeMounts"] = mounts
    if app.kind not in ("Job", "CronJob"):
        probe = {"path": "/healthz", "port": app.port, "scheme": "HTTP"}
        timing = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
        more["ports"] = [{"name": "http", "containerPort": app.port, "protocol": "TCP"}]
        more["readinessProbe"] = {"httpGet": probe, **timing}
        more["livenessProbe"] = {"httpGet": probe, "initialDelaySeconds": 10, **timing}
    return _container(app.name, app.image, _resources(app), **more)


def _beside(app: App) -> list[Document]:
    if "pair" not in app.traits:
        return []
    resources = {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
    return [_container("exporter", "registry.example.com/platform/exporter:1.9.0", resources)]


def _init_containers(app: App) -> list[Document]:
    containers = []
    if "sidecar" in app.traits:
        resources = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "2", "memory": "1024Mi"}}
        containers.append(
            _container("istio-proxy", "docker.io/istio/proxyv2:1.27.1", resources, restartPolicy="Always")
        )
    if "init" in app.traits:
        small: Document = {"requests": {"cpu": "10m", "memory": "16Mi"}} if app.cpu_m else {}
        large: Document = {"requests": {"cpu": f"{app.cpu_m + 150}m", "memory": f"{app.memory_b // MI}Mi"}}
        containers.append(_container("wait-for-network", "docker.io/library/busybox:1.37", small))
        containers.append(_container("prepare", app.image, large, args=["prepare"]))
    return containers


def _volumes(app: App) -> list[Document]:
    if "config" not in app.traits:
        return []
    return [{"name": "config", "configMap": {"name": f"{app.name}-config", "defaultMode": 420}}]
