"""Columns and cells of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kite_tui.objects.nodes import Node
from kite_tui.objects.states import State
from kite_tui.queries.filters import Vocabulary
from kite_tui.queries.nodes import NodeRow, Share
from kite_tui.screens.formats import (
    age,
    cores,
    limit_share,
    memory,
    node_status_ink,
    request_share,
    text,
    usage_share,
)
from kite_tui.widgets import bars
from kite_tui.widgets.bars import resource_bar
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.ink import Line
from kite_tui.widgets.states import word

COLUMNS: Sequence[Column] = (
    Column("name", "NAME", least=16, most=44, flex=3, cut="middle"),
    Column("status", "STATUS", least=8, most=26, rank=1),
    Column("roles", "ROLES", least=6, most=22, rank=13),
    Column("pods", "PODS", least=9, align="right", rank=2),
    Column("cpu_size", "cores", least=5, align="right", rank=10),
    Column("cpu", "CPU", least=4, align="right", rank=3, flashes=False),
    Column("cpu_requests", "req", least=4, align="right", rank=4),
    Column("cpu_limits", "lim", least=5, align="right", rank=8),
    Column("cpu_bar", "", least=6, most=16, flex=1, rank=6, sortable=False, flashes=False),
    Column("memory_size", "size", least=6, align="right", rank=10),
    Column("memory", "MEM", least=4, align="right", rank=3, flashes=False),
    Column("memory_requests", "req", least=4, align="right", rank=4),
    Column("memory_limits", "lim", least=5, align="right", rank=8),
    Column("memory_bar", "", least=6, most=16, flex=1, rank=6, sortable=False, flashes=False),
    Column("cpu_free", "CPU free", least=8, align="right", rank=9),
    Column("memory_free", "MEM free", least=8, align="right", rank=9),
    Column("version", "VERSION", least=7, most=18, rank=12),
    Column("age", "AGE", least=5, align="right", rank=11, flashes=False),
    Column("pressure", "PRESSURE", least=8, most=30, rank=14, wide=True, sortable=False),
    Column("taints", "TAINTS", least=6, align="right", rank=20, wide=True, sortable=False),
    Column("extended", "EXTENDED", least=8, most=40, rank=15, wide=True, sortable=False),
    Column("ip", "INTERNAL-IP", least=11, rank=16, wide=True, sortable=False),
    Column("zone", "ZONE", least=6, most=20, rank=17, wide=True),
    Column("instance_type", "TYPE", least=6, most=20, rank=18, wide=True),
    Column("os_image", "OS", least=8, most=30, rank=22, wide=True, sortable=False),
    Column("kernel", "KERNEL", least=8, most=24, rank=23, wide=True, sortable=False),
    Column("runtime", "RUNTIME", least=8, most=24, rank=21, wide=True, sortable=False),
    Column("architecture", "ARCH", least=5, rank=19, wide=True, sortable=False),
)
"""`rank` is the order in which columns go when space is short, the greatest first."""

BAR_LEGEND: Line = (
    (bars.FULL, "good"),
    (" use  ", "dim"),
    (bars.REQUEST_TICK, "accent"),
    (" requests  ", "dim"),
    (bars.LIMIT_TICK, "dim"),
    (" limits  ", "dim"),
    (bars.OVER, "dim"),
    (" over 100 %", "dim"),
)

SORT_KEYS = {
    "N": ("name",),
    "A": ("age",),
    "S": ("status",),
    "C": ("cpu", "cpu_requests"),
    "M": ("memory", "memory_requests"),
}

VOCABULARY: Vocabulary[Node] = Vocabulary(
    text=lambda node: node.name,
    columns={
        "name": lambda node: node.name,
        "status": lambda node: node.status,
        "roles": lambda node: ",".join(node.roles),
        "version": lambda node: node.kubelet_version,
        "ip": lambda node: node.internal_ip,
        "zone": lambda node: node.zone,
        "type": lambda node: node.instance_type,
        "arch": lambda node: node.architecture,
        "os": lambda node: node.os_image,
        "taints": lambda node: " ".join(f"{taint.key}={taint.value}:{taint.effect}" for taint in node.taints),
    },
    classes={
        "ready": lambda node: node.is_ready,
        "notready": lambda node: node.readiness == "False",
        "unknown": lambda node: node.readiness not in ("True", "False"),
        "cordoned": lambda node: node.unschedulable,
        "pressure": lambda node: bool(node.pressure),
        "fault": lambda node: is_faulty(node),
    },
    labels=lambda node: node.labels,
)


def is_faulty(node: Node) -> bool:
    """Not ready, or under pressure."""
    return not node.is_ready or bool(node.pressure)


def node_cells(row: NodeRow, pods: State, now_s: float) -> dict[str, Cell]:
    """All cells of a node, by column id. `pods` is the state of the pods that the sums are over."""
    node = row.node
    return {
        "name": Cell(node.name, "name"),
        "status": _status(node),
        "roles": Cell(",".join(node.roles) or "<none>", "dim"),
        "pods": _pods(row, pods, now_s),
        "cpu_size": cores(row.cpu.allocatable, ""),
        "cpu_free": cores(row.cpu.free),
        "memory_size": memory(row.memory.allocatable, ""),
        "memory_free": memory(row.memory.free),
        **_share("cpu", row.cpu),
        **_share("memory", row.memory),
        "version": text(node.kubelet_version, "dim"),
        "age": age(node.created_s, now_s),
        "pressure": text(",".join(node.pressure), "warn"),
        "taints": Cell(str(len(node.taints)), "dim"),
        "extended": _extended(row),
        "ip": text(node.internal_ip),
        "zone": text(node.zone),
        "instance_type": text(node.instance_type),
        "os_image": text(node.os_image, "dim"),
        "kernel": text(node.kernel, "dim"),
        "runtime": text(node.runtime, "dim"),
        "architecture": text(node.architecture, "dim"),
    }


def _status(node: Node) -> Cell:
    """kubectl's words; where they don't fit, the mark of a cordoned node is what must not be cut off."""
    ink = node_status_ink(node.status)
    ready, _, rest = node.status.partition(",")

    def fitting(width: int) -> Line:
        return [(node.status, ink)] if len(node.status) <= width else [(ready, ink), (" ◌", "warn")]

    return Cell(node.status, ink, fitting if rest else None)


def _share(name: str, share: Share) -> dict[str, Cell]:
    total = share.allocatable
    return {
        name: usage_share(share.usage, total),
        f"{name}_requests": request_share(share.requests, total),
        f"{name}_limits": limit_share(share.limits, total),
        f"{name}_bar": Cell(
            "", "", partial(resource_bar, used=share.usage, requested=share.requests, limited=share.limits, total=total)
        ),
    }


def _pods(row: NodeRow, pods: State, now_s: float) -> Cell:
    if row.holding is None:
        return Cell(*(word(pods, now_s) or ("-", "faint")))
    allocatable = "?" if row.pods_allocatable is None else str(row.pods_allocatable)
    finished = f" +{row.finished}" if row.finished else ""
    pieces = [(str(row.holding), "number"), (f"/{allocatable}", "dim"), (finished, "dim")]
    return Cell(f"{row.holding}/{allocatable}{finished}", "", [(t, i) for t, i in pieces if t])  # type: ignore[misc]


def _extended(row: NodeRow) -> Cell:
    def known(number: int | None) -> str:
        return "?" if number is None else str(number)

    return text(
        "  ".join(
            f"{name} {known(n.requests)}/{known(n.allocatable)}"
            for name, n in row.extended.items()
            if n.allocatable != 0 or n.requests
        )
    )
