"""What drawing a table costs: what is in sight, and of that what looks different."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rich.console import RenderableType
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from kite_tui.widgets.table import RowTable
from kite_tui.widgets.widths import SAMPLE
from tests.widgets.host import NODE_COLUMNS, TWO, Host, KeyRows, NumberRows


@contextmanager
def counted_lines() -> Iterator[list[int]]:
    """The lines that any table is asked to draw meanwhile."""
    drawn: list[int] = []
    original = RowTable.render_line

    def counting(self: RowTable, y: int) -> Strip:
        drawn.append(y)
        return original(self, y)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RowTable, "render_line", counting)
        yield drawn


@pytest.mark.parametrize("count", [10_000, 150_000])
async def test_new_rows_cost_one_screen_of_cells_however_many_they_are(count: int) -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 40)) as pilot:
        first = NumberRows(count)
        table.set_rows(first)
        await pilot.pause()
        assert first.cells_calls <= 39 + SAMPLE + 1
        with counted_lines() as drawn:
            again = NumberRows(count + 1, generation=1)
            table.set_rows(again)
            await pilot.pause()
        assert again.cells_calls <= 39
        assert again.index_calls <= 4 * 39
        assert len(drawn) <= 40


async def test_rows_that_look_the_same_are_not_drawn_again() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 40)) as pilot:
        table.set_rows(NumberRows(1000))
        await pilot.pause()
        with counted_lines() as drawn:
            table.set_rows(NumberRows(1001))
            await pilot.pause()
        assert drawn == []


async def test_one_row_that_looks_different_is_one_line_drawn() -> None:
    table = RowTable(TWO)
    async with Host(table).run_test(size=(60, 12)) as pilot:
        table.set_rows(KeyRows("abcdefgh", {"c": "old"}))
        await pilot.pause()
        with counted_lines() as drawn:
            table.set_rows(KeyRows("abcdefgh", {"c": "new"}))
            await pilot.pause()
        assert drawn == [3]


async def test_several_updates_between_two_frames_are_one_repaint() -> None:
    table = RowTable(TWO)
    async with Host(table).run_test(size=(60, 12)) as pilot:
        table.set_rows(KeyRows("abcdefgh"))
        await pilot.pause()
        with counted_lines() as drawn:
            for n in range(20):
                table.set_rows(KeyRows("abcdefgh", dict.fromkeys("abcdefgh", str(n))))
            await pilot.pause()
        assert len(drawn) <= 12


async def test_a_page_down_draws_one_screen_and_asks_for_its_cells_once() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 40)) as pilot:
        rows = NumberRows(150_000)
        table.set_rows(rows)
        await pilot.pause()
        rows.cells_calls = 0
        with counted_lines() as drawn:
            table.action_page(1)
            await pilot.pause()
        assert rows.cells_calls <= 39
        assert len(drawn) <= 40
        assert (table.cursor, table.top) == (39, 39)


async def test_the_scrollbar_is_drawn_again_only_where_it_looks_different() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 40)) as pilot:
        table.set_rows(NumberRows(150_000))
        await pilot.pause()
        bar = table.vertical_scrollbar
        drawn: list[float] = []
        render = ScrollBar.render

        def counting(self: ScrollBar) -> RenderableType:
            drawn.append(self.position)
            return render(self)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ScrollBar, "render", counting)
            table.set_rows(NumberRows(150_001))
            table.action_page(1)
            await pilot.pause()
            assert drawn == []
            assert (bar.window_virtual_size, bar.position) == (150_002, 39)
            table.move_to(75_000)
            await pilot.pause()
            assert drawn == [table.top]
            table.set_rows(NumberRows(300_000))
            await pilot.pause()
            assert len(drawn) == 2


async def test_a_scrollbar_that_comes_back_stands_where_the_rows_are() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 24)) as pilot:
        table.set_rows(NumberRows(100))
        await pilot.pause()
        table.move_to(60)
        await pilot.pause()
        for count in (0, 100):
            table.set_rows(NumberRows(count))
            await pilot.pause()
        assert table.top > 0
        assert table.vertical_scrollbar.position == table.top


async def test_moving_the_cursor_draws_two_lines() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 40)) as pilot:
        table.set_rows(NumberRows(1000))
        await pilot.press("j", "j")
        with counted_lines() as drawn:
            await pilot.press("j")
        assert sorted(drawn) == [3, 4]


async def test_marking_costs_what_is_in_sight_and_one_timer() -> None:
    table = RowTable(NODE_COLUMNS)
    async with Host(table).run_test(size=(120, 12)) as pilot:
        table.set_rows(NumberRows(1000))
        await pilot.pause()
        rows = NumberRows(1000, generation=1)
        table.set_rows(rows)
        table.mark_changed({f"k{n}" for n in range(1000)})
        timer = table._mark_timer
        table.mark_changed({f"k{n}" for n in range(1000)})
        assert table._mark_timer is timer is not None
        assert rows.cells_calls <= table.room
