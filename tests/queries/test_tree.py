"""What an object hangs together with, as lines: groups, then objects below one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from kite_tui.demo.resources import CONFIG_MAPS, ENDPOINT_SLICES, INGRESSES, REPLICASETS, SECRETS
from kite_tui.objects.kinds import CLAIMS, DEPLOYMENTS, EVENTS, NAMESPACES, NODES, PODS, SERVICES, Kind
from kite_tui.objects.links.network import SERVICE_NAME
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.states import Forbidden
from kite_tui.queries.related import Unsearched, ends_walks
from kite_tui.queries.tree import BUNCH, Choice, Line, everything, tree
from kite_tui.queries.vertices import Hop
from tests.queries.making import ago
from tests.queries.things import WIDGETS, Thing, briefly, centre, env_of, reading, running, thing

LABELS = {"app": "web"}
TEMPLATE = {"metadata": {"labels": LABELS}, "spec": env_of("settings")}
CRASHED = {
    "spec": env_of("settings"),
    "status": {
        "phase": "Running",
        "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
    },
}


def web_pod(name: str, body: Any = None) -> Thing:
    body = body or running(**env_of("settings"), nodeName="n1")
    return thing(PODS, name, labels=LABELS, owned_by=[(REPLICASETS, "web-1")], **body)


SHOP: tuple[Thing, ...] = (
    thing(NAMESPACES, "shop", status={"phase": "Active"}),
    thing(NODES, "n1"),
    thing(CONFIG_MAPS, "settings"),
    thing(DEPLOYMENTS, "web", spec={"replicas": 2, "template": TEMPLATE}, status={"availableReplicas": 1}),
    thing(REPLICASETS, "web-1", owned_by=[(DEPLOYMENTS, "web")], spec={"replicas": 2, "template": TEMPLATE}, status={}),
    web_pod("web-1-a"),
    web_pod("web-1-b", CRASHED),
    thing(SERVICES, "web", spec={"selector": LABELS}),
    thing(INGRESSES, "shop", spec={"defaultBackend": {"service": {"name": "web"}}, "tls": [{"secretName": "gone"}]}),
)


def said(line: Line) -> str:
    """A line as a person reads it, its columns apart by ` | `."""
    if line.vertex is not None:
        what = briefly(line.vertex)
    else:
        what = f"{line.title} ×{line.count}" if line.count else line.title
    mark = "▸ " if line.fold == "closed" else ""
    return " | ".join(filter(None, [f"{line.guides}{mark}{what}", ", ".join(line.reasons), line.status.text]))


def lines_of(kind: Kind[Any], name: str, *things: Thing, **choice: Any) -> list[Line]:
    relations, vertex = centre(reading(*(things or SHOP)), kind, name)
    return tree(relations, vertex, Choice(**choice))


def drawn(lines: Sequence[Line]) -> list[str]:
    return [said(line) for line in lines]


def keys(lines: Sequence[Line]) -> list[str]:
    found = [line.key for line in lines]
    assert len(set(found)) == len(found), "no two lines have the same key"
    return found


def key_of(lines: Sequence[Line], what: str) -> str:
    """The key of the line that says something."""
    (found,) = [line.key for line in lines if re.search(rf"[─▸] {re.escape(what)}( |$)", said(line))]
    return found


# -- groups ---------------------------------------------------------------------------------------------------------


def test_a_deployment_s_tree_tells_what_it_owns_uses_and_is_used_by() -> None:
    assert drawn(lines_of(DEPLOYMENTS, "web")) == [
        "├─ owns",
        "│  └─ ReplicaSet web-1 | owner | 0/2 ready",
        "│     ├─ Pod web-1-a | owner | Running",
        "│     └─ Pod web-1-b | owner | CrashLoopBackOff",
        "├─ uses",
        "│  ├─ ConfigMap settings | envFrom",
        "│  └─ ServiceAccount default (missing) | serviceAccountName | missing",
        "└─ used by",
        "   └─ Service web | selector app=web | 1 of 2 ready",
        "      └─ Ingress shop | default backend",
    ]


def test_a_pod_s_tree_goes_up_to_the_root_and_ends_at_its_node() -> None:
    assert drawn(lines_of(PODS, "web-1-a")) == [
        "├─ owned by",
        "│  └─ ReplicaSet web-1 | owner | 0/2 ready",
        "│     └─ Deployment web | owner | 1/2 ready",
        "├─ uses",
        "│  ├─ ConfigMap settings | envFrom",
        "│  └─ Node n1 | nodeName | Unknown",
        "└─ used by",
        "   └─ Service web | selector app=web | 1 of 2 ready",
        "      └─ Ingress shop | default backend",
    ]


def test_what_is_missing_or_not_known_is_a_line_that_says_so() -> None:
    assert drawn(lines_of(INGRESSES, "shop")) == [
        "└─ uses",
        "   ├─ Secret gone (missing) | tls | missing",
        "   └─ Service web | default backend | 1 of 2 ready",
    ]
    relations, vertex = centre(reading(*SHOP, states={SECRETS: Forbidden("list", "")}), INGRESSES, "shop")
    assert "   ├─ Secret gone (unknown) | tls | not known" in drawn(tree(relations, vertex, Choice()))


def test_only_the_directions_asked_for_are_shown_and_a_thing_alone_has_no_lines() -> None:
    assert drawn(lines_of(DEPLOYMENTS, "web", directions=("owned",)))[0] == "└─ owns"
    assert lines_of(CONFIG_MAPS, "alone", thing(CONFIG_MAPS, "alone")) == []


def test_events_stand_at_the_end_with_their_reason_and_their_number() -> None:
    about = {"kind": "Pod", "namespace": "shop", "name": "web-1-a", "uid": "Pod-web-1-a"}
    _, event = thing(EVENTS, "e", involvedObject=about, reason="BackOff", count=4, type="Warning", lastTimestamp=ago(9))
    relations, vertex = centre(reading(*SHOP), PODS, "web-1-a")
    assert drawn(tree(relations, vertex, Choice(), [event]))[-2:] == ["└─ events", "   └─ Event e | BackOff | ×4"]
    assert "└─ events" not in drawn(tree(relations, vertex, Choice(directions=("uses",)), [event]))


def test_what_was_not_searched_is_a_group_of_its_own_and_closed_where_it_is_long() -> None:
    relations, vertex = centre(reading(*SHOP), CONFIG_MAPS, "settings")
    few = [Unsearched("secrets", Forbidden("list", ""))]
    assert drawn(tree(relations, vertex, Choice(), unsearched=few))[-2:] == [
        "└─ not searched ×1",
        "   └─ secrets | forbidden",
    ]
    many = [Unsearched(f"kind{at}", Forbidden("list", "")) for at in range(BUNCH + 1)]
    closed = tree(relations, vertex, Choice(), unsearched=many)
    assert drawn(closed)[-1] == f"└─ ▸ not searched ×{BUNCH + 1}"
    opened = tree(relations, vertex, Choice(toggled=frozenset({closed[-1].key})), unsearched=many)
    assert len(opened) == len(closed) + len(many)


# -- how far --------------------------------------------------------------------------------------------------------


def test_hops_can_be_fewer_or_more_in_each_direction() -> None:
    assert drawn(lines_of(CONFIG_MAPS, "settings", hops={"used-by": 1}, directions=("used-by",))) == [
        "└─ used by",
        "   ├─ Deployment web | envFrom | 1/2 ready",
        "   ├─ Pod web-1-a | envFrom | Running",
        "   ├─ Pod web-1-b | envFrom | CrashLoopBackOff",
        "   └─ ReplicaSet web-1 | envFrom | 0/2 ready",
    ]
    assert drawn(lines_of(CONFIG_MAPS, "settings", hops={"used-by": 3}, directions=("used-by",)))[1:4] == [
        "   ├─ Deployment web | envFrom | 1/2 ready",
        "   │  └─ Service web | selector app=web | 1 of 2 ready",
        "   │     └─ Ingress shop | default backend",
    ]
    assert lines_of(DEPLOYMENTS, "web", hops={"owned": 0}, directions=("owned",)) == []


@pytest.mark.parametrize(("kind", "name"), [(NODES, "n1"), (NAMESPACES, "shop")])
def test_a_node_or_a_namespace_shows_who_uses_it_and_nothing_behind(kind: Kind[Any], name: str) -> None:
    relations, vertex = centre(reading(*SHOP), kind, name)
    assert ends_walks(vertex)
    assert max((line.depth for line in tree(relations, vertex, Choice(directions=("used-by",)))), default=1) == 1


def test_titles_are_told_apart_from_lines_that_stand_for_many() -> None:
    relations, vertex = centre(reading(*CROWD), REPLICASETS, "web-1")
    lines = tree(relations, vertex, Choice(), unsearched=[Unsearched("secrets", Forbidden("list", ""))])
    assert [line.title for line in lines if line.is_title] == ["owned by", "owns", "uses", "not searched"]
    assert [line.title for line in lines if line.vertex is None and not line.is_title] == ["Pod", "secrets"]


def test_every_line_knows_how_far_it_is() -> None:
    lines = lines_of(DEPLOYMENTS, "web")
    assert [line.depth for line in lines] == [0, 1, 2, 2, 0, 1, 1, 0, 1, 2]


def test_an_object_has_one_line_in_a_group_at_the_fewest_hops() -> None:
    lines = lines_of(CONFIG_MAPS, "settings", directions=("used-by",))
    assert [said(line) for line in lines if "Service web" in said(line)] == [
        "   │  └─ Service web | selector app=web | 1 of 2 ready"
    ]
    for kind, record in SHOP:
        for direction in ("owner", "owned", "uses", "used-by"):
            lines = lines_of(kind, record.name, directions=(direction,), hops={direction: 6})
            named = [line.vertex.key for line in lines if line.vertex]
            assert len(named) == len(set(named))


def test_objects_that_own_one_another_in_a_ring_end_where_they_began() -> None:
    ring = [thing(WIDGETS, name, owned_by=[(WIDGETS, owner)]) for name, owner in ("ac", "ba", "cb")]
    served = reading(*SHOP).served
    relations, vertex = centre(reading(*ring, served=type(served)((*served.kinds, WIDGETS))), WIDGETS, "a")
    assert drawn(tree(relations, vertex, Choice())) == [
        "├─ owned by",
        "│  └─ Widget c | owner",
        "│     └─ Widget b | owner",
        "└─ owns",
        "   └─ Widget b | owner",
        "      └─ Widget c | owner",
    ]


# -- many -----------------------------------------------------------------------------------------------------------

CROWD = (*SHOP[:-4], *(web_pod(f"p{at:02}", CRASHED if at < 3 else None) for at in range(12)), *SHOP[-2:])


def test_many_siblings_of_a_kind_share_a_line_that_counts_and_sums_them_up() -> None:
    assert drawn(lines_of(REPLICASETS, "web-1", *CROWD, directions=("owned",))) == [
        "└─ owns",
        "   └─ ▸ Pod ×12 | owner | 9 Running, 3 CrashLoopBackOff",
    ]
    (bunch,) = [line for line in lines_of(REPLICASETS, "web-1", *CROWD, directions=("owned",)) if line.count]
    assert bunch.status.tone == "bad"
    just_few = [each for each in CROWD if each[1].name not in ("p00", "p01", "p02", "p03")]
    assert len(lines_of(REPLICASETS, "web-1", *just_few, directions=("owned",))) == 1 + BUNCH
    assert len(lines_of(REPLICASETS, "web-1", *CROWD, directions=("owned",), bunch=99)) == 13


def test_a_bunch_that_is_opened_has_its_objects_closed_until_they_are_opened_too() -> None:
    closed = lines_of(CONFIG_MAPS, "settings", *CROWD, directions=("used-by",))
    bunch = key_of(closed, "Pod")
    opened = lines_of(CONFIG_MAPS, "settings", *CROWD, directions=("used-by",), toggled=frozenset({bunch}))
    inside = [line for line in opened if line.key.startswith(f"{bunch}/")]
    assert [said(line).strip("│├└─ ") for line in inside[:2]] == [
        "▸ Pod p00 | envFrom | CrashLoopBackOff",
        "▸ Pod p01 | envFrom | CrashLoopBackOff",
    ]
    assert len(inside) == 12
    both = frozenset({bunch, inside[0].key})
    further = lines_of(CONFIG_MAPS, "settings", *CROWD, directions=("used-by",), toggled=both)
    assert len(further) == len(opened), "its only user has a line already"


def test_of_pods_that_nobody_can_know_about_a_bunch_never_says_that_they_are_missing() -> None:
    endpoints = [{"targetRef": {"kind": "Pod", "name": f"p{at}"}} for at in range(12)]
    there = [thing(PODS, "p0", **running())]
    things = (
        thing(SERVICES, "db", spec={"type": "ClusterIP"}),
        thing(ENDPOINT_SLICES, "db-1", labels={SERVICE_NAME: "db"}, endpoints=endpoints),
        *there,
    )

    def bunch(reader: MemoryReader) -> str:
        relations, vertex = centre(reader, SERVICES, "db")
        (found,) = [line for line in tree(relations, vertex, Choice(directions=("uses",))) if line.count]
        return found.status.text

    assert bunch(reading(*things)) == "11 missing, 1 Running"
    assert bunch(reading(*things, states={PODS: Forbidden("list", "")})) == "11 not known, 1 Running"


# -- opened and closed ----------------------------------------------------------------------------------------------


def test_what_is_closed_hides_what_is_below_and_a_key_means_the_same_line_in_the_next_tree() -> None:
    lines = lines_of(DEPLOYMENTS, "web")
    for what, hidden in (("owns", 3), ("ReplicaSet web-1", 2), ("Service web", 1), ("uses", 2)):
        key = key_of(lines, what)
        closed = lines_of(DEPLOYMENTS, "web", toggled=frozenset({key}))
        assert len(closed) == len(lines) - hidden, what
        assert [line.fold for line in closed if line.key == key] == ["closed"]
        assert set(keys(closed)) < set(keys(lines))
    later = lines_of(DEPLOYMENTS, "web", *SHOP, web_pod("web-1-0"))
    assert set(keys(lines)) < set(keys(later))
    assert drawn(lines_of(DEPLOYMENTS, "web", toggled=frozenset({"no such line"}))) == drawn(lines)


def test_a_line_with_nothing_below_it_has_no_fold() -> None:
    folds = {said(line).split(" | ")[0].strip("│├└─ ▸"): line.fold for line in lines_of(DEPLOYMENTS, "web")}
    assert folds["Pod web-1-a"] == folds["ConfigMap settings"] == folds["Ingress shop"] == ""
    assert folds["ReplicaSet web-1"] == folds["Service web"] == folds["owns"] == "open"


# -- filter ---------------------------------------------------------------------------------------------------------


def keeping(word: str) -> Any:
    def keeps(hop: Hop) -> bool:
        return word in f"{briefly(hop.to)} {' '.join(hop.reasons)}"

    return keeps


def test_a_filter_keeps_what_matches_and_what_leads_to_it() -> None:
    assert drawn(lines_of(DEPLOYMENTS, "web", keeps=keeping("Ingress"))) == [
        "└─ used by",
        "   └─ Service web | selector app=web | 1 of 2 ready",
        "      └─ Ingress shop | default backend",
    ]
    assert drawn(lines_of(DEPLOYMENTS, "web", keeps=keeping("web-1-b"))) == [
        "└─ owns",
        "   └─ ReplicaSet web-1 | owner | 0/2 ready",
        "      └─ Pod web-1-b | owner | CrashLoopBackOff",
    ]
    assert drawn(lines_of(DEPLOYMENTS, "web", keeps=keeping("missing"))) == [
        "└─ uses",
        "   └─ ServiceAccount default (missing) | serviceAccountName | missing",
    ]
    assert lines_of(DEPLOYMENTS, "web", keeps=keeping("nothing of the kind")) == []


def test_a_bunch_counts_what_the_filter_keeps_of_it() -> None:
    found = lines_of(REPLICASETS, "web-1", *CROWD, directions=("owned",), keeps=keeping("p0"))
    assert drawn(found) == ["└─ owns", "   └─ ▸ Pod ×10 | owner | 7 Running, 3 CrashLoopBackOff"]
    assert lines_of(REPLICASETS, "web-1", *CROWD, directions=("owned",), keeps=keeping("p99")) == []


# -- contents -------------------------------------------------------------------------------------------------------


def test_a_namespace_contains_a_line_a_kind_that_opens_to_its_objects() -> None:
    lines = lines_of(NAMESPACES, "shop", *SHOP, thing(CLAIMS, "far", namespace="till"))
    assert drawn(lines) == [
        "└─ contains",
        "   ├─ ▸ ConfigMap ×1",
        "   ├─ ▸ Deployment ×1",
        "   ├─ ▸ Ingress ×1",
        "   ├─ ▸ Pod ×2",
        "   ├─ ▸ ReplicaSet ×1",
        "   └─ ▸ Service ×1",
    ]
    opened = lines_of(NAMESPACES, "shop", toggled=frozenset({key_of(lines, "Pod")}))
    assert drawn(opened)[4:7] == [
        "   ├─ Pod ×2",
        "   │  ├─ Pod web-1-a | Running",
        "   │  └─ Pod web-1-b | CrashLoopBackOff",
    ]


def test_everything_is_a_line_a_kind_cluster_wide() -> None:
    relations, _ = centre(reading(*SHOP), NODES, "n1")
    lines = everything(relations, Choice())
    assert [line.title for line in lines] == sorted(line.title for line in lines)
    assert {line.title: line.count for line in lines} == {
        "ConfigMap": 1,
        "Deployment": 1,
        "Ingress": 1,
        "Namespace": 1,
        "Node": 1,
        "Pod": 2,
        "ReplicaSet": 1,
        "Service": 1,
    }


def test_a_filter_over_everything_keeps_the_kinds_that_have_something_and_counts_it() -> None:
    relations, _ = centre(reading(*SHOP), NODES, "n1")
    lines = everything(relations, Choice(keeps=keeping("web-1")))
    assert drawn(lines) == ["├─ ▸ Pod ×2", "└─ ▸ ReplicaSet ×1"]
    opened = everything(relations, Choice(toggled=frozenset(keys(lines)), keeps=keeping("web-1-b")))
    assert drawn(opened) == ["└─ Pod ×1", "   └─ Pod web-1-b | CrashLoopBackOff"]
    assert lines_of(NAMESPACES, "shop", keeps=keeping("no such thing")) == []
