"""The states of a list in words: one sentence for the frame, one word for a tile, a page for an empty table.

Loading, empty, forbidden, absent, stale and failed never look alike: each has its own mark and its own word, the
colour only repeats them.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from textual.content import Content

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
)
from kite_tui.text.units import count
from kite_tui.widgets.ink import Ink, Line, content


def clock_time(at_s: float, zone: tzinfo | None = None) -> str:
    """`12:04:31` of a time in seconds since the epoch; `zone` None is the machine's own."""
    return f"{datetime.fromtimestamp(at_s, zone):%H:%M:%S}"


def short_span(seconds: float) -> str:
    """`40 s`, `3 min`, `2 h`, `5 d`; never negative."""
    s = max(0, int(seconds))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if s >= size * (2 if unit != "d" else 1):
            return f"{s // size} {unit}"
    return f"{s} s"


def sentence(state: State, what: str, now_s: float, zone: tzinfo | None = None) -> Line:
    """The truth about the data, for the right end of the first line. `what` names the objects ("pods")."""
    match state:
        case Live():
            return [("● ", "good"), ("live", "name")]
        case Polling(every_s=every):
            return [("● ", "good"), ("polling", "name"), (f" every {short_span(every)}", "dim")]
        case Syncing(n=n, of=of):
            return [("◐ ", "warn"), (f"syncing {what} {_progress(n, of)}…", "warn")]
        case Stale(since_s=since, reason=reason, retry_at_s=retry):
            why = _why(reason, retry, now_s)
            return [("○ ", "warn"), (f"stale since {clock_time(since, zone)}", "warn"), (why, "dim")]
        case Partial(n=n, m=m, reason=reason, stale_since_s=since, retry_at_s=retry) if since is not None:
            old = f"stale since {clock_time(since, zone)}, partial: {_of_namespaces(n, m)}"
            return [("○ ", "warn"), (old, "warn"), (_why(reason, retry, now_s), "dim")]
        case Partial(n=n, m=m, reason=reason):
            return [("◑ ", "warn"), (f"partial: {_of_namespaces(n, m)}", "warn"), (_why(reason, None, now_s), "dim")]
        case Forbidden():
            return [("✗ ", "bad"), (f"forbidden: {what}", "bad")]
        case Absent():
            return [("– ", "dim"), (f"not served: {what}", "dim")]
        case Auth(reason=reason):
            return [("✗ ", "bad"), ("not signed in", "bad"), (_why(reason, None, now_s), "dim")]
        case Failed(reason=reason, retry_at_s=retry):
            return [("✗ ", "bad"), (f"failed: {what}", "bad"), (_why(reason, retry, now_s), "dim")]
        case Off():
            return [("– ", "dim"), (f"{what} not read", "dim")]


def word(state: State, now_s: float) -> tuple[str, Ink] | None:
    """The state in the corner of a tile: `forbidden`, `syncing 1 500…`, `stale 40 s`; None where all is well."""
    match state:
        case Live() | Polling():
            return None
        case Syncing(n=n, of=of):
            return f"syncing {_progress(n, of)}…", "warn"
        case Stale(since_s=since):
            return f"stale {short_span(now_s - since)}", "warn"
        case Partial(n=n, m=m, stale_since_s=since) if since is not None:
            return f"stale {short_span(now_s - since)}, {_of_namespaces(n, m)}", "warn"
        case Partial(n=n, m=m):
            return f"partial, {_of_namespaces(n, m)}", "warn"
        case Forbidden():
            return "forbidden", "bad"
        case Absent():
            return "not served", "dim"
        case Auth():
            return "not signed in", "bad"
        case Failed():
            return "failed", "bad"
        case Off():
            return "not read", "dim"


_ONE_NAMESPACE: Line = [("; ", "dim"), ("kite-tui -n NAME", "key"), (" reads one namespace", "dim")]


def placeholder_for(
    state: State, what: str, filtered: bool, zone: tzinfo | None = None, *, narrowable: bool = False
) -> Content:
    """What stands in a table without rows. `filtered` says that rows exist and a filter hides them all, `narrowable`
    that what is forbidden everywhere may be allowed in one namespace."""
    lines = _placeholder(state, what, filtered, zone, narrowable)
    return Content("\n").join(content(line) for line in lines)


def being_ordered(what: str) -> Content:
    """What stands in a table while the rows that there are have no order yet."""
    return content([("◐ ", "warn"), (f"Ordering {what}…", "name")])


def _placeholder(state: State, what: str, filtered: bool, zone: tzinfo | None, narrowable: bool) -> list[Line]:
    match state:
        case Syncing(n=n, of=of):
            return [[("◐ ", "warn"), (f"Reading {what}…", "name")], [(f"{_progress(n, of)} so far", "dim")]]
        case Forbidden(verb=verb, scope=scope, reason=reason):
            where = f" in {scope}" if scope else ""
            return [
                [("✗ ", "bad"), (f"Forbidden: you may not {verb} {what}{where}", "bad")],
                [(reason or "The server knows you, and refuses", "dim")],
                [("ctrl-r", "key"), (" asks again", "dim"), *(_ONE_NAMESPACE if narrowable else ())],
            ]
        case Absent(reason=reason):
            return [
                [("– ", "dim"), (f"This server has no {what}", "name")],
                [(reason or "The API is not served", "dim")],
            ]
        case Auth(reason=reason):
            return [
                [("✗ ", "bad"), ("Signing in failed", "bad")],
                [(reason, "dim")],
                [("ctrl-r", "key"), (" tries again", "dim")],
            ]
        case Failed(reason=reason):
            return [
                [("✗ ", "bad"), (f"Reading {what} failed", "bad")],
                [(reason, "dim")],
                [("ctrl-r", "key"), (" tries again now", "dim")],
            ]
        case Off():
            return [[("– ", "dim"), (f"{what} are not being read", "dim")]]
    if filtered:
        return [[("○ ", "dim"), (f"No {what} match the filter", "name")], [("esc", "key"), (" clears it", "dim")]]
    match state:
        case Stale(since_s=since, reason=reason):
            return [
                [("○ ", "warn"), (f"There were no {what}", "name")],
                [(f"stale since {clock_time(since, zone)}: {reason}", "warn")],
            ]
        case Partial(n=n, m=m, reason=reason, stale_since_s=since):
            where = f"the {_of_namespaces(n, m)}" if (m or n) != 1 else "the one namespace"
            if since is None:
                return [[("◑ ", "warn"), (f"No {what} in {where} that could be read", "name")]]
            return [
                [("○ ", "warn"), (f"There were no {what} in {where} that could be read", "name")],
                [(f"stale since {clock_time(since, zone)}: {reason}", "warn")],
            ]
    return [[("○ ", "dim"), (f"No {what}", "name")]]


def _of_namespaces(n: int, m: int | None) -> str:
    """`2 of 9 namespaces`, `1 namespace`."""
    counted = f"{n} of {m}" if m is not None else str(n)
    return f"{counted} {'namespace' if (m if m is not None else n) == 1 else 'namespaces'}"


def _progress(n: int, of: int | None) -> str:
    return count(n) if of is None or of <= n else f"{count(n)} of {count(of)}"


def _why(reason: str, retry_at_s: float | None, now_s: float) -> str:
    """In brackets, the shorter part first: what is cut at the end of a line is the reason's own end."""
    parts = []
    if retry_at_s is not None:
        parts.append(f"retry in {short_span(retry_at_s - now_s)}" if retry_at_s - now_s >= 1 else "asking now")
    if reason:
        parts.append(reason)
    return f" ({': '.join(parts)})" if parts else ""
