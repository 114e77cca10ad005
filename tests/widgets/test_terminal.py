"""In a real terminal: the bytes that arrive, and the bytes that a terminal sends for keys."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import pytest

PROGRAM = """
from kite_tui.widgets.table import RowTable
from kite_tui.widgets.theme import PLAIN
from tests.widgets.host import NODE_COLUMNS, Host, NumberRows, KeyRows
import os, sys

class Terminal(Host):
    def on_mount(self):
        table = self.query_one(RowTable)
        table.set_rows(KeyRows(["evil \\x1b]0;title\\x07 \\u202e end"]) if sys.argv[1] == "evil" else NumberRows(500))

    def on_row_table_opened(self, message):
        self.exit(message.key)

columns = NODE_COLUMNS[:1] if sys.argv[1] == "evil" else NODE_COLUMNS
plain = bool(os.environ.get("NO_COLOR"))
app = Terminal(RowTable(columns), theme=PLAIN.name if plain else "kite-dark", ansi_color=True if plain else None)
print("opened", app.run())
"""

QUIET = 10.0


class Terminal:
    """A program in a pty of 80 × 24, everything that it ever sent, and a way to type."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.output = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", **environment}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments], stdin=slave, stdout=slave, stderr=slave, env=env
        )
        os.close(slave)

    def wait_until(self, seen: Callable[[bytes], bool]) -> None:
        deadline = time.monotonic() + QUIET
        while not seen(self.output):
            ready, _, _ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                pytest.fail(f"nothing came that was waited for: {self.output[-400:]!r}")
            try:
                self.output += os.read(self._master, 65_536)
            except OSError:  # The program ended; Linux says so with EIO.
                assert seen(self.output), self.output[-400:]
                return

    def type(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)


@pytest.fixture
def terminals() -> Iterator[Callable[..., Terminal]]:
    started: list[Terminal] = []

    def start(*arguments: str, **environment: str) -> Terminal:
        started.append(Terminal(*arguments, **environment))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def test_the_letters_and_keys_that_a_terminal_sends_move_the_cursor(terminals: Callable[..., Terminal]) -> None:
    terminal = terminals("rows")
    terminal.wait_until(lambda output: b"ip-10-0-0-5" in output)
    terminal.type(b"G")
    terminal.wait_until(lambda output: b"ip-10-0-1-243" in output)
    terminal.type(b"g" + b"j" * 3 + b"\x1b[B" + b"\r")
    terminal.wait_until(lambda output: b"opened k4" in output)


def test_no_escape_sequence_of_the_cluster_reaches_the_terminal(terminals: Callable[..., Terminal]) -> None:
    terminal = terminals("evil")
    terminal.wait_until(lambda output: "evil ␛]0;title␇ <U+202E> end".encode() in output)
    assert b"\x1b]0;title" not in terminal.output
    assert "\u202e".encode() not in terminal.output


def test_no_color_sends_reverse_and_no_colour(terminals: Callable[..., Terminal]) -> None:
    terminal = terminals("rows", NO_COLOR="1")
    terminal.wait_until(lambda output: b"ip-10-0-0-5" in output and b"ip-10-0-0-22" in output)
    codes = {part for code in re.findall(rb"\x1b\[([\d;]*)m", terminal.output) for part in code.split(b";")}
    assert b"7" in codes
    assert not codes & {b"38", b"48", *(b"%d" % n for n in (*range(30, 38), *range(40, 48), *range(90, 98)))}
