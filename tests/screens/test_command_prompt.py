"""The `:` prompt on the screens: it opens in place of the keys, waits for what isn't known yet, and leads somewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import DEPLOYMENTS, NAMESPACES, NODES, PODS, Kind
from kite_tui.objects.served import Served
from kite_tui.objects.states import Live
from kite_tui.screens.node_page import NodePage
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.related import RelatedScreen
from kite_tui.widgets.help import Help
from kite_tui.widgets.table import RowTable
from tests.screens.cluster import FakeSource
from tests.screens.driving import Driver, driving

EMPTY: Kind[Any] = Kind("", "v1", "Nothing", "nothings", "nothing", True)
SERVED = (PODS, NODES, NAMESPACES, DEPLOYMENTS)


async def enter(driver: Driver, command: str) -> None:
    """Type a command, and enter."""
    names = {" ": "space", "/": "slash", "?": "question_mark"}
    await driver.press("colon", *(names.get(character, character) for character in command), "enter")
    await driver.settle()


async def test_commands_go_from_screen_to_screen(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        before = app.focused
        await driver.press("colon", "j", "n")
        assert driver.lines[-1].startswith(" : jn")
        assert driver.on(OverviewScreen)
        await driver.press("escape")
        await driver.settle()
        assert app.focused is before
        assert " : " not in driver.lines[-1]
        await enter(driver, "po shop")
        assert driver.on(PodsScreen)
        assert app.namespaces == ("shop",)
        await driver.until("9 of 24 pods")
        await enter(driver, "ns all")
        await enter(driver, "no ip-10-0-1")
        await driver.until("3 of 7 nodes")
        await driver.press_slowly("enter")
        assert driver.on(NodePage)
        await enter(driver, "po web-")
        await driver.until("7 of 24 pods")
        await driver.press("colon", "up", "up")
        await driver.until(" : no ip-10-0-1")
        await driver.press("escape")
        await enter(driver, "?")
        assert driver.on(Help)
        await driver.press("escape")
        await enter(driver, "q")
        await driver.until(lambda: not app.is_running)
    assert app.return_code == 0


async def test_a_screen_that_is_left_by_a_click_leaves_no_prompt_and_needs_no_names(
    app: KiteApp, source: FakeSource
) -> None:
    async with driving(app, (120, 40), "2") as driver:
        source.served = Served((*SERVED, EMPTY))
        await driver.press("colon", *"nothing", "space", "x")
        await driver.settle()
        assert EMPTY in source.needed
        app.action_go("pods")
        await driver.settle()
        assert EMPTY not in source.needed
        app.action_go("nodes")
        await driver.settle()
        assert not isinstance(app.focused, Input)


async def test_an_unknown_word_stays_in_the_prompt_with_a_sentence_until_it_is_another_one(
    app: KiteApp, source: FakeSource
) -> None:
    source.served = Served(SERVED)
    async with driving(app, (80, 24)) as driver:
        await enter(driver, "depoy")
        assert driver.lines[-1].startswith(" : depoy ")
        assert driver.lines[-1].endswith(" no such command or kind; near it: deploy")
        source.put(PODS)
        await driver.settle()
        assert driver.lines[-1].endswith("near it: deploy")
        await driver.press("backspace", "backspace", "tab")
        assert driver.lines[-1].split() == [":", "deployments", "cart", "web"]
        await driver.press("c", "tab", "enter")
        await driver.until("Deployment shop/cart")
        assert driver.on(RelatedScreen)
        assert driver.notices == []


async def test_a_kind_is_gone_to_as_soon_as_the_server_has_said_that_it_serves_it(
    app: KiteApp, source: FakeSource
) -> None:
    async with driving(app, (120, 40)) as driver:
        await enter(driver, "nothings")
        assert driver.lines[-1].endswith("asking what the server serves…")
        assert source.discoveries == 1
        assert driver.on(OverviewScreen)  # and not refused: it may turn out to be a kind
        source.served = Served((*SERVED, EMPTY))
        source.become(Live(), EMPTY)
        await driver.until(lambda: driver.on(RelatedScreen))
        await driver.until("Deployment ×2")
        await driver.until(lambda: driver.notices == ["there are no nothings that could be read"])
        await enter(driver, "deploy")
        await driver.until("Deployment shop/web")
        table = driver.table
        assert table.cursor_key == "contents/deployments.apps"
        await enter(driver, "ns/shop")
        await driver.until("Namespace shop")
        await enter(driver, "po")
        assert driver.on(PodsScreen)
        await enter(driver, "deploy")
        await driver.until("Deployment shop/web")
        assert table.cursor_key == "contents/deployments.apps"
        await driver.press_slowly("left_square_bracket")
        await driver.until("Namespace shop")


async def test_letters_that_come_together_with_the_key_that_opens_the_prompt_are_typed_into_it(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3") as driver:
        for typed, seen in ((":ns shop\r", "9 of 24 pods"), ("/cart\r", "filter cart")):
            for character in typed:
                app.post_message(events.Key("enter" if character == "\r" else _character_to_key(character), character))
            await driver.until(seen)
        assert driver.rows == ["cart-7d9f6b5c44-x2v9p"]


async def test_keys_are_acted_on_in_their_order_however_slowly_the_one_that_opens_the_prompt_is_passed_on(
    app: KiteApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on = RowTable.on_event

    async def slowly(table: RowTable, event: events.Event) -> None:
        if isinstance(event, events.Key):
            for _ in range(50):
                await asyncio.sleep(0)
        await passed_on(table, event)

    monkeypatch.setattr(RowTable, "on_event", slowly)
    async with driving(app, (120, 40)) as driver:
        await driver.press("3")
        await driver.until(" pods")
        await driver.settle()
        assert isinstance(app.focused, RowTable)
        for character in ":no":
            app.post_message(events.Key(_character_to_key(character), character))
        while not isinstance(app.focused, Input):
            await asyncio.sleep(0)
        for key, character in (("space", " "), ("i", "i"), ("p", "p")):
            app.post_message(events.Key(key, character))
        await driver.settle()
        assert driver.lines[-1].startswith(" : no ip")
