"""The pages of one node, of one pod, and of one manifest."""

from __future__ import annotations

import json

import pytest

from kite_tui.app import KiteApp
from kite_tui.objects.kinds import NODES, PODS
from kite_tui.objects.states import Failed, Forbidden, Syncing
from kite_tui.screens.node_page import NodePage
from kite_tui.screens.pod_page import PodPage
from kite_tui.screens.yaml_page import YamlPage
from kite_tui.session.cluster import Fetched
from kite_tui.widgets.textview import TextView
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import driving

CART = ("shop", "cart-7d9f6b5c44-x2v9p")
CART_PATH = "/api/v1/namespaces/shop/pods/cart-7d9f6b5c44-x2v9p"
EVENTS_PATH = "/api/v1/namespaces/shop/events"


def body(manifest: scene.Json) -> Fetched:
    return Fetched(json.dumps(manifest).encode())


def events_of(*messages: str) -> Fetched:
    items = [
        {
            "metadata": scene.meta(f"cart.{at}", "shop"),
            "type": "Warning",
            "reason": "BackOff",
            "message": message,
            "lastTimestamp": scene.ago(12 + at),
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": CART[1]},
        }
        for at, message in enumerate(messages)
    ]
    return body({"kind": "EventList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": items})


# -- a node -----------------------------------------------------------------------------------------------------


async def test_a_node_shows_its_numbers_its_conditions_and_its_pods(app: KiteApp) -> None:
    async with driving(app, (120, 40), "2", "j", "enter") as driver:
        for said in ("ALLOCATABLE", "7.9", "1.1", "14%", "DiskPressure", "containerd://2.1.4", "CrashLoop"):
            assert said in driver.text
        table = driver.table
        assert table.line_count == 3


async def test_a_node_in_a_small_window_begins_with_its_numbers(app: KiteApp) -> None:
    async with driving(app, (80, 24), "2", "j", "enter") as driver:
        assert "Node ip-10-0-13-123" in driver.lines[2]
        assert "CPU" in driver.lines[4]
        assert "NAMESPACE" in driver.text


async def test_a_nodes_page_lives(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40), "2", "j", "enter") as driver:
        source.put(NODES, scene.node("ip-10-0-13-123", cordoned=True))
        await driver.until("Ready,SchedulingDisabled")
        source.put(PODS, scene.pod("late-arrival", "data", "ip-10-0-13-123"))
        await driver.until("late-arrival")
        source.remove(NODES, ("", "ip-10-0-13-123"))
        await driver.until("is not there (any more)")
        assert "late-arrival" in driver.text


async def test_the_pods_of_a_node_sort_and_open(app: KiteApp) -> None:
    async with driving(app, (120, 40), "2", "j", "enter", "M") as driver:
        assert "web-6c8d" in driver.table._rows.key(0) or driver.table.line_count == 3
        await driver.press_slowly("N")
        assert driver.table.cursor_key is not None
        await driver.press_slowly("g", "enter")
        assert isinstance(app.screen, PodPage)
        assert app.screen.pod_name == CART[1]
        await driver.press_slowly("q")
        assert driver.on(NodePage)


async def test_tab_goes_to_the_upper_part_and_scrolls_it(app: KiteApp) -> None:
    async with driving(app, (80, 24), "2", "enter") as driver:
        assert "Taints" not in driver.text
        await driver.press_slowly("tab", "G")
        assert "node-role.kubernetes.io/control-plane" in driver.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (Syncing(), "is being read"),
        (Forbidden("list", "all namespaces"), "can't be read: forbidden"),
        (Failed("connection refused"), "can't be read: failed (connection refused)"),
    ],
)
async def test_a_node_that_cannot_be_read_is_not_called_gone(
    app: KiteApp, source: FakeSource, state: Syncing | Forbidden | Failed, said: str
) -> None:
    async with driving(app, (120, 40)) as driver:
        source.become(state, NODES)
        app.open_node("ip-10-0-99-99")
        await driver.until(said)
        assert "any more" not in driver.text


async def test_y_on_a_node_reads_the_node(app: KiteApp, session: FakeSession) -> None:
    async with driving(app, (80, 24), "2", "enter", "y"):
        assert session.asked[-1][0] == "/api/v1/nodes/ip-10-0-0-21"


# -- a pod ------------------------------------------------------------------------------------------------------


@pytest.fixture
def answering(session: FakeSession) -> FakeSession:
    """GETs of the crash-looping pod are answered."""
    session.bodies = {CART_PATH: body(scene.cart_manifest()), EVENTS_PATH: events_of("Back-off restarting")}
    return session


async def test_a_pod_shows_containers_conditions_events_and_why_its_numbers_are_so(
    app: KiteApp, answering: FakeSession
) -> None:
    async with driving(app, (120, 40)) as driver:
        app.open_pod(*CART)
        await driver.until("Back-off restarting")
        for said in (
            "CrashLoopBackOff",
            "sidecar",
            "init",
            "Error 137",
            "4m",
            "600m requested, limit 2.2",
            "containers 500m + sidecar 100m",
            "back-off 5m0s restarting failed container=cart",
            "ReplicaSet cart-7d9f6b5c44",
        ):
            assert said in driver.text


async def test_a_pods_page_lives_and_fetches_again_only_when_the_pod_is_another_one(
    app: KiteApp, source: FakeSource, session: FakeSession
) -> None:
    async with driving(app, (120, 40)) as driver:
        app.open_pod(*CART)
        await driver.until(lambda: len(session.asked) == 2)
        source.put(PODS, scene.pod("someone-else", "shop"))
        await driver.settle()
        assert len(session.asked) == 2
        for _, answer in session.asked:
            answer(Fetched(error="gone"))
        source.put(PODS, scene.read(PODS, scene.cart_manifest(version=2)))
        await driver.until(lambda: len(session.asked) == 4)
        source.remove(PODS, CART)
        await driver.until("deleted: this is how it was last seen")
        assert "containers" in driver.text


async def test_an_older_answer_never_replaces_a_newer(app: KiteApp, source: FakeSource, session: FakeSession) -> None:
    async with driving(app, (120, 40)) as driver:
        app.open_pod(*CART)
        await driver.until(lambda: len(session.asked) == 2)
        await driver.press("ctrl+r")
        await driver.until(lambda: len(session.asked) == 4)
        (_, old_pod), (_, old_events), (_, new_pod), (_, new_events) = session.asked
        newer = scene.cart_manifest(conditions=[scene.condition("PodScheduled", "True", 60)], version=2)
        new_pod(body(newer))
        new_events(events_of("the newer event"))
        await driver.until("the newer event")
        old_pod(Fetched(error="connection reset"))
        old_events(events_of("the older event"))
        await driver.settle()
        await driver.until("PodScheduled")
        assert "the older event" not in driver.text
        assert "connection reset" not in driver.text


async def test_what_cannot_be_fetched_says_why_and_the_rest_stays(app: KiteApp, session: FakeSession) -> None:
    session.bodies = {CART_PATH: Fetched(error="forbidden: you may not get pods"), EVENTS_PATH: Fetched(b"{")}
    async with driving(app, (120, 40)) as driver:
        app.open_pod(*CART)
        await driver.until("unknown: forbidden: you may not get pods")
        assert driver.text.count("unknown: ") == 2
        assert "CrashLoopBackOff" in driver.text
        session.bodies = {CART_PATH: body(scene.cart_manifest()), EVENTS_PATH: events_of("it works")}
        await driver.press("ctrl+r")
        await driver.until("it works")
        assert "unknown: " not in driver.text


async def test_a_pod_without_events_has_none(app: KiteApp, session: FakeSession) -> None:
    session.bodies = {CART_PATH: body(scene.cart_manifest()), EVENTS_PATH: events_of()}
    async with driving(app, (120, 40)) as driver:
        app.open_pod(*CART)
        await driver.until(lambda: driver.lines[-3:] != [] and " none" in driver.lines)


async def test_a_pod_that_may_not_be_read_is_not_called_gone(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40)) as driver:
        source.become(Forbidden("list", "all namespaces"), PODS)
        app.open_pod("shop", "web-9")
        await driver.until("can't be read: forbidden")


async def test_o_on_a_pod_opens_its_node(app: KiteApp) -> None:
    async with driving(app, (80, 24)) as driver:
        app.open_pod(*CART)
        await driver.until("CrashLoopBackOff")
        await driver.press_slowly("o")
        assert isinstance(app.screen, NodePage)
        assert app.screen.node_name == "ip-10-0-13-123"


# -- a manifest -------------------------------------------------------------------------------------------------


async def test_a_manifest_says_that_it_is_read_then_stands_there_without_managed_fields(
    app: KiteApp, session: FakeSession
) -> None:
    async with driving(app, (80, 24)) as driver:
        app.open_yaml("Pod", CART_PATH, *CART)
        await driver.until("# reading…")
        manifest = scene.cart_manifest()
        manifest["metadata"]["managedFields"] = [{"manager": "kubelet"}]
        session.asked[0][1](body(manifest))
        await driver.until("name: cart-7d9f6b5c44-x2v9p")
        await driver.press_slowly("G")
        assert "podIP" in driver.text or "qosClass" in driver.text
        assert "managedFields" not in "\n".join(app.screen.query_one(TextView)._lines)


@pytest.mark.parametrize(
    ("fetched", "said"),
    [
        (Fetched(error="not found: pods cart"), "# could not be read: not found: pods cart"),
        (Fetched(b"<html>"), "# the server's answer is not JSON"),
        (Fetched(b"[1]"), "# the server's answer is no object"),
        (Fetched(b'{"a":' * 600 + b"1" + b"}" * 600), "# the object is nested too deep to be shown as YAML"),
        (Fetched(b'{"a":' * 90_000 + b"1" + b"}" * 90_000), "# the server's answer is nested too deep to be read"),
    ],
)
async def test_a_manifest_that_cannot_be_had_says_why(
    app: KiteApp, session: FakeSession, fetched: Fetched, said: str
) -> None:
    session.bodies[CART_PATH] = fetched
    async with driving(app, (120, 24)) as driver:
        app.open_yaml("Pod", CART_PATH, *CART)
        await driver.until(said)
        assert driver.on(YamlPage)


async def test_ctrl_r_reads_a_manifest_again(app: KiteApp, session: FakeSession) -> None:
    session.bodies[CART_PATH] = body({"kind": "Pod", "status": "before"})
    async with driving(app, (80, 24)) as driver:
        app.open_yaml("Pod", CART_PATH, *CART)
        await driver.until("before")
        session.bodies[CART_PATH] = body({"kind": "Pod", "status": "after"})
        await driver.press("ctrl+r")
        await driver.until("after")
