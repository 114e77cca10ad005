"""Measure, and print one table of medians, ranges and ratios."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import micro, program, related, servers
from benchmarks.report import Section, machine, table, write_json
from benchmarks.terminal import Quiet
from kite_tui.demo.process import DemoFailed

PODS, NODES = 5_000, 100
SYNCED = 10_000
LARGE, LARGE_NODES = 50_000, 1_000
GROUPS = ("micro", "related", "real", "simulated", "large")


def micro_figures(quick: bool) -> Iterator[Section]:
    """Parts of the program beside the official client and Textual."""
    runs = 2 if quick else 5
    pods = 2_000 if quick else SYNCED
    with servers.simulated(pods, pods // 50) as server:
        yield micro.decoding(server, 500 if quick else 2_000, runs)
        yield micro.syncing(server, 1 if quick else 3)
        yield micro.first_frame(server, runs if quick else 9)
    yield micro.quantities(100_000, runs)


def whole_program(server: servers.Server, quick: bool) -> Iterator[Section]:
    """The app on a server where nothing changes, and the plain command."""
    yield program.starting(server, 2 if quick else 5)
    yield program.resting(server, *windows(quick))
    yield program.plain(server, 2 if quick else 5)


def windows(quick: bool) -> tuple[int, float]:
    """How often, and how long each, processor time is measured."""
    return (1, 5) if quick else (2, 20)


def real_figures(quick: bool) -> Iterator[Section]:
    """The app on a real API server."""
    try:
        with servers.real(PODS, NODES) as server:
            yield from whole_program(server, quick)
            with program.changes(server, program.EVENTS_PER_S):
                yield program.busy(server, *windows(quick))
    except servers.NoServer as error:
        yield Section("The app on a real kube-apiserver", left_out=str(error))


def related_figures(quick: bool) -> Iterator[Section]:
    """Related: warm, its indexes, and cold on a real API server."""
    yield related.warm(5 if quick else 15)
    with servers.simulated(SYNCED, SYNCED // 50) as server:
        yield related.indexes(server, 2_000 if quick else SYNCED, 2 if quick else 5)
    try:
        with servers.real(PODS, NODES) as server:
            yield related.cold(server, 2 if quick else 5)
    except servers.NoServer as error:
        yield Section("Related, cold, on a real kube-apiserver", left_out=str(error))


def simulated_figures(quick: bool) -> Iterator[Section]:
    """The app on the simulated cluster."""
    with servers.simulated(PODS, NODES) as server:
        yield from whole_program(server, quick)
    with servers.simulated(PODS, NODES, program.EVENTS_PER_S) as server:
        yield program.busy(server, *windows(quick))


def large_figures(quick: bool) -> Iterator[Section]:
    """The app on ten times as many pods."""
    if quick:
        yield Section(f"The app on {LARGE:,} pods", left_out="--quick")
        return
    with servers.simulated(LARGE, LARGE_NODES) as server:
        yield program.starting(server, 2, large=True)
        yield program.resting(server, 1, 20, large=True)


def main() -> int:
    """Run the groups that were asked for; exit code 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"only these: {', '.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="few runs and small sizes: two minutes instead of fifteen")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every value there")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    if unknown := sorted(set(options.groups) - set(GROUPS)):
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(GROUPS)}")
    figures = dict(
        zip(GROUPS, (micro_figures, related_figures, real_figures, simulated_figures, large_figures), strict=True)
    )
    sections: list[Section] = []
    for group in options.groups or GROUPS:
        print(f"measuring: {group}", file=sys.stderr, flush=True)
        try:
            for section in figures[group](options.quick):
                sections.append(section)
                print(f"  {section.title}", file=sys.stderr, flush=True)
        except (Quiet, RuntimeError, DemoFailed) as error:  # what was measured until then is worth a table
            sections.append(Section(f"The rest of {group}", left_out=str(error)))
    print(*(f"{name} {value}" for name, value in machine().items()), sep=" · ")
    print(table(sections))
    if options.json:
        write_json(options.json, sections)
    return 0


if __name__ == "__main__":
    sys.exit(main())
