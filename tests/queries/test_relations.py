"""One step from an object: what is there, what is missing, what nobody can know, and what a step costs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from kite_tui.demo.resources import (
    CLUSTER_ROLES,
    CONFIG_MAPS,
    DISRUPTION_BUDGETS,
    ENDPOINT_SLICES,
    INGRESSES,
    REPLICASETS,
    ROLE_BINDINGS,
    SERVICE_ACCOUNTS,
    SNAPSHOTS,
    VOLUMES,
)
from kite_tui.objects.kinds import CLAIMS, DEPLOYMENTS, METRICS, NODES, PODS, SERVICES, STATEFULSETS, Kind
from kite_tui.objects.links.network import SERVICE_NAME
from kite_tui.objects.served import Served
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
from kite_tui.queries.related import edges
from kite_tui.queries.relations import OFTEN, Relations
from tests.queries.stores import Stores
from tests.queries.things import SERVED, WIDGETS, Thing, briefly, centre, env_of, hops, reading, running, thing

POD = thing(PODS, "cart", **running(**env_of("settings"), serviceAccountName="robot"))
ROBOT = thing(SERVICE_ACCOUNTS, "robot")
USES = ["ServiceAccount robot: serviceAccountName"]


# -- missing is claimed only where it is known ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "presence"),
    [
        (Live(), "missing"),
        (Polling(1.0), "missing"),
        (Syncing(), "unknown"),
        (Syncing(500, 501), "unknown"),
        (Stale(1.0, "gone"), "unknown"),
        (Partial(1, 2), "unknown"),
        (Forbidden("list", ""), "unknown"),
        (Absent(), "unknown"),
        (Auth("refused"), "unknown"),
        (Failed("refused"), "unknown"),
        (Off(), "unknown"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, msgspec.Struct) else "",
)
def test_missing_is_said_only_where_a_whole_list_of_its_kind_is_at_hand(state: State, presence: str) -> None:
    relations, pod = centre(reading(POD, ROBOT, states={CONFIG_MAPS: state}), PODS, "cart")
    assert hops(relations, "uses", pod) == [f"ConfigMap settings ({presence}): envFrom", *USES]
    found = reading(POD, ROBOT, thing(CONFIG_MAPS, "settings"), states={CONFIG_MAPS: state})
    assert hops(*_uses(found)) == ["ConfigMap settings: envFrom", *USES]


def _uses(reader: Any) -> tuple[Relations, str, Any]:
    relations, pod = centre(reader, PODS, "cart")
    return relations, "uses", pod


def test_what_may_be_absent_is_no_fault_unless_somebody_else_needs_it() -> None:
    pod = thing(PODS, "cart", **running(**env_of("settings", optional=True)))
    assert hops(*_uses(reading(pod)))[0] == "ConfigMap settings (optional-absent): envFrom"
    spec = env_of("settings", optional=True)
    spec["containers"].append(
        {"name": "b", "env": [{"name": "E", "valueFrom": {"configMapKeyRef": {"name": "settings"}}}]}
    )
    both = thing(PODS, "cart", **running(**spec))
    assert hops(*_uses(reading(both)))[0] == "ConfigMap settings (missing): env E, envFrom"


def test_what_the_server_does_not_serve_is_missing_once_that_is_known() -> None:
    source = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "friday"}
    claim = thing(CLAIMS, "data", spec={"dataSourceRef": source})
    kinds = [kind for kind in SERVED.kinds if kind != SNAPSHOTS]

    def presence(served: Served) -> list[str]:
        relations, vertex = centre(reading(claim, served=served), CLAIMS, "data")
        return [briefly(hop.to) for hop in relations.hops("uses", vertex)]

    assert presence(Served(kinds)) == ["VolumeSnapshot friday (missing)"]
    assert presence(Served(kinds, failed=[(SNAPSHOTS.group, "503")])) == ["VolumeSnapshot friday (unknown)"]
    assert presence(Served(kinds, is_known=False)) == ["VolumeSnapshot friday (unknown)"]


# -- the same name with another uid ---------------------------------------------------------------------------------


def test_an_owner_of_the_right_name_and_another_uid_is_missing_and_owns_nothing() -> None:
    made_anew = thing(REPLICASETS, "web-1", uid="later")
    pod = thing(PODS, "web-1-x", owned_by=[(REPLICASETS, "web-1")], **running())
    relations, vertex = centre(reading(made_anew, pod), PODS, "web-1-x")
    assert hops(relations, "owner", vertex) == ["ReplicaSet web-1 (missing): owner"]
    assert relations.hops("owned", relations.find(REPLICASETS, "shop", "web-1")) == []


def test_a_claim_that_was_made_anew_is_not_the_one_that_a_volume_is_for() -> None:
    reference = {"namespace": "shop", "name": "data", "uid": "earlier"}
    volume = thing(VOLUMES, "pv", spec={"claimRef": reference})
    relations, vertex = centre(reading(volume, thing(CLAIMS, "data")), VOLUMES, "pv")
    assert hops(relations, "uses", vertex) == ["PersistentVolumeClaim data (missing): claimRef"]
    assert relations.hops("used-by", relations.find(CLAIMS, "shop", "data")) == []


def test_where_one_place_means_an_object_that_is_there_and_another_one_before_it_the_one_that_is_there_counts() -> None:
    service = thing(SERVICES, "db", spec={"type": "ClusterIP"})
    slices = [
        thing(
            ENDPOINT_SLICES,
            f"db-{at}",
            labels={SERVICE_NAME: "db"},
            endpoints=[{"targetRef": {"kind": "Pod", "name": "cart", "uid": uid}}],
        )
        for at, uid in enumerate(["before", "Pod-cart", "long before"])
    ]
    relations, vertex = centre(reading(service, POD, *slices), SERVICES, "db")
    assert hops(relations, "uses", vertex) == ["Pod cart: endpoint of db-1"]
    assert "Service db: endpoint of db-1" in hops(relations, "used-by", relations.find(PODS, "shop", "cart"))


def test_a_namespaced_owner_counts_in_its_own_namespace_only_and_one_of_the_cluster_in_all() -> None:
    reader = reading(
        thing(DEPLOYMENTS, "web"),
        thing(REPLICASETS, "near", owned_by=[(DEPLOYMENTS, "web")]),
        thing(REPLICASETS, "far", namespace="till", owned_by=[(DEPLOYMENTS, "web")]),
        thing(NODES, "n1"),
        thing(PODS, "static", namespace="kube-system", owned_by=[(NODES, "n1")]),
    )
    relations = Relations(reader)
    assert hops(relations, "owned", relations.find(DEPLOYMENTS, "shop", "web")) == ["ReplicaSet near: owner"]
    assert hops(relations, "owner", relations.find(REPLICASETS, "till", "far")) == ["Deployment web (missing): owner"]
    assert hops(relations, "owned", relations.find(NODES, "", "n1")) == ["Pod static: owner"]
    assert hops(relations, "owner", relations.find(PODS, "kube-system", "static")) == ["Node n1: owner"]


# -- selections -----------------------------------------------------------------------------------------------------


def test_a_service_means_pods_that_have_not_ended_and_workloads_that_no_other_controls() -> None:
    template = {"metadata": {"labels": {"app": "web"}}}
    reader = reading(
        thing(SERVICES, "web", spec={"selector": {"app": "web"}}),
        thing(SERVICES, "out", spec={"type": "ExternalName", "selector": {"app": "web"}}),
        thing(PODS, "here", labels={"app": "web"}, **running()),
        thing(PODS, "ended", labels={"app": "web"}, status={"phase": "Failed"}),
        thing(PODS, "other", labels={"app": "till"}, **running()),
        thing(DEPLOYMENTS, "web", spec={"template": template}),
        thing(REPLICASETS, "web-1", owned_by=[(DEPLOYMENTS, "web")], spec={"template": template}),
        thing(REPLICASETS, "alone", owned_by=[(WIDGETS, "w")], spec={"template": template}),
        thing(DISRUPTION_BUDGETS, "all", spec={"selector": {}}),
        thing(DISRUPTION_BUDGETS, "none", spec={}),
    )
    relations = Relations(reader)
    assert [briefly(hop.to) for hop in relations.hops("uses", relations.find(SERVICES, "shop", "web"))] == [
        "Deployment web",
        "Pod here",
        "ReplicaSet alone",
    ]
    assert relations.hops("uses", relations.find(SERVICES, "shop", "out")) == []
    assert hops(relations, "used-by", relations.find(PODS, "shop", "ended")) == [
        "PodDisruptionBudget all: selector everything"
    ]
    assert hops(relations, "used-by", relations.find(DEPLOYMENTS, "shop", "web")) == ["Service web: selector app=web"]
    assert relations.hops("used-by", relations.find(REPLICASETS, "shop", "web-1")) == []


def test_labels_that_are_gone_are_never_taken_for_others() -> None:
    services = [thing(SERVICES, f"s{at}", spec={"selector": {"app": f"a{at}"}}) for at in range(200)]
    relations = Relations(reading(*services))
    _, pod = POD
    for at in range(200):  # each tuple of labels is free again when the next but one is made, often in its place
        labels = (("app", f"a{at}"), ("b", ""), ("c", ""), ("d", ""), ("e", ""), ("f", ""), ("g", ""))
        vertex = relations.vertex(PODS, msgspec.structs.replace(pod, name=f"p{at}", labels=labels))
        assert [hop.to.name for hop in relations.hops("used-by", vertex)] == [f"s{at}"]


def test_a_role_that_aggregates_never_aggregates_itself() -> None:
    rule = {"clusterRoleSelectors": [{"matchLabels": {"to": "admin"}}, {"matchLabels": {"to": "edit"}}]}
    reader = reading(
        thing(CLUSTER_ROLES, "admin", labels={"to": "admin"}, aggregationRule=rule),
        thing(CLUSTER_ROLES, "edit", labels={"to": "edit"}),
        thing(CLUSTER_ROLES, "view"),
    )
    relations = Relations(reader)
    assert hops(relations, "uses", relations.find(CLUSTER_ROLES, "", "admin")) == [
        "ClusterRole edit: aggregationRule to=edit"
    ]
    assert hops(relations, "used-by", relations.find(CLUSTER_ROLES, "", "edit")) == [
        "ClusterRole admin: aggregationRule to=edit"
    ]
    assert relations.hops("used-by", relations.find(CLUSTER_ROLES, "", "admin")) == []


def test_what_is_computed_hangs_together_with_nothing() -> None:
    served = Served((*SERVED.kinds, *METRICS), unwatched=METRICS)
    reader = reading(*SHOP, *(thing(kind, "cart", usage={"cpu": "1"}) for kind in METRICS), served=served)
    relations = Relations(reader)
    for kind in METRICS:
        vertex = relations.find(kind, "shop" if kind.namespaced else "", "cart")
        assert vertex.record is not None
        assert edges(relations, vertex) == []


# -- what it costs --------------------------------------------------------------------------------------------------

SHOP: tuple[Thing, ...] = (
    POD,
    ROBOT,
    thing(CONFIG_MAPS, "settings"),
    thing(DEPLOYMENTS, "web", spec={"template": {"metadata": {"labels": {"app": "web"}}, "spec": env_of("settings")}}),
    thing(SERVICES, "web", spec={"selector": {"app": "web"}}),
    thing(INGRESSES, "shop", spec={"defaultBackend": {"service": {"name": "web"}}}),
    thing(STATEFULSETS, "db", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}),
    thing(CLAIMS, "data-db-0"),
    thing(NODES, "n1"),
    thing(ROLE_BINDINGS, "b", subjects=[{"kind": "ServiceAccount", "name": "robot"}]),
)


def stores_of(*things: Thing) -> Stores:
    stores = Stores(SERVED.kinds)
    for kind, record in things:
        stores.of[kind].apply([record])
    return stores


def many_pods(number: int) -> list[Thing]:
    labels = {"app": "web"}
    return [
        thing(PODS, f"web-{at}", labels=labels, **running(**env_of("settings"), nodeName="n1")) for at in range(number)
    ]


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, record.name) for kind, record in SHOP], ids=lambda each: getattr(each, "kind", each)
)
def test_who_uses_it_comes_out_of_indexes_and_never_out_of_a_whole_list(kind: Kind[Any], name: str) -> None:
    stores = stores_of(*SHOP, *many_pods(60))
    relations = Relations(stores)
    vertex = relations.find(kind, "shop" if kind.namespaced else "", name)
    assert edges(relations, vertex, ["used-by", "owned", "owner"]) is not None
    assert {method for method, _, _ in stores.asked} <= {"get", "by_index", "index_values"}
    assert ("by_index", "pods", "namespace") not in stores.asked


def test_a_step_costs_the_same_however_many_pods_there_are() -> None:
    costs = set()
    for number in (10, 300):
        stores = stores_of(*SHOP, *many_pods(number))
        relations = Relations(stores)
        found = relations.groups("used-by", relations.find(CONFIG_MAPS, "shop", "settings"))
        assert {group.type[1]: len(group) for group in found} == {"Deployment": 1, "Pod": number + 1}
        costs.add(len(stores.asked))
    assert len(costs) == 1


def test_two_steps_over_thousands_of_pods_ask_of_each_no_more_than_what_is_its_own() -> None:
    number = 300
    stores = stores_of(*SHOP, *many_pods(number))
    relations = Relations(stores)
    found = edges(relations, relations.find(CONFIG_MAPS, "shop", "settings"), ["used-by"])
    assert Counter(edge.depth for edge in found) == {1: number + 2, 2: number + 1}
    assert len(stores.asked) < 4 * number + OFTEN * len(SERVED.kinds)


def test_what_was_looked_up_once_is_remembered_for_the_question() -> None:
    stores = stores_of(*SHOP)
    relations = Relations(stores)
    vertex = relations.find(CONFIG_MAPS, "shop", "settings")
    first = relations.hops("used-by", vertex)
    asked = len(stores.asked)
    assert relations.hops("used-by", vertex) == first
    assert len(stores.asked) == asked
