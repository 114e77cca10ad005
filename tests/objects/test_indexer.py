"""Indexes of a store: direct, over shared parts, and several as one, against a look at everything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kite_tui.objects.indexer import Indexer
from kite_tui.objects.indexes import Index, Shared

VALUES = ("a", "b", "c")


class Part(msgspec.Struct, frozen=True):
    """What several records have in common."""

    values: tuple[str, ...]


class Item(msgspec.Struct, frozen=True):
    namespace: str
    name: str
    uid: str
    resource_version: str
    own: tuple[str, ...]
    part: Part
    other: tuple[str, ...] | None


def own(item: Item) -> Iterable[str]:
    return iter(item.own)


def of_part(part: Part) -> Iterable[str]:
    return iter(part.values)


SHARED = Shared(lambda item: item.part, of_part)
SOMETIMES = Shared(lambda item: item.other, lambda other: other)
INDEXES: dict[str, Index] = {
    "direct": own,
    "shared": SHARED,
    "reversed": Shared(SHARED.part, lambda part: (value.upper() for value in part.values)),
    "sometimes": SOMETIMES,
    "both": (own, SHARED, SOMETIMES),
}


def scan(index: str, item: Item) -> set[str]:
    """The values of an item, read off it."""
    found: dict[str, set[str]] = {
        "direct": set(item.own),
        "shared": set(item.part.values),
        "reversed": {value.upper() for value in item.part.values},
        "sometimes": set(item.other or ()),
    }
    return found[index] if index in found else found["direct"] | found["shared"] | found["sometimes"]


some = st.lists(st.sampled_from(VALUES), max_size=4).map(tuple)  # the same value twice, too
items = st.builds(
    Item,
    namespace=st.just("n"),
    name=st.sampled_from("pqrs"),
    uid=st.just("u"),
    resource_version=st.sampled_from("12"),
    own=some,
    part=st.builds(Part, some),
    other=st.none() | some,
)


class IndexesEqualAScanAfterAnySeriesOfChanges(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.indexer: Indexer[Item] = Indexer(INDEXES)
        self.items: dict[tuple[str, str], Item] = {}

    @rule(item=items)
    def put(self, item: Item) -> None:
        key = (item.namespace, item.name)
        self.indexer.put(key, self.items.get(key), item)
        self.items[key] = item

    @rule(item=items)
    def replace(self, item: Item) -> None:
        """As a store does with an object that was made anew: out, then in."""
        key = (item.namespace, item.name)
        if key in self.items:
            self.indexer.put(key, self.items.pop(key), None)
        self.put(item)

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.items)))
        self.indexer.put(key, self.items.pop(key), None)

    @invariant()
    def every_value_finds_what_has_it_once(self) -> None:
        for index in INDEXES:
            wanted: dict[str, set[tuple[str, str]]] = {}
            for key, item in self.items.items():
                for value in scan(index, item):
                    wanted.setdefault(value, set()).add(key)
            assert self.indexer.values(index) == set(wanted), index
            for value in (*VALUES, *map(str.upper, VALUES), "never"):
                found = list(self.indexer.keys(index, value))
                assert len(found) == len(set(found)), index
                assert set(found) == wanted.get(value, set()), (index, value)

    @invariant()
    def what_nobody_has_any_more_takes_no_room(self) -> None:
        for parts in self.indexer._parts.values():
            assert all(parts._members.values())
        if not self.items:
            assert not any(parts._members for parts in self.indexer._parts.values())
            assert not any(self.indexer.values(index) for index in INDEXES)


TestIndexesEqualAScanAfterAnySeriesOfChanges = IndexesEqualAScanAfterAnySeriesOfChanges.TestCase
TestIndexesEqualAScanAfterAnySeriesOfChanges.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_an_index_that_is_not_kept_is_refused_not_scanned() -> None:
    indexer: Indexer[Item] = Indexer(INDEXES)
    assert indexer.has("direct")
    assert not indexer.has("colour")
    for ask in (lambda: indexer.keys("colour", "a"), lambda: indexer.values("colour")):
        with pytest.raises(KeyError):
            ask()


def test_the_values_of_a_shared_part_are_read_once_however_many_have_it() -> None:
    read: list[Part] = []

    def values(part: Part) -> tuple[str, ...]:
        read.append(part)
        return part.values

    def item(name: str, **more: Any) -> Item:
        return Item("n", name, "u", "1", (), Part(("a",)), None, **more)

    indexer: Indexer[Item] = Indexer({"shared": Shared(lambda item: item.part, values)})
    many = [item(str(number)) for number in range(100)]
    for each in many:
        indexer.put((each.namespace, each.name), None, each)
    assert len(list(indexer.keys("shared", "a"))) == 100
    for each in many[1:]:
        indexer.put((each.namespace, each.name), each, None)
    assert len(read) <= 2, "once to put it in"
    assert [key[1] for key in indexer.keys("shared", "a")] == ["0"]
