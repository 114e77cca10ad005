"""What is wrong now: faults, worst first, then newest, one line for each controlling owner.

The rules and their thresholds are the contract of `semantics.md`, "Wrong now". Everything here is computed from what
was read; a kind that could not be read adds nothing, and its own state says so elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from kite_tui.objects import indexes
from kite_tui.objects.kinds import CLAIMS, NAMESPACES, NODES, PODS, WORKLOADS
from kite_tui.objects.meta import Condition
from kite_tui.objects.namespaces import Namespace
from kite_tui.objects.nodes import Node
from kite_tui.objects.pods import ContainerStatus, Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import is_readable
from kite_tui.objects.workloads import Workload

CRITICAL = "critical"
WARNING = "warning"

BAD_WAITING = frozenset(
    {
        "CrashLoopBackOff",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
UNSCHEDULABLE_S = 60
OVERDUE_S = 60
LASTING_S = 300
OOM_RECENT_S = 3600
_Owner = tuple[str, str, str]
"""(kind, namespace, name)."""

MOST_SAID = 3
"""Different faults named in one line; what is said of 500 pods can differ 500 times."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of "wrong now". `count` is the number of pods behind it (1 for other kinds); `pod` names one of them."""

    severity: str
    kind: str
    namespace: str
    name: str
    count: int
    what: str
    since_s: int | None
    pod: str = ""


def problems(reader: Reader) -> tuple[Problem, ...]:
    """All problems in what was read. O(nodes + workloads + claims + namespaces + pods at fault)."""
    now_s = reader.now_s()
    found = [
        *_of_nodes(reader.list(NODES).objects),
        *_of_namespaces(reader.list(NAMESPACES).objects, now_s),
        *_of_claims(reader, now_s),
        *_of_owners(reader, now_s),
    ]
    found.sort(key=lambda p: (p.severity != CRITICAL, -(p.since_s or 0), p.kind, p.namespace, p.name))
    return tuple(found)


def _of_nodes(nodes: Iterable[Node]) -> Iterator[Problem]:
    for node in nodes:
        if not node.is_ready:
            ready = _condition(node.conditions, "Ready")
            what = node.status.split(",")[0]
            if ready and ready.message:
                what = f"{what}: {ready.message}"
            yield Problem(CRITICAL, "Node", "", node.name, 1, what, ready.changed_s if ready else node.created_s)
        elif node.pressure:
            since = [c.changed_s for c in node.conditions if c.type in node.pressure and c.changed_s is not None]
            yield Problem(WARNING, "Node", "", node.name, 1, ", ".join(node.pressure), max(since, default=None))


def _of_namespaces(namespaces: Iterable[Namespace], now_s: float) -> Iterator[Problem]:
    for namespace in namespaces:
        if namespace.phase == "Terminating" and _lasted(namespace.deleted_s, now_s, LASTING_S):
            holding = next((c for c in namespace.conditions if c.status == "True"), None)
            what = "Terminating" + (f": {holding.message or holding.reason or holding.type}" if holding else "")
            yield Problem(WARNING, "Namespace", "", namespace.name, 1, what, namespace.deleted_s)


def _of_claims(reader: Reader, now_s: float) -> Iterator[Problem]:
    for claim in reader.list(CLAIMS).objects:
        kind = "PersistentVolumeClaim"
        if claim.phase == "Lost":
            # A claim doesn't say since when.
            yield Problem(CRITICAL, kind, claim.namespace, claim.name, 1, "Lost: its volume is gone", None)
        elif claim.phase == "Pending" and _lasted(claim.created_s, now_s, LASTING_S):
            what = "Pending" + (f", StorageClass {claim.storage_class}" if claim.storage_class else ", no StorageClass")
            yield Problem(WARNING, kind, claim.namespace, claim.name, 1, what, claim.created_s)


@dataclass(slots=True)
class _Line:
    """The problems of one owner, while they are gathered."""

    severity: str
    what: list[str]
    since_s: int | None
    count: int
    pod: str


def _of_owners(reader: Reader, now_s: float) -> Iterator[Problem]:
    """Workloads short of pods, and pods at fault under the name of their owner: one line an owner."""
    lines: dict[_Owner, _Line] = {}
    suspects = reader.by_index(PODS, indexes.SUSPECT, indexes.YES)
    unready_since = _unready_since(suspects) if is_readable(reader.state(PODS)) else None
    for kind in WORKLOADS:
        for workload in reader.list(kind).objects:
            fault = _workload_fault(workload, unready_since, now_s)
            if fault:
                severity, what, since_s = fault
                lines[workload.kind, workload.namespace, workload.name] = _Line(severity, [what], since_s, 0, "")
    faults = _PodFaults(reader, now_s)
    for pod in suspects:
        fault = faults.of(pod)
        if not fault:
            continue
        severity, what, since_s = fault
        kind_name, name = pod.template.workload or ("Pod", pod.name)
        line = lines.setdefault((kind_name, pod.namespace, name), _Line(severity, [], since_s, 0, pod.name))
        line.count += 1
        line.pod = line.pod or pod.name
        is_worse = severity == CRITICAL and line.severity != CRITICAL
        if is_worse:
            line.severity = CRITICAL
        if what not in line.what:
            line.what.insert(0 if is_worse else len(line.what), what)
        if since_s is not None:
            line.since_s = max(line.since_s or 0, since_s)
    for (kind_name, namespace, name), line in lines.items():
        yield Problem(
            line.severity,
            kind_name,
            namespace,
            name,
            max(line.count, 1),
            _said(line.what),
            line.since_s,
            line.pod,
        )


def _workload_fault(
    workload: Workload, unready_since: Mapping[_Owner, int] | None, now_s: float
) -> tuple[str, str, int | None] | None:
    if workload.available >= workload.desired:
        return None
    what = f"{workload.available} of {workload.desired} available"
    since_s = _short_since(workload, unready_since)
    if workload.available == 0:
        return CRITICAL, what, since_s
    return (WARNING, what, since_s) if _lasted(since_s, now_s, LASTING_S) else None


def _short_since(workload: Workload, unready_since: Mapping[_Owner, int] | None) -> int | None:
    """Since when a workload has fewer pods available than it wants.

    A Deployment says so itself when it falls under its minimum (condition Available); else it is the first of its pods
    that stopped being ready, else (nothing is there to ask) the workload's own age. None where pods can't be read.
    """
    available = _condition(workload.conditions, "Available")
    if available and available.status == "False" and available.changed_s is not None:
        return available.changed_s
    if unready_since is None:
        return None
    return unready_since.get((workload.kind, workload.namespace, workload.name), workload.created_s)


def _unready_since(suspects: Iterable[Pod]) -> Mapping[_Owner, int]:
    """Since when the first of a workload's pods is not ready. All that are not ready and not finished are suspects."""
    first: dict[_Owner, int] = {}
    for pod in suspects:
        workload = pod.template.workload
        if workload is None or pod.is_ready or pod.is_finished:
            continue
        owner, since_s = (workload[0], pod.namespace, workload[1]), _ready_changed_s(pod)
        if since_s is not None:
            first[owner] = min(since_s, first.get(owner, since_s))
    return first


def _ready_changed_s(pod: Pod) -> int | None:
    """When it became ready or unready; for one that never said so, when it was made."""
    return pod.ready_changed_s if pod.ready_changed_s is not None else pod.created_s


class _PodFaults:
    """What is wrong with pods, as of one moment."""

    def __init__(self, reader: Reader, now_s: float) -> None:
        self._reader = reader
        self._now_s = now_s
        self._newest_s: dict[str, float] = {}

    def of(self, pod: Pod) -> tuple[str, str, int | None] | None:
        """The worst thing about a pod: (severity, what, since), None where nothing is wrong (yet)."""
        changed_s, now_s = _ready_changed_s(pod), self._now_s
        if pod.phase == "Failed":
            return None if self._replaced(pod) else (CRITICAL, _failure(pod), changed_s)
        if pod.phase == "Succeeded":
            return None
        if pod.deleted_s is not None:
            overdue = _lasted(pod.deleted_s, now_s, OVERDUE_S)
            return (WARNING, "deletion overdue", pod.deleted_s) if overdue else None
        for status in pod.containers:
            if status.state == "waiting" and status.reason in BAD_WAITING:
                return CRITICAL, _waiting(status), changed_s
        unscheduled = _condition(pod.unmet, "PodScheduled")
        if unscheduled and unscheduled.reason == "Unschedulable":
            since_s = unscheduled.changed_s if unscheduled.changed_s is not None else pod.created_s
            what = "Unschedulable" + (f": {unscheduled.message}" if unscheduled.message else "")
            return (WARNING, what, since_s) if _lasted(since_s, now_s, UNSCHEDULABLE_S) else None
        killed_s = max((t for each in pod.statuses if (t := _oom_killed_s(*each)) is not None), default=None)
        if killed_s is not None and now_s - killed_s < OOM_RECENT_S:
            return WARNING, "OOMKilled", killed_s
        if pod.phase == "Pending" and _lasted(pod.created_s, now_s, LASTING_S):
            return WARNING, f"Pending ({pod.status})" if pod.status != "Pending" else "Pending", pod.created_s
        if pod.phase == "Running" and not pod.is_ready and _lasted(changed_s, now_s, LASTING_S):
            return WARNING, "running, not ready", changed_s
        return None

    def _replaced(self, pod: Pod) -> bool:
        """True where its workload has made a pod in its place: one that came when this one had failed, and has not.

        Where a pod doesn't say when it failed, one that is younger will do. A bare pod is replaced by nobody. As long
        as pods are being read for the first time, the new one may be yet to come, and nothing is claimed.
        """
        if pod.template.workload is None:
            return False
        if not is_readable(self._reader.state(PODS)):
            return True
        ended = [since_s for status, since_s in pod.statuses if status.state == "terminated" and since_s is not None]
        failed_s = max(ended, default=pod.ready_changed_s)
        after_s = failed_s if failed_s is not None and pod.deleted_s is None else (pod.created_s or 0) + 1
        return self._newest(indexes.workload_value(pod.namespace, *pod.template.workload)) >= after_s

    def _newest(self, workload: str) -> float:
        """When the newest of a workload's pods that have not failed was made; looked for once a workload."""
        found = self._newest_s.get(workload)
        if found is None:
            pods = self._reader.by_index(PODS, indexes.WORKLOAD, workload)
            found = max((pod.created_s or 0 for pod in pods if pod.phase != "Failed"), default=-inf)
            self._newest_s[workload] = found
        return found


def _said(what: list[str]) -> str:
    more = len(what) - MOST_SAID
    return "; ".join(what[:MOST_SAID]) + (f"; and {more} more" if more > 0 else "")


def _failure(pod: Pod) -> str:
    return "Failed" if pod.status in ("", "Failed") else f"Failed: {pod.status}"


def _waiting(status: ContainerStatus) -> str:
    if status.reason == "CrashLoopBackOff" and status.last_reason:
        code = f" {status.last_exit_code}" if status.last_exit_code else ""
        return f"CrashLoopBackOff (last exit: {status.last_reason}{code})"
    if status.message and status.reason != "CrashLoopBackOff":
        return f"{status.reason}: {status.message}"
    return status.reason


def _oom_killed_s(status: ContainerStatus, since_s: int | None) -> int | None:
    if status.state == "terminated" and status.reason == "OOMKilled":
        return since_s
    return status.last_finished_s if status.last_reason == "OOMKilled" else None


def _condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    for condition in conditions:  # half of what next() of a generator costs, 10 000 times
        if condition.type == kind:
            return condition
    return None


def _lasted(since_s: int | None, now_s: float, seconds: int) -> bool:
    return since_s is not None and now_s - since_s > seconds
