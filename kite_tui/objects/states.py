"""What is known about a kind's objects: the states of a list, and why it is not the whole truth.

Loading, empty, forbidden, absent and stale never look alike, so each has a type of its own; `empty` is no state but
`Live` over nothing. Times are seconds since the epoch (UTC).
"""

from __future__ import annotations

import msgspec


class _State(msgspec.Struct, frozen=True, gc=False):
    pass


class Syncing(_State, frozen=True, gc=False):
    """The first list is under way: `n` objects read so far, `of` the server's estimate of all, None without one."""

    n: int = 0
    of: int | None = None


class Live(_State, frozen=True, gc=False):
    """Listed whole, and a watch is open (or, for a direct list, just answered)."""


class Polling(_State, frozen=True, gc=False):
    """Listed whole at `since_s`, and listed again every `every_s`: watch is not allowed, or the cache is off."""

    since_s: float = 0
    every_s: float = 30


class Stale(_State, frozen=True, gc=False):
    """Rows of an earlier time are shown; since `since_s` the server has not confirmed them."""

    since_s: float
    reason: str
    retry_at_s: float | None = None


class Partial(_State, frozen=True, gc=False):
    """Only `n` of `m` namespaces could be read; `m` is None where the namespaces could not be listed.

    `stale_since_s`: since then the server has not confirmed the rows of one of them at least, as in `Stale`.
    """

    n: int
    m: int | None
    reason: str = ""
    stale_since_s: float | None = None
    retry_at_s: float | None = None


class Forbidden(_State, frozen=True, gc=False):
    """The server refuses `verb` on this kind to us; there was never data."""

    verb: str
    scope: str
    reason: str = ""


class Absent(_State, frozen=True, gc=False):
    """The server does not serve this kind."""

    reason: str = ""


class Auth(_State, frozen=True, gc=False):
    """The credentials were refused even after they were renewed once."""

    reason: str


class Failed(_State, frozen=True, gc=False):
    """There was never data, and the last try failed; the next one is at `retry_at_s`."""

    reason: str
    retry_at_s: float | None = None


class Off(_State, frozen=True, gc=False):
    """Not asked for: nobody needs this kind now."""


State = Syncing | Live | Polling | Stale | Partial | Forbidden | Absent | Auth | Failed | Off

READABLE = (Live, Polling, Stale, Partial)
"""States in which the objects at hand are worth showing as an answer; in all others a total is unknown, never 0."""


def is_readable(state: State) -> bool:
    """True where a list under `state` is an answer (perhaps an old or a partial one)."""
    return isinstance(state, READABLE)


def stale_part(part: Partial, stale: Stale) -> Partial:
    """`part` of which the rows are stale."""
    return msgspec.structs.replace(part, reason=stale.reason, stale_since_s=stale.since_s, retry_at_s=stale.retry_at_s)


def stale_since_s(state: State) -> float | None:
    """Since when the server has not confirmed what is shown, or a part of it; None where nothing is in doubt."""
    match state:
        case Stale(since_s=since):
            return since
        case Partial(stale_since_s=since):
            return since
    return None
