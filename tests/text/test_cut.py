"""Names cut to a width in cells."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth

from kite_tui.text.cut import cell_width, cut_end, cut_middle
from kite_tui.text.sanitise import clean

# What reaches a screen has been cleaned.
TEXT = st.text().map(clean) | st.text(st.sampled_from("ab漢字\u0301é🙂"), max_size=30).map(clean)


def test_what_fits_is_not_cut() -> None:
    assert cut_end("node-1", 6) == cut_middle("node-1", 6) == "node-1"


def test_both_ends_of_a_name_stay() -> None:
    assert cut_middle("ip-10-0-3-17.eu-central-1.compute.internal", 15) == "ip-10-0…nternal"
    assert cut_middle("abcdef", 4) == "a…ef"


def test_the_beginning_of_a_sentence_stays() -> None:
    assert cut_end("Back-off restarting failed container", 9) == "Back-off…"


def test_a_width_of_nothing_shows_nothing() -> None:
    assert [cut_end("abc", width) for width in (-1, 0, 1)] == ["", "", "…"]
    assert [cut_middle("abc", width) for width in (-1, 0, 1, 2)] == ["", "", "…", "…c"]


def test_wide_characters_count_as_two_cells() -> None:
    assert cell_width("漢字") == 4
    assert cut_end("漢字漢字", 4) == "漢…"
    assert cut_middle("漢字漢字", 5) == "漢…字"


# All but ideographs and Hangul syllables, which are many and alike.
CODES = (*range(0x20, 0x3400), *range(0x4DC0, 0x4E10), *range(0xA000, 0xAC10), *range(0xD7A0, 0x20010))
LEFT = tuple(chr(code) for code in CODES if clean("a" + chr(code)) == "a" + chr(code))


def test_every_character_that_is_left_by_cleaning_is_as_wide_as_rich_draws_it() -> None:
    assert [hex(ord(each)) for each in LEFT if cell_width(each) != cell_len(each)] == []


def test_terminals_have_other_widths_only_for_vowel_signs_and_parts_of_emoji() -> None:
    different = [each for each in LEFT if cell_width(each) != max(0, wcwidth(each))]
    parts = {*map(chr, range(0x1F1E6, 0x1F200)), *map(chr, range(0x1F3FB, 0x1F400)), "\U0001171e"}
    assert {each for each in different if unicodedata.category(each) != "Mc"} <= parts


def test_a_letter_keeps_its_accent_and_no_accent_stands_alone() -> None:
    assert cut_end("ae\u0301xyz", 3) == "ae\u0301…"
    assert cut_middle("abcde\u0301f", 3) == "a…f"


@given(TEXT, st.integers(0, 40))
def test_a_cut_text_never_exceeds_its_width(text: str, width: int) -> None:
    assert cell_len(cut_end(text, width)) <= width
    assert cell_len(cut_middle(text, width)) <= width


@given(TEXT, st.integers(1, 40))
def test_only_cut_texts_have_an_ellipsis(text: str, width: int) -> None:
    for cut in (cut_end(text, width), cut_middle(text, width)):
        assert cut == text if cell_len(text) <= width else "…" in cut


@given(st.text(st.sampled_from("abc-123")), st.integers(0, 12))
def test_plain_text_uses_the_whole_width(text: str, width: int) -> None:
    assert len(cut_middle(text, width)) == len(cut_end(text, width)) == min(len(text), width)
