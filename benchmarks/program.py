"""The whole program in a terminal, as a person has it: how soon, how large, how busy, how quick to answer."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server
from benchmarks.terminal import FRAME_END, PAGE_DOWN, ROWS, Terminal, text_of
from benchmarks.usage import cpu_s, rss_b
from kite_tui.objects.kinds import FIRST, SECOND

KUBECTL = "kubectl"
EVENTS_PER_S = 20
PAGES = 30

_POD_ROW = re.compile(r"\d+/\d+ +[A-Z][A-Za-z:]+ ")
_LIVE = re.compile(rf"● live +{len(FIRST) + len(SECOND)} kinds")
_COUNTED = re.compile(r"of \d[\d  ,]* healthy")


def rows_in(output: bytes) -> int:
    """How many rows of pods were drawn."""
    return len(_POD_ROW.findall(text_of(output)))


def everything_live(output: bytes) -> bool:
    """Whether the first line says that every kind is followed and live."""
    return _LIVE.search(text_of(output)) is not None


def command(server: Server, *arguments: str) -> list[str]:
    """The program on a server."""
    return [sys.executable, "-m", "kite_tui", "--kubeconfig", str(server.kubeconfig), *arguments]


def starting(server: Server, runs: int, *, large: bool = False) -> Section:
    """From the start of the process to what a person waits for. The goals are not those of a `large` cluster."""
    section = Section(f"The app starts ({server.name} on {server.nodes} nodes)")
    frame = Figure("→ first frame", OURS, "s")
    rows = Figure(
        "→ first pod rows", OURS, "s", goal=None if large else 1.5, note="the key 3 was sent at the first frame"
    )
    live_pods = Figure("→ everything live, on Pods", OURS, "s", goal=None if large else 4)
    counted = Figure("→ pods counted", OURS, "s", note="on Overview")
    live = Figure("→ everything live, on Overview", OURS, "s", goal=None if large else 4)
    memory = Figure("RSS when live", OURS, "MB", goal=None if large else 150e6)
    for _ in range(runs):
        with Terminal(command(server)) as terminal:
            frame.values.append(terminal.wait_for(lambda output: b"Overview" in output))
            terminal.type(b"3")
            rows.values.append(terminal.wait_for(lambda output: rows_in(output) >= 10))
            live_pods.values.append(terminal.wait_for(everything_live, 120))
            memory.values.append(rss_b(terminal.pid))
        with Terminal(command(server)) as terminal:
            counted.values.append(terminal.wait_for(lambda output: _COUNTED.search(text_of(output)) is not None))
            live.values.append(terminal.wait_for(everything_live, 120))
            memory.values.append(rss_b(terminal.pid))
    section.figures += [frame, rows, live_pods, counted, live, memory]
    return section


def resting(server: Server, windows: int, window_s: float, *, large: bool = False) -> Section:
    """Nothing changes: processor time, and how soon a key is answered. Only keys have a goal on a `large` cluster."""
    section = Section(f"No changes ({server.name})")
    paint = Figure("PageDown → painted, median", OURS, "ms", goal=0.030, note=f"{PAGES} keys a run")
    late = Figure("PageDown → painted, p95", OURS, "ms")
    overview = Figure("CPU on Overview", OURS, "%", goal=None if large else 0.04)
    pods = Figure("CPU on Pods", OURS, "%", goal=None if large else 0.04)
    memory = Figure("RSS at the end", OURS, "MB", goal=None if large else 150e6)
    with Terminal(command(server)) as terminal:
        terminal.wait_for(everything_live, 120)
        terminal.drain(3)
        for _ in range(windows):
            overview.values.append(cpu_share(terminal, window_s))
        terminal.type(b"3")
        terminal.wait_for(lambda output: rows_in(output) >= 10)
        terminal.drain(3)
        for _ in range(windows):
            pods.values.append(cpu_share(terminal, window_s))
            took = sorted(page_downs(terminal, PAGES))
            paint.values.append(took[PAGES // 2])
            late.values.append(took[int(PAGES * 0.95)])
        memory.values.append(rss_b(terminal.pid))
    section.figures += [overview, pods, paint, late, memory]
    return section


def busy(server: Server, windows: int, window_s: float) -> Section:
    """Pods change all the time."""
    section = Section(f"{EVENTS_PER_S} events a second ({server.name})")
    overview, pods = Figure("CPU on Overview", OURS, "%"), Figure("CPU on Pods", OURS, "%")
    memory = Figure("RSS at the end", OURS, "MB", goal=150e6)
    with Terminal(command(server)) as terminal:
        terminal.wait_for(everything_live, 120)
        terminal.drain(3)
        for _ in range(windows):
            overview.values.append(cpu_share(terminal, window_s))
        terminal.type(b"3")
        terminal.wait_for(lambda output: rows_in(output) >= 10)
        terminal.drain(3)
        for _ in range(windows):
            pods.values.append(cpu_share(terminal, window_s))
        memory.values.append(rss_b(terminal.pid))
    section.figures += [overview, pods, memory]
    return section


def cpu_share(terminal: Terminal, seconds: float) -> float:
    """Of one processor, while nobody types."""
    began_s, had_s = terminal.now_s, cpu_s(terminal.pid)
    terminal.drain(seconds)
    return (cpu_s(terminal.pid) - had_s) / (terminal.now_s - began_s)


def page_downs(terminal: Terminal, count: int) -> Iterator[float]:
    """Seconds from each key to the end of the frame that shows other rows."""
    page = ROWS * 2 // 3
    for _ in range(count):
        terminal.drain(0.1)
        sent_s = terminal.type(PAGE_DOWN)
        yield terminal.wait_for(lambda output: output.endswith(FRAME_END) and rows_in(output) >= page) - sent_s


@contextmanager
def changes(server: Server, per_second: float) -> Iterator[None]:
    """Change a pod that often, as long as the block lasts: its phase, which every number on Overview hangs on.

    Raises RuntimeError at the end where the server refused one.
    """
    client, done, random = server.client(), threading.Event(), Random(1)
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": meta["name"], "namespace": meta["namespace"]}}
        for meta in (pod["metadata"] for pod in client.get("/api/v1/pods?limit=500")["items"])
    ]

    def run() -> None:
        due_s = time.monotonic()
        while not done.wait(max(0.0, due_s - time.monotonic())):
            client.set_status(random.choice(pods), {"phase": random.choice(("Running", "Pending"))})
            due_s += 1 / per_second

    thread = threading.Thread(target=run, name="changes")
    thread.start()
    try:
        yield
        if not thread.is_alive():
            raise RuntimeError("the changes ended before what they were made for")
    finally:
        done.set()
        thread.join()
        client.close()


def plain(server: Server, runs: int) -> Section:
    """All pods printed, and the process gone."""
    ours = Figure("all pods printed", OURS, "s", goal=3, against=KUBECTL)
    theirs = Figure("all pods printed", KUBECTL, "s")
    for _ in range(runs):
        ours.values.append(_took(command(server, "pods")))
        if shutil.which(KUBECTL):
            theirs.values.append(_took([KUBECTL, "--kubeconfig", str(server.kubeconfig), "get", "pods", "-A"]))
    return Section(f"A plain command ({server.name})", [ours, theirs] if theirs.values else [ours])


def _took(command: list[str]) -> float:
    began_s = time.perf_counter()
    subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=120)
    return time.perf_counter() - began_s
