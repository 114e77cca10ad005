"""What is timed alone, each case in a process of its own: `python -m benchmarks.cases MODULE.FUNCTION ARGUMENT …`
prints its numbers as JSON. What a case imports is imported before its clock starts.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

Numbers = dict[str, float]

LIMIT_S = 600.0
TICK_S = 0.005


def measure(case: str, *arguments: str | int | Path) -> Numbers:
    """Run a case (`decode.kite_tui`) in a new process. Raises RuntimeError with what it said where it fails."""
    command = [sys.executable, "-m", "benchmarks.cases", case, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{case} failed: {done.stderr.strip()[-2000:]}")
    numbers: Numbers = json.loads(done.stdout)
    return numbers


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of processor time that the work takes, and its result. For what neither waits nor has threads: that is
    its time on a machine with nothing else to do. The collector runs as it does in a program."""
    gc.collect()
    began_s = time.process_time()
    result = work()
    return time.process_time() - began_s, result


def sized(work: Callable[[], Any]) -> int:
    """Bytes that the work's result holds, with what it shares."""
    tracemalloc.start()
    result = work()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return held


def beside_a_loop(work: Callable[[], Any]) -> tuple[Numbers, Any]:
    """Do the work on a thread while an event loop runs on the main one, as in an app.

    The numbers: its `seconds`, the processor time of all threads (`cpu`), and by how much the loop's sleep of 5 ms was
    overslept at most (`stall`), which counts the machine's other work too.
    """
    late_s: list[float] = []

    async def tick() -> None:
        while True:
            due_s = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            late_s.append(time.perf_counter() - due_s)

    async def both() -> tuple[Numbers, Any]:
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(4 * TICK_S)
        late_s.clear()
        began_s, had_s = time.perf_counter(), time.process_time()
        result = await asyncio.to_thread(work)
        numbers = {"seconds": time.perf_counter() - began_s, "cpu": time.process_time() - had_s}
        await asyncio.sleep(0)
        ticking.cancel()
        return numbers | {"stall": max(late_s, default=0.0)}, result

    gc.collect()
    return asyncio.run(both())
