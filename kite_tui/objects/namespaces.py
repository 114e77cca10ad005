"""A namespace as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.meta import Condition, Labels
from kite_tui.objects.references import NO_LINKS, Links


class Namespace(msgspec.Struct, frozen=True, gc=False):
    """One namespace; `conditions` say what holds a Terminating one."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    deleted_s: int | None
    labels: Labels
    phase: str
    conditions: tuple[Condition, ...]
    links: Links = NO_LINKS
