"""The lists of nodes and of pods: filter, order, columns, the row under the cursor, and every state of a list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import NODE_METRICS, NODES, POD_METRICS, PODS, Kind
from kite_tui.objects.reader import Listing
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Partial, Stale, State, Syncing
from kite_tui.queries.filters import parse_filter
from kite_tui.screens import table
from kite_tui.screens.node_page import NodePage
from kite_tui.screens.pod_page import PodPage
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.yaml_page import YamlPage
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import Driver, driving

FAULTY = [
    "etl-nightly-29920492-f4rz9",
    "ledger-5b7f9c-wq8kx",
    "query-0",
    "query-1",
    "cart-7d9f6b5c44-x2v9p",
    "image-7f4c9d-hh2vb",
]


def names(driver: Driver, column: str = "name") -> list[str]:
    screen = driver.app.screen
    return [getattr(record, column) for record in screen.shown()]  # type: ignore[attr-defined]


# -- filter -----------------------------------------------------------------------------------------------------


async def test_typing_narrows_as_one_types_and_enter_goes_to_the_rows(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"cart") as driver:
        assert driver.rows == ["cart-7d9f6b5c44-x2v9p"]
        assert driver.lines[-1].strip().startswith("/")
        await driver.press_slowly("enter", "enter")
        assert isinstance(app.screen, PodPage)
        await driver.press_slowly("escape")
        assert "filter cart" in driver.lines[2]


async def test_a_filter_over_many_rows_is_acknowledged_at_once_and_answered_later(
    app: KiteApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MANY", 0)
    async with driving(app, (120, 40), "3") as driver:
        screen = app.screen
        assert isinstance(screen, PodsScreen)
        question, go_on = screen.question, threading.Event()

        def slow() -> Callable[[], Any]:
            ask = question()
            return lambda: ask() if go_on.wait(30) else None

        monkeypatch.setattr(screen, "question", slow)
        screen.set_filter("cart")
        await driver.until("… pods   filter cart")
        assert len(driver.rows) == 24
        go_on.set()
        await driver.until("1 of 24 pods   filter cart")
        assert driver.rows == ["cart-7d9f6b5c44-x2v9p"]


async def test_a_count_stands_beside_the_filter_that_it_is_of_also_where_another_is_typed_already(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"cart") as driver:
        screen = app.screen
        assert isinstance(screen, PodsScreen)
        assert screen.view is not None
        screen.filter = parse_filter("query", screen.VOCABULARY)
        screen.show(screen.view)
        await driver.pilot.pause()
        assert "1 of 24 pods   filter cart" in driver.lines[2]


async def test_esc_while_typing_clears_the_filter(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"cart", "escape") as driver:
        assert len(driver.rows) == 24
        assert "enter its page" in driver.lines[-1]


async def test_esc_clears_the_filter_before_it_goes_back(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"cart", "enter", "escape") as driver:
        assert len(driver.rows) == 24
        assert isinstance(app.screen, PodsScreen)


async def test_letters_that_are_keys_elsewhere_are_text_in_the_filter(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"123qnywFN0"):
        assert isinstance(app.screen, PodsScreen)
        assert app.screen.filter.text == "123qnywFN0"


async def test_a_filter_that_nothing_fits_says_so_and_how_to_leave_it(app: KiteApp) -> None:
    async with driving(app, (80, 24), "3", "slash", *"zzz", "enter") as driver:
        assert "No pods match the filter" in driver.text
        assert "esc clears it" in driver.text


async def test_an_unfinished_expression_matches_literally_and_says_so(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"we[") as driver:
        assert driver.rows == []
        assert "taken literally" in driver.lines[-1]


class SlowSource(FakeSource):
    """Lists wait at a gate, and are counted."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.gate = threading.Event()
        self.gate.set()

    def list(self, kind: Kind[Any]) -> Listing[Any]:
        found = super().list(kind)
        if kind is PODS:
            assert self.gate.wait(10)
        return found


async def test_typing_never_queues_up_and_the_newest_text_wins() -> None:
    source = SlowSource(scene.objects(), scene.NOW_S)
    app = KiteApp(FakeSession(source))
    async with driving(app, (120, 40), "3", "slash") as driver:
        before = source.reads
        source.gate.clear()
        try:
            await driver.press(*"cart-7d9")
        finally:
            source.gate.set()
        await driver.settle()
        assert driver.rows == ["cart-7d9f6b5c44-x2v9p"]
        assert source.reads - before <= 2


# -- faults, order, columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["F", "ctrl+z"])
async def test_faults_only_and_all_again(app: KiteApp, key: str) -> None:
    async with driving(app, (120, 40), "3", key) as driver:
        assert driver.rows == FAULTY
        assert "faults only" in driver.lines[2]
        await driver.press_slowly(key)
        assert len(driver.rows) == 24


async def test_faults_among_nodes(app: KiteApp) -> None:
    async with driving(app, (120, 40), "2", "F") as driver:
        assert driver.rows == ["ip-10-0-45-42", "ip-10-0-76-211"]


@pytest.mark.parametrize(
    ("key", "column", "attribute"),
    [("N", "name", "name"), ("S", "status", "status"), ("P", "namespace", "namespace"), ("T", "restarts", "restarts")],
)
async def test_capitals_sort_and_sort_the_other_way(app: KiteApp, key: str, column: str, attribute: str) -> None:
    async with driving(app, (120, 40), "3", "N", "A", key) as driver:
        assert app.screen.sort_column == column  # type: ignore[attr-defined]
        once = names(driver, attribute)
        assert len(set(once)) > 1
        await driver.press_slowly(key)
        assert names(driver, attribute)[0] == once[-1]
        assert once[0] != once[-1]


@pytest.mark.parametrize("where", ["2", "3"])
@pytest.mark.parametrize(
    ("key", "usage", "requests"), [("C", "cpu", "cpu_requests"), ("M", "memory", "memory_requests")]
)
async def test_c_and_m_sort_by_usage_and_again_by_requests(
    app: KiteApp, where: str, key: str, usage: str, requests: str
) -> None:
    async with driving(app, (120, 40), where, key) as driver:
        assert app.screen.sort_column == usage  # type: ignore[attr-defined]
        await driver.press_slowly(key)
        assert app.screen.sort_column == requests  # type: ignore[attr-defined]
        await driver.press_slowly(key)
        assert app.screen.sort_column == usage  # type: ignore[attr-defined]


async def test_another_order_begins_at_its_top_unless_somebody_has_pointed_at_a_row(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "N") as driver:
        for key in ("C", "M", "A"):
            await driver.press_slowly(key)
            assert driver.table.cursor == 0
        await driver.press_slowly("down")
        pointed_at = driver.table.cursor_key
        await driver.press_slowly("N")
        assert driver.table.cursor_key == pointed_at


async def test_the_fullest_node_comes_first(app: KiteApp) -> None:
    async with driving(app, (120, 40), "2", "C") as driver:
        assert driver.rows[0] == "ip-10-0-190-35"
        assert driver.rows[-1] == "ip-10-0-45-42"  # no sample


async def test_shift_arrows_sort_by_any_column_and_at_the_end_reverse(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "shift+right") as driver:
        assert "NAME ↑" in driver.lines[3]
        await driver.press_slowly("shift+left", "shift+left")
        assert "NAMESPACE ↓" in driver.lines[3]
        assert names(driver, "namespace")[0] == "shop"


async def test_nodes_are_in_natural_order(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40), "2") as driver:
        source.put(NODES, scene.node("ip-10-0-9-9"))
        await driver.until("8 nodes")
        assert driver.rows[:3] == ["ip-10-0-0-21", "ip-10-0-9-9", "ip-10-0-13-123"]


@pytest.mark.parametrize("key", ["w", "ctrl+w"])
async def test_w_brings_more_columns_and_takes_them_away(app: KiteApp, key: str) -> None:
    async with driving(app, (240, 24), "3") as driver:
        assert "QOS" not in driver.lines[3]
        await driver.press_slowly(key)
        assert "QOS" in driver.lines[3]
        assert "IMAGE" in driver.lines[3]
        await driver.press_slowly(key)
        assert "QOS" not in driver.lines[3]


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (80, ["NAME ↑", "STATUS", "PODS", "CPU", "req", "MEM", "req"]),
        (200, ["NAME ↑", "STATUS", "ROLES", "PODS", "cores", "CPU", "req", "lim", "size", "MEM", "req", "lim",
               "CPU free", "MEM free", "VERSION", "AGE"]),
    ],
)  # fmt: skip
async def test_nodes_show_what_fits(app: KiteApp, width: int, titles: list[str]) -> None:
    async with driving(app, (width, 24), "2") as driver:
        header = driver.lines[3]
        at = 0
        for title in titles:
            assert title in header[at:], (title, header)
            at = header.index(title, at) + len(title)
        assert ("┃" in driver.lines[4]) is True


# -- the row under the cursor -----------------------------------------------------------------------------------


async def test_the_cursor_stays_with_its_object_when_rows_move(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (80, 24), "3", *"jjjjj") as driver:
        screen = app.screen
        assert isinstance(screen, PodsScreen)
        here = screen.selected()
        assert here is not None
        line = driver.table.cursor - driver.table.top
        for at in range(30):
            source.put(PODS, scene.pod(f"aaa-{at}", "aaa"))
        await driver.until("54 pods")
        assert screen.selected() == here
        assert driver.table.cursor - driver.table.top == line


async def test_the_cursor_goes_to_a_neighbour_when_its_object_goes(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (80, 24), "3", "j", "j", "j") as driver:
        screen = app.screen
        assert isinstance(screen, PodsScreen)
        assert screen.selected().name == "cilium-2bhl"  # type: ignore[union-attr]
        source.remove(PODS, ("kube-system", "cilium-2bhl"))
        await driver.until("23 pods")
        assert screen.selected().name == "cilium-3bhl"  # type: ignore[union-attr]


async def test_what_just_changed_is_marked(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40), "3") as driver:
        source.put(PODS, scene.pod("query-0", "search", "ip-10-0-126-197", version=2, owner="StatefulSet/query"))
        await driver.until(lambda: any("query-0" in line and "1/1" in line for line in driver.lines))
        await driver.until(lambda: driver.table._marks.next_s is not None)
        uid = "uid-search-query-0"
        assert driver.table._marks.of(uid)
        assert not driver.table._marks.of("uid-search-query-1")


async def test_g_and_capital_g_go_to_the_ends(app: KiteApp) -> None:
    async with driving(app, (80, 24), "3", "G") as driver:
        assert driver.table.cursor == 23
        await driver.press("g")
        assert driver.table.cursor == 0
        await driver.press("pagedown", "ctrl+u", "k")
        assert 0 < driver.table.cursor < 23


async def test_o_opens_the_node_of_a_pod_and_says_where_there_is_none(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "slash", *"query", "enter", "j", "o") as driver:
        assert driver.notices == ["query-1 is on no node"]
        await driver.press_slowly("k", "o")
        assert isinstance(app.screen, NodePage)
        assert app.screen.node_name == "ip-10-0-126-197"


async def test_y_opens_the_manifest_by_a_get(app: KiteApp, session: FakeSession) -> None:
    async with driving(app, (120, 40), "3", "y"):
        assert isinstance(app.screen, YamlPage)
        assert session.asked[-1][0] == "/api/v1/namespaces/data/pods/etl-nightly-29920492-f4rz9"


async def test_keys_of_a_row_do_nothing_where_there_is_none(source: FakeSource) -> None:
    source.remove(PODS, *[(pod.namespace, pod.name) for pod in scene.pods()])
    app = KiteApp(FakeSession(source))
    async with driving(app, (80, 24), "3", "enter", "o", "y", "c") as driver:
        assert isinstance(app.screen, PodsScreen)
        assert driver.notices == []


async def test_ages_go_on_while_nothing_happens(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40), "3") as driver:
        assert any("query-1" in line and line.endswith("20m") for line in driver.lines)
        source.clock_s += 600
        app._tick()
        await driver.until(lambda: any("query-1" in line and line.endswith("30m") for line in driver.lines))


# -- states -----------------------------------------------------------------------------------------------------


@dataclass
class Case:
    state: State
    said: tuple[str, ...]
    empty: bool = True
    truth: tuple[str, ...] = field(default=())


STATES = {
    "syncing": Case(Syncing(1500, 50_000), ("Reading pods…", "1 500 of 50 000 so far")),
    "empty": Case(Live(), ("No pods",)),
    "forbidden": Case(Forbidden("list", "all namespaces"), ("Forbidden: you may not list pods in all namespaces",)),
    "absent": Case(Absent(), ("This server has no pods",)),
    "auth": Case(Auth("token expired"), ("Signing in failed", "token expired")),
    "failed": Case(Failed("connection refused", scene.NOW_S + 4), ("Reading pods failed", "connection refused")),
    "stale": Case(Stale(scene.NOW_S - 40, "connection refused"), ("There were no pods", "stale since 14:12:40")),
    "partial": Case(Partial(2, 9), ("No pods in the 2 of 9 namespaces that could be read",)),
}


@pytest.mark.parametrize("name", STATES)
async def test_no_two_states_of_an_empty_list_look_alike(name: str) -> None:
    case = STATES[name]
    source = FakeSource(scene.with_kind({PODS: ()}), scene.NOW_S, states={PODS: case.state})
    async with driving(KiteApp(FakeSession(source)), (120, 24), "3") as driver:
        for said in case.said:
            assert said in driver.text
        others = {other.said[0] for key, other in STATES.items() if key != name} - {case.said[0]}
        assert not [other for other in others if other in driver.lines[4:-1]]


async def test_rows_come_in_while_the_first_list_is_read(source: FakeSource) -> None:
    source.become(Syncing(24, 5000), PODS)
    async with driving(KiteApp(FakeSession(source)), (120, 24), "3") as driver:
        assert "syncing pods 24 of 5 000…" in driver.lines[0]
        assert len(driver.rows) == 24


async def test_losing_the_cluster_keeps_the_rows_and_says_since_when(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 24), "3") as driver:
        source.become(Stale(scene.NOW_S - 5, "connection refused", scene.NOW_S + 4))
        await driver.until("stale since 14:13:15 (retry in 4 s: connection refused)")
        assert len(driver.rows) == 24
        source.become(Live())
        await driver.until("● live")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (Absent(), "no metrics: metrics API not installed"),
        (Forbidden("list", ""), "no metrics: forbidden"),
        (Syncing(1500), "   metrics: syncing 1 500…"),
    ],
)
@pytest.mark.parametrize(("key", "kind"), [("2", NODE_METRICS), ("3", POD_METRICS)])
async def test_missing_metrics_say_why(
    app: KiteApp, source: FakeSource, key: str, kind: Kind[Any], state: State, said: str
) -> None:
    async with driving(app, (120, 24), key) as driver:
        source.become(state, kind)
        await driver.until(said)


async def test_nodes_without_the_right_to_pods_say_forbidden_in_their_sums(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 24), "2") as driver:
        source.become(Forbidden("list", "all namespaces"), PODS)
        await driver.until("pods forbidden")
        row = next(line for line in driver.lines if "ip-10-0-13-123" in line)
        assert "forbidden" in row
        assert "21%" in row


@pytest.mark.parametrize("name", ["syncing", "forbidden", "absent", "auth", "failed"])
async def test_how_many_is_not_said_where_it_is_not_known(name: str) -> None:
    source = FakeSource(scene.with_kind({PODS: ()}), scene.NOW_S, states={PODS: STATES[name].state})
    async with driving(KiteApp(FakeSession(source)), (120, 24), "3") as driver:
        assert driver.lines[2].strip().startswith("pods")


async def test_a_list_that_is_live_but_not_in_order_yet_says_so_and_not_that_it_is_empty(
    app: KiteApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered, asks = threading.Event(), PodsScreen.question

    def slowly(screen: PodsScreen) -> Callable[[], Any]:
        ask = asks(screen)
        return lambda: ordered.wait(10) and ask()

    monkeypatch.setattr(PodsScreen, "question", slowly)
    async with driving(app, (120, 40)) as driver:
        await driver.pilot.press("3")
        await driver.until("Ordering pods…")
        assert "No pods" not in driver.text
        ordered.set()
        await driver.until("24 pods")
        assert "Ordering" not in driver.text
