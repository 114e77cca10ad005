"""The JSON document of the watch cache, as `schema: 1` promises: bytes are `_b`, seconds `_s`, milliseconds `_ms` (with
one decimal), times RFC 3339. What isn't known is None, never 0."""

from __future__ import annotations

from typing import Any

from kite_tui.objects.load import Counts, ScopeLoad, Stalls, Traffic
from kite_tui.objects.reader import Head
from kite_tui.objects.states import State
from kite_tui.queries.cache_view import CacheView, KindRow
from kite_tui.queries.documents import Document, head_document, state_word
from kite_tui.text.ages import rfc3339


def cache_document(head: Head, view: CacheView) -> Document:
    """`kite-tui cache -o json`: all kinds of `view`, in its order."""
    return {
        **head_document("Cache", head, view.now_s),
        "requests": _requests(view),
        "loop": _loop(view.load.stalls),
        "total": {
            "kinds": view.total,
            "objects": view.objects,
            "held_estimate_b": view.held_b,
            **_counts(view.load.counts),
            "events_per_s": _rate(view.load.events_per_s),
        },
        "items": [_item(row) for row in view.rows],
    }


def _requests(view: CacheView) -> Document:
    load = view.load
    traffic = load.traffic
    known = traffic or Traffic()
    numbers: dict[str, Any] = {
        "total": known.total,
        "per_s": _rate(load.requests_per_s),
        "received_b": known.received_b,
        "watches_open": known.watches_now,
        "lists_running": known.lists_now,
        "waiting_for_rate_limit": known.throttled_now,
        "waiting_for_list_slot": known.queued_now,
        "rate_limit_wait_ms": _ms(known.throttled_s),
        "list_slot_wait_ms": _ms(known.queued_s),
    }
    if traffic is None:
        numbers = dict.fromkeys(numbers)
    return {
        **numbers,
        "by": [
            {"verb": verb, "outcome": outcome, "count": count}
            for (verb, outcome), count in sorted(known.requests.items())
        ],
        "latency": {
            row.verb: {"p50_ms": _ms(row.p50_s), "p95_ms": _ms(row.p95_s), "p99_ms": _ms(row.p99_s)}
            for row in view.verbs
        },
    }


def _loop(stalls: Stalls | None) -> Document:
    if stalls is None:
        return {"state": "off", "reason": "no screen is drawn", "most_ms": None, "p99_ms": None, "over_s": None}
    numbers = {"most_ms": _ms(stalls.most_s), "p99_ms": _ms(stalls.p99_s), "over_s": round(stalls.over_s)}
    return {"state": "ok", "reason": None, **numbers}


def _item(row: KindRow) -> Document:
    load = row.load
    failure = load.last_failure
    return {
        "kind": load.kind.plural,
        "api_version": load.kind.api_version,
        **_state(load.state),
        "objects": load.objects,
        "held_estimate_b": row.held_b,
        **_counts(load.counts),
        "events_per_s": _rate(row.events_per_s),
        **_times(load.list_s, load.listed_at_s, load.heard_at_s),
        **_error(failure),
        "scopes": [_scope(scope) for scope in load.scopes],
    }


def _scope(scope: ScopeLoad) -> Document:
    return {
        "namespace": scope.name or None,
        **_state(scope.state),
        **_counts(scope.counts),
        **_times(scope.list_s, scope.listed_at_s, scope.heard_at_s),
        **_error(scope),
    }


def _state(state: State) -> Document:
    """`state` and `reason` as everywhere, and which of the cache's own states that is."""
    word, reason = state_word(state)
    return {"state": word, "reason": reason, "cache_state": type(state).__name__.lower()}


def _counts(counts: Counts) -> Document:
    return {
        "received_b": counts.received_b,
        "events": counts.events,
        "lists": counts.lists,
        "relists": counts.relists,
        "watches": counts.watches,
        "reconnects": counts.reconnects,
        "malformed": counts.malformed,
        "errors": counts.errors,
    }


def _times(list_s: float | None, listed_at_s: float | None, heard_at_s: float | None) -> Document:
    return {"last_list_ms": _ms(list_s), "last_list_at": _time(listed_at_s), "last_heard_at": _time(heard_at_s)}


def _error(scope: ScopeLoad | None) -> Document:
    if scope is None or scope.failed_at_s is None:
        return {"last_error": None, "last_error_at": None}
    return {"last_error": scope.last_error, "last_error_at": rfc3339(scope.failed_at_s)}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else rfc3339(seconds)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)


def _rate(per_s: float | None) -> float | None:
    return None if per_s is None else round(per_s, 2)
