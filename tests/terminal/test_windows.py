"""The program in a real terminal: the bytes of keys, the bytes that arrive, and windows of every size."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.terminal.driving import ALTERNATE_ON, LEAVING_S, PATIENCE_S, Terminal, assert_restored

# -- keys -------------------------------------------------------------------------------------------------------


def test_keys_as_a_terminal_sends_them(terminal: Callable[..., Terminal], kubeconfig: str) -> None:
    it = terminal("--kubeconfig", kubeconfig)
    it.until("healthy")
    it.type(b"3")
    it.until("NAMESPACE")
    for keys, seen in (
        (b"N", "NAME ↑"),
        (b"N", "NAME ↓"),
        (b"\x1b[1;2D", "NAMESPACE ↑"),
        (b"F", "faults only"),
        (b"F", "grafana"),
        (b"/", " / "),
        (b"system\r", "filter system"),
        (b"\x1b", "grafana"),
        (b"Ggjj\x1b[B\x1b[A\r", "Effective requests"),
        (b"q", "grafana"),
        (b"?", "esc closes"),
    ):
        it.type_until(keys, seen)
    it.type(b"q")
    it.type_until(b"2", "MEM free")
    it.type_until(b"\r", "ALLOCATABLE")
    it.type_until(b"q", "MEM free")
    it.type(b"q")
    code, took_s = it.leave()
    assert code == 0
    assert took_s < LEAVING_S
    assert_restored(it)


# -- windows and terminals --------------------------------------------------------------------------------------


def test_a_window_may_become_tiny_and_large_again(terminal: Callable[..., Terminal], kubeconfig: str) -> None:
    it = terminal("--kubeconfig", kubeconfig)
    it.until("healthy")
    pages = (
        (b"2", r" \d+/110 "),  # of a row, which is there when enter comes
        (b"\r", "ALLOCATABLE"),
        (b"3", r" \d+/\d+ "),
        (b"\r", "Effective"),
        (b"?", "closes"),
    )
    for keys, seen in pages:
        it.type_until(keys, seen)
        for width, height in ((20, 5), (1, 1), (120, 40)):
            it.comes_to_rest()  # a size that changes back before it is looked at is drawn by nobody
            it.forget()
            it.resize(width, height)
            it.until(lambda: b"\x1b[%d;1H" % height in it.output)  # noqa: B023 - called within the round
    it.type_until(b"\x1b", "Effective")
    it.type(b"\x03")
    code, _ = it.leave()
    assert code == 0
    assert_restored(it)


@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_on_all_three_it_prints_the_overview(kubeconfig: str, closed: str) -> None:
    master, slave = pty.openpty()
    streams: dict[str, int] = dict.fromkeys(("stdin", "stdout", "stderr"), slave)
    streams[closed] = subprocess.DEVNULL if closed == "stdin" else subprocess.PIPE
    command = [sys.executable, "-m", "kite_tui", "--kubeconfig", kubeconfig]
    process = subprocess.Popen(command, **streams, start_new_session=True)  # type: ignore[call-overload]
    os.close(slave)
    output = b""
    try:
        deadline = time.monotonic() + PATIENCE_S
        ends = [end for end in (master, process.stdout, process.stderr) if end is not None]
        while ends and time.monotonic() < deadline:
            for end in select.select(ends, [], [], 0.1)[0]:
                try:
                    part = os.read(end if isinstance(end, int) else end.fileno(), 1 << 16)
                except OSError:
                    part = b""
                output += part
                if not part:
                    ends.remove(end)
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        os.close(master)
    assert ALTERNATE_ON not in output
    assert b"nodes" in output.lower()


def test_no_color_sends_none(terminal: Callable[..., Terminal], kubeconfig: str) -> None:
    it = terminal("--kubeconfig", kubeconfig, NO_COLOR="1")
    it.until("healthy")
    it.type(b"3")
    it.until("NAMESPACE")
    it.type(b"\x03")
    it.leave()
    codes = {part for code in re.findall(rb"\x1b\[([\d;]*)m", it.everything) for part in code.split(b";")}
    assert b"7" in codes
    assert not codes & {b"38", b"48", *(b"%d" % n for n in (*range(30, 38), *range(40, 48), *range(90, 98)))}
