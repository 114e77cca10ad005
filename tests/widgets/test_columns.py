"""Columns: which fit, how wide they become, what a row looks like across them."""

from __future__ import annotations

from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from kite_tui.widgets.columns import Cell, Column, cell_line, chosen, margin, natural_width, placed, row_strip
from kite_tui.widgets.ink import _VARIABLES

CONTROLS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
STYLES = {ink: Style() for ink in _VARIABLES}

columns_of_any_kind = st.lists(
    st.builds(
        Column,
        id=st.uuids().map(str),
        title=st.text("ABC", max_size=8),
        least=st.integers(1, 12),
        most=st.none() | st.integers(1, 40),
        flex=st.integers(0, 3),
        align=st.sampled_from(("left", "right")),
        rank=st.integers(0, 9),
        wide=st.booleans(),
        cut=st.sampled_from(("middle", "end")),
    ),
    min_size=1,
    max_size=10,
)


def ids(columns: tuple[Column, ...]) -> list[str]:
    return [column.id for column in columns]


@given(columns_of_any_kind, st.integers(1, 400), st.booleans(), st.lists(st.integers(0, 80), min_size=10, max_size=10))
def test_slots_never_overlap_and_never_reach_beyond_the_width(
    columns: list[Column], width: int, wide: bool, seen: list[int]
) -> None:
    shown = chosen(columns, width, wide=wide)
    slots = placed(shown, [natural_width(column, n) for column, n in zip(shown, seen, strict=False)], width)
    end = 0
    for slot in slots:
        assert slot.x >= end
        assert slot.width >= 1
        end = slot.x + slot.width
    assert end <= width


@given(columns_of_any_kind, st.integers(1, 399), st.booleans())
def test_more_width_never_takes_a_column_away(columns: list[Column], width: int, wide: bool) -> None:
    if margin(width) == margin(width + 1):
        assert len(chosen(columns, width, wide=wide)) <= len(chosen(columns, width + 1, wide=wide))


def test_the_greatest_rank_is_dropped_first_and_of_equals_the_rightmost() -> None:
    columns = [Column("name", "", 10), Column("a", "", 10, rank=5), Column("b", "", 10, rank=5), Column("c", "", 10)]
    assert ids(chosen(columns, 47, wide=False)) == ["name", "a", "b", "c"]
    assert ids(chosen(columns, 46, wide=False)) == ["name", "a", "c"]
    assert ids(chosen(columns, 25, wide=False)) == ["name", "c"]
    assert ids(chosen(columns, 5, wide=False)) == ["name"]


def test_wide_columns_are_shown_only_when_asked_for() -> None:
    columns = [Column("name", "NAME"), Column("ip", "IP", wide=True)]
    assert ids(chosen(columns, 100, wide=False)) == ["name"]
    assert ids(chosen(columns, 100, wide=True)) == ["name", "ip"]


def test_short_needs_are_met_before_long_ones_are() -> None:
    columns = [Column("long", "", 4), Column("short", "", 4)]
    long, short = placed(columns, [60, 8], 36)
    assert short.width == 8
    assert long.width == 36 - 8 - 2


def test_flexible_columns_fill_the_width_up_to_their_most() -> None:
    columns = [Column("name", "", 4), Column("bar", "", 4, most=20, flex=2), Column("rest", "", 4, flex=1)]
    _, bar, rest = placed(columns, [10, 4, 4], 100)
    assert bar.width == 20
    assert rest.x + rest.width == 100


def test_a_name_that_is_too_long_is_cut_in_its_middle_where_the_column_says_so() -> None:
    [(text, _)] = cell_line(Cell("ip-10-0-3-17.eu-west-1.compute.internal"), Column("n", "N", cut="middle"), 15)
    assert text.startswith("ip-10")
    assert text.endswith("nternal")
    assert "…" in text
    assert cell_len(text) == 15


def test_numbers_stand_at_the_right() -> None:
    assert "".join(text for text, _ in cell_line(Cell("42"), Column("n", "N", align="right"), 6)) == "    42"


def test_a_cell_that_draws_itself_is_told_its_width() -> None:
    cell = Cell("33%", parts=lambda width: [("x" * width, "good")])
    assert cell_line(cell, Column("bar", ""), 7) == [("x" * 7, "good")]


@given(st.text(), st.integers(1, 40), st.sampled_from(("middle", "end")), st.sampled_from(("left", "right")))
def test_whatever_a_cell_holds_it_takes_its_width_and_nothing_else(text: str, width: int, cut: str, align: str) -> None:
    column = Column("any", "", cut=cut, align=align)  # type: ignore[arg-type]
    for cell in (Cell(text), Cell("", parts=[(text, "name"), (text, "dim")])):
        drawn = "".join(piece for piece, _ in cell_line(cell, column, width))
        assert cell_len(drawn) == width
        assert not any(category(character) in CONTROLS for character in drawn)


@given(columns_of_any_kind, st.integers(1, 200), st.lists(st.text(max_size=30), max_size=10))
def test_a_row_is_exactly_as_wide_as_the_table(columns: list[Column], width: int, texts: list[str]) -> None:
    shown = chosen(columns, width, wide=True)
    slots = placed(shown, [natural_width(column, 10) for column in shown], width)
    strip = row_strip([Cell(text) for text in texts], shown, slots, width, STYLES)
    assert sum(cell_len(segment.text) for segment in strip) == width
