"""Pull the cable, wait, plug it in again, and print what the first line said meanwhile.

    python -m benchmarks.cable [--for 75] [--write docs/cable.md]

App and simulated cluster run in a network of their own (util-linux' unshare, iproute2's ip), whose only device is taken
down: what is sent is lost, and nobody is told. Takes two minutes of waiting and next to no processor time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.terminal.driving import Terminal

SIZE = (130, 30)
INSIDE = "KITE_CABLE_INSIDE"
APART = ("unshare", "--user", "--map-root-user", "--net")
SETTLES_S = 20.0
"""Until every watch has heard of something."""
LOOK_S = 0.2
BACK_LIMIT_S = 60.0

Said = tuple[float, str]
"""Seconds since the cable was pulled, and the statement."""


def cable(up: bool) -> None:
    """Plug it in, or pull it."""
    subprocess.run(["ip", "link", "set", "lo", "up" if up else "down"], check=True)


def statement(screen: str) -> str:
    """What the first line says of the data."""
    found = re.search(r"[●○◐◑✗] .*?(?=\s\s|$)", screen.partition("\n")[0])
    return found[0] if found else ""


def followed(terminal: Terminal, seconds: float, began_s: float, *, until: str = "") -> Iterator[Said]:
    """What is said, each time that it is another statement: numbers alone are none."""
    end_s, last = time.monotonic() + seconds, None
    while time.monotonic() < end_s:
        terminal.read(LOOK_S)
        said = statement(terminal.screen)
        sense = re.sub(r"\d+", "", said.partition(":")[0] if said.startswith("○") else said)
        if said and sense != last:
            last = sense
            yield time.monotonic() - began_s, said
        if until and said.startswith(until):
            return


def pulled(down_s: float) -> tuple[list[Said], float, list[Said]]:
    """What was said while it was out, when it was plugged in again, and what was said from then on."""
    terminal = Terminal("demo", "--rate", "5", size=SIZE)
    try:
        cable(up=True)
        terminal.until("● live")
        terminal.type(b"3")
        list(followed(terminal, SETTLES_S, time.monotonic()))
        began_s = time.monotonic()
        cable(up=False)
        out = list(followed(terminal, down_s, began_s))
        cable(up=True)
        back_s = time.monotonic() - began_s
        return out, back_s, list(followed(terminal, BACK_LIMIT_S, began_s, until="● live"))
    finally:
        terminal.close()


def page(out: list[Said], back_s: float, back: list[Said]) -> str:
    """The report."""
    lines = [
        "# The cable is pulled",
        "",
        "Output of `python -m benchmarks.cable`: app and simulated cluster in a network of their own, whose only",
        "device is taken down and up again. Nobody is told; what is sent is lost. The first line of the app:",
        "",
        "| after | it says |",
        "| ---: | --- |",
        "| 0 s | *the cable is pulled* |",
        *(f"| {at_s:.0f} s | {said} |" for at_s, said in out),
        f"| {back_s:.0f} s | *it is plugged in again* |",
        *(f"| {at_s:.0f} s | {said} |" for at_s, said in back),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run it; exit code 1 where it never was live again, 2 where there can be no network of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cable", description=__doc__)
    parser.add_argument("--for", dest="down_s", type=float, default=75, metavar="SECONDS", help="how long it is out")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there, too")
    options = parser.parse_args()
    if INSIDE not in os.environ:
        missing = [name for name in (APART[0], "ip") if shutil.which(name) is None]
        if missing or subprocess.run([*APART, "true"], capture_output=True, check=False).returncode:
            print(f"LEFT OUT: no network of its own here ({', '.join(missing) or 'not allowed'})", file=sys.stderr)
            return 2
        command = [*APART, sys.executable, "-m", "benchmarks.cable", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode
    cable(up=True)
    out, back_s, back = pulled(options.down_s)
    report = page(out, back_s, back)
    print(report)
    if options.write:
        options.write.write_text(report)
    return 0 if back and back[-1][1].startswith("● live") else 1


if __name__ == "__main__":
    sys.exit(main())
