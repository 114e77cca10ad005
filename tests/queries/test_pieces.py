"""Many items in order: sorted in short calls, changed by copying what is near."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.queries import pieces
from kite_tui.queries.pieces import Pieces, sorted_in_runs


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 9))
def test_sorting_in_runs_is_sorting(numbers: list[int], run: int) -> None:
    whole = pieces.RUN
    pieces.RUN = run
    try:
        assert sorted_in_runs(numbers) == sorted(numbers)
    finally:
        pieces.RUN = whole


@pytest.mark.parametrize("count", [pieces.RUN, 12_000, 160_000])
def test_no_call_sorts_more_than_a_run_however_many_values_there_are(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def counting(items: Iterable[Any]) -> list[Any]:
        found = list(items)
        sizes.append(len(found))
        return sorted(found)

    monkeypatch.setattr(pieces, "sorted", counting, raising=False)
    numbers = [number * 7919 % count for number in range(count)]  # each once, in no order
    assert sorted_in_runs(numbers) == list(range(count))
    assert max(sizes) <= pieces.RUN


@given(st.sets(st.integers(0, 60)), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30))
def test_what_changes_makes_others_in_order_and_leaves_these(start: set[int], moves: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "SIZE", 3)
        items, wanted = Pieces.of(sorted(start)), set(start)
        for was, now in moves:
            before, held = items, sorted(wanted)
            gone = was if was in wanted else None
            wanted.discard(was)
            come = now if now not in wanted else None
            wanted.add(now)
            items = items.changed([(gone, come)])
            assert list(items) == [items[at] for at in range(len(items))] == sorted(wanted)
            assert list(before) == held
            assert [items.position(each) for each in sorted(wanted)] == list(range(len(wanted)))
            assert all(items.pieces)
            assert len(items.pieces) * 3 <= 4 * (len(items) + 3)


@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)))
def test_many_changes_at_once_are_one_pass(start: set[int], end: set[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "SIZE", 3)
        gone: list[tuple[int | None, int | None]] = [(each, None) for each in start - end]
        items = Pieces.of(sorted(start)).changed([*gone, *((None, each) for each in end - start)])
        assert list(items) == sorted(end)


def test_a_change_copies_the_piece_that_it_is_in() -> None:
    before = Pieces.of([*range(0, 20_000, 2)])
    after = before.changed([(5_000, 5_001)])
    others = [piece for piece in after.pieces if not any(piece is each for each in before.pieces)]
    assert [len(piece) for piece in others] == [pieces.SIZE]


def test_from_the_end_and_beyond() -> None:
    items = Pieces.of([1, 3, 5])
    assert (items[-1], items[~0], items[-3]) == (5, 5, 1)
    assert [items.position(each) for each in (0, 2, 9)] == [0, 1, 3]
    assert Pieces[int]().position(1) == 0
    with pytest.raises(IndexError):
        items[3]


def test_the_garbage_collector_soon_looks_at_them_no_more() -> None:
    items = Pieces.of([(False, number, ("ns", f"name-{number}")) for number in range(1_000)])
    for _ in range(4):  # from the inside to the outside
        gc.collect()
    assert not any(map(gc.is_tracked, items.pieces))
    assert not gc.is_tracked(items.pieces)
