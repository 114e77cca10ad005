"""How the program ends, whatever ends it: at once, also while the server is silent, with the terminal as it was, the
exit code that says why, and nothing left behind."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from kite_tui.demo.process import write_kubeconfig
from tests.terminal.driving import ALTERNATE_ON, LEAVING_S, Terminal, assert_restored, plain, serving

Start = Callable[..., Terminal]
Report = Callable[[str, object], None]


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The kubeconfig of a server that takes every request and answers none."""

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read()  # until the other side hangs up

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with serving(Silent) as url:
        yield str(write_kubeconfig(tmp_path_factory.mktemp("silent") / "config", url))


def end(it: Terminal, how: bytes | signal.Signals) -> tuple[int, float]:
    if isinstance(how, bytes):
        it.type(how)
    else:
        it.process.send_signal(how)
    return it.leave()


WAYS: dict[bytes | signal.Signals, int] = {
    b"q": 0,
    b"\x03": 0,
    b"\x11": 0,
    signal.SIGINT: 130,
    signal.SIGTERM: 143,
    signal.SIGHUP: 129,
}


@pytest.mark.parametrize(("how", "code"), WAYS.items(), ids=map(repr, WAYS))
def test_it_ends_at_once_while_the_server_is_silent(
    terminal: Start, silent: str, record_property: Report, how: bytes | signal.Signals, code: int
) -> None:
    it = terminal("--kubeconfig", silent)
    it.until("syncing")
    returned, took_s = end(it, how)
    record_property("leaving_s", round(took_s, 3))
    assert returned == code
    assert took_s < LEAVING_S
    assert_restored(it)


@pytest.mark.parametrize("controls", [True, False], ids=["with a signal", "without"])
def test_it_ends_at_once_with_its_terminal(
    terminal: Start, silent: str, record_property: Report, controls: bool
) -> None:
    it = terminal("--kubeconfig", silent, controls=controls)
    it.until("syncing")
    returned, took_s = it.hang_up()
    record_property("leaving_s", round(took_s, 3))
    assert returned == 129
    assert took_s < LEAVING_S


@pytest.mark.parametrize("how", [signal.SIGTERM, None], ids=repr)
def test_the_simulated_cluster_ends_with_it(terminal: Start, how: signal.Signals | None) -> None:
    it = terminal("demo", "--nodes", "4", "--pods", "60", controls=False)
    it.until("healthy")
    children = it.children()
    assert children
    code, took_s = it.hang_up() if how is None else end(it, how)
    assert code == (129 if how is None else 143)
    assert took_s < LEAVING_S
    for child in children:
        it.gone(child)


def test_ctrl_c_before_the_first_answer_ends_it_too(terminal: Start, silent: str) -> None:
    it = terminal("--kubeconfig", silent)
    it.until(lambda: ALTERNATE_ON in it.output)
    it.type(b"\x03")
    code, took_s = it.leave()
    assert code in (0, 130), plain(it.everything)  # a key, or, until the terminal is raw, a signal
    assert took_s < LEAVING_S
    assert_restored(it)


SIGNALLED = """
import os, signal, sys
from kite_tui.app import KiteApp
from kite_tui.cli import main

def signalled(self):
    os.kill(os.getpid(), signal.SIGINT)
    return ()

KiteApp.compose = signalled
sys.exit(main(sys.argv[1:]))
"""


def test_a_signal_while_it_starts_ends_it_as_any_other(terminal: Start, silent: str) -> None:
    it = terminal("--kubeconfig", silent, python=("-c", SIGNALLED))
    code, _ = it.leave()
    assert code == 130, plain(it.everything)
    assert_restored(it)


# -- mistakes of ours -------------------------------------------------------------------------------------------

CRASHES = """
import sys, threading
from kite_tui.cli import main
from kite_tui.screens.overview import OverviewScreen

def broken(self, view):
    if "--crash" in sys.argv:
        raise ZeroDivisionError("said-by-the-cluster")
    threading.Thread(target=lambda: 1 / 0).start()
    shown(self, view)

shown, OverviewScreen.show = OverviewScreen.show, broken
sys.exit(main([argument for argument in sys.argv[1:] if argument != "--crash"]))
"""


def test_a_mistake_that_ends_it_is_one_sentence_that_says_where_the_log_is(
    terminal: Start, kubeconfig: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    it = terminal("--crash", "--kubeconfig", kubeconfig, "--log-file", str(log), python=("-c", CRASHES))
    code, _ = it.leave()
    assert code == 1
    assert_restored(it)
    said = plain(it.everything[it.everything.rindex(b"\x1b[?1049l") :])
    assert "kite-tui made a mistake (ZeroDivisionError) and had to end; the log" in said
    assert log.name in said.replace(" ", "")
    assert b"said-by-the-cluster" not in it.everything
    assert "said-by-the-cluster" in log.read_text()


def test_a_mistake_of_a_thread_and_bytes_that_are_no_text_are_for_the_log_and_end_nothing(
    terminal: Start, kubeconfig: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    it = terminal("--kubeconfig", kubeconfig, "--log-file", str(log), python=("-c", CRASHES))
    it.until("healthy")
    it.type(b"\xff\xfe\x80 \xe9\x00\x1b[\x1b[999999;\x1b[<1;M\x1b]\x1bP\x1b\\")

    def goes_on() -> bool:
        it.type(b"2")  # what comes at the same moment as those bytes is lost with them
        it.read(0.2)
        return "MEM free" in plain(it.output)

    it.until(goes_on)
    assert end(it, b"q")[0] == 0
    assert_restored(it)
    assert "ZeroDivisionError" in log.read_text()
    assert "no UTF-8" in log.read_text()
    assert b"ZeroDivision" not in it.everything


def test_a_full_disk_costs_only_the_log(terminal: Start, tmp_path: Path) -> None:
    it = terminal(
        "--kubeconfig", str(write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1")), "--log-file", "/dev/full"
    )
    it.until("refused")
    assert end(it, b"q")[0] == 0
    assert_restored(it)
    assert "kite-tui: the log /dev/full is not whole: No space left on device" in plain(it.everything)
