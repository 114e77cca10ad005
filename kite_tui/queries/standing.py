"""How an object among others is, in a word or two: its state, or that it isn't there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from kite_tui.objects.claims import Claim
from kite_tui.objects.events import Event
from kite_tui.objects.linked import NO_STATUS, Linked, Status, Tone
from kite_tui.objects.namespaces import Namespace
from kite_tui.objects.nodes import Node
from kite_tui.objects.pods import Pod, bucket
from kite_tui.objects.services import Service
from kite_tui.objects.statuses import ready
from kite_tui.objects.workloads import Workload
from kite_tui.queries.relations import POD, Relations
from kite_tui.queries.vertices import Group, Vertex
from kite_tui.text import units

_ABSENT = {
    "missing": Status("missing", "bad"),
    "optional-absent": Status("optional, absent"),
    "unknown": Status("not known", "warn"),
}
_TONES: dict[str, Tone] = {"running_ready": "good", "succeeded": "", "pending": "warn", "terminating": "warn"}
_FAULTS = ("Error", "BackOff", "Err", "OOM", "Evicted", "Failed", "Invalid")
"""Parts of a pod's STATUS that say it won't mend by waiting."""

MOST_KINDS_OF_STATUS = 4


def standing(relations: Relations, vertex: Vertex) -> Status:
    """Of one object. O(1), but for a Service, whose pods are looked at."""
    record = vertex.record
    match record:
        case None:
            return _ABSENT.get(vertex.presence, NO_STATUS)
        case Pod():
            return pod_standing(record)
        case Workload():
            return _ending(record.deleted_s) or ready(record.available, record.desired)
        case Claim():
            return _ending(record.deleted_s) or Status(record.phase, _claim_tone(record.phase))
        case Node():
            return Status(record.status, "good" if record.is_schedulable else "bad" if not record.is_ready else "warn")
        case Namespace():
            return Status(record.phase, "warn" if record.phase == "Terminating" else "")
        case Service():
            return _service(relations, vertex, record)
        case Event():
            tone: Tone = "warn" if record.type == "Warning" else ""
            return Status(f"×{record.count}" if record.count > 1 else "", tone)
        case Linked():
            return _ending(record.deleted_s) or record.status
        case _:
            return NO_STATUS


def pod_standing(pod: Pod) -> Status:
    """A pod's STATUS as kubectl has it; one that runs and isn't ready says so."""
    group = bucket(pod)
    if group == "not_ready" and pod.status == "Running":
        return Status("Running, not ready", "warn")
    tone = _TONES.get(group, "bad")
    return Status(pod.status, "bad" if any(fault in pod.status for fault in _FAULTS) else tone)


def summary(relations: Relations, group: Group) -> Status:
    """Of many: `4 987 Running, 13 CrashLoopBackOff`, the most frequent first; the worst tone of all."""
    if group.type == POD:
        counts = _pod_counts(group.records)
        counts.update(_ABSENT[presence] for presence in group.absent)
    else:
        counts = Counter(standing(relations, hop.to) for hop in group.hops)
    said = [(status, count) for status, count in counts.most_common() if status.text]
    if not said:
        return NO_STATUS
    words = [f"{units.count(count)} {status.text}" for status, count in said]
    if len(words) > MOST_KINDS_OF_STATUS:
        more = sum(count for _, count in said[MOST_KINDS_OF_STATUS - 1 :])
        words = [*words[: MOST_KINDS_OF_STATUS - 1], f"{more} more"]
    tones = {status.tone for status, _ in said}
    worst: Tone = next((tone for tone in _WORST_FIRST if tone in tones), "")
    return Status(", ".join(words), worst)


def _pod_counts(pods: Iterable[Pod]) -> Counter[Status]:
    """Thousands of pods are in a handful of states: told apart first, put into words then."""
    examples: dict[tuple[str, str, bool, bool], Pod] = {}
    numbers: Counter[tuple[str, str, bool, bool]] = Counter()
    for pod in pods:
        state = (pod.status, pod.phase, pod.is_ready, pod.deleted_s is None)
        numbers[state] += 1
        examples[state] = pod
    counts: Counter[Status] = Counter()
    for state, number in numbers.items():
        counts[pod_standing(examples[state])] += number
    return counts


_WORST_FIRST: tuple[Tone, ...] = ("bad", "warn", "good")


def _ending(deleted_s: int | None) -> Status | None:
    return Status("Terminating", "warn") if deleted_s is not None else None


def _claim_tone(phase: str) -> Tone:
    return "bad" if phase == "Lost" else "warn" if phase == "Pending" else "good"


def _service(relations: Relations, vertex: Vertex, service: Service) -> Status:
    """How many of its backends are ready."""
    if service.type == "ExternalName":
        return Status("ExternalName")
    pods = relations.backends(vertex)
    has = sum(pod.is_ready for pod in pods)
    if not pods:
        return Status("no backends", "warn")
    return Status(f"{has} of {len(pods)} ready", "good" if has == len(pods) else "warn" if has else "bad")
