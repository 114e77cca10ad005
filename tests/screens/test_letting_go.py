"""What was left is let go: pages, what they drew, and who asked a thread for an answer."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from textual.widget import Widget
from textual.worker import get_current_worker

from kite_tui.app import KiteApp
from kite_tui.screens.pods import PodsScreen
from tests.screens.cluster import FakeSession
from tests.screens.driving import driving


async def test_nothing_is_kept_of_pages_that_were_left(app: KiteApp, session: FakeSession) -> None:
    session.default = b"{}"  # a request that waits would have the page
    left: list[weakref.ref[object]] = []
    async with driving(app, (80, 24), "3") as driver:
        for _ in range(3):
            await driver.press_slowly("enter")
            left += (weakref.ref(vars(each)["_styles_cache"]) for each in driver.app.screen.walk_children(Widget))
            await driver.press_slowly("escape")
        gc.collect()
        assert not [each() for each in left if each() is not None]


async def test_the_thread_that_found_an_answer_keeps_nothing_of_the_screen_that_asked(
    app: KiteApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers: list[weakref.ref[object]] = []
    question = PodsScreen.question

    def noted(screen: PodsScreen) -> Callable[[], Any]:
        ask = question(screen)

        def noting() -> Any:
            workers.append(weakref.ref(get_current_worker()))
            return ask()

        return noting

    monkeypatch.setattr(PodsScreen, "question", noted)
    async with driving(app, (80, 24), "3") as driver:

        def nothing_is_left() -> bool:
            gc.collect()
            return bool(workers) and not any(each() for each in workers)

        await driver.until(nothing_is_left)
