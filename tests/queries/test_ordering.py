"""An order that lives stays what a fresh sort would be."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from kite_tui.objects.kinds import NODES
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Listing, Reader
from kite_tui.objects.states import Live
from kite_tui.queries import ordering, pieces
from kite_tui.queries.ordering import Arrangement, LiveOrder, Ordered
from kite_tui.queries.sorting import ranked
from kite_tui.text.natural import natural_key

ANY_KIND: Any = NODES


class Thing(msgspec.Struct, frozen=True):
    namespace: str
    name: str
    uid: str
    resource_version: str
    size: int | None


class Changing:
    """As much of a Reader as an order asks, over things that change."""

    def __init__(self) -> None:
        self.things: dict[Key, Thing] = {}
        self.log: list[Key] = []
        self.remembers = True

    def put(self, name: str, size: int | None, uid: str) -> None:
        self.things["", name] = Thing("", name, uid, "1", size)
        self.log.append(("", name))

    def drop(self, name: str) -> None:
        if self.things.pop(("", name), None):
            self.log.append(("", name))

    def state(self, kind: Any) -> Live:
        return Live()

    def version(self, kind: Any) -> int:
        return len(self.log)

    def changes_since(self, kind: Any, version: int) -> Collection[Key] | None:
        return set(self.log[version:]) if self.remembers else None

    def list(self, kind: Any) -> Any:
        return Listing(Live(), tuple(self.things.values()))

    def get(self, kind: Any, namespace: str, name: str) -> Thing | None:
        return self.things.get((namespace, name))


def arrangement(reverse: bool, least: int) -> Arrangement[Any]:
    return Arrangement(
        (reverse, least),
        lambda thing, _: thing.size,
        lambda thing: thing.size is None or thing.size >= least,
        reverse,
    )


NOTHING = arrangement(False, 0)


def fresh(things: Collection[Thing], reverse: bool, least: int) -> list[Thing]:
    """By the words of the rule: sized ones by size and name, backwards if so asked, then those without a size."""
    kept = [thing for thing in things if thing.size is None or thing.size >= least]
    sized = sorted(
        (t for t in kept if t.size is not None), key=lambda t: (t.size, natural_key(t.name)), reverse=reverse
    )
    return sized + sorted((t for t in kept if t.size is None), key=lambda t: natural_key(t.name), reverse=reverse)


names = st.sampled_from([f"t{n}" for n in range(12)])
sizes = st.none() | st.integers(0, 4)


class LiveOrderStaysSorted(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.reader = Changing()
        self.order: LiveOrder[Any] = LiveOrder(ANY_KIND)
        self.reverse, self.least, self.uids = False, 0, 0
        self.before: tuple[Ordered[Any], list[Thing]] = (self.order.refresh(cast(Reader, self.reader), NOTHING), [])

    @rule(name=names, size=sizes, same=st.booleans())
    def put(self, name: str, size: int | None, same: bool) -> None:
        old = self.reader.things.get(("", name))
        self.uids += 1
        self.reader.put(name, size, old.uid if old and same else f"u{self.uids}")

    @rule(name=names)
    def drop(self, name: str) -> None:
        self.reader.drop(name)

    @rule(reverse=st.booleans(), least=st.integers(0, 3))
    def arrange(self, reverse: bool, least: int) -> None:
        self.reverse, self.least = reverse, least

    @rule(remembers=st.booleans())
    def forget(self, remembers: bool) -> None:
        self.reader.remembers = remembers

    @rule(run=st.sampled_from([1, 2, 5000]), size=st.sampled_from([1, 2, 64]), folded=st.sampled_from([0, 2, 2000]))
    def sort_in(self, run: int, size: int, folded: int) -> None:
        pieces.RUN, pieces.SIZE, ordering.FOLDED = run, size, folded

    @rule()
    def look(self) -> None:
        view = self.order.refresh(cast(Reader, self.reader), arrangement(self.reverse, self.least))
        wanted = fresh(self.reader.things.values(), self.reverse, self.least)
        check(view, wanted)
        check(*self.before)  # a view never changes
        self.before = (view, wanted)

    def teardown(self) -> None:
        if hasattr(self, "reader"):
            self.look()
        pieces.RUN, pieces.SIZE, ordering.FOLDED = 5000, 64, 2000


TestLiveOrderStaysSorted = LiveOrderStaysSorted.TestCase


def check(view: Ordered[Any], wanted: list[Thing]) -> None:
    assert len(view) == len(wanted)
    assert [view.at(position) for position in range(len(view))] == wanted
    for position, thing in enumerate(wanted):
        assert view.uid_at(position) == thing.uid
        assert view.index_of(thing.uid) == position
    assert view.uids() == {thing.uid for thing in wanted}
    assert view.index_of("nobody") is None


def test_a_view_never_changes_and_the_next_one_says_what_did() -> None:
    reader = Changing()
    for number in range(5):
        reader.put(f"t{number}", number, f"u{number}")
    order: LiveOrder[Any] = LiveOrder(ANY_KIND)
    first = order.refresh(cast(Reader, reader), arrangement(False, 0))
    assert first.changed is None
    reader.put("t1", 9, "u1")
    reader.drop("t2")
    reader.put("t7", 0, "u7")
    second = order.refresh(cast(Reader, reader), arrangement(False, 0))
    assert second.changed == frozenset({"u1", "u7"})
    assert [first.uid_at(n) for n in range(len(first))] == ["u0", "u1", "u2", "u3", "u4"]
    assert [second.uid_at(n) for n in range(len(second))] == ["u0", "u7", "u3", "u4", "u1"]
    assert order.refresh(cast(Reader, reader), arrangement(False, 0)).changed == frozenset()


@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_unknown_comes_last_in_both_directions(reverse: bool) -> None:
    keys = sorted([ranked(None, reverse, "a"), ranked(2, reverse, "b"), ranked(1, reverse, "c")], reverse=reverse)
    assert keys[-1][-1] == "a"


def full(count: int) -> Changing:
    reader = Changing()
    for number in range(count):
        reader.put(f"t{number}", number % 50, f"u{number}")
    return reader


def test_another_order_takes_one_value_of_each_object_and_names_none_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, values, named = full(3_000), list[str](), list[str]()

    def name(text: str) -> str:
        named.append(text)
        return natural_key(text)

    monkeypatch.setattr(ordering, "natural_key", name)
    order: LiveOrder[Any] = LiveOrder(ANY_KIND)

    def look(token: str) -> None:
        def value(thing: Thing, _: str) -> int | None:
            values.append(thing.name)
            return thing.size

        order.refresh(cast(Reader, reader), Arrangement(token, value, lambda _: True))

    look("one")
    named.clear()
    values.clear()
    look("other")
    assert (len(values), len(named)) == (3_000, 0)
    values.clear()
    look("other")
    reader.put("t7", 3, "u7")
    look("other")
    assert (values, named) == (["t7"], ["t7"])  # looked for by name


def test_a_first_list_that_comes_in_pages_is_put_in_order_page_by_page() -> None:
    reader, looked_at = full(0), list[str]()
    order: LiveOrder[Any] = LiveOrder(ANY_KIND)

    def value(thing: Thing, _: str) -> int | None:
        looked_at.append(thing.name)
        return thing.size

    for page in range(20):
        for number in range(page * 500, (page + 1) * 500):
            reader.put(f"t{number}", number % 50, f"u{number}")
        view = order.refresh(cast(Reader, reader), Arrangement("all", value, lambda _: True))
        assert len(view) == (page + 1) * 500
    assert len(looked_at) == 10_000
    check(view, fresh(reader.things.values(), False, 0))


def test_a_change_that_moves_nothing_takes_its_place_and_one_that_does_is_the_only_one_to_move() -> None:
    reader = full(1_000)
    order: LiveOrder[Any] = LiveOrder(ANY_KIND)
    before = order.refresh(cast(Reader, reader), arrangement(False, 0))
    old = before.at(700)
    reader.put(old.name, old.size, old.uid)
    after = order.refresh(cast(Reader, reader), arrangement(False, 0))
    assert after.at(700) is reader.things["", old.name]
    assert [after.entries[at] is before.entries[at] for at in range(1_000)].count(False) == 1
    assert before.at(700) is old


def test_a_mistake_on_the_way_leaves_no_order_that_is_not_one() -> None:
    reader = full(20)
    order: LiveOrder[Any] = LiveOrder(ANY_KIND)
    order.refresh(cast(Reader, reader), arrangement(False, 0))
    reader.put("t3", 49, "u3")

    def fail(*_: Any) -> bool:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        order.refresh(cast(Reader, reader), Arrangement((False, 0), fail, lambda _: True))
    check(order.refresh(cast(Reader, reader), arrangement(False, 0)), fresh(reader.things.values(), False, 0))


def test_a_mistake_while_catching_up_loses_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = full(20)
    order: LiveOrder[Any] = LiveOrder(ANY_KIND)
    order.refresh(cast(Reader, reader), arrangement(False, 0))
    reader.put("t3", 49, "u3")

    def fail(*_: Any) -> Any:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("kite_tui.queries.pieces._merged", fail)
        with pytest.raises(RuntimeError):
            order.refresh(cast(Reader, reader), arrangement(False, 0))
    check(order.refresh(cast(Reader, reader), arrangement(False, 0)), fresh(reader.things.values(), False, 0))
