"""Quantities: Go's grammar, exact arithmetic, rounding up once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes.utils.quantity import parse_quantity

from kite_tui.objects import quantity
from kite_tui.objects.quantity import ONE, InvalidQuantity, parse

DECIMAL_SUFFIXES = ("", "n", "u", "m", "k", "M", "G", "T", "P", "E")
BINARY_SUFFIXES = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("0", 0),
        ("100m", 10**8),
        ("1.5", 15 * 10**8),
        ("2e3", 2000 * ONE),
        ("2E3", 2000 * ONE),
        ("2E", 2 * 10**18 * ONE),
        ("25e-1", 25 * 10**8),
        ("1e+2", 100 * ONE),
        ("128974848", 128974848 * ONE),
        ("129M", 129 * 10**6 * ONE),
        ("123Mi", 123 * 2**20 * ONE),
        ("1Gi", 2**30 * ONE),
        ("1.5Gi", 3 * 2**29 * ONE),
        ("0.1Ki", 1024 * ONE // 10),
        ("12n", 12),
        ("5u", 5000),
        (".5", ONE // 2),
        ("5.", 5 * ONE),
        ("5.G", 5 * 10**9 * ONE),
        ("+1", ONE),
        ("-1", -ONE),
        ("-.5m", -(ONE // 2000)),
        ("000100m", 10**8),
        ("0.0000000010000", 1),
        ("18446744073709551616", 2**64 * ONE),
        ("0e999999999999", 0),
    ],
)
def test_every_form_of_the_grammar_is_read_exactly(text: str, nanos: int) -> None:
    assert parse(text) == nanos


@pytest.mark.parametrize(
    "text",
    [
        *("", "NaN", "nan", "inf", "1_000", " 1 ", "1 ", " 1", "1\n", "٣", "१", "²", "1²", "1,5", "abc", "1 Gi"),
        *("+", "-", ".", "m", "Mi", "-Mi", ".m", "1..", "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i"),
        *("-3.01i", "-3.01e-", "1e", "1e+", "1e--5", "1e5.5", "1eE5", "1K", "1ki", "1Mi5", "1M5", "1e_5", "--1", "+-1"),
        "1e999999999",
        "9" * 5000,
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuantity):
        parse(text)


def test_the_refusal_shows_the_text_and_what_to_write() -> None:
    with pytest.raises(InvalidQuantity, match=r"'abc' is not a quantity; write .* 128Mi"):
        parse("abc")


@pytest.mark.parametrize(
    ("text", "nanos"),
    [("0.9n", 1), ("1.1n", 2), ("-0.1n", -1), ("1e-400", 1), ("1e-999999999", 1), ("0.0000000001Ki", 103)],
)
def test_what_is_finer_than_a_nano_is_rounded_away_from_zero(text: str, nanos: int) -> None:
    assert parse(text) == nanos


def test_only_binary_quantities_are_capped() -> None:
    cap = (2**63 - 1) * ONE
    assert parse("8Ei") == parse("9999Ei") == cap
    assert parse("-8Ei") == -cap
    assert parse("10E") == 10**19 * ONE


@pytest.mark.parametrize(
    ("text", "cpu_m", "value"),
    [
        *(("1n", 1, 1), ("1500u", 2, 1), ("1.0001", 1001, 2), ("2", 2000, 2)),
        *(("-1n", -1, -1), ("0", 0, 0), ("1Ki", 1024000, 1024)),
    ],
)  # fmt: skip
def test_integers_are_rounded_up(text: str, cpu_m: int, value: int) -> None:
    assert quantity.cpu_m(text) == cpu_m
    assert quantity.value(text) == value


@pytest.mark.parametrize(
    ("nanos", "decimal"),
    [(0, "0"), (2 * ONE, "2"), (ONE // 4, "250m"), (15 * ONE // 10, "1500m"), (1000, "1u"), (7, "7n")],
)
def test_cpu_is_written_as_people_write_it(nanos: int, decimal: str) -> None:
    assert quantity.decimal_text(nanos) == decimal
    assert parse(decimal) == nanos


@pytest.mark.parametrize(
    ("count", "binary"), [(0, "0"), (2**30, "1Gi"), (3 * 2**29, "1536Mi"), (1000, "1000"), (2**70, "1024Ei")]
)
def test_memory_is_written_as_people_write_it(count: int, binary: str) -> None:
    assert quantity.binary_text(count * ONE) == binary


def test_a_warm_parse_does_not_read_the_text_again() -> None:
    parse("1234m")
    before = parse.cache_info()
    parse("1234m")
    after = parse.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
    assert after.maxsize is not None


digits = st.text("0123456789", min_size=1, max_size=12)
numbers = st.one_of(
    digits,
    st.builds("{}.{}".format, digits, st.text("0123456789", max_size=9)),
    st.builds(".{}".format, digits),
)


@given(
    st.sampled_from(("", "+", "-")),
    numbers,
    st.one_of(st.sampled_from(DECIMAL_SUFFIXES), st.builds("{}{}".format, st.just("e"), st.integers(-18, 18))),
)
def test_decimal_quantities_are_those_of_the_official_client(sign: str, number: str, suffix: str) -> None:
    text = sign + number + suffix
    assert parse(text) == _official(text)


@given(numbers, st.sampled_from(BINARY_SUFFIXES))
def test_binary_quantities_are_those_of_the_official_client_under_the_cap(number: str, suffix: str) -> None:
    assert parse(number + suffix) == min(_official(number + suffix), (2**63 - 1) * ONE)


def _official(text: str) -> int:
    """Nanos by the official client, which knows no exponents and leaves rounding to its caller."""
    read: Callable[[str], Decimal] = parse_quantity
    mantissa, _, exponent = text.partition("e")
    with localcontext(prec=100):
        exact = read(mantissa).scaleb(int(exponent or 0)) * ONE
        return int(exact.to_integral_value("ROUND_UP"))


@given(st.text(max_size=8))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    try:
        parse(text)
    except InvalidQuantity:
        return
    assert text.isascii()
    assert any(character.isdigit() for character in text)


@given(st.integers(-(10**30), 10**30), st.sampled_from((quantity.MILLI, ONE)))
def test_rounding_up_is_the_smallest_that_is_enough(nanos: int, unit: int) -> None:
    rounded = quantity.round_up(nanos, unit)
    assert abs(rounded * unit) >= abs(nanos) > (abs(rounded) - 1) * unit
