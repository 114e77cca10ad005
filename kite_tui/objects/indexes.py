"""Index functions: what an object can be found by. Pure and quick, because a store runs them under its lock."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kite_tui.objects.decode_linked import SELECTED
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import EVENTS, METRICS, PODS, Kind
from kite_tui.objects.pods import Pod, PodTemplate
from kite_tui.objects.references import target
from kite_tui.objects.workloads import is_own_master

IndexFunc = Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Shared:
    """An index over a part that many objects have in common, such as the template of an owner's pods: the values are
    kept once for the part, and for each object only which part it has. `part` gives something hashable."""

    part: Callable[[Any], Hashable]
    values: Callable[[Any], Iterable[str]]


Index = IndexFunc | Shared | tuple[IndexFunc | Shared, ...]
"""One way to find objects, or several that together are one index."""

NAMESPACE = "namespace"
NODE = "spec.nodeName"
OWNER = "ownerUID"
WORKLOAD = "workload"
REFERENCE = "reference"
"""What refers to an object, under its `references.target`."""
SELECTION = "selection"
"""What selects by label, under `references.Selection.hooks`."""
LABEL = "label"
"""`name=value` of each label of an object."""
TEMPLATE_LABEL = "templateLabel"
"""`name=value` of each label that the pods of a workload get, of workloads that no other workload controls."""
ABOUT = "about"
"""Events under the `references.target`, without a group, of what they are about."""
SUSPECT = "suspect"
"""Under `YES`: the pods that something may be wrong with, now or when some minutes have passed. Few in a healthy
cluster, so what looks for faults need not look at every pod."""

YES = "yes"


def workload_value(namespace: str, kind: str, name: str) -> str:
    """The value under which the pods of a workload stand in the index `WORKLOAD`."""
    return f"{kind}/{namespace}/{name}"


def _by_namespace(record: Any) -> Iterable[str]:
    return (record.namespace,)


def _by_owner(record: Any) -> Iterable[str]:
    return (owner.uid for owner in record.links.owners if owner.uid)


def _by_reference(record: Any) -> Iterable[str]:
    return dict.fromkeys(reference.target for reference in record.links.references)


def _by_selection(record: Any) -> Iterable[str]:
    return (hook for selection in record.links.selections for hook in selection.hooks())


def _by_template_label(record: Any) -> Iterable[str]:
    labels = record.links.template_labels
    return _pairs(labels) if labels and is_own_master(record.links.owners) else ()


def _by_label(record: Any) -> Iterable[str]:
    return _pairs(record.labels)


def _by_subject(event: Event) -> Iterable[str]:
    return (target("", event.about_kind, event.about_namespace, event.about_name),)


def _by_node(pod: Pod) -> Iterable[str]:
    return (pod.node_name,) if pod.node_name else ()


def _by_own_reference(pod: Pod) -> Iterable[str]:
    return (reference.target for reference in pod.own_references)


def _by_suspicion(pod: Pod) -> Iterable[str]:
    if pod.phase == "Succeeded":
        return ()
    if pod.phase != "Running" or not pod.is_ready or pod.deleted_s is not None:
        return (YES,)
    for status in pod.containers:
        if status.state == "waiting" or "OOMKilled" in (status.reason, status.last_reason):
            return (YES,)
    return ()


def _template(pod: Pod) -> Hashable:
    return pod.template


def _labels(pod: Pod) -> Hashable:
    return pod.labels


def _workload_of(template: PodTemplate) -> Iterable[str]:
    return (workload_value(template.namespace, *template.workload),) if template.workload else ()


def _pairs(labels: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{name}={value}" for name, value in labels)


_OF_PODS: Mapping[str, Index] = {
    NAMESPACE: _by_namespace,
    NODE: _by_node,
    OWNER: Shared(_template, _by_owner),
    WORKLOAD: Shared(_template, _workload_of),
    REFERENCE: (Shared(_template, _by_reference), _by_own_reference),
    LABEL: Shared(_labels, _pairs),
    SUSPECT: _by_suspicion,
}
_OF_ALL: Mapping[str, Index] = {
    OWNER: _by_owner,
    REFERENCE: _by_reference,
    SELECTION: _by_selection,
    TEMPLATE_LABEL: _by_template_label,
}


def index_functions(kind: Kind[Any]) -> Mapping[str, Index]:
    """The indexes that a store of `kind` keeps."""
    if kind == PODS:
        return _OF_PODS
    if kind in METRICS:  # looked up by name only, and there are as many as pods
        return {}
    by_namespace: Mapping[str, Index] = {NAMESPACE: _by_namespace} if kind.namespaced else {}
    if kind == EVENTS:
        return {**by_namespace, ABOUT: _by_subject}
    by_label: Mapping[str, Index] = {LABEL: _by_label} if (kind.group, kind.kind) in SELECTED else {}
    return {**by_namespace, **by_label, **_OF_ALL}
