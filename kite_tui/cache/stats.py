"""Counters of one reflector."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.objects.load import Counts, ScopeLoad
from kite_tui.objects.states import State


@dataclass(slots=True)
class Stats:
    """Counters since the start. Written by the reflector's thread only; anyone may read a number."""

    pages: int = 0
    """Pages that were answered."""
    lists: int = 0
    """Lists that came to their end."""
    watches: int = 0
    """Watches that were opened."""
    events: int = 0
    """Events that added, modified or deleted an object."""
    bytes: int = 0
    """Bytes of pages and lines, as they came over the wire."""
    malformed: int = 0
    """Objects that could not be read at all and were left out."""
    errors: int = 0
    last_error: str = ""
    failed_at_s: float | None = None
    """When that was, in seconds since the epoch."""
    list_s: float | None = None
    """How long the last whole list took, from its first request, with the waiting in between."""
    listed_at_s: float | None = None
    """When it was whole, in seconds since the epoch."""

    def failed(self, reason: str, now_s: float) -> None:
        """Count an error."""
        self.errors += 1
        self.last_error, self.failed_at_s = reason, now_s

    def listed(self, took_s: float, now_s: float) -> None:
        """Count a whole list."""
        self.lists += 1
        self.list_s, self.listed_at_s = took_s, now_s

    def counts(self) -> Counts:
        """As of now. Any thread."""
        return Counts(
            lists=self.lists,
            relists=max(0, self.lists - 1),
            watches=self.watches,
            reconnects=max(0, self.watches - 1),
            events=self.events,
            received_b=self.bytes,
            malformed=self.malformed,
            errors=self.errors,
        )

    def load(self, scope: str, state: State, heard_at_s: float | None) -> ScopeLoad:
        """The same with what is known beside it. Any thread."""
        return ScopeLoad(
            scope,
            state,
            self.counts(),
            list_s=self.list_s,
            listed_at_s=self.listed_at_s,
            heard_at_s=heard_at_s,
            last_error=self.last_error,
            failed_at_s=self.failed_at_s,
        )
