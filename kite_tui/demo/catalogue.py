"""What runs in the imaginary company: a web shop, its payments, search, data, machine learning and platform."""

from __future__ import annotations

from dataclasses import dataclass

MI = 1024 * 1024
GI = 1024 * MI


@dataclass(frozen=True, slots=True)
class App:
    """One application; a large cluster has it many times, and larger.

    `weight` is its number of pods in a cluster of 500. `cpu_m` and `memory_b` are requests of its main container, 0
    for none; limits are `limit` times as much (0: no limits). `traits` change its pods, `fault` is what is wrong with
    some of them.
    """

    namespace: str
    name: str
    kind: str
    weight: int
    image: str
    cpu_m: int = 100
    memory_b: int = 768 * MI
    limit: float = 2.0
    port: int = 8080
    traits: frozenset[str] = frozenset()
    fault: str = ""
    priority: str = ""

    @property
    def grows(self) -> bool:
        """Whether it is there to serve load: more of it in a larger cluster."""
        return self.kind == "Deployment" and self.namespace not in PLATFORM and "gpu" not in self.traits


PLATFORM = ("kube-system", "monitoring", "cert-manager", "ingress-nginx")
"""Namespaces that a cluster has once, whatever its size."""

PRODUCT = ("shop", "payments", "search", "data", "ml", "ci")


def _app(namespace: str, name: str, kind: str, weight: int, image: str, *more: str, **settings: object) -> App:
    return App(namespace, name, kind, weight, image, traits=frozenset(more), **settings)  # type: ignore[arg-type]


REGISTRY = _R = "registry.example.com"
"""The company's own registry, which wants a password."""

CONTROL_PLANE: tuple[App, ...] = tuple(
    _app("kube-system", name, "Static", 1, f"registry.k8s.io/{image}", "host", cpu_m=cpu_m, memory_b=memory_b, limit=0,
         port=port, priority="system-node-critical")
    for name, image, cpu_m, memory_b, port in (
        ("kube-apiserver", "kube-apiserver:v1.35.4", 250, 1024 * MI, 6443),
        ("etcd", "etcd:3.6.5-0", 100, 512 * MI, 2381),
        ("kube-controller-manager", "kube-controller-manager:v1.35.4", 200, 256 * MI, 10257),
        ("kube-scheduler", "kube-scheduler:v1.35.4", 100, 128 * MI, 10259),
    )
)  # fmt: skip
"""Static pods of the control plane's nodes."""

SYSTEM: tuple[App, ...] = (
    _app("kube-system", "kube-proxy", "DaemonSet", 0, "registry.k8s.io/kube-proxy:v1.35.4", "host",
         memory_b=64 * MI, limit=0,
         priority="system-node-critical"),
    _app("kube-system", "cilium", "DaemonSet", 0, "quay.io/cilium/cilium:v1.18.2", "host", "init",
         priority="system-node-critical"),
    _app("kube-system", "coredns", "Deployment", 2, "registry.k8s.io/coredns/coredns:v1.12.4", "config",
         memory_b=70 * MI, limit=2.5, port=53, priority="system-cluster-critical"),
    _app("kube-system", "metrics-server", "Deployment", 2, "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
         memory_b=200 * MI, limit=0, port=10250, priority="system-cluster-critical"),
    _app("monitoring", "node-exporter", "DaemonSet", 0, "quay.io/prometheus/node-exporter:v1.9.1", "host",
         cpu_m=112, memory_b=200 * MI, limit=2.0, port=9100),
    _app("kube-system", "ebs-csi-node", "DaemonSet", 0, "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.48.0",
         "pair", cpu_m=10, memory_b=40 * MI, limit=4, priority="system-node-critical"),
    _app("kube-system", "cilium-operator", "Deployment", 2, "quay.io/cilium/operator-aws:v1.18.2", "host",
         memory_b=128 * MI, limit=0, priority="system-cluster-critical"),
    _app("kube-system", "cluster-autoscaler", "Deployment", 1, "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.1",
         memory_b=600 * MI, limit=1, priority="system-cluster-critical"),
    _app("monitoring", "prometheus-k8s", "StatefulSet", 2, "quay.io/prometheus/prometheus:v3.6.0", "claims", "pair",
         "init", "assets", cpu_m=500, memory_b=3 * GI, limit=0, port=9090),
    _app("monitoring", "alertmanager-main", "StatefulSet", 3, "quay.io/prometheus/alertmanager:v0.28.1", "pair",
         memory_b=100 * MI, port=9093),
    _app("monitoring", "grafana", "Deployment", 1, "docker.io/grafana/grafana:12.1.1", "config", "secret", port=3000),
    _app("monitoring", "kube-state-metrics", "Deployment", 1,
         "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0", cpu_m=50, memory_b=190 * MI, limit=1.5),
    _app("monitoring", "prometheus-operator", "Deployment", 1,
         "quay.io/prometheus-operator/prometheus-operator:v0.85.0"),
    _app("cert-manager", "cert-manager", "Deployment", 1, "quay.io/jetstack/cert-manager-controller:v1.18.2",
         "best-effort"),
    _app("cert-manager", "cert-manager-webhook", "Deployment", 1, "quay.io/jetstack/cert-manager-webhook:v1.18.2",
         "best-effort", port=10250),
    _app("ingress-nginx", "ingress-nginx-controller", "Deployment", 3,
         "registry.k8s.io/ingress-nginx/controller:v1.13.2", "admission", memory_b=512 * MI, limit=0, port=443),
)  # fmt: skip
"""Daemons and what the platform needs, the most necessary first."""

PRODUCTS: tuple[App, ...] = (
    _app("shop", "storefront", "Deployment", 36, f"{_R}/shop/storefront:2.41.0", "sidecar", "config",
         cpu_m=250, memory_b=1024 * MI),
    _app("shop", "cart", "Deployment", 24, f"{_R}/shop/cart:1.18.3", "sidecar", "config", "secret", cpu_m=200,
         fault="crash-some"),
    _app("shop", "catalog", "Deployment", 28, f"{_R}/shop/catalog:3.2.7", "init", "config", "overrides", cpu_m=300,
         memory_b=1280 * MI, fault="init-some"),
    _app("shop", "checkout", "Deployment", 20, f"{_R}/shop/checkout:5.0.1", "sidecar", "init", "secret", cpu_m=250,
         memory_b=512 * MI, fault="image-new"),
    _app("shop", "pricing", "Deployment", 14, f"{_R}/shop/pricing:0.9.12", cpu_m=150, fault="not-ready"),
    _app("shop", "recommendations", "Deployment", 16, f"{_R}/shop/recommendations:2.0.0", cpu_m=400,
         memory_b=2 * GI, limit=0),
    _app("shop", "image-resizer", "Deployment", 12, f"{_R}/shop/image-resizer:1.4.4", "best-effort", "media"),
    _app("shop", "promo-banner", "Deployment", 2, f"{_R}/shop/promo-banner:0.3.0", "config", cpu_m=50,
         memory_b=64 * MI, fault="config"),
    _app("shop", "sessions", "StatefulSet", 3, "docker.io/valkey/valkey:8.1.3", "claims", memory_b=1536 * MI,
         port=6379),
    _app("payments", "payment-api", "Deployment", 20, f"{_R}/payments/payment-api:7.7.2", "sandbox", "sidecar",
         "secret", cpu_m=300, memory_b=512 * MI, limit=1, priority="business-critical"),
    _app("payments", "fraud-check", "Deployment", 14, f"{_R}/payments/fraud-check:1.22.0", cpu_m=500, memory_b=2 * GI),
    _app("payments", "ledger", "StatefulSet", 3, f"{_R}/payments/ledger:4.1.0", "claims", "secret", cpu_m=500,
         memory_b=2 * GI, limit=1, port=5432),
    _app("payments", "ledger-sync", "Deployment", 1, f"{_R}/payments/ledger-sync:0.8.1", "secret", cpu_m=50,
         fault="crash"),
    _app("payments", "webhook-relay", "Deployment", 6, f"{_R}/payments/webhook-relay:1.1.9", "old-registry", cpu_m=50,
         memory_b=96 * MI),
    _app("payments", "reconcile", "CronJob", 4, f"{_R}/payments/reconcile:2.3.0", cpu_m=200),
    _app("search", "query", "Deployment", 24, f"{_R}/search/query:6.3.1", "sidecar", cpu_m=400, memory_b=2 * GI,
         fault="ending"),
    _app("search", "suggest", "Deployment", 10, f"{_R}/search/suggest:2.2.2", cpu_m=150),
    _app("search", "indexer", "Deployment", 8, f"{_R}/search/indexer:6.3.1", "init", cpu_m=300,
         memory_b=1536 * MI, limit=1,
         fault="oom-some"),
    _app("search", "elasticsearch", "StatefulSet", 5, "docker.elastic.co/elasticsearch/elasticsearch:9.1.3", "claims",
         "init", cpu_m=1000, memory_b=4 * GI, limit=1, port=9200),
    _app("data", "postgres", "StatefulSet", 3, "docker.io/library/postgres:17.6", "claims", "secret", cpu_m=1000,
         memory_b=4 * GI, limit=1, port=5432),
    _app("data", "kafka", "StatefulSet", 5, "docker.io/apache/kafka:4.1.0", "claims", cpu_m=500, memory_b=2 * GI,
         limit=0, port=9092),
    _app("data", "clickhouse", "StatefulSet", 2, "docker.io/clickhouse/clickhouse-server:25.8", "claims", cpu_m=1000,
         memory_b=4 * GI, limit=1.5, port=8123, fault="claim"),
    _app("data", "airflow-worker", "Deployment", 10, f"{_R}/data/airflow:3.0.6", "init", "config", cpu_m=300,
         memory_b=768 * MI, fault="evicted"),
    _app("data", "airflow-scheduler", "Deployment", 2, f"{_R}/data/airflow:3.0.6", "init", "pair", cpu_m=200,
         memory_b=512 * MI),
    _app("data", "etl-nightly", "CronJob", 5, f"{_R}/data/etl:1.9.3", cpu_m=300, memory_b=1536 * MI, fault="job"),
    _app("ml", "inference", "Deployment", 1, f"{_R}/ml/inference:0.12.0", "gpu", "init", cpu_m=1000, memory_b=6 * GI,
         limit=1),
    _app("ml", "embedder", "Deployment", 2, f"{_R}/ml/embedder:0.4.0", "gpu", "gpu-many", cpu_m=1000, memory_b=6 * GI,
         fault="unschedulable"),
    _app("ml", "feature-store", "Deployment", 6, f"{_R}/ml/feature-store:1.0.4", "config", cpu_m=200,
         memory_b=1536 * MI),
    _app("ml", "notebook", "StatefulSet", 1, f"{_R}/ml/notebook:2026.4", "claims", "device", memory_b=1536 * MI,
         limit=4, port=8888),
    _app("ci", "runner", "Deployment", 12, f"{_R}/ci/runner:18.4.0", "pair", cpu_m=300, memory_b=1024 * MI),
    _app("ci", "build", "CronJob", 8, f"{_R}/ci/build:1.0.0", "init", cpu_m=400, memory_b=1536 * MI),
    _app("ci", "e2e", "Job", 2, f"{_R}/ci/e2e:1.0.0", "pair", cpu_m=200, fault="job"),
    _app("ci", "artifact-cache", "Deployment", 2, f"{_R}/ci/artifact-cache:1.3.0", "best-effort"),
)  # fmt: skip
"""The products; a large cluster has a set of them for every stage and market."""

STAGES = ("", "-eu", "-us", "-apac", "-staging", "-qa", "-dev", "-loadtest")


def stage(number: int) -> str:
    """The ending of the namespaces of the n-th set of products."""
    return STAGES[number] if number < len(STAGES) else f"-tenant-{number - len(STAGES) + 1:03d}"
