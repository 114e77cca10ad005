"""What following costs, as the screen and the document show it: ordered, summed, and unknown where nothing says."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.objects.kinds import NODE_METRICS, NODES, PODS, SERVICES, Kind
from kite_tui.objects.load import BOUNDS_S, Counts, Durations, KindLoad, Load, ScopeLoad, Stalls, Traffic, total
from kite_tui.objects.states import Forbidden, Live, Polling, Stale, State
from kite_tui.queries.cache_document import cache_document
from kite_tui.queries.cache_view import SORTS, CacheView, KindRow, cache_view, condensed, verb_rows
from tests.queries.making import HEAD, NOW_S


def kind_load(kind: Kind[Any], state: State, objects: int | None, counts: Counts, **scope: Any) -> KindLoad:
    return KindLoad(kind, state, objects, (ScopeLoad("", state, counts, **scope),), counts)


PODS_LOAD = kind_load(
    PODS, Live(), 500, Counts(1, 0, 3, 2, 40, 9_000, 0, 2), list_s=1.5, listed_at_s=NOW_S - 60, heard_at_s=NOW_S - 1,
    last_error="connection reset", failed_at_s=NOW_S - 30,
)  # fmt: skip
NODES_LOAD = kind_load(NODES, Stale(NOW_S - 9, "cut"), 12, Counts(lists=2, relists=1, received_b=100, errors=7))
SERVICES_LOAD = kind_load(SERVICES, Forbidden("list", "the cluster", "no"), None, Counts(errors=1))
METRICS_LOAD = kind_load(NODE_METRICS, Polling(NOW_S, 15), 12, Counts(lists=9, relists=8, received_b=50))
LOADS = (SERVICES_LOAD, PODS_LOAD, METRICS_LOAD, NODES_LOAD)


def durations(seconds: float, times: int) -> Durations:
    at = next(at for at, bound in enumerate(BOUNDS_S) if seconds <= bound)
    return Durations(tuple(times if at == here else 0 for here in range(len(BOUNDS_S) + 1)), seconds * times)


TRAFFIC = Traffic(
    requests={("list", "200"): 12, ("list", "403"): 1, ("list", "failed"): 2, ("watch", "200"): 3, ("watch", "410"): 1},
    durations={"list": durations(0.08, 13), "watch": durations(0.004, 4)},
    received_b=20_000,
    throttled_s=1.25,
    throttled_now=2,
    watches_now=3,
)
LOAD = Load(
    LOADS, total(load.counts for load in LOADS), TRAFFIC, events_per_s=4.0, requests_per_s=0.5,
    kind_events_per_s={PODS: 4.0, NODES: 0.0}, weights={PODS: 1_000_000, NODES: 30_000},
)  # fmt: skip


def view(**how: Any) -> CacheView:
    return cache_view(LOAD, NOW_S, **how)


def names(shown: CacheView) -> list[str]:
    return [row.name for row in shown.rows]


def test_kinds_are_in_the_order_of_their_names_with_what_is_held_and_what_comes() -> None:
    shown = view()
    assert names(shown) == ["nodes", "nodes.metrics.k8s.io", "pods", "services"]
    assert shown.row("pods") == KindRow(PODS_LOAD, 4.0, 1_000_000)
    assert shown.row("services") == KindRow(SERVICES_LOAD, None, None)
    assert (shown.total, shown.objects, shown.held_b) == (4, 524, 1_030_000)


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [
        ("state", "nodes", "pods"),
        ("objects", "pods", "services"),
        ("received", "pods", "services"),
        ("held", "pods", "services"),
        ("events", "pods", "services"),
        ("lists", "nodes.metrics.k8s.io", "services"),
        ("watches", "pods", "services"),
        ("errors", "nodes", "nodes.metrics.k8s.io"),
        ("error", "pods", "services"),
    ],
)
def test_numbers_order_the_largest_first_and_states_the_worst(column: str, first: str, last: str) -> None:
    shown = names(view(column=column))
    assert (shown[0], shown[-1]) == (first, last)


@pytest.mark.parametrize("column", sorted(SORTS))
def test_unknown_comes_last_in_both_directions_and_nothing_is_lost(column: str) -> None:
    value = SORTS[column]
    for reverse in (False, True):
        shown = view(column=column, reverse=reverse)
        unknown = [value(row) is None for row in shown.rows]
        assert unknown == sorted(unknown)
        assert len(shown.rows) == 4


def test_a_filter_narrows_the_rows_and_not_the_totals() -> None:
    shown = view(keeps=lambda row: row.name == "pods")
    assert (names(shown), shown.total, shown.objects) == (["pods"], 4, 524)


def test_requests_are_told_by_verb_with_what_was_refused_and_what_failed() -> None:
    lists, gets, watches = view().verbs
    assert (lists.asked, lists.refused, lists.failed) == (15, 1, 2)
    assert lists.p50_s == pytest.approx(0.08, rel=0.1)
    assert (gets.asked, gets.p50_s, gets.p99_s) == (0, None, None)
    assert (watches.asked, watches.refused) == (4, 1)


def test_before_the_first_request_nothing_is_known_of_requests() -> None:
    assert verb_rows(None) == ()
    assert cache_view(Load(), NOW_S).objects is None


@pytest.mark.parametrize(
    ("samples", "cells", "expected"),
    [
        ([1.0, 3.0, 5.0, 7.0], 2, [2.0, 6.0]),
        ([1.0, None, None, None], 2, [1.0, None]),
        ([1.0, 2.0], 8, [1.0, 2.0]),
        ([1.0, 2.0, 3.0], 2, [1.0, 2.5]),
        ([1.0], 0, []),
        ([], 4, []),
    ],
)
def test_two_minutes_fit_into_any_width(samples: list[float | None], cells: int, expected: list[float | None]) -> None:
    assert condensed(samples, cells) == expected


def test_the_document_says_what_is_known_with_its_unit_and_null_for_what_is_not() -> None:
    document = cache_document(HEAD, view())
    assert list(document)[:3] == ["schema", "kind", "context"]
    assert (document["schema"], document["kind"]) == (1, "Cache")
    requests = document["requests"]
    assert (requests["total"], requests["per_s"], requests["received_b"]) == (19, 0.5, 20_000)
    assert (requests["rate_limit_wait_ms"], requests["waiting_for_rate_limit"]) == (1250, 2)
    assert {"verb": "list", "outcome": "403", "count": 1} in requests["by"]
    assert requests["latency"]["list"]["p50_ms"] == pytest.approx(80, rel=0.1)
    assert requests["latency"]["get"] == {"p50_ms": None, "p95_ms": None, "p99_ms": None}
    assert document["loop"]["state"] == "off"
    assert (document["total"]["errors"], document["total"]["held_estimate_b"]) == (10, 1_030_000)
    pods, services = (item_of(document, name) for name in ("pods", "services"))
    assert (pods["state"], pods["cache_state"], pods["objects"], pods["events_per_s"]) == ("ok", "live", 500, 4.0)
    assert (pods["last_list_ms"], pods["last_error"]) == (1500, "connection reset")
    assert pods["last_heard_at"].endswith("Z")
    assert pods["scopes"][0]["namespace"] is None
    assert (services["state"], services["reason"], services["objects"]) == ("forbidden", "no", None)
    assert (services["held_estimate_b"], services["events_per_s"], services["last_heard_at"]) == (None, None, None)


def item_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in document["items"] if item["kind"] == name)
    return found


def test_what_nobody_asked_yet_is_null_in_the_document_and_a_drawn_screen_has_its_stalls() -> None:
    document = cache_document(HEAD, cache_view(Load(stalls=Stalls(0.0123, 0.002, 60)), NOW_S))
    assert document["requests"]["total"] is None
    assert (document["requests"]["by"], document["requests"]["latency"]) == ([], {})
    assert document["total"]["objects"] is None
    assert document["loop"] == {"state": "ok", "reason": None, "most_ms": 12.3, "p99_ms": 2.0, "over_s": 60}


def test_a_state_and_its_reason_are_those_of_every_document() -> None:
    document = cache_document(HEAD, view())
    nodes, metrics = (item_of(document, name) for name in ("nodes", "nodes.metrics.k8s.io"))
    assert (nodes["state"], nodes["reason"], nodes["cache_state"]) == ("failed", "cut", "stale")
    assert (metrics["state"], metrics["cache_state"]) == ("ok", "polling")
