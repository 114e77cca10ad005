"""Secrets planted all along the way to a cluster are in nothing that the app shows, saves, logs or leaves behind."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from kite_tui.demo.access import USERS
from kite_tui.demo.control import Control
from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import write_kubeconfig
from kite_tui.demo.server import DemoServer
from tests.terminal.driving import Terminal, assert_restored

TOKEN, PASSWORD, SAID, REASON = ("pl4nted-token", "pl4nted-password", "pl4nted-said", "pl4nted-reason")

PLUGIN = f"""#!/bin/sh
echo "token: {SAID}, Authorization: Bearer {TOKEN}" >&2
[ -e used ] && exit 1
touch used
echo '{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {{"token": "{TOKEN}"}}}}'
"""

CRASHES = """
import os, sys
from kite_tui.cli import main
from kite_tui.kube import credentials
from kite_tui.screens.pods import PodsScreen

def broken(self, view):
    if os.path.exists("crash"):
        raise RuntimeError(f"{self.session.config} {vars(self.session)}")
    show(self, view)

credentials.MIN_HOLD_S = 0.0  # a token that is refused is renewed, though the plugin has just run
show, PodsScreen.show = PodsScreen.show, broken
sys.exit(main())
"""


def planted_config(file: Path, server: DemoServer) -> str:
    """A kubeconfig with a plugin, a proxy that wants a password (the server itself), and impersonation."""
    content = yaml.safe_load(write_kubeconfig(file, server.url).read_text())
    content["clusters"][0]["cluster"]["proxy-url"] = f"http://u:{PASSWORD}@{server.address}"
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin", "interactiveMode": "Never"}
    content["users"][0]["user"] = {"exec": plugin, "as": "jane", "as-user-extra": {"reason": [REASON]}}
    file.write_text(yaml.safe_dump(content))
    return str(file)


def test_a_session_that_loses_its_credentials_and_crashes_shows_no_secret(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    (tmp_path / "plugin").write_text(PLUGIN)
    (tmp_path / "plugin").chmod(0o755)
    log = tmp_path / "log"
    cluster = generate(DemoOptions(nodes=4, pods=60, rate=0), time.time)
    with DemoServer(cluster.world, metrics=Metrics(cluster)) as server:
        server.access.add("ops", USERS["demo"], TOKEN)
        config = planted_config(tmp_path / "config", server)
        it = terminal(
            "--kubeconfig", config, "--log-file", str(log), folder=tmp_path, python=("-c", CRASHES), size=(200, 40)
        )
        it.shows("healthy")
        it.type(b"3")
        it.shows("NAMESPACE ↑")
        it.type(b"\x13")
        it.shows("type to narrow")
        it.type(b" \x1b[B \x1b[B ")
        it.shows("take 3 ticked")
        it.type(b"\r")
        it.until(lambda: len([*tmp_path.glob("kite-*")]) == 3)
        Control(server).revoke(TOKEN)
        it.type(b"\x12")
        it.shows("the credential plugin")
        it.type(b"y")
        it.shows("failed with exit code 1: token: [redacted]")
        it.type(b"3")
        (tmp_path / "crash").touch()
        it.type(b"NNN")
        code, _ = it.leave()
    assert code == 1
    assert_restored(it)
    found = [it.everything.decode(), log.read_text(), *(path.read_text() for path in tmp_path.glob("kite-*"))]
    assert "RuntimeError" in log.read_text()
    assert "[redacted]" in log.read_text()
    for secret in (TOKEN, PASSWORD, SAID, REASON):
        encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
        assert not [text[-500:] for text in found if secret in text or encoded in text]
