"""Counters of a moment: percentiles out of buckets, sums over kinds and scopes."""

from __future__ import annotations

from bisect import bisect_left

import pytest

from kite_tui.objects.kinds import PODS
from kite_tui.objects.load import BOUNDS_S, Counts, Durations, KindLoad, ScopeLoad, total
from kite_tui.objects.states import Forbidden, Live


def durations(*seconds: float) -> Durations:
    counts = [0] * (len(BOUNDS_S) + 1)
    for each in seconds:
        counts[bisect_left(BOUNDS_S, each)] += 1
    return Durations(tuple(counts), sum(seconds))


@pytest.mark.parametrize("exact", [0.001, 0.0123, 0.4, 7, 60])
def test_a_percentile_is_right_to_a_tenth(exact: float) -> None:
    found = durations(*[exact] * 9)
    for share in (0.5, 0.95, 0.99):
        assert found.quantile_s(share) == pytest.approx(exact, rel=0.1)


def test_percentiles_tell_the_many_from_the_few() -> None:
    found = durations(*[0.01] * 95, *[1.0] * 4, 20.0)
    assert found.count == 100
    assert found.quantile_s(0.5) == pytest.approx(0.01, rel=0.1)
    assert found.quantile_s(0.95) == pytest.approx(0.01, rel=0.1)
    assert found.quantile_s(0.99) == pytest.approx(1.0, rel=0.1)
    assert found.quantile_s(1.0) == pytest.approx(20.0, rel=0.1)


def test_of_nothing_there_is_no_percentile_and_what_took_longer_than_all_is_at_least_the_longest() -> None:
    assert Durations().quantile_s(0.5) is None
    assert durations(1000).quantile_s(0.5) == BOUNDS_S[-1] == 128


def test_counts_add_up() -> None:
    one = Counts(lists=2, relists=1, watches=3, reconnects=2, events=5, received_b=100, malformed=1, errors=4)
    assert total([one, one, Counts()]) == Counts(4, 2, 6, 4, 10, 200, 2, 8)


def test_of_several_scopes_the_slowest_list_the_longest_silence_and_the_newest_error_speak() -> None:
    refused = ScopeLoad("", Forbidden("list", "the cluster"), last_error="forbidden", failed_at_s=10)
    one = ScopeLoad("a", Live(), list_s=0.1, listed_at_s=20, heard_at_s=90, last_error="reset", failed_at_s=50)
    two = ScopeLoad("b", Live(), list_s=0.4, listed_at_s=30, heard_at_s=70)
    load = KindLoad(PODS, Live(), 5, (refused, one, two), Counts())
    assert (load.list_s, load.listed_at_s, load.heard_at_s) == (0.4, 20, 70)
    assert load.last_failure is one


def test_what_no_scope_knows_is_unknown() -> None:
    load = KindLoad(PODS, Live(), 0, (ScopeLoad("", Live()),), Counts())
    assert (load.list_s, load.listed_at_s, load.heard_at_s, load.last_failure) == (None, None, None, None)
