"""A simulated cluster that stands still, and a way to run commands on it in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kite_tui.cli import main
from kite_tui.demo.control import Control
from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import write_kubeconfig
from kite_tui.demo.server import DemoServer
from tests.cli.running import Done, Run


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """Twelve nodes and 150 pods, of the same seed each time and with no life."""
    cluster = generate(DemoOptions(nodes=12, pods=150, seed=7, rate=0), time.time)
    with DemoServer(cluster.world, metrics=Metrics(cluster)) as server:
        yield server


@pytest.fixture
def control(demo: DemoServer) -> Control:
    return Control(demo)


@pytest.fixture
def kubeconfig(demo: DemoServer, tmp_path: Path) -> Path:
    return write_kubeconfig(tmp_path / "kubeconfig", demo.url)


@pytest.fixture
def run(kubeconfig: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command on the simulated cluster, in this process."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*argv: str) -> Done:
        capsys.readouterr()
        code = main([*argv, "--kubeconfig", str(kubeconfig)])
        return Done(*capsys.readouterr(), code)

    return run
