"""Parts of the program beside what the official client has for the same job."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cases import measure
from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server
from benchmarks.terminal import Terminal

MODELS = "kubernetes"
INFORMER = "its informer"

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("first frame")

Bare().run()
"""


@contextmanager
def pods_file(server: Server, pods: int) -> Iterator[Path]:
    """A file with one PodList of so many pods of a server."""
    with tempfile.TemporaryDirectory(prefix="kite-bench-") as folder:
        file = Path(folder) / "pods.json"
        client = server.client()
        file.write_text(json.dumps(client.get(f"/api/v1/pods?limit={pods}")))
        client.close()
        yield file


def decoding(server: Server, pods: int, runs: int) -> Section:
    """A page of pods to what is kept of them: time and memory of each pod."""
    section = Section(f"A pod decoded and stored ({pods:,} of them)")
    with pods_file(server, pods) as file:
        for what, case, number, unit in (("time", "decode", "seconds", "µs"), ("memory", "size", "bytes", "kB")):
            ours = Figure(what, OURS, unit, against=MODELS)
            theirs = Figure(what, MODELS, unit)
            for _ in range(runs if case == "decode" else 1):
                ours.values.append(measure(f"{case}_kite_tui", str(file))[number] / pods)
                theirs.values.append(measure(f"{case}_kubernetes", str(file))[number] / pods)
            section.figures += [ours, theirs]
    return section


def syncing(server: Server, runs: int) -> Section:
    """All pods of a server, from the first request to the last pod."""
    section = Section(f"All pods read ({server.name})")
    cases = {OURS: "sync_kite_tui", MODELS: "list_kubernetes", INFORMER: "informer_kubernetes"}
    times = {who: Figure("time", who, "s") for who in cases}
    memory = {who: Figure("RSS of the process", who, "MB") for who in cases}
    times[OURS].against = memory[OURS].against = MODELS
    times[OURS].note = "with nodes, namespaces, services, indexes and sums"
    for _ in range(runs):
        for who, case in cases.items():
            numbers = measure(case, str(server.kubeconfig))
            if numbers:
                if numbers["pods"] != server.pods:
                    raise RuntimeError(f"{case} read {numbers['pods']:.0f} of {server.pods} pods")
                times[who].values.append(numbers["seconds"])
                memory[who].values.append(numbers["rss"])
    section.figures += [figure for figure in (*times.values(), *memory.values()) if figure.values]
    return section


def quantities(count: int, runs: int) -> Section:
    """Quantities as clusters have them, most of them seen before."""
    ours, theirs = Figure("time of one", OURS, "µs", against=MODELS), Figure("time of one", MODELS, "µs")
    for _ in range(runs):
        ours.values.append(measure("quantities_kite_tui", str(count))["seconds"] / count)
        theirs.values.append(measure("quantities_kubernetes", str(count))["seconds"] / count)
    return Section(f"A quantity parsed ({count:,} of 300 different ones)", [ours, theirs])


def first_frame(server: Server, runs: int) -> Section:
    """From the start of the process to the first frame, of ours and of a Textual app with one label."""
    bare = "a bare Textual app"
    ours = Figure("process start → first frame", OURS, "s", against=bare, goal_ratio=1.5)
    theirs = Figure("process start → first frame", bare, "s")
    for _ in range(runs):
        with Terminal([sys.executable, "-m", "kite_tui", "--kubeconfig", str(server.kubeconfig)]) as terminal:
            ours.values.append(terminal.wait_for(lambda output: b"Overview" in output))
        with Terminal([sys.executable, "-c", BARE]) as terminal:
            theirs.values.append(terminal.wait_for(lambda output: b"first frame" in output))
    return Section("First frame", [ours, theirs])
