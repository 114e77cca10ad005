"""What every object has: its metadata, in the trimmed form that records carry."""

from __future__ import annotations

from collections.abc import Iterable
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
    """One of `metadata.ownerReferences`. At most one is the controlling one."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False

    @property
    def group(self) -> str:
        """The API group, empty for core: `apps` of `apps/v1`."""
        return group_of(self.api_version)


def group_of(api_version: str) -> str:
    """The group of an apiVersion, empty for core/v1."""
    group, slash, _ = api_version.partition("/")
    return group if slash else ""


def controller_of(owners: Iterable[Owner]) -> Owner | None:
    """The controlling one, None where there is none."""
    return next((owner for owner in owners if owner.controller), None)


def label(labels: Labels, name: str, default: str = "") -> str:
    """The value of one label. O(labels), which are few."""
    for key, value in labels:
        if key == name:
            return value
    return default
