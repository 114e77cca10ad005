"""How the process treats threads, garbage and memory, where some of its threads read a cluster of any size and one
draws a screen."""

from __future__ import annotations

import contextlib
import gc
import sys

SWITCH_S = 0.001
"""For so long a thread that decodes keeps the interpreter while another wants it; Python's own 5 ms are felt in keys.
With it a sync needs no naps between objects, which made it a fifth longer."""

OLD_EVERY = 25
"""Python's own 10 looks through everything for garbage a dozen times in a sync of 150 000 pods, each time for up to
0.1 s; 25 does it half as often. With 100, 10 MB of lines once drawn lie around where 200 objects change in a second:
each strip that Textual has shown refers to itself, so only this frees it."""

MAPPED_B = 256 << 10
"""Blocks of memory as large as an answer are given back to the system when they are free. By itself glibc soon keeps
blocks of up to 32 MB, with holes that nothing fits in: a fifth of all memory at 50 000 pods."""
_M_MMAP_THRESHOLD = -3

ARENAS = 1
"""Places that the allocator keeps for threads of their own, each with holes of its own: glibc makes up to eight for
each processor, which is 5 MB at 5 000 pods. Threads that wait for one interpreter seldom meet in one."""
_M_ARENA_MAX = -8


def settle() -> None:
    """Do all that, once what the program needs is loaded. Any thread; again where another cluster was left."""
    # What was loaded until now stays. Were it looked through again and again for garbage, every thread, the screen's
    # too, would stand still for up to a tenth of a second. Where another cluster was left, that is what goes now.
    if sys.getswitchinterval() == SWITCH_S:  # so this is not the first time
        gc.unfreeze()
        gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, OLD_EVERY)
    sys.setswitchinterval(SWITCH_S)
    tell_allocator()


def tell_allocator() -> bool:
    """Have the allocator map blocks of `MAPPED_B` and more, each by itself, and make no more than `ARENAS`; False where
    it is none that can be told so (only glibc's can)."""
    import ctypes  # 4 ms, which the first frame need not wait for

    with contextlib.suppress(OSError, AttributeError):
        tell = ctypes.CDLL(None).mallopt
        return bool(tell(_M_MMAP_THRESHOLD, MAPPED_B)) and bool(tell(_M_ARENA_MAX, ARENAS))
    return False
