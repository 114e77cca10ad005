"""Apps over the small cluster, at a fixed time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

import kite_tui.app
import kite_tui.screens.pod_page
from kite_tui.app import KiteApp
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.overview import OverviewScreen
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource


@pytest.fixture(autouse=True)
def utc(neutral_environment: None) -> Iterator[None]:
    """Times of day are UTC's."""
    time.tzset()
    yield
    time.tzset()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes are shown at once, not up to four times a second."""
    monkeypatch.setattr(kite_tui.app, "REFRESH_S", 0.0)
    monkeypatch.setattr(KiteScreen, "EVERY_S", 0.0)
    monkeypatch.setattr(OverviewScreen, "EVERY_S", 0.0)
    monkeypatch.setattr(kite_tui.screens.pod_page, "FETCH_S", 0.0, raising=False)


@pytest.fixture
def source() -> FakeSource:
    """The small cluster, all of it live."""
    return FakeSource(scene.objects(), scene.NOW_S)


@pytest.fixture
def session(source: FakeSource) -> FakeSession:
    """A session over it."""
    return FakeSession(source)


@pytest.fixture
def app(session: FakeSession) -> KiteApp:
    """The app over that session."""
    return KiteApp(session)
