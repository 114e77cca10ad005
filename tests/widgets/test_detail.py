"""Pages of sections, text of many lines, and help: lined up, folded, never markup."""

from __future__ import annotations

import pytest

from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import BESIDE, Section, Sections
from kite_tui.widgets.help import Help, KeyGroup
from kite_tui.widgets.textview import TextView
from tests.widgets.host import Host, lines_of

SENTENCE = "containers 500m + sidecar 100m; init needs 200m; overhead 100m"
GRID = (Column("name", "NAME", least=6), Column("state", "STATE", least=6), Column("image", "IMAGE", flex=1, rank=1))


def pairs(title: str, *rows: tuple[str, str]) -> Section:
    return Section(title, [(Cell(key, "dim"), Cell(value)) for key, value in rows])


async def drawn(width: int, *sections: Section, height: int = 24) -> list[str]:
    async with Host(Sections(sections)).run_test(size=(width, height)) as pilot:
        await pilot.pause()
        return lines_of(pilot.app)


async def test_values_line_up_over_all_sections_with_the_same_columns() -> None:
    lines = await drawn(80, pairs("A", ("cpu", "one")), pairs("B", ("a longer key", "two")))
    assert lines[1].index("one") == lines[4].index("two")


async def test_a_long_sentence_goes_on_below_itself_and_loses_nothing() -> None:
    lines = await drawn(40, pairs("A", ("cpu", SENTENCE), ("memory", "next")))
    x = lines[1].index("containers")
    folded = [line[x:].strip() for line in lines[1:] if line.strip() and "next" not in line]
    assert len(folded) > 1
    assert " ".join(folded) == SENTENCE


async def test_grids_have_titles_and_cut_instead_of_folding_where_told() -> None:
    rows = [(Cell("app"), Cell("running"), Cell("registry.example/" + "x" * 80))]
    lines = await drawn(60, Section("Containers", rows, GRID, folds=False))
    assert lines[1].split() == ["NAME", "STATE", "IMAGE"]
    assert lines[1].index("IMAGE") == lines[2].index("registry")
    assert lines[2].endswith("…")
    assert not lines[3]


async def test_sections_stand_side_by_side_where_there_is_room() -> None:
    sections = [pairs("First", ("a", "1")), pairs("Second", ("b", "2")), pairs("Third", ("c", "3"))]
    wide, narrow = await drawn(BESIDE + 1, *sections), await drawn(80, *sections)
    assert "First" in wide[0]
    assert "Second" in wide[0]
    assert "Second" not in narrow[0]
    assert any("Third" in line for line in wide)


async def test_a_section_across_has_the_whole_width() -> None:
    grid = Section("Grid", [(Cell("n"), Cell("s"), Cell("y" * 100))], GRID, across=True)
    lines = await drawn(BESIDE + 20, pairs("First", ("a", "1")), grid)
    assert any("y" * 100 in line for line in lines)


@pytest.mark.parametrize("width", [1, 10, 20, 80, 200])
async def test_any_width_is_drawn(width: int) -> None:
    sections = [pairs("A", ("cpu", SENTENCE)), Section("G", [(Cell("n"), Cell("s"), Cell("i"))], GRID), Section("", [])]
    assert all(len(line) <= width for line in await drawn(width, *sections))


async def test_keys_scroll_and_new_sections_keep_the_place() -> None:
    view = Sections([pairs("A", *((str(n), "x") for n in range(50)))])
    async with Host(view).run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        await pilot.press("j", "j", "pagedown")
        assert view.top == 12
        view.show([pairs("A", *((str(n), "y") for n in range(60)))])
        await pilot.pause()
        assert view.top == 12
        assert "y" in lines_of(pilot.app)[0]
        await pilot.press("G")
        assert lines_of(pilot.app)[-1].split()[:2] == ["59", "y"]


async def test_text_is_shown_line_by_line_with_marks_for_what_would_move_the_cursor() -> None:
    view = TextView("a: [red]1[/]\n  b: \x1b[2J\n# note\r\n\ttab\n")
    async with Host(view).run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert [line.rstrip() for line in lines_of(pilot.app)[:5]] == [
            " a: [red]1[/]",
            "   b: ␛[2J",
            " # note␍",
            "     tab",
            "",
        ]
        assert view.line_count == 4


async def test_long_lines_are_reached_sideways() -> None:
    view = TextView("start" + "x" * 100 + "end\nshort")
    async with Host(view).run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert "end" not in lines_of(pilot.app)[0]
        await pilot.press(*["right"] * 15)
        assert "end" in lines_of(pilot.app)[0]
        await pilot.press(*["left"] * 15)
        assert lines_of(pilot.app)[0].startswith(" start")


async def test_only_the_lines_of_a_text_in_sight_are_drawn() -> None:
    view = TextView("\n".join(f"line: {n}" for n in range(20_000)))
    drawn_lines: list[int] = []
    original = view.line_strip
    view.line_strip = lambda line, width: drawn_lines.append(line) or original(line, width)  # type: ignore[func-returns-value,method-assign]
    async with Host(view).run_test(size=(40, 10)) as pilot:
        await pilot.press("G")
        assert "19999" in lines_of(pilot.app)[-1] or "19999" in lines_of(pilot.app)[-2]
        assert len(drawn_lines) <= 60


async def test_help_lists_keys_in_groups_and_escape_closes_it() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(
            Help([KeyGroup("Move", [("j", "down"), ("PageDown", "a page [b]")]), KeyGroup("Ask", [("/", "f")])])
        )
        await pilot.pause()
        screen = "\n".join(lines_of(app))
        assert "Move" in screen
        assert "a page [b]" in screen
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Move" not in "\n".join(lines_of(app))
