"""A timer that notes how late it is, while somebody wants to know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from kite_tui.objects.load import Stalls
from kite_tui.screens.loop_watch import EVERY_S, LoopWatch


class FakeLoop:
    """A loop whose time a test moves, and with it what is due."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.waiting: Callable[[], None] | None = None

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay: float, callback: Callable[[], None], /) -> FakeLoop:
        self.waiting = callback
        return self

    def cancel(self) -> None:
        self.waiting = None

    def turn(self, late_s: float = 0) -> None:
        self.now_s += EVERY_S + late_s
        assert self.waiting is not None
        self.waiting()


def test_the_worst_stall_and_that_of_all_but_one_in_a_hundred_are_told() -> None:
    loop = FakeLoop()
    watch = LoopWatch(lambda: loop)
    watch.begin("screen")
    for number in range(200):
        loop.turn(0.5 if number == 7 else 0.02 if number % 50 == 0 else 0.001)
    stalls = watch.stalls()
    assert stalls is not None
    assert stalls.most_s == pytest.approx(0.5)
    assert stalls.p99_s == pytest.approx(0.02)
    assert stalls.over_s == pytest.approx(20 + 0.5 + 4 * 0.02 + 195 * 0.001)


def test_what_is_a_minute_ago_is_forgotten() -> None:
    loop = FakeLoop()
    watch = LoopWatch(lambda: loop)
    watch.begin("screen")
    loop.turn(2)
    for _ in range(601):
        loop.turn()
    stalls = watch.stalls()
    assert stalls is not None
    assert stalls.most_s == pytest.approx(0, abs=1e-6)
    assert stalls.over_s == 60


def test_it_runs_until_the_last_who_wants_to_know_has_left_and_then_nothing_is_known() -> None:
    loop = FakeLoop()
    watch = LoopWatch(lambda: loop)
    assert watch.stalls() is None
    watch.begin("screen")
    watch.begin("metrics")
    loop.turn(1)
    watch.end("screen")
    assert watch.stalls() is not None
    watch.end("metrics")
    assert loop.waiting is None
    assert watch.stalls() is None
    watch.begin("screen")
    loop.turn()
    assert watch.stalls() == Stalls(pytest.approx(0), pytest.approx(0), pytest.approx(EVERY_S))  # type: ignore[arg-type]


async def test_a_loop_that_is_really_held_up_is_seen() -> None:
    watch = LoopWatch()
    watch.begin("test")
    deadline_s = time.monotonic() + 10
    while watch.stalls() is None:
        assert time.monotonic() < deadline_s
        began_s = time.monotonic()
        while time.monotonic() - began_s < 0.15:  # holds the loop as a long calculation would
            pass
        await asyncio.sleep(0)
    stalls = watch.stalls()
    watch.end("test")
    assert stalls is not None
    assert stalls.most_s >= 0.04
