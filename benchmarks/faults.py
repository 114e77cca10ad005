"""Let every fault strike the app in a terminal, in real time, and print what it did.

    python -m benchmarks.faults [--server simulated|real] [--lists pages|stream] [--only TEXT] [--write docs/faults.md]

Each fault strikes all that one app asks for three seconds, through the proxy of `tests/faults`; then it is healed. The
app is a process in a pseudo-terminal, on the list of pods; its event loop is measured from inside (`watched`).
"""

from __future__ import annotations

import argparse
import contextlib
import math
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import places, servers
from benchmarks.endurance import LASTS_S, STALL_S, Case, Endurance, Result
from benchmarks.report import ABOUT_MEMORY, machine
from tests.conformance.pki import Authority
from tests.faults.certificates import server_context
from tests.faults.faults import (
    ANSWERS,
    CONTINUED,
    SLOW,
    WATCHES,
    Fault,
    Shown,
    cut_handshake,
    other_certificate,
    refused,
)

PODS, NODES = 1_000, 24
AWHILE_S, LONG_S = 12.0, 180.0
TRIES = 3
"""Runs of a case whose event loop was kept waiting: what the fault does to it, it does each time."""
TITLES = ("fault", "comes upon", "lists", "requests", "→ not live", "→ live again", "longest stall", "")
NOTHING = Fault("none", Shown.LIVE)


def cases(folder: Path, modes: Iterable[str]) -> Iterator[Case]:
    """The matrix: what is the same in both modes only with pages."""
    for lists in modes:
        yield Case(NOTHING, "a watch", lists)
        if lists == "pages":
            yield from (Case(fault, "a watch", lists) for fault in ANSWERS)
        yield from (Case(fault, "a list", lists) for fault in (*ANSWERS, SLOW))
        yield from (Case(fault, "a watch", lists) for fault in (*WATCHES, SLOW))
        yield Case(refused(), "everything", lists)
        if lists == "pages":
            yield Case(CONTINUED, "a list", lists)
            (folder / "other").mkdir()
            ours, other = Authority(folder), Authority(folder / "other")
            usual = server_context(ours)
            for fault in (cut_handshake(), other_certificate(server_context(other), usual)):
                yield Case(fault, "everything", lists, usual, ours.file)


def run(place: places.Place, wanted: Iterable[Case]) -> list[Result]:
    """All cases, one after the other; what takes long to come back is looked after while others run."""
    under_way: list[Endurance] = []
    with contextlib.ExitStack() as stack:
        for case in wanted:
            print(f"  {case.fault.name}, {case.upon}, {case.lists}", file=sys.stderr, flush=True)
            one = stack.enter_context(Endurance(place, case))
            one.endure()
            while one.stalled() and one.tries < TRIES:
                one = stack.enter_context(one.again())
                one.endure()
            under_way.append(one)
            if not one.is_over(AWHILE_S):
                print("    takes its time to come back", file=sys.stderr, flush=True)
            for each in under_way:
                each.close_if_over()
        deadline_s = time.monotonic() + LONG_S
        for each in under_way:
            each.is_over(max(0.0, deadline_s - time.monotonic()))
        return [each.result() for each in under_way]


def rows(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    """A line for each result."""
    for result in results:
        case = result.case
        yield (
            case.fault.name,
            case.upon,
            case.lists,
            str(result.requests),
            _seconds(result.stale_s, "stayed live" if case.fault.shown is not Shown.STALE else "never"),
            _seconds(result.live_s, "at once" if result.never_fell else "never"),
            f"{result.stall_s * 1000:.0f} ms" + (f" ({result.tries} runs)" if result.tries > 1 else ""),
            "ok" if not result.wrong else f"**{'; '.join(result.wrong)}**",
        )


def _seconds(value: float, otherwise: str) -> str:
    return otherwise if math.isnan(value) else f"{value:.2f} s"


def markdown(results: Iterable[Result]) -> str:
    """The table."""
    lines = [TITLES, tuple("---" for _ in TITLES), *rows(results)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


ABOUT = f"""# Faults

Output of `make faults` (`python -m benchmarks.faults`). Each fault strikes everything that one app asks for,
for {LASTS_S:.0f} s, and is then healed. The app runs in a pseudo-terminal of 160 × 48, on the list of pods, on a
cluster of {PODS:,} pods and {NODES} nodes, with ten kinds followed, in real time, with the default settings.

- *comes upon*: a watch that is open; a list, which ctrl-r asks for; or everything, at the connection. A fault that
  answers requests resets the open watches first, so that something is asked.
- *requests*: of the kind that made most, in the {LASTS_S:.0f} s, whether they reached the server or not; further pages
  of a list are counted only under "410 on a continue token".
- *→ not live*: from the first moment until the pods are not said to be live. *→ live again*: from the healing until
  every kind is, and the pods are the server's by UID and resourceVersion.
- *longest stall*: how long the app's own event loop (Textual's, in the real program) was kept waiting beyond a sleep
  of 5 ms, at most, from the first moment until {LASTS_S:.0f} s after the healing. The machine has two cores, which the
  server, the proxy and whatever else runs share, so a case with a stall of {STALL_S * 1000:.0f} ms was run again, up to
  {TRIES} times, until it had none: what a fault does to the loop it does each time. "none" is no fault at all.
- *ok*: at most 5 requests in vain, not live within 1 s where that can be known, never live over pods that are not the
  server's, no row gone, live again within one back-off or probe interval, no threads left, no stall of 50 ms.
"""


def main() -> int:
    """Run the matrix; exit code 1 where something was not ok."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--server", choices=("simulated", "real"), help="only this one")
    parser.add_argument("--lists", choices=("pages", "stream"), help="only in this way")
    parser.add_argument("--only", default="", metavar="TEXT", help="only faults with this in their name")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there, too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers and apps end with us
    modes = (options.lists,) if options.lists else ("pages", "stream")
    text = [ABOUT + ABOUT_MEMORY, " · ".join(f"{name} {value}" for name, value in machine().items())]
    ok = True
    for name, start in {"simulated": places.simulated, "real": places.real}.items():
        if options.server in (None, name):
            with tempfile.TemporaryDirectory(prefix="kite-faults-") as folder:
                try:
                    with start(PODS, NODES) as place:
                        print(f"enduring: {place.name}", file=sys.stderr, flush=True)
                        wanted = [case for case in cases(Path(folder), modes) if options.only in case.fault.name]
                        results = run(place, wanted)
                except servers.NoServer as error:
                    text.append(f"\n## {name}\n\nLEFT OUT: {error}")
                    continue
            ok = ok and not any(result.wrong for result in results)
            text.append(f"\n## On {place.name}\n\n{markdown(results)}")
    report = "\n".join(text) + "\n"
    print(report)
    if options.write:
        options.write.write_text(report)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
