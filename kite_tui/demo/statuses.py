"""States that a pod can be in, and the status that the kubelet and the scheduler would write for each.

Texts in « » are holes that `pods` fills with the values of one pod.
"""

from __future__ import annotations

from enum import Enum

from kite_tui.demo.templates import Document, PodTemplate


class State(Enum):
    """What a pod is doing; the value is unique, `phase` what the API calls it. The fault, where there is one, is its
    first app container's."""

    QUEUED = ("queued", "Pending")
    UNSCHEDULABLE = ("unschedulable", "Pending")
    INITIALIZING = ("initializing", "Pending")
    CREATING = ("creating", "Pending")
    RUNNING = ("running", "Running")
    RESTARTED = ("restarted", "Running")
    OOM = ("oom", "Running")
    NOT_READY = ("not ready", "Running")
    NODE_DOWN = ("node down", "Running")
    CRASH_RUNNING = ("crash: runs", "Running")
    CRASH_WAITING = ("crash: waits", "Running")
    IMAGE = ("image", "Pending")
    CONFIG = ("config", "Pending")
    EVICTED = ("evicted", "Failed")
    SUCCEEDED = ("succeeded", "Succeeded")
    FAILED = ("failed", "Failed")

    @property
    def phase(self) -> str:
        """The pod's phase."""
        return self.value[1]

    @property
    def is_bound(self) -> bool:
        """Whether a pod in this state has a node."""
        return self not in _NOT_BOUND

    @property
    def has_address(self) -> bool:
        """Whether a pod in this state has its IP address."""
        return self not in _WITHOUT_ADDRESS


_READY = (State.RUNNING, State.RESTARTED, State.OOM)
_NOT_BOUND = (State.QUEUED, State.UNSCHEDULABLE)
_WITHOUT_ADDRESS = frozenset((*_NOT_BOUND, State.CREATING, State.INITIALIZING, State.EVICTED))
_INITIALIZED = tuple(state for state in State if state not in (*_NOT_BOUND, State.INITIALIZING, State.EVICTED))
_FINISHED = (State.SUCCEEDED, State.FAILED)


def pod_status(template: PodTemplate, state: State) -> Document:
    """`status` of a pod in a state."""
    if state is State.QUEUED:
        return {"phase": "Pending", "qosClass": template.qos}
    if state is State.UNSCHEDULABLE:
        condition = _condition("PodScheduled", False, "created", "Unschedulable", "«note»")
        return {"phase": "Pending", "conditions": [condition], "qosClass": template.qos}
    if state is State.EVICTED:
        return {
            "phase": "Failed",
            "conditions": _conditions(state),
            "message": "«note»",
            "reason": "Evicted",
            "hostIP": "«node_ip»",
            "startTime": "«bound»",
            "qosClass": template.qos,
        }
    status: Document = {
        "phase": state.phase,
        "conditions": _conditions(state),
        "hostIP": "«node_ip»",
        "hostIPs": [{"ip": "«node_ip»"}],
    }
    if state.has_address:
        status |= {"podIP": "«ip»", "podIPs": [{"ip": "«ip»"}]}
    status["startTime"] = "«bound»"
    if template.init_containers:
        status["initContainerStatuses"] = _init_statuses(template, state)
    status["containerStatuses"] = [
        _container_status(container, index, state, template) for index, container in enumerate(template.containers)
    ]
    status["qosClass"] = template.qos
    return status


def _conditions(state: State) -> list[Document]:
    ready = state in _READY
    why = "PodCompleted" if state is State.SUCCEEDED else "PodFailed" if state is State.FAILED else "ContainersNotReady"
    message = "containers with unready status" if why == "ContainersNotReady" else ""
    if state is State.NODE_DOWN:  # the node controller turns this one alone
        ready_condition, containers_ready = (
            _condition("Ready", False, "changed"),
            _condition("ContainersReady", True, "started"),
        )
    else:
        reason = "" if ready else why
        ready_condition = _condition("Ready", ready, "changed", reason, "" if ready else message)
        containers_ready = _condition("ContainersReady", ready, "changed", reason, "" if ready else message)
    sandbox = state not in (State.CREATING, State.INITIALIZING, State.EVICTED, *_FINISHED)
    initialized = state in _INITIALIZED
    conditions = [
        _condition("PodReadyToStartContainers", sandbox or state is State.INITIALIZING, "started"),
        _condition(
            "Initialized",
            initialized,
            "bound",
            "PodCompleted" if state is State.SUCCEEDED else "" if initialized else "ContainersNotInitialized",
        ),
        ready_condition,
        containers_ready,
        _condition("PodScheduled", True, "bound"),
    ]
    if state is State.EVICTED:
        conditions.insert(0, _condition("DisruptionTarget", True, "ended", "TerminationByKubelet", "«note»"))
    return conditions


def _condition(kind: str, true: bool, since: str, reason: str = "", message: str = "") -> Document:
    condition: Document = {
        "type": kind,
        "observedGeneration": 1,
        "status": "True" if true else "False",
        "lastProbeTime": None,
        "lastTransitionTime": f"«{since}»",
    }
    if reason:
        condition["reason"] = reason
    if message:
        condition["message"] = message
    return condition


def _init_statuses(template: PodTemplate, state: State) -> list[Document]:
    statuses = []
    pending = 0
    for index, container in enumerate(template.init_containers):
        sidecar = container.get("restartPolicy") == "Always"
        if state is State.CREATING:
            status = _status(container, index + 8, {"waiting": {"reason": "PodInitializing"}}, ready=False)
        elif sidecar and state in _FINISHED:
            status = _status(container, index + 8, _terminated(0, "Completed", "started", "ended"), ready=False)
        elif sidecar:
            status = _status(container, index + 8, {"running": {"startedAt": "«bound»"}}, ready=True)
        elif state is State.INITIALIZING and pending:
            running = {"running": {"startedAt": "«started»"}}
            status = _status(container, index + 8, running, ready=False)
        else:
            status = _status(container, index + 8, _terminated(0, "Completed", "bound", "bound"), ready=True)
        pending += not sidecar
        statuses.append(status)
    return statuses


def _container_status(container: Document, index: int, state: State, template: PodTemplate) -> Document:
    faulty = index == 0
    if state in (State.CREATING, State.INITIALIZING):
        reason = "PodInitializing" if template.init_containers else "ContainerCreating"
        return _status(container, index, {"waiting": {"reason": reason}}, ready=False)
    if state in _FINISHED:
        failed = faulty and state is State.FAILED
        ended = (
            _terminated(1, "Error", "started", "ended") if failed else _terminated(0, "Completed", "started", "ended")
        )
        return _status(container, index, ended, ready=False)
    running = {"running": {"startedAt": "«started»"}}
    if not faulty or state in (State.RUNNING, State.NODE_DOWN):
        return _status(container, index, running, ready=True)
    if state is State.NOT_READY:
        return _status(container, index, running, ready=False)
    if state in (State.IMAGE, State.CONFIG):
        reason = "ImagePullBackOff" if state is State.IMAGE else "CreateContainerConfigError"
        return _status(container, index, {"waiting": {"reason": reason, "message": "«note»"}}, ready=False)
    died = (
        _terminated(137, "OOMKilled", "changed", "ended")
        if state is State.OOM
        else _terminated(1, "Error", "changed", "ended")
    )
    if state is State.CRASH_WAITING:
        waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "«note»"}}
        return _status(container, index, waiting, ready=False, last=died)
    return _status(container, index, running, ready=state is not State.CRASH_RUNNING, last=died)


def _status(container: Document, index: int, state: Document, *, ready: bool, last: Document | None = None) -> Document:
    status: Document = {
        "name": container["name"],
        "state": state,
        "lastState": last or {},
        "ready": ready,
        "restartCount": "«#restarts»" if last else 0,
        "image": container["image"],
    }
    started = "running" in state
    if "waiting" in state and not last:
        return status | {"imageID": "", "started": False}
    status |= {
        "imageID": container["image"].partition(":")[0] + "@sha256:" + f"{index + 10:04x}" * 16,
        "containerID": _container_id(index),
        "started": started,
    }
    if started and container["resources"].get("requests"):
        status |= {"allocatedResources": container["resources"]["requests"], "resources": container["resources"]}
    return status


def _terminated(code: int, reason: str, since: str, until: str) -> Document:
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason,
            "startedAt": f"«{since}»",
            "finishedAt": f"«{until}»",
            "containerID": _container_id(0),
        }
    }


def _container_id(index: int) -> str:
    return f"containerd://{index + 10:04x}«id»"
