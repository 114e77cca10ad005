"""One curve as SVG, drawn by hand: readable on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 28, 40, 36
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

Point = tuple[float, float]


def curve(title: str, points: Sequence[Point], x_unit: str, y_unit: str, *, since_x: float) -> str:
    """The points joined from left to right, from (0, 0) on; a dashed line at the first point from `since_x` on, to
    which the rest is compared."""
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points) * 1.1
    base = next((y for x, y in points if x >= since_x), points[-1][1])

    def at(x: float, y: float) -> str:
        across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return f"{LEFT + across * x / most_x:.1f},{HEIGHT - BOTTOM - down * y / most_y:.1f}"

    def text(place: str, said: str, anchor: str, shift: tuple[int, int]) -> str:
        x, y = (float(part) + by for part, by in zip(place.split(","), shift, strict=True))
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'

    marks_x = range(0, int(most_x) + 1, next(step for step in STEPS if most_x / step <= 10))
    marks_y = range(0, int(most_y) + 1, next(step for step in STEPS if most_y / step <= 5))
    grid = [f'<polyline class="grid" points="{at(0, y)} {at(most_x, y)}"/>' for y in marks_y]
    names = [text(at(0, y), f"{y} {y_unit}", "end", (-6, 4)) for y in marks_y]
    names += [text(at(x, 0), f"{x} {x_unit}", "middle", (0, 18)) for x in marks_x]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<style>text{font:12px sans-serif;fill:#808080}polyline{fill:none;stroke:#3b82c4;stroke-width:2}"
        ".grid{stroke:#80808050;stroke-width:1}.base{stroke:#c47a3b;stroke-width:1;stroke-dasharray:4 4}</style>",
        f"<title>{escape(title)}</title>",
        f'<text x="{LEFT}" y="20">{escape(title)}</text>',
        *grid,
        *names,
        f'<polyline class="base" points="{at(since_x, base)} {at(most_x, base)}"/>',
        f'<polyline points="{" ".join(at(x, y) for x, y in points)}"/>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
