"""The overview: tiles that open their list filtered, faults and warnings that open their object, states by tile."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import EVENTS, NODE_METRICS, NODES, PODS, SERVICES
from kite_tui.objects.states import Absent, Forbidden, Live, Stale, Syncing
from kite_tui.screens import base
from kite_tui.screens.node_page import NodePage
from kite_tui.screens.nodes import NodesScreen
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pod_page import PodPage
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.yaml_page import YamlPage
from kite_tui.widgets.choose import Choose
from kite_tui.widgets.tile import ListTile, Tile
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import Driver, driving


async def open_line(driver: Driver, tile: str, line_id: str) -> None:
    """With the keys: to the tile, down to the line, enter."""
    found = driver.app.screen.query_one(f"#{tile}", Tile)
    found.focus()
    await driver.press("g")
    for _ in range(10):
        if found.line_id == line_id:
            break
        await driver.press("j")
    assert found.line_id == line_id
    await driver.press_slowly("enter")


@pytest.mark.parametrize(
    ("line", "filter", "rows"),
    [
        ("pods:", "", 24),
        ("pods:is:failed", "is:failed", 1),
        ("pods:is:notready", "is:notready", 2),
        ("pods:is:pending", "is:pending", 2),
        ("pods:is:terminating", "is:terminating", 1),
    ],
)
async def test_lines_of_the_pods_tile_open_what_they_count(app: KiteApp, line: str, filter: str, rows: int) -> None:
    async with driving(app) as driver:
        await open_line(driver, "pods", line)
        assert isinstance(app.screen, PodsScreen)
        assert app.screen.filter.text == filter
        assert len(driver.rows) == rows


async def test_pods_on_a_node_that_is_gone_are_counted_and_found(app: KiteApp, source: FakeSource) -> None:
    async with driving(app) as driver:
        source.put(PODS, scene.pod("left-behind", "data", "ip-10-9-9-9"))
        await driver.until("1 on a node that is gone")
        await open_line(driver, "pods", "pods:is:orphaned")
        assert driver.rows == ["left-behind"]


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("nodes:", 7),
        ("nodes:is:notready", 1),
        ("nodes:is:cordoned", 1),
        ("nodes:is:pressure", 1),
    ],
)
async def test_lines_of_the_nodes_tile_open_what_they_count(app: KiteApp, line: str, rows: int) -> None:
    async with driving(app) as driver:
        await open_line(driver, "nodes", line)
        assert isinstance(app.screen, NodesScreen)
        assert len(driver.rows) == rows


@pytest.mark.parametrize(
    ("tile", "line", "column", "first"),
    [
        ("cpu", "nodes-by:cpu", "cpu", "ip-10-0-190-35"),
        ("memory", "nodes-by:memory", "memory", "ip-10-0-190-35"),
        ("cpu", "nodes-by:cpu_requests", "cpu_requests", "ip-10-0-13-123"),
    ],
)
async def test_usage_and_requests_open_the_nodes_in_that_order(
    app: KiteApp, tile: str, line: str, column: str, first: str
) -> None:
    async with driving(app) as driver:
        await open_line(driver, tile, line)
        assert isinstance(app.screen, NodesScreen)
        assert app.screen.sort_column == column
        assert driver.rows[0] == first


async def test_what_waits_opens_the_pods_that_wait_and_the_largest_free_its_node(app: KiteApp) -> None:
    async with driving(app) as driver:
        await open_line(driver, "cpu", "pods:is:waiting")
        assert "query-1" in driver.rows
        await driver.press_slowly("1")
        await open_line(driver, "cpu", "node:ip-10-0-0-21")
        assert isinstance(app.screen, NodePage)


async def test_namespaces_open_the_choice_of_them(app: KiteApp) -> None:
    async with driving(app) as driver:
        await open_line(driver, "namespaces", "namespaces:")
        assert isinstance(app.screen, Choose)


@pytest.mark.parametrize(
    ("fault", "opens"),
    [("Node//ip-10-0-45-42", NodePage), ("Deployment/shop/cart", PodPage), ("StatefulSet/search/query", PodsScreen)],
)
async def test_a_fault_opens_its_object(app: KiteApp, fault: str, opens: type) -> None:
    async with driving(app) as driver:
        wrong = app.screen.query_one("#wrong", ListTile)
        assert wrong.has_focus
        while wrong.cursor_key != fault:
            at = wrong.cursor
            await driver.press("j")
            assert wrong.cursor == at + 1
        await driver.press_slowly("enter")
        assert isinstance(app.screen, opens)
        if isinstance(app.screen, PodsScreen):
            assert driver.rows == ["query-0", "query-1"]
        await driver.press_slowly("1" if opens is PodsScreen else "escape")
        assert isinstance(app.screen, OverviewScreen)
        assert wrong.cursor_key == fault


async def test_a_warning_opens_what_it_is_about(app: KiteApp) -> None:
    async with driving(app) as driver:
        app.screen.query_one("#warnings").focus()
        await driver.press_slowly("enter")
        assert isinstance(app.screen, PodPage)
        assert app.screen.pod_name == "cart-7d9f6b5c44-x2v9p"


async def test_a_warning_about_another_kind_opens_the_event(app: KiteApp, source: FakeSource) -> None:
    async with driving(app) as driver:
        source.put(EVENTS, scene.event("Job/data/etl", "BackoffLimitExceeded", "Job has reached its limit", ago_s=1))
        await driver.until("BackoffLimitExceeded"[:14])
        app.screen.query_one("#warnings").focus()
        await driver.press_slowly("g", "enter")
        assert isinstance(app.screen, YamlPage)


def in_sight(app: KiteApp) -> bool:
    """The focused tile is in sight: its top line at least, and all of its width."""
    focused = app.screen.focused
    assert focused is not None
    window, tile = app.screen.query_one(VerticalScroll).region, focused.region
    return window.y <= tile.y < window.bottom and window.x <= tile.x and tile.right <= window.right


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_tab_and_arrows_reach_every_tile_and_keep_it_in_sight(app: KiteApp, size: tuple[int, int]) -> None:
    async with driving(app, size) as driver:
        reached = set()
        for key in ("tab",) * 7 + ("down", "right", "up", "left"):
            await driver.press(key)
            focused = app.screen.focused
            assert focused is not None
            reached.add(focused.id)
            await driver.until(lambda: in_sight(app))
        assert reached >= {"nodes", "pods", "namespaces", "cpu", "memory", "wrong", "warnings"}


async def test_in_a_small_window_the_top_is_in_sight_at_first(app: KiteApp) -> None:
    async with driving(app, (20, 10)) as driver:
        assert "Nodes" in driver.lines[2]


async def test_a_tile_without_the_right_to_read_says_so_and_the_others_live_on(
    app: KiteApp, source: FakeSource
) -> None:
    async with driving(app) as driver:
        source.become(Forbidden("list", "all namespaces"), PODS)
        await driver.until("forbidden")
        assert "healthy" not in driver.text
        assert "6 of 7 ready" in driver.text
        source.become(Live(), PODS)
        await driver.until("18 of 24 healthy")


async def test_a_total_that_is_unknown_is_never_a_bare_zero(source: FakeSource) -> None:
    source.become(Syncing(0, None), PODS, NODES, SERVICES)
    async with driving(KiteApp(FakeSession(source)), (120, 40)) as driver:
        await driver.until("syncing")
        assert " 0 of 0" not in driver.text
        assert "No faults found" not in driver.text


async def test_a_stale_tile_keeps_its_numbers_and_says_for_how_long(app: KiteApp, source: FakeSource) -> None:
    async with driving(app) as driver:
        source.become(Stale(scene.NOW_S - 40, "connection refused"), SERVICES)
        await driver.until("stale 40 s")
        assert "1 ClusterIP" in driver.text


async def test_no_metrics_is_said_and_is_no_zero(app: KiteApp, source: FakeSource) -> None:
    async with driving(app) as driver:
        source.become(Absent(), NODE_METRICS)
        await driver.until("no metrics")
        assert driver.text.count("metrics API not installed") == 2


async def test_a_kind_in_another_state_is_looked_at_at_once_however_long_the_last_answer_took(
    app: KiteApp, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "MOST_REST_S", 1e6)
    async with driving(app) as driver:
        assert isinstance(app.screen, OverviewScreen)
        app.screen._took_s = 1e6
        tile = app.screen.query_one("#services", Tile)
        assert tile.line_count > 1
        source.become(Forbidden("list", ""), SERVICES)
        await driver.until(lambda: tile.line_count == 1)
