"""Objects without a record of their own: what is kept of them, how they are, and what is never kept."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kite_tui.cache.store import Store
from kite_tui.demo import resources as served
from kite_tui.objects import shared
from kite_tui.objects.decode import decoder
from kite_tui.objects.envelope import Malformed
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import Kind
from kite_tui.objects.linked import NO_STATUS, Linked, Status
from kite_tui.objects.links.access import TOKEN_OF, TOKEN_OF_UID
from kite_tui.objects.meta import Owner
from kite_tui.objects.references import NO_LINKS, Reference
from kite_tui.objects.states import Live

Json = dict[str, Any]
AT, AT_S = "2026-02-28T10:00:00Z", 1772272800
WIDGETS: Kind[Any] = Kind("example.test", "v1", "Widget", "widgets", "widget", True)


def read(kind: Kind[Any], manifest: Json) -> Any:
    return decoder(kind)(json.dumps(manifest).encode())


def named(name: str = "a", **more: Any) -> Json:
    return {"name": name, "namespace": "shop", "uid": "u1", "resourceVersion": "7", "creationTimestamp": AT, **more}


def test_of_a_kind_that_nobody_knows_its_name_age_and_owners_are_kept() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "uid": "u0", "controller": True}
    found = read(WIDGETS, {"metadata": named(ownerReferences=[owner], labels={"a": "b"}), "spec": {"secret": "x"}})
    assert isinstance(found, Linked)
    assert (found.namespace, found.name, found.uid, found.resource_version) == ("shop", "a", "u1", "7")
    assert (found.created_s, found.deleted_s, found.labels, found.status) == (AT_S, None, (), NO_STATUS)
    assert found.links.owners == (Owner("apps/v1", "Deployment", "cart", "u0", True),)
    assert read(WIDGETS, {"metadata": {"name": "a"}}).links is NO_LINKS
    assert read(WIDGETS, {"metadata": named(deletionTimestamp=AT)}).deleted_s == AT_S


@pytest.mark.parametrize("kind", [WIDGETS, served.INGRESSES, served.JOBS, served.SECRETS], ids=lambda kind: kind.kind)
@pytest.mark.parametrize("body", [b"{}", b'{"metadata": null}', b'{"metadata": {"name": ""}}', b"[]", b"7", b"{"])
def test_what_has_no_name_is_malformed(kind: Kind[Any], body: bytes) -> None:
    with pytest.raises(Malformed):
        decoder(kind)(body)


def test_labels_are_kept_only_where_something_selects_by_them() -> None:
    labels = {"metadata": named(labels={"aggregate": "yes"})}
    assert read(served.CLUSTER_ROLES, labels).labels == (("aggregate", "yes"),)
    assert read(served.INGRESSES, labels).labels == ()


# -- how they are ---------------------------------------------------------------------------------------------------


def ready(*conditions: tuple[str, str]) -> Json:
    return {"conditions": [{"type": name, "status": status} for name, status in conditions]}


@pytest.mark.parametrize(
    ("kind", "spec", "status", "said"),
    [
        (served.REPLICASETS, {"replicas": 3}, {"readyReplicas": 3}, Status("3/3 ready", "good")),
        (served.REPLICASETS, {"replicas": 3}, {"readyReplicas": 1}, Status("1/3 ready", "warn")),
        (served.REPLICASETS, {"replicas": 3}, {}, Status("0/3 ready", "bad")),
        (served.REPLICASETS, {"replicas": 0}, {}, Status("scaled to 0")),
        (served.REPLICASETS, {"replicas": 0}, {"readyReplicas": 2}, Status("2/0 ready", "good")),
        (served.REPLICATION_CONTROLLERS, {}, {}, Status("0/1 ready", "bad")),
        (served.REPLICASETS, {"replicas": "many"}, {"readyReplicas": None}, Status("0/1 ready", "bad")),
        (served.JOBS, {}, ready(("Complete", "True")), Status("Complete", "good")),
        (served.JOBS, {}, ready(("Complete", "False"), ("Failed", "True")), Status("Failed", "bad")),
        (served.JOBS, {}, {"active": 2}, Status("2 active")),
        (served.JOBS, {"suspend": True}, {}, Status("suspended", "warn")),
        (served.JOBS, {}, {}, Status("waiting")),
        (served.CRONJOBS, {"schedule": "5 4 * * *"}, {}, Status("5 4 * * *")),
        (served.CRONJOBS, {"schedule": "@daily"}, {"active": [{}, {}]}, Status("@daily, 2 active")),
        (served.CRONJOBS, {"schedule": "@daily", "suspend": True}, {}, Status("suspended", "warn")),
        (served.VOLUMES, {}, {"phase": "Bound"}, Status("Bound")),
        (served.VOLUMES, {}, {"phase": "Released"}, Status("Released", "warn")),
        (served.VOLUMES, {}, {"phase": "Failed"}, Status("Failed", "bad")),
        (served.AUTOSCALERS, {"minReplicas": 2, "maxReplicas": 9}, {"currentReplicas": 3}, Status("3 of 2–9")),
        (served.AUTOSCALERS, {"maxReplicas": 9}, {}, Status("? of 1–9")),
        (served.AUTOSCALERS, {"minReplicas": "two"}, {}, Status("? of 1–?")),
        (served.DISRUPTION_BUDGETS, {}, {"disruptionsAllowed": 1}, Status("1 may go")),
        (served.DISRUPTION_BUDGETS, {}, {"disruptionsAllowed": 0}, Status("0 may go", "warn")),
        (served.DISRUPTION_BUDGETS, {}, {}, NO_STATUS),
        (served.INGRESSES, {}, {"loadBalancer": {"ingress": [{"hostname": "lb.test"}]}}, Status("lb.test")),
        (served.INGRESSES, {}, {"loadBalancer": {"ingress": [None, {"ip": "192.0.2.7"}]}}, Status("192.0.2.7")),
        (served.INGRESSES, {}, {}, NO_STATUS),
        (served.ATTACHMENTS, {}, {"attached": True}, Status("attached", "good")),
        (served.ATTACHMENTS, {}, {}, Status("not attached", "warn")),
        (served.RESOURCE_CLAIMS, {}, {"allocation": {"devices": {}}}, Status("allocated")),
        (served.RESOURCE_CLAIMS, {}, {}, Status("not allocated", "warn")),
        (served.GATEWAYS, {}, ready(("Programmed", "True"), ("Accepted", "False")), Status("Programmed", "good")),
        (served.GATEWAYS, {}, ready(("Accepted", "False")), Status("not Accepted", "warn")),
        (
            served.DEFINITIONS,
            {},
            ready(("NamesAccepted", "True"), ("Established", "True")),
            Status("Established", "good"),
        ),
        (served.API_SERVICES, {}, ready(("Available", "Unknown")), Status("not Available", "warn")),
        (served.NETWORK_POLICIES, {}, {}, NO_STATUS),
    ],
)
def test_how_an_object_is_is_said_in_a_word_or_two(kind: Kind[Any], spec: Json, status: Json, said: Status) -> None:
    assert read(kind, {"metadata": named(), "spec": spec, "status": status}).status == said


def test_a_slice_of_endpoints_counts_those_that_may_be_sent_to() -> None:
    def status(*endpoints: Json) -> Status:
        found: Linked = read(served.ENDPOINT_SLICES, {"metadata": named(), "endpoints": list(endpoints)})
        return found.status

    up, unsaid, down = {"conditions": {"ready": True}}, {"addresses": ["192.0.2.1"]}, {"conditions": {"ready": False}}
    assert status(up, unsaid) == Status("2 ready")
    assert status(up, down, down) == Status("1 ready, 2 not", "warn")
    assert status() == Status("0 ready")


# -- secrets --------------------------------------------------------------------------------------------------------

PLANTED = "hush-3f9a"
MANIFEST: Json = {
    "metadata": named(
        annotations={
            "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"stringData": {"password": PLANTED}}),
            "note": PLANTED,
            TOKEN_OF: "robot",
            TOKEN_OF_UID: "u-robot",
        },
        labels={"a": PLANTED},
        managedFields=[{"manager": PLANTED}],
    ),
    "type": "Opaque",
    "data": {"password": PLANTED},
    "stringData": {"password": PLANTED},
    "binaryData": {"password": PLANTED},
    "spec": {"password": PLANTED},
}


def reachable(root: object) -> Iterator[str]:
    """All text that hangs on an object, whatever holds it."""
    seen: dict[int, object] = {}
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, type):
            continue
        seen[id(found)] = found
        if isinstance(found, str):
            yield found
        elif isinstance(found, bytes | msgspec.Raw):
            yield bytes(found).decode(errors="replace")
        elif isinstance(found, msgspec.Struct):  # the collector doesn't look into most of them
            waiting += [getattr(found, name) for name in found.__struct_fields__]
        elif not callable(found):
            waiting += gc.get_referents(found)


@pytest.mark.parametrize("kind", [served.SECRETS, served.CONFIG_MAPS], ids=lambda kind: kind.kind)
def test_no_value_of_a_secret_or_a_config_map_is_kept_wherever_it_stands(kind: Kind[Any]) -> None:
    store: Store[Any] = Store(index_functions(kind))
    store.open_part("", Live())
    for number in range(3):
        metadata = {**MANIFEST["metadata"], "name": f"s{number}"}
        store.apply([read(kind, {**MANIFEST, "metadata": metadata})])
    texts = list(reachable(store))
    assert "s1" in texts, "it looks into the store"
    assert not [text for text in texts if PLANTED in text]
    assert PLANTED not in repr(store.list())


def test_nothing_of_a_secret_is_remembered_beside_the_store() -> None:
    tables = [shared.labels, shared.owners, shared.quantities, shared.resources]
    before = [table.cache_info().currsize for table in tables]
    read(served.SECRETS, MANIFEST)
    read(served.CONFIG_MAPS, MANIFEST)
    assert [table.cache_info().currsize for table in tables] == before


def test_of_a_secret_the_account_that_it_is_the_token_of_is_known() -> None:
    assert read(served.SECRETS, MANIFEST).links.references == (
        Reference("", "ServiceAccount", "shop", "robot", f"annotation {TOKEN_OF}", uid="u-robot"),
    )
    assert read(served.CONFIG_MAPS, MANIFEST).links is NO_LINKS
