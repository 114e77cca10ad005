"""An object in the hands of whoever looks for what it refers to: its top-level fields, decoded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from kite_tui.objects import shared, wire
from kite_tui.objects.meta import Labels, Owner
from kite_tui.objects.references import Reference, Selection

Found = Mapping[str, Any]

SECRET_REFS = ("cephfs", "rbd", "flexVolume", "scaleIO", "iscsi", "cinder", "storageos")
"""Sources of a volume, in a pod and in a PersistentVolume, that have a `secretRef`."""

Linker = Callable[["Parts"], Iterator[Reference | Selection]]
"""What an object of one kind refers to. Pure; whatever is odd in the object is left out."""


class Parts:
    """One object. Lives as long as it is read."""

    __slots__ = ("_whole", "namespace")

    def __init__(self, whole: wire.Whole) -> None:
        self._whole = whole
        self.namespace = (whole.metadata.namespace if whole.metadata else None) or ""

    @property
    def labels(self) -> Labels:
        """Its labels."""
        return shared.labels(bytes(self._whole.metadata.labels)) if self._whole.metadata else ()

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Its owner references."""
        return shared.owners(bytes(self._whole.metadata.owner_references)) if self._whole.metadata else ()

    @property
    def annotations(self) -> Found:
        """Its annotations."""
        return as_map(decoded(self._whole.metadata.annotations)) if self._whole.metadata else {}

    def map(self, field: str) -> Found:
        """A field (in Python's writing) that is an object, empty where it isn't one."""
        return as_map(decoded(self.raw(field)))

    def raw(self, field: str) -> msgspec.Raw:
        """A field as its bytes, for what is too large to be decoded whole."""
        found: msgspec.Raw = getattr(self._whole, field)
        return found

    def maps(self, field: str) -> Iterator[Found]:
        """The objects in a field that is a list."""
        return as_maps(decoded(self.raw(field)))


def decoded(raw: msgspec.Raw | bytes) -> Any:
    """The JSON of a field; None where there is none."""
    try:
        return msgspec.json.decode(raw) if bytes(raw) else None
    except (ValueError, RecursionError):
        return None


def as_map(found: object) -> Found:
    """`found` where it is an object, else an empty one."""
    return found if isinstance(found, dict) else {}


def as_maps(found: object) -> Iterator[Found]:
    """The objects in `found` where it is a list."""
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict))


def as_texts(found: object) -> Iterator[str]:
    """The strings in `found` where it is a list."""
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, str))


def at(found: object, *path: str) -> Any:
    """What stands at the end of a path of names, None where it breaks off."""
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text(found: object, *path: str) -> str:
    """The string at the end of a path, empty where there is none."""
    value = at(found, *path)
    return value if isinstance(value, str) else ""


def named(group: str, kind: str, namespace: str, name: str, reason: str, **more: Any) -> Iterator[Reference]:
    """A reference, unless it names nothing. `more` are `optional` and `uid`."""
    if name:
        yield Reference(group, kind, namespace, name, reason, **more)


def typed(found: object, namespace: str, reason: str, *, group: str = "", kind: str = "") -> Iterator[Reference]:
    """A typed local reference (`apiGroup` or `group`, `kind`, `name`, `namespace`); `group` and `kind` are what stands
    for one that is left out."""
    fields = as_map(found)
    written = fields.get("apiGroup", fields.get("group"))
    yield from named(
        written if isinstance(written, str) else group,
        text(fields, "kind") or kind,
        text(fields, "namespace") or namespace,
        text(fields, "name"),
        reason,
    )
