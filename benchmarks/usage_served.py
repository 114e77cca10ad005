"""metrics.k8s.io on an API server that has no metrics-server: custom resources of the same names and contents, which do
not change. A client lists them as it lists the real ones."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.paths import Target
from kite_tui.objects.kinds import METRICS, Kind
from tests.conformance.client import ApiClient, Manifest

ESTABLISHED_S = 30.0
WORKERS = 16
ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def serve_usage(client: ApiClient, pods: int, nodes: int) -> None:
    """Make them, for the simulated cluster of this size; 40 s for 5 000 pods. Raises ApiFailure, TimeoutError."""
    for kind in METRICS:
        client.create(_definition(kind))
    for kind in METRICS:
        _wait_served(client, kind)
    samples = client.load(_samples(pods, nodes))
    with ThreadPoolExecutor(WORKERS) as threads:  # metrics-server's have no managed fields, which are most of these
        deque(
            threads.map(lambda sample: client.patch(sample, {"metadata": {"managedFields": [{}]}}), samples), maxlen=0
        )


def _definition(kind: Kind[object]) -> Manifest:
    properties = {
        "timestamp": {"type": "string"},
        "window": {"type": "string"},
        "usage": ANY,
        "containers": {"type": "array", "items": ANY},
    }
    schema = {"type": "object", "properties": properties}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": kind.plural,
            "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in for metrics-server"},
        },
        "spec": {
            "group": kind.group,
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.resource,
                "singular": kind.singular,
            },
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [
                {"name": kind.version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
            ],
        },
    }


def _wait_served(client: ApiClient, kind: Kind[object]) -> None:
    deadline_s, pause = time.monotonic() + ESTABLISHED_S, threading.Event()
    while client.request("GET", kind.path()).status != 200:
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{kind.plural} was not served in {ESTABLISHED_S:g} s")
        pause.wait(0.1)


def _samples(pods: int, nodes: int) -> Iterator[Manifest]:
    metrics = Metrics(generate(DemoOptions(nodes=nodes, pods=pods), time.time))
    for kind in METRICS:
        for item in json.loads(metrics.answer(Target(kind, "", ""), {}).body)["items"]:
            item["metadata"].pop("creationTimestamp", None)
            yield {"apiVersion": kind.api_version, "kind": kind.kind, **item}
