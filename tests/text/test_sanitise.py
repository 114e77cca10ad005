"""Hostile text becomes visible marks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.text.sanitise import LIMIT, clean

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANY = st.text(st.characters(categories=None))  # lone surrogates too
HOSTILE = st.text(st.sampled_from("ab\x1b[31m\r\n\t\x07\x85\x9b\u0301\u202e\u200b\ufeff\ud800\U000e0041…漢"))


def test_plain_text_is_returned_as_it_is() -> None:
    text = "cart-7d9f8c-x2v9p Running (3m ago) [@click=app.quit]"
    assert clean(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "␛[2Jgone"),
        ("a\nb\tc\r", "a␊b␉c␍"),
        ("\x00\x7f", "␀␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("pay\u200bpal", "pay<U+200B>pal"),
        ("\ufeffbom", "<U+FEFF>bom"),
        ("\ud800", "<U+D800>"),
        ("\ue000\U000e0041", "<U+E000><U+E0041>"),
        ("a\u2028b\u2029", "a<U+2028>b<U+2029>"),
        ("\u3164", "<U+3164>"),
        ("i\ufe0f", "i<U+FE0F>"),
    ],
)
def test_what_could_move_reverse_or_hide_text_becomes_a_mark(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_all_characters_of_the_contract_become_marks() -> None:
    listed = [*range(0x20), *range(0x7F, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F)]
    for code in [*listed, *range(0x2060, 0x206A), 0xFEFF, *map(ord, BIDI)]:
        assert chr(code) not in clean(f"a{chr(code)}b")


def test_newlines_and_tabs_stay_where_text_has_lines() -> None:
    assert clean("a\n\tb\x1b\r", lines=True) == "a\n\tb␛␍"


def test_letters_of_all_languages_stay() -> None:
    text = "Grüße 漢字 é हिन्दी ไทย עברית ► … ✗ 🙂"
    assert clean(text) == text


def test_a_pile_of_accents_is_cut() -> None:
    assert clean("z" + "\u0301" * 50 + "y") == "z" + "\u0301" * 4 + "y"


def test_an_accent_without_a_letter_does_not_sit_on_its_neighbour() -> None:
    assert clean("\u0301a") == "◌\u0301a"
    assert clean("a\n\u0301", lines=True) == "a\n◌\u0301"


def test_long_text_ends_in_an_ellipsis() -> None:
    assert clean("x" * 10_000) == "x" * (LIMIT - 1) + "…"
    assert clean("\u202e" * 100, limit=10) == "<U+202E><…"
    assert clean("abc", limit=0) == ""


@given(ANY | HOSTILE, st.booleans(), st.sampled_from((LIMIT, 12, 1)))
def test_cleaning_twice_is_cleaning_once(text: str, lines: bool, limit: int) -> None:
    once = clean(text, lines=lines, limit=limit)
    assert clean(once, lines=lines, limit=limit) == once


@given(ANY | HOSTILE, st.booleans())
def test_no_control_or_format_character_is_left(text: str, lines: bool) -> None:
    cleaned = clean(text, lines=lines)
    left = {unicodedata.category(character) for character in cleaned if not (lines and character in "\n\t")}
    assert not left & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert len(cleaned) <= LIMIT
    cleaned.encode()
