"""The numbers of a cluster counted once more, straight from the server's JSON; shares no code with the package."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from tests.conformance.client import ApiClient, Manifest
from tests.conformance.shape_resources import value

Exact = dict[str, Fraction]
Whole = dict[str, int]

PRESSURES = {"MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"}


def exact(resource_list: Mapping[str, str] | None) -> Exact:
    """A resource list in its own units, nothing rounded but what is finer than a nano (as Kubernetes holds it)."""
    return {name: Fraction(math.ceil(value(text) * 10**9), 10**9) for name, text in (resource_list or {}).items()}


def whole(amounts: Exact) -> Whole:
    """Millicores and units, rounded up."""
    return {name: math.ceil(amount * (1000 if name == "cpu" else 1)) for name, amount in amounts.items()}


def plus(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}


def highest(*many: Exact) -> Exact:
    return {name: max(each[name] for each in many if name in each) for name in {n for each in many for n in each}}


def _aggregate(spec: Manifest, of: Callable[[Manifest], Exact]) -> Exact:
    total: Exact = {}
    for container in spec["containers"]:
        total = plus(total, of(container))
    sidecars: Exact = {}
    peaks: list[Exact] = []
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            total = plus(total, of(container))
            sidecars = plus(sidecars, of(container))
            peaks.append(sidecars)
        else:
            peaks.append(plus(of(container), sidecars))
    return highest(total, *peaks)


def effective(pod: Manifest) -> tuple[Whole, Whole]:
    """Effective requests and limits of a pod, by the rule as it is written down."""
    spec, status = pod["spec"], pod.get("status", {})
    statuses = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    said = {one["name"]: one for one in statuses}
    pending: Manifest = next((c for c in status.get("conditions") or () if c["type"] == "PodResizePending"), {})
    infeasible = pending.get("reason") == "Infeasible"

    def in_spec(part: str) -> Callable[[Manifest], Exact]:
        return lambda container: exact((container.get("resources") or {}).get(part))

    def fallback(part: str) -> Callable[[Manifest], Exact]:
        return (lambda container: {}) if infeasible else in_spec(part)

    def allocated(container: Manifest) -> Exact:
        found = said.get(container["name"], {}).get("allocatedResources")
        return fallback("requests")(container) if found is None else exact(found)

    def actuated(part: str, otherwise: Callable[[Manifest], Exact]) -> Callable[[Manifest], Exact]:
        def of(container: Manifest) -> Exact:
            found = (said.get(container["name"], {}).get("resources") or {}).get(part)
            return otherwise(container) if found is None else exact(found)

        return of

    readings = [_aggregate(spec, actuated("requests", allocated)), _aggregate(spec, allocated)]
    caps = [_aggregate(spec, actuated("limits", fallback("limits")))]
    if not infeasible:
        readings.append(_aggregate(spec, in_spec("requests")))
        caps.append(_aggregate(spec, in_spec("limits")))
    requests, limits = highest(*readings), highest(*caps)
    level = spec.get("resources") or {}
    for made, part in ((requests, "requests"), (limits, "limits")):
        replacing = exact(level.get(part))
        made |= {n: v for n, v in replacing.items() if n in ("cpu", "memory") or n.startswith("hugepages-")}
    overhead = exact(spec.get("overhead"))
    requests = plus(requests, overhead)
    limits = plus(limits, {name: amount for name, amount in overhead.items() if limits.get(name)})
    return whole(requests), whole(limits)


def ready_of(thing: Manifest) -> str:
    """The status of the condition Ready, empty without one."""
    conditions = thing.get("status", {}).get("conditions") or ()
    return next((str(c["status"]) for c in conditions if c["type"] == "Ready"), "")


def bucket(pod: Manifest) -> str:
    phase = pod.get("status", {}).get("phase", "")
    if "deletionTimestamp" in pod["metadata"] and phase not in ("Succeeded", "Failed"):
        return "terminating"
    if phase == "Running":
        return "running_ready" if ready_of(pod) == "True" else "not_ready"
    return {"Pending": "pending", "Succeeded": "succeeded", "Failed": "failed"}.get(phase, "unknown")


def is_finished(pod: Manifest) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def node_sums(pods: Iterable[Manifest]) -> dict[str, Manifest]:
    """By node: how many hold and have finished, and the requests and limits of those that hold."""
    found: dict[str, Manifest] = defaultdict(lambda: {"holding": 0, "finished": 0, "requests": {}, "limits": {}})
    for pod in pods:
        name = pod["spec"].get("nodeName")
        if not name:
            continue
        if is_finished(pod):
            found[name]["finished"] += 1
            continue
        requests, limits = effective(pod)
        found[name]["holding"] += 1
        found[name]["requests"] = plus(found[name]["requests"], requests)
        found[name]["limits"] = plus(found[name]["limits"], limits)
    return found


def everything(client: ApiClient) -> Manifest:
    """All that the counts need, in single unpaged lists."""
    paths = ("nodes", "pods", "namespaces", "services")
    return {path: client.get(f"/api/v1/{path}")["items"] for path in paths}


def overview(lists: Manifest) -> Manifest:
    """What `overview -o json` has to say, without states, usage, problems and warnings."""
    nodes, pods = lists["nodes"], lists["pods"]
    sums = node_sums(pods)
    names = {node["metadata"]["name"] for node in nodes}
    readiness = Counter({"True": "ready", "False": "not_ready"}.get(ready_of(node), "unknown") for node in nodes)
    usable = [n for n in nodes if ready_of(n) == "True" and not n["spec"].get("unschedulable")]
    offers = {node["metadata"]["name"]: whole(exact(node["status"].get("allocatable"))) for node in nodes}
    held: dict[str, Whole] = {"requests": {}, "limits": {}}
    for name in names:
        for part, total in held.items():
            held[part] = plus(total, sums[name][part])
    waiting: Whole = {}
    for pod in pods:
        is_leaving = "deletionTimestamp" in pod["metadata"]
        if not pod["spec"].get("nodeName") and pod["status"].get("phase") == "Pending" and not is_leaving:
            waiting = plus(waiting, effective(pod)[0])
    buckets = Counter(bucket(pod) for pod in pods)
    words = ("running_ready", "not_ready", "pending", "succeeded", "failed", "terminating", "unknown")

    def totals(resource: str, unit: str) -> Manifest:
        return {
            f"allocatable_{unit}": sum(offer.get(resource, 0) for offer in offers.values()),
            f"schedulable_{unit}": sum(offers[n["metadata"]["name"]].get(resource, 0) for n in usable),
            f"requests_{unit}": held["requests"].get(resource, 0),
            f"limits_{unit}": held["limits"].get(resource, 0),
            f"waiting_{unit}": waiting.get(resource, 0),
            f"free_{unit}": max(
                (offers[name].get(resource, 0) - sums[name]["requests"].get(resource, 0))
                for name in (n["metadata"]["name"] for n in usable)
            ),
        }

    basic = {"cpu", "memory", "ephemeral-storage", "pods"}
    offered: Whole = {}
    for offer in offers.values():
        offered = plus(offered, offer)
    extended = {name for many in (offered, held["requests"], waiting) for name, n in many.items() if n} - basic
    services = lists["services"]
    return {
        "nodes": {
            "total": len(nodes),
            **{word: readiness[word] for word in ("ready", "not_ready", "unknown")},
            "cordoned": sum(bool(node["spec"].get("unschedulable")) for node in nodes),
            "pressure": sum(
                any(c["type"] in PRESSURES and c["status"] == "True" for c in node["status"].get("conditions", ()))
                for node in nodes
            ),
        },
        "pods": {
            "total": len(pods),
            "healthy": buckets["running_ready"] + buckets["succeeded"],
            **{word: buckets[word] for word in words},
            "orphaned": sum(on["holding"] for name, on in sums.items() if name not in names),
        },
        "namespaces": {
            "total": len(lists["namespaces"]),
            "terminating": sum(n["status"].get("phase") == "Terminating" for n in lists["namespaces"]),
        },
        "services": {
            "total": len(services),
            "headless": sum(service["spec"].get("clusterIP") == "None" for service in services),
            "by_type": dict(Counter(service["spec"]["type"] for service in services)),
        },
        "cpu": totals("cpu", "m"),
        "memory": totals("memory", "b"),
        "extended": {
            name: {
                "allocatable": offered.get(name, 0),
                "requests": held["requests"].get(name, 0),
                "waiting": waiting.get(name, 0),
            }
            for name in sorted(extended)
        },
    }


def said_by(document: Manifest) -> Manifest:
    """The same numbers out of an overview document."""
    unused = ("state", "reason", "usage_m", "usage_b", "largest_free")
    found: Manifest = {}
    for part in ("nodes", "pods", "namespaces", "services", "cpu", "memory"):
        found[part] = {key: number for key, number in document[part].items() if key not in unused}
    found["cpu"]["free_m"] = document["cpu"]["largest_free"]["free_m"]
    found["memory"]["free_b"] = document["memory"]["largest_free"]["free_b"]
    extended = {
        name: {key: number for key, number in each.items() if key not in unused}
        for name, each in document["extended"].items()
    }
    return {**found, "extended": extended}


def nodes(lists: Manifest) -> dict[str, Manifest]:
    """What `nodes -o json` has to say of each node's amounts and pods, by name."""
    sums = node_sums(lists["pods"])
    found = {}
    for node in lists["nodes"]:
        name, status = node["metadata"]["name"], node["status"]
        has, fits = whole(exact(status.get("capacity"))), whole(exact(status.get("allocatable")))
        on = sums[name]
        item: Manifest = {
            "pods": {"holding": on["holding"], "finished": on["finished"], "allocatable": fits.get("pods")},
        }
        for part, resource, unit in (
            ("cpu", "cpu", "m"),
            ("memory", "memory", "b"),
            ("ephemeral_storage", "ephemeral-storage", "b"),
        ):
            item[part] = {
                f"capacity_{unit}": has.get(resource),
                f"allocatable_{unit}": fits.get(resource),
                f"requests_{unit}": on["requests"].get(resource, 0),
                f"limits_{unit}": on["limits"].get(resource, 0),
            }
        found[name] = item
    return found


def node_said_by(item: Manifest) -> Manifest:
    """The same out of an item of a nodes document."""
    parts = ("pods", "cpu", "memory", "ephemeral_storage")
    unused = ("state", "reason", "unreadable", "usage_m", "usage_b")
    return {part: {key: number for key, number in item[part].items() if key not in unused} for part in parts}
