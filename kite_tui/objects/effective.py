"""Effective requests and limits of a pod: the rule of `k8s.io/component-helpers/resource` v0.37.

PodRequests and PodLimits with `UseStatusResources: true` and every other option off. All sums are exact (nanos) and
rounded up once at the end. What cannot be read is None all the way: it makes that resource unknown, and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from kite_tui.objects.amounts import NOTHING, Quantities, from_nanos, nanos_of
from kite_tui.objects.pods import Container, ContainerSize, Effective, PodTemplate
from kite_tui.objects.quantity import binary_text, decimal_text

Sizes = tuple[ContainerSize, ...]
Nanos = dict[str, int | None]
Source = Callable[[Container], Quantities | None]
"""Where a container's amounts are read: its spec, or what its status says was allocated or actuated. None: nowhere."""

UNKNOWN = Effective(NOTHING, NOTHING)

_VARIANTS = 64
"""Resized pods of one template remembered at a time; each is a different mix of sizes, so few are ever alike."""

_memo: WeakKeyDictionary[PodTemplate, dict[tuple[Sizes, bool], Effective]] = WeakKeyDictionary()


class Why(msgspec.Struct, frozen=True, gc=False):
    """Sentences that say how the effective requests for CPU and memory come about."""

    cpu: str
    memory: str


def effective(template: PodTemplate, sizes: Sizes = (), infeasible: bool = False) -> Effective:
    """Effective requests and limits. Pods of one template share the result, which is dropped with the template.

    A resource that no part of the pod names is None, one that is named by a quantity nobody can read is in `unknown`.
    """
    variants = _memo.get(template)
    if variants is None:
        variants = _memo.setdefault(template, {})
    key = (sizes, infeasible)
    found = variants.get(key)
    if found is None:
        if len(variants) >= _VARIANTS:
            variants.clear()
        found = variants[key] = Effective(
            from_nanos(_requests(template, sizes, infeasible)), from_nanos(_limits(template, sizes, infeasible))
        )
    return found


def _requests(template: PodTemplate, sizes: Sizes, infeasible: bool) -> Nanos:
    sources = _request_sources(sizes, infeasible)
    total = _highest(_aggregate(template, source) for source in sources.values())
    total |= _pod_level(template.pod_requests)
    _add(total, nanos_of(template.overhead))
    return total


def _limits(template: PodTemplate, sizes: Sizes, infeasible: bool) -> Nanos:
    sources = [_actuated_limits(sizes, infeasible)]
    if not infeasible:
        sources.append(lambda container: container.limits)
    total = _highest(_aggregate(template, source) for source in sources)
    total |= _pod_level(template.pod_limits)
    overhead = nanos_of(template.overhead)
    _add(total, {name: amount for name, amount in overhead.items() if name in total and total[name] != 0})
    return total


def _request_sources(sizes: Sizes, infeasible: bool) -> Mapping[str, Source]:
    """The readings of which the highest counts, by the word that names each."""
    by_name = {size.name: size for size in sizes}

    def allocated(container: Container) -> Quantities | None:
        size = by_name.get(container.name)
        if size is not None and size.allocated is not None:
            return size.allocated
        return None if infeasible else container.requests

    def actuated(container: Container) -> Quantities | None:
        size = by_name.get(container.name)
        if size is not None and size.requests is not None:
            return size.requests
        return allocated(container)

    if infeasible:
        return {"actuated": actuated, "allocated": allocated}
    if not sizes:
        return {"spec": lambda container: container.requests}
    return {"spec": lambda container: container.requests, "actuated": actuated, "allocated": allocated}


def _actuated_limits(sizes: Sizes, infeasible: bool) -> Source:
    by_name = {size.name: size for size in sizes}

    def actuated(container: Container) -> Quantities | None:
        size = by_name.get(container.name)
        if size is not None and size.limits is not None:
            return size.limits
        return None if infeasible else container.limits

    return actuated


class _Parts(NamedTuple):
    """One reading of a template, taken apart; `init` is the most that starting up needs, of what it names."""

    containers: Nanos
    sidecars: Nanos
    init: Nanos


def _take_apart(template: PodTemplate, source: Source) -> _Parts:
    containers: Nanos = {}
    sidecars: Nanos = {}
    init: Nanos = {}
    for container in template.containers:
        amounts = nanos_of(source(container) or ())
        if container.role == "app":
            _add(containers, amounts)
        elif container.role == "sidecar":
            _add(sidecars, amounts)
            init = _highest((init, sidecars))
        elif container.role == "init":
            # Only the sidecars declared before it run beside an init container.
            _add(amounts, sidecars)
            init = _highest((init, amounts))
    return _Parts(containers, sidecars, init)


def _aggregate(template: PodTemplate, source: Source) -> Nanos:
    parts = _take_apart(template, source)
    total = dict(parts.containers)
    _add(total, parts.sidecars)
    return _highest((total, parts.init))


def _pod_level(quantities: Quantities) -> Nanos:
    return nanos_of(
        tuple((name, text) for name, text in quantities if name in ("cpu", "memory") or name.startswith("hugepages-"))
    )


def _add(total: Nanos, more: Mapping[str, int | None]) -> None:
    """Add `more` into `total`; what is unknown in either is unknown then."""
    for name, amount in more.items():
        if name not in total:
            total[name] = amount
        else:
            old = total[name]
            total[name] = None if old is None or amount is None else old + amount


def _highest(many: Iterable[Mapping[str, int | None]]) -> Nanos:
    """The highest of each name; what is unknown in one is unknown then."""
    result: Nanos = {}
    for amounts in many:
        for name, amount in amounts.items():
            if name not in result:
                result[name] = amount
            else:
                old = result[name]
                result[name] = None if old is None or amount is None else max(old, amount)
    return result


def explain(template: PodTemplate, sizes: Sizes = (), infeasible: bool = False) -> Why:
    """How the effective requests come about, in words; "none" where no part of the pod requests the resource."""
    return Why(
        _sentence(template, sizes, infeasible, "cpu", decimal_text),
        _sentence(template, sizes, infeasible, "memory", binary_text),
    )


def _sentence(
    template: PodTemplate, sizes: Sizes, infeasible: bool, resource: str, written: Callable[[int], str]
) -> str:
    def words(amount: int | None) -> str:
        return "unreadable" if amount is None else written(amount)

    parts = [_core_words(template, sizes, infeasible, resource, words)]
    overhead = nanos_of(template.overhead)
    if resource in overhead:
        parts.append(f"overhead {words(overhead[resource])}")
    return "; ".join(part for part in parts if part) or "none"


def _core_words(
    template: PodTemplate, sizes: Sizes, infeasible: bool, resource: str, words: Callable[[int | None], str]
) -> str:
    pod_level = _pod_level(template.pod_requests)
    if resource in pod_level:
        return f"pod-level {words(pod_level[resource])}"
    sources = _request_sources(sizes, infeasible)
    readings = {name: _aggregate(template, source) for name, source in sources.items()}
    readings = {name: amounts for name, amounts in readings.items() if resource in amounts}
    if len({amounts[resource] for amounts in readings.values()}) > 1 or infeasible:
        said = "resized: " + ", ".join(f"{name} {words(amounts[resource])}" for name, amounts in readings.items())
        spec = _aggregate(template, lambda container: container.requests)
        return f"{said} (spec {words(spec[resource])} infeasible)" if infeasible and resource in spec else said
    if not readings:
        return ""
    parts = _take_apart(template, next(iter(sources.values())))
    said = f"containers {words(parts.containers.get(resource, 0))}"
    if resource in parts.sidecars:
        said += f" + sidecar {words(parts.sidecars[resource])}"
    if resource in parts.init and any(container.role == "init" for container in template.containers):
        said += f"; init needs {words(parts.init[resource])}"
    return said
