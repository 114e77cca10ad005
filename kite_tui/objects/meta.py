"""What every object has: its metadata, in the trimmed form that records carry."""

from __future__ import annotations

from typing import Protocol

import msgspec

Labels = tuple[tuple[str, str], ...]
"""Labels as sorted pairs. Shared between objects whose labels are equal; look-ups go through `label`."""

Key = tuple[str, str]
"""(namespace, name); namespace is empty for cluster-scoped objects."""


class Record(Protocol):
    """What the cache asks of a record; every record is a frozen msgspec Struct with these fields first."""

    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def resource_version(self) -> str: ...


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One of `status.conditions`; `status` is "True", "False" or "Unknown", `changed_s` seconds since the epoch."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    changed_s: int | None = None


class Owner(msgspec.Struct, frozen=True, gc=False):
    """The controlling owner reference (`controller: true`)."""

    api_version: str
    kind: str
    name: str
    uid: str


def label(labels: Labels, name: str, default: str = "") -> str:
    """The value of one label. O(labels), which are few."""
    for key, value in labels:
        if key == name:
            return value
    return default
