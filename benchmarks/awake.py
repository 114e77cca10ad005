"""Keep the memory of a virtual machine awake while something is measured there.

    python -m benchmarks.awake & make bench; kill $!

On some hosts it takes 30 µs to touch a page that rested for a second, a hundred times what it should, unless much of
the memory is in use: then whatever happens once a second seems to take a tenth of it. Reports have that number
("memory"). Here a process for each processor touches pages all the time, and gives way to whatever else wants to run.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
from multiprocessing import Process

TOUCHED_B = 64 << 20


def touch() -> None:
    """For ever, when nobody else wants the processor."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    pages = bytearray(TOUCHED_B)
    while True:
        for at in range(0, len(pages), mmap.PAGESIZE):
            pages[at] ^= 1


def main() -> None:
    """Until it is ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and its processes with it, as they are daemons
    processes = [Process(target=touch, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
