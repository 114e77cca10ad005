"""Related in every state that it can be in, as a picture; see test_snapshots."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from kite_tui.app import KiteApp
from kite_tui.demo.resources import CONFIG_MAPS, REPLICASETS, SECRETS
from kite_tui.objects.kinds import DEPLOYMENTS, NAMESPACES, NODES, PODS
from kite_tui.objects.served import NOTHING_KNOWN
from kite_tui.objects.states import Forbidden, Partial, Syncing
from kite_tui.queries.vertices import Vertex
from tests.queries.things import thing
from tests.screens import relations
from tests.screens.cluster import FakeSource
from tests.screens.driving import Driver
from tests.screens.relations import ALL, DEPLOYMENT, POD, go, point_at, typed

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="pictures are drawn on one Python version: Unicode widths follow it"
)

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
FORBIDDEN = Forbidden("list", "the cluster", 'User "jane" cannot list resource "secrets"')
WEB = relations.vertex(REPLICASETS, "web-6c8d1f7b9")
CONFIG = relations.vertex(CONFIG_MAPS, "cart-config")
Act = Callable[[Driver], Awaitable[None]]
Snap = Callable[..., bool]


@pytest.fixture(params=SIZES)
def snap(request: pytest.FixtureRequest, snap_compare: Callable[..., bool]) -> Snap:
    """Compares the picture of an object (None: of everything) with the one of this size, after keys and an act."""

    def compare(about: Vertex | None, *pressed: str, source: FakeSource | None = None, act: Act | None = None) -> bool:
        app = KiteApp(relations.session(source or relations.source()))
        app.animation_level = "none"

        async def run(pilot: Pilot[Any]) -> None:
            driver = Driver(app, pilot)
            await driver.until(lambda: bool(app.session.started))  # type: ignore[attr-defined]
            await driver.settle()
            if about is None:
                await driver.press_slowly("4")
            else:
                await go(driver, about)
            await driver.press_slowly(*pressed)
            if act is not None:
                await act(driver)
            await driver.settle()

        return snap_compare(app, terminal_size=SIZES[request.param], run_before=run)

    return compare


def test_everything(snap: Snap) -> None:
    assert snap(None)


def test_the_tree_of_a_deployment(snap: Snap) -> None:
    assert snap(DEPLOYMENT)


def test_the_tree_of_a_pod_with_its_events(snap: Snap) -> None:
    assert snap(POD, "down", "down")


def test_the_tree_of_a_namespace(snap: Snap) -> None:
    assert snap(relations.vertex(NAMESPACES, "shop"))


def test_before_anybody_knows_what_is_served(snap: Snap) -> None:
    assert snap(DEPLOYMENT, source=relations.source(served=NOTHING_KNOWN))


def test_while_kinds_are_read(snap: Snap) -> None:
    states = dict.fromkeys([kind for kind in ALL.searched if kind.group not in ("", "apps")], Syncing())
    assert snap(DEPLOYMENT, source=relations.source({**states, SECRETS: Syncing(3, 9)}))


def test_where_secrets_are_forbidden(snap: Snap) -> None:
    assert snap(DEPLOYMENT, source=relations.source({SECRETS: FORBIDDEN, CONFIG_MAPS: Partial(2, 9)}))


def test_where_nearly_everything_is_forbidden(snap: Snap) -> None:
    readable = {DEPLOYMENTS, PODS, NODES}
    states = dict.fromkeys([kind for kind in ALL.searched if kind not in readable], FORBIDDEN)
    assert snap(DEPLOYMENT, source=relations.source(states))


def test_an_object_that_is_gone(snap: Snap) -> None:
    source = relations.source()

    async def goes(driver: Driver) -> None:
        source.remove(DEPLOYMENTS, ("shop", "cart"))
        await driver.until("is not there")

    assert snap(DEPLOYMENT, source=source, act=goes)


def test_many_pods_on_one_line(snap: Snap) -> None:
    assert snap(WEB)


def test_many_pods_one_by_one(snap: Snap) -> None:
    async def opens(driver: Driver) -> None:
        await point_at(driver, "▸ Pod ×12")
        await driver.press_slowly("space", "down")

    assert snap(WEB, act=opens)


def test_what_breaks(snap: Snap) -> None:
    assert snap(CONFIG, "b")


def test_more_hops_and_a_filter(snap: Snap) -> None:
    async def filters(driver: Driver) -> None:
        await typed(driver, "tls|ingress")
        await driver.press_slowly("enter")

    assert snap(DEPLOYMENT, "greater_than_sign", act=filters)


def test_nothing_hangs_together_with_it(snap: Snap) -> None:
    source, (kind, alone) = relations.source(), thing(CONFIG_MAPS, "alone")
    source.put(kind, alone)
    assert snap(Vertex("", "ConfigMap", "shop", "alone", kind, alone), source=source)
