"""One step from one object to those it hangs together with, in each of the four directions, with the reason.

Everything comes out of the reader's indexes: nothing here looks through all objects of a kind, whoever asks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kite_tui.objects import indexes, workloads
from kite_tui.objects.decode import names_others
from kite_tui.objects.decode_linked import SELECTED
from kite_tui.objects.kinds import NODES, PODS, Kind
from kite_tui.objects.meta import Labels
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Reader
from kite_tui.objects.references import ORDINAL, Reference, Selection, hooks_for, target
from kite_tui.objects.states import Live, Polling
from kite_tui.queries.vertices import Group, Hop, Merged, Presence, Vertex

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

ON_NODE = ("nodeName",)

OFTEN = 32
"""Objects looked up in the same indexes of all kinds, after which it pays to fetch all values."""

_ORDINAL = re.compile(r"(.+-)(0|[1-9][0-9]*)")
"""A StatefulSet's claim: no ordinal has a leading zero."""


class Relations:
    """Hops over a reader, for one question: what was looked up once is remembered, so make a new one for the next.

    Hops are sorted by kind, namespace and name, and no two lead to the same object.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.served = reader.served
        self._failed_groups = {group for group, _ in self.served.failed}
        self._referring = tuple(kind for kind in self.served.searched if kind != PODS and names_others(kind))
        self._selecting_kinds = self._kinds(SELECTING)
        self._workloads = self._kinds(workloads.TYPES)
        self._values: dict[str, dict[str, list[Kind[Any]]]] = {}
        self._asked: Counter[str] = Counter()
        self._known: dict[tuple[str, tuple[str, str, str, str]], list[Group]] = {}
        self._selectors: dict[tuple[str, str, str, int, bool], tuple[Labels, list[tuple[Kind[Any], Any, str]]]] = {}

    def vertex(self, kind: Kind[Any], record: Any) -> Vertex:
        """An object that is there."""
        return Vertex(kind.group, kind.kind, record.namespace, record.name, kind, record)

    def find(self, kind: Kind[Any], namespace: str, name: str) -> Vertex:
        """The object of a name, there or not."""
        return self.named(kind.group, kind.kind, namespace, name)

    def named(self, group: str, kind: str, namespace: str, name: str) -> Vertex:
        """The same, of a kind that may not be served."""
        return self._resolve(Reference(group, kind, namespace, name, ""))

    def groups(self, direction: str, vertex: Vertex) -> list[Group]:
        """One step in a direction (owner, owned, uses or used-by), by kind."""
        key = (direction, vertex.key)
        found = self._known.get(key)
        if found is None:
            step: dict[str, Callable[[Vertex], Iterable[Group]]] = {
                "owner": self._owners,
                "owned": self._owned,
                "uses": self._uses,
                "used-by": self._used_by,
            }
            found = [group for group in step[direction](vertex) if len(group)]
            found.sort(key=lambda group: (group.type[1], group.type[0]))
            self._known[key] = found
        return found

    def hops(self, direction: str, vertex: Vertex) -> list[Hop]:
        """The same, one by one."""
        return [hop for group in self.groups(direction, vertex) for hop in group.hops]

    def backends(self, service: Vertex) -> list[Pod]:
        """The pods that a Service selects, or of one without selector those that its slices name."""
        if service.links.selections:
            return [
                pod for each in service.links.selections for pod in self._chosen(PODS, indexes.LABEL, each, service)
            ]
        groups = self.groups("uses", service)
        return [record for group in groups if group.type == POD for record in group.records]

    # -- the four directions ------------------------------------------------------------------------------------

    def _owners(self, vertex: Vertex) -> Iterable[Group]:
        found = Merged()
        for owner in vertex.links.owners:
            kind = self.served.of_type(owner.group, owner.kind)
            namespace = vertex.namespace if kind is None or kind.namespaced else ""
            reference = Reference(owner.group, owner.kind, namespace, owner.name, "owner", uid=owner.uid)
            found.add(self._resolve(reference), "owner")
        return found.groups()

    def _owned(self, vertex: Vertex) -> Iterable[Group]:
        uid = vertex.uid
        if not uid:
            return
        for kind in self._having(indexes.OWNER, self.served.searched, uid):
            children: Sequence[Any] = self.reader.by_index(kind, indexes.OWNER, uid)
            if vertex.namespace and children:
                # A namespaced owner counts in its own namespace only, as the garbage collector has it.
                children = [child for child in children if child.namespace == vertex.namespace]
            yield Group((kind.group, kind.kind), kind=kind, records=children)

    def _uses(self, vertex: Vertex) -> Iterable[Group]:
        found, links = Merged(), vertex.links
        for reference in links.references:
            if reference.name.endswith(ORDINAL):
                for each in self._with_ordinals(reference):
                    found.add(each, reference.reason)
            else:
                found.add(self._resolve(reference), reference.reason)
        if len(links.selections) == 1 and (links.selections[0].group, links.selections[0].kind) == POD:
            yield from self._selected_pods(found, links.selections[0], vertex)
        else:
            for selection in links.selections:
                self._add_selected(found, selection, vertex)
        if vertex.type == SERVICE and vertex.record is not None and _has_no_selector(vertex):
            for each_slice in self._slices(target(*SERVICE, vertex.namespace, vertex.name)):
                for reference in each_slice.links.references:
                    if (reference.group, reference.kind) == POD:
                        found.add(self._resolve(reference), f"endpoint of {each_slice.name}")
        yield from found.groups()

    def _used_by(self, vertex: Vertex) -> Iterable[Group]:
        found = Merged()
        value = target(vertex.group, vertex.kind, vertex.namespace, vertex.name)
        yield from self._referring_pods(vertex, value)
        self._add_referring(found, vertex, value)
        if vertex.type == CLAIM and (match := _ORDINAL.fullmatch(vertex.name)):
            self._add_referring(found, vertex, target("", "PersistentVolumeClaim", vertex.namespace, match[1] + "#"))
        if vertex.served == NODES:
            pods = self.reader.by_index(PODS, indexes.NODE, vertex.name)
            yield Group(POD, kind=PODS, records=pods, reasons_of=lambda _: ON_NODE)
        if vertex.record is not None:
            for kind, holder, reason in self._selecting_it(vertex):
                found.add(self.vertex(kind, holder), reason)
            if vertex.type == POD:
                self._add_serving(found, vertex, value)
        yield from found.groups()

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

    def _add_referring(self, found: Merged, vertex: Vertex, value: str) -> None:
        uid = vertex.uid
        for kind in self._having(indexes.REFERENCE, self._referring, value):
            for record in self.reader.by_index(kind, indexes.REFERENCE, value):
                reasons = _reasons(record.links.references, value, uid)
                if reasons:
                    found.add_all(self.vertex(kind, record), reasons)

    def _referring_pods(self, vertex: Vertex, value: str) -> Iterator[Group]:
        uid = vertex.uid
        shared: dict[int, tuple[str, ...]] = {}

        def reasons_of(pod: Pod) -> tuple[str, ...]:
            # The pods of an owner share their references: looked at once, not for each of thousands.
            links = pod.template.links
            reasons = shared.get(id(links))
            if reasons is None:
                reasons = shared[id(links)] = tuple(sorted(set(_reasons(links.references, value, uid))))
            if not pod.own_references:
                return reasons
            return tuple(sorted({*reasons, *_reasons(pod.own_references, value, uid)}))

        pods = self.reader.by_index(PODS, indexes.REFERENCE, value)
        if pods and uid:
            pods = tuple([pod for pod in pods if reasons_of(pod)])
        yield Group(POD, kind=PODS, records=pods, reasons_of=reasons_of)

    # -- selections ---------------------------------------------------------------------------------------------

    def _selected_pods(self, found: Merged, selection: Selection, holder: Vertex) -> Iterator[Group]:
        """Of a selection of pods: the pods, which may be thousands, as a group; workloads into `found`."""
        reasons = (selection.reason,)
        pods = self._chosen(PODS, indexes.LABEL, selection, holder)
        yield Group(POD, kind=PODS, records=pods, reasons_of=lambda _: reasons)
        if selection.templates:
            for kind in self._workloads:
                for record in self._chosen(kind, indexes.TEMPLATE_LABEL, selection, holder):
                    found.add(self.vertex(kind, record), selection.reason)

    def _add_selected(self, found: Merged, selection: Selection, holder: Vertex) -> None:
        kind = self.served.of_type(selection.group, selection.kind)
        if kind is not None:
            label = indexes.LABEL if (kind.group, kind.kind) in SELECTED else ""
            for record in self._chosen(kind, label, selection, holder):
                found.add(self.vertex(kind, record), selection.reason)

    def _chosen(self, kind: Kind[Any], label: str, selection: Selection, holder: Vertex) -> list[Any]:
        """The objects of a kind that a selection chooses, by the labels that are in the index `label` (empty: none),
        in no order. O(objects that have one of the labels)."""
        of_template, no_labels = label == indexes.TEMPLATE_LABEL, ()
        unfinished = holder.type == SERVICE and kind == PODS  # what has ended serves nobody
        seen: dict[int, bool] = {}
        found = []
        for record in self._candidates(kind, label, selection):
            if selection.namespace and record.namespace != selection.namespace:
                continue
            labels = _template_labels(record) if of_template else record.labels if label else no_labels
            matches = seen.get(id(labels))  # labels are shared by objects that have the same
            if matches is None:
                matches = seen[id(labels)] = selection.selector.matches(labels)
            if matches and record is not holder.record and not (unfinished and record.is_finished):
                found.append(record)
        return found

    def _candidates(self, kind: Kind[Any], label: str, selection: Selection) -> Iterable[Any]:
        required = selection.selector.required if label else None
        if required is not None:
            name = required.key
            return [r for value in required.values for r in self.reader.by_index(kind, label, f"{name}={value}")]
        if selection.namespace and kind.namespaced:
            return self.reader.by_index(kind, indexes.NAMESPACE, selection.namespace)
        return self.reader.list(kind).objects

    def _selecting_it(self, vertex: Vertex) -> Iterator[tuple[Kind[Any], Any, str]]:
        """What selects an object, with the reason."""
        record = vertex.record
        if vertex.type in workloads.TYPES:
            labels = _template_labels(record)
            if labels and workloads.is_own_master(record.links.owners):
                yield from self._selecting(*POD, vertex.namespace, labels, of_template=True)
            return
        finished = vertex.type == POD and record.is_finished
        for kind, holder, reason in self._selecting(*vertex.type, vertex.namespace, getattr(record, "labels", ())):
            if holder is not record and not (finished and kind.kind == "Service"):
                yield kind, holder, reason

    def _selecting(
        self, group: str, word: str, namespace: str, labels: Labels, *, of_template: bool = False
    ) -> list[tuple[Kind[Any], Any, str]]:
        """What selects an object of a kind with these labels. Looked up once for all that share them."""
        key = (group, word, namespace, id(labels), of_template)
        known = self._selectors.get(key)
        if known is None:
            found = [
                (kind, holder, selection.reason)
                for kind in self._selecting_kinds
                for hook in hooks_for(group, word, namespace, labels)
                for holder in self.reader.by_index(kind, indexes.SELECTION, hook)
                for selection in holder.links.selections
                if (selection.group, selection.kind) == (group, word)
                and selection.namespace in ("", namespace)
                and (selection.templates or not of_template)
                and selection.selector.matches(labels)
            ]
            known = self._selectors[key] = (labels, found)  # held, so that no others come to have their id
        return known[1]

    # -- endpoints of services without a selector ---------------------------------------------------------------

    def _slices(self, value: str) -> tuple[Any, ...]:
        """Those that name an object, by its `target`."""
        kind = self.served.of_type(*ENDPOINT_SLICE)
        return () if kind is None else self.reader.by_index(kind, indexes.REFERENCE, value)

    def _add_serving(self, found: Merged, pod: Vertex, value: str) -> None:
        for each in self._slices(value):
            if not _reasons(each.links.references, value, pod.uid):
                continue
            for reference in each.links.references:
                if (reference.group, reference.kind) == SERVICE:
                    service = self._resolve(reference)
                    if service.record is not None and _has_no_selector(service):
                        found.add(service, f"endpoint of {each.name}")

    def _having(self, index: str, kinds: tuple[Kind[Any], ...], value: str) -> Sequence[Kind[Any]]:
        """Those of `kinds` that may have objects under a value. Who asks often gets to know, once, what stands in their
        indexes at all: of thousands of pods hardly one owns anything."""
        known = self._values.get(index)
        if known is None:
            self._asked[index] += 1
            if self._asked[index] <= OFTEN:
                return kinds
            known = self._values[index] = {}
            for kind in kinds:
                for each in self.reader.index_values(kind, index):
                    known.setdefault(each, []).append(kind)
        return known.get(value, ())

    def _kinds(self, types: Iterable[tuple[str, str]]) -> tuple[Kind[Any], ...]:
        return tuple(kind for type_ in types if (kind := self.served.of_type(*type_)) is not None)


def _absent(reference: Reference) -> Presence:
    return "optional-absent" if reference.optional else "missing"


def _reasons(references: Iterable[Reference], value: str, uid: str) -> tuple[str, ...]:
    return tuple([each.reason for each in references if each.uid in ("", uid) and each.target == value])


def _template_labels(record: Any) -> Labels:
    return record.links.template_labels or ()


def _has_no_selector(service: Vertex) -> bool:
    return not service.links.selections and service.record.type != "ExternalName"
