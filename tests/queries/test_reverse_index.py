"""The reverse index equals a look at every object, after any series of events."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from kite_tui.demo import resources as served
from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import CLAIMS, DEPLOYMENTS, NODES, PODS, SERVICES, STATEFULSETS, Kind
from kite_tui.objects.links.access import TOKEN_OF, TOKEN_OF_UID
from kite_tui.objects.links.network import SERVICE_NAME
from kite_tui.objects.meta import controller_of
from kite_tui.objects.references import Selection
from kite_tui.queries.relations import Relations
from kite_tui.queries.vertices import Hop
from tests.queries.stores import Stores

T = TypeVar("T")
Json = dict[str, Any]
Name = tuple[str, str, str, str]
"""group, kind, namespace, name."""

WIDGETS: Kind[Any] = Kind("example.test", "v1", "Widget", "widgets", "widget", True)
MAKERS = {DEPLOYMENTS, STATEFULSETS, served.REPLICASETS, served.JOBS}
NAMESPACES, NAMES = ("n", "n", "n", "m"), ("a", "b")
CLAIM_NAMES = ("a", "data-a-0", "data-a-1", "data-a-01", "a-data")
SELECTORS: tuple[Json, ...] = (
    {},
    {"matchLabels": {"app": "x"}},
    {"matchLabels": {"app": "x", "tier": "1"}},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]},
    {
        "matchExpressions": [
            {"key": "tier", "operator": "Exists"},
            {"key": "app", "operator": "In", "values": ["x", "y"]},
        ]
    },
    {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
)


def uid(kind: Kind[Any], where: str, what: str, number: int) -> str:
    return f"{kind.kind}/{where if kind.namespaced else ''}/{what}/{number}"


# -- manifests ------------------------------------------------------------------------------------------------------


class Making(Random):
    """Draws parts of manifests that are likely to have to do with one another."""

    def name(self) -> str:
        return self.choice(NAMES)

    def namespace(self) -> str:
        return self.choice(NAMESPACES)

    def generation(self) -> int:
        """Objects are made anew now and then; most know the first."""
        return int(self.random() < 0.2)

    def maybe(self, part: T, nothing: T) -> T:
        return part if self.random() < 0.5 else nothing

    def labels(self) -> Json:
        return self.maybe({"app": self.choice("xy")}, {}) | self.maybe({"tier": "1"}, {})

    def pod_spec(self) -> Json:
        """What a pod, and the template of a workload, may name."""
        source = self.choice([{"configMapKeyRef": {"name": self.name()}}, {"secretKeyRef": {"name": self.name()}}, {}])
        volumes: list[Json] = [
            {"name": "a", "secret": {"secretName": self.name()}},
            {"name": "b", "persistentVolumeClaim": {"claimName": self.choice(CLAIM_NAMES)}},
            {"name": "c", "projected": {"sources": [{"configMap": {"name": self.name()}}]}},
            {"name": "data", "ephemeral": {}},
        ]
        return {
            "containers": [{"name": "app", "env": [{"name": "E", "valueFrom": source}]}],
            "volumes": self.sample(volumes, self.randrange(3)),
            "serviceAccountName": self.choice([None, *NAMES]),
        }


def pod(making: Making) -> Json:
    status = {"phase": making.choice(["Running", "Running", "Failed"])}
    return {"spec": {**making.pod_spec(), "nodeName": making.choice(["", *NAMES])}, "status": status}


def workload(making: Making) -> Json:
    template = {"metadata": {"labels": making.labels()}, "spec": making.pod_spec()}
    return {"spec": {"template": template, "volumeClaimTemplates": making.maybe([{"metadata": {"name": "data"}}], [])}}


def service(making: Making) -> Json:
    kind = making.choice(["ClusterIP", "ClusterIP", "ExternalName"])
    return {"spec": {"type": kind, "selector": making.maybe(making.labels(), {})}}


def slice_of_endpoints(making: Making) -> Json:
    target = {"kind": "Pod", "name": making.name()}
    target |= making.maybe({"uid": uid(PODS, making.namespace(), target["name"], making.generation())}, {})
    return {"endpoints": [{"targetRef": target, "nodeName": making.name()}]}


def ingress(making: Making) -> Json:
    paths = [{"path": "/x", "backend": {"service": {"name": making.name()}}}]
    return {"spec": {"rules": [{"http": {"paths": paths}}], "tls": [{"secretName": making.name()}]}}


def volume(making: Making) -> Json:
    of, where = making.choice(CLAIM_NAMES), making.namespace()
    claim = {"namespace": where, "name": of, "uid": making.maybe("", uid(CLAIMS, where, of, making.generation()))}
    return {"spec": {"claimRef": claim, "storageClassName": "none"}}


def binding(making: Making) -> Json:
    subjects: list[Json] = [
        {"kind": "ServiceAccount", "name": making.name(), "namespace": making.namespace()},
        {"kind": "Group", "name": making.choice(["system:serviceaccounts", "system:serviceaccounts:n", "g"])},
    ]
    return {"roleRef": {"kind": "ClusterRole", "name": making.name()}, "subjects": subjects}


def scaler(making: Making) -> Json:
    return {"spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": making.name()}}}


def route(making: Making) -> Json:
    return {"spec": {"rules": [{"backendRefs": [{"name": making.name(), "namespace": making.namespace()}]}]}}


def role(making: Making) -> Json:
    return {"aggregationRule": {"clusterRoleSelectors": making.sample(SELECTORS, making.randrange(3))}}


def nothing(making: Making) -> Json:
    return {}


BODIES: dict[Kind[Any], Callable[[Making], Json]] = {
    PODS: pod,
    **dict.fromkeys(MAKERS, workload),
    SERVICES: service,
    CLAIMS: lambda making: {"spec": {"volumeName": making.name()}},
    NODES: nothing,
    served.CONFIG_MAPS: nothing,
    served.SECRETS: nothing,
    served.SERVICE_ACCOUNTS: lambda making: {"secrets": [{"name": making.name()}]},
    served.ENDPOINT_SLICES: slice_of_endpoints,
    served.INGRESSES: ingress,
    served.HTTP_ROUTES: route,
    served.VOLUMES: volume,
    served.AUTOSCALERS: scaler,
    served.CLUSTER_ROLES: role,
    served.ROLE_BINDINGS: binding,
    served.DISRUPTION_BUDGETS: lambda making: {"spec": making.maybe({"selector": making.choice(SELECTORS)}, {})},
    served.NETWORK_POLICIES: lambda making: {"spec": {"podSelector": making.choice(SELECTORS)}},
    WIDGETS: nothing,
}
KINDS = tuple(BODIES)
OFTEN = (*KINDS, PODS, PODS, PODS, PODS, SERVICES, SERVICES, CLAIMS, CLAIMS, served.ENDPOINT_SLICES)


def made(making: Making, kind: Kind[Any]) -> Any:
    """An object with owners of any kind that may or may not be there, or were there before."""
    where = making.namespace() if kind.namespaced else ""
    what = making.choice(CLAIM_NAMES) if kind == CLAIMS else making.name()
    owners: list[Json] = []
    for owner in making.sample(KINDS, making.randrange(4)):
        whose, whence = making.name(), making.namespace()
        owners.append(
            {
                "apiVersion": owner.api_version,
                "kind": owner.kind,
                "name": whose,
                "uid": uid(owner, whence, whose, making.generation()),
                "controller": owner in MAKERS and not any(each["controller"] for each in owners),
            }
        )
    metadata: Json = {
        "name": what,
        "namespace": where,
        "uid": uid(kind, where, what, making.generation()),
        "labels": making.labels() | ({SERVICE_NAME: making.name()} if kind == served.ENDPOINT_SLICES else {}),
        "ownerReferences": owners,
    }
    if kind == served.SECRETS:
        account = making.name()
        whose_uid = uid(served.SERVICE_ACCOUNTS, where, account, making.generation())
        metadata["annotations"] = {TOKEN_OF: account, TOKEN_OF_UID: whose_uid}
    return decoder(kind)(json.dumps({"metadata": metadata, **BODIES[kind](making)}).encode())


def happen(stores: Stores, making: Making) -> None:
    """One event, or a list made anew."""
    kind = making.choice(OFTEN)
    store, record = stores.of[kind], made(making, kind)
    match making.choice(["put"] * 9 + ["delete", "replace"]):
        case "put":
            store.apply([record])
        case "delete":  # of an object that has this uid now, or had it
            store.apply([], [record, *store.list().objects[:1]])
        case "replace":
            kept = [each for each in store.list().objects if making.random() < 0.7]
            store.replace([*kept, *(made(making, kind) for _ in range(making.randrange(3)))])


# -- a look at everything -------------------------------------------------------------------------------------------


def name_of(kind: Kind[Any], record: Any) -> Name:
    return (kind.group, kind.kind, record.namespace, record.name)


def chooses(selection: Selection, holder: tuple[Kind[Any], Any], kind: Kind[Any], record: Any) -> bool:
    """Whether a selection means an object, by the words of the contract."""
    if selection.namespace not in ("", record.namespace) or record is holder[1]:
        return False
    if (selection.group, selection.kind) == (kind.group, kind.kind):
        ended = kind == PODS and record.phase in ("Succeeded", "Failed")
        return selection.selector.matches(getattr(record, "labels", ())) and not (holder[0] == SERVICES and ended)
    if selection.templates and kind in MAKERS and controller_of(record.links.owners) is None:
        return selection.selector.matches(record.links.template_labels or ())
    return False


def used_by(stores: Stores, kind: Kind[Any], record: Any) -> dict[Name, set[str]]:
    """Who names or selects an object, and why: every object is looked at."""
    this = name_of(kind, record)
    found: dict[Name, set[str]] = defaultdict(set)
    everything = stores.all()
    for holder in everything:
        holding = name_of(*holder)
        for each in holder[1].links.references:
            claims = re.fullmatch(r"(.*)#", each.name)
            if claims and this[:3] == (each.group, each.kind, each.namespace):
                if re.fullmatch(re.escape(claims[1]) + "(0|[1-9][0-9]*)", record.name):
                    found[holding].add(each.reason)
            elif (each.group, each.kind, each.namespace, each.name) == this and each.uid in ("", record.uid):
                found[holding].add(each.reason)
        for selection in holder[1].links.selections:
            if chooses(selection, holder, kind, record):
                found[holding].add(selection.reason)
    if kind == PODS:
        for server, found_slice in everything:
            if server != served.ENDPOINT_SLICES or "endpoint" not in found.get(name_of(server, found_slice), ()):
                continue
            for each in found_slice.links.references:
                backed = stores.of[SERVICES].get(each.namespace, each.name) if each.kind == "Service" else None
                if backed and not backed.links.selections and backed.type != "ExternalName":
                    found[name_of(SERVICES, backed)].add(f"endpoint of {found_slice.name}")
    return dict(found)


def owned(stores: Stores, kind: Kind[Any], record: Any) -> dict[Name, set[str]]:
    """What an object owns: by uid, and in its own namespace where it has one."""
    return {
        name_of(*child): {"owner"}
        for child in stores.all()
        if any(owner.uid == record.uid for owner in child[1].links.owners)
        and record.namespace in ("", child[1].namespace)
    }


def said(hops: list[Hop]) -> dict[Name, set[str]]:
    keys = [hop.to.key for hop in hops]
    assert keys == sorted(set(keys)), "in order, each once"
    assert all(hop.reasons == tuple(sorted(set(hop.reasons))) for hop in hops)
    return {(h.to.group, h.to.kind, h.to.namespace, h.to.name): set(h.reasons) for h in hops if h.to.record is not None}


def turned(edges: dict[Name, dict[Name, set[str]]]) -> dict[Name, dict[Name, set[str]]]:
    """The same edges by their other ends."""
    found: dict[Name, dict[Name, set[str]]] = defaultdict(dict)
    for one, others in edges.items():
        for other, reasons in others.items():
            found[other][one] = reasons
    return found


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0), events=st.integers(20, 200))
def test_the_reverse_index_equals_a_look_at_every_object_after_any_series_of_events(seed: int, events: int) -> None:
    stores, making = Stores(KINDS), Making(seed)
    for _ in range(events):
        happen(stores, making)
    everything = stores.all()
    one_question = Relations(stores)
    users: dict[Name, dict[Name, set[str]]] = {}
    children: dict[Name, dict[Name, set[str]]] = {}
    for kind, record in everything:
        this = name_of(kind, record)
        users[this], children[this] = used_by(stores, kind, record), owned(stores, kind, record)
        for relations in (Relations(stores), one_question):
            vertex = relations.vertex(kind, record)
            assert said(relations.hops("used-by", vertex)) == users[this], this
            assert said(relations.hops("owned", vertex)) == children[this], this
    used, owners = turned(users), turned(children)
    for kind, record in everything:
        vertex, this = one_question.vertex(kind, record), name_of(kind, record)
        assert said(one_question.hops("uses", vertex)) == used.get(this, {}), this
        assert said(one_question.hops("owner", vertex)) == owners.get(this, {}), this
