"""Related, by its keys: from anywhere to an object's tree, along its edges and back."""

from __future__ import annotations

import pytest

from kite_tui.app import KiteApp
from kite_tui.demo.resources import CONFIG_MAPS, INGRESSES, REPLICASETS
from kite_tui.objects.kinds import NODES, PODS
from kite_tui.screens.node_page import NodePage
from kite_tui.screens.nodes import NodesScreen
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.related import RelatedScreen
from kite_tui.screens.yaml_page import YamlPage
from kite_tui.session.cluster import Fetched
from tests.screens import relations
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import driving
from tests.screens.relations import (
    DEPLOYMENT,
    DOWN,
    PODS_OF_CART,
    TREE,
    caption,
    go,
    is_searched,
    names,
    point_at,
    pointed_at,
    typed,
)

FIRST_POD = PODS_OF_CART[0]


@pytest.fixture
def source() -> FakeSource:
    return relations.source()


@pytest.fixture
def session(source: FakeSource) -> FakeSession:
    return relations.session(source)


# -- getting there --------------------------------------------------------------------------------------------------


async def test_r_u_and_shift_j_go_from_a_list_to_the_tree_of_its_row_and_back(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40), "3") as driver:
        name = driver.rows[0]
        assert not is_searched(source)
        await driver.press_slowly("r")
        assert caption(driver).startswith(f"Pod shop/{name} Running")
        assert is_searched(source)
        await driver.press_slowly("escape")
        assert driver.on(PodsScreen)
        assert not is_searched(source)
        await driver.press_slowly("u")
        assert pointed_at(driver) == "used by"
        await driver.press_slowly("q")
        assert driver.on(PodsScreen)
        await driver.press_slowly("J")
        assert caption(driver).startswith("ReplicaSet shop/cart-7d9f6b5c44 2/3 ready")
        await driver.press_slowly("J")
        assert caption(driver).startswith("Deployment shop/cart 2/3 ready")
        await driver.press_slowly("J")
        assert "Deployment cart has no owner" in driver.notices
        await driver.press_slowly("2", "r")
        assert caption(driver).startswith("Node ip-10-0-13-123 Ready")
        assert any("Pod" in each for each in names(driver))
        await driver.press_slowly("escape")
        assert driver.on(NodesScreen)
        await driver.press_slowly("4")
        assert caption(driver).startswith("Node ip-10-0-13-123"), "where one was"


async def test_4_begins_at_everything_and_leads_to_any_object(app: KiteApp) -> None:
    async with driving(app, (120, 40), "4") as driver:
        assert caption(driver) == "everything, by kind"
        assert names(driver)[:2] == ["▸ ConfigMap ×1", "▸ Deployment ×2"]
        assert "▸ Pod ×15" in names(driver)
        await point_at(driver, "▸ Deployment ×2")
        await driver.press_slowly("enter")
        assert names(driver)[1:4] == ["Deployment ×2", "Deployment cart", "Deployment web"]
        await driver.press_slowly("down", "enter")
        assert names(driver) == TREE
        await driver.press_slowly("left_square_bracket")
        assert caption(driver) == "everything, by kind"
        assert pointed_at(driver) == "Deployment cart"
        await driver.press_slowly("b")
        assert any("go to an object first" in notice for notice in driver.notices)
        await driver.press_slowly("escape")
        assert driver.on(RelatedScreen), "it came from nowhere"


async def test_the_overview_s_lines_lead_to_what_they_are_about(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        await driver.until("CrashLoopBackOff")
        while driver.app.focused is None or driver.app.focused.id != "wrong":
            await driver.press_slowly("tab")
        await driver.press_slowly("r")
        await driver.until(lambda: driver.on(RelatedScreen))
        assert names(driver)
        await driver.press_slowly("escape")
        assert driver.on(OverviewScreen)


# -- along the edges ------------------------------------------------------------------------------------------------


async def test_enter_goes_to_an_object_and_brackets_walk_the_history(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, DEPLOYMENT)
        assert names(driver) == TREE
        await point_at(driver, "Service cart")
        await driver.press_slowly("enter")
        assert caption(driver).startswith("Service shop/cart 2 of 3 ready")
        await point_at(driver, "Ingress shop")
        await driver.press_slowly("enter")
        assert names(driver) == ["uses", "IngressClass nginx", "Secret shop-tls (missing)", "Service cart"]
        await driver.press_slowly("left_square_bracket")
        assert (caption(driver)[:17], pointed_at(driver)) == ("Service shop/cart", "Ingress shop")
        await driver.press_slowly("left_square_bracket")
        assert (names(driver), pointed_at(driver)) == (TREE, "Service cart")
        await driver.press_slowly("right_square_bracket", "right_square_bracket")
        assert caption(driver).startswith("Ingress shop/shop")
        await driver.press_slowly("right_square_bracket")
        assert driver.notices[-1] == "this is the newest"
        await driver.press_slowly("left_square_bracket", "left_square_bracket")
        await point_at(driver, "ConfigMap cart-config")
        await driver.press_slowly("enter", "right_square_bracket")
        assert caption(driver).startswith("ConfigMap shop/cart-config"), "what was ahead is forgotten"
        await driver.press_slowly(*["left_square_bracket"] * 3)
        assert caption(driver) == "everything, by kind"
        assert driver.notices[-1] == "this is where you came in"
        await go(driver, DEPLOYMENT)
        await point_at(driver, "owns")
        await driver.press_slowly("enter")
        assert names(driver)[:2] == ["▸ owns", "uses"]


async def test_space_opens_and_closes_and_angles_walk_further(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, DEPLOYMENT)
        await point_at(driver, "ReplicaSet cart-7d9f6b5c44")
        await driver.press_slowly("space")
        assert "▸ ReplicaSet cart-7d9f6b5c44" in names(driver)
        assert not [name for name in names(driver) if name.startswith("Pod")]
        assert pointed_at(driver) == "▸ ReplicaSet cart-7d9f6b5c44"
        await driver.press_slowly("space")
        assert names(driver) == TREE
        await point_at(driver, "Secret cart-db")
        await driver.press_slowly("space")
        assert names(driver) == TREE, "there is nothing below it"
        await driver.press_slowly("less_than_sign")
        assert "Ingress shop" not in names(driver)
        assert "1 hops, 1 back" in caption(driver)
        await driver.press_slowly("less_than_sign", "greater_than_sign", "greater_than_sign")
        assert "2 hops, 3 back" in caption(driver)
        await driver.press_slowly("less_than_sign")
        assert "hops" not in caption(driver)
        assert names(driver) == TREE


async def test_a_bunch_of_pods_is_opened_like_any_line(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, relations.vertex(REPLICASETS, "web-6c8d1f7b9"))
        assert "9 Running, 3 CrashLoopBackOff" in driver.text
        await point_at(driver, "▸ Pod ×12")
        await driver.press_slowly("enter")
        assert len([name for name in names(driver) if "Pod web" in name]) == 12
        await driver.press_slowly("down", "enter")
        assert caption(driver).startswith("Pod shop/web-6c8d1f7b9-00xyz CrashLoopBackOff")


async def test_b_tells_what_breaks_and_b_again_the_tree(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, relations.vertex(CONFIG_MAPS, "cart-config"))
        await driver.press_slowly("b")
        assert caption(driver).startswith("what breaks if ConfigMap shop/cart-config goes")
        assert {"Ingress shop", "HorizontalPodAutoscaler cart"} <= set(names(driver))
        assert driver.lines[4].split()[:2] != ["uses", ""]
        await driver.press_slowly("b")
        assert caption(driver).startswith("ConfigMap shop/cart-config")
        await go(driver, relations.vertex(INGRESSES, "shop"))
        await driver.press_slowly("b")
        assert "nothing that kite-tui knows of depends on it" in driver.text


async def test_a_filter_keeps_what_matches_and_esc_clears_it_before_it_goes_back(app: KiteApp) -> None:
    async with driving(app, (120, 40), "3", "r") as driver:
        await go(driver, DEPLOYMENT)
        await typed(driver, "tls")
        assert names(driver) == ["uses", "Secret cart-tls (missing)"]
        await driver.press_slowly("enter")
        assert "filter tls" in caption(driver)
        await driver.press_slowly("escape")
        assert names(driver) == TREE
        await typed(driver, "is:missing")
        await driver.press_slowly("enter")
        assert names(driver) == ["uses", "Secret cart-tls (missing)"]
        await typed(driver, "why:selector")
        await driver.press_slowly("enter")
        assert names(driver) == ["used by", "Service cart"]
        await typed(driver, "zzz")
        await driver.press_slowly("enter")
        assert "nothing here matches the filter; esc clears it" in driver.text
        await driver.press_slowly("escape", "escape")
        assert driver.on(PodsScreen)


# -- what keys do with a line ---------------------------------------------------------------------------------------


async def test_o_y_and_c_do_what_they_do_everywhere(app: KiteApp, session: FakeSession) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, DEPLOYMENT)
        await driver.press_slowly("o")
        assert driver.notices[-1] == "Deployment cart is on no node"
        await driver.press_slowly("c")
        assert driver.notices[-1] == "copied cart"
        await point_at(driver, f"Pod {FIRST_POD}")
        await driver.press_slowly("c")
        assert driver.notices[-1] == f"copied {FIRST_POD}"
        session.bodies[PODS.path("shop", FIRST_POD)] = Fetched(
            b'{"kind": "Pod", "metadata": {"name": "from-the-server"}}'
        )
        await driver.press_slowly("y")
        assert driver.on(YamlPage)
        await driver.until("from-the-server")
        await driver.press_slowly("escape", "o")
        assert driver.on(NodePage)
        await driver.until(DOWN)
        await driver.press_slowly("escape")
        assert pointed_at(driver) == f"Pod {FIRST_POD}"
        await go(driver, relations.vertex(NODES, DOWN))
        await point_at(driver, "used by")
        await driver.press_slowly("o")
        assert driver.on(NodePage)
