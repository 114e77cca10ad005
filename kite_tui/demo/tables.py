"""Cells of the Table form for pods, nodes and everything else, after upstream's printers (v1.35).

Written for the simulation alone: what kite-tui prints is tested against these cells, so none of its code is used.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kite_tui.objects.kinds import NODES, PODS, Kind

Document = Mapping[str, Any]
NONE = "<none>"

_COLUMNS: Mapping[str, tuple[tuple[str, int], ...]] = {
    PODS.plural: (
        ("Name", 0),
        ("Ready", 0),
        ("Status", 0),
        ("Restarts", 0),
        ("Age", 0),
        ("IP", 1),
        ("Node", 1),
        ("Nominated Node", 1),
        ("Readiness Gates", 1),
    ),
    NODES.plural: (
        ("Name", 0),
        ("Status", 0),
        ("Roles", 0),
        ("Age", 0),
        ("Version", 0),
        ("Internal-IP", 1),
        ("External-IP", 1),
        ("OS-Image", 1),
        ("Kernel-Version", 1),
        ("Container-Runtime", 1),
    ),
}
_PLAIN = (("Name", 0), ("Age", 0))


def columns(kind: Kind[Any]) -> list[dict[str, Any]]:
    """`columnDefinitions` of a kind."""
    return [
        {
            "name": name,
            "type": "string",
            "format": "name" if name == "Name" else "",
            "description": "",
            "priority": priority,
        }
        for name, priority in _COLUMNS.get(kind.plural, _PLAIN)
    ]


def row(kind: Kind[Any], document: Document) -> list[str]:
    """The cells of one object."""
    if kind == PODS:
        return _pod(document)
    if kind == NODES:
        return _node(document)
    return [document["metadata"]["name"], _age(document["metadata"].get("creationTimestamp"))]


def _pod(pod: Document) -> list[str]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    reason = status.get("reason") or status.get("phase", "")
    if any(c["type"] == "PodScheduled" and c.get("reason") == "SchedulingGated" for c in _conditions(status)):
        reason = "SchedulingGated"
    inits = {container["name"]: container for container in spec.get("initContainers", ())}
    sidecars = {name for name, container in inits.items() if container.get("restartPolicy") == "Always"}
    statuses = status.get("containerStatuses") or []
    init_statuses = status.get("initContainerStatuses") or []
    total = len(spec.get("containers", ())) + len(sidecars)
    ready = sum(1 for one in init_statuses if one["name"] in sidecars and one.get("ready") and one.get("started"))
    restarts = sum(one.get("restartCount", 0) for one in init_statuses if one["name"] in sidecars)
    last = [_finished(one) for one in init_statuses if one["name"] in sidecars]

    initializing = ""
    for at, one in enumerate(init_statuses):
        initializing = _initializing(one, at, len(inits), one["name"] in sidecars)
        if initializing:
            break
    initialized = any(c["type"] == "Initialized" and c["status"] == "True" for c in _conditions(status))
    if initializing and not initialized:
        reason = initializing
        restarts = sum(one.get("restartCount", 0) for one in init_statuses)
        last = [_finished(one) for one in init_statuses]
    else:
        has_running = False
        for one in reversed(statuses):
            restarts += one.get("restartCount", 0)
            last.append(_finished(one))
            state = one.get("state") or {}
            waiting, terminated = state.get("waiting") or {}, state.get("terminated") or {}
            if waiting.get("reason"):
                reason = waiting["reason"]
            elif terminated:
                reason = _ended(terminated)
            elif one.get("ready") and "running" in state:
                has_running = True
                ready += 1
        if reason == "Completed" and has_running:
            is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in _conditions(status))
            reason = "Running" if is_ready else "NotReady"
    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            reason = "Unknown"
        elif status.get("phase") not in ("Succeeded", "Failed"):
            reason = "Terminating"
    ago = max(filter(None, last), default="")
    return [
        pod["metadata"]["name"],
        f"{ready}/{total}",
        reason,
        f"{restarts} ({_age(ago)} ago)" if restarts and ago else str(restarts),
        _age(pod["metadata"].get("creationTimestamp")),
        status.get("podIP") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        NONE,
    ]


def _initializing(status: Document, at: int, total: int, sidecar: bool) -> str:
    state = status.get("state") or {}
    terminated, waiting = state.get("terminated"), state.get("waiting") or {}
    if terminated and terminated.get("exitCode") == 0:
        return ""
    if sidecar and status.get("started"):
        return ""
    if terminated:
        return "Init:" + _ended(terminated)
    if waiting.get("reason") and waiting["reason"] != "PodInitializing":
        return f"Init:{waiting['reason']}"
    return f"Init:{at}/{total}"


def _ended(terminated: Document) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode')}"


def _finished(status: Document) -> str:
    terminated = (status.get("lastState") or {}).get("terminated") or {}
    return str(terminated.get("finishedAt") or "")


def _conditions(status: Document) -> list[Document]:
    return status.get("conditions") or []


def _node(node: Document) -> list[str]:
    metadata, status = node["metadata"], node.get("status") or {}
    ready = next((c["status"] for c in _conditions(status) if c["type"] == "Ready"), "")
    words = ["Unknown" if not ready else "Ready" if ready == "True" else "NotReady"]
    if (node.get("spec") or {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    prefix = "node-role.kubernetes.io/"
    labels = metadata.get("labels") or {}
    roles = {label.removeprefix(prefix) for label in labels if label.startswith(prefix)}
    roles |= {labels["kubernetes.io/role"]} if labels.get("kubernetes.io/role") else set()
    addresses = {address["type"]: address["address"] for address in reversed(status.get("addresses") or [])}
    info = status.get("nodeInfo") or {}
    return [
        metadata["name"],
        ",".join(words),
        ",".join(sorted(roles)) or NONE,
        _age(metadata.get("creationTimestamp")),
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        *(info.get(name) or "<unknown>" for name in ("osImage", "kernelVersion", "containerRuntimeVersion")),
    ]


def _age(timestamp: str | None) -> str:
    """How long ago, in one or two units, as duration.HumanDuration writes it."""
    if not timestamp:
        return "<unknown>"
    seconds = int(time.time() - datetime.fromisoformat(timestamp).timestamp())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 0:
        return "0s" if seconds >= -1 else "<invalid>"
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 365 * 2:
        return f"{days}d"
    years = days // 365
    if years < 8:
        return f"{years}y{days % 365}d" if days % 365 else f"{years}y"
    return f"{years}y"
