"""Every screen in every state that it can be in, as a picture.

`pytest tests/screens --snapshot-update` draws them anew; look at them before you keep them.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import (
    CLAIMS,
    DAEMONSETS,
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    POD_METRICS,
    PODS,
    SERVICES,
    STATEFULSETS,
    Kind,
)
from kite_tui.objects.served import NOTHING_KNOWN, Served
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Partial, Polling, Stale, State, Syncing
from kite_tui.session.cluster import Fetched
from kite_tui.session.contexts import Context
from kite_tui.session.opening import Contexts
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.contexts import FakeContexts, quiet
from tests.screens.driving import Driver
from tests.screens.test_pages import CART, CART_PATH, EVENTS_PATH, body, events_of

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="pictures are drawn on one Python version: Unicode widths follow it"
)

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
WATCHED: tuple[Kind[Any], ...] = (
    NODES,
    PODS,
    NAMESPACES,
    SERVICES,
    EVENTS,
    DEPLOYMENTS,
    STATEFULSETS,
    DAEMONSETS,
    CLAIMS,
)
FAILED = Failed("connection refused: https://prod-eu.test:6443", scene.NOW_S + 4)
STATES: dict[str, State] = {
    "live": Live(),
    "syncing": Syncing(1500, 50_000),
    "forbidden": Forbidden("list", "all namespaces", 'User "jane" cannot list resource "pods" in API group ""'),
    "stale": Stale(scene.NOW_S - 529, "connection refused", scene.NOW_S + 4),
    "partial": Partial(2, 9),
    "absent": Absent(),
    "failed": FAILED,
    "auth": Auth("token expired"),
    "polling": Polling(scene.NOW_S, 30),
}
EVERYWHERE: tuple[Kind[Any], ...] = tuple(
    Kind(group, "v1", kind, f"{kind.lower()}s", kind.lower(), True, short)
    for group, kind, short in (
        ("", "ConfigMap", ("cm",)),
        ("", "PodTemplate", ()),
        ("policy", "PodDisruptionBudget", ("pdb",)),
        ("monitoring.coreos.com", "PodMonitor", ("pmon",)),
    )
)
HAVE_OBJECTS = (Live, Stale, Partial, Polling)
Snap = Callable[..., bool]


def app_in(
    state: State = STATES["live"],
    *kinds: Kind[Any],
    states: dict[Kind[Any], State] | None = None,
    empty: bool = False,
    contexts: Contexts | None = None,
    served: Served = NOTHING_KNOWN,
) -> KiteApp:
    """The app over the small cluster; kinds in states that have no objects have none."""
    kinds = kinds or WATCHED
    gone = () if isinstance(state, HAVE_OBJECTS) and not empty else kinds
    objects = {kind: () if kind in gone else found for kind, found in scene.objects().items()}
    source = FakeSource(objects, scene.NOW_S, states={**dict.fromkeys(kinds, state), **(states or {})})
    for at in range(12):
        source.usage_history.note(scene.NOW_S - 180 + 15 * at, [*scene.objects()[NODE_METRICS]][: 1 + at % 6])
    source.served = served
    session = FakeSession(source)
    session.bodies = {
        CART_PATH: body(
            scene.cart_manifest(
                conditions=[
                    scene.condition("PodScheduled", "True", 3 * scene.HOUR),
                    scene.condition("Initialized", "True"),
                ]
            )
        ),
        EVENTS_PATH: events_of("Back-off restarting failed container cart in pod cart-7d9f6b5c44-x2v9p"),
        "/api/v1/nodes/ip-10-0-0-21": Fetched(error="forbidden: you may not get nodes"),
    }
    app = KiteApp(session, contexts)
    app.animation_level = "none"
    return app


def keys(*pressed: str, do: Callable[[KiteApp], None] | None = None) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Presses keys once the first screen stands, then does something, and waits until all of it is shown."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, KiteApp)
        driver = Driver(app, pilot)
        await driver.until(lambda: bool(app.session.started))  # type: ignore[attr-defined]
        await driver.settle()
        await driver.press_slowly(*pressed)
        if do is not None:
            do(app)
        await driver.settle()

    return run


@pytest.fixture(params=SIZES)
def snap(request: pytest.FixtureRequest, snap_compare: Snap) -> Callable[..., bool]:
    """Compares with the picture of this size."""

    def compare(app: KiteApp, *pressed: str, do: Callable[[KiteApp], None] | None = None) -> bool:
        return snap_compare(app, terminal_size=SIZES[request.param], run_before=keys(*pressed, do=do))

    return compare


@pytest.mark.parametrize("state", STATES)
def test_overview(snap: Snap, state: str) -> None:
    assert snap(app_in(STATES[state]))


def test_overview_scrolled_to_its_end(snap: Snap) -> None:
    assert snap(app_in(), "shift+tab")


def test_overview_of_an_empty_cluster(snap: Snap) -> None:
    assert snap(app_in(empty=True, states={NODE_METRICS: Absent()}))


def test_overview_without_the_right_to_pods_and_metrics(snap: Snap) -> None:
    assert snap(app_in(STATES["forbidden"], PODS, states={NODE_METRICS: Forbidden("list", "")}))


def test_overview_of_two_namespaces(snap: Snap) -> None:
    assert snap(app_in(), do=lambda app: app.choose_namespaces(("shop", "payments")))


@pytest.mark.parametrize("state", STATES)
def test_pods(snap: Snap, state: str) -> None:
    assert snap(app_in(STATES[state]), "3")


@pytest.mark.parametrize("state", ["live", "syncing", "forbidden", "stale"])
def test_nodes(snap: Snap, state: str) -> None:
    assert snap(app_in(STATES[state]), "2")


@pytest.mark.parametrize("key", ["2", "3"], ids=["nodes", "pods"])
def test_list_that_is_empty(snap: Snap, key: str) -> None:
    assert snap(app_in(empty=True), key)


@pytest.mark.parametrize("key", ["2", "3"], ids=["nodes", "pods"])
def test_list_filtered_to_nothing(snap: Snap, key: str) -> None:
    assert snap(app_in(), key, "slash", *"zz", "enter")


@pytest.mark.parametrize("key", ["2", "3"], ids=["nodes", "pods"])
@pytest.mark.parametrize("state", ["absent", "forbidden"])
def test_list_without_metrics(snap: Snap, key: str, state: str) -> None:
    none: dict[Kind[Any], State] = {NODE_METRICS: STATES[state], POD_METRICS: STATES[state]}
    app = app_in(states=none)
    app.session.reader._objects[NODE_METRICS] = app.session.reader._objects[POD_METRICS] = {}  # type: ignore[attr-defined]
    app.session.reader._now = app.session.reader._made()  # type: ignore[attr-defined]
    assert snap(app, key)


def test_nodes_without_the_right_to_pods(snap: Snap) -> None:
    assert snap(app_in(STATES["forbidden"], PODS), "2")


def test_filter_open(snap: Snap) -> None:
    assert snap(app_in(), "3", "slash", *"we[")


def test_faults_only_wide(snap: Snap) -> None:
    assert snap(app_in(), "3", "F", "w", "T")


def test_namespaces_to_choose(snap: Snap) -> None:
    assert snap(app_in(), "3", "n", *"s", "space")


def test_commands_while_one_is_typed(snap: Snap) -> None:
    assert snap(app_in(served=Served([*WATCHED, *EVERYWHERE])), "3", "colon", *"po")


def test_command_that_means_nothing(snap: Snap) -> None:
    assert snap(app_in(served=Served([*WATCHED, *EVERYWHERE])), "colon", *"deploymnet", "enter")


def test_names_of_a_kind_while_tab_goes_round_them(snap: Snap) -> None:
    assert snap(app_in(), "3", "colon", *"pods", "space", "s", "tab", "tab")


def test_contexts_to_choose(snap: Snap) -> None:
    arn = "arn:aws:eks:eu-central-1:123456789012:cluster/"
    contexts = FakeContexts(
        Context(f"{arn}shop-blue", f"{arn}shop-blue", "https://x.test", "jane", "shop"),
        Context(f"{arn}shop-green", f"{arn}shop-green", "https://x.test", "jane", "shop"),
        Context("[red]evil[/] [@click=app.quit]x[/]", "kind", "https://x.test", "jane", "default"),
        Context("prod-eu", "eks-prod-eu", "https://x.test", "jane", "payments", is_current=True),
        Context("東京", "tokyo", "https://x.test", "jane", "default"),
        dev=quiet("dev"),
    )
    assert snap(app_in(contexts=contexts), "3", "colon", *"ctx", "enter")


def test_another_context_that_has_not_answered_yet(snap: Snap) -> None:
    assert snap(app_in(contexts=FakeContexts(dev=quiet("dev"))), "3", "colon", *"ctx", "space", *"dev", "enter")


def test_help(snap: Snap) -> None:
    assert snap(app_in(), "question_mark")


def test_palette(snap: Snap) -> None:
    assert snap(app_in(), "ctrl+p", *"name")


def test_node_page(snap: Snap) -> None:
    assert snap(app_in(), "2", "j", "enter")


def test_node_page_without_the_right_to_pods(snap: Snap) -> None:
    assert snap(app_in(STATES["forbidden"], PODS), "2", "enter")


def test_node_page_of_a_node_that_is_gone(snap: Snap) -> None:
    assert snap(app_in(), do=lambda app: app.open_node("ip-10-0-99-99"))


def test_pod_page(snap: Snap) -> None:
    assert snap(app_in(), do=lambda app: app.open_pod(*CART))


def test_pod_page_while_it_is_read(snap: Snap) -> None:
    assert snap(app_in(), do=lambda app: app.open_pod("search", "query-1"))


def test_pod_page_that_cannot_be_fetched(snap: Snap) -> None:
    app = app_in()
    refused = Fetched(error="forbidden: you may not get pods in shop")
    app.session.bodies = {CART_PATH: refused, EVENTS_PATH: refused}  # type: ignore[attr-defined]
    assert snap(app, do=lambda app: app.open_pod(*CART))


def test_pod_page_of_a_pod_that_is_gone(snap: Snap) -> None:
    assert snap(app_in(), do=lambda app: app.open_pod("shop", "web-9"))


def test_yaml(snap: Snap) -> None:
    assert snap(app_in(), do=lambda app: app.open_yaml("Pod", CART_PATH, *CART))


def test_yaml_that_cannot_be_read(snap: Snap) -> None:
    assert snap(app_in(), "2", "y")


def test_a_notice(snap: Snap) -> None:
    assert snap(app_in(), "2", do=lambda app: app.tell("saved /home/jane/kite-nodes-20260921-141320.csv"))


@pytest.mark.parametrize("theme", ["kite-light", "kite-plain"])
def test_theme(snap_compare: Snap, theme: str) -> None:
    app = app_in()
    app.theme = theme
    assert snap_compare(app, terminal_size=(120, 40), run_before=keys("2"))


@pytest.mark.parametrize("size", [(20, 10), (40, 12), (200, 50)], ids=str)
@pytest.mark.parametrize("key", ["1", "2", "3"], ids=["overview", "nodes", "pods"])
def test_other_sizes(snap_compare: Snap, size: tuple[int, int], key: str) -> None:
    assert snap_compare(app_in(), terminal_size=size, run_before=keys(key))
