"""Objects of all kinds without a record of their own: as trimmed records with their references where `links` has a
linker for the kind, else from metadata alone."""

from __future__ import annotations

from functools import lru_cache
from sys import intern

from kite_tui.objects import shared, statuses, wire
from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.lenient import wire_reader
from kite_tui.objects.linked import NO_STATUS, Linked, Status
from kite_tui.objects.links import LINKERS
from kite_tui.objects.links.parts import Linker, Parts
from kite_tui.objects.links.pods import template_links
from kite_tui.objects.meta import Labels
from kite_tui.objects.references import NO_LINKS, Links, Reference, Selection
from kite_tui.objects.times import epoch_s

_read_meta = wire_reader(wire.OnlyMeta)
_read_whole = wire_reader(wire.Whole)
_read_workload = wire_reader(wire.Workload)

WORKLOADS = frozenset((("apps", "ReplicaSet"), ("", "ReplicationController"), ("batch", "Job"), ("batch", "CronJob")))
"""Kinds that make pods from a template and have no record of their own."""

SELECTED = frozenset({("rbac.authorization.k8s.io", "ClusterRole")})
"""Kinds, Pods apart, that others select by label."""

MASKED = frozenset((("", "Secret"), ("", "ConfigMap")))
"""Kinds of which nothing but metadata is ever read."""


def decode_metadata(raw: Bytes) -> Linked:
    """One object's metadata. Thread-safe. Raises Malformed."""
    meta = _read_meta(raw).metadata or wire.ObjectMeta()
    return _linked(meta, _owned(bytes(meta.owner_references)), NO_STATUS)


def decode_whole(raw: Bytes, key: tuple[str, str]) -> Linked:
    """One object of a kind that `LINKERS` has. Thread-safe. Raises Malformed."""
    whole = _read_whole(raw)
    parts = Parts(whole)
    labels = parts.labels if key in SELECTED else ()
    return _linked(whole.metadata or wire.AnnotatedMeta(), _links(parts, LINKERS[key]), statuses.of(key, parts), labels)


def decode_workload(raw: Bytes, kind: str) -> Linked:
    """One object of `WORKLOADS`. Thread-safe. Raises Malformed."""
    found = _read_workload(raw)
    meta, spec = found.metadata or wire.ObjectMeta(), found.spec or wire.WorkloadSpec()
    job = spec.job_template.spec if spec.job_template else None
    template = (job.template if job else spec.template) or wire.PodTemplate()
    links = template_links(template, meta.owner_references, meta.namespace or "")
    return _linked(meta, links, statuses.of_workload(kind, spec, found.status or wire.WorkloadStatus()))


@lru_cache(maxsize=4096)
def _owned(owners: bytes) -> Links:
    return Links(shared.owners(owners)) if owners else NO_LINKS


def _links(parts: Parts, linker: Linker) -> Links:
    found = tuple(dict.fromkeys(linker(parts)))
    references = tuple(each for each in found if isinstance(each, Reference))
    return Links(parts.owners, references, tuple(each for each in found if isinstance(each, Selection)))


def _linked(meta: wire.ObjectMeta, links: Links, status: Status, labels: Labels = ()) -> Linked:
    if not meta.name:
        raise Malformed("an object without metadata.name")
    return Linked(
        intern(meta.namespace or ""),
        meta.name,
        meta.uid or "",
        meta.resource_version or "",
        epoch_s(meta.creation_timestamp),
        epoch_s(meta.deletion_timestamp),
        labels,
        links,
        status,
    )
