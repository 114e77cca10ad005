"""The program in a pty: every byte that it ever sent, a way to type, and what a terminal would show of it all."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from wcwidth import wcwidth

from tests.stopwatch import Stopwatch

PATIENCE_S = 20.0
REST_S = 0.3
LEAVING_S = 1.0
"""Within which the program ends, by a `Stopwatch`."""

ALTERNATE_ON, ALTERNATE_OFF = b"\x1b[?1049h", b"\x1b[?1049l"
MODES_ON = {b"\x1b[?1049h": b"\x1b[?1049l", b"\x1b[?25l": b"\x1b[?25h", b"\x1b[?2004h": b"\x1b[?2004l"}
MODES_ON |= {b"\x1b[?%dh" % mode: b"\x1b[?%dl" % mode for mode in (1000, 1003, 1004, 1006, 1015)}
"""What the app switches on, and what must be the last word on it: the alternate screen, a hidden cursor, bracketed
paste, the mouse and the focus reported."""

ON_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Makes the pty the controlling terminal, so that ctrl-c and a closed window are signals."""

KITE = ("-m", "kite_tui")


def plain(output: bytes) -> str:
    """The text of what came, without the app's own sequences: moves of the cursor become spaces."""
    text = output.decode(errors="replace")
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[?<>=0-9;]*[A-Za-z]", " ", text))


class Terminal:
    """A program in a pty. `python` is what Python runs (kite-tui, unless another is given); where the pty is not its
    controlling terminal (`controls` False) no signal tells it that the terminal is gone."""

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (120, 40),
        python: tuple[str, ...] = KITE,
        controls: bool = True,
        folder: Path | None = None,
        **environment: str,
    ) -> None:
        self.everything = b""
        self._mark = 0
        self._picture = Picture(size)
        self._drawn = 0
        self._master, slave = pty.openpty()
        self.resize(*size, of=slave)
        self.modes_before = termios.tcgetattr(slave)
        env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        env |= {"TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
        self.process = subprocess.Popen(
            [sys.executable, *(("-c", ON_A_TERMINAL) if controls else ()), *python, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            cwd=folder,
            start_new_session=True,
        )
        os.close(slave)

    def resize(self, width: int, height: int, *, of: int | None = None) -> None:
        """As a person does who pulls at the window."""
        fcntl.ioctl(of or self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        if of is None:
            self._picture, self._drawn = Picture((width, height)), len(self.everything)
            self.process.send_signal(signal.SIGWINCH)

    def type(self, keys: bytes) -> None:
        """The bytes that a terminal sends."""
        os.write(self._master, keys)

    def click(self, x: int, y: int) -> None:
        """The bytes of a click, cells counted from 0."""
        self.type(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (x + 1, y + 1, x + 1, y + 1))

    def until(self, seen: str | Callable[[], bool]) -> None:
        """Read on until a text (a regular expression) has come, or something is so."""

        def so() -> bool:
            return bool(re.search(seen, plain(self.output))) if isinstance(seen, str) else seen()

        deadline = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < deadline, f"waited for {seen!r} in vain:\n" + self.screen
            if not self.read(0.1) and self.process.poll() is not None:
                assert so(), f"ended with {self.process.returncode} before {seen!r}:\n" + self.screen

    @property
    def output(self) -> bytes:
        """What came since the last `forget`."""
        return self.everything[self._mark :]

    def forget(self) -> None:
        """Look only at what comes from now on."""
        self._mark = len(self.everything)

    def type_until(self, keys: bytes, seen: str | Callable[[], bool]) -> None:
        """Type, and wait for a text to come after that, or for something to be so."""
        self.forget()
        self.type(keys)
        self.until(seen)

    @property
    def picture(self) -> Picture:
        """What the terminal shows now."""
        self._picture.feed(self.everything[self._drawn :])
        self._drawn = len(self.everything)
        return self._picture

    @property
    def screen(self) -> str:
        """What the terminal shows now, as text."""
        return "\n".join(line.rstrip() for line in self.picture.lines)

    def shows(self, text: str, *, but: str | None = None) -> None:
        """Read on until a text is on the screen, and another one is not."""

        def so() -> bool:
            screen = self.screen
            return text in screen and (but is None or but not in screen)

        self.until(so)

    def comes_to_rest(self) -> None:
        """Read on until nothing comes for a while."""
        deadline = time.monotonic() + PATIENCE_S
        while self.read(REST_S):
            assert time.monotonic() < deadline, "it never came to rest:\n" + self.screen

    def read(self, limit_s: float) -> bool:
        """Take what has come; False where nothing did in time."""
        ready, _, _ = select.select([self._master], [], [], limit_s)
        if not ready:
            return False
        try:
            self.everything += os.read(self._master, 1 << 16)
        except OSError:  # the program ended; Linux says so with EIO
            return False
        return True

    def leave(self) -> tuple[int, float]:
        """Wait for the end: the exit code, and how long it took by a `Stopwatch`."""
        leaving = Stopwatch(self.process.pid)
        while not self._ended():
            assert leaving.wall_s < PATIENCE_S, self.output[-2000:]
            self.read(0.02)
        took_s = leaving.s
        while self.read(0):
            pass
        return self.process.wait(), took_s

    def hang_up(self) -> tuple[int, float]:
        """Close the terminal, as a person does with a window, and wait for the program's end as `leave` does."""
        leaving = Stopwatch(self.process.pid)
        os.close(self._master)
        self._master = -1
        while not self._ended():
            assert leaving.wall_s < PATIENCE_S
            select.select([], [], [], 0.02)
        took_s = leaving.s
        return self.process.wait(), took_s

    def _ended(self) -> bool:
        """Reaps nothing: the stopwatch has to be read first."""
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    @property
    def modes(self) -> list[Any]:
        """How the terminal treats what is typed."""
        return termios.tcgetattr(self._master)

    def children(self) -> list[int]:
        """The ids of its child processes."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def gone(self, process: int) -> None:
        """Wait until a process that it started has ended, too."""
        deadline = time.monotonic() + PATIENCE_S
        while Path(f"/proc/{process}").exists():
            assert time.monotonic() < deadline, "it is still there"
            select.select([], [], [], 0.01)

    def close(self) -> None:
        """End what a failed test left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)


def assert_restored(it: Terminal) -> None:
    """The terminal is as it was: every mode is off again, nothing was painted after that, and lines are read as
    before."""
    for on, off in MODES_ON.items():
        assert it.everything.rfind(off) > it.everything.rfind(on) >= 0, on
    assert b"\x1b[<u" in it.everything  # the keyboard's own protocol
    assert it.modes == it.modes_before
    assert b"Traceback" not in it.everything


class Picture:
    """What a terminal shows of the bytes that the app sends: text is written where the cursor was put, each character
    as wide as terminals draw it. `overflows` are lines with text beyond the right edge, which never wraps."""

    _TOKEN = re.compile(r"\x1b\[([0-9;?<>=:]*)[ -/]*([@-~])|\x1b\][^\x07]*\x07|\x1b[^\[\]]|([^\x1b])")
    _BEGUN = re.compile(r"\x1b(\[[^@-~]*|\][^\x07]*)?$")

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, height = size
        self.rows = [[" "] * self.width for _ in range(height)]
        self.overflows: list[str] = []
        self._x = self._y = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""

    def feed(self, output: bytes) -> None:
        """Draw these bytes too."""
        text = self._rest + self._decode(output)
        begun = self._BEGUN.search(text)
        end = begun.start() if begun else len(text)
        text, self._rest = text[:end], text[end:]
        for place, order, character in self._TOKEN.findall(text):
            if order == "H":
                row, _, column = place.partition(";")
                self._y, self._x = int(row or 1) - 1, int(column or 1) - 1
            elif character:
                self._write(character)

    def _write(self, character: str) -> None:
        if character == "\n":
            self._y, self._x = self._y + 1, 0
        cells = wcwidth(character)
        if cells < 1 or self._y >= len(self.rows):
            return
        row = self.rows[self._y]
        if self._x + cells > self.width:
            self.overflows.append("".join(row))
            return
        row[self._x : self._x + cells] = [character, *[""] * (cells - 1)]
        self._x += cells

    @property
    def lines(self) -> list[str]:
        """The screen, line by line; the second half of a wide character is a blank."""
        return ["".join(cell or " " for cell in row) for row in self.rows]

    def find(self, text: str) -> list[tuple[int, int]]:
        """Where a text of narrow characters begins: (x, y) in cells."""
        return [(found.start(), y) for y, line in enumerate(self.lines) for found in re.finditer(re.escape(text), line)]


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server on loopback for as long as the block runs; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
