"""Plots as SVG, by hand: a few lines and texts need no library, and follow the reader's light or dark theme."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape

from benchmarks import growth
from benchmarks.report import UNITS, Figure, Section, goal_of, shown

STYLE = """
svg { --ground: #ffffff; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --fill: #0969da; --goal: #bc4c00;
  font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --ink: #f0f6fc; --dim: #9198a1; --line: #3d444d; --fill: #4493f8; --goal: #db6d28; }
}
.ground { fill: var(--ground); } .line { stroke: var(--line); } .goal { stroke: var(--goal); stroke-width: 2; }
.curve { stroke: var(--fill); stroke-width: 2; fill: none; }
.fill { fill: var(--fill); } .range { stroke: var(--fill); }
text { fill: var(--ink); } .dim { fill: var(--dim); } .small { font-size: 11px; } .title { font-weight: 600; }
"""

PANEL_W, PANEL_H, COLUMNS = 310, 200, 3
LEFT, RIGHT, TOP, BOTTOM = 62, 26, 36, 30
BAR_H, LABEL_W, AGAINST_W, BARS_W = 24, 300, 190, 380
NUMBER_W = 60


def growth_plot(section: Section) -> str:
    """A panel for each thing measured, over the number of pods; both axes begin at 0, so that what is proportional is
    straight. A bar at a point is the range of its values."""
    panels = [[f for f in section.figures if f.what == what] for what in dict.fromkeys(f.what for f in section.figures)]
    lines = -(-len(panels) // COLUMNS)
    drawn = [
        f'<g transform="translate({at % COLUMNS * PANEL_W},{at // COLUMNS * PANEL_H})">{_panel(figures)}</g>'
        for at, figures in enumerate(panels)
    ]
    return _svg(COLUMNS * PANEL_W, lines * PANEL_H, drawn)


def _panel(figures: Sequence[Figure]) -> str:
    measured = [figure for figure in figures if figure.known]
    most_x = max(growth.size(figure) for figure in figures)
    top = _round_up(max((max(figure.known) for figure in measured), default=1.0), measured[0].unit if measured else "")
    width, height = PANEL_W - LEFT - RIGHT, PANEL_H - TOP - BOTTOM

    def x(pods: int) -> float:
        return LEFT + width * pods / most_x

    def y(value: float) -> float:
        return TOP + height * (1 - value / top)

    parts = [_text(LEFT - 46, 20, figures[0].what, "title")]
    for share in (0.0, 0.5, 1.0):
        parts += [
            _line(LEFT, y(share * top), LEFT + width, y(share * top), "line"),
            _text(LEFT - 6, y(share * top) + 4, _axis(share * top, figures[0].unit), "dim small", "end"),
        ]
    for share in (0.0, 1 / 3, 2 / 3, 1.0):
        pods = round(most_x * share)
        parts.append(
            _text(x(pods), TOP + height + 16, f"{pods / 1000:g}k" if pods else "0 pods", "dim small", "middle")
        )
    points = [(x(growth.size(figure)), y(figure.median)) for figure in measured]
    parts.append(f'<polyline class="curve" points="{" ".join(f"{px:.1f},{py:.1f}" for px, py in points)}"/>')
    for figure, (px, py) in zip(measured, points, strict=True):
        parts.append(_line(px, y(min(figure.known)), px, y(max(figure.known)), "range"))
        parts.append(f'<circle class="fill" cx="{px:.1f}" cy="{py:.1f}" r="3.5"/>')
    if measured:
        px, py = points[-1]
        parts.append(_text(px, py - 9, shown(measured[-1].median, measured[-1].unit), "small title", "end"))
    return "".join(parts)


def _round_up(value: float, unit: str) -> float:
    """The next of 1, 2, 4, 5, 10, … above a value, as it is shown in its unit; with room for a label."""
    number = max(value * UNITS[unit] * 1.15, 1e-9)
    power = 10.0 ** math.floor(math.log10(number))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= number) / UNITS[unit]


def _axis(value: float, unit: str) -> str:
    return f"{value * UNITS[unit]:,.10g} {unit}" if value else "0"


def ratio_plot(sections: Iterable[Section]) -> str:
    """A bar for each figure that is held against another: how many times better, on a logarithmic axis; a mark is the
    goal."""
    compared = [
        (section, [(figure, ratio) for figure in section.figures if not math.isnan(ratio := section.ratio(figure))])
        for section in sections
    ]
    ends = [
        end for _, bars in compared for figure, ratio in bars for end in (ratio, figure.goal_ratio or ratio) if end > 0
    ]
    low, high = math.log10(min([0.5, *ends])), math.log10(max([10.0, *ends]))
    left = LABEL_W + AGAINST_W

    def x(ratio: float) -> float:
        return left + BARS_W * (math.log10(max(ratio, 10**low)) - low) / (high - low)

    lines = sum(1 + len(bars) for _, bars in compared)
    parts = [
        part
        for power in range(math.ceil(low), math.floor(high) + 1)
        for part in (
            _line(x(10.0**power), TOP - 8, x(10.0**power), TOP + BAR_H * lines, "line"),
            _text(x(10.0**power), TOP - 14, f"{10.0**power:g} ×", "dim small", "middle"),
        )
    ]
    top = TOP
    for section, bars in compared:
        parts.append(_text(12, top + 16, section.title, "title", limit=74))
        for figure, ratio in bars:
            top += BAR_H
            parts += _bar(figure, ratio, x, top)
        top += BAR_H
    return _svg(left + BARS_W + NUMBER_W, TOP + BAR_H * lines + 12, parts)


def _bar(figure: Figure, ratio: float, x: Callable[[float], float], top: float) -> Iterator[str]:
    begin, end, text_x = min(x(1.0), x(ratio)), max(x(1.0), x(ratio)), max(x(1.0), x(ratio)) + 6
    yield _text(24, top + 15, figure.what, limit=46)
    yield _text(LABEL_W + 12, top + 15, figure.against, "dim small", limit=30)
    yield f'<rect class="fill" x="{begin:.1f}" y="{top + 4}" width="{end - begin:.1f}" height="{BAR_H - 9}"/>'
    if figure.goal_ratio is not None:
        mark = x(figure.goal_ratio)
        if end <= mark < end + NUMBER_W:
            text_x = mark + 6
        yield f"<g><title>{escape(goal_of(figure))}</title>{_line(mark, top + 1, mark, top + 22, 'goal')}</g>"
    yield _text(text_x, top + 15, f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×", "small title")


def _svg(width: int, height: int, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f'<style>{STYLE}</style>\n<rect class="ground" width="{width}" height="{height}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start", limit: int = 99) -> str:
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
