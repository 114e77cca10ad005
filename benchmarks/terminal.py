"""A program in a terminal, and the moments at which its screen said something.

The terminal says that it knows synchronised updates, so that the program marks where a frame ends.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 160, 48

FRAME_END = b"\x1b[?2026l"
_ASKS_SYNC = b"\x1b[?2026$p"
_KNOWS_SYNC = b"\x1b[?2026;2$y"
_MOVES = re.compile(rb"\x1b\[\d+;\d+H")
_ESCAPES = re.compile(rb"\x1b\[[0-9;:?<>=$]*[ -/]*[@-~]|\x1b[^\[]")

PAGE_DOWN = b"\x1b[6~"

KEPT_B = 256 * 1024
"""Of what a program wrote so much is kept at most: several screens full."""


class Quiet(Exception):
    """What was waited for did not come in time."""


def text_of(output: bytes) -> str:
    """What is written in `output`, a line for every place that it is written to."""
    return _ESCAPES.sub(b"", _MOVES.sub(b"\n", output)).decode(errors="replace")


class Terminal:
    """One program in a pty; a context manager. Times are seconds since the program was started."""

    def __init__(self, command: Sequence[str], *, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "NO_COLOR"))}
        env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.output = b""
        self._began_s = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._master)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def now_s(self) -> float:
        """The time."""
        return time.perf_counter() - self._began_s

    def type(self, keys: bytes) -> float:
        """Send keys; when."""
        at_s = self.now_s
        os.write(self._master, keys)
        return at_s

    def forget(self) -> None:
        """Begin anew with `output`."""
        self.output = b""

    def wait_for(self, seen: Callable[[bytes], bool], limit_s: float = 30) -> float:
        """Read until `seen(output)`; when that was. Raises Quiet. Of what was written the last `KEPT_B` are kept, and
        `seen` is asked where a frame ends or nothing more is there to be read, so that it takes the program little."""
        deadline_s = self.now_s + limit_s
        while not seen(self.output):
            if not self._read(deadline_s - self.now_s):
                said = text_of(self.output)
                raise Quiet(f"not seen in {limit_s:g} s; the first was {said[:900]!r}, the last {said[-300:]!r}")
        return self.now_s

    def drain(self, seconds: float) -> int:
        """Read for so long, keeping nothing; how many bytes came."""
        end_s, count = self.now_s + seconds, 0
        while (left_s := end_s - self.now_s) > 0:
            self._read(left_s)
            count += len(self.output)
            self.forget()
        return count

    def _read(self, limit_s: float) -> bool:
        """Wait for output, and take all that is there."""
        came, wait_s = False, max(0.0, limit_s)
        while select.select([self._master], [], [], wait_s)[0]:
            came, wait_s = True, 0.0
            try:
                part = os.read(self._master, 65_536)
            except OSError as error:  # Linux says so when the program has ended
                raise Quiet(f"the program ended: {text_of(self.output)[-600:]!r}") from error
            if _ASKS_SYNC in part:
                os.write(self._master, _KNOWS_SYNC)
            self.output += part
            if len(self.output) >= 2 * KEPT_B:
                self.output = self.output[-KEPT_B:]
            if part.endswith(FRAME_END):
                break
        return came
