"""Costs held by counting, where a clock would only hold the machine: what the first frame loads, what a change draws,
what a list parses. The other counters stand beside what they count: requests of a list in tests/cache/test_over_http,
rows that the collector needn't know in tests/objects/test_decode, cells of a table in tests/widgets/test_table."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from textual.screen import Screen

import kite_tui.app
from kite_tui.app import KiteApp
from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.quantity import parse
from kite_tui.screens.opening import OpeningScreen
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pods import PodsScreen
from kite_tui.session.interpreter import OLD_EVERY
from kite_tui.widgets.table import RowTable
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.contexts import FakeContexts
from tests.screens.driving import Driver

PODS_MADE = 2_000
SIZE = (120, 40)

FIRST_FRAME = """
import sys
from kite_tui.app import KiteApp
from kite_tui.kube.config import Flags, load
from kite_tui.session.cluster import ClusterSession
from kite_tui.settings import Settings

class UntilTheFirstFrame(KiteApp):
    def _begin(self, session):
        self.exit()

config = load(Flags(server="http://127.0.0.1:9"), {"KUBECONFIG": "/dev/null"})
UntilTheFirstFrame(ClusterSession(config, Settings())).run(headless=True)
print(sorted({name.partition(".")[0] for name in sys.modules}))
"""


LOADED = """
import gc
from kite_tui import running
from kite_tui.cli.arguments import parse
from kite_tui.cli.start import _run_app
from kite_tui.kube.clientconfig import ClientConfig, Cluster
from kite_tui.session.contexts import Manner, OneContext
from kite_tui.settings import Settings

def run_app(*_, **__):
    print(gc.get_freeze_count() > 0, gc.isenabled())
    return 0

running.run_app = run_app
one = OneContext(ClientConfig("here", Cluster("http://127.0.0.1:9")), Manner(Settings()))
_run_app(parse([]), one, Settings())
"""

CONNECTED = """
import gc, sys
from kite_tui.kube.config import Flags, load
from kite_tui.session.cluster import _connect
from kite_tui.settings import Settings

_connect(load(Flags(server="http://127.0.0.1:9"), {"KUBECONFIG": "/dev/null"}), Settings(), None, lambda _: None)
print(sys.getswitchinterval(), gc.get_threshold()[2], gc.get_freeze_count() > 0)
print(sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.fixture(scope="module")
def bodies() -> Sequence[bytes]:
    """The pods of a simulated cluster, as the server sends them."""
    cluster = generate(DemoOptions(nodes=40, pods=PODS_MADE, now_s=scene.NOW_S), lambda: scene.NOW_S)
    _, snapshot = cluster.world.snapshot(PODS)
    return [item.body() for item in snapshot.items]


@pytest.fixture(scope="module")
def pods(bodies: Sequence[bytes]) -> Sequence[Pod]:
    decode = decoder(PODS)
    return [decode(body) for body in bodies]


@pytest.fixture
def source(pods: Sequence[Pod]) -> FakeSource:
    return FakeSource({**scene.objects(), PODS: pods}, scene.NOW_S)


@pytest.fixture
def app(source: FakeSource) -> KiteApp:
    return KiteApp(FakeSession(source))


@contextmanager
def calls(owner: type, method: str) -> Iterator[list[object]]:
    """The calls of a method meanwhile, as who was called."""
    made: list[object] = []
    original = getattr(owner, method)

    def counting(self: Any, *arguments: Any, **named: Any) -> Any:
        made.append(self)
        return original(self, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, method, counting)
        yield made


def restarted(pod: Pod, times: int) -> Pod:
    """The pod after so many restarts."""
    return replace(pod, restarts=times, resource_version=f"{pod.resource_version}{times}")


def test_the_first_frame_is_there_before_anything_that_talks_to_a_cluster_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.replace("'", "").strip().strip("[]").split(", "))
    assert "textual" in loaded
    assert not loaded & {"kubernetes", "urllib3", "pydantic", "aiohttp", "requests", "http", "unittest", "hypothesis"}
    assert "tomllib" not in loaded


async def test_no_screen_is_made_before_the_one_that_is_the_first_frame(source: FakeSource) -> None:
    app = KiteApp(FakeContexts(prod=FakeSession(source)).opening("prod"))
    with calls(Screen, "_on_timer_update") as painted:
        async with app.run_test(size=SIZE) as pilot:
            await _until(pilot, lambda: isinstance(app.screen, OverviewScreen))
    assert isinstance(painted[0], OpeningScreen)


def test_the_first_frame_waits_for_no_look_through_what_was_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "True True\n"


def test_whoever_reads_a_cluster_lets_go_of_the_interpreter_soon_and_seldom_looks_for_old_garbage() -> None:
    done = subprocess.run([sys.executable, "-c", CONNECTED], capture_output=True, text=True, check=True, timeout=60)
    settings, loaded = done.stdout.splitlines()
    switch_s, old_every, has_frozen = settings.split()
    assert (switch_s, has_frozen) == ("0.001", "True")
    assert old_every == str(OLD_EVERY) or sys.version_info >= (3, 14)  # which collects old garbage bit by bit
    assert "'kubernetes'" not in loaded


async def test_a_change_among_thousands_of_pods_draws_no_more_than_the_lines_in_sight(
    app: KiteApp, source: FakeSource, pods: Sequence[Pod]
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await Driver(app, pilot).press_slowly("3")
        assert app.screen.query_one(RowTable).line_count == PODS_MADE
        first = min(pods, key=lambda pod: (pod.namespace, pod.name))
        with calls(PodsScreen, "show") as answers, calls(RowTable, "render_line") as drawn:
            source.put(PODS, restarted(first, 7))
            await _until(pilot, lambda: answers)
            await pilot.pause()
        assert 1 <= len(drawn) <= SIZE[1] * len(answers)


async def test_nothing_is_drawn_where_what_changed_is_out_of_sight(
    app: KiteApp, source: FakeSource, pods: Sequence[Pod]
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await Driver(app, pilot).press_slowly("3")
        last = max(pods, key=lambda pod: (pod.namespace, pod.name))
        with calls(PodsScreen, "show") as shown, calls(RowTable, "render_line") as drawn:
            source.put(PODS, restarted(last, 7))
            await _until(pilot, lambda: shown)
            await pilot.pause()
        assert not drawn


@pytest.mark.parametrize("key", ["1", "3"])
async def test_a_storm_of_events_costs_one_answer_a_refresh(
    app: KiteApp, source: FakeSource, pods: Sequence[Pod], key: str
) -> None:
    screen = OverviewScreen if key == "1" else PodsScreen
    async with app.run_test(size=SIZE) as pilot:
        await Driver(app, pilot).press_slowly(key)
        with calls(screen, "show") as shown:
            began_s, events = time.monotonic(), 0
            while (took_s := time.monotonic() - began_s) < 1 or ((not shown or events <= 200) and took_s < 30):
                source.put(PODS, *(restarted(pod, events) for pod in pods[:50]))
                events += 50
                await pilot.pause(0.001)
        assert events > 200
        assert 1 <= len(shown) <= 2 + took_s / max(kite_tui.app.REFRESH_S, screen.EVERY_S)


def test_quantities_are_parsed_once_for_a_template_however_often_its_pods_change(bodies: Sequence[bytes]) -> None:
    decode = decoder(PODS)
    before = parse.cache_info()
    kept = [decode(body) for _ in range(3) for body in bodies]
    after = parse.cache_info()
    templates = {id(pod.template): pod.template for pod in kept}.values()
    fields = 4  # requests and limits of cpu and memory; whatever else a template has, it has seldom
    parts = sum(len(template.containers) + 1 for template in templates)  # one for the pod itself and its overhead
    assert len(templates) < PODS_MADE / 3
    assert (after.hits + after.misses) - (before.hits + before.misses) <= parts * fields


async def _until(pilot: Any, true: Any, within_s: float = 10) -> None:
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, "it never came true"
        await pilot.pause(0.005)
