"""The store: what it answers, what it keeps beside the objects, what it refuses."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.cache import store as store_module
from kite_tui.cache.journal import Journal
from kite_tui.cache.store import Store, key_of
from kite_tui.objects.indexes import NAMESPACE, IndexFunc
from kite_tui.objects.states import Live, Off, Syncing
from tests.cache.fakes import Item, item, items

INDEXES: dict[str, IndexFunc] = {
    NAMESPACE: lambda row: (row.namespace,),
    "value": lambda row: (str(row.value),) if row.value else (),
    "digits": lambda row: tuple(str(row.value)),
}


class Total:
    """Sums values; an aggregate."""

    def __init__(self) -> None:
        self.count = 0
        self.value = 0

    def add(self, row: Item) -> None:
        self.count += 1
        self.value += row.value

    def remove(self, row: Item) -> None:
        self.count -= 1
        self.value -= row.value


def store_of(*rows: Item) -> Store[Item]:
    store: Store[Item] = Store(INDEXES)
    store.open_part("", Live())
    store.apply(rows)
    return store


def test_a_list_is_of_one_moment_with_its_state() -> None:
    store = store_of(item("a", 1))
    listing = store.list()
    store.apply((item("b", 2),), state=Syncing())
    assert listing.objects == (item("a", 1),)
    assert listing.state == Live()
    assert store.list().state == Syncing()


def test_an_unknown_index_is_refused() -> None:
    with pytest.raises(KeyError):
        store_of().by_index("nope", "x")


def values_of(store: Store[Item], index: str) -> set[str]:
    """The values that have a bucket."""
    return store._indexer.values(index)


def test_an_empty_bucket_is_removed() -> None:
    store = store_of(item("a", 1, value=5))
    assert values_of(store, "value") == {"5"}
    store.apply((item("a", 2, value=6),))
    assert values_of(store, "value") == {"6"}
    store.apply((), (item("a", 2, value=6),))
    assert values_of(store, "value") == set()


def test_replacing_by_equal_objects_keeps_those_at_hand_and_changes_nothing() -> None:
    store = store_of(item("a", 1))
    held, version = store.get("shop", "a"), store.version
    store.replace([item("a", 1)])
    assert store.get("shop", "a") is held
    assert store.version == version


def test_what_a_namespace_writes_while_the_whole_clusters_list_is_compared_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store: Store[Item] = Store(INDEXES)
    for part in ("", "shop"):
        store.open_part(part, Live())
    store.apply(items("a"), part="shop")
    compare, writers = store_module._differences, []

    def compare_slowly(*rows: Any) -> Any:
        found = compare(*rows)
        writer = threading.Thread(target=lambda: store.apply(items("late"), items("a"), part="shop"))
        writers.append(writer)
        writer.start()
        writer.join(0.1)  # in vain where it waits for the lock
        return found

    monkeypatch.setattr(store_module, "_differences", compare_slowly)
    store.replace(items("a"), state=Live())
    for writer in writers:
        writer.join(5)
    assert writers
    assert {row.name for row in store.list().objects} == {"a"}


def test_a_part_replaces_its_own_namespace_only() -> None:
    store: Store[Item] = Store(INDEXES)
    store.open_part("shop", Live())
    store.open_part("till", Live())
    store.replace(items("a", "b"), part="shop")
    store.replace([item("c", 1, namespace="till")], part="till")
    store.replace(items("b"), part="shop")
    assert {row.name for row in store.list().objects} == {"b", "c"}


def test_a_closed_part_is_written_to_in_vain() -> None:
    store: Store[Item] = Store(INDEXES)
    store.open_part("shop", Live())
    store.apply(items("a"), part="shop")
    store.close_parts(["shop"])
    store.apply(items("b"), part="shop", state=Live())
    store.set_state(Live(), part="shop")
    assert len(store) == 0
    assert store.state == Off()


def test_the_list_of_the_whole_cluster_closes_all_other_parts_and_keeps_their_objects() -> None:
    store: Store[Item] = Store(INDEXES)
    for part in ("", "shop"):
        store.open_part(part, Live())
    store.apply(items("a"), part="shop")
    store.replace(items("a", "b"), state=Live())
    store.apply((), items("a"), part="shop")
    assert {row.name for row in store.list().objects} == {"a", "b"}


def test_pages_of_the_whole_cluster_are_not_painted_over_newer_parts() -> None:
    store: Store[Item] = Store(INDEXES)
    for part in ("", "shop"):
        store.open_part(part, Live())
    store.apply([item("a", 9)], part="shop")
    assert not store.paint([item("a", 1)])
    assert store.get("shop", "a") == item("a", 9)


def test_only_the_newest_are_kept_where_there_is_a_limit() -> None:
    store: Store[Item] = Store({}, limit=3, newest_by=lambda row: row.value)
    store.open_part("", Live())
    store.apply([item(f"i{n}", n, value=n) for n in (5, 1, 4, 2, 3)])
    assert sorted(row.value for row in store.list().objects) == [3, 4, 5]
    store.apply([item("i9", 9, value=9)])
    assert sorted(row.value for row in store.list().objects) == [4, 5, 9]


def test_changes_are_known_since_a_version_until_there_were_too_many() -> None:
    journal = Journal(size=3)
    for name in "abc":
        journal.add(("", name))
    assert journal.since(3) == set()
    assert journal.since(1) == {("", "b"), ("", "c")}
    assert journal.since(0) == {("", "a"), ("", "b"), ("", "c")}
    journal.add(("", "d"))
    assert journal.since(0) is None
    assert journal.since(1) == {("", "b"), ("", "c"), ("", "d")}
    assert journal.since(99) is None


def test_what_changes_again_and_again_crowds_no_other_change_out() -> None:
    journal = Journal(size=2)
    journal.add(("", "a"))
    for _ in range(99):
        journal.add(("", "b"))
    assert journal.since(0) == {("", "a"), ("", "b")}
    assert journal.since(1) == {("", "b")}
    assert journal.since(100) == set()
    journal.add(("", "a"))
    assert journal.since(100) == {("", "a")}


def test_the_version_grows_with_each_change_and_not_with_the_state() -> None:
    store = store_of(item("a", 1))
    before = store.version
    store.set_state(Syncing())
    assert store.version == before
    store.apply((item("a", 2), item("b", 1)))
    assert store.version == before + 2
    assert store.changes_since(before) == {("shop", "a"), ("shop", "b")}


ROWS = st.builds(
    lambda namespace, name, uid, version, value: Item(namespace, name, uid, str(version), value),
    st.sampled_from(["", "shop", "till"]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["u1", "u2"]),
    st.integers(1, 5),
    st.integers(0, 30),
)
WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(ROWS, max_size=4)),
        st.tuples(st.just("drop"), st.lists(ROWS, max_size=4)),
        st.tuples(st.just("replace"), st.lists(ROWS, max_size=6)),
    ),
    max_size=12,
)


@given(WRITES)
def test_store_indexes_sums_and_journal_equal_a_recount_after_any_writes(writes: list[tuple[str, list[Item]]]) -> None:
    total = Total()
    store: Store[Item] = Store(INDEXES, aggregate=total)
    store.open_part("", Live())
    model: dict[tuple[str, str], Item] = {}
    for verb, rows in writes:
        before, version = dict(model), store.version
        match verb:
            case "put":
                store.apply(rows)
                model.update({key_of(row): row for row in rows})
            case "drop":
                store.apply((), rows)
                for row in rows:
                    held = model.get(key_of(row))
                    if held is not None and held.uid == row.uid:
                        del model[key_of(row)]
            case _:
                store.replace(rows)
                model = {key_of(row): row for row in rows}
        differing = {key for key in before.keys() | model.keys() if before.get(key) != model.get(key)}
        assert differing <= (store.changes_since(version) or set())
    held_rows = store.list().objects
    assert {key_of(row): row for row in held_rows} == model
    assert (total.count, total.value) == (len(model), sum(row.value for row in model.values()))
    for name, function in INDEXES.items():
        expected = Counter(value for row in model.values() for value in set(function(row)))
        assert {value: len(store.by_index(name, value)) for value in values_of(store, name)} == expected
        for value in expected:
            assert all(value in function(row) for row in store.by_index(name, value))


def test_readers_see_whole_writes_while_another_thread_writes() -> None:
    store = store_of(*[item(f"i{n}", 1, value=1) for n in range(50)])
    done = threading.Event()
    torn: list[int] = []

    def read() -> None:
        while not done.is_set():
            values = {row.value for row in store.list().objects}
            if len(values) != 1:
                torn.append(len(values))
            if len(store.by_index("value", "1")) not in (0, 50):
                torn.append(-1)

    reader = threading.Thread(target=read)
    reader.start()
    for value in range(2, 60):
        store.apply([item(f"i{n}", value, value=value % 3 + 1) for n in range(50)])
    done.set()
    reader.join()
    assert torn == []
