"""Metrics of the running program, as a Prometheus would scrape them; nothing listens once it was left."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.terminal.driving import LEAVING_S, Terminal


def test_metrics_are_served_while_the_app_runs_and_not_a_moment_longer(
    terminal: Callable[..., Terminal], kubeconfig: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    def scraped() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text: str = answer.read().decode()
        return text

    it = terminal("--kubeconfig", kubeconfig, "--metrics-port", str(port))
    it.until("live")
    it.until(lambda: 'kite_objects{kind="pods"} 60.0' in scraped())
    assert 'kite_scope_state{kind="pods",scope="",state="live"} 1.0' in scraped()
    it.until(lambda: "kite_loop_stall_max_seconds" in scraped())
    it.type(b"q")
    code, took_s = it.leave()
    assert code == 0
    assert took_s < LEAVING_S
    with pytest.raises(urllib.error.URLError):
        scraped()
