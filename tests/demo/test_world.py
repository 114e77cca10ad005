from __future__ import annotations

import pytest

from kite_tui.demo import world as world_module
from kite_tui.demo.world import HistoryGone, Manifest, World
from kite_tui.objects.kinds import PODS
from tests.demo.conftest import pod


def put(world: World, name: str, namespace: str = "default") -> int:
    return world.put(PODS, Manifest(PODS, pod(name, namespace))).revision


def test_a_snapshot_stays_what_it_was_while_the_world_goes_on() -> None:
    world = World()
    put(world, "a")
    put(world, "b")
    _, before = world.snapshot(PODS)
    put(world, "a")
    world.delete(PODS, "default", "b")
    assert [item.key for item in before.items] == ["default/a", "default/b"]
    assert before.items[0].revision < world.snapshot(PODS)[1].items[0].revision


def test_objects_are_ordered_by_namespace_and_name_as_in_etcd() -> None:
    world = World()
    for namespace, name in (("b", "a"), ("a-b", "x"), ("a", "z"), ("a", "b")):
        put(world, name, namespace)
    _, snapshot = world.snapshot(PODS)
    assert [item.key for item in snapshot.items] == ["a-b/x", "a/b", "a/z", "b/a"]
    assert snapshot.span("a") == (1, 3)
    assert snapshot.span("a", after="a/b") == (2, 3)


def test_history_older_than_the_window_is_gone_but_positions_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "HISTORY", 8)
    world = World()
    table = world.tables[PODS.plural]
    first = put(world, "a")
    position = table.end()
    for _ in range(5):
        last = put(world, "a")
    events = table.since(position)
    assert events is not None
    assert [event.kind for event in events] == ["MODIFIED"] * 5
    for _ in range(20):
        put(world, "a")
    assert table.since(position) is None
    with pytest.raises(HistoryGone, match="too old resource version"):
        table.position(first)
    assert table.position(world.revision) == table.end()
    assert last < table.oldest


def test_a_deleted_object_is_told_at_the_revision_of_its_deletion() -> None:
    world = World()
    put(world, "a")
    world.delete(PODS, "default", "a")
    events = world.tables[PODS.plural].since(0)
    assert events is not None
    assert [(event.kind, event.revision) for event in events] == [("ADDED", 2), ("DELETED", 3)]
    with pytest.raises(KeyError):
        world.delete(PODS, "default", "a")
    assert world.revision == 3
