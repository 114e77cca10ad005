"""What following the small cluster costs, at a fixed moment: each kind in another state."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import (
    CLAIMS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    PODS,
    SERVICES,
    STATEFULSETS,
    Kind,
)
from kite_tui.objects.load import BOUNDS_S, Beat, Counts, Durations, KindLoad, Load, ScopeLoad, Stalls, Traffic
from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
    is_readable,
)
from kite_tui.screens.loop_watch import LoopWatch
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource

NOW_S = scene.NOW_S
REFUSED = 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope'
RESET = "the connection to https://prod-eu.test:6443 broke: connection reset by peer"

STATES: Mapping[Kind[Any], State] = {
    PODS: Partial(2, 9, REFUSED),
    NODES: Forbidden("list", "the cluster", 'User "jane" cannot list resource "nodes"'),
    NAMESPACES: Live(),
    SERVICES: Stale(NOW_S - 529, RESET, NOW_S + 4),
    EVENTS: Syncing(1500, 50_000),
    DEPLOYMENTS: Auth("token expired"),
    STATEFULSETS: Failed(RESET, NOW_S + 4),
    DAEMONSETS: Absent("the server could not find the requested resource"),
    CLAIMS: Polling(NOW_S - 12, 30),
    NODE_METRICS: Polling(NOW_S - 3, 15),
}
"""One of each."""
ALL_LIVE: Mapping[Kind[Any], State] = {**dict.fromkeys(STATES, Live()), NODE_METRICS: Polling(NOW_S - 3, 15)}


def durations(*seconds: float) -> Durations:
    counts = [0] * (len(BOUNDS_S) + 1)
    for each in seconds:
        counts[bisect_left(BOUNDS_S, each)] += 1
    return Durations(tuple(counts), sum(seconds))


TRAFFIC = Traffic(
    requests={("list", "200"): 210, ("list", "403"): 2, ("get", "200"): 12, ("watch", "200"): 188, ("watch", "410"): 1},
    durations={
        "list": durations(*[0.012] * 180, *[0.08] * 25, *[1.4] * 7),
        "get": durations(*[0.008] * 12),
        "watch": durations(*[0.005] * 188, 0.2),
    },
    received_b=3_565_158,
    throttled_s=1.2,
    throttled_now=3,
    lists_now=2,
    watches_now=9,
)


def scopes(kind: Kind[Any], state: State) -> tuple[ScopeLoad, ...]:
    counts = Counts(2, 1, 5, 4, 130, 250_000, 0, 1)
    heard: dict[str, Any] = {"list_s": 0.34, "listed_at_s": NOW_S - 700, "heard_at_s": NOW_S - 17}
    if kind is PODS and isinstance(state, Partial):
        whole = Forbidden("list", "the cluster", REFUSED)
        refused = ScopeLoad("", whole, Counts(errors=3), last_error=REFUSED, failed_at_s=NOW_S - 61)
        return (refused, *(ScopeLoad(name, Live(), counts, **heard) for name in ("data", "shop")))
    if isinstance(state, Syncing):
        return (ScopeLoad("", state, Counts(received_b=90_000)),)
    if not is_readable(state):
        reason = getattr(state, "reason", "")
        return (ScopeLoad("", state, Counts(errors=1), last_error=reason, failed_at_s=NOW_S - 5),)
    reason = getattr(state, "reason", "")
    failed: dict[str, Any] = {"last_error": reason, "failed_at_s": NOW_S - 529} if reason else {}
    return (ScopeLoad("", state, counts, **heard, **failed),)


def costs(states: Mapping[Kind[Any], State]) -> tuple[KindLoad, ...]:
    """What each kind costs that is in one of these states."""
    objects = {kind: len(tuple(found)) for kind, found in scene.objects().items()}
    made = []
    for kind, state in states.items():
        its = scopes(kind, state)
        known = is_readable(state) or isinstance(state, Syncing)
        total = sum((scope.counts for scope in its), Counts())
        made.append(KindLoad(kind, state, objects[kind] if known else None, its, total))
    return tuple(made)


class StillWatch(LoopWatch):
    """Stalls as they never change; who wants to know is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: set[str] = set()

    def begin(self, who: str) -> None:
        self.wanted.add(who)

    def end(self, who: str) -> None:
        self.wanted.discard(who)

    def stalls(self) -> Stalls | None:
        return Stalls(0.012, 0.003, 60) if self.wanted else None


def cache_app(states: Mapping[Kind[Any], State] = STATES, *, quiet: bool = False) -> KiteApp:
    """The app over a cluster that costs this; `quiet`: nothing was asked yet."""
    source = FakeSource(scene.objects(), NOW_S, states=states)
    session = FakeSession(source)
    if quiet:
        source.objects_gone()
    else:
        source.costs = costs(states)
        session.meter.traffic = TRAFFIC
        wave = [abs(30 - at % 60) / 2 for at in range(120)]
        session.meter.rates = Load(
            events_per_s=12.4,
            requests_per_s=0.3,
            kind_events_per_s={kind: 1.3 for kind, state in states.items() if isinstance(state, Live | Partial)},
            beats=tuple(Beat(events if at > 20 else None, events / 50) for at, events in enumerate(wave)),
        )
    app = KiteApp(session)
    app.animation_level = "none"
    app.loop_watch = StillWatch()
    return app
