"""The program in a real terminal: the bytes of keys, the bytes that arrive, signals, and how it leaves."""

from __future__ import annotations

import copy
import fcntl
import json
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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import DemoCluster, write_kubeconfig
from tests.screens import scene

PATIENCE_S = 20.0
LEAVING_S = 3.0
"""Leaving takes half a second of work; a busy machine adds to it, and waiting for a silent server would take thirty."""

ALTERNATE_ON, ALTERNATE_OFF = b"\x1b[?1049h", b"\x1b[?1049l"
CURSOR_ON = b"\x1b[?25h"

EVIL = "\x1b]0;owned\x07\x1b[31m\x9b1m[@click=app.quit]x[/][/x]\u202e\u2066\r\n\t\x7fend"
"""An escape sequence to set the title, one for red, C1, markup, bidi marks, line breaks, DEL."""


def plain(output: bytes) -> str:
    """The text of what came, without the app's own sequences: moves of the cursor become spaces."""
    text = output.decode(errors="replace")
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[?<>=0-9;]*[A-Za-z]", " ", text))


WITH_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "kite_tui", *sys.argv[1:]])
"""
"""Makes the pty the controlling terminal, so that ctrl-c and a closed window are signals."""


class Terminal:
    """A program in a pty, everything that it ever sent, and a way to type."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (120, 40), **environment: str) -> None:
        self.output = b""
        self._master, slave = pty.openpty()
        self.resize(*size, of=slave)
        env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        env |= {"TERM": "xterm-256color", **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WITH_TERMINAL, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            start_new_session=True,
        )
        os.close(slave)

    def resize(self, width: int, height: int, *, of: int | None = None) -> None:
        """As a person does who pulls at the window."""
        fcntl.ioctl(of or self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        if of is None:
            self.process.send_signal(signal.SIGWINCH)

    def type(self, keys: bytes) -> None:
        """The bytes that a terminal sends."""
        os.write(self._master, keys)

    def until(self, seen: str | Callable[[], bool]) -> None:
        """Read on until a text (a regular expression) has come, or something is so."""

        def so() -> bool:
            return bool(re.search(seen, plain(self.output))) if isinstance(seen, str) else seen()

        deadline = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < deadline, f"waited for {seen!r} in vain: {plain(self.output)[-2000:]}"
            if not self._read(0.1) and self.process.poll() is not None:
                assert so(), f"ended with {self.process.returncode} before {seen!r}: {plain(self.output)[-2000:]}"

    def type_until(self, keys: bytes, seen: str) -> bytes:
        """Type, and wait for a text to come after that. Gives what had come before."""
        before, self.output = self.output, b""
        self.type(keys)
        self.until(seen)
        return before

    def _read(self, limit_s: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], limit_s)
        if not ready:
            return False
        try:
            self.output += os.read(self._master, 1 << 16)
        except OSError:  # the program ended; Linux says so with EIO
            return False
        return True

    def leave(self) -> tuple[int, float]:
        """Wait for the end: the exit code, and how long it took."""
        begun = time.monotonic()
        while self.process.poll() is None:
            assert time.monotonic() < begun + PATIENCE_S, self.output[-2000:]
            self._read(0.02)
        took_s = time.monotonic() - begun
        while self._read(0):
            pass
        return self.process.returncode, took_s

    def children(self) -> list[int]:
        """The ids of its child processes."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def close(self) -> None:
        """End what a failed test left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Starts the program, and ends it at the end of the test."""
    started: list[Terminal] = []

    def start(*arguments: str, **more: Any) -> Terminal:
        started.append(Terminal(*arguments, **more))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small frozen cluster that all tests of this file share."""
    with DemoCluster(DemoOptions(nodes=4, pods=60, rate=0)) as cluster:
        yield str(cluster.kubeconfig(tmp_path_factory.mktemp("demo") / "config"))


def is_restored(output: bytes) -> bool:
    """The alternate screen is left and the cursor shown, and nothing painted after that."""
    return (
        ALTERNATE_OFF in output and output.rindex(ALTERNATE_OFF) > output.rindex(ALTERNATE_ON) and CURSOR_ON in output
    )


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
        (b"/system\r", "filter "),
        (b"\x1b", "grafana"),
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
    assert ALTERNATE_OFF in it.output


# -- leaving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "code"), [(b"\x03", 0), (b"\x11", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=repr
)
def test_it_ends_at_once_with_the_terminal_as_it_was_and_the_simulated_cluster_gone(
    terminal: Callable[..., Terminal], how: bytes | signal.Signals, code: int
) -> None:
    it = terminal("demo", "--nodes", "4", "--pods", "60")
    it.until("healthy")
    children = it.children()
    assert children
    if isinstance(how, bytes):
        it.type(how)
    else:
        it.process.send_signal(how)
    returned, took_s = it.leave()
    assert returned == code
    assert took_s < LEAVING_S
    assert is_restored(it.output)
    assert b"Traceback" not in it.output
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_it_ends_at_once_while_the_server_is_silent(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read()  # until the other side hangs up

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with serving(Silent) as url:
        it = terminal("--kubeconfig", str(write_kubeconfig(tmp_path / "config", url)))
        it.until("syncing")
        it.type(b"q")
        code, took_s = it.leave()
    assert (code, took_s < LEAVING_S) == (0, True)
    assert is_restored(it.output)


def test_ctrl_c_before_the_first_answer_ends_it_too(terminal: Callable[..., Terminal], kubeconfig: str) -> None:
    it = terminal("--kubeconfig", kubeconfig)
    it.until(lambda: ALTERNATE_ON in it.output)
    it.type(b"\x03")
    code, took_s = it.leave()
    assert code in (0, 130)  # a key, or, until the terminal is raw, a signal
    assert took_s < LEAVING_S
    assert is_restored(it.output)
    assert b"Traceback" not in it.output


# -- windows and terminals --------------------------------------------------------------------------------------


def test_a_window_may_become_tiny_and_large_again(terminal: Callable[..., Terminal], kubeconfig: str) -> None:
    it = terminal("--kubeconfig", kubeconfig)
    it.until("healthy")
    pages = (
        (b"2", r" \d+ nodes"),
        (b"\r", "ALLOCATABLE"),
        (b"3", r" \d+ pods"),
        (b"\r", "Effective"),
        (b"?", "closes"),
    )
    for keys, seen in pages:
        it.type_until(keys, seen)
        for width, height in ((20, 5), (1, 1), (120, 40)):
            it.output = b""
            it.resize(width, height)
            it.until(lambda: b"\x1b[%d;1H" % height in it.output)  # noqa: B023 - called within the round
    it.type_until(b"\x1b", "Effective")
    it.type(b"\x03")
    code, _ = it.leave()
    assert code == 0
    assert b"Traceback" not in it.output


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
    codes = {part for code in re.findall(rb"\x1b\[([\d;]*)m", it.output) for part in code.split(b";")}
    assert b"7" in codes
    assert not codes & {b"38", b"48", *(b"%d" % n for n in (*range(30, 38), *range(40, 48), *range(90, 98)))}


# -- a hostile cluster ------------------------------------------------------------------------------------------


def serving(handler: type[BaseHTTPRequestHandler]) -> Any:
    """A server on loopback for as long as the block runs; gives its address."""
    from contextlib import contextmanager

    @contextmanager
    def run() -> Iterator[str]:
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

    return run()


def evil(value: Any, key: str = "") -> Any:
    """Every text of a manifest with EVIL behind it, but for what is read as a number, a time or a word of the API."""
    kept = ("cpu", "memory", "pods", "ephemeral-storage", "phase", "resourceVersion", "apiVersion", "status")
    if isinstance(value, dict):
        return {name: evil(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [evil(each, key) for each in value]
    if isinstance(value, str) and key not in kept and not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", value):
        return value + EVIL
    return value


def manifests() -> dict[str, list[Any]]:
    """A few objects of every kind, by the path of their list."""
    pod = scene.cart_manifest()
    pod["metadata"]["annotations"] = {"note": "n"}
    pod["metadata"]["labels"] = {"app": "l"}
    other = scene.pod_manifest("web-1", "shop", "node", owner="ReplicaSet/web", reason="Evicted", phase="Failed")
    node = scene.node_manifest("node", taints=[{"key": "k", "value": "v", "effect": "NoSchedule"}], ready="False")
    event = {
        "metadata": scene.meta("event", "shop"),
        "type": "Warning",
        "reason": "BackOff",
        "message": "m",
        "lastTimestamp": scene.ago(5),
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "cart"},
    }
    claim = {
        "metadata": scene.meta("claim", "shop", age_s=3600),
        "spec": {"storageClassName": "s"},
        "status": {"phase": "Pending"},
    }
    service = {
        "metadata": scene.meta("prometheus", "shop"),
        "spec": {"type": "t", "ports": [{"name": "web", "port": 9090}]},
    }
    namespace = {
        "metadata": scene.meta("shop", deletionTimestamp=scene.ago(3600)),
        "status": {"phase": "Terminating", "conditions": [scene.condition("T", "True", message="held")]},
    }
    workload = {"metadata": scene.meta("cart", "shop"), "spec": {"replicas": 2}, "status": {"availableReplicas": 0}}
    made = {
        "/api/v1/pods": [pod, other],
        "/api/v1/nodes": [node],
        "/api/v1/events": [event],
        "/api/v1/persistentvolumeclaims": [claim],
        "/api/v1/services": [service],
        "/api/v1/namespaces": [namespace],
        "/apis/apps/v1/deployments": [workload],
        "/apis/apps/v1/statefulsets": [],
        "/apis/apps/v1/daemonsets": [],
    }
    found = {path: [evil(copy.deepcopy(one)) for one in many] for path, many in made.items()}
    for one in found["/api/v1/events"]:
        one["type"] = "Warning"
        one["involvedObject"]["kind"] = "Pod"
    for one in found["/api/v1/nodes"]:
        for condition, kind in zip(
            one["status"]["conditions"], ("MemoryPressure", "DiskPressure", "Ready"), strict=True
        ):
            condition["type"] = kind
    return found


class Hostile(BaseHTTPRequestHandler):
    """An API server that means harm: lists answer with EVIL in every text, watches stay open and silent."""

    protocol_version = "HTTP/1.1"
    lists = manifests()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if "watch" in parse_qs(url.query):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.rfile.read(1)  # until the other side hangs up
            return
        if url.path == "/version":
            self.answer(200, {"gitVersion": "v1.36.1" + EVIL})
        elif url.path in self.lists:
            self.answer(200, {"metadata": {"resourceVersion": "1"}, "items": self.lists[url.path]})
        elif url.path.endswith("/events"):
            self.answer(200, {"metadata": {"resourceVersion": "1"}, "items": self.lists["/api/v1/events"]})
        elif "/pods/" in url.path:
            self.answer(200, {"kind": "Pod", **self.lists["/api/v1/pods"][0]})
        else:
            said = {"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": EVIL}
            self.answer(403, said)

    def answer(self, code: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody listens."""


OWN = re.compile(rb"\x1b(?:\[[0-9;:?<>=$]*[ -/]*[@-~]|\](?:52;c;[A-Za-z0-9+/=]*|22;[a-z-]*)\x07|P[^\x1b]*\x1b\\\\)")
"""Sequences that are the app's: CSI, the clipboard, the shape of the pointer, questions about the terminal."""

HARMFUL = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def test_nothing_of_a_hostile_cluster_reaches_the_terminal_raw(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    with serving(Hostile) as url:
        it = terminal("--kubeconfig", str(write_kubeconfig(tmp_path / "config", url)), size=(200, 50))
        it.until(re.escape("␛]0;owned␇"))
        seen = b""
        for keys, text in (
            (b"2", "NotReady"),
            (b"w", "EXTENDED"),
            (b"\r", "ALLOCATABLE"),
            (b"y", "could not be read"),
            (b"\x1b", "ALLOCATABLE"),
            (b"3", "READY"),
            (b"w", "QOS"),
            (b"\r", "Effective requests and limits"),
            (b"y", "metadata:"),
            (b"c", "copied"),
            (b"n", "all namespaces"),
        ):
            seen += it.type_until(keys, text)
        it.type(b"\x03")
        code, _ = it.leave()
        seen += it.output
    assert code == 0
    assert b"Traceback" not in seen
    assert b"\x1b]0;" not in seen
    assert b"\x1b[31m" not in seen
    rest = OWN.sub(b"", seen).decode(errors="replace")
    assert not HARMFUL.findall(rest)
    assert "[@click=app.quit]x[/]" in rest
