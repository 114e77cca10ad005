"""A walk through all screens by keys, as a person goes who looks around."""

from __future__ import annotations

import re
from functools import partial

from benchmarks.terminal import Quiet, Terminal, text_of

ENTER, ESC, BACK = b"\r", b"\x1b", b"q"

STEPS: tuple[tuple[bytes, str], ...] = (
    (b"2", "MEM free"),
    (ENTER, "ALLOCATABLE"),
    (BACK, "MEM free"),
    (b"3", " pods "),
    (b"/web" + ENTER, "filter web"),
    (ESC, " pods "),
    (b"C", "CPU"),
    (b"N", "NAME"),
    (ENTER, "Effective requests"),
    (b"y", "annotations:|could not be read"),  # it may just have been deleted
    (BACK, "Effective requests"),
    (BACK, " pods "),
    (b":deploy" + ENTER, "Deployment"),
    (b"j" + ENTER, " ready"),
    (b"b", "what breaks if"),
    (b"b", ""),
    (b"[", "Deployment"),
    (b"8", "poddisruptionbudgets"),
    (ENTER, "Scopes"),
    (BACK, "poddisruptionbudgets"),
    (b"1", "Wrong now"),
)
"""Keys, and a pattern of what is drawn after them. It begins on any root and ends on the overview."""


def walk(terminal: Terminal, pause_s: float) -> None:
    """Take every step, and stay so long where it leads. Raises Quiet where one leads elsewhere."""
    for keys, seen in STEPS:
        terminal.forget()
        terminal.type(keys)
        try:
            terminal.wait_for(partial(_shows, seen))
        except Quiet as error:
            raise Quiet(f"after {keys!r} no {seen!r}: {error}") from error
        terminal.drain(pause_s)


def _shows(pattern: str, output: bytes) -> bool:
    return re.search(pattern, text_of(output)) is not None
