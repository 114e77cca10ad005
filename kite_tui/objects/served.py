"""What a server serves, as its discovery tells: the kinds that can be listed, and how people name them.

Only the version that a group prefers is of interest: an object is the same in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from kite_tui.objects import kinds
from kite_tui.objects.kinds import Kind

COMPUTED = "metrics.k8s.io"
"""Groups that end so hold no objects: their answers are computed, and can't be watched."""
EVENT_GROUPS = ("", "events.k8s.io")

_WITH_RECORDS: tuple[Kind[Any], ...] = (
    kinds.PODS,
    kinds.NODES,
    kinds.NAMESPACES,
    kinds.SERVICES,
    kinds.EVENTS,
    kinds.CLAIMS,
    *kinds.WORKLOADS,
    *kinds.METRICS,
)
_KNOWN: Mapping[tuple[str, str], Kind[Any]] = {(kind.group, kind.resource): kind for kind in _WITH_RECORDS}
"""Kinds with a record of their own are these constants, whatever discovery says of their short names."""


class Served:
    """The kinds of a server. Immutable, thread-safe.

    `kinds` can be listed, in discovery's order; `searched` are those of them whose objects have a place among others:
    they can be watched too, and are neither Events (which are about objects) nor computed. `failed` are the groups
    that could not be discovered (or `OTHERS`), each with a reason. `is_known` is False before discovery answered.
    """

    def __init__(
        self,
        kinds: Iterable[Kind[Any]] = (),
        *,
        unwatched: Iterable[Kind[Any]] = (),
        failed: Iterable[tuple[str, str]] = (),
        is_known: bool = True,
    ) -> None:
        self.kinds = tuple(dict.fromkeys(kinds))
        self.failed = tuple(failed)
        self.is_known = is_known
        left_out = set(unwatched)
        self.searched = tuple(kind for kind in self.kinds if kind not in left_out and _has_objects(kind))
        self._by_type: dict[tuple[str, str], Kind[Any]] = {}
        for kind in self.kinds:
            self._by_type.setdefault((kind.group, kind.kind), kind)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Served) and (
            (self.kinds, self.searched, self.failed, self.is_known)
            == (other.kinds, other.searched, other.failed, other.is_known)
        )

    __hash__ = None  # type: ignore[assignment]

    def of_type(self, group: str, kind: str) -> Kind[Any] | None:
        """The kind that an object names by group and kind, None where it is not served."""
        return self._by_type.get((group, kind))

    def find(self, text: str) -> Kind[Any] | None:
        """The kind that a person means: plural, singular, short name or kind, alone or with `.group` or
        `.version.group`, case ignored. Of several the one that is served first, as kubectl takes it."""
        wanted = text.lower()
        resource, dot, group = wanted.partition(".")
        for match in (_is_plural, _is_singular, _is_short):
            for kind in self.kinds:
                if match(kind, wanted):
                    return kind
                if dot and match(kind, resource) and group in (kind.group, f"{kind.version}.{kind.group}".rstrip(".")):
                    return kind
        return None


def _is_plural(kind: Kind[Any], word: str) -> bool:
    return kind.resource == word


def _is_singular(kind: Kind[Any], word: str) -> bool:
    return word in (kind.singular, kind.kind.lower())


def _is_short(kind: Kind[Any], word: str) -> bool:
    return word in kind.short_names


def _has_objects(kind: Kind[Any]) -> bool:
    is_event = kind.kind == "Event" and kind.group in EVENT_GROUPS
    return not is_event and not kind.group.endswith(COMPUTED)


NOTHING_KNOWN = Served(_WITH_RECORDS, unwatched=kinds.METRICS, is_known=False)
"""Before discovery has answered: what every server has."""
OTHERS = "all other kinds"
"""In the place of a group, where nothing was discovered."""


@lru_cache(maxsize=1)
def undiscovered(reason: str) -> Served:
    """While discovery fails and never answered: what every server has; of all else it is known why it isn't."""
    return Served(_WITH_RECORDS, unwatched=kinds.METRICS, failed=((OTHERS, reason),), is_known=False)


# -- the documents of discovery -------------------------------------------------------------------------------------


class _Wire(msgspec.Struct, rename="camel"):
    pass


class _Type(_Wire):
    kind: str = ""
    group: str = ""
    version: str = ""


class _Resource(_Wire):
    """Of the aggregated document."""

    resource: str = ""
    response_kind: _Type | None = None
    scope: str = ""
    singular_resource: str = ""
    verbs: list[str] | None = None
    short_names: list[str] | None = None


class _Version(_Wire):
    version: str = ""
    resources: list[_Resource] | None = None
    freshness: str = ""


class _Meta(_Wire):
    name: str = ""


class _Group(_Wire):
    metadata: _Meta | None = None
    versions: list[_Version] | None = None


class _Aggregated(_Wire):
    kind: str = ""
    items: list[_Group] | None = None


class _OldResource(_Wire):
    """Of an APIResourceList; `name` has a slash where it is a subresource."""

    name: str = ""
    singular_name: str = ""
    namespaced: bool = False
    kind: str = ""
    verbs: list[str] | None = None
    short_names: list[str] | None = None


class _OldList(_Wire):
    resources: list[_OldResource] | None = None


class _GroupVersion(_Wire):
    version: str = ""


class _OldGroup(_Wire):
    name: str = ""
    preferred_version: _GroupVersion | None = None


class _OldGroups(_Wire):
    groups: list[_OldGroup] | None = None


Listed = list[tuple[Kind[Any], bool]]
"""Kinds that can be listed, each with whether it can be watched too."""


def read_aggregated(body: bytes) -> tuple[Listed, list[tuple[str, str]]] | None:
    """The kinds of an APIGroupDiscoveryList and the groups that are stale in it; None where the document is an older
    server's. Raises ValueError for what is no document of discovery."""
    document = msgspec.json.decode(body, type=_Aggregated)
    if document.kind != "APIGroupDiscoveryList":
        return None
    found: Listed = []
    failed: list[tuple[str, str]] = []
    for group in document.items or ():
        name = group.metadata.name if group.metadata else ""
        seen: set[str] = set()
        for version in group.versions or ():  # the preferred one comes first
            if version.freshness == "Stale":
                failed.append((name, f"{name}/{version.version}: what the server knows of it is stale"))
            for each in version.resources or ():
                type_ = each.response_kind or _Type()
                if each.resource in seen:
                    continue
                seen.add(each.resource)
                _add(
                    found,
                    Kind(
                        name,
                        version.version,
                        type_.kind,
                        each.resource,
                        each.singular_resource,
                        each.scope == "Namespaced",
                        tuple(each.short_names or ()),
                    ),
                    each.verbs,
                )
    return found, failed


def read_groups(body: bytes) -> list[tuple[str, str]]:
    """(group, preferred version) of an APIGroupList. Raises ValueError."""
    groups = msgspec.json.decode(body, type=_OldGroups).groups or ()
    return [(group.name, group.preferred_version.version) for group in groups if group.preferred_version]


def read_resources(body: bytes, group: str, version: str) -> Listed:
    """The kinds of an APIResourceList. Raises ValueError."""
    found: Listed = []
    for each in msgspec.json.decode(body, type=_OldList).resources or ():
        if "/" not in each.name:
            singular = each.singular_name or each.kind.lower()
            names = tuple(each.short_names or ())
            _add(found, Kind(group, version, each.kind, each.name, singular, each.namespaced, names), each.verbs)
    return found


def _add(found: Listed, kind: Kind[Any], verbs: Iterable[str] | None) -> None:
    able = set(verbs or ())
    if "list" in able:
        found.append((_KNOWN.get((kind.group, kind.resource), kind), "watch" in able))
