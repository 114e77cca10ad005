"""A PersistentVolumeClaim as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.meta import Labels


class Claim(msgspec.Struct, frozen=True, gc=False):
    """One claim; `phase` is Pending, Bound or Lost."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    deleted_s: int | None
    labels: Labels
    phase: str
    storage_class: str
    volume: str
