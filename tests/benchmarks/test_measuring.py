"""What the benchmarks measure with: what a process and its children take, percentiles, and a server that replays."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time

import pytest

from benchmarks.app import p95
from benchmarks.cases import TICK_S, beside_a_loop
from benchmarks.other import look
from benchmarks.replay import LAST, REVISION, lines_of
from benchmarks.terminal import FRAME_END, KEPT_B, Quiet, Terminal
from benchmarks.usage import cpu_s, family, family_cpu_s, rss_b

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (20, 19), (30, 29), (40, 38), (100, 95)])
def test_p95_is_the_value_that_95_of_100_are_at_most(count: int, expected: int) -> None:
    assert p95([float(number) for number in range(count, 0, -1)]) == expected


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_a_family_is_a_process_and_what_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()  # the child's
        found = family(parent.pid)
        assert found[0] == parent.pid
        assert len(found) == 2
        assert all(rss_b(pid) > 1e6 and cpu_s(pid) >= 0 for pid in found)
        assert set(found) < set(family(os.getpid()))
        parent.communicate(b"\n")


KERNEL_TICK_S = 0.01
"""What the kernel counts in, and rounds down to."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_the_processor_time_of_a_family_has_that_of_children_that_have_ended() -> None:
    before_s = family_cpu_s(os.getpid())
    subprocess.run([sys.executable, "-c", "while __import__('time').process_time() < 0.1: pass"], check=True)
    assert family_cpu_s(os.getpid()) - before_s > 0.1 - 2 * KERNEL_TICK_S


def test_another_program_is_measured_from_its_first_frame_to_its_rows() -> None:
    script = "print('what follows is a long list of pods'); input(); print('pod 1/1'); print('pod 2/2'); input()"
    options = argparse.Namespace(rows=2, settle=0.0, window=0.05)
    frame_s, rows_s, memory_b, share = look([sys.executable, "-u", "-c", script], re.compile(r"\d/\d"), b"x\r", options)
    assert 0 < frame_s < rows_s
    assert memory_b > 1e6
    assert share >= 0


def test_a_loop_waits_for_what_holds_the_interpreter_beside_it() -> None:
    def work() -> float:
        had_s = time.thread_time()
        sum(range(5_000_000))  # one call, which no other thread can interrupt
        return time.thread_time() - had_s

    numbers, held_s = beside_a_loop(work)
    assert held_s - TICK_S <= numbers["stall"]
    assert held_s <= numbers["seconds"]
    assert numbers["cpu"] > 0


def test_every_event_is_another_state_of_a_pod_and_the_last_a_new_pod() -> None:
    pods = [
        {"metadata": {"name": name, "namespace": "n"}, "status": {"containerStatuses": [{"restartCount": 0}]}}
        for name in ("a", "b")
    ]
    events = [json.loads(line) for line in lines_of(pods, 5)]
    assert [event["type"] for event in events] == ["MODIFIED"] * 4 + ["ADDED"]
    assert [event["object"]["metadata"]["resourceVersion"] for event in events] == [
        str(REVISION + number) for number in range(1, 6)
    ]
    assert [event["object"]["metadata"]["name"] for event in events[:4]] == ["b", "a", "b", "a"]
    last = events[-1]["object"]["metadata"]
    assert (last["namespace"], last["name"]) == LAST


def test_a_terminal_that_stays_silent_is_said_to_be_quiet() -> None:
    with Terminal([sys.executable, "-c", "print('hello', flush=True); input()"]) as terminal:
        terminal.wait_for(lambda output: b"hello" in output)
        with pytest.raises(Quiet, match="hello"):
            terminal.wait_for(lambda output: b"never" in output, 0.05)


def test_a_terminal_keeps_the_end_of_what_was_written() -> None:
    script = f"import os; os.write(1, b'x' * {4 * KEPT_B} + b'end' + {FRAME_END!r}); input()"
    with Terminal([sys.executable, "-c", script]) as terminal:
        terminal.wait_for(lambda output: output.endswith(b"end" + FRAME_END))
        assert len(terminal.output) <= 2 * KEPT_B
