"""A day in small: the app on a cluster that never rests, looked around in now and then, and what it holds on to.

    python -m benchmarks.soak [--minutes 20] [--rate 200] [--pods 5000] [--write docs/soak.md]

The app is a process of its own in a pseudo-terminal; the simulated cluster is in this one. Once a minute memory,
threads and open files are noted and a walk through all screens is taken. At the end the cluster stands still, and
everything that the app keeps up to date is compared with a recount and with the cluster.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.app import everything_live
from benchmarks.curve import curve
from benchmarks.report import machine
from benchmarks.terminal import Quiet, Terminal
from benchmarks.usage import cpu_s, open_files, rss_b, threads
from benchmarks.walk import walk
from benchmarks.watched import digest_of
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.generate import generate
from kite_tui.demo.live import Life
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import write_kubeconfig
from kite_tui.demo.server import DemoServer
from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, PODS

PODS_A_NODE = 50
LIVED = 1_500_000
"""Changes before the app comes: by then the cluster forgets as many events and old ReplicaSets as come to it."""
WARM_MIN = 5
"""From here on memory has to be flat: every screen was seen several times."""
FLAT = 0.05
MORE_THREADS = 2
"""Threads and files that may be more than before: a question to the reader, a request."""
PAUSE_S = 1.0
"""On each step of a walk."""
QUIET_S = 3.0
LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Minute:
    """What the app has at that time, and took since the time before."""

    at_min: float
    rss_b: float
    cpu: float
    threads: float
    files: float
    changes: int
    objects: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """All minutes, what happened in the cluster, and the last report of `benchmarks.recounted`."""

    minutes: Sequence[Minute]
    rollouts: int
    pods: int
    new_pods: int
    report: dict[str, Any]
    wrong: Sequence[str]


def soak(minutes: int, rate: float, pods: int) -> Soaked:
    """Run it. Raises Quiet where the app is not live in time, or a key leads nowhere."""
    cluster = generate(DemoOptions(nodes=max(12, pods // PODS_A_NODE), pods=pods), time.time)
    life = Life(cluster)
    until = cluster.world.revision + LIVED
    while cluster.world.revision < until:
        life.step()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kite-soak-")))
        server = stack.enter_context(DemoServer(cluster.world, metrics=Metrics(cluster)))
        kubeconfig, report = write_kubeconfig(folder / "kubeconfig", server.url), folder / "report.json"
        command = [sys.executable, "-m", "benchmarks.recounted", str(kubeconfig), str(report)]
        terminal = stack.enter_context(Terminal(command))
        terminal.wait_for(everything_live, LIMIT_S)
        first = _pods(cluster)
        revisions = _revisions(cluster)
        with living(life, rate):
            found = list(_minutes(terminal, cluster, minutes))
        walk(terminal, PAUSE_S)  # a screen that nobody looks at keeps the rows that it showed last
        terminal.drain(QUIET_S)
        os.kill(terminal.pid, signal.SIGUSR1)
        deadline_s = terminal.now_s + LIMIT_S
        while not report.exists():
            if terminal.now_s > deadline_s:
                raise Quiet(f"the app made no recount in {LIMIT_S:g} s")
            terminal.drain(0.1)
        said = json.loads(report.read_text())
    return Soaked(
        found,
        _revisions(cluster) - revisions,
        len(_pods(cluster)),
        len(_pods(cluster) - first),
        said,
        [*said["wrong"], *_not_the_servers(cluster, said), *_grown(found)],
    )


@contextlib.contextmanager
def living(life: Life, rate: float) -> Iterator[None]:
    """Let things happen, at a rate of changes a second, as long as the block lasts."""
    done = threading.Event()
    thread = threading.Thread(target=life.run, args=(rate, done), name="life")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _minutes(terminal: Terminal, cluster: Cluster, minutes: int) -> Iterator[Minute]:
    began_s = terminal.now_s
    had_s, had_changes = cpu_s(terminal.pid), cluster.world.revision
    for number in range(1, minutes + 1):
        walk(terminal, PAUSE_S)
        terminal.drain(began_s + 60 * number - terminal.now_s)
        used_s, changes = cpu_s(terminal.pid), cluster.world.revision
        minute = Minute(
            number,
            rss_b(terminal.pid),
            (used_s - had_s) / 60,
            threads(terminal.pid),
            open_files(terminal.pid),
            changes - had_changes,
            sum(len(table) for table in cluster.world.tables.values()),
        )
        had_s, had_changes = used_s, changes
        print(line(minute), file=sys.stderr, flush=True)
        yield minute


def _pods(cluster: Cluster) -> set[str]:
    _, snapshot = cluster.world.snapshot(PODS)
    return {item.key for item in snapshot.items}


def _revisions(cluster: Cluster) -> int:
    return sum(parent.revision for parent in cluster.parents if parent.kind is DEPLOYMENTS)


def _not_the_servers(cluster: Cluster, report: dict[str, Any]) -> Iterator[str]:
    """Kinds whose objects are not the server's. Of events the app has those that it asks for."""
    kinds = {kind.plural: kind for kind in cluster.world.served.kinds if kind is not EVENTS}
    for plural, digest in report["digests"].items():
        if kind := kinds.get(plural):
            _, snapshot = cluster.world.snapshot(kind)
            metas = [json.loads(item.body())["metadata"] for item in snapshot.items]
            if digest != digest_of((meta["uid"], meta["resourceVersion"]) for meta in metas):
                yield f"the {plural} are not the server's"


def _grown(minutes: Sequence[Minute]) -> Iterator[str]:
    warm = [minute for minute in minutes if minute.at_min >= WARM_MIN]
    if len(warm) < 2:
        return
    if not abs(growth_of(warm)) <= FLAT:
        yield f"memory changed by {growth_of(warm):+.1%} from minute {WARM_MIN} to the end"
    for what, before, after in (
        ("threads", warm[0].threads, warm[-1].threads),
        ("open files", warm[0].files, warm[-1].files),
    ):
        if not after <= before + MORE_THREADS:
            yield f"{what} grew from {before:.0f} to {after:.0f}"


def growth_of(minutes: Sequence[Minute]) -> float:
    """The share by which memory is at most another than in the first of these minutes."""
    return max((minute.rss_b / minutes[0].rss_b - 1 for minute in minutes), key=abs)


TITLES = ("minute", "RSS", "CPU", "threads", "open files", "changes", "objects there are")


def line(minute: Minute) -> str:
    """A row of the table."""
    cells = (
        f"{minute.at_min:.0f}",
        f"{minute.rss_b / 1e6:.1f} MB",
        f"{minute.cpu:.0%}",
        f"{minute.threads:.0f}",
        f"{minute.files:.0f}",
        f"{minute.changes:,}",
        f"{minute.objects:,}",
    )
    return "| " + " | ".join(cells) + " |"


def page(soaked: Soaked, rate: float, picture: str) -> str:
    """All of it as Markdown."""
    minutes, report = soaked.minutes, soaked.report
    warm = [minute for minute in minutes if minute.at_min >= WARM_MIN] or minutes
    changes, objects = sum(minute.changes for minute in minutes), sum(report["objects"].values())
    full = {name: size for name, (size, most) in report["caches"].items() if size >= most}
    lines = [
        "# A day in small",
        "",
        f"Output of `python -m benchmarks.soak --minutes {len(minutes)} --rate {rate:g}`: the app in a pseudo-terminal",
        f"on the simulated cluster of {soaked.pods:,} pods, which changes {rate:g} times a second and did so",
        f"{LIVED:,} times before: as many old events and ReplicaSets go as come. Every minute a walk goes through all",
        "screens (`benchmarks/walk.py`). RSS counts the shared libraries too.",
        "",
        " · ".join(f"{name} {value}" for name, value in machine().items()),
        "",
        *([f"![Memory]({picture})", ""] if picture else []),
        f"**{'; '.join(soaked.wrong) or 'Nothing grew, nothing differs'}.**",
        "",
        f"- Changes in all: {changes:,}; {soaked.rollouts:,} rollouts were begun, and",
        f"  of {soaked.pods:,} pods at the end {soaked.new_pods:,} had come meanwhile.",
        f"- Memory from minute {WARM_MIN} on: at most {growth_of(warm):+.1%}.",
        f"- Templates of pods: {report['templates']:,} are alive, the pods have {report['templates_of_pods']:,}.",
        f"- {len(report['objects'])} kinds with {objects:,} objects at the end: every index and every sum was compared",
        "  with a recount, and every object with the server's by UID and resourceVersion.",
        f"- Of {len(report['caches'])} bounded tables these were full: "
        + (", ".join(f"{name} ({size:,})" for name, size in full.items()) or "none")
        + ".",
        "",
        "| " + " | ".join(TITLES) + " |",
        "|" + " --- |" * len(TITLES),
        *map(line, minutes),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Soak; exit code 1 where something grew or differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--rate", type=float, default=200, help="changes of objects a second")
    parser.add_argument("--pods", type=int, default=5_000)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there, and its curve beside it")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the app ends with us
    soaked = soak(options.minutes, options.rate, options.pods)
    drawn = options.write.with_suffix(".svg") if options.write else None
    said = page(soaked, options.rate, drawn.name if drawn else "")
    print(said)
    if drawn:
        points = [(minute.at_min, minute.rss_b / 1e6) for minute in soaked.minutes]
        drawn.write_text(curve("RSS, minute by minute", points, "min", "MB", since_x=WARM_MIN))
        options.write.write_text(said)
    return 1 if soaked.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
