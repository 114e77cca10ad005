"""The language of `/`, term by term."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.queries.filters import Vocabulary, parse_filter


@dataclass(frozen=True)
class Row:
    name: str
    status: str = "Running"
    labels: tuple[tuple[str, str], ...] = ()


ROWS = (
    Row("shop/cart-7d9f", labels=(("app", "cart"), ("tier", "web"))),
    Row("shop/Checkout-1", "CrashLoopBackOff", (("app", "checkout"),)),
    Row("bank/ledger.0", "Pending"),
)
WORDS: Vocabulary[Row] = Vocabulary(
    text=lambda row: row.name,
    columns={"status": lambda row: row.status},
    classes={"pending": lambda row: row.status == "Pending"},
    labels=lambda row: row.labels,
)
CART, CHECKOUT, LEDGER = "shop/cart-7d9f", "shop/Checkout-1", "bank/ledger.0"


def kept(text: str) -> list[str]:
    keeps = parse_filter(text, WORDS).keeps
    return [row.name for row in ROWS if keeps(row)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", [CART, CHECKOUT, LEDGER]),
        ("   ", [CART, CHECKOUT, LEDGER]),
        ("CART", [CART]),
        ("shop/c", [CART, CHECKOUT]),
        ("c.*-[0-9]$", [CHECKOUT]),
        ("^bank", [LEDGER]),
        ("(cart", []),
        ("shop check", [CHECKOUT]),
        ("!shop", [LEDGER]),
        ("!shop !ledger", []),
        ("!", [CART, CHECKOUT, LEDGER]),
        ("status:run", [CART]),
        ("STATUS:run", [CART]),
        ("!status:run", [CHECKOUT, LEDGER]),
        ("status:", [CART, CHECKOUT, LEDGER]),
        ("color:red", []),
        ("is:pending", [LEDGER]),
        ("!is:pending", [CART, CHECKOUT]),
        ("is:unheard", [CART, CHECKOUT, LEDGER]),
        ("!is:unheard", [CART, CHECKOUT, LEDGER]),
        ("is:", [CART, CHECKOUT, LEDGER]),
        ("-f spcrt", [CART]),
        ("-f ckt1", [CHECKOUT]),
        ("-f", [CART, CHECKOUT, LEDGER]),
        ("-l app=cart", [CART]),
        ("-l app in (cart, checkout),tier!=web", [CHECKOUT]),
        ("shop -l !tier", [CHECKOUT]),
        ("-l", [CART, CHECKOUT, LEDGER]),
    ],
)
def test_a_filter_keeps_what_its_terms_say(text: str, names: list[str]) -> None:
    assert kept(text) == names


def test_an_unfinished_expression_matches_literally_and_says_so() -> None:
    found = parse_filter("led(", WORDS)
    assert "taken literally" in found.notice
    assert found.keeps(Row("led(ger"))
    assert not found.keeps(Row("ledger"))


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+$",
        "(a*)*b",
        "(a|a)*b",
        "((a|aa))+b",
        "(?:a+)+b",
        "(a?)+b",
        "a*a*a*b",
        "(a{1,9}){1,9}b",
        "a?" * 30 + "a" * 30,
    ],
)
def test_an_expression_that_could_take_for_ever_matches_literally_and_says_so(text: str) -> None:
    made = parse_filter(text, WORDS)
    assert "taken literally" in made.notice
    assert not made.keeps(Row("a" * 5000))
    assert made.keeps(Row(f"x{text.upper()}x"))


@pytest.mark.parametrize(
    "text", ["(cart|check).*", r"\(\*+", "[*+(]+a", "^web-.*-v?[0-9]+$", "(ab)+", "(?:ab|c)d", "a.*?b"]
)
def test_an_ordinary_expression_stays_one(text: str) -> None:
    assert parse_filter(text, WORDS).notice == ""


def test_a_long_text_costs_no_more_than_its_first_characters() -> None:
    assert parse_filter("x+.*y", WORDS).keeps(Row("x" * 100_000 + "y")) is False
    assert parse_filter("-f xyz", WORDS).keeps(Row("X" * 100_000 + "y" * 100_000 + "z"))


def test_a_class_that_nobody_knows_names_those_there_are() -> None:
    assert parse_filter("is:unheard", WORDS).notice == "is: knows pending"
    assert (
        parse_filter("colour:red", WORDS).notice
        == "there is no column 'colour', so 'colour:red' is looked for as it is"
    )
    assert parse_filter("fe80::1 10.0.0.1:80", WORDS).notice == ""


def test_an_unfinished_selector_hides_nothing_and_says_what_is_missing() -> None:
    found = parse_filter("-l app in (", WORDS)
    assert found.notice
    assert all(found.keeps(row) for row in ROWS)


@pytest.mark.parametrize("text", ["[[a", "a{99999999999}", "(" * 3000, "(?i)x", "x(?i)", "[a--b]", "\\", "*", "a||"])
def test_odd_expressions_neither_raise_nor_warn(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keeps = parse_filter(text, WORDS).keeps
        for row in ROWS:
            keeps(row)


@given(st.text(st.characters(codec="utf-8"), max_size=30) | st.text("(){}[]*+?\\|!-lf: is:a0,", max_size=20))
def test_no_text_makes_a_filter_raise(text: str) -> None:
    keeps = parse_filter(text, WORDS).keeps
    for row in ROWS:
        keeps(row)
