"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kite_tui.text.units import (
    binary,
    binary_short,
    cores,
    cores_short,
    count,
    count_short,
    duration,
    percent,
    rate,
)

GIB = 1024**3


@pytest.mark.parametrize(
    ("cpu_m", "shown"),
    [
        *(
            (0, "0"),
            (1, "1m"),
            (250, "250m"),
            (999, "999m"),
            (1000, "1"),
            (6240, "6.24"),
            (6255, "6.26"),
            (9999, "10"),
            (8000, "8"),
        ),
        *((201_300, "201.3"), (999_960, "1 000"), (1_204_500, "1 204.5"), (-250, "-250m"), (-6200, "-6.2")),
    ],
)
def test_cores(cpu_m: int, shown: str) -> None:
    assert cores(cpu_m) == shown


@pytest.mark.parametrize(
    ("cpu_m", "shown"), [(250, "250m"), (6240, "6.24"), (96_400, "96.4"), (201_300, "201"), (1_240_000, "1.2k")]
)
def test_cores_in_a_narrow_column(cpu_m: int, shown: str) -> None:
    assert cores_short(cpu_m) == shown


@pytest.mark.parametrize(
    ("memory_b", "shown"),
    [
        *((0, "0 B"), (1023, "1 023 B"), (1024, "1 KiB"), (512 * 1024**2, "512 MiB"), (GIB, "1 GiB")),
        *((int(1.44 * 1024 * GIB), "1.44 TiB"), (18 * GIB + 1, "18 GiB"), (int(9.96 * GIB), "9.96 GiB")),
        *(
            (1070 * GIB, "1.04 TiB"),
            (int(9.996 * GIB), "10 GiB"),
            (int(9.5 * GIB), "9.5 GiB"),
            (GIB + GIB // 20, "1.05 GiB"),
        ),
        *((GIB - 1, "1 GiB"), (-3 * GIB // 2, "-1.5 GiB"), (5000 * 1024**6, "5 000 EiB")),
    ],
)
def test_memory_in_binary_units(memory_b: int, shown: str) -> None:
    assert binary(memory_b) == shown


def test_memory_in_a_narrow_column() -> None:
    assert [binary_short(each) for each in (0, 512 * 1024**2, 18 * GIB, 3 * GIB // 2)] == [
        "0",
        "512Mi",
        "18Gi",
        "1.5Gi",
    ]


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 3, "33%"), (1, 8, "13%"), (0, 5, "0%"), (7, 5, "140%"), (3, 0, "n/a"), (0, 0, "n/a")],
)
def test_percent(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


def test_percent_with_a_space() -> None:
    assert percent(1, 4, space=" ") == "25 %"


def test_counts_have_their_digits_in_groups() -> None:
    assert [count(each) for each in (0, 999, 4812, 1234567, -4812)] == ["0", "999", "4 812", "1 234 567", "-4 812"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(999, "999"), (1000, "1k"), (1240, "1.2k"), (15_400, "15k"), (999_600, "1M"), (-1240, "-1.2k")],
)
def test_counts_in_a_narrow_column(number: int, shown: str) -> None:
    assert count_short(number) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *((0, "0 ms"), (0.0004, "0.4 ms"), (0.00996, "10 ms"), (0.14, "140 ms"), (0.9996, "1 s"), (1.24, "1.2 s")),
        *((9.96, "10 s"), (75.4, "75 s"), (119.6, "2 min"), (725, "12 min"), (7200, "2 h"), (108_000, "30 h")),
    ],
)
def test_durations_have_two_or_three_digits(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("per_s", "shown"), [(0, "0"), (0.04, "0"), (0.26, "0.3"), (9.96, "10"), (12.4, "12"), (1240, "1.2k")]
)
def test_rates_in_a_narrow_column(per_s: float, shown: str) -> None:
    assert rate(per_s) == shown


@given(st.integers(0, 10**14))
@example(1010 * GIB)
def test_narrow_forms_keep_to_their_width(number: int) -> None:
    assert len(count_short(number)) <= 4
    assert len(binary_short(number)) <= 6
