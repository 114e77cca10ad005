"""The filter: says what is typed, closes on enter and escape, gives the focus back."""

from __future__ import annotations

from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.prompt import FilterPrompt, Foot
from kite_tui.widgets.table import RowTable
from tests.widgets.host import NODE_COLUMNS, Host, NumberRows, lines_of


class Filtering(Host):
    def on_filter_prompt_changed(self, message: FilterPrompt.Changed) -> None:
        self.said.append(("changed", message.text))

    def on_filter_prompt_submitted(self, message: FilterPrompt.Submitted) -> None:
        self.said.append(("submitted", message.text))

    def on_filter_prompt_cancelled(self) -> None:
        self.said.append("cancelled")


def host(debounce_s: float = 0) -> tuple[Filtering, RowTable, Foot]:
    table, foot = RowTable(NODE_COLUMNS), Foot([KeyHint("q", "quit")], debounce_s=debounce_s)
    return Filtering(table, foot), table, foot


async def test_every_key_is_said_and_enter_keeps_the_filter() -> None:
    app, table, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.screen.set_focus(table)
        foot.open_filter()
        await pilot.press("j", "q", "enter")
        assert app.said == [("changed", "j"), ("changed", "jq"), ("submitted", "jq")]
        assert not foot.is_typing
        assert app.focused is table


async def test_escape_clears_the_filter_and_gives_the_focus_back() -> None:
    app, table, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.screen.set_focus(table)
        foot.open_filter("old")
        await pilot.press("escape")
        assert app.said == ["cancelled"]
        assert app.focused is table


async def test_the_prompt_stands_in_place_of_the_keys_and_starts_from_the_old_text() -> None:
    app, table, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        table.set_rows(NumberRows(3))
        await pilot.pause()
        assert "quit" in lines_of(app)[-1]
        foot.open_filter("cart")
        await pilot.press("s")
        assert lines_of(app)[-1].startswith(" / carts")
        assert app.said == [("changed", "carts")]


async def test_what_is_odd_about_the_filter_is_said_at_the_right() -> None:
    app, _, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        foot.open_filter("car(")
        foot.set_notice("unfinished [b]regex[/]")
        await pilot.pause()
        assert lines_of(app)[-1].endswith("unfinished [b]regex[/]")


async def test_fast_typing_is_said_once_where_it_is_debounced() -> None:
    app, _, foot = host(debounce_s=60)
    async with app.run_test(size=(60, 10)) as pilot:
        foot.open_filter()
        await pilot.press("a", "b", "c")
        assert app.said == []
        await pilot.press("enter")
        assert app.said == [("submitted", "abc")]
