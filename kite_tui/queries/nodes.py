"""Nodes with what their pods ask of them: one row a node, its sums from the pods' index, its usage from a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kite_tui.objects import indexes
from kite_tui.objects.amounts import BASIC, Amounts
from kite_tui.objects.kinds import NODE_METRICS, NODES, PODS
from kite_tui.objects.nodes import Node
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import is_readable
from kite_tui.objects.sums import NO_PODS, Sums
from kite_tui.objects.usage import NodeUsage


@dataclass(frozen=True, slots=True)
class Share:
    """One resource of a node, in its unit (millicores, bytes, or as it counts); None is unknown, never 0.

    `limits` is a sum over pods, so it is 0 (which is known) where none of them sets a limit. Nobody measures the usage
    of an extended resource.
    """

    allocatable: int | None
    requests: int | None
    limits: int | None
    capacity: int | None = None
    usage: int | None = None

    @property
    def free(self) -> int | None:
        """allocatable − requests; negative on an overcommitted node (static pods can do that)."""
        if self.allocatable is None or self.requests is None:
            return None
        return self.allocatable - self.requests


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One line of the nodes table. `holding` and `finished` pods are None where pods may not be read."""

    node: Node
    holding: int | None
    finished: int | None
    unreadable: int
    """Pods here of which some amount is malformed; their readable amounts are in the sums."""
    cpu: Share
    memory: Share
    ephemeral_storage: Share
    extended: Mapping[str, Share]
    usage: NodeUsage | None

    @property
    def pods_allocatable(self) -> int | None:
        """How many pods the kubelet admits."""
        return self.node.allocatable.pods


def node_row(node: Node, sums: Sums | None, usage: NodeUsage | None) -> NodeRow:
    """Put a node, the sums of its pods (None: unknown) and its usage (None: no sample) together. O(resources)."""

    def share(field: str) -> Share:
        return Share(
            getattr(node.allocatable, field),
            (getattr(sums.requests, field) or 0) if sums else None,
            (getattr(sums.limits, field) or 0) if sums else None,
            getattr(node.capacity, field),
            getattr(usage, field, None),
        )

    return NodeRow(
        node=node,
        holding=sums.holding if sums else None,
        finished=sums.finished if sums else None,
        unreadable=sums.unknown if sums else 0,
        cpu=share("cpu_m"),
        memory=share("memory_b"),
        ephemeral_storage=share("ephemeral_storage_b"),
        extended=_extended(node.allocatable, sums),
        usage=usage,
    )


def _extended(allocatable: Amounts, sums: Sums | None) -> Mapping[str, Share]:
    has: dict[str, int | None] = {**allocatable.by_name}
    has |= dict.fromkeys(name for name in allocatable.unknown if name not in BASIC)
    if not has and not (sums and sums.requests.extended):
        return {}
    asked = sums.requests.by_name if sums else {}
    capped = sums.limits.by_name if sums else {}
    return {
        name: Share(has.get(name, 0), asked.get(name, 0) if sums else None, capped.get(name, 0) if sums else None)
        for name in sorted(has.keys() | asked.keys())
    }


def node_rows(reader: Reader) -> tuple[NodeRow, ...]:
    """A row for every node read, in no promised order. O(nodes): the pods' sums are kept, not recounted."""
    sums: Mapping[str, Sums] | None = reader.sums_by_node() if is_readable(reader.state(PODS)) else None
    return tuple(
        node_row(node, None if sums is None else sums.get(node.name, NO_PODS), reader.get(NODE_METRICS, "", node.name))
        for node in reader.list(NODES).objects
    )


def one_node(reader: Reader, name: str) -> NodeRow | None:
    """The row of one node, None where it isn't among those read. O(1) but for a copy of the sums' references."""
    node = reader.get(NODES, "", name)
    if node is None:
        return None
    sums = reader.sums_by_node().get(name, NO_PODS) if is_readable(reader.state(PODS)) else None
    return node_row(node, sums, reader.get(NODE_METRICS, "", name))


def pods_on(reader: Reader, name: str) -> tuple[Pod, ...]:
    """The pods bound to a node, finished ones too. O(pods on it)."""
    return reader.by_index(PODS, indexes.NODE, name)
