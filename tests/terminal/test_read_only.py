"""kite-tui only reads: whatever is pressed or asked for, an API server is sent nothing but GET, and no other server
anything."""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from textual.dom import DOMNode

import kite_tui.app
import kite_tui.kube
import kite_tui.screens.help
import kite_tui.screens.node_page
import kite_tui.screens.pod_page
import kite_tui.screens.saving
import kite_tui.screens.yaml_page
import kite_tui.widgets.choose
from kite_tui.cli import main
from kite_tui.demo.answers import Answer
from kite_tui.demo.generate import generate
from kite_tui.demo.listoptions import Query
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import write_kubeconfig
from kite_tui.demo.server import DemoServer
from kite_tui.demo.watches import Watch
from tests.terminal.driving import Terminal


class Recording(DemoServer):
    """The simulated cluster, and every method that it was asked with."""

    def __init__(self) -> None:
        cluster = generate(DemoOptions(nodes=4, pods=60, rate=0), time.time)
        super().__init__(cluster.world, metrics=Metrics(cluster))
        self.methods: Counter[str] = Counter()

    def answer(
        self, method: str, path: str, query: Query, accept: str, authorization: str, body: bytes
    ) -> Answer | Watch:
        """As the simulated cluster does."""
        self.methods[method] += 1
        return super().answer(method, path, query, accept, authorization, body)


@pytest.fixture
def server() -> Iterator[Recording]:
    with Recording() as server:
        yield server


HELP, CHOOSER, PALETTE = "esc closes", "type to narrow", "Search for commands"
STEPS = (
    ("up down j k g G home end pageup pagedown ctrl+d ctrl+u left right h l ctrl+r", "Wrong now", HELP),
    ("question_mark", HELP, ""),
    ("escape", "Wrong now", HELP),
    ("2", "MEM free", "Wrong now"),
    ("w ctrl+w F", " 0 of 4 nodes", ""),
    ("ctrl+z", "\n 4 nodes", ""),  # the rows are there again when c comes
    ("N A S C M shift+right shift+left c", "copied", ""),
    ("y", "annotations:", "MEM free"),
    ("left right h l c ctrl+r", "annotations:", ""),
    ("escape", "MEM free", "annotations:"),
    ("o", "ALLOCATABLE", "MEM free"),
    ("P N A S T C M w c y", "annotations:", "ALLOCATABLE"),
    ("escape", "ALLOCATABLE", "annotations:"),
    ("3", "NAMESPACE ↑", "ALLOCATABLE"),
    ("T P", "NAMESPACE ↑", ""),
    ("slash", "", "enter its page"),
    ("a", " filter a", "enter its page"),
    ("down", " filter a", "\n / a"),
    ("escape", "\n 60 pods", " filter a"),
    ("o", "ALLOCATABLE", "\n 60 pods"),  # its own pods are sorted by namespace, too
    ("escape", "NAMESPACE ↑", "ALLOCATABLE"),
    ("enter", "Effective requests", "NAMESPACE ↑"),
    ("o", "ALLOCATABLE", "Effective requests"),
    ("escape", "Effective requests", "ALLOCATABLE"),
    ("c y", "annotations:", "Effective requests"),
    ("3", "NAMESPACE ↑", "annotations:"),
    ("r", " owned by", "NAMESPACE ↑"),
    ("space", "▸ owned by", ""),
    ("space less_than_sign greater_than_sign c b", "what breaks if", "▸ owned by"),
    ("b", " owned by", "what breaks if"),
    ("g u", " used by", ""),
    ("g J", " owns", ""),
    ("left_square_bracket right_square_bracket y", "annotations:", " owns"),
    ("escape", "enter go there", "annotations:"),
    ("slash", "", "enter go there"),
    ("a", "filter a", "enter go there"),
    ("escape", "enter go there", "filter a"),
    ("o", "is on no node", ""),
    ("colon", "", "enter go there"),
    ("o tab shift+tab", " : overview", ""),
    ("escape", "enter go there", ""),
    ("8", "requests", " owns"),
    ("enter", "Scopes", "OBJECTS"),
    ("escape", "requests", "Scopes"),
    ("4 3", "NAMESPACE ↑", ""),
    ("n", CHOOSER, ""),
    ("enter", "NAMESPACE ↑", CHOOSER),
    ("0 ctrl+s", CHOOSER, ""),
    ("enter", "saved", CHOOSER),
    ("ctrl+p", PALETTE, ""),
    ("escape", "NAMESPACE ↑", PALETTE),
    ("1", "Wrong now", "NAMESPACE ↑"),
)
"""Every key of every screen, what the screen then shows, and what not any more."""

BYTES = {"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F"}
BYTES |= {"pageup": "\x1b[5~", "pagedown": "\x1b[6~", "shift+left": "\x1b[1;2D", "shift+right": "\x1b[1;2C"}
BYTES |= {
    "enter": "\r",
    "escape": "\x1b",
    "slash": "/",
    "question_mark": "?",
    "space": " ",
    "colon": ":",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
}
BYTES |= {"less_than_sign": "<", "greater_than_sign": ">", "left_square_bracket": "[", "right_square_bracket": "]"}


def bytes_of(keys: str) -> bytes:
    return "".join(
        chr(ord(key[-1]) - 96) if key.startswith("ctrl+") else BYTES.get(key, key) for key in keys.split()
    ).encode()


def keys_there_are() -> set[str]:
    """Of every screen and widget of ours."""
    classes, found = [DOMNode], set()
    while classes:
        at = classes.pop()
        classes += at.__subclasses__()
        bindings = at.__dict__.get("BINDINGS", ()) if at.__module__.startswith("kite_tui.") else ()
        found |= {key for binding in bindings for key in binding.key.split(",")}
    return found


def test_no_key_on_any_screen_sends_more_than_get(
    server: Recording, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "config", server.url)
    it = terminal("--kubeconfig", str(kubeconfig), folder=tmp_path, SSH_CONNECTION="no other clipboard")
    it.until("healthy")
    for keys, text, gone in STEPS:
        it.type(bytes_of(keys))
        it.shows(text, but=gone or None)
    it.type(b"q")
    assert it.leave()[0] == 0
    assert set(server.methods) == {"GET"}
    assert server.methods["GET"] > 20
    assert keys_there_are() <= {"q", "ctrl+c", "ctrl+q", *(key for keys, *_ in STEPS for key in keys.split())}


@pytest.mark.parametrize("output", ["", "-o wide", "-o json", "-o csv", "-o name"])
def test_no_command_sends_more_than_get(server: Recording, tmp_path: Path, output: str) -> None:
    kubeconfig = str(write_kubeconfig(tmp_path / "config", server.url))
    node = next(iter(server.world.tables["nodes"].snapshot(1).items)).thing.name
    for line in ("overview", "nodes", f"nodes {node}", "pods", "pods -n shop -l app=web", "cache", "version"):
        if output in ("-o csv", "-o name", "-o wide") and line in ("overview", "cache", "version"):
            continue
        assert main([*line.split(), *output.split(), "--kubeconfig", kubeconfig]) == 0
    assert set(server.methods) == {"GET"}


def test_only_an_issuer_of_tokens_is_ever_sent_anything_else() -> None:
    others = {"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT"}
    found = set()
    for path in Path(kite_tui.kube.__file__).parent.glob("*.py"):
        constants = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
        found |= {(path.name, value) for value in constants if value in others}
    assert found == {("oidc.py", "POST")}


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_nobody_else_is_asked_wherever_a_server_points_to(
    server: Recording, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    with Recording() as elsewhere:
        server.intercept = lambda verb, path, query: Answer(code, b"", headers={"Location": elsewhere.url + path})
        assert main(["pods", "--server", server.url, "--token", "demo"]) == 1
        assert "redirects" in capsys.readouterr().err
        assert not elsewhere.methods
        assert server.methods["GET"]


def test_what_must_not_be_overlooked_stands_in_the_first_line(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    file = write_kubeconfig(tmp_path / "config", "http://kite.invalid:8080")
    config = yaml.safe_load(file.read_text())
    config["clusters"][0]["cluster"]["proxy-url"] = "http://127.0.0.1:1"  # nothing leaves this machine
    file.write_text(yaml.safe_dump(config))
    it = terminal("--kubeconfig", str(file), "--as", "jane", "--insecure-skip-tls-verify")
    it.until("failed")
    for badge in (" insecure TLS ", " plain http ", " as jane "):
        assert badge in it.picture.lines[0]
