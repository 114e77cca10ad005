"""One sentence about all the data at hand: the worst thing that is true of any kind that is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kite_tui.objects.kinds import Kind
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Off,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
    stale_since_s,
)

MOST_NAMES = 3

ORDER: tuple[type[State], ...] = (Auth, Stale, Failed, Syncing, Partial, Forbidden, Absent, Polling, Live)
"""Which state speaks for all, first match wins. Nothing that hides a failure comes before it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state that speaks for all, and the kinds it is true of ("pods", "secrets, configmaps")."""

    state: State
    what: str
    kinds: int
    """How many kinds are read at all."""


def truth(reader: Reader, kinds: Iterable[Kind[Any]]) -> Verdict:
    """Sum up the kinds that are read. O(kinds)."""
    states = [(kind, reader.state(kind)) for kind in kinds]
    read = [(kind, state) for kind, state in states if not isinstance(state, Off)]
    for wanted in ORDER:
        alike = [(kind, state) for kind, state in read if _speaks_as(state) is wanted]
        if alike:
            return Verdict(_worst([state for _, state in alike]), _names([kind for kind, _ in alike]), len(read))
    return Verdict(Off(), "", 0)


def _speaks_as(state: State) -> type[State]:
    """A part that is stale is as bad as a whole: what is shown of it may be long gone."""
    return type(state) if stale_since_s(state) is None else Stale


def _worst(states: list[State]) -> State:
    """Of states that speak alike the one that says most: the oldest stale one, the first sync that counts."""
    first = states[0]
    if stale_since_s(first) is not None:
        return min(states, key=lambda state: stale_since_s(state) or 0)
    if isinstance(first, Syncing):
        return max((state for state in states if isinstance(state, Syncing)), key=lambda state: state.n)
    if isinstance(first, Partial):
        return min((state for state in states if isinstance(state, Partial)), key=lambda state: state.n)
    return first


def _names(kinds: list[Kind[Any]]) -> str:
    """`pods, secrets`; of many the first one without its group, and how many more: the line has little room."""
    if len(kinds) <= MOST_NAMES:
        return ", ".join(kind.plural for kind in kinds)
    return f"{kinds[0].resource} and {len(kinds) - 1} more"
