"""Going to another context: what was shown is gone at once, whether or not the other cluster ever answers."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kite_tui.app import KiteApp
from kite_tui.demo.control import Control
from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import TOKEN
from kite_tui.demo.server import DemoServer
from kite_tui.kube.config import Flags
from kite_tui.objects.kinds import PODS, Kind
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pod_page import PodPage
from kite_tui.screens.pods import PodsScreen
from kite_tui.session.contexts import KubeconfigContexts, Manner
from kite_tui.settings import Settings
from kite_tui.widgets.choose import Choose
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.contexts import FakeContexts, quiet
from tests.screens.driving import Driver, driving
from tests.screens.test_command_prompt import enter
from tests.stopwatch import Stopwatch
from tests.widgets.host import lines_of


class Watched(KiteApp):
    """An app every frame of which is kept, each with how often the first session had been stopped by then."""

    def __init__(self, session: FakeSession, contexts: FakeContexts) -> None:
        super().__init__(session, contexts)
        self.first = session
        self.frames: list[tuple[int, str]] = []
        self.told: set[Kind[Any]] = set()

    def reader_changed(self, kind: Kind[Any]) -> None:
        """Kept too."""
        self.told.add(kind)
        super().reader_changed(kind)

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if self.is_running and self.screen_stack and screen is self.screen:
            self.frames.append((self.first.stops, "\n".join(lines_of(self))))


async def test_no_row_of_a_cluster_is_shown_once_another_was_chosen_also_where_that_is_silent(
    session: FakeSession, source: FakeSource
) -> None:
    dev = quiet("dev")
    app = Watched(session, FakeContexts(dev=dev))
    async with driving(app, (120, 40), "3", "slash", "c", "enter", "enter") as driver:
        assert driver.on(PodPage)
        app.choose_namespaces(("shop",))
        app.told.clear()
        await enter(driver, "ctx dev")
        await driver.until(lambda: driver.on(PodsScreen) and bool(dev.started))
        assert PODS in app.told  # whose state is another one now, although the server is silent
        app.told.clear()
        source.put(PODS, scene.pod("straggler", "shop"))
        assert app.told == set()
        await driver.until("pods syncing")
        await driver.settle()
        assert "dev" in driver.lines[0]
        assert "all namespaces" in driver.lines[0]
        assert "insecure TLS" in driver.lines[0]
        assert app.namespaces == ()
        assert "filter" not in driver.lines[2]
        after = [text for stops, text in app.frames if stops]
        assert "dev" in after[0].splitlines()[0]
        assert "syncing" in after[0].splitlines()[0]
        for old in ("prod-eu", "cart", "straggler", "shop"):
            assert not [text for text in after if old in text], old
        await enter(driver, "related")
        await driver.press_slowly("left_square_bracket")
        assert driver.notices[-1] == "this is where you came in"
        await driver.press("3", "q")
        await driver.until(lambda: not app.is_running)
    assert app.return_code == 0
    assert dev.stops


async def test_a_context_that_can_not_be_used_is_one_sentence_and_the_old_one_stays(
    session: FakeSession, source: FakeSource
) -> None:
    contexts = FakeContexts(dev=quiet("dev"))
    app = KiteApp(session, contexts)
    async with driving(app, (100, 30), "3") as driver:
        await enter(driver, "ctx")
        await driver.until("cluster-dev")
        assert driver.on(Choose)
        assert "can't be used" in driver.text
        await driver.press(*"brok", "enter")
        await driver.until(lambda: bool(driver.notices))
        assert driver.notices == [
            "the context 'broken' names the cluster 'none', which is not there; this is still prod-eu"
        ]
        assert session.stops == 0
        source.put(PODS, scene.pod("still-here", "shop"))
        await driver.until("25 pods")
        await driver.press("colon", *"ctx", "space", "d", "tab")
        assert driver.lines[-1].startswith(" : ctx dev")
        await driver.press("escape")
        contexts.error = "the kubeconfig /x is not valid YAML"
        await enter(driver, "ctx")
        await driver.until(lambda: driver.notices[-1] == "the kubeconfig /x is not valid YAML")
        contexts.error = ""
        contexts.mistake = KeyError("ours")
        await enter(driver, "ctx dev")
        await driver.until(lambda: driver.notices[-1].endswith("this is still prod-eu"))
        assert driver.notices[-1].startswith("kite-tui made a mistake (KeyError)")
        await enter(driver, "ctx")
        await driver.until(lambda: driver.notices[-1].endswith("--log-file has more"))
        contexts.mistake = None
        await enter(driver, "ctx")
        await driver.until("cluster-dev")
        await driver.press(*"dev", "enter")
        await driver.until(lambda: session.stops == 1)
        await driver.until(lambda: driver.on(PodsScreen) and "dev" in driver.lines[0])


async def test_of_two_contexts_chosen_quickly_the_last_one_is_shown_and_the_other_one_stopped(
    session: FakeSession,
) -> None:
    dev, test = quiet("dev"), quiet("test")
    app = KiteApp(session, FakeContexts(dev=dev, test=test))
    async with driving(app, (100, 30)) as driver:
        app.switch_context("dev")
        app.switch_context("test")
        await driver.until(lambda: bool(test.started) and driver.on(OverviewScreen))
        await driver.until(lambda: bool(dev.stops))
        assert (session.stops, dev.started, test.started, test.stops) == (1, 0, 1, 0)
        assert "test" in driver.lines[0]


# -- real sessions --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def served(pods: int) -> Iterator[DemoServer]:
    """A small simulated cluster that stands still."""
    cluster = generate(DemoOptions(nodes=3, pods=pods, rate=0), time.time)
    with DemoServer(cluster.world, metrics=Metrics(cluster)) as server:
        server.access.open_to_all()
        yield server


def kubeconfig(path: Path, **servers: str) -> Path:
    """A context for each server, and one whose certificate authority is missing; the first is the current one."""
    clusters: list[dict[str, Any]] = [{"name": name, "cluster": {"server": url}} for name, url in servers.items()]
    missing = {"server": "https://127.0.0.1:1", "certificate-authority": "/nonexistent/ca.crt"}
    clusters.append({"name": "no-ca", "cluster": missing})
    contexts = [{"name": each["name"], "context": {"cluster": each["name"], "user": "u"}} for each in clusters]
    users = [{"name": "u", "user": {"token": TOKEN}}]
    document = {"current-context": next(iter(servers)), "clusters": clusters, "contexts": contexts, "users": users}
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[DemoServer, DemoServer, KubeconfigContexts]]:
    """Two clusters and the contexts that lead there."""
    with served(20) as one, served(31) as other:
        file = kubeconfig(tmp_path / "config", one=one.url, other=other.url)
        yield one, other, KubeconfigContexts(Flags(kubeconfig=str(file)), {}, Manner(Settings()))


async def test_requests_of_the_old_cluster_end_within_a_second_and_nothing_of_it_is_kept(
    two: tuple[DemoServer, DemoServer, KubeconfigContexts],
) -> None:
    one, other, contexts = two
    app = KiteApp(contexts.manner.opening(contexts.first(), contexts))
    async with app.run_test(size=(120, 40)) as pilot:
        driver = Driver(app, pilot)
        await driver.until("● live")
        await driver.press("3")
        await driver.until("20 pods")
        assert len(one.watches) >= 9
        await enter(driver, "ctx no-ca")
        await driver.until(lambda: bool(driver.notices))
        assert driver.notices[-1].startswith("can't read the certificate authority /nonexistent/ca.crt")
        assert driver.notices[-1].endswith("; this is still one")
        assert len(one.watches) >= 9
        old = weakref.ref(app.session.reader)
        await enter(driver, "ctx other")
        await driver.until(lambda: app.session.reader.head.context == "other")
        chosen = Stopwatch()
        await driver.until(lambda: not one.watches)
        assert chosen.s < 1
        await driver.until("31 pods")
        await driver.until(lambda: old() is None)
        Control(one).silence()
        await enter(driver, "ctx one")
        await driver.until(lambda: driver.on(PodsScreen) and app.session.reader.head.context == "one")
        assert "one" in driver.lines[0]
        assert "syncing" in driver.lines[0]
        assert "31 pods" not in driver.text
        await driver.until(lambda: not other.watches)
        await driver.press("q")
        await driver.until(lambda: not app.is_running)


def test_flags_go_with_every_context_and_the_namespaces_of_the_first_one_do_not(
    two: tuple[DemoServer, DemoServer, KubeconfigContexts],
) -> None:
    _, other, contexts = two
    flags = dataclasses.replace(contexts.flags, context="one", token="mine", as_="jane")
    contexts = dataclasses.replace(contexts, flags=flags)
    first = contexts.manner.opening(contexts.first(), contexts, ("shop",))
    assert (first.cluster, first.namespaces, first.alarms) == ("one", ("shop",), ("as jane",))
    second = contexts.opening("other")
    assert (second.cluster, second.namespaces, second.alarms) == ("other", (), ("as jane",))
    session = second.open()
    assert (session.config.server, session.config.user.token, session.namespaces) == (other.url, "mine", ())
    session.stop()
