"""States in words: no two look alike, with or without colour."""

from __future__ import annotations

from datetime import UTC

import pytest

from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Off,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
)
from kite_tui.widgets.states import placeholder_for, sentence, short_span, word

NOW_S = 1_700_000_000.0
STATES: tuple[State, ...] = (
    Syncing(1500),
    Live(),
    Polling(NOW_S, 30),
    Stale(NOW_S - 40, "connection refused", NOW_S + 4),
    Partial(2, 9),
    Partial(2, 9, "a: cut", NOW_S - 40, NOW_S + 4),
    Forbidden("list", "shop", "no right"),
    Absent("not installed"),
    Auth("token expired"),
    Failed("no route to host", NOW_S + 12),
    Off(),
)


def plain(state: State) -> str:
    return "".join(text for text, _ in sentence(state, "pods", NOW_S, UTC))


def test_every_state_has_its_own_sentence() -> None:
    assert len({plain(state) for state in STATES}) == len(STATES)


def test_the_sentences_are_the_ones_of_the_design() -> None:
    assert plain(Live()) == "● live"
    assert plain(Syncing(1500)) == "◐ syncing pods 1 500…"
    assert plain(Syncing(1500, 50_000)) == "◐ syncing pods 1 500 of 50 000…"
    assert plain(STATES[3]) == "○ stale since 22:12:40 (retry in 4 s: connection refused)"
    assert plain(Partial(2, 9)) == "◑ partial: 2 of 9 namespaces"
    assert plain(STATES[5]) == "○ stale since 22:12:40, partial: 2 of 9 namespaces (retry in 4 s: a: cut)"
    assert plain(Forbidden("list", "")) == "✗ forbidden: pods"


def test_a_tile_says_its_state_in_a_word_and_nothing_where_all_is_well() -> None:
    assert word(Live(), NOW_S) is None
    assert word(Polling(), NOW_S) is None
    assert word(Stale(NOW_S - 40, "x"), NOW_S) == ("stale 40 s", "warn")
    assert word(Partial(2, 9), NOW_S) == ("partial, 2 of 9 namespaces", "warn")
    assert word(Partial(2, 9, "a: cut", NOW_S - 40), NOW_S) == ("stale 40 s, 2 of 9 namespaces", "warn")
    assert word(Syncing(1500), NOW_S) == ("syncing 1 500…", "warn")
    assert word(Forbidden("list", ""), NOW_S) == ("forbidden", "bad")


def test_empty_tables_say_why_and_no_two_reasons_read_alike() -> None:
    pages = {placeholder_for(state, "pods", filtered=False, zone=UTC).plain for state in STATES if state != Polling()}
    # Polling over nothing is as empty as live over nothing: both listed everything there is.
    assert len(pages) == len(STATES) - 1
    assert "filter" in placeholder_for(Live(), "pods", filtered=True).plain


@pytest.mark.parametrize("state", [Syncing(3), Forbidden("list", ""), Auth("x"), Failed("x"), Absent()])
def test_a_filter_is_not_blamed_for_rows_that_were_never_read(state: State) -> None:
    assert "filter" not in placeholder_for(state, "pods", filtered=True).plain


def test_reasons_from_the_server_are_text_not_markup() -> None:
    page = placeholder_for(Failed("[red]x[/] [@click=app.quit]y\x1b[2J"), "pods", filtered=False)
    assert "[red]x[/] [@click=app.quit]y␛[2J" in page.plain


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0 s"), (40, "40 s"), (119, "119 s"), (180, "3 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_spans_are_short(seconds: float, said: str) -> None:
    assert short_span(seconds) == said
