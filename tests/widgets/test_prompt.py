"""The prompt: a filter says what is typed, a command is completed and said with enter; the focus comes back."""

from __future__ import annotations

from kite_tui.widgets.foot import Foot
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.prompt import Completion
from kite_tui.widgets.table import RowTable
from tests.widgets.host import NODE_COLUMNS, Host, NumberRows, lines_of


class Asked(Host):
    def on_foot_filtered(self, message: Foot.Filtered) -> None:
        self.said.append(("filtered", message.text))

    def on_foot_commanded(self, message: Foot.Commanded) -> None:
        self.said.append(("commanded", message.text))


def host(debounce_s: float = 0) -> tuple[Asked, RowTable, Foot]:
    table, foot = RowTable(NODE_COLUMNS), Foot([KeyHint("q", "quit")], debounce_s=debounce_s)
    return Asked(table, foot), table, foot


async def test_every_key_is_said_and_enter_keeps_the_filter() -> None:
    app, table, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.screen.set_focus(table)
        foot.open_filter()
        await pilot.press("j", "q", "enter")
        assert app.said == [("filtered", "j"), ("filtered", "jq"), ("filtered", "jq")]
        assert not foot.is_typing
        assert app.focused is table


async def test_escape_clears_the_filter_and_gives_the_focus_back() -> None:
    app, table, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.screen.set_focus(table)
        foot.open_filter("old")
        await pilot.press("escape")
        assert app.said == [("filtered", "")]
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
        assert app.said == [("filtered", "carts")]


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
        assert app.said == [("filtered", "abc")]


# -- commands ---------------------------------------------------------------------------------------------------------

WORDS = ("deployments", "daemonsets", "Deputies", "nodes")


def complete(text: str) -> Completion:
    """The words that go on with the last one."""
    start = text.rfind(" ") + 1
    found = [word for word in WORDS if word.lower().startswith(text[start:].lower())]
    return Completion(start, found, True, "" if found else "nothing is called [b]that[/]")


async def test_a_command_is_said_with_enter_and_the_prompt_stays_until_somebody_closes_it() -> None:
    app, table, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        app.screen.set_focus(table)
        foot.open_command(complete, ())
        await pilot.press("n", "o")
        assert foot.command == "no"
        assert lines_of(app)[-1].startswith(" : no")
        assert app.said == []
        await pilot.press("enter")
        assert app.said == [("commanded", "no")]
        assert foot.is_typing
        foot.set_notice("no such thing")
        foot.complete_again()
        await pilot.pause()
        assert lines_of(app)[-1].endswith("no such thing")
        await pilot.press("d")
        assert lines_of(app)[-1].endswith("nodes")
        foot.close()
        await pilot.pause()
        assert app.focused is table
        assert foot.command is None


async def test_escape_leaves_a_command_and_the_next_prompt_is_a_filter_again() -> None:
    app, _, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        foot.open_command(complete, ())
        await pilot.press("n", "escape")
        assert app.said == [("commanded", "")]
        foot.close()
        foot.open_filter()
        await pilot.press("n", "tab")
        assert app.said == [("commanded", ""), ("filtered", "n")]
        assert lines_of(app)[-1].startswith(" / n")


async def test_tab_puts_what_all_completions_have_in_common_then_goes_round_them() -> None:
    app, _, foot = host()
    async with app.run_test(size=(80, 10)) as pilot:
        foot.open_command(complete, ())
        await pilot.press("d")
        assert lines_of(app)[-1].split() == [":", "d", "deployments", "daemonsets", "Deputies"]
        await pilot.press("e", "tab")
        assert foot.command == "dep"
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            seen.append(foot.command)
        assert seen == ["deployments", "Deputies", "deployments", "Deputies"]
        assert lines_of(app)[-1].split() == [":", "Deputies", "Deputies", "deployments"]
        await pilot.press("space", "N", "tab")
        assert foot.command == "Deputies nodes "
        assert app.said == []


async def test_where_nothing_goes_on_it_is_said_why_and_tab_changes_nothing() -> None:
    app, _, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        foot.open_command(complete, ())
        await pilot.press("x", "tab")
        assert foot.command == "x"
        assert lines_of(app)[-1].endswith("nothing is called [b]that[/]")


async def test_of_many_completions_those_are_shown_that_have_room_and_the_number_of_the_others() -> None:
    app, _, foot = host()
    async with app.run_test(size=(40, 10)) as pilot:
        many = tuple(f"word-{number}" for number in range(300))
        foot.open_command(lambda text: Completion(0, many), ())
        await pilot.pause()
        assert lines_of(app)[-1].split() == [":", "word-0", "word-1", "+298"]
        await pilot.press("w", "o", "r", "d", "-", "tab", "tab")
        assert foot.command == "word-1"
        assert lines_of(app)[-1].split() == [":", "word-1", "word-1", "word-2", "+298"]


async def test_up_and_down_walk_what_was_typed_before_and_keep_what_was_begun() -> None:
    app, _, foot = host()
    async with app.run_test(size=(60, 10)) as pilot:
        foot.open_command(complete, ("pods shop", "nodes"))
        await pilot.press("d", "up")
        assert foot.command == "nodes"
        await pilot.press("up", "up")
        assert foot.command == "pods shop"
        await pilot.press("down", "down", "down")
        assert foot.command == "d"
        assert app.said == []
