"""Related while things happen: changes, deletions, events that come, a search that goes on, answers that are late."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kite_tui.app import KiteApp
from kite_tui.demo.resources import CONFIG_MAPS, SECRETS
from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, PODS, Kind
from kite_tui.objects.served import NOTHING_KNOWN, Served, undiscovered
from kite_tui.objects.states import Failed, Forbidden, Live, Syncing
from kite_tui.queries.vertices import Vertex
from kite_tui.session.cluster import Fetched
from tests.queries.things import WIDGETS, thing
from tests.screens import relations
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import driving
from tests.screens.relations import (
    ALL,
    CART,
    CART_SPEC,
    DEPLOYMENT,
    DOWN,
    POD,
    PODS_OF_CART,
    TREE,
    caption,
    go,
    names,
    screen,
    typed,
)

FIRST_POD = PODS_OF_CART[0]
FORBIDDEN = Forbidden("list", "the cluster", "you may not")


@pytest.fixture
def source() -> FakeSource:
    return relations.source()


@pytest.fixture
def session(source: FakeSource) -> FakeSession:
    return relations.session(source)


# -- while it is shown ----------------------------------------------------------------------------------------------


async def test_changes_are_seen_and_what_is_deleted_is_said_to_be_gone(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, DEPLOYMENT)
        source.remove(PODS, ("shop", FIRST_POD))
        await driver.until(FIRST_POD, gone=True)
        new = relations.pod("cart-7d9f6b5c44-new", "cart-7d9f6b5c44", CART, CART_SPEC, DOWN)
        source.put(*new)
        await driver.until("cart-7d9f6b5c44-new")
        source.remove(DEPLOYMENTS, ("shop", "cart"))
        await driver.until("is not there (any more)")
        assert {"owns", "uses", "ConfigMap cart-config"} <= set(names(driver)), "what it used is told all the same"
        source.put(*relations.deployment("cart", CART, CART_SPEC, 3, 3))
        await driver.until("3/3 ready")
        assert "is not there" not in driver.text
        source.become(Syncing(), DEPLOYMENTS)
        source.remove(DEPLOYMENTS, ("shop", "cart"))
        await driver.settle()
        assert "is not there" not in driver.text, "nobody knows"


async def test_what_changes_is_marked_and_what_is_opened_or_filtered_is_not(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40)) as driver:

        def marked() -> bool:
            return driver.table._marks.next_s is not None

        await go(driver, DEPLOYMENT)
        await driver.press_slowly("greater_than_sign", "space", "space", "b", "b")
        await typed(driver, "cart")
        await driver.press_slowly("escape")
        assert not marked()
        source.put(*relations.event("late", POD.name, "Unhealthy"))
        await driver.settle()
        assert not marked(), "it is about one of its pods"
        source.put(*relations.replica_set("cart-7d9f6b5c44", "cart", 3, 3))
        await driver.until(marked)


async def test_an_object_of_a_kind_that_is_no_longer_served_is_gone_too(app: KiteApp, source: FakeSource) -> None:
    async with driving(app, (120, 40)) as driver:
        kind, widget = thing(WIDGETS, "w")
        source.put(kind, widget)
        await go(driver, Vertex(kind.group, kind.kind, "shop", "w", kind, widget))
        assert caption(driver).startswith("Widget shop/w")
        source.served = Served([kind for kind in ALL.kinds if kind != WIDGETS])
        source.put(*relations.THINGS[0])
        await driver.until("is not there (any more)")


async def test_all_events_about_an_object_are_fetched_and_warnings_come_by_themselves(
    app: KiteApp, source: FakeSource, session: FakeSession
) -> None:
    session.default = None
    about = {"kind": "Pod", "namespace": "shop", "name": POD.name, "uid": POD.uid}
    async with driving(app, (120, 40)) as driver:
        await go(driver, POD)
        assert names(driver)[-2:] == ["events", "Event crash"], "the one that the cache has"
        ((path, done),) = session.asked
        assert path == EVENTS.path("shop")
        normal = {"metadata": {"name": "pulled", "namespace": "shop", "uid": "e1"}, "involvedObject": about}
        done(Fetched(json.dumps({"items": [{**normal, "reason": "Pulled", "type": "Normal"}]}).encode()))
        await driver.until("Pulled")
        source.put(*relations.event("late", POD.name, "Unhealthy"))
        await driver.until("Unhealthy")
        assert [name for name in names(driver) if name.startswith("Event")] == [
            "Event crash",
            "Event late",
            "Event pulled",
        ]
        await driver.press_slowly("ctrl+r")
        assert len(session.asked) == 2
        for answer in (Fetched(error="forbidden"), Fetched(b"<html>"), Fetched(b'{"items": [7]}')):
            session.asked[-1][1](answer)
            await driver.settle()
            assert [name for name in names(driver) if name.startswith("Event")] == [
                "Event crash",
                "Event late",
                "Event pulled",
            ], "what was fetched before is better than nothing"
            assert "events: " in caption(driver)
        session.asked[-1][1](Fetched(b'{"items": []}'))
        await driver.settle()
        assert "Event pulled" not in names(driver)
        assert "events: " not in caption(driver)


async def test_how_far_the_search_is_and_what_it_may_have_missed_is_always_said() -> None:
    states = {CONFIG_MAPS: Syncing(), SECRETS: Syncing(5, 9)}
    source = relations.source(states, served=NOTHING_KNOWN)
    app = KiteApp(relations.session(source))
    async with driving(app, (140, 40)) as driver:
        await go(driver, DEPLOYMENT)
        assert "asking what the server serves…" in caption(driver)
        source.served = ALL
        source.become(Live(), DEPLOYMENTS)
        total = len(ALL.searched)
        await driver.until(f"searched {total - 2} of {total} kinds…")
        source.become(Live(), CONFIG_MAPS)
        source.become(FORBIDDEN, SECRETS)
        await driver.until("not searched: secrets (forbidden)")
        assert "of " + str(total) not in caption(driver)
        assert names(driver)[-2:] == ["not searched ×1", "secrets"]
        assert "Secret cart-tls (unknown)" in names(driver)
        source.become(FORBIDDEN, *(kind for kind in ALL.searched if kind != DEPLOYMENTS))
        await driver.until(f"not searched: {total - 1} kinds")


async def test_where_the_server_could_not_be_asked_nothing_is_said_to_be_under_way() -> None:
    source = relations.source(dict.fromkeys(ALL.kinds, Failed("refused")), served=undiscovered("refused"), empty=True)
    async with driving(KiteApp(relations.session(source)), (120, 40), "4") as driver:
        await driver.until("not searched: ")
        assert "asking" not in caption(driver)
        assert "the server could not be asked" in driver.text


async def test_while_nothing_is_read_yet_it_says_that_it_searches() -> None:
    source = relations.source(dict.fromkeys(ALL.kinds, Syncing()), empty=True)
    async with driving(KiteApp(relations.session(source)), (120, 40), "4") as driver:
        assert "searching…" in driver.text


# -- answers that come late -----------------------------------------------------------------------------------------


async def test_an_answer_about_another_place_changes_nothing(app: KiteApp) -> None:
    async with driving(app, (120, 40), "4") as driver:
        at = screen(driver)
        everything = at.question()()
        await go(driver, DEPLOYMENT)
        of_deployment = at.question()()
        at.show(everything)
        assert names(driver) == TREE
        await driver.press_slowly("left_square_bracket")
        at.show(of_deployment)
        await driver.settle()
        assert caption(driver) == "everything, by kind"
        assert at.place.about is None


async def test_an_owner_whose_scope_was_not_known_is_found_once_it_is() -> None:
    tenants: Kind[Any] = Kind("example.test", "v1", "Tenant", "tenants", "tenant", False)
    source = relations.source(served=NOTHING_KNOWN)
    app = KiteApp(relations.session(source))
    async with driving(app, (120, 40)) as driver:
        await go(driver, Vertex(tenants.group, tenants.kind, "shop", "t"))
        source.served = Served((*ALL.kinds, tenants))
        source.put(*thing(tenants, "t"))
        source.become(Live(), tenants)
        await driver.until("Tenant t")
        assert "is not there" not in driver.text


async def test_lines_that_are_drawn_once_more_before_the_next_are_those_that_were_there(app: KiteApp) -> None:
    async with driving(app, (120, 40)) as driver:
        await go(driver, DEPLOYMENT)
        at = screen(driver)
        driver.table._forget()
        view = at.question()()
        at.show(replace(view, lines=view.lines[:1]))
        assert names(driver) == ["owns"]
