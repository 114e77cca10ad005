"""kite-tui as a process of its own, and what came of a command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DEADLINE_S = 30


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


Run = Callable[..., Done]


def started(*argv: str, env: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
    """kite-tui in a process of its own, with no environment but what is given."""
    clean = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **(env or {})}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
    return subprocess.Popen([sys.executable, "-m", "kite_tui", *argv], env=clean, text=True, **options)


def finished(process: subprocess.Popen[str], limit_s: float = DEADLINE_S) -> Done:
    """Wait for the end; a process that doesn't come to one is killed, and fails the test."""
    try:
        out, err = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Done(out or "", err or "", process.returncode)


def one_sentence(done: Done) -> str:
    """What was said on stderr, which has to be one line of ours and nothing else on stdout."""
    assert "Traceback" not in done.err
    assert done.out == ""
    lines = done.err.splitlines()
    assert len(lines) == 1, done.err
    assert lines[0].startswith("kite-tui: ")
    return lines[0].removeprefix("kite-tui: ")
