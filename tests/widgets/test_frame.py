"""The frame: what is left out when space is short, and that the state never is."""

from __future__ import annotations

from datetime import UTC

import pytest
from rich.cells import cell_len

from kite_tui.objects.states import Auth, Forbidden, Live, Partial, Stale, State, Syncing
from kite_tui.widgets.frame import KeyHint, KeyLine, Tab, Tabs, Truth, TruthLine, key_line, truth_line
from tests.widgets.host import Host, lines_of

NOW_S = 1_700_000_000.0
TABS = [Tab("1", "Overview", "overview"), Tab("2", "Nodes", "nodes"), Tab("3", "Pods", "pods")]


def said(width: int, state: State | None = None, **more: object) -> str:
    facts: dict[str, object] = {"context": "prod-eu", "version": "v1.36.1", "kinds": 6, "objects": 5214}
    truth = Truth(state=state or Live(), what="pods", events_per_s=12, now_s=NOW_S, zone=UTC, **{**facts, **more})  # type: ignore[arg-type]
    return "".join(text for text, _ in truth_line(truth, width))


def test_with_room_everything_is_said() -> None:
    line = said(100)
    assert line.startswith(" kite   prod-eu  all namespaces  v1.36.1")
    assert line.rstrip().endswith("● live  6 kinds · 5 214 objects · 12 ev/s")


def test_the_frame_drops_events_then_objects_then_version_then_kinds() -> None:
    parts = {"ev/s": None, "objects": None, "v1.36.1": None, "kinds": None}
    gone: list[str] = []
    for width in range(110, 20, -1):
        line = said(width)
        gone += [part for part in parts if part not in line and part not in gone]
    assert gone == ["ev/s", "objects", "v1.36.1", "kinds"]


@pytest.mark.parametrize("width", range(10, 200, 7))
@pytest.mark.parametrize(
    "state", [Live(), Syncing(1500), Stale(NOW_S - 40, "connection refused", NOW_S + 4), Forbidden("list", "")]
)
def test_the_state_is_never_left_out_and_the_line_never_too_long(width: int, state: State) -> None:
    line = said(width, state, context="arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu", alarms=("insecure TLS",))
    assert cell_len(line) <= width
    word = {Live: "live", Syncing: "sync", Stale: "stale", Forbidden: "forbidden"}[type(state)]
    assert word[: max(3, width - 5)] in line or width < 12
    assert "insecure TLS" in line or "!" in line or width < 40


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (Syncing(), "◐ signing in: aws…  6 kinds"),
        (Stale(NOW_S - 40, "the server does not accept the credentials"), "○ stale since 22:12:40 (signing in: aws…)"),
        (Auth("no credentials"), "✗ not signed in (signing in: aws…)"),
        (Live(), "● live  6 kinds"),
    ],
)
def test_a_credential_plugin_that_runs_is_named_where_something_waits_for_it(state: State, line: str) -> None:
    assert line in said(120, state, signing_in="aws")


@pytest.mark.parametrize(
    ("silent_s", "word"),
    [(None, "● live  6"), (9.9, "● live  6"), (10, "● live, last heard 10 s ago"), (44, "40 s ago")],
)
def test_a_server_that_says_nothing_is_live_and_says_for_how_long(silent_s: float | None, word: str) -> None:
    assert word in said(120, silent_s=silent_s)
    assert "heard" not in said(120, Stale(NOW_S - 40, "cut"), silent_s=silent_s)
    assert "heard" not in said(120, Partial(2, 9, "a: cut", NOW_S - 40), silent_s=silent_s)


def test_a_part_of_what_a_silent_server_has_says_for_how_long_too() -> None:
    assert "◑ partial: 2 of 9 namespaces, last heard 10 s ago (b: no)" in said(120, Partial(2, 9, "b: no"), silent_s=12)


@pytest.mark.parametrize("width", range(10, 200, 7))
def test_its_silence_never_takes_the_room_of_the_state(width: int) -> None:
    line = said(width, silent_s=45)
    assert cell_len(line) <= width
    assert "live" in line


def test_a_long_context_is_cut_in_its_middle() -> None:
    line = said(80, context="arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu")
    assert "arn:aws" in line
    assert "…" in line
    assert "prod-eu" in line


def test_namespaces_are_named_while_they_are_few() -> None:
    assert "  shop  " in said(120, namespaces=("shop",))
    assert "shop, etl" in said(120, namespaces=("shop", "etl"))
    assert "9 namespaces" in said(120, namespaces=tuple(f"namespace-{n}" for n in range(9)))


async def test_alarms_are_red_badges() -> None:
    line = TruthLine(Truth("c", state=Live(), alarms=("as admin",)))
    async with Host(line).run_test(size=(80, 3)) as pilot:
        await pilot.pause()
        [badge] = [segment for segment in line.line_strip(80) if "as admin" in segment.text]
        assert badge.style is not None
        assert badge.style == line.palette.plain["alarm"]
        assert badge.style.reverse


async def test_a_truth_that_reads_the_same_is_not_drawn_again() -> None:
    line = TruthLine()
    async with Host(line).run_test(size=(80, 3)) as pilot:
        line.show(Truth("one"))
        await pilot.pause()
        drawn = []
        original = line.line_strip
        line.line_strip = lambda width: drawn.append(width) or original(width)  # type: ignore[func-returns-value,method-assign]
        line.show(Truth("one"))
        await pilot.pause()
        assert drawn == []


class Chosen(Host):
    def on_tabs_chosen(self, message: Tabs.Chosen) -> None:
        self.said.append(message.tab_id)


async def test_a_click_chooses_the_tab_under_it() -> None:
    app = Chosen(Tabs(TABS, "nodes"))
    async with app.run_test(size=(60, 3)) as pilot:
        await pilot.pause()
        line = lines_of(app)[0]
        for label in ("Overview", "Nodes", "Pods"):
            await pilot.click(Tabs, offset=(line.index(label), 0))
        await pilot.click(Tabs, offset=(55, 0))
        assert app.said == ["overview", "nodes", "pods"]


async def test_the_current_tab_is_marked_and_keeps_its_name_where_space_is_short() -> None:
    tabs = Tabs(TABS, "nodes")
    async with Host(tabs).run_test(size=(60, 3)) as pilot:
        await pilot.pause()
        assert [s.text for s in tabs.line_strip(60) if s.style == tabs.palette.plain["badge"]] == [" 2 "]
        tabs.show("pods")
        assert tabs.line_strip(17).text.split() == ["1", "2", "3", "Pods"]


def test_keys_are_left_out_whole_by_rank_and_an_ellipsis_says_so() -> None:
    hints = [KeyHint("enter", "open"), KeyHint("n", "namespaces", 1), KeyHint("w", "wide", 2), KeyHint("q", "quit")]
    full = "".join(text for text, _ in key_line(hints, (), 80))
    assert full.split() == ["enter", "open", "n", "namespaces", "w", "wide", "q", "quit"]
    short = "".join(text for text, _ in key_line(hints, (), 42))
    assert short.split() == ["enter", "open", "n", "namespaces", "q", "quit", "…"]
    assert all(cell_len("".join(text for text, _ in key_line(hints, (), width))) <= width for width in range(2, 90))


async def test_the_legend_gives_way_to_the_keys() -> None:
    line = KeyLine()
    async with Host(line).run_test(size=(60, 3)) as pilot:
        line.show([KeyHint("q", "quit")], [("█ usage  ┃ requests", "dim")])
        await pilot.pause()
        assert lines_of(pilot.app)[0].endswith("requests")
        await pilot.resize_terminal(20, 3)
        await pilot.pause()
        assert lines_of(pilot.app)[0].strip() == "q quit"
