"""Any other program beside the app, on the same cluster, in the same terminal.

    python -m benchmarks program --command 'k9s --kubeconfig {kubeconfig} -A -c pods' [--row-pattern REGEX] …

What is measured of both: the first frame, the first rows of pods, then memory and processor time of the program and all
that it started.
"""

from __future__ import annotations

import argparse
import math
import re
import shlex
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import app, servers
from benchmarks.report import OURS, Figure, Section, machine, table, write_json
from benchmarks.servers import Server
from benchmarks.terminal import Terminal, text_of
from benchmarks.usage import family, family_cpu_s, rss_b

FRAME_CHARACTERS = 20
ROWS_LIMIT_S = 300


def beside(server: Server, other: argparse.Namespace) -> Section:
    """The app and the other program, in turns."""
    name = other.name or Path(shlex.split(other.command)[0]).name
    programs = {
        OURS: (app.command(server), app.POD_ROW, app.PODS_KEY),
        name: (
            shlex.split(other.command.format(kubeconfig=server.kubeconfig)),
            re.compile(other.row_pattern),
            other.keys.encode().decode("unicode_escape").encode("latin-1"),
        ),
    }
    whats = {
        "→ first frame": "s",
        f"→ first {other.rows} rows": "s",
        "RSS, its children's too": "MB",
        "CPU, its children's too": "%",
    }
    figures = {who: [Figure(what, who, unit) for what, unit in whats.items()] for who in programs}
    for figure in figures[OURS]:
        figure.against = name
    for _ in range(other.runs):
        for who, (command, row, keys) in programs.items():
            values = look(command, row, keys, other)
            for figure, value in zip(figures[who], values, strict=True):
                figure.values.append(value)
    title = f"The app beside {name} ({server.name}; memory and CPU from {other.settle:g} s after the first rows)"
    return Section(title, [figure for pair in zip(*figures.values(), strict=True) for figure in pair])


def look(command: list[str], row: re.Pattern[str], keys: bytes, other: argparse.Namespace) -> tuple[float, ...]:
    """Run one once: when its first frame and its first rows were there, its memory, and its share of a processor."""
    with Terminal(command) as terminal:
        frame_s = terminal.wait_for(lambda output: len("".join(text_of(output).split())) >= FRAME_CHARACTERS)
        if keys:
            terminal.type(keys)
        rows_s = terminal.wait_for(lambda output: len(row.findall(text_of(output))) >= other.rows, ROWS_LIMIT_S)
        terminal.drain(other.settle)
        memory_b = sum(size for pid in family(terminal.pid) if not math.isnan(size := rss_b(pid)))
        began_s, had_s = terminal.now_s, family_cpu_s(terminal.pid)
        terminal.drain(other.window)
        share = (family_cpu_s(terminal.pid) - had_s) / (terminal.now_s - began_s)
        return frame_s, rows_s, memory_b, share


def main(arguments: list[str]) -> int:
    """Measure both, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks program", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--command", required=True, help="how it is started; {kubeconfig} is the cluster's")
    parser.add_argument("--name", default="", help="what the table calls it, where that isn't the command's first word")
    parser.add_argument("--row-pattern", default=app.POD_ROW.pattern, metavar="REGEX", help="what a row of pods has")
    parser.add_argument("--rows", type=int, default=10, help="so many rows are the first ones")
    parser.add_argument("--keys", default="", help="sent at its first frame, such as ':pods\\r'")
    parser.add_argument("--pods", type=int, default=5_000)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--rate", type=float, default=0, help="changes a second, of the simulated cluster")
    parser.add_argument("--real", action="store_true", help="on a real API server (make apiserver)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--settle", type=float, default=10, metavar="SECONDS", help="from the rows to memory and CPU")
    parser.add_argument("--window", type=float, default=20, metavar="SECONDS", help="how long CPU is measured")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every value there")
    options = parser.parse_args(arguments)
    start: AbstractContextManager[Server] = (
        servers.real(options.pods, options.nodes)
        if options.real
        else servers.simulated(options.pods, options.nodes, options.rate)
    )
    try:
        with start as server:
            section = beside(server, options)
    except servers.NoServer as error:
        parser.exit(1, f"no server: {error}\n")
    print(*(f"{name} {value}" for name, value in machine().items()), sep=" · ")
    print(table([section]))
    if options.json:
        write_json(options.json, [section])
    return 0
