"""Sums over pods, kept up to date: an event takes the old row out and puts the new one in.

Every value is an immutable record that is replaced, so a reader may keep what it was given. In a sum CPU, memory and
ephemeral storage are never None: nobody asking is 0. Extended resources that come to 0 are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kite_tui.objects.amounts import Amounts, add
from kite_tui.objects.pods import Pod, bucket

ZERO = Amounts(0, 0, 0)


class Sums(msgspec.Struct, frozen=True, gc=False):
    """Sums over the pods of one node: `holding` pods count, `finished` ones still bound are apart.

    `unknown` counts the holding pods of which some amount could not be read; their readable amounts are in the sums.
    """

    holding: int = 0
    finished: int = 0
    requests: Amounts = ZERO
    limits: Amounts = ZERO
    unknown: int = 0


NO_PODS = Sums()


class NamespaceCounts(msgspec.Struct, frozen=True, gc=False):
    """Counts of the pods of one namespace by `pods.bucket`, and the requests of those that wait for a node."""

    total: int = 0
    terminating: int = 0
    running_ready: int = 0
    not_ready: int = 0
    pending: int = 0
    succeeded: int = 0
    failed: int = 0
    unknown: int = 0
    waiting: Amounts = ZERO
    waiting_unknown: int = 0


_NO_COUNTS = NamespaceCounts()


class PodSums:
    """Running totals by node and by namespace. Not thread-safe: the owner (a store, under its lock) serialises."""

    def __init__(self, pods: Iterable[Pod] = ()) -> None:
        self._nodes: dict[str, Sums] = {}
        self._namespaces: dict[str, NamespaceCounts] = {}
        for pod in pods:
            self.add(pod)

    def add(self, pod: Pod) -> None:
        """Count a pod in. O(1)."""
        self._count(pod, 1)

    def remove(self, pod: Pod) -> None:
        """Count out a pod that was counted in, given as the same row. O(1)."""
        self._count(pod, -1)

    def by_node(self) -> Mapping[str, Sums]:
        """Sums by node name, as they are now; a node without pods is absent. O(nodes), a copy of references."""
        return dict(self._nodes)

    def by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts by namespace, as they are now. O(namespaces), a copy of references."""
        return dict(self._namespaces)

    def _count(self, pod: Pod, sign: int) -> None:
        if pod.node_name:
            self._count_on_node(pod, sign)
        old = self._namespaces.get(pod.namespace) or _NO_COUNTS
        field = bucket(pod)
        changes: dict[str, object] = {"total": old.total + sign, field: getattr(old, field) + sign}
        if pod.waits:
            requests = pod.effective.requests
            changes["waiting"] = _plus(old.waiting, requests, sign)
            changes["waiting_unknown"] = old.waiting_unknown + (sign if requests.unknown else 0)
        new = msgspec.structs.replace(old, **changes)
        if new.total:
            self._namespaces[pod.namespace] = new
        else:
            del self._namespaces[pod.namespace]

    def _count_on_node(self, pod: Pod, sign: int) -> None:
        old = self._nodes.get(pod.node_name, NO_PODS)
        if pod.is_finished:
            new = msgspec.structs.replace(old, finished=old.finished + sign)
        else:
            requests, limits = pod.effective.requests, pod.effective.limits
            new = Sums(
                old.holding + sign,
                old.finished,
                _plus(old.requests, requests, sign),
                _plus(old.limits, limits, sign),
                old.unknown + (sign if requests.unknown or limits.unknown else 0),
            )
        if new.holding or new.finished:
            self._nodes[pod.node_name] = new
        else:
            del self._nodes[pod.node_name]


def _plus(total: Amounts, part: Amounts, sign: int) -> Amounts:
    """`total` with `part` counted in (or out with sign −1), as sums have it: see the module."""
    found = add(total, part, sign)
    extended = tuple(pair for pair in found.extended if pair[1])
    return Amounts(found.cpu_m, found.memory_b, found.ephemeral_storage_b, None, extended)
