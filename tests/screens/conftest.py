"""Apps over the small cluster, in a window of a size, at a fixed time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kite_tui.app import KiteApp
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource


@pytest.fixture(autouse=True)
def utc(neutral_environment: None) -> Iterator[None]:
    """Times of day are UTC's."""
    time.tzset()
    yield
    time.tzset()


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
