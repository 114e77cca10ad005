"""How the process treats threads, garbage and memory, where some of its threads read a cluster of any size and one
draws a screen."""

from __future__ import annotations

import contextlib
import gc
import sys
from threading import Event

SWITCH_S = 0.001
"""For so long a thread that decodes keeps the interpreter while another wants it; Python's own 5 ms are felt in keys.
With it a sync needs no naps between objects, which made it a fifth longer."""

OLD_EVERY = 25
"""Python's own 10 looks through everything for garbage a dozen times in a sync of 150 000 pods, each time for up to
0.1 s; 25 does it half as often."""
KEPT_EVERY = 10
"""Python's own is right where what was read is no longer looked through. Each strip that Textual has shown refers to
itself, so only this frees it: with 25, 4 MB of lines once drawn lie around where 200 objects change in a second, and
what is read meanwhile settles between them."""

MAPPED_B = 256 << 10
"""Blocks of memory as large as an answer are given back to the system when they are free. By itself glibc soon keeps
blocks of up to 32 MB, with holes that nothing fits in: a fifth of all memory at 50 000 pods."""

_left_another = Event()
"""Set where another cluster was left, of which something may have been kept."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def settle() -> None:
    """Do all that, once what the program needs is loaded. Any thread; again where another cluster was left."""
    # What was loaded until now stays. Were it looked through again and again for garbage, every thread, the screen's
    # too, would stand still for up to a tenth of a second. Where another cluster was left, that is what goes now.
    if sys.getswitchinterval() == SWITCH_S:  # so this is not the first time
        _left_another.set()
        gc.unfreeze()
        gc.collect()
    _freeze(OLD_EVERY)
    sys.setswitchinterval(SWITCH_S)
    map_large_blocks()


def keep() -> None:
    """What was read until now stays: it is looked through for garbage once more, and no more until another cluster is
    chosen. In records there is none, for they refer to no other that refers to them, but 150 000 pods and their indexes
    take a tenth of a second to look through, in which every thread stands still. What is drawn now is kept, too, so
    this is for a few times. Any thread; takes that tenth."""
    if _left_another.is_set():  # what the old screens still held when `settle` looked, they have let go by now
        _left_another.clear()
        gc.unfreeze()
    gc.collect()
    _freeze(KEPT_EVERY)


def _freeze(old_every: int) -> None:
    gc.freeze()
    gc.collect()  # of nothing; else the next one waits until a quarter of what there was before has come
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, old_every)


def map_large_blocks() -> bool:
    """Have the allocator map blocks of `MAPPED_B` and more, each by itself; see `_tell_allocator`."""
    return _tell_allocator(_M_MMAP_THRESHOLD, MAPPED_B)


def share_memory() -> bool:
    """Have all threads get their memory in one place; see `_tell_allocator`. To be called while there are few: glibc
    gives most of ours a place of its own, each with its own holes, which is 5 MB at 5 000 pods, and no longer listens
    once there are eight. Threads that wait for one interpreter seldom meet in one place."""
    return _tell_allocator(_M_ARENA_MAX, 1)


def _tell_allocator(what: int, value: int) -> bool:
    """False where it is none that can be told so; only glibc's can."""
    import ctypes  # 4 ms, which plain commands need not wait for

    with contextlib.suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).mallopt(what, value))
    return False
