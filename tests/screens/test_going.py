"""Going from screen to screen, and what works on all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.widget import Widget

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import NODE_METRICS, NODES, POD_METRICS, PODS
from kite_tui.objects.states import Stale
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.node_page import NodePage
from kite_tui.screens.nodes import NodesScreen
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pod_page import PodPage
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.yaml_page import YamlPage
from kite_tui.widgets.choose import Choose
from kite_tui.widgets.foot import Foot
from kite_tui.widgets.frame import Tabs, TruthLine
from kite_tui.widgets.help import Help
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import driving

ROOTS: dict[str, type[KiteScreen[Any]]] = {"1": OverviewScreen, "2": NodesScreen, "3": PodsScreen}


@pytest.mark.parametrize("key", ROOTS)
async def test_digits_go_to_the_screens(app: KiteApp, key: str) -> None:
    async with driving(app, (80, 24), "2", key) as driver:
        assert driver.on(ROOTS[key])


async def test_a_digit_leaves_the_pages_above_its_screen(app: KiteApp) -> None:
    async with driving(app, (80, 24), "2", "enter") as driver:
        assert driver.on(NodePage)
        await driver.press("2")
        assert driver.on(NodesScreen)


async def test_q_goes_back_and_at_the_root_quits_with_0(app: KiteApp) -> None:
    async with driving(app, (80, 24), "3", "enter") as driver:
        assert driver.on(PodPage)
        await driver.press("q")
        assert driver.on(PodsScreen)
        await driver.press("q")
        await driver.until(lambda: not app.is_running)
    assert app.return_code == 0


async def test_esc_goes_back_but_never_out(app: KiteApp) -> None:
    async with driving(app, (80, 24), "3", "enter") as driver:
        await driver.press("escape")
        assert driver.on(PodsScreen)
        await driver.press("escape")
        assert driver.on(PodsScreen)
        assert app.is_running


@pytest.mark.parametrize(
    ("key", "before"),
    [
        ("ctrl+c", ()),
        ("ctrl+q", ("question_mark",)),
        ("ctrl+c", ("n",)),
        ("ctrl+q", ("3", "slash", "x")),
        ("ctrl+c", ("2", "enter", "y")),
    ],
)
async def test_ctrl_c_and_ctrl_q_quit_from_anywhere(app: KiteApp, key: str, before: tuple[str, ...]) -> None:
    async with driving(app, (80, 24), *before) as driver:
        await driver.press(key)
        await driver.until(lambda: not app.is_running)
    assert app.return_code == 0


async def test_the_session_ends_with_the_app(app: KiteApp, session: FakeSession) -> None:
    async with driving(app):
        assert session.stops == 0
    assert session.stops >= 1


async def test_the_cluster_is_asked_only_when_the_frame_is_on_screen(source: FakeSource) -> None:
    seen: list[str] = []

    class Watching(FakeSession):
        def start(self, *arguments: object) -> None:
            from tests.widgets.host import lines_of

            seen.extend(lines_of(app))
            super().start(*arguments)  # type: ignore[arg-type]

    app = KiteApp(Watching(source))
    async with driving(app):
        assert "Overview" in seen[1]
        assert "prod-eu" in seen[0]


async def test_help_opens_and_closes(app: KiteApp) -> None:
    async with driving(app, (80, 24), "question_mark") as driver:
        assert driver.on(Help)
        await driver.press("question_mark")
        assert driver.on(OverviewScreen)


async def test_the_palette_has_what_the_keys_have(app: KiteApp) -> None:
    async with driving(app, (120, 40), "ctrl+p") as driver:
        assert driver.on(CommandPalette)
        await driver.until("All namespaces")
        await driver.press(*"pods")
        await driver.until("All namespaces", gone=True)
        await driver.press("enter")
        await driver.until(lambda: isinstance(app.screen, PodsScreen))


async def test_the_palette_has_the_keys_of_the_screen_below_it_too(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3") as driver:
        await driver.settle()
        await driver.press("ctrl+p", *"faults")
        await driver.until("Faults only")
        await driver.press("enter")
        await driver.until("faults only")


@pytest.mark.parametrize("key", "123")
async def test_how_old_stale_data_is_goes_on_while_nothing_else_happens(
    app: KiteApp, source: FakeSource, key: str
) -> None:
    async with driving(app, (120, 40), key) as driver:
        source.become(Stale(source.clock_s - 40, "cut"))
        source.become(Stale(source.clock_s - 40, "cut"), NODE_METRICS)
        await driver.until("stale 40 s")
        await driver.settle()
        source.clock_s += 50
        app._tick()
        await driver.settle()
        assert "stale 40 s" not in driver.text
        assert "stale 90 s" in driver.text


async def test_a_change_that_comes_while_the_app_ends_costs_nothing(app: KiteApp) -> None:
    async with driving(app, (80, 24)):
        pass
    app._show_changes()
    app._tick()


async def test_a_tick_that_comes_before_a_screen_is_composed_costs_nothing(app: KiteApp) -> None:
    async with driving(app, (80, 24)) as driver:
        app.switch_mode("pods")
        app._tick()
        app._show_changes()
        app._root("pods").on_screen_resume()
        await driver.until("pods")


async def test_a_tick_that_comes_while_a_screen_loses_its_widgets_costs_nothing(
    app: KiteApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[Widget] = []

    def last_words(widget: Widget) -> None:
        ticks.append(widget)
        app._tick()
        app._show_changes()

    for kind in (TruthLine, Tabs, Foot):
        monkeypatch.setattr(kind, "on_unmount", last_words, raising=False)
    async with driving(app, (80, 24), "2"):
        pass
    assert len(ticks) >= 6


async def test_ctrl_r_asks_the_server_again(app: KiteApp, session: FakeSession) -> None:
    async with driving(app, (80, 24), "ctrl+r") as driver:
        assert session.refreshes == 1
        assert driver.notices == ["asking the server again"]


async def test_what_a_screen_needs_is_read_while_it_is_in_sight_and_not_longer(
    app: KiteApp, source: FakeSource
) -> None:
    async with driving(app, (80, 24)) as driver:
        assert source.needed == {NODE_METRICS}
        for keys, needed in (
            (("2",), {NODE_METRICS}),
            (("enter",), {NODE_METRICS, POD_METRICS}),
            (("enter",), {POD_METRICS}),
            (("2",), {NODE_METRICS}),
            (("3",), {POD_METRICS}),
            (("question_mark",), {POD_METRICS}),
        ):
            await driver.press_slowly(*keys)
            await driver.until(lambda wanted=needed: source.needed == wanted)  # type: ignore[misc]


# -- namespaces -------------------------------------------------------------------------------------------------


async def test_n_chooses_namespaces_and_0_shows_all_again(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "n") as driver:
        assert driver.on(Choose)
        await driver.press(*"pay", "enter")
        await driver.until("2 of 24 pods")
        assert driver.rows == ["ledger-5b7f9c-wq8kx", "restarted-59c7-jq6nm"]
        assert "NAMESPACE" not in driver.lines[3]
        assert "payments" in driver.lines[0]
        await driver.press("0")
        await driver.until("24 pods")
        assert "all namespaces" in driver.lines[0]


async def test_namespaces_narrow_the_overview_and_never_the_sums_of_nodes(app: KiteApp) -> None:
    async with driving(app, (120, 40), "2") as driver:
        before = driver.lines[2:]
        app.choose_namespaces(("payments",))
        await driver.settle()
        assert driver.lines[2:] == before
        await driver.press("1")
        await driver.until("1 of 2 healthy")
        assert "requests, limits, waiting: of the namespaces shown" in driver.text


async def test_no_pods_in_the_namespaces_is_not_the_filters_doing(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3") as driver:
        app.choose_namespaces(("legacy",))
        await driver.until("No pods in legacy")
        assert "filter" not in driver.text.splitlines()[5]


# -- saving, copying --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["svg", "json", "csv"])
async def test_ctrl_s_saves_the_rows_shown(
    app: KiteApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.chdir(tmp_path)
    async with driving(app, (120, 40), "3", "slash", *"web-", "enter", "ctrl+s") as driver:
        await driver.press_slowly(*ending, "enter")
        await driver.until(lambda: bool(driver.notices))
    (saved,) = tmp_path.iterdir()
    assert driver.notices == [f"saved {saved}"]
    assert saved.suffix == f".{ending}"
    text = saved.read_text()
    if ending == "json":
        assert [item["name"][:4] for item in json.loads(text)["items"]] == ["web-"] * 7
    elif ending == "csv":
        assert len(text.splitlines()) == 8
    else:
        assert "web-6c8d1f7b9-4k2xq" in text
        assert "Save this view as" not in text


async def test_what_cannot_be_saved_is_said(app: KiteApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    async with driving(app, (120, 40), "ctrl+s") as driver:
        await driver.press("enter")
        await driver.until(lambda: bool(driver.notices))
        assert driver.notices[0].startswith("can't save to ")


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (("2",), "ip-10-0-0-21"),
        (("2", "enter"), "ip-10-0-0-21"),
        (("3",), "etl-nightly-29920492-f4rz9"),
        (("3", "enter"), "etl-nightly-29920492-f4rz9"),
        (("3", "y"), "etl-nightly-29920492-f4rz9"),
    ],
)
async def test_c_copies_the_name_and_says_so(
    app: KiteApp, keys: tuple[str, ...], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")  # the clipboard of this machine stays as it is
    async with driving(app, (80, 24), *keys, "c") as driver:
        assert app.clipboard == name
        assert driver.notices == [f"copied {name}"]


# -- what must be true of all keys ------------------------------------------------------------------------------


def _with_bindings() -> list[type[DOMNode]]:
    found: list[type[DOMNode]] = [KiteApp]
    waiting: list[type[DOMNode]] = [KiteScreen, YamlPage, Choose, Help, Widget]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("kite_tui."):
            found.append(kind)
    return found


@pytest.mark.parametrize("kind", _with_bindings(), ids=lambda kind: kind.__name__)
def test_every_binding_can_be_remapped_and_no_printable_key_jumps_the_queue(kind: type[DOMNode]) -> None:
    for binding in kind.__dict__.get("BINDINGS", ()):
        assert isinstance(binding, Binding)
        assert binding.id
        for key in binding.key.split(","):
            assert not (binding.priority and (len(key) == 1 or key in ("slash", "space", "question_mark")))


# -- faults, changes --------------------------------------------------------------------------------------------


async def test_a_query_that_fails_says_so_once_and_recovers(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40), "2") as driver:
        source.fault = KeyError("no such index")
        for at in range(3):
            before = source.reads
            source.put(NODES, scene.node(f"new-{at}"))
            await driver.until(lambda before=before: source.reads > before)  # type: ignore[misc]
            await driver.settle()
        await driver.until(lambda: bool(driver.notices))
        assert len(driver.notices) == 1
        assert driver.notices[0].startswith("kite-tui made a mistake: KeyError;")
        source.fault = None
        source.put(NODES, scene.node("new-3"))
        await driver.until("11 nodes")


async def test_a_burst_of_changes_is_one_answer(
    app: KiteApp, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driving(app, (120, 40), "3") as driver:
        asked: list[object] = []
        question = PodsScreen.question
        monkeypatch.setattr(PodsScreen, "question", lambda screen: asked.append(screen) or question(screen))  # type: ignore[func-returns-value]
        for at in range(500):
            source.put(PODS, scene.pod(f"burst-{at}", "data"))
        await driver.until("524 pods")
        assert len(asked) <= 2


async def test_an_unknown_theme_is_said_and_replaced(session: FakeSession) -> None:
    app = KiteApp(session, theme_name="no-such-theme")
    async with driving(app) as driver:
        assert app.theme == "kite-dark"
        assert driver.notices == ["there is no theme 'no-such-theme'; ctrl-p lists them"]


@pytest.mark.parametrize("name", ["textual-light", "nord", "ansi-dark"])
async def test_every_theme_has_the_inks(session: FakeSession, name: str) -> None:
    app = KiteApp(session, theme_name=name)
    async with driving(app, (80, 24), "2", "enter", "1") as driver:
        assert app.theme == name
        assert "healthy" in driver.text


async def test_a_tick_or_a_change_may_come_while_a_page_is_being_opened_or_left(
    app: KiteApp, source: FakeSource
) -> None:
    async with driving(app, (80, 24), "2") as driver:
        app.open_node("ip-10-0-0-21")
        app._tick()
        source.put(NODES, scene.node("one-more"))
        app._show_changes()
        await driver.until("ALLOCATABLE")
        app.back()
        app._tick()
        app._show_changes()
        await driver.until("8 nodes")
