"""Measure, and print one table of medians, ranges, ratios and goals.

`python -m benchmarks program --help` puts any other program beside the app.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from benchmarks import other, page
from benchmarks.groups import GROUPS
from benchmarks.report import Section, machine, table, write_json
from benchmarks.terminal import Quiet
from kite_tui.demo.process import DemoFailed


def measured(groups: list[str], quick: bool) -> list[Section]:
    """The sections of these groups; what fails is one that says so, and what was measured until then is kept."""
    sections: list[Section] = []
    for group in groups:
        began_s = time.monotonic()
        print(f"measuring: {group}", file=sys.stderr, flush=True)
        try:
            for section in GROUPS[group](quick):
                sections.append(section)
                print(f"  {section.title}, {time.monotonic() - began_s:.0f} s", file=sys.stderr, flush=True)
        except (Quiet, RuntimeError, DemoFailed) as error:
            sections.append(Section(f"The rest of {group}", left_out=str(error)))
            print(f"  FAILED: {error}", file=sys.stderr, flush=True)
    return sections


def main() -> int:
    """Run the groups that were asked for; exit code 0 whatever the figures are."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    if sys.argv[1:2] == ["program"]:
        return other.main(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"only these: {', '.join(GROUPS)}")
    parser.add_argument(
        "--quick", action="store_true", help="few runs and small sizes: minutes instead of most of an hour"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every value there")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there, and its plots beside it")
    options = parser.parse_args()
    if unknown := sorted(set(options.groups) - set(GROUPS)):
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(GROUPS)}")
    sections = measured(options.groups or list(GROUPS), options.quick)
    print(*(f"{name} {value}" for name, value in machine().items()), sep=" · ")
    print(table(sections))
    print("", *page.missed(sections), sep="\n")
    if options.json:
        write_json(options.json, sections)
    if options.write:
        page.write(options.write, sections)
    return 0


if __name__ == "__main__":
    sys.exit(main())
