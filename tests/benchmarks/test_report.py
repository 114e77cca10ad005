"""What the benchmarks say of their figures: ratios, goals, and how both read."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.report import OURS, Figure, Section, goal_of, row, shown, table, write_json


def section(ours: Figure, *others: Figure) -> Section:
    return Section("Something", [ours, *others])


def seconds(*values: float, who: str = OURS, against: str = "", **more: float) -> Figure:
    return Figure("time", who, "s", list(values), against=against, **more)  # type: ignore[arg-type]


def per_second(*values: float, who: str = OURS, against: str = "", **more: float) -> Figure:
    return Figure("events", who, "/s", list(values), against=against, more=True, **more)  # type: ignore[arg-type]


def test_a_ratio_is_how_many_times_less_ours_takes_by_the_medians() -> None:
    ours = seconds(1, 2, 9, against="other")
    assert section(ours, seconds(50, 60, 10, who="other")).ratio(ours) == 25


def test_where_more_is_better_a_ratio_is_how_many_times_more_ours_does() -> None:
    ours = per_second(3_000, against="other")
    assert section(ours, per_second(100, who="other")).ratio(ours) == 30


def test_there_is_no_ratio_without_another_figure_of_the_same_name() -> None:
    ours = seconds(1, against="other")
    elsewhere = Figure("memory", "other", "MB", [4e6])
    assert math.isnan(section(ours, elsewhere).ratio(ours))
    alone = seconds(1)
    assert math.isnan(section(alone, seconds(2, who="other")).ratio(alone))


def test_what_could_not_be_measured_counts_for_nothing() -> None:
    assert seconds(math.nan, 3, 1, math.nan).median == 2
    assert row(section(seconds(math.nan)), seconds(math.nan))[2:5] == ("not measured", "", "0")


def test_nothing_is_infinitely_better_than_what_takes_nothing() -> None:
    ours = seconds(0, against="other")
    assert math.isnan(section(ours, seconds(1, who="other")).ratio(ours))


@pytest.mark.parametrize(("value", "met"), [(0.9, True), (1.0, True), (1.1, False)])
def test_a_goal_is_the_most_that_the_median_may_be(value: float, met: bool) -> None:
    ours = seconds(0.1, value, 7, goal=1)
    assert section(ours).met(ours) is met


@pytest.mark.parametrize(("value", "met"), [(900, False), (1_000, True), (1_100, True)])
def test_a_goal_is_the_least_that_the_median_may_be_where_more_is_better(value: float, met: bool) -> None:
    ours = per_second(value, goal=1_000)
    assert section(ours).met(ours) is met


@pytest.mark.parametrize(("theirs", "met"), [(19.9, False), (20, True), (21, True)])
def test_a_goal_against_another_is_met_when_ours_is_so_many_times_better(theirs: float, met: bool) -> None:
    ours = seconds(1, against="other", goal_ratio=20)
    assert section(ours, seconds(theirs, who="other")).met(ours) is met


def test_a_goal_below_one_lets_ours_take_more_than_the_other() -> None:
    bare = seconds(1, who="bare")
    for took, met in ((1.29, True), (1.31, False)):
        ours = seconds(took, against="bare", goal_ratio=1 / 1.3)
        assert section(ours, bare).met(ours) is met


def test_both_goals_have_to_be_met() -> None:
    ours = seconds(2, against="other", goal=1, goal_ratio=20)
    assert section(ours, seconds(50, who="other")).met(ours) is False


def test_a_goal_of_what_was_not_measured_is_missed_and_what_has_no_goal_is_neither() -> None:
    unmeasured, against_nobody = seconds(goal=1), seconds(1, against="other", goal_ratio=2)
    assert section(unmeasured).met(unmeasured) is False
    assert section(against_nobody).met(against_nobody) is False
    assert section(seconds(1)).met(seconds(1)) is None


def test_goals_are_said_in_the_unit_of_the_figure() -> None:
    assert goal_of(Figure("", OURS, "ms", goal=0.06)) == "≤ 60.0 ms"
    assert goal_of(Figure("", OURS, "/s", goal=1_000, more=True)) == "≥ 1,000 /s"
    assert goal_of(seconds(goal_ratio=20)) == "≥ 20 × better"
    assert goal_of(seconds(goal_ratio=1 / 1.3)) == "≤ 1.3 × the other's"
    assert goal_of(seconds()) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.0123, "ms", "12.3 ms"), (97e6, "MB", "97.0 MB"), (0.031, "%", "3.10 %"), (math.nan, "s", "not measured")],
)
def test_a_value_has_three_digits_in_its_unit(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_a_row_says_what_was_missed() -> None:
    ours = seconds(3, 1, 2, against="other", goal=1)
    assert row(section(ours, seconds(5, who="other")), ours) == (
        *("time", OURS, "2.00 s", "1.00 s – 3.00 s", "3", "2.50 ×"),
        *("≤ 1.00 s", "MISSED", ""),
    )


def test_the_table_says_what_was_left_out() -> None:
    assert "LEFT OUT: no server" in table([Section("On a server", left_out="no server")])


def test_the_json_has_every_value_and_null_for_what_is_not_known(tmp_path: Path) -> None:
    ours = seconds(1, math.nan, 2, goal=3)
    write_json(tmp_path / "it.json", [section(ours)])
    found = json.loads((tmp_path / "it.json").read_text())["sections"][0]["figures"][0]
    assert found["values"] == [1, None, 2]
    assert (found["goal"], found["ratio"], found["met"]) == (3, None, True)
