"""Draws screenshots/*.svg from the simulated cluster: `python -m screenshots`, or `make screenshots`.

The cluster is made from a fixed seed and stands still, so only what follows the time of day differs between two runs.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from textual.pilot import Pilot

from kite_tui.app import KiteApp
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import DemoCluster
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.objects.states import is_readable
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.saving import self_contained
from kite_tui.session.cluster import ClusterSession
from kite_tui.settings import Settings
from tests.widgets.host import lines_of

HERE = Path(__file__).parent
SIZE = (120, 36)
PATIENCE_S = 30.0

Step = tuple[str, str]
"""A key, and a text that stands on the screen once it has had its effect."""

PICTURES: dict[str, Sequence[Step]] = {
    "overview": [],
    "nodes": [("2", "ip-10-")],
    "node": [("2", "ip-10-"), ("j", "ip-10-"), ("enter", "ALLOCATABLE")],
    "pods": [("3", "Running"), ("F", "faults only")],
    "pod": [
        ("3", "Running"),
        ("slash", ""),
        *((key, "") for key in "ledger-s"),
        ("enter", "filter"),
        ("enter", "Effective requests"),
    ],
    "related": [
        ("3", "Running"),
        ("slash", ""),
        *((key, "") for key in "catalog"),
        ("enter", "filter"),
        ("J", "Deployment catalog"),
        ("J", "Deployment shop/catalog"),
    ],
    "breaks": [
        ("3", "Running"),
        ("slash", ""),
        *((key, "") for key in "catalog"),
        ("enter", "filter"),
        ("r", "ConfigMap catalog-config"),
        *(("j", "") for _ in range(4)),
        ("enter", "ConfigMap shop/catalog-config"),
        ("b", "what breaks"),
    ],
    "cache": [("3", "Running"), ("8", "nodes.metrics")],
    "help": [("question_mark", "esc closes")],
}


def main() -> None:
    """Draw all of them."""
    with DemoCluster(DemoOptions(seed=1, rate=0)) as cluster:
        config = ClientConfig(cluster.context, Cluster(cluster.url), User(token=cluster.token))
        for name, steps in PICTURES.items():
            app = KiteApp(ClusterSession(config, Settings()))
            picture = asyncio.run(_draw(app, steps))
            (HERE / f"{name}.svg").write_text(picture, encoding="utf-8")
            print(HERE / f"{name}.svg")


async def _draw(app: KiteApp, steps: Sequence[Step]) -> str:
    app.animation_level = "none"
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: "● live" in lines_of(app)[0] and "usage" in "".join(lines_of(app)))
        for key, seen in steps:
            await pilot.press(key)
            if seen:
                await _until(pilot, lambda seen=seen: seen in "\n".join(lines_of(app)) and _is_whole(app))  # type: ignore[misc]
        await _until(pilot, lambda: _is_whole(app))
        await asyncio.sleep(1)  # a tick: what has come is on the screen
        # Without the number that rich makes up for each.
        return re.sub(r"\bterminal-\d+-", "terminal-", self_contained(app.export_screenshot(title="kite-tui")))


def _is_whole(app: KiteApp) -> bool:
    """Nothing on the screen is still on its way."""
    screen, reader = app.screen, app.session.reader
    needs = screen.NEEDS if isinstance(screen, KiteScreen) else ()
    shown = "\n".join(lines_of(app))
    return not any(word in shown for word in ("reading…", "kinds…", "serves…")) and all(
        is_readable(reader.state(kind)) for kind in needs
    )


async def _until(pilot: Pilot[None], so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        if time.monotonic() > deadline:
            raise TimeoutError("the screen never came to show what it should:\n" + "\n".join(lines_of(pilot.app)))
        await asyncio.sleep(0.05)
        await pilot.pause()


if __name__ == "__main__":
    main()
