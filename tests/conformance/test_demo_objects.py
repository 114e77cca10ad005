"""The simulated cluster's objects are such as a real server would have: it takes every one of them as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.resources import (
    API_SERVICES,
    CUSTOM,
    DEFINITIONS,
    DEVICE_CLASSES,
    JOBS,
    MUTATING_WEBHOOKS,
    PRIORITY_CLASSES,
    RUNTIME_CLASSES,
    SERVICE_ACCOUNTS,
    STORED,
    VALIDATING_WEBHOOKS,
)
from kite_tui.demo.world import World
from kite_tui.objects.kinds import NAMESPACES, NODES, PODS, SERVICES, Kind
from tests.conformance.client import ApiClient, Manifest
from tests.conformance.realserver import RealServer
from tests.conformance.subjects import wait_until

FIRST: tuple[Kind[Any], ...] = (
    NAMESPACES,
    DEFINITIONS,
    PRIORITY_CLASSES,
    RUNTIME_CLASSES,
    DEVICE_CLASSES,
    SERVICE_ACCOUNTS,
    NODES,
)
"""What others need, in this order."""

LAST: tuple[Kind[Any], ...] = (MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS)
"""What nobody answers for here."""

OF_THE_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
DELETION = ("deletionTimestamp", "deletionGracePeriodSeconds")


def manifests(world: World, kind: Kind[Any]) -> Iterator[Manifest]:
    """The kind's objects, without what a server writes itself or gives to one only."""
    for item in world.snapshot(kind)[1].items:
        document: Manifest = msgspec.json.decode(item.body())
        metadata = document["metadata"]
        for name in OF_THE_SERVER + DELETION:
            metadata.pop(name, None)
        spec = document.get("spec", {})
        if kind == SERVICES:
            for port in spec.get("ports", ()):
                port.pop("nodePort", None)
            if spec.get("clusterIP", "None") != "None":
                del spec["clusterIP"], spec["clusterIPs"]
        if kind == PODS:
            del spec["priority"]
        if kind == JOBS:
            del spec["selector"]
            for label in ("controller-uid", "batch.kubernetes.io/controller-uid"):
                del spec["template"]["metadata"]["labels"][label]
        if kind == DEFINITIONS:
            spec["conversion"] = {"strategy": "None"}
        yield {"apiVersion": kind.api_version, "kind": kind.kind, **document}


def lost(given: Any, kept: Any, path: str) -> Iterator[str]:
    """Paths of what was given but is not kept. Amounts are left out: the server writes 1024Mi as 1Gi."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in ("resources", "overhead"):
                yield from lost(value, kept.get(key), f"{path}.{key}")
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for one, other in zip(given, kept, strict=True):
            yield from lost(one, other, f"{path}[]")
    elif given != kept:
        yield f"{path}: {given!r} became {kept!r}"


def refused(client: ApiClient, manifest: Manifest) -> str:
    """Why a server doesn't take an object exactly as it is; one that it has already is fine."""
    path = f"{client.collection(manifest)}?fieldValidation=Strict"
    answer = client.request("POST", path, manifest)
    if answer.status == 409:
        return ""
    what = f"{manifest['kind']} {manifest['metadata']['name']}"
    if answer.status != 201:
        return f"{what}: {answer.body.decode()}"
    kept = answer.json()
    found = [one for part in manifest if part != "status" for one in lost(manifest[part], kept[part], part)]
    return f"{what}: {found}" if found else ""


@pytest.mark.realserver
def test_a_real_server_takes_every_object_of_the_simulated_cluster_as_it_is() -> None:
    world = generate(DemoOptions(nodes=12, pods=300, seed=3), lambda: 1_790_000_000.0).world
    others = [kind for kind in STORED + CUSTOM if kind not in FIRST + LAST]
    with RealServer() as server:
        client = server.client()
        problems: list[str] = []
        for kind in (*FIRST, *others, *LAST):
            if kind == API_SERVICES:
                continue  # it has its own, and one of ours leads to a server that isn't here
            problems += filter(None, (refused(client, manifest) for manifest in manifests(world, kind)))
            if kind == DEFINITIONS:
                wait_until(lambda: all(client.request("GET", one.path()).status == 200 for one in CUSTOM))
        client.close()
    assert problems == []
