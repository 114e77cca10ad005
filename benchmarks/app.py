"""The app in a terminal, as a benchmark sees it: how it is started, what it shows, and how soon it answers a key."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from benchmarks.servers import Server
from benchmarks.terminal import FRAME_END, PAGE_DOWN, ROWS, Terminal, text_of
from benchmarks.usage import cpu_s
from kite_tui.objects.kinds import ALWAYS

PODS_KEY = b"3"
LIVE_LIMIT_S = 600
SETTLE_S = 3
"""From everything live to the first measurement of what it costs then."""
PAGE = ROWS * 2 // 3
"""Rows that are painted when a page is."""

POD_ROW = re.compile(r"\d+/\d+ +[A-Z][A-Za-z:]+ ")
_LIVE = re.compile(rf"● live +{len(ALWAYS)} kinds")
_COUNTED = re.compile(r"of \d[\d  ,]* healthy")


def command(server: Server, *arguments: str) -> list[str]:
    """The program on a server."""
    return [sys.executable, "-m", "kite_tui", "--kubeconfig", str(server.kubeconfig), *arguments]


def rows_in(output: bytes) -> int:
    """How many rows of pods were drawn."""
    return len(POD_ROW.findall(text_of(output)))


def pods_counted(output: bytes) -> bool:
    """Whether the overview says how many pods are healthy."""
    return _COUNTED.search(text_of(output)) is not None


def everything_live(output: bytes) -> bool:
    """Whether the first line says that every kind is followed and live."""
    return _LIVE.search(text_of(output)) is not None


def until_live(terminal: Terminal) -> float:
    """Wait for that; when it was."""
    return terminal.wait_for(everything_live, LIVE_LIMIT_S)


def open_pods(terminal: Terminal) -> float:
    """Go to the list of pods; when it had rows. What was said before stays to be read: that all is live, perhaps."""
    terminal.type(PODS_KEY)
    return terminal.wait_for(lambda output: rows_in(output) >= 10)


def cpu_share(terminal: Terminal, seconds: float) -> float:
    """Of one processor, while nobody types."""
    began_s, had_s = terminal.now_s, cpu_s(terminal.pid)
    terminal.drain(seconds)
    return (cpu_s(terminal.pid) - had_s) / (terminal.now_s - began_s)


def page_downs(terminal: Terminal, count: int) -> Iterator[float]:
    """Seconds from each key to the end of the frame that shows other rows."""
    for _ in range(count):
        terminal.drain(0.1)
        sent_s = terminal.type(PAGE_DOWN)
        yield terminal.wait_for(lambda output: output.endswith(FRAME_END) and rows_in(output) >= PAGE) - sent_s


def p95(values: list[float]) -> float:
    """The value that 95 of 100 are at most."""
    return sorted(values)[-(-95 * len(values) // 100) - 1]
