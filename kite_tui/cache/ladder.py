"""Which scopes to ask for a kind: the whole cluster, and where that is forbidden the namespaces one may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kite_tui.cache.store import WHOLE
from kite_tui.objects.states import Absent, Forbidden, State, is_readable

MAX_NAMESPACES = 50
"""Of a cluster whose namespaces can be listed but not read at once: more would be a request storm every 30 s."""

MAX_WATCHES = 5
"""Namespaces watched by a thread each; more are polled by the pool."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes to ask now. `partial`: they are not all of what was asked for; `all_of` then counts all namespaces,
    None where they can't be listed."""

    namespaces: tuple[str, ...]
    partial: bool = False
    all_of: int | None = None


CLUSTER = Scopes((WHOLE,))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs, from the most to the least that can be asked. Pure: states in, scopes out."""

    preferred: tuple[str, ...] = ()
    """What `-n` asks for, else the context's namespace and the configured favourites."""
    climbs: bool = True
    """False (`-A`): the whole cluster or nothing."""
    is_asked_for: bool = False
    """True (`-n`): the preferred ones are all that was asked for, so no rung is below and with them nothing is
    missing."""

    def scopes(self, parts: Mapping[str, State], namespaces: Sequence[str] | None, all_of: int | None) -> Scopes:
        """The scopes to ask, from the states of those asked so far.

        `namespaces` are those worth asking, None where nothing is known of them (yet); `all_of` counts all there are,
        None where they can't be listed.
        """
        if not self.climbs:
            return CLUSTER
        asked = [name for name in parts if name != WHOLE]
        whole = parts.get(WHOLE)
        if whole is None or is_readable(whole) or not (asked or isinstance(whole, Forbidden)):
            return CLUSTER
        if isinstance(whole, Absent):  # what isn't served is in no namespace, whatever was forbidden before
            return CLUSTER
        if self.is_asked_for:
            return Scopes((WHOLE, *self.preferred))
        beyond = not set(asked) <= set(self.preferred)
        refused = all(isinstance(parts.get(name), Forbidden) for name in self.preferred)
        if namespaces is not None and (beyond or refused):
            return Scopes((WHOLE, *sorted(namespaces)[:MAX_NAMESPACES]), True, all_of)
        return Scopes((WHOLE, *(asked if beyond else self.preferred)), True, all_of)
