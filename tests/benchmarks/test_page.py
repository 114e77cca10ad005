"""The page and the plots that a run of the benchmarks writes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import growth, page
from benchmarks.plots import growth_plot, ratio_plot
from benchmarks.report import OURS, Figure, Section

SVG = "{http://www.w3.org/2000/svg}"


def compared() -> Section:
    return Section(
        "Table <of> rows",
        [
            Figure("filled", OURS, "ms", [0.02], against="theirs", goal_ratio=30),
            Figure("filled", "theirs", "ms", [0.8]),
            Figure("paged", OURS, "ms", [0.07, 0.09], goal=0.06),
        ],
    )


def grown() -> Section:
    figures = [
        Figure(what, growth.of(pods), unit, [pods / 1e5, pods / 5e4])
        for what, unit in growth.UNITS.items()
        for pods in growth.SIZES
    ]
    return Section(growth.TITLE, figures)


def texts(svg: str) -> list[str]:
    return [found.text or "" for found in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_ratio_plot_has_a_bar_and_a_number_for_each_figure_with_another_beside_it() -> None:
    svg = ratio_plot([compared()])
    drawn = ElementTree.fromstring(svg)
    assert len([each for each in drawn.iter(f"{SVG}rect") if each.get("class") == "fill"]) == 1
    assert {"Table <of> rows", "filled", "theirs"} <= set(texts(svg))
    assert "40 ×" in texts(svg)
    assert [each.text for each in drawn.iter(f"{SVG}title")] == ["≥ 30 × better"]


def test_the_growth_plot_has_a_point_for_each_size_of_each_panel() -> None:
    drawn = ElementTree.fromstring(growth_plot(grown()))
    assert len(list(drawn.iter(f"{SVG}circle"))) == len(growth.UNITS) * len(growth.SIZES)


def test_what_is_proportional_is_drawn_as_a_straight_line_from_the_origin() -> None:
    drawn = ElementTree.fromstring(growth_plot(grown()))
    curve = next(drawn.iter(f"{SVG}polyline")).get("points") or ""
    points = [tuple(map(float, point.split(","))) for point in curve.split()]
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(points)]
    assert max(slopes) - min(slopes) < 0.05


def test_what_was_not_measured_has_no_point_and_breaks_no_plot() -> None:
    section = grown()
    for figure in section.figures[: len(growth.SIZES)]:
        figure.values = []
    drawn = ElementTree.fromstring(growth_plot(section))
    assert len(list(drawn.iter(f"{SVG}circle"))) == (len(growth.UNITS) - 1) * len(growth.SIZES)


def test_the_page_says_first_what_was_missed_and_by_how_much() -> None:
    assert list(page.missed([compared()])) == [
        "2 goals, 1 met, missed:",
        "",
        "- Table <of> rows: paged (kite-tui): 80.0 ms; goal ≤ 60.0 ms",
    ]


def test_the_page_has_a_table_for_each_section_and_its_plots_lie_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "machine", lambda: {"python": "3.99"})
    page.write(tmp_path / "it.md", [compared(), grown(), Section("Gone", left_out="no server")])
    text = (tmp_path / "it.md").read_text()
    assert "Measured on: python 3.99" in text
    assert "## Table <of> rows" in text
    assert "| filled | kite-tui | 20.0 ms |" in text
    assert "| → first pod rows | 0.01 s |" in text or "| → first pod rows | 0.015 s |" in text
    assert "LEFT OUT: no server" in text
    for name in ("it-ratios.svg", "it-growth.svg"):
        assert f"({name})" in text
        ElementTree.fromstring((tmp_path / name).read_text())
