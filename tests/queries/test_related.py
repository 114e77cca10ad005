"""Walks from an object as sorted edges, what is said about it, and how far the search is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kite_tui.demo.resources import CONFIG_MAPS, INGRESSES, REPLICASETS, SECRETS, SERVICE_ACCOUNTS
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import (
    DEPLOYMENTS,
    EVENTS,
    METRICS,
    NAMESPACES,
    NODES,
    PODS,
    SERVICES,
    Kind,
)
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.served import NOTHING_KNOWN, Served
from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Off,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
)
from kite_tui.queries.related import (
    Edge,
    Progress,
    Unsearched,
    contents,
    edges,
    events_about,
    kept_events,
    not_searched,
    progress,
)
from kite_tui.queries.related_document import related_document
from tests.queries.making import ago
from tests.queries.test_tree import SHOP
from tests.queries.things import SERVED, Thing, briefly, centre, reading, running, thing


def walked(kind: Kind[Any], name: str, *directions: str, depth: int | None = None) -> list[str]:
    relations, vertex = centre(reading(*SHOP), kind, name)
    found = edges(relations, vertex, directions, depth) if directions else edges(relations, vertex, depth=depth)
    return [said(edge) for edge in found]


def said(edge: Edge) -> str:
    ends = f"{briefly(edge.holder)} -> {briefly(edge.target)}"
    return f"{edge.direction} {edge.depth} {ends} [{', '.join(edge.reasons)}] {edge.presence}"


# -- edges ----------------------------------------------------------------------------------------------------------


def test_edges_go_from_who_names_to_what_is_named_whatever_the_direction_of_the_walk() -> None:
    assert walked(PODS, "web-1-a") == [
        "owner 1 Pod web-1-a -> ReplicaSet web-1 [owner] found",
        "owner 2 ReplicaSet web-1 -> Deployment web [owner] found",
        "uses 1 Pod web-1-a -> ConfigMap settings [envFrom] found",
        "uses 1 Pod web-1-a -> Node n1 [nodeName] found",
        "used-by 1 Service web -> Pod web-1-a [selector app=web] found",
        "used-by 2 Ingress shop -> Service web [default backend] found",
    ]


def test_a_walk_goes_as_far_as_its_direction_says_or_as_it_is_told() -> None:
    assert walked(INGRESSES, "shop", "uses", depth=2)[2:4] == [
        "uses 2 Service web -> Deployment web [selector app=web] found",
        "uses 2 Service web -> Pod web-1-a [selector app=web] found",
    ]
    assert {edge.split()[1] for edge in walked(CONFIG_MAPS, "settings", "used-by", depth=1)} == {"1"}
    assert {edge.split()[1] for edge in walked(CONFIG_MAPS, "settings", "used-by")} == {"1", "2"}
    assert {edge.split()[1] for edge in walked(CONFIG_MAPS, "settings", "used-by", depth=9)} == {"1", "2", "3"}
    assert walked(PODS, "web-1-a", depth=1)[:2] == [
        "owner 1 Pod web-1-a -> ReplicaSet web-1 [owner] found",
        "uses 1 Pod web-1-a -> ConfigMap settings [envFrom] found",
    ]


def test_an_edge_is_told_at_every_way_that_leads_to_it_and_its_end_walked_from_once() -> None:
    found = walked(CONFIG_MAPS, "settings", "used-by", depth=9)
    assert found[4:] == [
        "used-by 2 Service web -> Deployment web [selector app=web] found",
        "used-by 2 Service web -> Pod web-1-a [selector app=web] found",
        "used-by 2 Service web -> Pod web-1-b [selector app=web] found",
        "used-by 3 Ingress shop -> Service web [default backend] found",
    ]


DEFAULTS: tuple[Thing, ...] = (
    thing(SERVICE_ACCOUNTS, "default"),
    thing(CONFIG_MAPS, "kube-root-ca.crt"),
    thing(NODES, "n1"),
    thing(
        PODS,
        "p",
        labels={"app": "p"},
        **running(
            nodeName="n1",
            serviceAccountName="default",
            volumes=[{"name": "ca", "configMap": {"name": "kube-root-ca.crt"}}],
        ),
    ),
    thing(SERVICES, "s", spec={"selector": {"app": "p"}}),
)


@pytest.mark.parametrize(
    ("kind", "name"), [(SERVICE_ACCOUNTS, "default"), (CONFIG_MAPS, "kube-root-ca.crt"), (NODES, "n1")]
)
def test_what_nearly_everything_uses_ends_a_walk_and_shows_its_own_first_hop(kind: Kind[Any], name: str) -> None:
    relations, vertex = centre(reading(*DEFAULTS), kind, name)
    found = edges(relations, vertex, ["used-by"])
    assert [(edge.depth, briefly(edge.far), briefly(edge.near)) for edge in found] == [
        (1, "Pod p", f"{kind.kind} {name}")
    ]
    assert {edge.depth for edge in edges(relations, vertex, ["used-by"], 2)} == {1, 2}
    relations, service = centre(reading(*DEFAULTS), SERVICES, "s")
    beyond = [edge for edge in edges(relations, service, ["uses"], 5) if edge.near.key == vertex.key]
    assert beyond == []


def test_the_account_default_of_a_name_like_it_is_like_any_other() -> None:
    things = (*DEFAULTS, thing(SERVICE_ACCOUNTS, "default-2"))
    relations, vertex = centre(reading(*things), SERVICE_ACCOUNTS, "default-2")
    assert edges(relations, vertex) == []


# -- events ---------------------------------------------------------------------------------------------------------


def event(name: str, about: str, uid: str = "", *, namespace: str = "shop", seen_s: float = 60, **more: Any) -> Event:
    kind, whose = about.split("/")
    where = {} if kind == "Node" else {"namespace": namespace}
    involved = {"kind": kind, "name": whose, "uid": uid, "apiVersion": more.pop("api", "v1"), **where}
    made = thing(EVENTS, name, involvedObject=involved, lastTimestamp=ago(seen_s), **more)
    found: Event = made[1]
    return found


def about(kind: Kind[Any], name: str, *events: Event) -> list[str]:
    _, vertex = centre(reading(*SHOP, *((EVENTS, each) for each in events)), kind, name)
    return [each.name for each in events_about(vertex, events)]


def test_events_are_an_object_s_by_uid_or_by_name_where_they_have_none() -> None:
    assert about(
        PODS,
        "web-1-a",
        event("old", "Pod/web-1-a", "Pod-web-1-a", seen_s=90),
        event("new", "Pod/web-1-a", "Pod-web-1-a", seen_s=9),
        event("same time", "Pod/web-1-a", "Pod-web-1-a", seen_s=9),
        event("nameless", "Pod/web-1-a", seen_s=300),
        event("before", "Pod/web-1-a", "the uid of one that was deleted"),
        event("beside", "Pod/web-1-b", "Pod-web-1-b"),
        event("elsewhere", "Pod/web-1-a", namespace="till"),
        event("likewise", "Service/web-1-a"),
        event("other group", "Pod/web-1-a", api="example.test/v1"),
    ) == ["new", "same time", "old", "nameless"]


def test_a_node_s_events_have_its_name_for_a_uid_as_the_kubelet_writes_them() -> None:
    kubelet, controller = event("a", "Node/n1", "n1"), event("b", "Node/n1", "Node-n1")
    assert about(NODES, "n1", kubelet, controller, event("c", "Node/n1", "another")) == ["a", "b"]
    assert about(PODS, "web-1-a", event("a", "Pod/web-1-a", "web-1-a")) == []


def test_the_events_that_are_held_are_found_by_name() -> None:
    there = [event("a", "Pod/web-1-a", "Pod-web-1-a"), event("b", "Pod/web-1-b", "Pod-web-1-b")]
    reader = reading(*SHOP, *((EVENTS, each) for each in there))
    _, vertex = centre(reader, PODS, "web-1-a")
    assert [each.name for each in kept_events(reader, vertex)] == ["a"]
    _, node = centre(reading(*SHOP, (EVENTS, event("n", "Node/n1", "n1"))), NODES, "n1")
    assert kept_events(reader, node) == []


def test_events_are_edges_of_who_uses_it() -> None:
    relations, vertex = centre(reading(*SHOP), PODS, "web-1-a")
    found = edges(relations, vertex, ["uses", "used-by"], events=[event("e", "Pod/web-1-a")])
    assert said(found[2]) == "used-by 1 Event e -> Pod web-1-a [involvedObject] found"
    assert not [
        edge for edge in edges(relations, vertex, ["uses"], events=[event("e", "Pod/web-1-a")]) if edge.depth > 1
    ]


# -- contents -------------------------------------------------------------------------------------------------------


def test_contents_are_counted_by_kind_of_a_namespace_or_of_all() -> None:
    reader = reading(*SHOP, thing(SECRETS, "s"), thing(SECRETS, "s", namespace="till"))
    assert [(kind.kind, count) for kind, count in contents(reader, "shop")] == [
        ("ConfigMap", 1),
        ("Deployment", 1),
        ("Ingress", 1),
        ("Pod", 2),
        ("ReplicaSet", 1),
        ("Secret", 1),
        ("Service", 1),
    ]
    everywhere = {kind.kind: count for kind, count in contents(reader, "")}
    assert (everywhere["Secret"], everywhere["Node"], everywhere["Namespace"]) == (2, 1, 1)
    assert contents(reader, "nowhere") == []


# -- how far the search is ------------------------------------------------------------------------------------------

FORBIDDEN = Forbidden("list", "the cluster", "you may not")


def in_states(states: Mapping[Kind[Any], State], served: Served = SERVED) -> MemoryReader:
    return reading(*SHOP, states=states, served=served)


@pytest.mark.parametrize(
    ("state", "hides"),
    [
        (Live(), False),
        (Polling(1.0), False),
        (Absent(), False),
        (Off(), False),
        (Syncing(3), False),
        (Stale(1.0, "gone"), True),
        (Partial(1, 9, "some"), True),
        (FORBIDDEN, True),
        (Auth("refused"), True),
        (Failed("500"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_kind_is_not_searched_where_it_could_not_be_looked_through(state: State, hides: bool) -> None:
    wanted = [Unsearched("secrets", state)] if hides else []
    assert not_searched(in_states({SECRETS: state})) == wanted


def test_what_was_not_searched_is_named_once_in_order_and_a_failed_group_speaks_for_its_kinds() -> None:
    served = Served(SERVED.kinds, failed=[("apps", "apps/v1: stale"), ("apps", "again")])
    states: dict[Kind[Any], State] = {
        SECRETS: FORBIDDEN,
        CONFIG_MAPS: FORBIDDEN,
        DEPLOYMENTS: Failed("503"),
        REPLICASETS: Failed("503"),
    }
    found = not_searched(in_states(states, served))
    assert [each.resource for each in found] == ["apps", "configmaps", "secrets"]
    assert isinstance(found[0].state, Failed)


def test_progress_counts_what_is_settled_however_it_ended() -> None:
    total = len(SERVED.searched)
    assert progress(in_states({})) == Progress(total, total, True)
    assert progress(in_states({})).is_done
    some = progress(in_states({SECRETS: Syncing(), PODS: Off(), NODES: FORBIDDEN, SERVICES: Absent()}))
    assert (some, some.is_done) == (Progress(total - 2, total, True), False)
    before = progress(in_states({}, NOTHING_KNOWN))
    assert not before.discovered
    assert not before.is_done


def test_metrics_and_events_are_no_part_of_the_search() -> None:
    served = Served((*SERVED.kinds, *METRICS), unwatched=METRICS)
    states = dict.fromkeys((*METRICS, EVENTS), FORBIDDEN)
    assert not_searched(in_states(states, served)) == []
    assert progress(in_states(states, served)).is_done


# -- the document ---------------------------------------------------------------------------------------------------


def document(kind: Kind[Any], name: str, states: Mapping[Kind[Any], State] | None = None) -> dict[str, Any]:
    relations, vertex = centre(in_states(states or {}), kind, name)
    return related_document(relations, vertex, edges(relations, vertex))


def test_the_document_names_objects_in_full_and_what_is_not_known_null() -> None:
    found = document(INGRESSES, "shop")
    assert list(found)[-4:] == ["object", "edges", "not_searched", "complete"]
    assert (found["schema"], found["kind"]) == (1, "Related")
    assert found["object"] == {
        "group": "networking.k8s.io",
        "version": "v1",
        "kind": "Ingress",
        "namespace": "shop",
        "name": "shop",
        "uid": "Ingress-shop",
    }
    gone, web = found["edges"]
    assert list(web) == ["direction", "depth", "from", "to", "reasons", "state", "status"]
    assert (web["reasons"], web["state"], web["status"]) == (["default backend"], "found", "1 of 2 ready")
    assert (gone["to"]["name"], gone["to"]["uid"], gone["state"], gone["status"]) == ("gone", None, "missing", None)
    assert document(NODES, "n1")["object"]["namespace"] is None


def test_the_document_is_complete_where_everything_was_looked_through() -> None:
    assert document(PODS, "web-1-a")["complete"] is True
    assert document(PODS, "web-1-a")["not_searched"] == []
    assert document(PODS, "web-1-a", {SECRETS: Absent()})["complete"] is True
    for state in (FORBIDDEN, Syncing(), Off(), Stale(1.0, "gone")):
        assert document(PODS, "web-1-a", {SECRETS: state})["complete"] is False
    hidden = document(PODS, "web-1-a", {SECRETS: FORBIDDEN})["not_searched"]
    assert hidden == [{"resource": "secrets", "state": "forbidden", "reason": "you may not"}]


def test_a_namespace_s_document_says_what_it_contains() -> None:
    assert document(NAMESPACES, "shop")["contains"][:2] == [
        {"resource": "configmaps", "count": 1},
        {"resource": "deployments.apps", "count": 1},
    ]
    assert "contains" not in document(PODS, "web-1-a")
