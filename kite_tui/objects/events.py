"""An Event (core/v1) as kite-tui keeps it."""

from __future__ import annotations

import msgspec

WARNINGS_ONLY = (("fieldSelector", "type=Warning"),)
"""The query of a list or watch of Events: all others are of no interest, and many."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """One Event. `last_seen_s` is the first present of `series.lastObservedTime`, `lastTimestamp`, `eventTime`,
    `firstTimestamp`, `creationTimestamp`; `count` is `series.count`, else `count`, else 1."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    type: str
    reason: str
    message: str
    count: int
    last_seen_s: int | None
    about_kind: str
    about_namespace: str
    about_name: str
    about_uid: str
