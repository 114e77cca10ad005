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

if sys.argv[1] == "told":
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

ARENAS = """
import ctypes, sys, threading
from kite_tui.session.interpreter import share_memory

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_size_t
places, taken = [], threading.Barrier(13)

def take():
    places.append(libc.malloc(1000) >> 26)
    taken.wait()

threads = [threading.Thread(target=take) for _ in range(12)]
threads[0].start()  # as the one that waits for signals
if sys.argv[1] == "told":
    assert share_memory()
for thread in threads[1:]:
    thread.start()
taken.wait()
for thread in threads:
    thread.join()
print(len(set(places)))
"""
"""In how many places a dozen threads have their memory: glibc's are of 64 MB."""

LEFT = """
import gc, weakref
from kite_tui.session.interpreter import keep, settle

class Session:
    def __init__(self):
        self.itself = self

settle()
old = Session()
seen = weakref.ref(old)
keep()
settle()  # another cluster is opened while a screen still holds the old one
del old
keep()
print(0 if seen() is None else 1)
"""

OFTEN = """
import gc
from kite_tui.session.interpreter import KEPT_EVERY, OLD_EVERY, keep, settle

settle()
reading = gc.get_threshold()[2]
keep()
kept = gc.get_threshold()[2]
settle()  # for another cluster
print(0 if (reading, kept, gc.get_threshold()[2]) == (OLD_EVERY, KEPT_EVERY, OLD_EVERY) else 1)
"""

of_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than glibc's")


def printed(script: str, how: str = "") -> float:
    done = subprocess.run([sys.executable, "-c", script, how], capture_output=True, text=True, check=True, timeout=60)
    return float(done.stdout)


@of_glibc
def test_large_blocks_go_back_to_the_system_when_they_are_free() -> None:
    assert printed(PAGES, "told") < 1


@of_glibc
def test_all_threads_have_their_memory_in_one_place() -> None:
    assert printed(ARENAS, "told") <= 2 < printed(ARENAS, "as it is")


def test_a_cluster_that_was_left_is_not_kept_for_the_next_one() -> None:
    assert printed(LEFT) == 0


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="a collector that looks through old objects bit by bit")
def test_what_is_drawn_is_looked_through_more_often_once_what_was_read_is_not() -> None:
    assert printed(OFTEN) == 0
