"""Tiles: lines that open something, states in a word, arrow keys from tile to tile."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from kite_tui.objects.states import Forbidden, Live, Stale, Syncing
from kite_tui.widgets.columns import Column
from kite_tui.widgets.table import RowTable
from kite_tui.widgets.tile import ListTile, Tile, TileLine
from tests.widgets.host import Host, KeyRows, lines_of

NAME = (Column("name", "", least=4, flex=1, cut="middle"),)


def lines(*ids: str) -> list[TileLine]:
    return [TileLine([(f"line {line_id or 'without'}", "")], line_id) for line_id in ids]


class Tiles(Host):
    """Two tiles above two lists."""

    CSS = "Horizontal { height: 8; } Tile, ListTile { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = Tile("A", id="a"), Tile("B", id="b")
        self.c, self.d = ListTile("C", NAME, id="c"), ListTile("D", NAME, id="d")
        self.opened: list[tuple[str | None, str]] = []

    def compose(self) -> ComposeResult:
        yield Horizontal(self.a, self.b)
        yield Horizontal(self.c, self.d)

    def on_mount(self) -> None:
        self.a.show(lines("", "a1", "", "a2"))
        self.b.show(lines("b1"))
        self.c.set_rows(KeyRows(["c1", "c2"]))
        self.d.set_rows(KeyRows(["d1"]))
        self.a.focus()

    def on_tile_opened(self, message: Tile.Opened) -> None:
        self.opened.append((message.tile.id, message.line_id))

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        self.opened.append((message.table.id, message.key))

    @property
    def where(self) -> str | None:
        return self.focused.id if self.focused else None


async def test_enter_opens_the_line_under_the_cursor() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("enter", "down", "enter")
        assert app.opened == [("a", "a1"), ("a", "a2")]


async def test_arrows_go_over_the_lines_that_open_something_and_on_to_the_next_tile() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        places = []
        for key in ("down", "down", "down", "down", "up", "up", "right", "up", "left", "left", "right", "down", "down"):
            await pilot.press(key)
            places.append(app.where)
        assert places == ["a", "c", "c", "c", "c", "a", "b", "b", "a", "a", "b", "d", "d"]


async def test_a_list_opens_its_rows() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        app.c.focus()
        await pilot.press("down", "enter")
        assert app.opened == [("c", "c2")]


async def test_a_click_opens_a_line() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click("#a", offset=(4, 4))
        assert app.opened == [("a", "a2")]
        await pilot.click("#a", offset=(4, 1))
        assert app.opened == [("a", "a2")]


async def test_the_cursor_is_seen_only_in_the_tile_that_has_the_focus() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()

        def reversed_lines(tile: Tile | ListTile) -> list[int]:
            strips = [tile.line_strip(line, 20) for line in range(tile.line_count)]
            return [n for n, strip in enumerate(strips) if any(s.style and s.style.reverse for s in strip)]

        assert [reversed_lines(tile) for tile in (app.a, app.b, app.c)] == [[1], [], []]
        await pilot.press("right")
        assert [reversed_lines(tile) for tile in (app.a, app.b, app.c)] == [[], [0], []]


async def test_the_cursor_stays_on_its_line_when_lines_come_and_go() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("down")
        app.a.show(lines("new", "a1", "a2"))
        assert app.a.line_id == "a2"
        app.a.show(lines("new"))
        assert app.a.line_id == "new"


async def test_a_tile_with_nothing_to_open_is_not_stopped_at() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        app.b.show(lines(""))
        await pilot.press("right")
        assert app.where == "a"
        await pilot.press("enter")
        assert app.opened == [("a", "a1")]


async def test_what_may_not_be_listed_shows_a_word_and_no_number() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        for state, said in ((Forbidden("list", ""), "forbidden"), (Syncing(1500), "syncing 1 500…")):
            app.b.show(lines("b1"), state, 0)
            await pilot.pause()
            screen = "\n".join(lines_of(app))
            assert said in screen
            assert "line b1" not in screen
            assert not app.b.can_focus
        app.b.show(lines("b1"), Live(), 0)
        await pilot.pause()
        assert "line b1" in "\n".join(lines_of(app))


async def test_stale_numbers_stay_with_their_age_beside_them() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        app.b.show(lines("b1"), Stale(60, "connection refused"), 100)
        await pilot.pause()
        screen = "\n".join(lines_of(app))
        assert "stale 40 s" in screen
        assert "line b1" in screen


async def test_a_line_can_draw_itself_for_the_width_of_its_tile() -> None:
    app = Tiles()
    async with app.run_test(size=(60, 20)) as pilot:
        app.b.show([TileLine(lambda width: [("#" * width, "accent")])])
        await pilot.pause()
        assert "#" * 26 in lines_of(app)[1]
        assert "#" * 27 not in lines_of(app)[1]


async def test_titles_and_lines_are_text_not_markup() -> None:
    tile = Tile("[red]T[/]")
    async with Host(tile).run_test(size=(60, 10)) as pilot:
        tile.show([TileLine([("[@click=app.quit]x[/]\x1b", "")], "x")], note=[("[b]n", "dim")])
        await pilot.pause()
        screen = "\n".join(lines_of(pilot.app))
        assert "[red]T[/]" in screen
        assert "[@click=app.quit]x[/]␛" in screen
        assert "[b]n" in screen


async def test_a_tile_is_as_high_as_its_lines_and_grows_with_them() -> None:
    tile = Tile("T")
    async with Host(tile).run_test(size=(60, 20)) as pilot:
        tile.show(lines("a", "b"))
        await pilot.pause()
        assert tile.region.height == 4
        tile.show(lines("a", "b", "c"))
        await pilot.pause()
        assert tile.region.height == 5


async def test_long_names_in_lists_are_cut_in_the_middle() -> None:
    tile = ListTile("L", NAME)
    async with Host(tile).run_test(size=(30, 6)) as pilot:
        tile.set_rows(KeyRows(["etl/load-28192-with-a-very-long-name-9f8b7"]))
        await pilot.pause()
        row = lines_of(pilot.app)[1]
        assert "etl/load" in row
        assert "9f8b7" in row
        assert "…" in row
