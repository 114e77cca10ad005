"""Driving the app by its keys, and waiting for what it shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from kite_tui.app import KiteApp
from kite_tui.screens.table import TableScreen
from kite_tui.widgets.table import RowTable
from tests.widgets.host import lines_of

PATIENCE_S = 30.0


class Driver:
    """The app in a window, and somebody before it."""

    def __init__(self, app: KiteApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return lines_of(self.app)

    @property
    def text(self) -> str:
        """What is on the screen, in one piece."""
        return "\n".join(self.lines)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def press_slowly(self, *keys: str) -> None:
        """Press keys as somebody does who waits for each to have its effect."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until every question has its answer on the screen."""
        await self.pilot.pause()
        await self.until(lambda: not getattr(self.app.screen, "_asking", False))

    async def until(self, seen: str | Callable[[], bool], *, gone: bool = False) -> None:
        """Wait until a text stands on the screen (or is `gone`), or until something is so."""

        def so() -> bool:
            return (seen in self.text) != gone if isinstance(seen, str) else bool(seen())

        deadline = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < deadline, f"waited for {seen!r} in vain:\n{self.text}"
            await asyncio.sleep(0.002)
            await self.pilot.pause()

    def on(self, screen: type[Screen[Any]]) -> bool:
        """True where this is the screen in sight."""
        return isinstance(self.app.screen, screen)

    @property
    def table(self) -> RowTable:
        """The only table of this screen."""
        return self.app.screen.query_one(RowTable)

    @property
    def rows(self) -> list[str]:
        """The names in a list of nodes or pods, from the top."""
        assert isinstance(self.app.screen, TableScreen)
        return [record.name for record in self.app.screen.shown()]

    @property
    def notices(self) -> list[str]:
        """What the app has said in passing."""
        return [notification.message for notification in self.app._notifications]


@asynccontextmanager
async def driving(app: KiteApp, size: tuple[int, int] = (120, 40), *keys: str) -> AsyncIterator[Driver]:
    """The app, opened in a window of a size, with the overview read and then some keys pressed."""
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: bool(app.session.started))  # type: ignore[attr-defined]
        await driver.until(lambda: app.screen.focused is not None)
        await driver.press_slowly(*keys)
        yield driver
