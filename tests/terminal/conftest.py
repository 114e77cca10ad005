"""A terminal for each test, and a small cluster that stands still for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import DemoCluster
from tests.terminal.driving import Terminal


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


@pytest.fixture(scope="package")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small frozen cluster that all tests here share."""
    with DemoCluster(DemoOptions(nodes=4, pods=60, rate=0)) as cluster:
        yield str(cluster.kubeconfig(tmp_path_factory.mktemp("demo") / "config"))
