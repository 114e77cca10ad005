"""The first cluster is asked while its screens are still being loaded; another one not before the first is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import Kind
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.roots import root_screen
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.contexts import FakeContexts
from tests.screens.driving import Driver, driving

SIZE = (100, 30)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The screens that were loaded; after `broken` the next one can't be."""
    asked: list[str] = []

    def screen(name: str) -> Any:
        asked.append(name)
        if asked[-2:-1] == ["broken"]:
            raise KeyError("ours")
        return root_screen(name)

    monkeypatch.setattr("kite_tui.life.root_screen", screen)
    return asked


class Looking(FakeSession):
    """A session that looks at a number when it is started."""

    def __init__(self, source: FakeSource, number: Callable[[], int]) -> None:
        super().__init__(source)
        self.seen: list[int] = []
        self._number = number

    def start(self, changed: Callable[[Kind[Any]], None], run_interactive: Any = None) -> None:
        """Now."""
        self.seen.append(self._number())
        super().start(changed, run_interactive)


async def test_the_server_is_at_work_while_the_screens_are_loaded(source: FakeSource, loads: list[str]) -> None:
    session = Looking(source, lambda: len(loads))
    app = KiteApp(FakeContexts(prod=session).opening("prod"))
    async with app.run_test(size=SIZE) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: driver.on(OverviewScreen))
        await driver.until("18 of 24 healthy")  # read before anybody was told of changes, and shown none the less
    assert session.seen == [0]


async def test_another_cluster_is_asked_once_the_one_before_is_left(session: FakeSession, source: FakeSource) -> None:
    dev = Looking(source, lambda: session.stops)
    async with driving(KiteApp(session, FakeContexts(dev=dev)), SIZE) as driver:
        driver.app.switch_context("dev")
        await driver.until(lambda: bool(dev.started))
    assert dev.seen == [1]


async def test_a_mistake_while_the_screens_are_loaded_ends_what_was_begun(
    session: FakeSession, loads: list[str]
) -> None:
    loads.append("broken")
    app = KiteApp(FakeContexts(prod=session).opening("prod"))
    with pytest.raises(KeyError, match="ours"):
        async with app.run_test(size=SIZE) as pilot:
            await Driver(app, pilot).until(lambda: bool(session.stops))
    assert session.started == 1


async def test_what_was_begun_ends_with_an_app_that_is_left_while_the_screens_are_loaded(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = threading.Event()
    monkeypatch.setattr("kite_tui.life.root_screen", lambda _: loading.wait())
    app = KiteApp(FakeContexts(prod=session).opening("prod"))
    async with app.run_test(size=SIZE) as pilot:
        await Driver(app, pilot).until(lambda: bool(session.started))
    try:
        assert session.stops
    finally:
        loading.set()


async def test_what_begins_after_the_app_was_left_ends_at_once(session: FakeSession) -> None:
    app = KiteApp(FakeContexts(prod=session).opening("prod"))
    app.on_unmount()
    app._begin(session)
    assert (session.started, session.stops) == (1, 1)
