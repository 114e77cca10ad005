"""One state for a kind out of those of its namespaces."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kite_tui.cache.store import WHOLE, Combine
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
    is_readable,
    stale_part,
)

_GRAVEST = (Auth, Failed, Absent, Forbidden)


def of_namespaces(*, all_of: int | None, partial: bool) -> Combine:
    """How the states of namespaces make one: as soon as one is readable, the kind is.

    `partial`: even when every namespace asked is readable, they are not all there are, of which there are `all_of`
    (None: unknown). The whole cluster's own part counts only where it is readable, because then it is the answer.
    """

    def combine(parts: Mapping[str, State], count: int) -> State:
        whole = parts.get(WHOLE)
        if whole is not None and (is_readable(whole) or len(parts) == 1):
            return whole
        states = {name: state for name, state in parts.items() if name != WHOLE}
        if not states:
            return Off()
        readable = {name: state for name, state in states.items() if is_readable(state)}
        if not readable:
            syncing = any(isinstance(state, Syncing) for state in states.values())
            return Syncing(count) if syncing else _gravest(list(states.values()))
        stale = _stale(readable)
        if partial or len(readable) < len(states):
            of = all_of if partial else len(states)
            # One that is not there (any more) can be read as empty.
            counted = Partial(len(readable), None if of is None else max(of, len(readable)))
            if stale is None:
                return msgspec.structs.replace(counted, reason=_why_partial(states))
            return stale_part(counted, stale)
        if stale is not None:
            return stale
        polled = [state for state in readable.values() if isinstance(state, Polling)]
        if polled:
            return min(polled, key=lambda state: state.since_s)
        return Live()

    return combine


def _gravest(states: list[State]) -> State:
    for kind in _GRAVEST:
        for state in states:
            if isinstance(state, kind):
                return state
    return states[0]


def _stale(readable: Mapping[str, State]) -> Stale | None:
    """What is to be said of all when some are stale: the oldest time and its reason, and the next try of any."""
    stale = [(name, state) for name, state in readable.items() if isinstance(state, Stale)]
    if not stale:
        return None
    name, oldest = min(stale, key=lambda pair: pair[1].since_s)
    retries = [state.retry_at_s for _, state in stale if state.retry_at_s is not None]
    return Stale(oldest.since_s, f"{name}: {oldest.reason}", min(retries, default=None))


def _why_partial(states: Mapping[str, State]) -> str:
    for name, state in states.items():
        if isinstance(state, Forbidden | Failed | Auth | Absent):
            return f"{name}: {state.reason}"
    for name, state in states.items():
        if isinstance(state, Syncing):
            return f"{name} is still being read"
    return ""
