"""Counters become rates: over the last ten seconds, second by second, and unknown where nothing says."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.objects.kinds import NODE_METRICS, NODES, PODS, Kind
from kite_tui.objects.load import Beat, Counts, KindLoad, Traffic
from kite_tui.objects.states import Live
from kite_tui.session.meter import LENGTH, WEIGHED_S, Meter


class Counting:
    """A source whose numbers a test sets, and a clock that it moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.kinds: dict[Kind[Any], Counts] = {PODS: Counts(watches=1), NODE_METRICS: Counts()}
        self.let_go = Counts()
        self.traffic: Traffic | None = Traffic()
        self.weighed: list[Kind[Any]] = []
        self.meter = Meter(self, lambda: self.traffic, clock=lambda: self.now_s)

    def loads(self) -> tuple[KindLoad, ...]:
        return tuple(KindLoad(kind, Live(), 3, (), counts) for kind, counts in self.kinds.items())

    def counts(self) -> Counts:
        return sum(self.kinds.values(), self.let_go)

    def estimated_b(self, kind: Kind[Any]) -> int:
        self.weighed.append(kind)
        return 1_000

    def second(self, events: int = 0, requests: int = 0, *, kind: Kind[Any] = PODS, seconds: float = 1) -> None:
        """So much happens in a second, at whose end a sample is taken."""
        before = self.kinds[kind]
        self.kinds[kind] = before + Counts(events=events)
        if self.traffic is not None:
            self.traffic = Traffic({("list", "200"): self.traffic.total + requests})
        self.now_s += seconds
        self.meter.sample()


def test_rates_are_over_the_last_ten_seconds() -> None:
    source = Counting()
    source.meter.sample()
    for _ in range(5):
        source.second(events=20, requests=2)
    load = source.meter.load()
    assert (load.events_per_s, load.requests_per_s, source.meter.events_per_s) == (20, 2, 20)
    for _ in range(10):
        source.second()
    assert source.meter.load().events_per_s == 0


def test_how_long_the_server_has_been_silent_is_known_from_what_it_said_last() -> None:
    source = Counting()
    silent_s: list[float | None] = []
    for received_b, later_s in ((0, 5), (7, 30), (7, 1), (8, 0)):
        source.traffic = Traffic(received_b=received_b)
        source.meter.sample()
        source.now_s += later_s
        silent_s.append(source.meter.silent_s)
    assert silent_s == [None, 30, 31, 0]


def test_in_the_first_second_no_rate_is_known() -> None:
    source = Counting()
    assert source.meter.events_per_s is None
    source.meter.sample()
    source.second(events=50, seconds=0.5)
    load = source.meter.load()
    assert (load.events_per_s, load.requests_per_s, load.kind_events_per_s) == (None, None, {})


def test_where_nothing_is_watched_or_asked_a_rate_is_unknown_and_not_0() -> None:
    source = Counting()
    source.kinds, source.traffic = {NODE_METRICS: Counts(lists=3)}, None
    for _ in range(3):
        source.second(kind=NODE_METRICS)
    load = source.meter.load()
    assert (load.events_per_s, load.requests_per_s, load.kind_events_per_s) == (None, None, {})
    assert load.beats == (Beat(None, None),) * 2


def test_each_kind_that_is_watched_has_a_rate_of_its_own() -> None:
    source = Counting()
    source.kinds[NODES] = Counts(watches=1)
    source.meter.sample()
    for _ in range(4):
        source.second(events=3)
    assert source.meter.load().kind_events_per_s == {PODS: 3, NODES: 0}


def test_a_kind_that_comes_back_has_no_rate_below_0_and_the_total_goes_on() -> None:
    source = Counting()
    for _ in range(3):
        source.second(events=10)
    source.let_go = source.kinds[PODS]
    source.kinds[PODS] = Counts(watches=1)
    source.second(events=10)
    load = source.meter.load()
    assert load.kind_events_per_s == {}
    assert load.events_per_s == 10


def test_seconds_are_remembered_one_by_one_for_two_minutes() -> None:
    source = Counting()
    for number in range(200):
        source.second(events=number, requests=1)
    beats = source.meter.load().beats
    assert len(beats) == LENGTH
    assert beats[-1] == Beat(199, 1)
    assert beats[0] == Beat(80, 1)


def test_a_second_that_took_five_is_five() -> None:
    source = Counting()
    source.meter.sample()
    source.second(events=50, seconds=5)
    assert source.meter.load().beats == (Beat(10, 0),)


def test_objects_are_weighed_again_after_half_a_minute_or_when_somebody_asks() -> None:
    source = Counting()
    assert source.meter.load().weights == {PODS: 1_000, NODE_METRICS: 1_000}
    source.kinds[NODES] = Counts()
    source.meter.load()
    assert source.weighed == [PODS, NODE_METRICS, NODES]
    source.now_s += WEIGHED_S
    source.meter.load()
    assert len(source.weighed) == 6
    source.meter.forget_weights()
    source.meter.load()
    assert len(source.weighed) == 9


@pytest.mark.parametrize("objects", [None, 0])
def test_what_nobody_may_count_is_not_weighed(objects: int | None) -> None:
    source = Counting()
    source.loads = lambda: (KindLoad(PODS, Live(), objects, (), Counts()),)  # type: ignore[method-assign]
    assert source.meter.load().weights == ({} if objects is None else {PODS: 1_000})
