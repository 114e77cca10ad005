"""Columns and cells of pods."""

from __future__ import annotations

from collections.abc import Sequence

from kite_tui.objects.pods import Pod, bucket
from kite_tui.queries.filters import Vocabulary
from kite_tui.queries.pods import Demand, PodRow
from kite_tui.screens.formats import UNKNOWN, age, cores, memory, pod_status_ink, text, usage_share
from kite_tui.text.ages import human_duration
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.ink import Ink, Line, Piece

COLUMNS: Sequence[Column] = (
    Column("namespace", "NAMESPACE", least=11, most=24, rank=2, cut="middle"),
    Column("name", "NAME", least=20, most=64, flex=3, cut="middle"),
    Column("ready", "READY", least=5, align="right", rank=3),
    Column("status", "STATUS", least=12, most=28, rank=1),
    Column("restarts", "RST", least=6, most=12, align="right", rank=5),
    Column("cpu", "CPU", least=5, align="right", rank=4, flashes=False),
    Column("cpu_requests", "req", least=5, align="right", rank=8),
    Column("cpu_limits", "lim", least=5, align="right", rank=12),
    Column("cpu_share", "%req", least=5, align="right", rank=14, wide=True, sortable=False, flashes=False),
    Column("memory", "MEM", least=6, align="right", rank=4, flashes=False),
    Column("memory_requests", "req", least=6, align="right", rank=8),
    Column("memory_limits", "lim", least=6, align="right", rank=12),
    Column("memory_share", "%lim", least=5, align="right", rank=14, wide=True, sortable=False, flashes=False),
    Column("node", "NODE", least=14, most=36, flex=1, rank=9, cut="middle"),
    Column("age", "AGE", least=5, align="right", rank=6, flashes=False),
    Column("ip", "IP", least=9, rank=15, wide=True),
    Column("qos", "QOS", least=10, rank=18, wide=True),
    Column("owner", "OWNER", least=10, most=40, rank=16, wide=True, cut="middle"),
    Column("gates", "GATES", least=6, rank=19, wide=True, sortable=False),
    Column("image", "IMAGE", least=12, most=60, rank=17, wide=True, sortable=False, cut="middle"),
)
"""`rank` is the order in which columns go when space is short, the greatest first."""

SORT_KEYS = {
    "P": ("namespace",),
    "N": ("name",),
    "A": ("age",),
    "S": ("status",),
    "T": ("restarts",),
    "C": ("cpu", "cpu_requests"),
    "M": ("memory", "memory_requests"),
}


def _workload(pod: Pod) -> str:
    return "/".join(pod.template.workload or ())


VOCABULARY: Vocabulary[Pod] = Vocabulary(
    text=lambda pod: f"{pod.namespace}/{pod.name}",
    columns={
        "namespace": lambda pod: pod.namespace,
        "name": lambda pod: pod.name,
        "status": lambda pod: pod.status,
        "node": lambda pod: pod.node_name,
        "ip": lambda pod: pod.ip,
        "qos": lambda pod: pod.template.qos,
        "owner": _workload,
        "image": lambda pod: " ".join(container.image for container in pod.template.containers),
    },
    classes={
        "ready": lambda pod: bucket(pod) == "running_ready",
        "notready": lambda pod: bucket(pod) == "not_ready",
        "pending": lambda pod: bucket(pod) == "pending",
        "succeeded": lambda pod: bucket(pod) == "succeeded",
        "failed": lambda pod: bucket(pod) == "failed",
        "terminating": lambda pod: bucket(pod) == "terminating",
        "unknown": lambda pod: bucket(pod) == "unknown",
        "waiting": lambda pod: pod.waits,
        "fault": lambda pod: is_faulty(pod),
    },
    labels=lambda pod: pod.labels,
)
"""`is:orphaned` depends on the nodes that there are, so the screen adds it."""


def is_faulty(pod: Pod) -> bool:
    """Neither running and ready nor completed: what a person would look at first."""
    return bucket(pod) not in ("running_ready", "succeeded")


def pod_cells(row: PodRow, now_s: float) -> dict[str, Cell]:
    """All cells of a pod, by column id."""
    pod = row.pod
    all_ready = pod.ready == pod.total
    done = pod.phase == "Succeeded"
    gates = pod.template.readiness_gates
    images = dict.fromkeys(c.image for c in pod.template.containers if c.role == "app")
    return {
        "namespace": Cell(pod.namespace, "dim"),
        "name": Cell(pod.name, "name"),
        "ready": Cell(f"{pod.ready}/{pod.total}", "" if all_ready or done else "warn"),
        "status": Cell(pod.status, pod_status_ink(pod.status, all_ready)),
        "restarts": restarts(pod, now_s),
        "cpu": cores(row.cpu.usage),
        "cpu_requests": cores(row.cpu.requests, _asked(row.cpu)),
        "cpu_limits": cores(row.cpu.limits, ""),
        "cpu_share": usage_share(row.cpu.usage, row.cpu.requests or None),
        "memory": memory(row.memory.usage),
        "memory_requests": memory(row.memory.requests, _asked(row.memory)),
        "memory_limits": memory(row.memory.limits, ""),
        "memory_share": usage_share(row.memory.usage, row.memory.limits or None),
        "node": Cell(pod.node_name, "") if pod.node_name else Cell("<none>", "dim"),
        "age": age(pod.created_s, now_s),
        "ip": text(pod.ip),
        "qos": text(pod.template.qos, "dim"),
        "owner": text(_workload(pod), "dim"),
        "gates": Cell(f"{pod.gates_met}/{len(gates)}", "") if gates else UNKNOWN,
        "image": text(",".join(images), "dim"),
    }


def _asked(demand: Demand) -> Ink:
    return "" if demand.requests else "dim"


def restarts(pod: Pod, now_s: float) -> Cell:
    """`12 4m`: how many, and, where there is room for all of it, how long ago the last one was."""
    if not pod.restarts:
        return Cell("0", "dim")
    if pod.restarted_s is None:
        return Cell(str(pod.restarts), "warn")
    ago = human_duration(max(0.0, now_s - pod.restarted_s))
    counted: Piece = (str(pod.restarts), "warn" if now_s - pod.restarted_s < 3600 else "")
    text = f"{pod.restarts} {ago}"

    def drawn(width: int) -> Line:
        return [counted, (f" {ago}", "dim")] if len(text) <= width else [counted]

    return Cell(text, "", drawn, len(text))
