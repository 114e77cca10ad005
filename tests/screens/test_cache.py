"""Cache: every kind with what it costs, in every state, and the page of one of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kite_tui.objects.kinds import DEPLOYMENTS, NAMESPACES, PODS
from kite_tui.objects.states import Live, Off
from kite_tui.screens.cache import CacheScreen
from kite_tui.screens.cache_cells import COLUMNS, state_cell
from kite_tui.screens.cache_page import CachePage
from kite_tui.widgets.detail import Sections
from tests.screens.driving import Driver, driving
from tests.screens.loads import ALL_LIVE, NOW_S, REFUSED, RESET, STATES, StillWatch, cache_app, costs

NAMES = sorted(kind.plural for kind in STATES)


def names(driver: Driver) -> list[str]:
    screen = driver.app.screen
    assert isinstance(screen, CacheScreen)
    assert screen.view is not None
    return [row.name for row in screen.view.rows]


def row_of(driver: Driver, name: str) -> str:
    found = [line for line in driver.lines if line.strip().startswith(name)]
    assert found, driver.text
    return found[0]


async def test_key_8_shows_every_kind_that_is_followed_with_its_numbers() -> None:
    async with driving(cache_app(ALL_LIVE), (150, 40), "8") as driver:
        assert driver.on(CacheScreen)
        assert names(driver) == NAMES
        words = row_of(driver, "services").split()
        assert words[:3] == ["services", "●", "live"]
        assert {"244Ki", "1.3", "340", "17s", "5", "1"} <= set(words)


async def test_requests_are_told_by_verb_with_their_times_and_what_waits() -> None:
    async with driving(cache_app(), (120, 40), "8") as driver:
        lists = next(line for line in driver.lines if line.startswith(" lists")).split()
        assert lists[:4] == ["lists", "212", "2", "0"]
        assert "3 now" in driver.text
        assert "rate limit 1.2 s" in driver.text
        assert "3.4 MiB" in driver.text
        assert "9 watches open" in driver.text
        assert "12 ms at most, p99 3 ms, in 60 s" in driver.text


async def test_what_is_not_known_is_a_mark_and_never_a_zero() -> None:
    async with driving(cache_app(), (150, 40), "8") as driver:
        words = row_of(driver, "nodes  ").split()
        assert words[:3] == ["nodes", "✗", "forbidden"]
        assert words[3] == "-"
        assert words.count("-") == 5  # objects, held, events/s, listed in, heard


async def test_before_anything_was_asked_the_screen_says_so() -> None:
    async with driving(cache_app(quiet=True), (120, 40), "8") as driver:
        assert "none yet" in driver.text
        assert "nothing is followed yet" in driver.text


def test_no_two_states_look_alike() -> None:
    states = [*STATES.values(), Off()]
    assert len({state_cell(state, NOW_S).text for state in states}) == len({type(state) for state in states}) == 10


@pytest.mark.parametrize("column", [column.id for column in COLUMNS if not column.wide])
async def test_each_column_sorts_both_ways(column: str) -> None:
    async with driving(cache_app(), (150, 40), "8") as driver:
        screen = driver.app.screen
        assert isinstance(screen, CacheScreen)
        screen.table.sort_by(column)
        await driver.settle()
        once = names(driver)
        screen.table.sort_by(column)
        await driver.settle()
        assert sorted(names(driver)) == sorted(once) == NAMES
        assert screen.reverse is (column != "name")  # that one was sorted by before
        assert (driver.lines[9].count("↑"), driver.lines[9].count("↓")) in ((1, 0), (0, 1))


async def test_keys_sort_by_name_and_by_state() -> None:
    async with driving(cache_app(), (120, 40), "8", "S") as driver:
        assert names(driver)[0] == "deployments.apps"  # nobody is signed in: the worst there is
        await driver.press_slowly("S")
        assert names(driver)[-1] == "deployments.apps"
        await driver.press_slowly("N")
        assert names(driver) == NAMES


async def test_a_filter_looks_in_the_name_and_in_columns_and_esc_clears_it() -> None:
    async with driving(cache_app(), (120, 40), "8", "slash", *"state:stale", "enter") as driver:
        assert names(driver) == ["services"]
        assert "1 of 10 kinds" in driver.text
        assert "filter state:stale" in driver.text
        await driver.press_slowly("escape")
        assert names(driver) == NAMES


async def test_faults_only_leaves_out_what_is_well() -> None:
    async with driving(cache_app(), (120, 40), "8", "F") as driver:
        assert NAMESPACES.plural not in names(driver)
        assert DEPLOYMENTS.plural in names(driver)
        assert "faults only" in driver.text


async def test_where_nothing_is_wrong_faults_only_says_so() -> None:
    async with driving(cache_app(ALL_LIVE), (80, 24), "8", "F") as driver:
        await driver.until("nothing is wrong with any kind; esc shows all")
        await driver.press_slowly("escape")
        assert names(driver)


async def test_a_filter_that_nothing_fits_says_how_to_leave_it() -> None:
    async with driving(cache_app(ALL_LIVE), (80, 24), "8", "slash", *"zzz", "enter") as driver:
        assert "esc clears it" in driver.text


async def test_the_numbers_go_on_once_a_second_while_in_sight() -> None:
    app = cache_app(ALL_LIVE)
    async with driving(app, (120, 40), "8") as driver:
        assert "17s" in row_of(driver, "pods")
        app.session.reader.clock_s += 60  # type: ignore[attr-defined]
        app._tick()
        await driver.settle()
        assert "77s" in row_of(driver, "pods")
        assert app.session.meter.samples >= 1  # type: ignore[attr-defined]


async def test_asking_again_weighs_anew() -> None:
    app = cache_app(ALL_LIVE)
    async with driving(app, (120, 40), "8") as driver:
        app.session.reader.weight_b = 2048  # type: ignore[attr-defined]
        app._tick()
        await driver.settle()
        before = row_of(driver, "pods")
        await driver.press_slowly("ctrl+r")
        assert row_of(driver, "pods") != before
        assert app.session.refreshes == 1  # type: ignore[attr-defined]


async def test_stalls_are_timed_only_while_the_screen_is_in_sight() -> None:
    app = cache_app()
    watch = app.loop_watch
    assert isinstance(watch, StillWatch)
    async with driving(app, (120, 40)) as driver:
        assert watch.wanted == set()
        await driver.press_slowly("8")
        assert watch.wanted == {"cache"}
        await driver.press_slowly("2")
        assert watch.wanted == set()


async def test_what_is_saved_as_json_are_the_rows_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with driving(cache_app(), (120, 40), "8", "F", "ctrl+s", "j", "space", "enter") as driver:
        await driver.until(lambda: bool(driver.notices))
        document = json.loads(next(tmp_path.glob("kite-cache-*.json")).read_text())
        assert [item["kind"] for item in document["items"]] == names(driver)
        assert document["loop"] == {"state": "ok", "reason": None, "most_ms": 12.0, "p99_ms": 3.0, "over_s": 60}


async def test_enter_shows_the_last_error_in_full_and_every_scope() -> None:
    async with driving(cache_app(), (100, 40), "8", "slash", *"pods", "enter", "enter") as driver:
        assert driver.on(CachePage)
        assert REFUSED in " ".join(driver.text.split())
        assert "the whole cluster" in driver.text
        for scope in ("data", "shop"):
            assert "● live" in row_of(driver, scope)
        await driver.press_slowly("escape")
        assert driver.on(CacheScreen)


async def test_a_page_goes_on_and_says_when_its_kind_is_let_go() -> None:
    app = cache_app()
    async with driving(app, (100, 40), "8", "slash", *"services", "enter", "enter") as driver:
        assert RESET in " ".join(driver.text.split())
        app.session.reader.costs = costs({PODS: Live()})  # type: ignore[attr-defined]
        app._tick()
        await driver.settle()
        assert "is not followed any more" in driver.text


@pytest.mark.parametrize("size", [(20, 10), (40, 12), (80, 24), (200, 50)], ids=str)
async def test_a_screen_of_any_size_has_rows_and_a_block(size: tuple[int, int]) -> None:
    async with driving(cache_app(ALL_LIVE), size, "8") as driver:
        assert "daem" in driver.text
        assert driver.app.screen.query_one(Sections).region.height >= 1
        assert driver.table.region.height >= 2
