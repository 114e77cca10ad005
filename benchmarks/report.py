"""Figures: what was measured, of whom, how often, and how it compares."""

from __future__ import annotations

import json
import math
import mmap
import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

OURS = "kite-tui"
COMPARED = ("textual", "kubernetes")
"""Distributions that figures depend on, beside our own."""

RESTED = 4096
"""Pages that are left alone, and touched."""
ABOUT_MEMORY = """\
- *memory … a page after a rest* is how long it takes to touch memory that nobody touched for a second. Some virtual
  machines need a hundred times what others do; `python -m benchmarks.awake` keeps it awake.
"""
"""What a report says of that number of `machine`."""

UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9, "/s": 1.0, "MB": 1e-6, "kB": 1e-3, "%": 1e2, "": 1.0}


@dataclass(slots=True)
class Figure:
    """One thing measured. Values are seconds, bytes, shares of one or counts; `unit` says how they are shown.

    `against` names who else's figure of the same `what` it is compared with: `ratio` is how many times better ours is,
    so that over 1 is in our favour. Less is better, unless `more` says that more is. `goal` is the most (with `more`
    the least) that the median may be, `goal_ratio` the least that the ratio may be: 20 is 20 times better, and 1 / 1.3
    is 1.3 times what the other takes.
    """

    what: str
    who: str
    unit: str
    values: list[float] = field(default_factory=list)
    against: str = ""
    goal: float | None = None
    goal_ratio: float | None = None
    more: bool = False
    note: str = ""

    @property
    def known(self) -> list[float]:
        """The values that could be measured here."""
        return [value for value in self.values if not math.isnan(value)]

    @property
    def median(self) -> float:
        """Of those; NaN without any."""
        return median(known) if (known := self.known) else math.nan


@dataclass(slots=True)
class Section:
    """Figures that belong together, and what is to be known about them."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    left_out: str = ""
    """Why there are no figures."""

    def ratio(self, figure: Figure) -> float:
        """How many times better than the figure that it is against; NaN where there is none."""
        for other in self.figures:
            if figure.against and other.what == figure.what and other.who == figure.against:
                ours, theirs = figure.median, other.median
                if figure.more:
                    ours, theirs = theirs, ours
                return theirs / ours if ours else math.nan
        return math.nan

    def met(self, figure: Figure) -> bool | None:
        """Whether its goals are met; None without one. What was not measured meets none."""
        met: list[bool] = []
        if figure.goal is not None:
            met.append(figure.median >= figure.goal if figure.more else figure.median <= figure.goal)
        if figure.goal_ratio is not None:
            met.append(self.ratio(figure) >= figure.goal_ratio)
        return all(met) if met else None


def shown(value: float, unit: str) -> str:
    """A value in its unit with three digits: `1.12 s`, `97 MB`."""
    if math.isnan(value):
        return "not measured"
    number = value * UNITS[unit]
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    return f"{number:,.{digits}f} {unit}".rstrip()


def goal_of(figure: Figure) -> str:
    """Its goals in words: `≤ 60 ms`, `≥ 20 × better`, `≤ 1.3 × the other's`; empty without one."""
    goals = []
    if figure.goal is not None:
        goals.append(f"{'≥' if figure.more else '≤'} {shown(figure.goal, figure.unit)}")
    if figure.goal_ratio is not None:
        better = figure.goal_ratio >= 1
        goals.append(f"≥ {figure.goal_ratio:g} × better" if better else f"≤ {1 / figure.goal_ratio:.3g} × the other's")
    return ", ".join(goals)


def row(section: Section, figure: Figure) -> tuple[str, ...]:
    """A figure under `TITLES`."""
    ratio, known = section.ratio(figure), figure.known
    return (
        figure.what,
        figure.who,
        shown(figure.median, figure.unit),
        f"{shown(min(known), figure.unit)} – {shown(max(known), figure.unit)}" if known else "",
        f"{len(known)}",
        "" if math.isnan(ratio) else f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×",
        goal_of(figure),
        {None: "", True: "met", False: "MISSED"}[section.met(figure)],
        figure.note,
    )


TITLES = ("", "", "median", "range", "runs", "better", "goal", "", "")


def table(sections: Iterable[Section]) -> str:
    """All figures, aligned."""
    sections = list(sections)
    rows = [TITLES, *(row(section, figure) for section in sections for figure in section.figures)]
    widths = [max(len(texts[at]) for texts in rows) for at in range(len(TITLES))]

    def line(texts: Sequence[str]) -> str:
        cells = [
            text.ljust(width) if at in (0, 1, 8) else text.rjust(width)
            for at, (text, width) in enumerate(zip(texts, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    lines = [line(TITLES)]
    for section in sections:
        lines += ["", section.title]
        if section.left_out:
            lines.append(f"  LEFT OUT: {section.left_out}")
        lines += [line(row(section, figure)) for figure in section.figures]
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Where and with what it was measured; `load` is over 1, 5 and 15 minutes, our own included. Takes 3 s."""
    found = {"python": platform.python_version(), "system": platform.platform(), "processor": _processor()}
    found["load"] = " ".join(f"{load:.1f}" for load in os.getloadavg())
    found["memory"] = f"{_rested_page_s() * 1e6:.1f} µs a page after a rest"
    return found | {name: version(name) for name in COMPARED}


@cache
def _rested_page_s() -> float:
    """How long it takes to touch a page that was not touched for a second. Where memory rests well it is 0.2 µs. Some
    virtual machines need 100 times that, and then whatever happens once a second is slow, and no fault of who does it.
    """
    pages = bytearray(RESTED * mmap.PAGESIZE)
    took_s = []
    for _ in range(3):
        time.sleep(1)
        began_s = time.perf_counter()
        for at in range(0, len(pages), mmap.PAGESIZE):
            pages[at] = 1
        took_s.append(time.perf_counter() - began_s)
    return median(took_s) / RESTED


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.machine()


def write_json(path: Path, sections: Iterable[Section]) -> None:
    """All figures with every value: seconds, bytes, shares of one; what was not measured is null."""
    document = {
        "schema": 1,
        "machine": machine(),
        "sections": [
            {
                "title": section.title,
                "left_out": section.left_out or None,
                "figures": [_json(section, figure) for figure in section.figures],
            }
            for section in sections
        ],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _json(section: Section, figure: Figure) -> dict[str, Any]:
    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return {
        "what": figure.what,
        "who": figure.who,
        "shown_in": figure.unit,
        "median": known(figure.median),
        "values": [known(value) for value in figure.values],
        "against": figure.against or None,
        "ratio": known(section.ratio(figure)),
        "goal": figure.goal,
        "goal_ratio": figure.goal_ratio,
        "more_is_better": figure.more,
        "met": section.met(figure),
        "note": figure.note or None,
    }
