"""The cursor and the view stay with their rows."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from kite_tui.widgets.following import follow
from tests.widgets.host import KeyRows, NumberRows

keys = st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), unique=True)


def rows(text: str) -> KeyRows:
    return KeyRows(text)


def test_the_cursor_goes_where_its_row_goes_and_keeps_its_line_on_the_screen() -> None:
    assert follow(rows("abcdefgh"), rows("xyabcdefgh"), 3, 2, 4) == (5, 4)


def test_new_rows_above_the_first_row_do_not_take_the_cursor_from_it() -> None:
    assert follow(rows("cde"), rows("abcde"), 0, 0, 3) == (2, 2)


def test_a_row_that_vanished_hands_the_cursor_to_the_one_that_took_its_place() -> None:
    assert follow(rows("abcdef"), rows("abdef"), 2, 0, 4) == (2, 0)


def test_of_many_that_vanished_the_next_one_in_sight_has_the_cursor() -> None:
    cursor, _ = follow(rows("abcdef"), rows("abf"), 2, 0, 6)
    assert "abf"[cursor] == "f"


def test_the_last_row_that_vanished_leaves_the_cursor_at_the_new_end() -> None:
    assert follow(rows("abc"), rows("ab"), 2, 0, 5) == (1, 0)


def test_with_the_cursor_out_of_sight_the_first_row_in_sight_stays_where_it_is() -> None:
    old, new = rows("abcdefghijkl"), rows("ABabcdefghijkl")
    assert follow(old, new, 0, 5, 4) == (2, 7)


def test_other_rows_altogether_begin_within_bounds() -> None:
    assert follow(rows("abcdef"), rows("uvwx"), 5, 4, 2) == (3, 2)


def test_nothing_before_or_nothing_now_begins_at_the_top() -> None:
    assert follow(rows(""), rows("abc"), 0, 0, 5) == (0, 0)
    assert follow(rows("abc"), rows(""), 2, 1, 5) == (0, 0)


@given(keys, keys, st.data())
def test_cursor_and_top_are_always_within_the_new_rows(old: list[str], new: list[str], data: st.DataObject) -> None:
    room = data.draw(st.integers(1, 10))
    cursor = data.draw(st.integers(0, max(0, len(old) - 1)))
    top = data.draw(st.integers(0, max(0, len(old) - room)))
    moved, new_top = follow(KeyRows(old), KeyRows(new), cursor, top, room)
    assert 0 <= moved < max(1, len(new))
    assert 0 <= new_top <= max(0, len(new) - room)
    if old and old[cursor] in new:
        assert new[moved] == old[cursor]
        if top <= cursor < top + room:
            assert new_top <= moved < new_top + room


def test_following_costs_a_few_lookups_however_many_rows_there_are() -> None:
    old, new = NumberRows(150_000), NumberRows(150_000, first=60_000)
    follow(old, new, random.Random(1).randrange(40_000), 10, 40)
    assert new.index_calls <= 4 * 40
