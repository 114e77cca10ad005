"""A PersistentVolumeClaim as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.meta import Labels
from kite_tui.objects.references import NO_LINKS, Links


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
    links: Links = NO_LINKS
