"""Twenty a second, forty at once, and nobody waits on after the end."""

from __future__ import annotations

import threading

import pytest

from kite_tui.kube.errors import Cancelled
from kite_tui.kube.ratelimit import Slots, TokenBucket
from tests.kube.test_credentials import Clock
from tests.kube.test_watch import Reading, wait_until


def bucket(clock: Clock, waits: list[float], qps: float = 20, burst: int = 40) -> TokenBucket:
    def wait(seconds: float) -> bool:
        waits.append(seconds)
        clock.now_s += seconds
        return False

    return TokenBucket(qps, burst, stop=threading.Event(), clock=clock, wait=wait)


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    clock, waits = Clock(), list[float]()
    limit = bucket(clock, waits)
    began_s = clock.now_s
    for _ in range(40):
        assert limit.acquire() == 0
    assert waits == []
    for _ in range(60):
        assert limit.acquire() == pytest.approx(0.05)
    assert clock.now_s - began_s == pytest.approx(3.0)


def test_tokens_come_back_up_to_the_burst() -> None:
    clock, waits = Clock(), list[float]()
    limit = bucket(clock, waits, qps=10, burst=2)
    for _ in range(2):
        limit.acquire()
    clock.now_s += 3600
    assert [limit.acquire() > 0 for _ in range(3)] == [False, False, True]


def test_a_rate_of_zero_is_no_limit() -> None:
    limit = bucket(Clock(), [], qps=0, burst=1)
    assert [limit.acquire() for _ in range(5)] == [0] * 5


def test_who_waits_for_a_token_is_cancelled_at_the_end() -> None:
    stop = threading.Event()
    limit = TokenBucket(0.001, 1, stop=stop)
    limit.acquire()
    reading = Reading(limit.acquire)
    stop.set()
    assert isinstance(reading.ends_soon(), Cancelled)


def test_who_waits_for_a_slot_gets_it_when_one_is_free_and_is_cancelled_at_the_end() -> None:
    slots, entered, leave = Slots(1), threading.Semaphore(0), threading.Event()

    def work() -> None:
        with slots.one():
            entered.release()
            leave.wait(5)

    first, second = Reading(work), Reading(work)
    assert entered.acquire(timeout=5)
    assert not entered.acquire(blocking=False)
    leave.set()
    assert entered.acquire(timeout=5)
    assert first.ends_soon() is None
    assert second.ends_soon() is None
    leave.clear()
    third, fourth = Reading(work), Reading(work)
    assert entered.acquire(timeout=5)
    slots.close()
    wait_until(lambda: isinstance(third.error or fourth.error, Cancelled))
    leave.set()
    third.ends_soon()
    fourth.ends_soon()
