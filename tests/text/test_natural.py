"""Natural order of names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kite_tui.text.natural import natural_key


def test_numbers_in_names_are_compared_as_numbers() -> None:
    names = ["node-10", "node-2", "node-1", "node", "ip-10-0-3-17", "ip-10-0-12-3", "10", "9"]
    expected = ["9", "10", "ip-10-0-3-17", "ip-10-0-12-3", "node", "node-1", "node-2", "node-10"]
    assert sorted(names, key=natural_key) == expected


def test_numbers_of_any_length_and_unicode_digits_are_no_error() -> None:
    assert natural_key("a" + "9" * 5000) < natural_key("a1" + "0" * 5000)
    assert natural_key("a²") != natural_key("a2")


@given(st.lists(st.text(st.sampled_from("a-019")), min_size=2, max_size=2))
def test_only_equal_names_are_equal(names: list[str]) -> None:
    one, other = names
    assert (natural_key(one) == natural_key(other)) == (one == other)
    assert (natural_key(one) < natural_key(other)) or (natural_key(other) < natural_key(one)) or one == other


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbered_names_order_as_their_numbers(one: int, other: int) -> None:
    assert (natural_key(f"node-{one}") < natural_key(f"node-{other}")) == (one < other)
