"""What breaks if an object goes: whatever nothing else builds on first, and below it the way down to the object."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kite_tui.demo.resources import AUTOSCALERS, CONFIG_MAPS, CRONJOBS, INGRESSES, JOBS, SERVICE_ACCOUNTS
from kite_tui.objects.kinds import DEPLOYMENTS, NAMESPACES, NODES, PODS, SERVICES, Kind
from kite_tui.objects.served import Served
from kite_tui.queries.related import ends_walks
from kite_tui.queries.relations import Relations
from kite_tui.queries.tree import Choice, breaking, tree
from kite_tui.queries.vertices import Vertex
from tests.queries.stores import Stores
from tests.queries.test_reverse_index import KINDS, Making, happen
from tests.queries.test_tree import CROWD, SHOP, drawn, keeping, key_of, keys
from tests.queries.things import SERVED, WIDGETS, Thing, centre, reading, running, thing


def broken(kind: Kind[Any], name: str, *things: Thing, **choice: Any) -> list[str]:
    reader = reading(*(things or SHOP), served=Served((*SERVED.kinds, WIDGETS)))
    relations, vertex = centre(reader, kind, name)
    lines = breaking(relations, vertex, Choice(**choice))
    keys(lines)
    return drawn(lines)


def test_roots_come_first_and_each_leads_down_to_the_object() -> None:
    assert broken(CONFIG_MAPS, "settings") == [
        "└─ Ingress shop",
        "   └─ Service web | default backend | 1 of 2 ready",
        "      ├─ Deployment web | selector app=web | 1/2 ready",
        "      │  └─ ConfigMap settings | envFrom",
        "      ├─ Pod web-1-a | selector app=web | Running",
        "      │  ├─ ConfigMap settings | envFrom",
        "      │  └─ ReplicaSet web-1 | owner | 0/2 ready",
        "      │     ├─ ConfigMap settings | envFrom",
        "      │     └─ Deployment web | owner | 1/2 ready",
        "      └─ Pod web-1-b | selector app=web | CrashLoopBackOff",
        "         ├─ ConfigMap settings | envFrom",
        "         └─ ReplicaSet web-1 | owner | 0/2 ready",
    ]


def test_what_nothing_depends_on_breaks_nothing() -> None:
    assert broken(INGRESSES, "shop") == []
    assert broken(CONFIG_MAPS, "nobody's", thing(CONFIG_MAPS, "nobody's")) == []


def test_owners_break_what_they_own_to_the_leaves() -> None:
    chain = (
        thing(CRONJOBS, "nightly", spec={"schedule": "@daily"}),
        thing(JOBS, "nightly-1", owned_by=[(CRONJOBS, "nightly")]),
        thing(PODS, "nightly-1-x", owned_by=[(JOBS, "nightly-1")], **running()),
    )
    assert broken(CRONJOBS, "nightly", *chain) == [
        "└─ Pod nightly-1-x | Running",
        "   └─ Job nightly-1 | owner | waiting",
        "      └─ CronJob nightly | owner | @daily",
    ]


def test_what_ends_a_walk_breaks_nothing_further_but_its_own_first_hop() -> None:
    things = (
        thing(SERVICE_ACCOUNTS, "default"),
        thing(NODES, "n1"),
        thing(PODS, "p", **running(nodeName="n1", serviceAccountName="default")),
    )
    assert broken(NODES, "n1", *things) == ["└─ Pod p | Running", "   └─ Node n1 | nodeName | Unknown"]
    assert broken(SERVICE_ACCOUNTS, "default", *things) == [
        "└─ Pod p | Running",
        "   └─ ServiceAccount default | serviceAccountName",
    ]


def test_what_ends_a_walk_still_leads_down_to_what_it_depends_on() -> None:
    tenant = thing(WIDGETS, "tenant", namespace="")
    owned = thing(NAMESPACES, "shop", owned_by=[(WIDGETS, "tenant")], status={"phase": "Active"})
    reader = reading(tenant, owned, *SHOP[1:], served=Served((*SERVED.kinds, WIDGETS)))
    relations = Relations(reader)
    lines = breaking(relations, relations.vertex(*tenant), Choice())
    assert drawn(lines) == ["└─ Namespace shop | Active", "   └─ Widget tenant | owner"]


def test_a_namespace_takes_all_that_it_contains_with_it() -> None:
    lines = broken(NAMESPACES, "shop")
    assert [line.strip("├└─ ▸").split(" ")[0] for line in lines] == [
        "ConfigMap",
        "Deployment",
        "Ingress",
        "Pod",
        "ReplicaSet",
        "Service",
    ]


def test_a_ring_of_dependents_ends_and_hides_neither_itself_nor_others() -> None:
    ring = (
        thing(WIDGETS, "centre"),
        thing(WIDGETS, "x", owned_by=[(WIDGETS, "y"), (WIDGETS, "centre")]),
        thing(WIDGETS, "y", owned_by=[(WIDGETS, "x")]),
    )
    assert broken(WIDGETS, "centre", *ring) == [
        "└─ Widget y",
        "   └─ Widget x | owner",
        "      ├─ Widget centre | owner",
        "      └─ Widget y | owner",
    ]
    beside = broken(WIDGETS, "centre", *ring, thing(WIDGETS, "leaf", owned_by=[(WIDGETS, "centre")]))
    assert [line for line in beside if line.startswith(("├─", "└─"))] == ["├─ Widget leaf", "└─ Widget y"]


def test_what_needs_an_object_in_two_ways_says_so_on_one_line() -> None:
    things = (
        thing(DEPLOYMENTS, "web"),
        thing(
            AUTOSCALERS,
            "web",
            owned_by=[(DEPLOYMENTS, "web")],
            spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
        ),
    )
    assert broken(DEPLOYMENTS, "web", *things) == [
        "└─ HorizontalPodAutoscaler web | ? of 1–?",
        "   └─ Deployment web | owner, scaleTargetRef | 0/1 ready",
    ]


def test_an_object_that_depends_on_itself_alone_is_nobody_s_dependent() -> None:
    assert broken(WIDGETS, "a", thing(WIDGETS, "a", owned_by=[(WIDGETS, "a")])) == []


def test_many_roots_of_a_kind_share_a_line_and_a_filter_keeps_the_way() -> None:
    alone = [each for each in CROWD if each[0] not in (SERVICES, INGRESSES)]
    assert broken(DEPLOYMENTS, "web", *alone) == ["└─ ▸ Pod ×12 | 9 Running, 3 CrashLoopBackOff"]
    assert broken(DEPLOYMENTS, "web", keeps=keeping("ReplicaSet")) == [
        "└─ Ingress shop",
        "   └─ Service web | default backend | 1 of 2 ready",
        "      ├─ Pod web-1-a | selector app=web | Running",
        "      │  └─ ReplicaSet web-1 | owner | 0/2 ready",
        "      └─ Pod web-1-b | selector app=web | CrashLoopBackOff",
        "         └─ ReplicaSet web-1 | owner | 0/2 ready",
    ]


def test_what_was_closed_stays_closed() -> None:
    relations, vertex = centre(reading(*SHOP), CONFIG_MAPS, "settings")
    lines = breaking(relations, vertex, Choice())
    toggled = frozenset({key_of(lines, "Service web")})
    assert drawn(breaking(relations, vertex, Choice(toggled=toggled))) == [
        "└─ Ingress shop",
        "   └─ ▸ Service web | default backend | 1 of 2 ready",
    ]


# -- any world ------------------------------------------------------------------------------------------------------


def dependents(relations: Relations, of: Vertex) -> set[tuple[str, str, str, str]]:
    """All that is found by walking against the edges."""
    found, waiting = {of.key}, [of]
    while waiting:
        vertex = waiting.pop()
        if vertex.key != of.key and ends_walks(vertex):
            continue
        for direction in ("used-by", "owned"):
            for hop in relations.hops(direction, vertex):
                if hop.to.key not in found:
                    found.add(hop.to.key)
                    waiting.append(hop.to)
    return found - {of.key}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0), events=st.integers(10, 120), bunch=st.sampled_from([1, 2, 1000]))
def test_in_any_world_every_tree_ends_and_nothing_that_breaks_is_left_out(seed: int, events: int, bunch: int) -> None:
    stores, making = Stores(KINDS), Making(seed)
    for _ in range(events):
        happen(stores, making)
    for kind, record in stores.all():
        relations = Relations(stores)
        vertex = relations.vertex(kind, record)
        lines = breaking(relations, vertex, Choice(bunch=bunch))
        keys(lines)
        keys(tree(relations, vertex, Choice(bunch=bunch)))
        if bunch == 1000:
            shown = {line.vertex.key for line in lines if line.vertex is not None}
            assert shown - {vertex.key} == dependents(relations, vertex)
