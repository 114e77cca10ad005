"""A word or two on how an object is, for kinds without a record of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kite_tui.objects import wire
from kite_tui.objects.linked import NO_STATUS, Status, Tone
from kite_tui.objects.links.parts import Found, Parts, as_map, as_maps, at, decoded, text

_CONDITIONS = ("Ready", "Available", "Programmed", "Accepted", "Established")
"""The condition that says it all, where a kind has one."""


def of(key: tuple[str, str], parts: Parts) -> Status:
    """Of an object of the kind `key`, (group, kind)."""
    special = _SPECIAL.get(key)
    return special(parts) if special else _condition(parts.map("status"))


def of_workload(kind: str, spec: wire.WorkloadSpec, status: wire.WorkloadStatus) -> Status:
    """Of what makes pods: how many of how many are ready, or how far a job is."""
    match kind:
        case "CronJob":
            active = sum(1 for _ in as_maps(decoded(status.active)))
            running = f", {active} active" if active else ""
            return Status("suspended", "warn") if spec.suspend else Status(f"{spec.schedule or ''}{running}")
        case "Job":
            return _job(spec, status)
        case _:
            wanted = 1 if spec.replicas is None else spec.replicas
            return ready(status.ready_replicas or 0, wanted)


def ready(has: int, wanted: int) -> Status:
    """`2/3 ready`; nothing wanted and nothing there is quiet."""
    if not wanted and not has:
        return Status("scaled to 0")
    tone: Tone = "good" if has >= wanted else "bad" if not has else "warn"
    return Status(f"{has}/{wanted} ready", tone)


def _job(spec: wire.WorkloadSpec, status: wire.WorkloadStatus) -> Status:
    met = {each.type for each in status.conditions or () if each.status == "True"}
    if "Failed" in met:
        return Status("Failed", "bad")
    if "Complete" in met:
        return Status("Complete", "good")
    if "Suspended" in met or spec.suspend:
        return Status("suspended", "warn")
    active = decoded(status.active)
    return Status(f"{active} active" if isinstance(active, int) and active else "waiting")


def _condition(status: Found) -> Status:
    met = {text(each, "type"): text(each, "status") for each in as_maps(status.get("conditions"))}
    for name in _CONDITIONS:
        if name in met:
            return Status(name, "good") if met[name] == "True" else Status(f"not {name}", "warn")
    return NO_STATUS


def _volume(parts: Parts) -> Status:
    phase = text(parts.map("status"), "phase")
    return Status(phase, "bad" if phase == "Failed" else "warn" if phase == "Released" else "")


def _autoscaler(parts: Parts) -> Status:
    spec, status = parts.map("spec"), parts.map("status")
    now, least, most = (
        str(found) if isinstance(found, int) else unknown
        for found, unknown in (
            (at(status, "currentReplicas"), "?"),
            (at(spec, "minReplicas"), "1"),
            (at(spec, "maxReplicas"), "?"),
        )
    )
    return Status(f"{now} of {least}–{most}")


def _endpoint_slice(parts: Parts) -> Status:
    served = [at(each, "conditions", "ready") is not False for each in parts.maps("endpoints")]
    missing = len(served) - sum(served)
    return Status(f"{sum(served)} ready" + (f", {missing} not" if missing else ""), "warn" if missing else "")


def _budget(parts: Parts) -> Status:
    allowed = at(parts.map("status"), "disruptionsAllowed")
    if not isinstance(allowed, int):
        return NO_STATUS
    return Status(f"{allowed} may go", "" if allowed else "warn")


def _ingress(parts: Parts) -> Status:
    return Status(next(_addresses(parts.map("status")), ""))


def _addresses(status: Found) -> Iterator[str]:
    for each in as_maps(at(status, "loadBalancer", "ingress")):
        yield text(each, "hostname") or text(each, "ip")


def _attachment(parts: Parts) -> Status:
    attached = at(parts.map("status"), "attached") is True
    return Status("attached", "good") if attached else Status("not attached", "warn")


def _resource_claim(parts: Parts) -> Status:
    return Status("allocated") if as_map(parts.map("status").get("allocation")) else Status("not allocated", "warn")


_SPECIAL: Mapping[tuple[str, str], Callable[[Parts], Status]] = {
    ("", "PersistentVolume"): _volume,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("discovery.k8s.io", "EndpointSlice"): _endpoint_slice,
    ("policy", "PodDisruptionBudget"): _budget,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("storage.k8s.io", "VolumeAttachment"): _attachment,
    ("resource.k8s.io", "ResourceClaim"): _resource_claim,
}
