"""Bars: as wide as asked, true to an eighth of a cell, and red only for usage."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kite_tui.widgets.bars import percent_bar, request_ink, resource_bar, sparkline, usage_ink
from kite_tui.widgets.ink import Piece

amounts = st.none() | st.floats(0, 1e15, allow_nan=False)


def text(pieces: Sequence[Piece]) -> str:
    return "".join(part for part, _ in pieces)


def inks(pieces: Sequence[Piece], marks: str) -> set[str]:
    return {ink for part, ink in pieces if any(mark in part for mark in marks)}


@given(st.integers(0, 200), amounts, amounts, amounts, amounts)
def test_a_bar_is_exactly_as_wide_as_asked(
    width: int, used: float | None, requested: float | None, limited: float | None, total: float | None
) -> None:
    assert cell_len(text(resource_bar(width, used, requested, limited, total))) == width
    assert cell_len(text(percent_bar(width, used))) == width
    assert cell_len(text(sparkline(width, [used, requested, limited]))) == width


def test_one_bar_carries_usage_requests_and_limits() -> None:
    assert text(resource_bar(10, 40, 55, 80, 100)) == "████·┃··┆·"


def test_the_fill_counts_in_eighths_of_a_cell() -> None:
    assert text(percent_bar(4, 0.25 + 3 / 32)) == "█▍··"
    assert text(percent_bar(4, 1.0)) == "████"
    assert text(percent_bar(4, 0.0)) == "····"


def test_a_little_is_never_shown_as_nothing() -> None:
    assert text(percent_bar(10, 0.0001)).startswith("▏")


def test_what_is_over_100_percent_ends_in_a_mark() -> None:
    assert text(percent_bar(4, 1.16)) == "███►"
    assert text(resource_bar(6, 10, None, 300, 100)).endswith("►")


def test_limits_over_100_percent_are_never_red() -> None:
    assert inks(resource_bar(10, 10, 20, 1000, 100), "►") == {"dim"}


def test_the_tick_of_requests_is_seen_beside_limits_that_are_over() -> None:
    assert text(resource_bar(6, 0, 100, 120, 100)) == "····┃►"


def test_requests_over_100_percent_have_the_same_mark_as_limits() -> None:
    assert text(resource_bar(6, 0, 130, None, 100)) == "·····►"


@pytest.mark.parametrize(("share", "ink"), [(0.6, "good"), (0.61, "warn"), (0.9, "warn"), (0.91, "bad"), (2.0, "bad")])
def test_usage_warns_above_60_and_is_bad_above_90_percent(share: float, ink: str) -> None:
    assert usage_ink(share) == ink
    assert inks(resource_bar(10, share, None, None, 1), "█") == {ink}


@pytest.mark.parametrize(("share", "ink"), [(0.89, "accent"), (0.9, "warn"), (1.5, "warn")])
def test_requests_warn_from_90_percent(share: float, ink: str) -> None:
    assert request_ink(share) == ink
    assert inks(resource_bar(10, None, share, None, 1), "┃►") == {ink}


def test_unknown_usage_draws_no_fill_but_keeps_the_ticks() -> None:
    assert text(resource_bar(6, None, 50, None, 100)) == "···┃··"


@pytest.mark.parametrize("total", [None, 0])
def test_without_a_total_there_is_nothing_to_draw_against(total: float | None) -> None:
    assert text(resource_bar(6, 1, 2, 3, total)) == " " * 6


def test_a_sparkline_keeps_the_newest_samples_and_shows_gaps_as_gaps() -> None:
    assert text(sparkline(4, [9, 9, 0, None, 4, 8], most=8)) == "▁ ▅█"
    assert text(sparkline(4, [1])) == "   █"
    assert text(sparkline(3, [])) == "   "
