"""`kite-tui cache`: what it costs the API server when kite-tui follows the cluster, measured by following it.

The watch cache is started as the app does it, with the kinds that every screen lives on, until of each it is known
what can be had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO, cast

from kite_tui.cli.arguments import Invocation
from kite_tui.cli.failure import Failure
from kite_tui.cli.pages import UNKNOWN, age, count
from kite_tui.cli.tables import Column, table
from kite_tui.cli.target import Target
from kite_tui.objects.kinds import PODS
from kite_tui.objects.states import Syncing, is_readable
from kite_tui.queries.cache_document import cache_document
from kite_tui.queries.cache_view import CacheView, KindRow, VerbRow, cache_view
from kite_tui.queries.documents import state_word
from kite_tui.session.following import follow
from kite_tui.text import units
from kite_tui.text.sanitise import clean
from kite_tui.text.serialise import Form, serialise

LIMIT_S = 60.0
"""As long a silent server is waited for; `--request-timeout` sets another limit."""


def run(invocation: Invocation, target: Target, out: TextIO, err: TextIO) -> None:
    """Follow the cluster until all is known, and print what that took. Raises Failure where nothing could be had."""
    options = invocation.options
    limit_s = options.request_timeout_s or LIMIT_S
    followed = follow(
        target.api,
        context=target.context,
        server=target.server,
        namespaces=tuple(dict.fromkeys(options.namespace)),
        home_namespace=target.home,
        favourites=target.preferred,
        climbs=not options.all_namespaces,
        streams=target.streams,
        limit_s=limit_s,
    )
    view = cache_view(followed.load, followed.now_s)
    _check(view, limit_s)
    for sentence in _notices(view, None if followed.is_settled else limit_s):
        print(f"kite-tui: {clean(sentence)}", file=err)
    if options.output in ("json", "yaml"):
        out.write(serialise(cache_document(followed.head, view), cast(Form, options.output)))
    else:
        out.write(page(view))


def page(view: CacheView) -> str:
    """Kinds, then requests, then what holds for all."""
    text = table(_columns(view.now_s), view.rows)
    if view.verbs:
        text += "\n" + table(_VERBS, view.verbs)
    traffic = view.load.traffic
    if traffic is not None:
        limit, slots = units.duration(traffic.throttled_s), units.duration(traffic.queued_s)
        text += (
            f"\nreceived {units.binary(traffic.received_b)}, {traffic.watches_now} watches open"
            f"\nwaited {limit} for the rate limit, {slots} for a list slot\n"
        )
    return text


def _check(view: CacheView, limit_s: float) -> None:
    if any(is_readable(row.load.state) for row in view.rows):
        return
    pods = view.row(PODS.plural)
    if pods is None or isinstance(pods.load.state, Syncing):
        raise Failure(f"nothing came within {units.duration(limit_s)}")
    raise Failure(state_word(pods.load.state)[1] or "nothing could be had")


def _notices(view: CacheView, limit_s: float | None) -> Sequence[str]:
    """What is missing, and why; `limit_s` where the wait for it was given up."""
    said = []
    late = [row.name for row in view.rows if isinstance(row.load.state, Syncing)]
    if late and limit_s is not None:
        said.append(f"not all came within {units.duration(limit_s)}: {', '.join(late)}")
    for row in view.rows:
        word, reason = state_word(row.load.state)
        if word != "ok" and row.name not in late:
            said.append(f"{row.name}: {word}: {reason}")
    return said


def _columns(now_s: float) -> Sequence[Column[KindRow]]:
    return (
        Column("KIND", lambda row: row.name),
        Column("STATE", lambda row: type(row.load.state).__name__.lower()),
        Column("OBJECTS", lambda row: count(row.load.objects), right=True),
        Column("RECEIVED", lambda row: units.binary(row.load.counts.received_b), right=True),
        Column("HELD≈", lambda row: UNKNOWN if row.held_b is None else units.binary(row.held_b), right=True),
        Column("EVENTS", lambda row: str(row.load.counts.events), right=True),
        Column("LISTED-IN", lambda row: _duration(row.load.list_s), right=True),
        Column("HEARD", lambda row: age(row.load.heard_at_s, now_s), right=True),
        Column("LISTS", lambda row: str(row.load.counts.lists), right=True),
        Column("WATCHES", lambda row: str(row.load.counts.watches), right=True),
        Column("ERRORS", lambda row: str(row.load.counts.errors), right=True),
        Column("LAST-ERROR", lambda row: row.last_error or UNKNOWN),
    )


_VERBS: Sequence[Column[VerbRow]] = (
    Column("REQUESTS", lambda row: row.verb),
    Column("SENT", lambda row: str(row.asked), right=True),
    Column("REFUSED", lambda row: str(row.refused) if row.asked else UNKNOWN, right=True),
    Column("FAILED", lambda row: str(row.failed) if row.asked else UNKNOWN, right=True),
    Column("P50", lambda row: _duration(row.p50_s), right=True),
    Column("P95", lambda row: _duration(row.p95_s), right=True),
    Column("P99", lambda row: _duration(row.p99_s), right=True),
)


def _duration(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else units.duration(seconds)
