"""Everything that a simulated server serves, through the real transport: how hard it is asked, and kinds that come and
go while it runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import kite_tui.cache.asking
from kite_tui.cache.cluster import ClusterCache
from kite_tui.demo.answers import Answer
from kite_tui.demo.control import Control
from kite_tui.demo.resources import ATTACHMENTS, SECRETS
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.ratelimit import MAX_LISTS
from kite_tui.kube.transport import connect
from kite_tui.objects.kinds import Kind
from kite_tui.objects.states import Absent, Failed, Live
from kite_tui.queries.related import not_searched, progress
from tests.cache.conftest import wait_until

WIDGETS: Kind[Any] = Kind("late.example.test", "v1", "Widget", "widgets", "widget", True)


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(World(), bookmark_s=0.2) as server:
        yield server


@pytest.fixture
def cache(server: DemoServer) -> Iterator[ClusterCache]:
    """Begun by the test."""
    api = connect(ClientConfig("demo", Cluster(server.url), User(token="demo")), qps=0)
    cache = ClusterCache(api, context="demo", server=server.url)
    yield cache
    cache.stop()
    api.close()


class Door:
    """Holds every list at the server until it is opened, and counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.opened = threading.Event()
        self.inside = self.most = 0

    def __call__(self, verb: str, path: str, query: object) -> Answer | None:
        if verb == "list":
            with self._lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            self.opened.wait(10)
            with self._lock:
                self.inside -= 1
        return None


def test_no_more_than_sixteen_lists_are_made_at_once(server: DemoServer, cache: ClusterCache) -> None:
    door = Door()
    server.intercept = door
    cache.start()
    cache.need_all()
    wait_until(lambda: door.inside == MAX_LISTS and len(cache.kinds()) > 2 * MAX_LISTS)
    door.opened.set()
    wait_until(lambda: progress(cache).is_done)
    assert door.most == MAX_LISTS
    assert all(cache.state(kind) == Live() for kind in cache.served.searched)


def test_a_kind_that_is_installed_is_followed_and_one_that_is_removed_let_go(
    server: DemoServer, cache: ClusterCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kite_tui.cache.asking, "LEAST_S", 0.02)
    control = Control(server)
    cache.start()
    cache.need_all()
    wait_until(lambda: progress(cache).is_done)
    control.install_kind(WIDGETS)
    control.create(WIDGETS, {"metadata": {"name": "w", "namespace": "shop"}})
    wait_until(lambda: cache.get(WIDGETS, "shop", "w"))
    wait_until(lambda: control.open_watches(WIDGETS) == 1)
    control.remove_kind(WIDGETS)
    wait_until(lambda: WIDGETS not in cache.kinds())
    assert cache.served.of_type(WIDGETS.group, WIDGETS.kind) is None
    assert cache.get(WIDGETS, "shop", "w") is None
    wait_until(lambda: not any("widgets" in thread.name for thread in threading.enumerate()))


def test_a_group_whose_server_is_down_is_named_and_the_rest_is_read(server: DemoServer, cache: ClusterCache) -> None:
    Control(server).break_group(ATTACHMENTS.group)
    cache.start()
    cache.need_all()
    wait_until(lambda: progress(cache).is_done)
    assert [(each.resource, type(each.state)) for each in not_searched(cache)] == [(ATTACHMENTS.group, Failed)]
    assert isinstance(cache.state(ATTACHMENTS), Failed | Absent)


def test_who_may_not_read_secrets_reads_all_else(server: DemoServer, cache: ClusterCache) -> None:
    Control(server).deny("demo", "list", SECRETS)
    cache.start()
    cache.need_all()
    wait_until(lambda: progress(cache).is_done)
    assert [each.resource for each in not_searched(cache)] == ["secrets"]
