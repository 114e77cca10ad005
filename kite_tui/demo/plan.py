"""Which applications a cluster of a given size has, and with how many pods each; and which roles its nodes have."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.demo.catalogue import CONTROL_PLANE, PRODUCTS, SYSTEM, App, stage

_DAEMONS_SHARE = 0.4  # of all pods at most, so that a sparse cluster isn't daemons only
_SET = 420  # pods of one set of products when there is only one
_MAX_RUNS = 8  # of a CronJob or Job: old ones are cleaned up


@dataclass(frozen=True, slots=True)
class Planned:
    """An application in a namespace, with its number of pods."""

    app: App
    namespace: str
    pods: int


def roles(nodes: int) -> list[str]:
    """A role for every node: control plane first, GPUs where there are enough nodes."""
    control_plane = 3 if nodes >= 10 else 1 if nodes >= 4 else 0
    gpus = max(1, nodes // 24) if nodes >= 4 else 0
    workers = nodes - control_plane - gpus
    return ["control-plane"] * control_plane + ["worker"] * workers + ["gpu"] * gpus


def plan(pods: int, node_roles: list[str]) -> list[Planned]:
    """Applications with `pods` pods in all, exactly."""
    planned, rest = _platform(pods, node_roles)
    sets = max(1, round((rest / _SET) ** 0.85))
    wanted = [
        Planned(app, app.namespace + stage(number), 0)
        for number in range(sets)
        for app in PRODUCTS
        if "gpu" in node_roles or "gpu" not in app.traits
    ]
    return planned + _shared_out(wanted, rest)


def _platform(pods: int, node_roles: list[str]) -> tuple[list[Planned], int]:
    planned, rest = [], pods
    daemons = int(pods * _DAEMONS_SHARE)
    control_plane = node_roles.count("control-plane")
    for app in (*CONTROL_PLANE, *SYSTEM):
        count = app.weight
        if app.kind in ("Static", "DaemonSet"):
            count = control_plane if app.kind == "Static" else len(node_roles)
            if count > daemons:
                continue
            daemons -= count
        if app.name == "coredns":
            count += len(node_roles) // 64
        if 0 < count <= rest:
            planned.append(Planned(app, app.namespace, count))
            rest -= count
    return planned, rest


def _shared_out(wanted: list[Planned], pods: int) -> list[Planned]:
    wanted = wanted[:pods]  # one pod each at least
    factor = pods / max(1, sum(one.app.weight for one in wanted))
    counts = []
    for one in wanted:
        if one.app.grows:
            counts.append(max(1, round(one.app.weight * factor)))
        elif one.app.kind in ("Job", "CronJob"):
            counts.append(max(1, min(_MAX_RUNS, round(one.app.weight * factor))))
        else:
            counts.append(max(1, min(one.app.weight, round(one.app.weight * factor))))
    growing = [at for at, one in enumerate(wanted) if one.app.grows and not one.app.fault] or list(range(len(wanted)))
    missing, turn = pods - sum(counts), 0
    while missing:
        at = growing[turn % len(growing)] if missing > 0 else max(range(len(counts)), key=counts.__getitem__)
        step = missing // len(growing) if missing > len(growing) else 1 if missing > 0 else -1
        counts[at] += step
        missing -= step
        turn += 1
    return [Planned(one.app, one.namespace, count) for one, count in zip(wanted, counts, strict=True)]
