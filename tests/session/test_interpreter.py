"""What a process with a large cluster in it does with memory that it no longer needs."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PAGES = """
import sys
from kite_tui.session.interpreter import tell_allocator

def rss_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

if sys.argv[1] == "told":
    assert tell_allocator()
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

ARENA = """
import ctypes, sys, threading
from kite_tui.session.interpreter import tell_allocator

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_size_t
if sys.argv[1] == "told":
    assert tell_allocator()
found = [libc.malloc(1000)]
thread = threading.Thread(target=lambda: found.append(libc.malloc(1000)))
thread.start()
thread.join()
print(abs(found[1] - found[0]) / 1e6)
"""
"""How far a thread's memory is from the main one's; glibc gives a thread one of its own in a place far away."""

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than glibc's")


def printed(script: str, how: str) -> float:
    done = subprocess.run([sys.executable, "-c", script, how], capture_output=True, text=True, check=True, timeout=60)
    return float(done.stdout)


def test_large_blocks_go_back_to_the_system_when_they_are_free() -> None:
    assert printed(PAGES, "told") < 1


def test_all_threads_have_their_memory_in_one_place() -> None:
    assert printed(ARENA, "told") < 64 < printed(ARENA, "as it is")
