"""From an application to the template of its pods: containers, volumes, and what a scheduler needs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kite_tui.demo.catalogue import MI, REGISTRY, App

Document = dict[str, Any]

GPU = "nvidia.com/gpu"
PULL_SECRET = "registry-credentials"
MESH_CA = "istio-ca-root-cert"
"""The ConfigMap that every istio proxy mounts."""
ADMISSION_SECRET = "ingress-nginx-admission"
MEDIA_CLAIM = "media-archive"
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
    if app.kind == "Static":
        return {"kubernetes.io/config.source": "file", "kubernetes.io/config.mirror": f"{len(app.image):032x}"}
    if app.kind in ("Job", "CronJob"):
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
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }
    account = service_account(app)
    if account:
        spec |= {"serviceAccountName": account, "serviceAccount": account}
    secrets = pull_secrets(app)
    if secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in secrets]
    if "device" in app.traits:
        spec["resourceClaims"] = [{"name": "gpu", "resourceClaimTemplateName": f"{app.name}-gpu"}]
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
    """The name of the service account; products run as their own, jobs as `default`, static pods as none."""
    if app.kind == "Static":
        return ""
    return "default" if app.kind in ("Job", "CronJob") else app.name


def pull_secrets(app: App) -> list[str]:
    """The Secrets that its images are pulled with; the old registry's is gone, which nobody noticed."""
    if not app.image.startswith(REGISTRY) and "pair" not in app.traits:
        return []
    return [PULL_SECRET, "legacy-registry"] if "old-registry" in app.traits else [PULL_SECRET]


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
    env += _password(app)
    more: Document = {"env": env}
    if "config" in app.traits:
        more["envFrom"] = [{"configMapRef": {"name": f"{app.name}-config"}}]
    if "overrides" in app.traits:
        overrides = {"name": f"{app.name}-overrides", "optional": True}
        more.setdefault("envFrom", []).append({"configMapRef": overrides})
    mounts: list[Document] = [
        {"name": volume["name"], "mountPath": f"/etc/{volume['name']}", "readOnly": True}
        for volume in _volumes(app)
        if volume["name"] not in ("istiod-ca-cert", "media")
    ]
    mounts += [{"name": name, "mountPath": f"/{name}"} for name in _disks(app)]
    if mounts:
        more["volumeMounts"] = mounts
    if app.kind not in ("Job", "CronJob"):
        probe = {"path": "/healthz", "port": app.port, "scheme": "HTTP"}
        timing = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
        more["ports"] = [{"name": "http", "containerPort": app.port, "protocol": "TCP"}]
        more["readinessProbe"] = {"httpGet": probe, **timing}
        more["livenessProbe"] = {"httpGet": probe, "initialDelaySeconds": 10, **timing}
    return _container(app.name, app.image, _resources(app), **more)


def _password(app: App) -> list[Document]:
    if "secret" not in app.traits:
        return []
    reference = {"name": f"{app.name}-credentials", "key": "password"}
    return [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": reference}}]


def _disks(app: App) -> list[str]:
    return [name for name, trait in (("data", "claims"), ("media", "media")) if trait in app.traits]


def _beside(app: App) -> list[Document]:
    if "pair" not in app.traits:
        return []
    resources = {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
    return [_container("exporter", "registry.example.com/platform/exporter:1.9.0", resources)]


def _init_containers(app: App) -> list[Document]:
    containers = []
    if "sidecar" in app.traits:
        resources = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "2", "memory": "1024Mi"}}
        mounts = [{"name": "istiod-ca-cert", "mountPath": "/var/run/secrets/istio"}]
        root = {"name": MESH_CA, "key": "root-cert.pem"}
        proxy: Document = {
            "restartPolicy": "Always",
            "env": [{"name": "CA_ROOT_CERT", "valueFrom": {"configMapKeyRef": root}}],
            "volumeMounts": mounts,
        }
        containers.append(_container("istio-proxy", "docker.io/istio/proxyv2:1.27.1", resources, **proxy))
    if "init" in app.traits:
        small: Document = {"requests": {"cpu": "10m", "memory": "16Mi"}} if app.cpu_m else {}
        large: Document = {"requests": {"cpu": f"{app.cpu_m + 150}m", "memory": f"{app.memory_b // MI}Mi"}}
        containers.append(_container("wait-for-network", "docker.io/library/busybox:1.37", small))
        password = _password(app)
        env = {"env": password} if password else {}
        containers.append(_container("prepare", app.image, large, args=["prepare"], **env))
    return containers


def _volumes(app: App) -> list[Document]:
    """The volumes in the template; those of a StatefulSet's claims come with the pod."""
    volumes: list[Document] = []
    if app.kind == "Static":
        volumes.append({"name": "pki", "hostPath": {"path": "/etc/kubernetes/pki", "type": "DirectoryOrCreate"}})
    if "config" in app.traits:
        volumes.append({"name": "config", "configMap": {"name": f"{app.name}-config", "defaultMode": 420}})
    if "assets" in app.traits:
        sources = [
            {"secret": {"name": f"{app.name}-tls"}},
            {"configMap": {"name": f"{app.name}-rulefiles", "optional": True}},
        ]
        volumes.append({"name": "config", "secret": {"secretName": app.name, "defaultMode": 420}})
        volumes.append({"name": "assets", "projected": {"sources": sources, "defaultMode": 420}})
    if "admission" in app.traits:
        volumes.append({"name": "webhook-cert", "secret": {"secretName": ADMISSION_SECRET, "defaultMode": 420}})
    if "media" in app.traits:
        volumes.append({"name": "media", "persistentVolumeClaim": {"claimName": MEDIA_CLAIM}})
    if "sidecar" in app.traits:
        volumes.append({"name": "istiod-ca-cert", "configMap": {"name": MESH_CA, "defaultMode": 420}})
    return volumes
