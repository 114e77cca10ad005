"""Our table beside Textual's DataTable, in a terminal: from the key that fills it to its first paint, and a page."""

from __future__ import annotations

import re
import sys

from benchmarks.report import OURS, Figure, Section
from benchmarks.table_app import FILL, READY
from benchmarks.terminal import FRAME_END, PAGE_DOWN, ROWS, Terminal, text_of

SMALL, LARGE = 10_000, 150_000
DATA_TABLE = "Textual's DataTable"
PAGES = 20
FILL_LIMIT_S = 300

_ROW = re.compile(r"web-6c8d4f7b9-\d{6}")


def tables(runs: int, *, theirs_large: bool) -> Section:
    """Few and many rows in both; `theirs_large` fills a DataTable with many, which takes it a minute."""
    section = Section(f"A table of {SMALL:,} and of {LARGE:,} rows")
    ours, ours_large = f"{OURS}, {SMALL:,}", f"{OURS}, {LARGE:,}"
    theirs, theirs_many = f"{DATA_TABLE}, {SMALL:,}", f"{DATA_TABLE}, {LARGE:,}"
    measured = [(ours, "ours", SMALL, runs), (ours_large, "ours", LARGE, runs), (theirs, "datatable", SMALL, runs)]
    if theirs_large:
        measured.append((theirs_many, "datatable", LARGE, 1))
    against = {ours: theirs, ours_large: ours}
    goals = {ours: 30.0, ours_large: 1 / 3}
    for who, whose, count, times in measured:
        filled = Figure("filled and painted", who, "ms", against=against.get(who, ""), goal_ratio=goals.get(who))
        paged = Figure("PageDown → painted", who, "ms", against=against.get(who, ""), note=f"{PAGES} keys a run")
        for _ in range(times):
            with Terminal([sys.executable, "-m", "benchmarks.table_app", whose, str(count)]) as terminal:
                terminal.wait_for(lambda output: READY in text_of(output))
                terminal.drain(0.5)
                filled.values.append(_took(terminal, FILL, FILL_LIMIT_S))
                paged.values += [_took(terminal, PAGE_DOWN) for _ in range(PAGES)]
        section.figures += [filled, paged]
    section.figures.sort(key=lambda figure: figure.what)
    return section


def _took(terminal: Terminal, key: bytes, limit_s: float = 30) -> float:
    """Seconds from a key to the end of the frame that shows a page of rows."""
    terminal.drain(0.1)
    sent_s = terminal.type(key)
    page = ROWS * 2 // 3
    return (
        terminal.wait_for(
            lambda output: output.endswith(FRAME_END) and len(_ROW.findall(text_of(output))) >= page, limit_s
        )
        - sent_s
    )
