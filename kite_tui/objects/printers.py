"""What kubectl prints of pods and nodes: printPod and printNode of Kubernetes 1.33 and later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kite_tui.objects import wire
from kite_tui.objects.meta import Labels
from kite_tui.objects.times import epoch_s

_ROLE_PREFIX = "node-role.kubernetes.io/"
_LEGACY_ROLE = "kubernetes.io/role"


class PodRow(NamedTuple):
    """The cells Ready (`ready`/`total`), Status and Restarts; `restarted_s` is the "(3m ago)" as a time, None where
    kubectl shows none."""

    ready: int
    total: int
    status: str
    restarts: int
    restarted_s: int | None


class _Restarts:
    """Restarts so far, and the end of the last run before one."""

    def __init__(self) -> None:
        self.count = 0
        self.last_s: int | None = None

    def add(self, status: wire.ContainerStatus) -> None:
        self.count += status.restart_count or 0
        last = status.last_state.terminated if status.last_state else None
        if last:
            finished_s = epoch_s(last.finished_at)
            if finished_s is not None and (self.last_s is None or finished_s > self.last_s):
                self.last_s = finished_s


def print_pod(pod: wire.Pod) -> PodRow:
    """The cells of a pod."""
    spec = pod.spec or wire.PodSpec()
    status = pod.status or wire.PodStatus()
    conditions = status.conditions or ()
    init_containers = spec.init_containers or ()
    sidecars = [container.name for container in init_containers if container.restart_policy == "Always"]
    total = len(spec.containers or ()) + len(sidecars)

    reason = status.reason or status.phase or ""
    for condition in conditions:
        if condition.type == "PodScheduled" and condition.reason == "SchedulingGated":
            reason = "SchedulingGated"

    ready = 0
    restarts, sidecar_restarts = _Restarts(), _Restarts()
    initializing = ""
    for index, container in enumerate(status.init_container_statuses or ()):
        restarts.add(container)
        is_sidecar = container.name in sidecars
        if is_sidecar:
            sidecar_restarts.add(container)
        terminated = container.state.terminated if container.state else None
        if terminated and not terminated.exit_code:
            continue
        if is_sidecar and container.started:
            ready += bool(container.ready)
            continue
        initializing = reason = _init_reason(container, terminated, index, len(init_containers))
        break

    if not initializing or _is_initialized(conditions):
        restarts = sidecar_restarts
        reason, running_ready = _running_reason(reason, status, restarts)
        ready += running_ready

    if pod.metadata and epoch_s(pod.metadata.deletion_timestamp) is not None:
        if status.reason == "NodeLost":
            reason = "Unknown"
        elif status.phase not in ("Succeeded", "Failed"):
            reason = "Terminating"
    return PodRow(ready, total, reason, restarts.count, restarts.last_s if restarts.count else None)


def _init_reason(container: wire.ContainerStatus, terminated: wire.Terminated | None, index: int, of: int) -> str:
    waiting = container.state.waiting if container.state else None
    if terminated:
        return "Init:" + _end(terminated)
    if waiting and waiting.reason and waiting.reason != "PodInitializing":
        return "Init:" + waiting.reason
    return f"Init:{index}/{of}"


def _running_reason(reason: str, status: wire.PodStatus, restarts: _Restarts) -> tuple[str, int]:
    """The reason once initialised, by the first container that has one, and how many containers are ready."""
    ready = 0
    error = ""
    for container in reversed(status.container_statuses or ()):
        restarts.add(container)
        state = container.state
        if state is None:
            continue
        if state.waiting and state.waiting.reason:
            reason = state.waiting.reason
        elif state.terminated:
            reason = _end(state.terminated)
            if state.terminated.exit_code:
                error = reason
        elif container.ready and state.running:
            ready += 1
    if reason == "Completed":
        if ready and any(each.type == "Ready" and each.status == "True" for each in status.conditions or ()):
            reason = "Running"
        elif error or ready:
            reason = error or "NotReady"
    return reason, ready


def _end(terminated: wire.Terminated) -> str:
    if terminated.reason:
        return terminated.reason
    return f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exit_code or 0}"


def _is_initialized(conditions: Sequence[wire.Condition]) -> bool:
    return next((each.status == "True" for each in conditions if each.type == "Initialized"), False)


def node_status(readiness: str, unschedulable: bool) -> str:
    """The cell Status; `readiness` is the Ready condition's status, empty where there is none."""
    ready = "Ready" if readiness == "True" else "NotReady" if readiness else "Unknown"
    return f"{ready},SchedulingDisabled" if unschedulable else ready


def node_roles(labels: Labels) -> tuple[str, ...]:
    """The roles, each once, sorted as the cell Roles has them; empty where kubectl shows `<none>`."""
    roles = {name.removeprefix(_ROLE_PREFIX) for name, _ in labels if name.startswith(_ROLE_PREFIX)}
    roles |= {value for name, value in labels if name == _LEGACY_ROLE}
    return tuple(sorted(roles - {""}))
