"""Another order and a filter of a whole list, by key: how soon the key is acknowledged, and the result there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from benchmarks import app
from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server
from benchmarks.terminal import FRAME_END, Terminal, text_of

SORTS = ((b"A", "AGE"), (b"N", "NAME"), (b"S", "STATUS"), (b"T", "RST"), (b"P", "NAMESPACE"))
"""Keys, and the title that gets the arrow."""
FILTERS = ("web", "api", "cart")
ACKNOWLEDGED_S, RESULT_S = 0.050, 0.600
QUIET_S = 1.0
"""From an answer to the next key, so that no question is under way."""
_CAPTION = r"of [\d  ]+pods +filter {}\b"
ESCAPE, ENTER = b"\x1b", b"\r"


def orders(server: Server, runs: int) -> Section:
    """Each order and each filter, `runs` times."""
    section = Section(f"Another order of all pods, by key ({server.name})")
    sorts, filters = _pair("a key that sorts"), _pair("the last letter of a filter")
    with Terminal(app.command(server)) as terminal:
        app.until_live(terminal)
        app.open_pods(terminal)
        for _ in range(runs):
            for pair, taken in ((sorts, _sorts(terminal)), (filters, _filters(terminal))):
                for acknowledged_s, result_s in taken:
                    pair[0].values.append(acknowledged_s)
                    pair[1].values.append(result_s)
    section.figures += [*sorts, *filters]
    return section


def _pair(what: str) -> tuple[Figure, Figure]:
    acknowledged = Figure(f"{what} → on the screen", OURS, "ms", goal=ACKNOWLEDGED_S)
    return acknowledged, Figure(f"{what} → the result", OURS, "ms", goal=RESULT_S)


def _sorts(terminal: Terminal) -> Iterator[tuple[float, float]]:
    for key, title in SORTS:
        terminal.drain(QUIET_S)
        sent_s = terminal.type(key)
        seen_s = terminal.wait_for(_painted(rf"\b{title} ?[▲▼↑↓]"))
        yield seen_s - sent_s, terminal.wait_for(lambda output: app.rows_in(output) >= app.PAGE // 2) - sent_s


def _filters(terminal: Terminal) -> Iterator[tuple[float, float]]:
    for text in FILTERS:
        terminal.type(b"/" + text[:-1].encode())
        terminal.wait_for(_painted(_CAPTION.format(text[:-1])))
        terminal.drain(QUIET_S)
        sent_s = terminal.type(text[-1].encode())
        seen_s = terminal.wait_for(_painted(rf"{text}\b"))
        result_s = terminal.wait_for(_painted(_CAPTION.format(text)))
        yield seen_s - sent_s, result_s - sent_s
        terminal.type(ENTER)
        terminal.drain(QUIET_S)
        terminal.type(ESCAPE)
        terminal.drain(QUIET_S)


def _painted(pattern: str) -> Callable[[bytes], bool]:
    return lambda output: FRAME_END in output and re.search(pattern, text_of(output)) is not None
