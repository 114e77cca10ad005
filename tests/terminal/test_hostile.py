"""A cluster that means harm, in a real terminal: nothing of it acts there, nor in what is saved of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from kite_tui.demo.process import write_kubeconfig
from tests.hostile import BELL, HARMFUL, LINKED, HostileServer
from tests.terminal.driving import Picture, Terminal, assert_restored

OWN = re.compile(
    r"\x1b\[(?:[0-9;]*[HmJ]|[?<>=][0-9;]*[hlu]|\?[0-9]+\$p)"  # places, colours, modes, the keyboard
    r"|\x1b\]22;[a-z-]*\x07"  # the shape of the pointer
)
"""What the app sends that is no text; all else that a terminal acts on would be the cluster's."""

AGE = re.compile(r"(-|\d+[smhdy](\d+[smhdy])?)")

CHOOSES, TICKED = "type to narrow", "take 3 ticked"
DRAWN = frozenset(("svg", "style", "defs", "clipPath", "rect", "g", "text", "circle"))
"""Elements of a saved picture: no script, no link."""

WALK = (
    (b"2", "MEM free"),
    (b"w", "EXTENDED"),
    (b"\r", "ALLOCATABLE"),
    (b"y", "annotations:"),
    (b"\x1b", "ALLOCATABLE"),
    (b"3", " 100 pods"),
    (b"w", "QOS"),
    (b"j\r", "Effective requests and limits"),
    (b"y", "metadata:"),
    (b"c", "not copied"),
    (b"n", CHOOSES),
    (b"\r", "metadata:"),
    (b"3", " 100 pods"),
    (b"\x13", CHOOSES),
    (b" \x1b[B \x1b[B ", TICKED),
    (b"\r", "saved"),
)
"""Keys, and what the screen then shows."""


def is_aligned(picture: Picture, titles: tuple[str, ...]) -> bool:
    """Every row of a table has its cells where the header says."""
    # The picture may be of half a frame: a header is there when its last title is.
    tops = [y for y, line in enumerate(picture.lines) if all(title in line for title in (*titles, " AGE"))]
    if not tops:
        return False
    header, *rows = picture.lines[tops[0] : -1]
    rows = [row for row in rows if row.strip()]
    age_end = header.index(" AGE") + len(" AGE")
    return len(rows) >= 4 and all(
        AGE.fullmatch(row[age_end - 6 : age_end].strip())
        and all(row[at - 2 : at] == "  " != row[at : at + 2] for at in map(header.index, titles))
        for row in rows
    )


def test_nothing_of_a_hostile_cluster_acts_on_the_terminal(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    with HostileServer() as server:
        kubeconfig = write_kubeconfig(tmp_path / "config", server.url)
        it = terminal("--kubeconfig", str(kubeconfig), size=(220, 50), folder=tmp_path)
        it.until("Evicted|CrashLoop|Failed")
        for keys, text in WALK:
            it.type(keys)
            it.shows(text, but=None if text in (CHOOSES, TICKED) else CHOOSES)
            if keys == b"2":
                it.until(lambda: is_aligned(it.picture, ("STATUS", "VERSION")))
            elif keys == b"3":
                it.until(lambda: is_aligned(it.picture, ("STATUS", "NODE ")))
            linked = it.picture.find(LINKED)
            assert all(
                it.picture.lines[y][x - 1] in "]\u2026 " for x, y in linked
            )  # the end of BELL, or where it was cut
            for x, y in linked[:3]:
                it.click(x, y)
        it.until(lambda: len([*tmp_path.glob("kite-*")]) == 3)
        it.type(b"\x03")
        code, _ = it.leave()
    assert code == 0
    assert_restored(it)
    assert it.picture.overflows == []
    text = it.everything.decode().replace("\r\n", "\n")
    assert not HARMFUL.findall(OWN.sub("", text))
    assert BELL in text
    saved = {path.suffix: path.read_text() for path in tmp_path.glob("kite-*")}
    for text in saved.values():
        assert not HARMFUL.findall(text)
    picture = ElementTree.fromstring(saved[".svg"])
    assert "@font-face" not in saved[".svg"]  # nothing is fetched from anywhere
    assert "␛[31m" in "".join(picture.itertext())
    assert {found.tag.rpartition("}")[2] for found in picture.iter()} <= DRAWN
    assert len(json.loads(saved[".json"])["items"]) == 100
    assert len(saved[".csv"].splitlines()) == 101
