"""Server processes that can't outlive the test run that started them."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import urllib3

START_LIMIT_S = 90.0

# Reads "+PID" and "-PID" lines. When the writing end closes, whatever is still listed is killed, then argv[1] removed.
_WATCHDOG = """
import os, shutil, signal, sys
pids = set()
for line in sys.stdin:
    (pids.add if line[0] == "+" else pids.discard)(int(line[1:]))
for pid in pids:
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


class ServerUnavailable(Exception):
    """A program isn't there, or a server didn't start; the text says which and shows the end of its log."""


class ProcessGroup:
    """Processes by name, with one temporary `folder` for their logs and files.

    A watchdog process, which only waits for the end of a pipe, kills them and removes the folder when this process is
    gone, however it went. It and the servers are in sessions of their own: a ctrl-c in the terminal is for us alone.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kite-real-"))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-c", _WATCHDOG, str(self.folder)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, program: Path, *arguments: str) -> None:
        """Start a program under its file's name, its output appended to a log."""
        with (self.folder / f"{program.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._processes[program.name] = process
        self._tell_watchdog(f"+{process.pid}")

    def wait_for(self, name: str, ready: Callable[[], bool], limit_s: float = START_LIMIT_S) -> None:
        """Ask `ready` every 50 ms; a request that got no answer counts as not yet.

        Raises ServerUnavailable when the process ends or `limit_s` is over.
        """
        deadline = time.monotonic() + limit_s
        pause = threading.Event()
        while True:
            if self._processes[name].poll() is not None:
                raise ServerUnavailable(f"{name} ended while it started:\n{self.log(name)[-4000:]}")
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                if ready():
                    return
            if time.monotonic() > deadline:
                raise ServerUnavailable(f"{name} was not ready in {limit_s:.0f} s:\n{self.log(name)[-4000:]}")
            pause.wait(0.05)

    def end(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and wait for the process's end; nothing happens if there is no such process."""
        process = self._processes.pop(name, None)
        if process is None:
            return
        process.send_signal(how)
        process.wait()
        self._tell_watchdog(f"-{process.pid}")

    def close(self) -> None:
        """Kill what still runs and remove the folder; may be called twice."""
        for name in tuple(self._processes):
            self.end(name)
        if self._watchdog.poll() is None:
            self._watchdog.communicate()

    def alive(self, name: str) -> bool:
        """Whether the process was started and has not ended."""
        process = self._processes.get(name)
        return process is not None and process.poll() is None

    def pid(self, name: str) -> int:
        """The process id; KeyError if it was not started."""
        return self._processes[name].pid

    def log(self, name: str) -> str:
        """All that the process wrote so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _tell_watchdog(self, line: str) -> None:
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.write(line + "\n")
        self._watchdog.stdin.flush()


def free_ports(count: int) -> list[int]:
    """TCP ports that were free on 127.0.0.1 a moment ago, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
