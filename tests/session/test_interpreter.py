"""What a process with a large cluster in it does with memory that it no longer needs."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PAGES = """
import sys
from kite_tui.session.interpreter import map_large_blocks

def rss_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

if sys.argv[1] == "mapped":
    assert map_large_blocks()
large = bytes(20_000_000)  # by itself glibc maps no block any more that is not larger than one that was freed
del large
before = rss_mb()
kept = []
for _ in range(60):
    page = bytes(2_000_000)
    kept.append(bytearray(2_000))
    del page
    page = bytes(1_000_000)
    kept.append(bytearray(600_000))
    del page
    kept.pop(0)
kept.clear()
print(rss_mb() - before)
"""


def grown_mb(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", PAGES, how], capture_output=True, text=True, check=True, timeout=60)
    return float(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than glibc's")
def test_large_blocks_go_back_to_the_system_when_they_are_free() -> None:
    assert grown_mb("mapped") < 1
