"""The whole program in a terminal, as a person has it: how soon, how large, how busy, how quick to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from benchmarks import app
from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server
from benchmarks.terminal import Terminal
from benchmarks.usage import cpu_s, rss_b

FEW, MANY = 20, 1_000
"""Changes a second."""
PAGES = 30
"""Keys in a row whose median and p95 are one value."""
IDLE_SHARE = 0.03
BUSY_SHARES = {FEW: 0.08, MANY: 0.60}
KEY_S = 0.060


@dataclass(frozen=True, slots=True)
class Goals:
    """The most that a cluster of one size may take; None where nothing is said."""

    rows_s: float | None = None
    live_s: float | None = None
    memory_b: float | None = None
    page_s: float | None = None


NO_GOALS = Goals()


def starting(server: Server, runs: int, goals: Goals = NO_GOALS) -> Section:
    """From the start of the process to what a person waits for."""
    section = Section(f"The app starts ({server.name} on {server.nodes:,} nodes)")
    frame = Figure("→ first frame", OURS, "s")
    rows = Figure("→ first pod rows", OURS, "s", goal=goals.rows_s, note="the key 3 was sent at the first frame")
    live_pods = Figure("→ everything live, on Pods", OURS, "s", goal=goals.live_s)
    counted = Figure("→ pods counted", OURS, "s", note="on Overview")
    live = Figure("→ everything live, on Overview", OURS, "s", goal=goals.live_s)
    taken = Figure("processor time until then", OURS, "s")
    memory = Figure("RSS when live", OURS, "MB", goal=goals.memory_b)
    for _ in range(runs):
        with Terminal(app.command(server)) as terminal:
            frame.values.append(terminal.wait_for(lambda output: b"Overview" in output))
            rows.values.append(app.open_pods(terminal))
            live_pods.values.append(app.until_live(terminal))
            memory.values.append(rss_b(terminal.pid))
        with Terminal(app.command(server)) as terminal:
            counted.values.append(terminal.wait_for(app.pods_counted, app.LIVE_LIMIT_S))
            live.values.append(app.until_live(terminal))
            taken.values.append(cpu_s(terminal.pid))
            memory.values.append(rss_b(terminal.pid))
    section.figures += [frame, rows, live_pods, counted, live, taken, memory]
    return section


def resting(server: Server, windows: int, window_s: float, goals: Goals = NO_GOALS) -> Section:
    """Nothing changes: processor time, and how soon a key is answered."""
    section = Section(f"No changes ({server.name})")
    section.figures += _running(server, windows, window_s, IDLE_SHARE, goals.page_s, goals.memory_b)
    return section


def busy(server: Server, rate: int, windows: int, window_s: float) -> Section:
    """Pods change all the time."""
    section = Section(f"{rate:,} events a second ({server.name})")
    made = Figure("changes a second, in fact", "the server", "/s", more=True)
    began_s, revision = time.monotonic(), server.revision()
    section.figures += _running(server, windows, window_s, BUSY_SHARES[rate], KEY_S, None)
    made.values.append((server.revision() - revision) / (time.monotonic() - began_s))
    section.figures.append(made)
    return section


def _running(
    server: Server, windows: int, window_s: float, share: float, page_s: float | None, memory_b: float | None
) -> list[Figure]:
    overview = Figure("CPU on Overview", OURS, "%", goal=share)
    pods = Figure("CPU on Pods", OURS, "%", goal=share)
    paint = Figure("PageDown → painted, median", OURS, "ms", note=f"{PAGES} keys a run")
    late = Figure("PageDown → painted, p95", OURS, "ms", goal=page_s)
    memory = Figure("RSS at the end", OURS, "MB", goal=memory_b)
    with Terminal(app.command(server)) as terminal:
        app.until_live(terminal)
        terminal.drain(app.SETTLE_S)
        overview.values += [app.cpu_share(terminal, window_s) for _ in range(windows)]
        app.open_pods(terminal)
        terminal.drain(app.SETTLE_S)
        for _ in range(windows):
            pods.values.append(app.cpu_share(terminal, window_s))
            took = list(app.page_downs(terminal, PAGES))
            paint.values.append(median(took))
            late.values.append(app.p95(took))
        memory.values.append(rss_b(terminal.pid))
    return [overview, pods, paint, late, memory]
