"""What every test gets: a neutral environment, and a check that no thread outlives it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings
from textual.app import App
from textual.css.stylesheet import Stylesheet

from tests.pilots import at_rest, hardly_delay, rules_of

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background; programs under test inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=300, deadline=None)
settings.register_profile("long", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: a third of the suite's time is waiting for programs in terminals."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def neutral_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person's terminal or cluster reaches a test."""
    for name in list(os.environ):
        if name == "TEXTUAL_SNAPSHOT_TEMPDIR":  # where pytest-textual-snapshot puts its report
            continue
        if name in ("NO_COLOR", "COLORTERM", "KUBECONFIG", "KITE_TUI_CONFIG") or name.startswith(
            ("TEXTUAL", "KUBERNETES_SERVICE")
        ):
            monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture(autouse=True)
def quick_pilots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilots wait for the app, not for the machine; a stylesheet is parsed for the first app only."""
    monkeypatch.setattr("textual.app.wait_for_idle", at_rest)
    monkeypatch.setattr("textual.pilot.wait_for_idle", at_rest)
    monkeypatch.setattr(App, "delay_update", hardly_delay)
    monkeypatch.setattr(Stylesheet, "_parse_rules", rules_of)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test left is garbage to the next, whatever a session says."""
    monkeypatch.setattr("kite_tui.session.cluster.keep", lambda: None)


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Threads that a test started end with it; those of the interpreter's own pools may stay."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while leaked := [t for t in threading.enumerate() if t not in before and not t.name.startswith("asyncio_")]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads outlive the test: {[t.name for t in leaked]}")
        leaked[0].join(0.05)
