"""Parts of the program beside what the official client has for the same job."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.cases import measure
from benchmarks.replay import replaying
from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server
from benchmarks.terminal import Terminal

MODELS = "kubernetes"
INFORMER = "its SharedInformer"
BARE = "a bare Textual app"

BARE_APP = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("first frame")

Bare().run()
"""


@contextmanager
def pods_files(server: Server, *sizes: int) -> Iterator[list[Path]]:
    """Files with a PodList each, of so many pods of a server."""
    with tempfile.TemporaryDirectory(prefix="kite-bench-") as folder, closing(server.client()) as client:
        files = []
        for pods in sizes:
            files.append(Path(folder) / f"pods-{pods}.json")
            files[-1].write_text(json.dumps(client.get(f"/api/v1/pods?limit={pods}")))
        yield files


def decoding(file: Path, pods: int, theirs_file: Path, theirs_pods: int, runs: int) -> Section:
    """A list of pods to what is kept of them: time and memory of each pod."""
    section = Section(f"A pod decoded and stored ({pods:,} of them; by {MODELS}, {theirs_pods:,})")
    for what, suffix, number, unit, goal in (
        ("time", "", "seconds", "µs", None),
        ("memory held, as allocated", "_size", "bytes", "kB", 40.0),
        ("memory held, as RSS grew", "", "rss", "kB", None),
    ):
        ours, theirs = Figure(what, OURS, unit, against=MODELS, goal_ratio=goal), Figure(what, MODELS, unit)
        for _ in range(1 if suffix else runs):
            ours.values.append(measure(f"decode.kite_tui{suffix}", file)[number] / pods)
            theirs.values.append(measure(f"decode.kubernetes{suffix}", theirs_file)[number] / theirs_pods)
        section.figures += [ours, theirs]
    return section


def decoding_by_step(file: Path, pods: int, runs: int) -> Section:
    """Where the time of a pod goes."""
    steps = {
        "cut": "cut out of its page (msgspec, in C)",
        "read": "the fields that somebody reads, out of its JSON (msgspec, in C)",
        "made": "a record of them: what is shared looked up, statuses, links, effective resources (Python)",
        "stored": "into the store: seven indexes, sums by node and namespace, journal (Python)",
    }
    figures = {step: Figure(what, OURS, "µs") for step, what in steps.items()}
    for _ in range(runs):
        for step, seconds in measure("decode.kite_tui_steps", file).items():
            figures[step].values.append(seconds / pods)
    return Section(f"The same pod, step by step ({pods:,} of them)", list(figures.values()))


def syncing(server: Server, runs: int) -> Section:
    """All pods of a server, from the first request to the last pod."""
    section = Section(f"All pods read ({server.name})")
    cases = {OURS: "sync.kite_tui", INFORMER: "sync.informer"}
    goals = {"seconds": 20.0, "cpu": 25.0}
    figures = {
        (number, who): Figure(what, who, unit, against=INFORMER if who == OURS else "")
        for number, what, unit in (
            ("seconds", "time", "s"),
            ("cpu", "processor time", "s"),
            ("stall", "longest wait of an event loop", "ms"),
            ("rss", "RSS of the process", "MB"),
        )
        for who in cases
    }
    for number, goal in goals.items():
        figures[number, OURS].goal_ratio = goal
    figures["stall", OURS].goal = 0.060
    figures["seconds", OURS].note = "with nodes, namespaces, services, indexes and sums"
    for _ in range(runs):
        for who, case in cases.items():
            numbers = measure(case, server.kubeconfig)
            if numbers:
                if numbers["pods"] != server.pods:
                    raise RuntimeError(f"{case} read {numbers['pods']:.0f} of {server.pods} pods")
                for (number, of), figure in figures.items():
                    if of == who:
                        figure.values.append(numbers[number])
    section.figures += [figure for figure in figures.values() if figure.values]
    return section


def watching(file: Path, runs: int, events: int, theirs_events: int) -> Section:
    """Events of a watch as fast as they are taken in."""
    section = Section("Events of a watch of pods taken in, each a changed pod")
    figures = {
        (number, who): Figure(what, who, "/s", more=True, against=INFORMER if who == OURS else "")
        for number, what in (("events", "in a second"), ("cpu_events", "in a second of processor time"))
        for who in (OURS, INFORMER)
    }
    figures["events", OURS].goal_ratio = 15
    for who, case, count in ((OURS, "watch.kite_tui", events), (INFORMER, "watch.informer", theirs_events)):
        with replaying(file, count) as server:
            for _ in range(runs):
                for number, value in measure(case, server.kubeconfig, count).items():
                    figures[number, who].values.append(value)
    section.figures += figures.values()
    return section


def quantities(count: int, runs: int) -> Section:
    """Quantities as clusters have them, most of them seen before."""
    ours = Figure("time of one", OURS, "ns", against=MODELS, goal_ratio=15)
    theirs = Figure("time of one", MODELS, "ns")
    for _ in range(runs):
        ours.values.append(measure("quantities.kite_tui", count)["seconds"] / count)
        theirs.values.append(measure("quantities.kubernetes", count)["seconds"] / count)
    return Section(f"A quantity parsed ({count:,} of 300 different ones)", [ours, theirs])


def first_frame(server: Server, runs: int) -> Section:
    """From the start of the process to the first frame, of ours and of a Textual app with one label."""
    ours = Figure("process start → first frame", OURS, "s", against=BARE, goal_ratio=1 / 1.3)
    theirs = Figure("process start → first frame", BARE, "s")
    for _ in range(runs):
        with Terminal([sys.executable, "-m", "kite_tui", "--kubeconfig", str(server.kubeconfig)]) as terminal:
            ours.values.append(terminal.wait_for(lambda output: b"Overview" in output))
        with Terminal([sys.executable, "-c", BARE_APP]) as terminal:
            theirs.values.append(terminal.wait_for(lambda output: b"first frame" in output))
    return Section("First frame", [ours, theirs])
