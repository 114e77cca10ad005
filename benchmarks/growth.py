"""How the app grows with the cluster: the same figures at sizes from a thousand pods to 150 000."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks import app, servers
from benchmarks.report import Figure, Section
from benchmarks.servers import Server
from benchmarks.terminal import ROWS as ROWS_SEEN
from benchmarks.terminal import Terminal
from benchmarks.usage import rss_b

SIZES = (1_000, 5_000, 20_000, 50_000, 150_000)
PODS_A_NODE = 30
KEYS = 40
TITLE = "How it grows"

ROWS, LIVE, MEMORY, POD, PAGE, IDLE = (
    "→ first pod rows",
    "→ everything live, on Pods",
    "RSS",
    f"RSS of a pod, beyond that at {SIZES[0]:,}",
    "PageDown → painted, p95",
    "CPU at rest, on Pods",
)
UNITS = {ROWS: "s", LIVE: "s", MEMORY: "MB", POD: "kB", PAGE: "ms", IDLE: "%"}


def growth(runs: int, window_s: float, sizes: Iterable[int] = SIZES) -> Iterator[Section]:
    """One section, when all sizes are done: for each thing measured a figure a size."""
    figures = {what: dict[int, Figure]() for what in UNITS}
    for pods in sizes:
        for what, unit in UNITS.items():
            figures[what][pods] = Figure(what, of(pods), unit)
        with servers.simulated(pods, -(-pods // PODS_A_NODE)) as server:
            for _ in range(runs):
                for what, value in _once(server, window_s):
                    figures[what][pods].values.append(value)
    smallest = min(figures[MEMORY])
    base_b = figures[MEMORY][smallest].median
    for pods, figure in figures[POD].items():
        if pods > smallest:
            figure.values = [(value - base_b) / (pods - smallest) for value in figures[MEMORY][pods].values]
    del figures[POD][smallest]
    yield Section(TITLE, [figure for by_size in figures.values() for figure in by_size.values()])


def of(pods: int) -> str:
    """Whose figure that of a size is."""
    return f"{pods:,} pods"


def size(figure: Figure) -> int:
    """The size that a figure is of."""
    return int(figure.who.removesuffix(" pods").replace(",", ""))


def _once(server: Server, window_s: float) -> Iterator[tuple[str, float]]:
    with Terminal(app.command(server)) as terminal:
        terminal.wait_for(lambda output: b"Overview" in output)
        yield ROWS, app.open_pods(terminal)
        yield LIVE, app.until_live(terminal)
        terminal.drain(app.SETTLE_S)
        yield IDLE, app.cpu_share(terminal, window_s)
        # At the end of the list a key changes nothing, and would be waited for until something else does.
        yield PAGE, app.p95(list(app.page_downs(terminal, min(KEYS, server.pods // ROWS_SEEN - 1))))
        yield MEMORY, rss_b(terminal.pid)
