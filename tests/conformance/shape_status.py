"""Statuses of generated pods: one small function for each state that a pod can be seen in."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# Seconds since the last restart: the middle of what one printed age covers, so that a slow test sees the same.
AGES_S = (15 * 60 + 30, 150 * 60 + 30, 30 * 3600 + 1800, 12 * 86400 + 43200, 400 * 86400 + 43200)
WAITING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError")


@dataclass
class Draft:
    """A pod's status being made. `init` holds (name, is a sidecar) in order, `apps` the containers' names."""

    rng: random.Random
    now: datetime.datetime
    init: list[tuple[str, bool]]
    apps: list[str]
    status: Json = field(default_factory=dict)

    def ago(self, seconds: float) -> str:
        """A timestamp as the API writes it."""
        return (self.now - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def phase(self, phase: str, *, reason: str = "", **conditions: str) -> None:
        """Set phase, reason and conditions, each condition "Status" or "Status/Reason"."""
        self.status["phase"] = phase
        if reason:
            self.status["reason"] = reason
            self.status["message"] = f"The pod is here because of {reason}."
        for kind, text in conditions.items():
            status, _, why = text.partition("/")
            self.condition(kind, status, why)

    def condition(self, kind: str, status: str, reason: str = "") -> None:
        """Append a condition."""
        made = {"type": kind, "status": status, "lastTransitionTime": self.ago(600)}
        self.status.setdefault("conditions", []).append(made | ({"reason": reason} if reason else {}))

    def put(self, name: str, state: Json, *, ready: bool = False, started: bool | None = None) -> None:
        """Append a container's status; some have been restarted, with or without a time of the last end."""
        restarts = self.rng.choice([0, 0, 1, 7, 120])
        last: Json = {}
        if restarts and self.rng.random() < 0.8:
            last = {"terminated": {"exitCode": 1, "reason": "Error"}}
            if self.rng.random() < 0.8:
                last["terminated"]["finishedAt"] = self.ago(self.rng.choice(AGES_S))
        made = {"name": name, "image": "i:1", "imageID": "", "ready": ready, "restartCount": restarts, "state": state}
        made |= {"lastState": last} if last else {}
        made |= {"started": started} if started is not None else {}
        where = "containerStatuses" if name in self.apps else "initContainerStatuses"
        self.status.setdefault(where, []).append(made)

    def running(self) -> Json:
        """The state of a container that runs."""
        return {"running": {"startedAt": self.ago(700)}}

    def ended(self, code: int = 0, reason: str | None = None, signal: int = 0) -> Json:
        """The state of a container that ended; an empty `reason` is left out."""
        reason = ("Error" if code else "Completed") if reason is None else reason
        made = {"exitCode": code, "startedAt": self.ago(700), "finishedAt": self.ago(650)}
        made |= {"reason": reason} if reason else {}
        return {"terminated": made | ({"signal": signal} if signal else {})}

    def init_over(self) -> None:
        """All init containers have ended well and all sidecars run; a sidecar may be not ready or have ended."""
        for name, sidecar in self.init:
            if not sidecar:
                self.put(name, self.ended(), ready=True, started=False)
            elif self.rng.random() < 0.9:
                self.put(name, self.running(), ready=self.rng.random() < 0.8, started=True)
            else:
                self.put(name, self.ended(self.rng.choice([0, 137])), started=False)

    def init_at(self, state: Json, *, started: bool | None = None) -> None:
        """The init container in the middle is in `state`; those before it are over, those after it wait."""
        middle = self.rng.randrange(len(self.init))
        for index, (name, sidecar) in enumerate(self.init):
            if index < middle and not sidecar:
                self.put(name, self.ended(), ready=True)
            elif index < middle:
                self.put(name, self.running(), ready=self.rng.random() < 0.8, started=True)
            elif index == middle:
                self.put(name, state, started=started)
            else:
                self.put(name, waiting("PodInitializing"))
        for name in self.apps:
            self.put(name, waiting("PodInitializing"))

    def apps_run(self, *, ready: bool | None = None) -> None:
        """All containers run; `ready` None leaves that to chance."""
        for name in self.apps:
            self.put(name, self.running(), ready=self.rng.random() < 0.6 if ready is None else ready, started=True)

    def one_app(self, state: Json) -> None:
        """One container is in `state`, the others run."""
        odd = self.rng.choice(self.apps)
        for name in self.apps:
            self.put(name, state if name == odd else self.running(), ready=name != odd, started=name != odd)


def waiting(reason: str) -> Json:
    """The state of a container that waits; the reason may be empty."""
    return {"waiting": {"reason": reason} if reason else {}}


def _pending(draft: Draft) -> None:
    draft.phase("Pending", PodScheduled="True", Initialized="True")
    draft.init_over()
    for name in draft.apps:
        draft.put(name, waiting(draft.rng.choice(["ContainerCreating", "PodInitializing", ""])))


def _initializing(state: Callable[[Draft], Json], started: bool | None = None) -> Callable[[Draft], None]:
    def make(draft: Draft) -> None:
        draft.phase("Pending", PodScheduled="True", Initialized="False/ContainersNotInitialized")
        draft.init_at(state(draft), started=started)

    return make


def _one(state: Callable[[Draft], Json], ready: str = "False/ContainersNotReady") -> Callable[[Draft], None]:
    def make(draft: Draft) -> None:
        draft.phase("Running", PodScheduled="True", Initialized="True", Ready=ready)
        draft.init_over()
        draft.one_app(state(draft))

    return make


def _run(ready: bool | None, condition: str, reason: str = "", phase: str = "Running") -> Callable[[Draft], None]:
    def make(draft: Draft) -> None:
        draft.phase(phase, reason=reason, PodScheduled="True", Initialized="True", Ready=condition)
        draft.init_over()
        draft.apps_run(ready=ready)

    return make


def _over(phase: str, state: Callable[[Draft], Json]) -> Callable[[Draft], None]:
    def make(draft: Draft) -> None:
        draft.phase(phase, PodScheduled="True", Initialized="True/PodCompleted", Ready="False/PodCompleted")
        for name, _ in draft.init:
            draft.put(name, draft.ended(), started=False)
        for name in draft.apps:
            draft.put(name, state(draft), started=False)

    return make


def _turned_away(reason: str) -> Callable[[Draft], None]:
    return lambda draft: draft.phase("Failed", reason=reason, DisruptionTarget="True/TerminationByKubelet")


def _fewer_statuses(draft: Draft) -> None:
    _run(True, "True")(draft)
    for part in ("initContainerStatuses", "containerStatuses"):
        if part in draft.status:
            del draft.status[part][-1]


def _init_failed_but_initialized(draft: Draft) -> None:
    draft.phase("Running", PodScheduled="True", Initialized="True", Ready="False")
    draft.init_at(draft.ended(1))
    del draft.status["containerStatuses"]
    draft.apps_run()


# Bound to a node, by name. The init states need an init container, the sidecar states a sidecar in the middle.
STATES: dict[str, Callable[[Draft], None]] = {
    "pending": _pending,
    "init-progress": _initializing(lambda draft: draft.running()),
    "init-waiting": _initializing(lambda draft: waiting(draft.rng.choice(["PodInitializing", ""]))),
    "init-crash-loop": _initializing(lambda draft: waiting("CrashLoopBackOff")),
    "init-image": _initializing(lambda draft: waiting(draft.rng.choice(WAITING))),
    "init-error": _initializing(lambda draft: draft.ended(1)),
    "init-exit-code": _initializing(lambda draft: draft.ended(3, "")),
    "init-signal": _initializing(lambda draft: draft.ended(137, "", signal=9)),
    "init-not-started": _initializing(lambda draft: draft.running(), started=False),
    "init-started": _initializing(lambda draft: draft.running(), started=True),
    "init-failed-initialized": _init_failed_but_initialized,
    "running": _run(True, "True"),
    "running-not-ready": _run(None, "False/ContainersNotReady"),
    "running-no-statuses": lambda draft: draft.phase("Running", PodScheduled="True"),
    "running-fewer-statuses": _fewer_statuses,
    "image": _one(lambda draft: waiting(draft.rng.choice(WAITING))),
    "crash-loop": _one(lambda draft: waiting("CrashLoopBackOff")),
    "waiting-no-reason": _one(lambda draft: waiting("")),
    "oom-killed": _one(lambda draft: draft.ended(137, "OOMKilled")),
    "one-completed-ready": _one(lambda draft: draft.ended(), "True"),
    "one-completed-not-ready": _one(lambda draft: draft.ended()),
    "one-error": _one(lambda draft: draft.ended(2)),
    "one-exit-code": _one(lambda draft: draft.ended(4, "")),
    "one-signal": _one(lambda draft: draft.ended(143, "", signal=15)),
    "completed": _over("Succeeded", lambda draft: draft.ended()),
    "failed": _over("Failed", lambda draft: draft.ended(1)),
    "failed-mixed": _over("Failed", lambda draft: draft.ended(draft.rng.choice([0, 1, 137]))),
    "failed-no-reason": _over("Failed", lambda draft: draft.ended(5, "")),
    "evicted": _turned_away("Evicted"),
    "turned-away": _turned_away("UnexpectedAdmissionError"),
    "deadline": _turned_away("DeadlineExceeded"),
    "node-lost": _run(True, "False", "NodeLost"),
    "unknown": _run(True, "Unknown", "NodeLost", "Unknown"),
}

# Not bound to a node.
UNBOUND: dict[str, Callable[[Draft], None]] = {
    "new": lambda draft: None,
    "unschedulable": lambda draft: draft.phase("Pending", PodScheduled="False/Unschedulable"),
    "gated": lambda draft: draft.phase("Pending", PodScheduled="False/SchedulingGated"),
    "nominated": lambda draft: draft.status.update(phase="Pending", nominatedNodeName="node-1"),
}
