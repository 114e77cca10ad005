"""Measure pods in JSON and in protobuf: on the server, on the way, in the reader, and from the request to the rows."""

from __future__ import annotations

import argparse
import gc
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from benchmarks.protobuf.cases import Numbers, Requests
from benchmarks.protobuf.formats import FORMATS, GOOGLE, JSON_READ, PROTOBUF, Format
from benchmarks.report import Figure, Section, machine, table, write_json
from benchmarks.servers import NoServer, Server, real
from benchmarks.usage import cpu_s
from kite_tui.kube.api import JSON
from tests.conformance import relations, shapes

PODS, NODES = 5_000, 100
SHAPES, SEED = 300, 1
PAGES = {"a page of 100": 100, "a page of 500": 500, "all in one answer": 0}
ENCODINGS = ("gzip", "identity")
AHEAD = f"{JSON_READ}, a page ahead"
PARTS = ("answers", "decoding", "whole")
LIMIT_S = 120
READ_PODS = 1_000  # so many at least between two looks at the server's CPU time, which has steps of 10 ms
WHOLE = {
    "first": ("first 100 rows", "ms"),
    "all": ("all rows", "s"),
    "waited": ("of it waiting for pages", "s"),
    "worked": ("CPU from pages to rows", "s"),
    "cpu": ("client's CPU in all", "s"),
    "server": ("server's CPU", "s"),
    "received": ("received", "MB"),
    "rss": ("client's RSS", "MB"),
}
SETUP = {"setup": ("CPU", "ms"), "setup_b": ("memory", "MB")}


def check(server: Server, formats: dict[str, Format]) -> int:
    """How many pods there are; raises RuntimeError unless the records of all formats are equal, field by field."""
    requests = Requests(server.kubeconfig)
    records = {}
    for name, format_ in formats.items():
        _, items = format_.split(requests.body(format_.accept, "gzip", {})[0])
        records[name] = [format_.decode(raw) for raw in items]
    for name, found in records.items():
        if found != records[JSON_READ]:
            raise RuntimeError(f"{name} reads other pods than {JSON_READ}")
    return len(records[JSON_READ])


def add_shapes(server: Server) -> None:
    """Pods of every shape that a server takes, and with every relation."""
    client = server.client()
    client.load([*shapes.prerequisites(), *shapes.loadable(shapes.pods(SEED, SHAPES))])
    relations.load_real(client)
    client.close()


def figure(what: str, who: str, unit: str, against: str) -> Figure:
    """One that is compared, but for that which it is compared with."""
    return Figure(what, who, unit, against="" if who == against else against)


def answers(server: Server, runs: int) -> Iterator[Section]:
    """Answers read off the socket and thrown away."""
    requests, api = Requests(server.kubeconfig), apiserver(server)
    for what, limit in PAGES.items():
        query = {"limit": limit} if limit else {}
        repeats = max(1, READ_PODS // (limit or PODS))
        section = Section(f"The server and the way alone: {what}")
        for _ in range(runs):
            for encoding in ENCODINGS:
                for who, accept in (("JSON", JSON), ("protobuf", PROTOBUF)):
                    before_s, times = cpu_s(api), []
                    for _ in range(repeats):
                        begun_s = time.perf_counter()
                        answer = requests.get(accept, encoding, query)
                        times.append(time.perf_counter() - begun_s)
                    for what_of, unit, value in (
                        ("time", "ms", median(times)),
                        ("server's CPU", "ms", (cpu_s(api) - before_s) / repeats),
                        ("bytes", "kB", len(answer.data)),
                    ):
                        put(section, figure(f"{what_of}, {encoding}", who, unit, "JSON"), value)
        yield in_order(section)


def decoding(server: Server, formats: dict[str, Format], runs: int) -> Iterator[Section]:
    """Bodies to records in one warm process, in processor time a pod."""
    requests = Requests(server.kubeconfig)
    for what, limit in PAGES.items():
        section = Section(f"Decoding alone, a pod of {what}")
        bodies = {
            name: requests.body(format_.accept, "gzip", {"limit": limit} if limit else {})[0]
            for name, format_ in formats.items()
        }
        for _ in range(runs):
            for name, format_ in formats.items():
                _, items = format_.split(bodies[name])
                for part, work in (
                    ("page split", partial(format_.split, bodies[name])),
                    ("pods read", partial(each, format_.read, items)),
                    ("pods to records", partial(each, format_.decode, items)),
                ):
                    put(section, figure(part, name, "µs", JSON_READ), cpu_of(work) / len(items))
        yield in_order(section)


def each(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Do it with all, and keep them: what pods share is dropped with the last of them."""
    return [work(item) for item in items]


def cpu_of(work: Callable[[], object]) -> float:
    """Seconds of processor time, without the garbage of whatever was before."""
    gc.collect()
    begun_s = time.process_time()
    work()
    return time.process_time() - begun_s


def whole(server: Server, names: list[str], runs: int) -> Iterator[Section]:
    """Each run in a new process, in which nothing has been read before.

    The order is another in each round: every half a minute or so the server is busy with itself for a second, and would
    be so for the same one again and again.
    """
    random = Random(SEED)
    setup = Section("What a format needs before its first byte: imports and descriptors")
    for case, title, encodings in (
        ("listed", "From the first request to all rows in a store", ENCODINGS),
        ("watched", "A watch that begins with an event for each pod", ENCODINGS[1:]),
    ):
        ways = [(name, case, name) for name in names]
        if case == "listed":
            ways.append((AHEAD, "listed_ahead", JSON_READ))
        for encoding in encodings:
            section = Section(f"{title}, {encoding}")
            for _ in range(runs):
                for who, way, name in random.sample(ways, len(ways)):
                    numbers = run(way, name, encoding, server)
                    for key, (what, unit) in WHOLE.items():
                        if key in numbers:
                            put(section, figure(what, who, unit, JSON_READ), numbers[key])
                    for key, (what, unit) in SETUP.items():
                        put(setup, Figure(what, name, unit), numbers[key])
            yield in_order(section)
    yield in_order(setup)


def run(case: str, format_name: str, encoding: str, server: Server) -> Numbers:
    """Run a case in a new process. Raises RuntimeError with what it said where it fails."""
    api, module = apiserver(server), "benchmarks.protobuf.cases"
    before_s = cpu_s(api)
    command = [sys.executable, "-m", module, case, format_name, encoding, str(server.kubeconfig)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{case} failed: {done.stderr.strip()[-2000:]}")
    numbers: Numbers = json.loads(done.stdout)
    if numbers["pods"] != server.pods:
        raise RuntimeError(f"{case} read {numbers['pods']:.0f} of {server.pods} pods")
    return numbers | {"server": cpu_s(api) - before_s}


def apiserver(server: Server) -> int:
    """The process that listens there."""
    url = json.loads(server.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    port = f"--secure-port={url.rpartition(':')[2]}".encode()
    return next(
        int(file.parent.name) for file in Path("/proc").glob("[0-9]*/cmdline") if port in file.read_bytes().split(b"\0")
    )


def put(section: Section, like: Figure, value: float) -> None:
    """One more value of a figure, which the first one makes."""
    for found in section.figures:
        if (found.what, found.who) == (like.what, like.who):
            found.values.append(value)
            return
    like.values.append(value)
    section.figures.append(like)


def in_order(section: Section) -> Section:
    """With those beside each other that are compared."""
    order = list(dict.fromkeys(found.what for found in section.figures))
    section.figures.sort(key=lambda found: (order.index(found.what), found.who))
    return section


def main() -> int:
    """Measure, and print each table as it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.protobuf", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every value there")
    options = parser.parse_args()
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server ends with us
    names = list(FORMATS)
    try:
        import_module("google.protobuf")
    except ImportError:
        names.remove(GOOGLE)
        print(f"LEFT OUT: {GOOGLE}: the library isn't here (pip install protobuf)", file=sys.stderr)
    formats = {name: FORMATS[name]() for name in names}
    sections: list[Section] = []
    print(*(f"{name} {value}" for name, value in machine().items()), sep=" · ")
    try:
        with real(PODS, NODES) as server:
            print(f"equal records of {check(server, formats):,} pods of the demo")
            parts = {
                "answers": answers(server, options.runs),
                "decoding": decoding(server, formats, options.runs),
                "whole": whole(server, names, options.runs),
            }
            for part in options.parts or parts:
                for section in parts[part]:
                    sections.append(section)
                    print(table([section]), flush=True)
            add_shapes(server)
            print(f"equal records of {check(server, formats):,}, with those of every shape and relation")
    except NoServer as error:
        print(f"LEFT OUT: {error}", file=sys.stderr)
        return 1
    if options.json:
        write_json(options.json, sections)
    return 0


if __name__ == "__main__":
    sys.exit(main())
