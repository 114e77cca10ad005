"""An Event (core/v1) as kite-tui keeps it."""

from __future__ import annotations

import msgspec

from kite_tui.objects.references import Links, Reference

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
    about_group: str = ""

    @property
    def links(self) -> Links:
        """The object that it is about. The kubelet writes a node's name as the node's uid."""
        uid = "" if self.about_kind == "Node" and self.about_uid == self.about_name else self.about_uid
        where = (self.about_group, self.about_kind, self.about_namespace, self.about_name)
        return Links(references=(Reference(*where, "involvedObject", uid=uid),))
