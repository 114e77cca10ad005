"""One step from one object to those it hangs together with, in each of the four directions, with the reason.

Everything comes out of the reader's indexes: nothing here looks through all objects of a kind, whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from kite_tui.objects import indexes, workloads
from kite_tui.objects.decode import is_metadata_only
from kite_tui.objects.kinds import NODES, PODS, Kind
from kite_tui.objects.meta import Labels
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.references import NO_LINKS, ORDINAL, Links, Reference, Selection, hooks_for, target
from kite_tui.objects.selectors import Selector
from kite_tui.objects.states import Live, Polling

Presence = Literal["found", "missing", "optional-absent", "unknown"]
"""Whether an object that is named is there. Missing is said only where a whole list of its kind is at hand."""

SELECTING = (
    ("", "Service"),
    ("policy", "PodDisruptionBudget"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
)
"""Kinds that choose others by label."""
SERVICE, POD = ("", "Service"), ("", "Pod")
CLAIM = ("", "PersistentVolumeClaim")
ENDPOINT_SLICE = ("discovery.k8s.io", "EndpointSlice")

_ORDINAL = re.compile(r"(.+-)(0|[1-9][0-9]*)")
"""A StatefulSet's claim: no ordinal has a leading zero."""


class Vertex(msgspec.Struct, frozen=True, gc=False):
    """One object among others, by the name that others know it by. `record` is None unless it is found; `served` is
    its kind, None where the server doesn't serve it (or that isn't known)."""

    group: str
    kind: str
    namespace: str
    name: str
    served: Kind[Any] | None = None
    record: Any = None
    presence: Presence = "found"

    @property
    def type(self) -> tuple[str, str]:
        """(group, kind)."""
        return (self.group, self.kind)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What no other object has at the same time; also the order that objects are shown in."""
        return (self.kind, self.group, self.namespace, self.name)

    @property
    def uid(self) -> str:
        """Its uid, empty where it isn't found."""
        return self.record.uid if self.record is not None else ""

    @property
    def links(self) -> Links:
        """What it says of others."""
        return self.record.links if self.record is not None else NO_LINKS


class Hop(msgspec.Struct, frozen=True, gc=False):
    """The object at the other end of an edge, and why there is one."""

    to: Vertex
    reasons: tuple[str, ...]


OWNER = ("owner",)


class Relations:
    """Hops over a reader, for one question: what was looked up once is remembered, so make a new one for the next.

    Hops are sorted by kind, namespace and name, and no two lead to the same object.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.served = reader.served
        self._failed_groups = {group for group, _ in self.served.failed}
        self._referring = tuple(
            kind for kind in self.served.searched if not is_metadata_only(kind) or kind.kind == "Secret"
        )
        self._selecting = self._kinds(SELECTING)
        self._workloads = self._kinds(workloads.TYPES)
        self._reasons: dict[tuple[int, str, str], tuple[str, ...]] = {}
        self._known: dict[tuple[str, tuple[str, str, str, str]], list[Hop]] = {}

    def vertex(self, kind: Kind[Any], record: Any) -> Vertex:
        """An object that is there."""
        return Vertex(kind.group, kind.kind, record.namespace, record.name, kind, record)

    def find(self, kind: Kind[Any], namespace: str, name: str) -> Vertex:
        """The object of a name, there or not."""
        return self._resolve(Reference(kind.group, kind.kind, namespace, name, ""))

    def hops(self, direction: str, vertex: Vertex) -> list[Hop]:
        """One step in a direction: owner, owned, uses or used-by."""
        key = (direction, vertex.key)
        found = self._known.get(key)
        if found is None:
            step: dict[str, Callable[[Vertex], list[Hop]]] = {
                "owner": self._owners,
                "owned": self._owned,
                "uses": self._uses,
                "used-by": self._used_by,
            }
            found = self._known[key] = step[direction](vertex)
        return found

    def selected(self, selection: Selection, holder: Vertex) -> list[Vertex]:
        """The objects that a selection chooses, in no order. O(objects that have one of the labels)."""
        kind = self.served.of_type(selection.group, selection.kind)
        if kind is None:
            return []
        label = indexes.LABEL if kind == PODS or selection.kind == "ClusterRole" else ""
        chosen = self._matching(kind, label, selection, lambda record: record.labels if label else ())
        found = [
            Vertex(kind.group, kind.kind, each.namespace, each.name, kind, each)
            for each in chosen
            if not (holder.type == SERVICE and each.is_finished)
        ]
        if selection.templates:
            for workload in self._workloads:
                chosen = self._matching(workload, indexes.TEMPLATE_LABEL, selection, _template_labels)
                found += (self.vertex(workload, each) for each in chosen)
        return [each for each in found if each.record is not holder.record]

    # -- the four directions ------------------------------------------------------------------------------------

    def _owners(self, vertex: Vertex) -> list[Hop]:
        found = []
        for owner in vertex.links.owners:
            kind = self.served.of_type(owner.group, owner.kind)
            namespace = vertex.namespace if kind is None or kind.namespaced else ""
            reference = Reference(owner.group, owner.kind, namespace, owner.name, "owner", uid=owner.uid)
            found.append(Hop(self._resolve(reference), OWNER))
        return _sorted(found)

    def _owned(self, vertex: Vertex) -> list[Hop]:
        uid = vertex.uid
        if not uid:
            return []
        return _sorted(
            Hop(Vertex(kind.group, kind.kind, child.namespace, child.name, kind, child), OWNER)
            for kind in self.served.searched
            for child in self.reader.by_index(kind, indexes.OWNER, uid)
            # A namespaced owner counts in its own namespace only, as the garbage collector has it.
            if not vertex.namespace or child.namespace == vertex.namespace
        )

    def _uses(self, vertex: Vertex) -> list[Hop]:
        found = _Merged()
        links = vertex.links
        for reference in links.references:
            if reference.name.endswith(ORDINAL):
                for each in self._with_ordinals(reference):
                    found.add(each, reference.reason)
            else:
                found.add(self._resolve(reference), reference.reason)
        for selection in links.selections:
            for each in self.selected(selection, vertex):
                found.add(each, selection.reason)
        if vertex.type == SERVICE and vertex.record is not None and _has_no_selector(vertex):
            for each_slice in self._slices(vertex):
                for reference in each_slice.links.references:
                    if (reference.group, reference.kind) == POD:
                        found.add(self._resolve(reference), f"endpoint of {each_slice.name}")
        return found.hops()

    def _used_by(self, vertex: Vertex) -> list[Hop]:
        found = _Merged()
        value = target(vertex.group, vertex.kind, vertex.namespace, vertex.name)
        self._add_referring(found, vertex, value)
        if vertex.type == CLAIM and (match := _ORDINAL.fullmatch(vertex.name)):
            self._add_referring(found, vertex, target("", "PersistentVolumeClaim", vertex.namespace, match[1] + "#"))
        if vertex.served == NODES:
            for pod in self.reader.by_index(PODS, indexes.NODE, vertex.name):
                found.add(self.vertex(PODS, pod), "nodeName")
        if vertex.record is not None:
            self._add_selecting(found, vertex)
            if vertex.type == POD:
                self._add_serving(found, vertex, value)
        return found.hops()

    # -- references ---------------------------------------------------------------------------------------------

    def _resolve(self, reference: Reference) -> Vertex:
        kind = self.served.of_type(reference.group, reference.kind)
        namespace = reference.namespace if kind is None or kind.namespaced else ""
        name = (reference.group, reference.kind, namespace, reference.name)
        if kind is None:
            known = self.served.is_known and reference.group not in self._failed_groups
            return Vertex(*name, None, None, _absent(reference) if known else "unknown")
        record: Any = self.reader.get(kind, namespace, reference.name)
        if record is not None and reference.uid in ("", record.uid):
            return Vertex(*name, kind, record)
        whole = isinstance(self.reader.state(kind), Live | Polling)
        return Vertex(*name, kind, None, _absent(reference) if whole else "unknown")

    def _with_ordinals(self, reference: Reference) -> Iterator[Vertex]:
        kind = self.served.of_type(reference.group, reference.kind)
        if kind is None:
            return
        stem = reference.name.removesuffix(ORDINAL)
        for record in self.reader.by_index(kind, indexes.NAMESPACE, reference.namespace):
            match = _ORDINAL.fullmatch(record.name)
            if match and match[1] == stem:
                yield self.vertex(kind, record)

    def _add_referring(self, found: _Merged, vertex: Vertex, value: str) -> None:
        uid = vertex.uid
        for kind in self._referring:
            for record in self.reader.by_index(kind, indexes.REFERENCE, value):
                if isinstance(record, Pod):
                    reasons = self._pod_reasons(record, value, uid)
                else:
                    reasons = _reasons(record.links.references, value, uid)
                if reasons:
                    holder = Vertex(kind.group, kind.kind, record.namespace, record.name, kind, record)
                    found.add_all(holder, reasons)

    def _pod_reasons(self, pod: Pod, value: str, uid: str) -> tuple[str, ...]:
        """The pods of an owner share their references: looked at once, not for each of thousands."""
        links = pod.template.links
        key = (id(links), value, uid)
        shared = self._reasons.get(key)
        if shared is None:
            shared = self._reasons[key] = _reasons(links.references, value, uid)
        return (*shared, *_reasons(pod.own_references, value, uid)) if pod.own_references else shared

    # -- selections ---------------------------------------------------------------------------------------------

    def _matching(
        self, kind: Kind[Any], label: str, selection: Selection, labels_of: Callable[[Any], Labels]
    ) -> Iterator[Any]:
        seen: dict[int, bool] = {}
        for record in self._candidates(kind, label, selection):
            if selection.namespace and record.namespace != selection.namespace:
                continue
            labels = labels_of(record)
            matches = seen.get(id(labels))  # labels are shared by objects that have the same
            if matches is None:
                matches = seen[id(labels)] = selection.selector.matches(labels)
            if matches:
                yield record

    def _candidates(self, kind: Kind[Any], label: str, selection: Selection) -> Iterable[Any]:
        required = _required(selection.selector) if label else None
        if required is not None:
            name, values = required
            return [r for value in values for r in self.reader.by_index(kind, label, f"{name}={value}")]
        if selection.namespace and kind.namespaced:
            return self.reader.by_index(kind, indexes.NAMESPACE, selection.namespace)
        return self.reader.list(kind).objects

    def _add_selecting(self, found: _Merged, vertex: Vertex) -> None:
        record = vertex.record
        is_workload = vertex.type in workloads.TYPES
        if is_workload:
            labels = _template_labels(record)
            if not labels or not workloads.is_own_master(record.links.owners):
                return
            group, word = POD
        else:
            labels, (group, word) = getattr(record, "labels", ()), vertex.type
        for kind in self._selecting:
            for hook in hooks_for(group, word, vertex.namespace, labels):
                for holder in self.reader.by_index(kind, indexes.SELECTION, hook):
                    if holder is record or (kind.kind == "Service" and not is_workload and record.is_finished):
                        continue
                    for selection in holder.links.selections:
                        if (
                            (selection.group, selection.kind) == (group, word)
                            and selection.namespace in ("", vertex.namespace)
                            and (selection.templates or not is_workload)
                            and selection.selector.matches(labels)
                        ):
                            found.add(self.vertex(kind, holder), selection.reason)

    # -- endpoints of services without a selector ---------------------------------------------------------------

    def _slices(self, service: Vertex) -> tuple[Any, ...]:
        kind = self.served.of_type(*ENDPOINT_SLICE)
        if kind is None:
            return ()
        value = target("", "Service", service.namespace, service.name)
        return self.reader.by_index(kind, indexes.REFERENCE, value)

    def _add_serving(self, found: _Merged, pod: Vertex, value: str) -> None:
        kind = self.served.of_type(*ENDPOINT_SLICE)
        if kind is None:
            return
        for each in self.reader.by_index(kind, indexes.REFERENCE, value):
            if not _reasons(each.links.references, value, pod.uid):
                continue
            for reference in each.links.references:
                if (reference.group, reference.kind) == SERVICE:
                    service = self._resolve(reference)
                    if service.record is not None and _has_no_selector(service):
                        found.add(service, f"endpoint of {each.name}")

    def _kinds(self, types: Iterable[tuple[str, str]]) -> tuple[Kind[Any], ...]:
        return tuple(kind for type_ in types if (kind := self.served.of_type(*type_)) is not None)


class _Merged:
    """Hops by object, with all the reasons for each."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], tuple[Vertex, tuple[str, ...]]] = {}

    def add(self, vertex: Vertex, reason: str) -> None:
        self.add_all(vertex, (reason,))

    def add_all(self, vertex: Vertex, reasons: tuple[str, ...]) -> None:
        key = vertex.key
        known = self._found.get(key)
        if known is None:
            self._found[key] = (vertex, reasons)
            return
        other, before = known
        # One place that needs it is enough to miss it.
        kept = vertex if other.presence == "optional-absent" else other
        self._found[key] = (kept, (*before, *reasons))

    def hops(self) -> list[Hop]:
        return [
            Hop(vertex, reasons if len(reasons) == 1 else tuple(sorted(set(reasons))))
            for _, (vertex, reasons) in sorted(self._found.items())
        ]


def _sorted(hops: Iterable[Hop]) -> list[Hop]:
    return sorted(hops, key=lambda hop: hop.to.key)


def _absent(reference: Reference) -> Presence:
    return "optional-absent" if reference.optional else "missing"


def _reasons(references: Iterable[Reference], value: str, uid: str) -> tuple[str, ...]:
    return tuple([each.reason for each in references if each.uid in ("", uid) and each.target == value])


def _required(selector: Selector) -> tuple[str, tuple[str, ...]] | None:
    """A label that must have one of some values, None where the selector has no such requirement."""
    return next(((each.key, each.values) for each in selector.requirements if each.operator == "in"), None)


def _template_labels(record: Any) -> Labels:
    return record.links.template_labels or ()


def _has_no_selector(service: Vertex) -> bool:
    return not service.links.selections and service.record.type != "ExternalName"
