"""Plots as SVG, by hand: a few lines and texts need no library, and follow the reader's light or dark theme."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from benchmarks import growth
from benchmarks.report import Figure, Section, goal_of, shown

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

PANEL_W, PANEL_H, COLUMNS = 300, 200, 3
LEFT, RIGHT, TOP, BOTTOM = 48, 24, 34, 30
BAR_H, LABEL_W, BARS_W = 24, 430, 400


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

    parts = [_text(LEFT - 36, 18, figures[0].what, "title")]
    for share in (0.0, 0.5, 1.0):
        parts += [
            _line(LEFT, y(share * top), LEFT + width, y(share * top), "line"),
            _text(LEFT - 6, y(share * top) + 4, shown(share * top, figures[0].unit), "dim small", "end"),
        ]
    for share in (0.0, 1 / 3, 2 / 3, 1.0):
        pods = round(most_x * share)
        parts.append(_text(x(pods), TOP + height + 16, f"{pods // 1000}k" if pods else "0", "dim small", "middle"))
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
    scale = {"ms": 1e3, "µs": 1e6, "MB": 1e-6, "kB": 1e-3, "%": 1e2}.get(unit, 1.0)
    number = max(value * scale * 1.15, 1e-9)
    power = 10.0 ** math.floor(math.log10(number))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= number) / scale


def ratio_plot(sections: Iterable[Section]) -> str:
    """A bar for each figure that is held against another: how many times better, on a logarithmic axis; a mark is the
    goal."""
    bars = [
        (f"{section.title.partition(' (')[0]}: {figure.what}", figure, section.ratio(figure))
        for section in sections
        for figure in section.figures
        if not math.isnan(section.ratio(figure))
    ]
    ratios = [ratio for _, _, ratio in bars]
    low, high = math.log10(min([0.5, *ratios])), math.log10(max([10.0, *ratios]))

    def x(ratio: float) -> float:
        return LABEL_W + BARS_W * (math.log10(ratio) - low) / (high - low)

    height = TOP + BAR_H * len(bars)
    parts = [
        part
        for power in range(math.ceil(low), math.floor(high) + 1)
        for part in (
            _line(x(10.0**power), TOP - 8, x(10.0**power), height, "line"),
            _text(x(10.0**power), TOP - 14, f"{10.0**power:g} ×", "dim small", "middle"),
        )
    ]
    for at, (label, figure, ratio) in enumerate(bars):
        top, left, right = TOP + at * BAR_H, min(x(1.0), x(ratio)), max(x(1.0), x(ratio))
        parts += [
            _text(LABEL_W - 160, top + 15, label, anchor="end", limit=46),
            _text(LABEL_W - 152, top + 15, figure.against, "dim small", limit=28),
            f'<rect class="fill" x="{left:.1f}" y="{top + 4}" width="{right - left:.1f}" height="{BAR_H - 9}"/>',
            _text(right + 6, top + 15, f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×", "small title"),
        ]
        if figure.goal_ratio is not None:
            mark = x(figure.goal_ratio)
            parts.append(
                f"<g><title>{escape(goal_of(figure))}</title>{_line(mark, top + 1, mark, top + 22, 'goal')}</g>"
            )
    return _svg(LABEL_W + BARS_W + 90, height + 14, parts)


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
