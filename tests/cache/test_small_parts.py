"""Back-off, order of versions, history of usage, rate of events."""

from __future__ import annotations

import gc
from random import Random

import pytest

from kite_tui.cache.backoff import Backoff
from kite_tui.cache.usage_history import UsageHistory, UsageSample
from kite_tui.cache.versions import is_older
from kite_tui.objects.usage import NodeUsage
from tests.cache.fakes import FakeClock, LowRandom, item


def test_delays_double_from_800_ms_to_30_s() -> None:
    backoff = Backoff(FakeClock(), LowRandom())
    assert [backoff.next_s() for _ in range(8)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]


def test_jitter_adds_up_to_the_same_again() -> None:
    backoff = Backoff(FakeClock(), Random(1))
    base_s = 0.8
    for _ in range(200):
        delay_s = backoff.next_s()
        assert base_s <= delay_s < 2 * base_s
        base_s = min(base_s * 2, 30)


@pytest.mark.parametrize(("healthy_s", "then_s"), [(119, 3.2), (120, 0.8)])
def test_two_minutes_of_health_start_it_over(healthy_s: float, then_s: float) -> None:
    clock = FakeClock()
    backoff = Backoff(clock, LowRandom())
    backoff.next_s()
    backoff.next_s()
    backoff.succeeded()
    clock.advance(healthy_s)
    backoff.succeeded()
    assert backoff.next_s() == then_s


def test_two_minutes_of_failing_do_not() -> None:
    clock = FakeClock()
    backoff = Backoff(clock, LowRandom())
    backoff.next_s()
    clock.advance(500)
    assert backoff.next_s() == 1.6


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("9", "10", True),
        ("10", "9", False),
        ("10", "10", False),
        ("99999999999999999998", "99999999999999999999", True),
        ("", "10", False),
        ("10", "", False),
        ("abc", "abd", False),
        ("9", "abc", False),
        ("09", "10", False),
        ("٩", "10", False),
    ],
)
def test_versions_are_ordered_by_length_then_digits_and_only_when_decimal(version: str, than: str, older: bool) -> None:
    assert is_older(version, than) is older


def usage(name: str, cpu_m: int | None, memory_b: int | None) -> NodeUsage:
    return NodeUsage("", name, "", "", None, cpu_m, memory_b)


def test_usage_is_kept_for_40_samples_of_the_cluster() -> None:
    history = UsageHistory()
    for number in range(50):
        history.note(number, [usage("a", number, 10), usage("b", 1, None)])
    assert [sample.at_s for sample in history.cluster()] == list(range(10, 50))
    assert history.cluster()[-1] == UsageSample(49, 50, 10)


def test_usage_that_nobody_could_read_is_unknown_and_not_0() -> None:
    history = UsageHistory()
    history.note(1, [usage("a", None, None)])
    assert history.cluster() == (UsageSample(1, None, None),)


def test_a_row_is_nothing_for_the_garbage_collector() -> None:
    assert not gc.is_tracked(item("a", 1))
