"""The table: stays with its row, marks what changed, asks instead of sorting."""

from __future__ import annotations

from typing import TypeVar

import pytest
from textual.events import MouseScrollDown
from textual.geometry import Offset
from textual.message import Message

from kite_tui.objects.states import Forbidden, Live, Syncing
from kite_tui.widgets.columns import Column
from kite_tui.widgets.marks import MARK_S
from kite_tui.widgets.states import placeholder_for
from kite_tui.widgets.table import RowTable
from tests.widgets.host import NAME, NODE_COLUMNS, TWO, Host, KeyRows, NumberRows, lines_of

M = TypeVar("M", bound=Message)


class Listening(Host):
    """Keeps the messages of its table."""

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        self.said.append(message)

    def on_row_table_sort_requested(self, message: RowTable.SortRequested) -> None:
        self.said.append(message)

    def of(self, kind: type[M]) -> list[M]:
        return [message for message in self.said if isinstance(message, kind)]


async def test_keys_move_the_cursor_and_stop_at_the_ends() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(80, 11)) as pilot:
        table.set_rows(NumberRows(100))
        seen = []
        for key in ("up", "down", "j", "k", "pagedown", "ctrl+d", "ctrl+u", "pageup", "G", "j", "home", "end", "g"):
            await pilot.press(key)
            seen.append(table.cursor)
        assert seen == [0, 1, 2, 1, 11, 16, 11, 1, 99, 99, 0, 99, 0]


async def test_the_cursor_is_always_in_sight() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(80, 11)) as pilot:
        table.set_rows(NumberRows(100))
        for key in ["down"] * 15 + ["G"] + ["up"] * 15 + ["pageup", "ctrl+u", "g"]:
            await pilot.press(key)
            assert table.top <= table.cursor < table.top + table.room
        table.move_to(50)
        await pilot.resize_terminal(80, 6)
        await pilot.pause()
        assert table.top <= 50 < table.top + table.room


async def test_cursor_and_view_stay_on_their_rows_while_rows_come_and_go() -> None:
    table = RowTable(TWO)
    async with Host(table).run_test(size=(60, 6)) as pilot:
        table.set_rows(KeyRows("cdefghijkl"))
        await pilot.press("j", "j", "j", "j", "j", "j")
        await pilot.pause()
        before = [line[:59].rstrip() for line in lines_of(pilot.app)]
        table.set_rows(KeyRows("abcdefghijklm"))
        await pilot.pause()
        assert table.cursor_key == "i"
        assert [line[:59].rstrip() for line in lines_of(pilot.app)] == before


async def test_while_the_first_list_comes_in_an_untouched_cursor_stays_on_top() -> None:
    table = RowTable(TWO)
    async with Host(table).run_test(size=(60, 6)):
        table.set_rows(KeyRows("mno"), settled=False)
        table.set_rows(KeyRows("abcmno"), settled=False)
        assert table.cursor_key == "a"
        table.move_to(1)
        table.set_rows(KeyRows("ABabcmno"), settled=False)
        assert table.cursor_key == "b"


async def test_a_filter_that_hid_every_row_gives_the_cursor_back_its_row() -> None:
    table = RowTable(TWO)
    async with Host(table).run_test(size=(60, 6)) as pilot:
        table.set_rows(KeyRows("abcdefghij"))
        await pilot.press("j", "j", "j", "j", "j", "j", "j")
        table.set_rows(KeyRows(""))
        assert table.line_count == 0
        table.set_rows(KeyRows("abcdefghij"))
        await pilot.pause()
        assert table.cursor_key == "h"
        assert table.top <= table.cursor < table.top + table.room


async def test_enter_and_a_second_click_open_the_row() -> None:
    table = RowTable(TWO)
    app = Listening(table)
    async with app.run_test(size=(60, 10)) as pilot:
        table.set_rows(KeyRows("abcdef"))
        await pilot.press("j", "enter")
        assert [message.key for message in app.of(RowTable.Opened)] == ["b"]
        await pilot.click(table, offset=(3, 4))
        assert table.cursor_key == "d"
        assert len(app.of(RowTable.Opened)) == 1
        await pilot.click(table, offset=(3, 4))
        assert [message.key for message in app.of(RowTable.Opened)] == ["b", "d"]


async def test_enter_without_rows_opens_nothing() -> None:
    app = Listening(RowTable(TWO))
    async with app.run_test() as pilot:
        await pilot.press("enter", "down", "G", "pageup")
        assert app.said == []


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(80, 11)) as pilot:
        table.set_rows(NumberRows(100))
        await pilot.pause()
        await pilot._post_mouse_events([MouseScrollDown], table)
        await pilot.pause()
        assert table.top > 0
        assert table.cursor == 0


async def test_sorting_is_asked_for_and_asking_again_reverses() -> None:
    table = RowTable(NODE_COLUMNS)
    app = Listening(table)
    async with app.run_test(size=(140, 10)) as pilot:
        table.set_rows(NumberRows(10))
        table.set_sort("name", False)
        table.sort_by("age")
        table.sort_by("name")
        await pilot.pause()
        assert [(m.column_id, m.reverse) for m in app.of(RowTable.SortRequested)] == [("age", False), ("name", True)]


async def test_shift_arrows_walk_over_the_columns_that_can_be_sorted_by_and_reverse_at_the_edge() -> None:
    table = RowTable(NODE_COLUMNS)
    app = Listening(table)
    async with app.run_test(size=(140, 10)) as pilot:
        table.set_rows(NumberRows(10))
        table.set_sort("cpu", False)
        await pilot.press("shift+right")
        table.set_sort("name", False)
        await pilot.press("shift+left")
        assert [(m.column_id, m.reverse) for m in app.of(RowTable.SortRequested)] == [("memory", False), ("name", True)]


async def test_a_click_on_a_title_sorts_by_it() -> None:
    table = RowTable(TWO)
    app = Listening(table)
    async with app.run_test(size=(60, 10)) as pilot:
        table.set_rows(KeyRows("abc"))
        await pilot.pause()
        x = lines_of(app)[0].index("VALUE")
        await pilot.click(table, offset=Offset(x + 1, 0))
        assert [m.column_id for m in app.of(RowTable.SortRequested)] == ["value"]


async def test_the_header_shows_the_order_by_an_arrow() -> None:
    table = RowTable(TWO)
    async with Host(table).run_test(size=(60, 10)) as pilot:
        table.set_sort("value", True)
        await pilot.pause()
        assert "VALUE ↓" in lines_of(pilot.app)[0]
        table.set_sort("name", False)
        await pilot.pause()
        assert "NAME ↑" in lines_of(pilot.app)[0]


class Clock:
    """Time that stands still until told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def marked_texts(table: RowTable, line: int) -> list[str]:
    look = set(table.palette.changed.values())
    return [s.text.strip() for s in table.line_strip(line, table.line_width) if s.style in look and s.text.strip()]


async def test_only_the_cells_that_read_differently_are_marked_and_only_for_a_while() -> None:
    clock = Clock()
    table = RowTable(TWO, clock=clock)
    async with Host(table).run_test(size=(60, 10)) as pilot:
        table.set_rows(KeyRows("abc", {"b": "old"}))
        await pilot.pause()
        table.set_rows(KeyRows("abc", {"b": "new"}))
        table.mark_changed({"b"})
        assert marked_texts(table, 1) == ["new"]
        assert marked_texts(table, 2) == []
        clock.now = MARK_S
        table._expire_marks()
        assert marked_texts(table, 1) == []
        assert table._mark_timer is None


async def test_a_row_that_is_new_is_marked_whole_but_for_what_changes_by_itself() -> None:
    table = RowTable((NAME, Column("age", "AGE", flashes=False)))
    async with Host(table).run_test(size=(60, 10)) as pilot:
        table.set_rows(KeyRows("ac", {"b": "3s"}))
        await pilot.pause()
        table.set_rows(KeyRows("abc", {"b": "3s"}))
        table.mark_changed({"b"})
        assert marked_texts(table, 1) == ["b"]


async def test_widths_grow_with_what_comes_into_sight_and_never_shrink() -> None:
    table = RowTable((NAME, Column("value", "VALUE", least=4)))
    async with Host(table).run_test(size=(60, 8)) as pilot:
        table.set_rows(KeyRows("abc", {"a": "short"}))
        await pilot.pause()
        x = lines_of(pilot.app)[0].index("VALUE")
        table.set_rows(KeyRows(["abcdefghijklmnop"], {}))
        await pilot.pause()
        wider = lines_of(pilot.app)[0].index("VALUE")
        table.set_rows(KeyRows("abc", {}))
        await pilot.pause()
        assert wider > x
        assert lines_of(pilot.app)[0].index("VALUE") == wider


@pytest.mark.parametrize("width", [1, 5, 20, 39, 40, 80, 120, 400])
async def test_every_width_shows_whole_lines_and_the_name(width: int) -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(width, 10)) as pilot:
        table.set_rows(NumberRows(100))
        await pilot.pause()
        lines = lines_of(pilot.app)
        assert len(lines) == 10
        assert all(len(line) <= width for line in lines)
        if width >= 20:
            assert "ip-10-0-0-3" in lines[4]


async def test_titles_and_cells_line_up() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 10)) as pilot:
        table.set_rows(NumberRows(100))
        await pilot.pause()
        lines = lines_of(pilot.app)
        assert lines[0].index("STATUS") == lines[1].index("Ready")
        assert lines[0].index("PODS") + 4 == lines[3].index("/110") + 4
        assert lines[0].index("VERSION") == lines[1].index("v1.36.1")


async def test_text_of_the_cluster_is_neither_markup_nor_control() -> None:
    evil = "[red]x[/] [@click=app.quit]y\x1b[2J\u202eend\nnext"
    table = RowTable((Column("name", "NAME"),))
    async with Host(table).run_test(size=(80, 10)) as pilot:
        table.set_rows(KeyRows([evil]))
        await pilot.pause()
        line = lines_of(pilot.app)[1]
        assert "[red]x[/] [@click=app.quit]y␛[2J<U+202E>end␊next" in line
        strip = table.line_strip(0, 80)
        assert all(not (segment.style and segment.style.meta) for segment in strip)


@pytest.mark.parametrize("width", [20, 80])
async def test_an_empty_table_says_why_and_the_reason_can_change(width: int) -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(width, 12)) as pilot:
        shown = []
        for state in (Syncing(1500), Forbidden("list", "shop"), Live()):
            table.set_placeholder(placeholder_for(state, "pods", filtered=False))
            await pilot.pause()
            shown.append("\n".join(line.strip() for line in lines_of(pilot.app)[1:]))
        assert "1 500" in shown[0]
        assert "Forbidden" in shown[1]
        assert "No pods" in shown[2]
        table.set_rows(NumberRows(3))
        await pilot.pause()
        assert "No pods" not in "\n".join(lines_of(pilot.app))


async def test_the_cursor_row_is_reverse_in_every_theme() -> None:
    table = RowTable(NODE_COLUMNS)
    app = Host(table)
    async with app.run_test(size=(80, 10)) as pilot:
        table.set_rows(NumberRows(10))
        for theme in app.available_themes:
            app.theme = theme
            await pilot.pause()
            assert all(segment.style and segment.style.reverse for segment in table.line_strip(0, table.line_width))
            plain = table.line_strip(1, table.line_width)
            assert not any(segment.style and segment.style.reverse for segment in plain)


async def test_a_table_that_is_not_on_screen_yet_takes_rows_and_shows_them_later() -> None:
    table = RowTable(TWO)
    table.set_rows(KeyRows("abc"))
    table.move_to(1)
    async with Host(table).run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        assert table.cursor_key == "b"
        assert [line.strip() for line in lines_of(pilot.app)[1:4]] == ["a", "b", "c"]
