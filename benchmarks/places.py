"""The clusters on which faults are endured: the simulated one in this process, a real API server in its own."""

from __future__ import annotations

import abc
import contextlib
import itertools
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.watched import digest_of
from kite_tui.demo.control import Control
from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.server import DemoServer
from kite_tui.objects.kinds import PODS
from tests.conformance.client import ApiClient, Manifest

METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class Place(abc.ABC):
    """A cluster that answers, in which nothing happens by itself. `ca_file` is the authority of its certificate, None
    for plain http."""

    def __init__(self, name: str, url: str, ca_file: Path | None, token: str) -> None:
        self.name, self.url, self.ca_file, self.token = name, url, ca_file, token
        self._truths: list[tuple[float, str]] = []

    def change(self) -> None:
        """Change a pod."""
        self._change()
        self._truths.append((time.monotonic(), self._digest()))

    def was(self, digest: str, at_s: float, *, late_s: float = 0) -> bool:
        """Whether the pods were so at that time, or at most `late_s` before it."""
        until = [end_s for end_s, _ in self._truths[1:]] + [math.inf]
        return any(
            truth == digest and since_s <= at_s <= end_s + late_s
            for (since_s, truth), end_s in zip(self._truths, until, strict=True)
        )

    @abc.abstractmethod
    def _change(self) -> None: ...

    @abc.abstractmethod
    def _digest(self) -> str: ...


class Simulated(Place):
    """The simulated cluster."""

    def __init__(self, server: DemoServer) -> None:
        super().__init__("the simulated server", server.url, None, "demo")
        self._world = server.world
        self._control = Control(server)
        self._numbers = itertools.count(1)

    def _change(self) -> None:
        _, snapshot = self._world.snapshot(PODS)
        document: dict[str, Any] = json.loads(snapshot.items[0].body())
        document["metadata"].setdefault("labels", {})["changed"] = str(next(self._numbers))
        self._control.update(PODS, document)

    def _digest(self) -> str:
        _, snapshot = self._world.snapshot(PODS)
        metas = [json.loads(item.body())["metadata"] for item in snapshot.items]
        return digest_of((meta["uid"], meta["resourceVersion"]) for meta in metas)


class Real(Place):
    """A kube-apiserver with the same objects."""

    def __init__(self, server: servers.Server, client: ApiClient) -> None:
        user = json.loads(server.kubeconfig.read_text())["users"][0]["user"]
        super().__init__("a real kube-apiserver", client.url, server.kubeconfig.with_suffix(".crt"), user["token"])
        self._client = client
        meta = client.get("/api/v1/pods?limit=1")["items"][0]["metadata"]
        self._pod: Manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": meta["name"], "namespace": meta["namespace"]},
        }
        self._numbers = itertools.count(1)

    def _change(self) -> None:
        self._client.patch(self._pod, {"metadata": {"labels": {"changed": str(next(self._numbers))}}})

    def _digest(self) -> str:
        items = self._client.request("GET", "/api/v1/pods", accept=METADATA).json()["items"]
        return digest_of((item["metadata"]["uid"], item["metadata"]["resourceVersion"]) for item in items)


@contextlib.contextmanager
def simulated(pods: int, nodes: int) -> Iterator[Place]:
    """The simulated server, in this process."""
    cluster = generate(DemoOptions(nodes=nodes, pods=pods, rate=0), lambda: 1_790_000_000.0)
    with DemoServer(cluster.world, metrics=Metrics(cluster)) as server:
        yield Simulated(server)


@contextlib.contextmanager
def real(pods: int, nodes: int) -> Iterator[Place]:
    """A real API server. Raises servers.NoServer where it can't be started."""
    with servers.real(pods, nodes) as server, contextlib.closing(server.client()) as client:
        yield Real(server, client)
