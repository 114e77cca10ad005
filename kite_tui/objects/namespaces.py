"""A namespace as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.meta import Condition, Labels


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
