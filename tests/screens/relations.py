"""A small shop of objects that hang together, which Related is tried on, and what it shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kite_tui.demo.resources import (
    AUTOSCALERS,
    CONFIG_MAPS,
    DISRUPTION_BUDGETS,
    ENDPOINT_SLICES,
    INGRESS_CLASSES,
    INGRESSES,
    REPLICASETS,
    SECRETS,
    SERVICE_ACCOUNTS,
)
from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, METRICS, NAMESPACES, NODES, PODS, SERVICES, Kind
from kite_tui.objects.links.network import SERVICE_NAME
from kite_tui.objects.served import Served
from kite_tui.objects.states import Live, State
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.related import RelatedScreen
from tests.queries.making import NOW_S, ago
from tests.queries.test_tree import said
from tests.queries.things import SERVED, WIDGETS, Thing, thing
from tests.screens.cluster import FakeSession, FakeSource
from tests.screens.driving import Driver

Json = dict[str, Any]
ALL: Served = Served((*SERVED.kinds, WIDGETS, *METRICS), unwatched=METRICS)
GOOD, DOWN = "ip-10-0-13-123", "ip-10-0-45-42"
CART = {"app": "cart"}
CART_SPEC: Json = {
    "initContainers": [{"name": "migrate", "envFrom": [{"secretRef": {"name": "cart-db"}}]}],
    "containers": [
        {
            "name": "cart",
            "env": [{"name": "CART_MODE", "valueFrom": {"configMapKeyRef": {"name": "cart-config", "key": "mode"}}}],
        }
    ],
    "volumes": [
        {"name": "settings", "configMap": {"name": "cart-config"}},
        {"name": "certs", "projected": {"sources": [{"secret": {"name": "cart-tls"}}]}},
        {"name": "extra", "configMap": {"name": "cart-extra", "optional": True}},
    ],
    "serviceAccountName": "cart",
}
WEB_SPEC: Json = {"containers": [{"name": "web"}], "serviceAccountName": "default"}
CRASHED: Json = {"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}}


def pod(name: str, owner: str, labels: Mapping[str, str], spec: Json, node: str, *, crashed: bool = False) -> Thing:
    """A pod of a ReplicaSet, ready or in a crash loop."""
    state = CRASHED if crashed else {"ready": True, "state": {"running": {"startedAt": ago(600)}}}
    status: Json = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": str(not crashed), "lastTransitionTime": ago(600)}],
        "containerStatuses": [{"name": "app", **state}],
    }
    body: Json = {"spec": {**spec, "nodeName": node}, "status": status}
    return thing(PODS, name, labels=labels, owned_by=[(REPLICASETS, owner)], **body)


def deployment(name: str, labels: Mapping[str, str], spec: Json, wanted: int, has: int) -> Thing:
    """A Deployment and how many it has of how many."""
    template: Json = {"metadata": {"labels": dict(labels)}, "spec": spec}
    return thing(DEPLOYMENTS, name, spec={"replicas": wanted, "template": template}, status={"availableReplicas": has})


def replica_set(name: str, owner: str, wanted: int, has: int) -> Thing:
    """One of a Deployment's."""
    body: Json = {"spec": {"replicas": wanted}, "status": {"readyReplicas": has}}
    return thing(REPLICASETS, name, owned_by=[(DEPLOYMENTS, owner)], **body)


def node(name: str, ready: str) -> Thing:
    """A node that is there, or down."""
    return thing(NODES, name, status={"conditions": [{"type": "Ready", "status": ready}]})


def event(name: str, about: str, reason: str, *, count: int = 1, type_: str = "Warning") -> Thing:
    """An event about a pod."""
    involved = {"kind": "Pod", "namespace": "shop", "name": about, "uid": f"Pod-{about}"}
    body: Json = {"involvedObject": involved, "reason": reason, "count": count, "type": type_, "lastTimestamp": ago(30)}
    return thing(EVENTS, name, **body)


PODS_OF_CART = ("cart-7d9f6b5c44-8hj5t", "cart-7d9f6b5c44-c9wlp", "cart-7d9f6b5c44-x2v9p")
THINGS: tuple[Thing, ...] = (
    thing(NAMESPACES, "shop", status={"phase": "Active"}),
    node(GOOD, "True"),
    node(DOWN, "False"),
    deployment("cart", CART, CART_SPEC, 3, 2),
    replica_set("cart-7d9f6b5c44", "cart", 3, 2),
    replica_set("cart-5c8d7f6b9d", "cart", 0, 0),
    *(
        pod(name, "cart-7d9f6b5c44", CART, CART_SPEC, GOOD if at else DOWN, crashed=at == 2)
        for at, name in enumerate(PODS_OF_CART)
    ),
    thing(CONFIG_MAPS, "cart-config"),
    thing(SECRETS, "cart-db"),
    thing(SERVICE_ACCOUNTS, "cart"),
    thing(SERVICE_ACCOUNTS, "default"),
    thing(SERVICES, "cart", spec={"type": "ClusterIP", "selector": CART}),
    thing(
        ENDPOINT_SLICES,
        "cart-abcde",
        labels={SERVICE_NAME: "cart"},
        endpoints=[
            {"targetRef": {"kind": "Pod", "name": name, "uid": f"Pod-{name}"}, "conditions": {"ready": at < 2}}
            for at, name in enumerate(PODS_OF_CART)
        ],
    ),
    thing(
        INGRESSES,
        "shop",
        spec={
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": "shop.example",
                    "http": {"paths": [{"path": "/cart", "backend": {"service": {"name": "cart"}}}]},
                }
            ],
            "tls": [{"hosts": ["shop.example"], "secretName": "shop-tls"}],
        },
    ),
    thing(INGRESS_CLASSES, "nginx"),
    thing(
        AUTOSCALERS,
        "cart",
        spec={
            "minReplicas": 2,
            "maxReplicas": 8,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"},
        },
        status={"currentReplicas": 3},
    ),
    thing(DISRUPTION_BUDGETS, "cart", spec={"selector": {"matchLabels": CART}}, status={"disruptionsAllowed": 0}),
    deployment("web", {"app": "web"}, WEB_SPEC, 12, 9),
    replica_set("web-6c8d1f7b9", "web", 12, 9),
    *(
        pod(f"web-6c8d1f7b9-{at:02}xyz", "web-6c8d1f7b9", {"app": "web"}, WEB_SPEC, GOOD, crashed=at < 3)
        for at in range(12)
    ),
    event("crash", PODS_OF_CART[2], "BackOff", count=44),
)


def source(states: Mapping[Kind[Any], State] | None = None, *, served: Served = ALL, empty: bool = False) -> FakeSource:
    """The shop, all of it live but for `states`."""
    objects: dict[Kind[Any], list[Any]] = {kind: [] for kind in ALL.kinds}
    for kind, record in () if empty else THINGS:
        objects[kind].append(record)
    live: dict[Kind[Any], State] = dict.fromkeys(ALL.kinds, Live())
    return FakeSource(objects, float(NOW_S), states={**live, **(states or {})}, served=served)


def session(of: FakeSource) -> FakeSession:
    """A session over it that answers every question for events with none."""
    made = FakeSession(of)
    made.default = b'{"items": []}'
    return made


def vertex(kind: Kind[Any], name: str, namespace: str = "shop") -> Vertex:
    """How an object of the shop is named."""
    record = next((r for k, r in THINGS if k == kind and r.name == name), None)
    return Vertex(kind.group, kind.kind, namespace if kind.namespaced else "", name, kind, record)


def is_searched(of: FakeSource) -> bool:
    """Whether somebody needs all kinds."""
    return of.all_needed


DEPLOYMENT = vertex(DEPLOYMENTS, "cart")
POD = vertex(PODS, PODS_OF_CART[2])
TREE = [
    "owns",
    "ReplicaSet cart-5c8d7f6b9d",
    "ReplicaSet cart-7d9f6b5c44",
    *(f"Pod {name}" for name in PODS_OF_CART),
    "uses",
    "ConfigMap cart-config",
    "ConfigMap cart-extra (optional-absent)",
    "Secret cart-db",
    "Secret cart-tls (missing)",
    "ServiceAccount cart",
    "used by",
    "HorizontalPodAutoscaler cart",
    "Service cart",
    "EndpointSlice cart-abcde",
    "Ingress shop",
]


# -- what is on the screen ------------------------------------------------------------------------------------------


def screen(driver: Driver) -> RelatedScreen:
    found = driver.app.screen
    assert isinstance(found, RelatedScreen)
    return found


def lines(driver: Driver) -> list[str]:
    view = screen(driver).view
    return [said(line) for line in view.lines] if view else []


def names(driver: Driver) -> list[str]:
    """`Pod cart-…` of each line, and the titles."""
    return [line.split(" | ")[0].lstrip("│├└─ ") for line in lines(driver)]


def caption(driver: Driver) -> str:
    return " ".join(driver.lines[2].split())


async def go(driver: Driver, about: Vertex) -> None:
    driver.app.show_related(about, "")
    await driver.settle()
    await driver.until(lambda: screen(driver).view is not None)
    await driver.settle()


async def point_at(driver: Driver, what: str) -> None:
    """Put the cursor on the line of something."""
    await driver.until(lambda: what in names(driver))
    driver.table.move_to(names(driver).index(what))
    await driver.settle()


def pointed_at(driver: Driver) -> str:
    return names(driver)[driver.table.cursor]


async def typed(driver: Driver, text: str) -> None:
    """A filter in the place of what was there."""
    await driver.press_slowly("slash")
    await driver.press("ctrl+u", *text)
    await driver.settle()
