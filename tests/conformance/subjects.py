"""A server to ask: the simulated one or a real one, and what tests of both make on it."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from kite_tui.demo.control import Control
from kite_tui.demo.definitions import definition
from kite_tui.demo.resources import API_SERVICES, DEFINITIONS
from kite_tui.demo.server import DemoServer
from kite_tui.objects.kinds import PODS, Kind
from tests.conformance.client import ApiClient, ApiFailure, Manifest
from tests.conformance.realserver import RealServer

LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
OBJECT = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_numbers = itertools.count(1)


class Subject(Protocol):
    """A server under test, and a namespace on it that nobody else uses."""

    namespace: str

    def client(self, user: str = "reader") -> ApiClient:
        """Requests as reader, nobody, or "" (system:anonymous)."""
        ...

    def stranger(self) -> ApiClient:
        """Requests with a token that nobody gave out."""
        ...

    def create(self, manifest: Manifest) -> None: ...
    def relabel(self, name: str, **labels: str) -> None: ...
    def delete(self, name: str) -> None: ...
    def forget(self) -> None:
        """Lose all history, as a compaction and a restart do."""
        ...

    def install(self, kind: Kind[Any]) -> None:
        """Serve a custom kind, until the test ends at the latest."""
        ...

    def remove(self, kind: Kind[Any]) -> None:
        """Serve it no more."""
        ...

    def break_group(self, group: str) -> None:
        """Serve v1 of a group from a server that doesn't answer, until the test ends."""
        ...


class Simulated:
    """The simulated server."""

    def __init__(self, server: DemoServer, stack: contextlib.ExitStack) -> None:
        self.namespace = f"ns-{next(_numbers)}"
        self._server = server
        self._stack = stack
        self._control = Control(server)
        self._manifests: dict[str, Manifest] = {}

    def client(self, user: str = "reader") -> ApiClient:
        token = {"reader": "demo"}.get(user, user)
        return self._stack.enter_context(contextlib.closing(ApiClient(self._server.url, None, token=token)))

    def stranger(self) -> ApiClient:
        return self.client("expired")

    def create(self, manifest: Manifest) -> None:
        self._manifests[manifest["metadata"]["name"]] = manifest
        named = (manifest["apiVersion"], manifest["kind"])
        kinds = self._server.world.served.kinds
        self._control.create(next(kind for kind in kinds if (kind.api_version, kind.kind) == named), manifest)

    def relabel(self, name: str, **labels: str) -> None:
        manifest = self._manifests[name]
        manifest = {**manifest, "metadata": {**manifest["metadata"], "labels": labels}}
        self.create(manifest)

    def delete(self, name: str) -> None:
        self._control.delete(PODS, name, self.namespace)

    def forget(self) -> None:
        self._control.compact()
        self._control.expire_continue_tokens()

    def install(self, kind: Kind[Any]) -> None:
        self._control.install_kind(kind)

    def remove(self, kind: Kind[Any]) -> None:
        self._control.remove_kind(kind)

    def break_group(self, group: str) -> None:
        self.install(Kind(group, "v1", "Thing", "things", "thing", True))
        self._control.break_group(group)


class Real:
    """A real server."""

    def __init__(self, server: RealServer, stack: contextlib.ExitStack) -> None:
        self.namespace = f"behaviour-{next(_numbers)}"
        self._server = server
        self._stack = stack
        self._admin = self.client("admin")
        self._admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})

    def client(self, user: str = "reader") -> ApiClient:
        return self._stack.enter_context(contextlib.closing(self._server.client(user)))

    def stranger(self) -> ApiClient:
        client = ApiClient(self._server.url, self._server.ca_file, token="expired")
        return self._stack.enter_context(contextlib.closing(client))

    def create(self, manifest: Manifest) -> None:
        self._admin.apply(manifest)

    def relabel(self, name: str, **labels: str) -> None:
        old = self._admin.get(f"/api/v1/namespaces/{self.namespace}/pods/{name}")["metadata"].get("labels", {})
        changes = {**dict.fromkeys(old), **labels}
        self._admin.patch(pod(self, name), {"metadata": {"labels": changes}})

    def delete(self, name: str) -> None:
        self._admin.delete(pod(self, name), grace_s=0)

    def forget(self) -> None:
        self._server.compact()
        self._server.restart_apiserver()

    def install(self, kind: Kind[Any]) -> None:
        crd = {"apiVersion": DEFINITIONS.api_version, "kind": DEFINITIONS.kind, **definition(kind)}
        self._admin.create(crd)
        self._stack.callback(self._delete, crd)
        wait_until(lambda: self._admin.request("GET", kind.path()).status == 200)
        wait_until(lambda: kind.group in groups(self._admin))

    def remove(self, kind: Kind[Any]) -> None:
        self._admin.delete({"apiVersion": DEFINITIONS.api_version, "kind": DEFINITIONS.kind, **definition(kind)})

    def break_group(self, group: str) -> None:
        service: Manifest = {
            "apiVersion": API_SERVICES.api_version,
            "kind": API_SERVICES.kind,
            "metadata": {"name": f"v1.{group}"},
            "spec": {
                "group": group,
                "version": "v1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "service": {"name": "nowhere", "namespace": "default"},
                "insecureSkipTLSVerify": True,
            },
        }
        self._admin.create(service)
        self._stack.callback(self._delete, service)
        wait_until(lambda: group in groups(self._admin))

    def _delete(self, manifest: Manifest) -> None:
        try:
            self._admin.delete(manifest)
        except ApiFailure as failure:
            if failure.status != 404:
                raise


def pod(subject: Subject, name: str, node: str = "", **labels: str) -> Manifest:
    """A pod that any server takes."""
    spec: Manifest = {"containers": [{"name": "c", "image": "registry.test/i:1", "resources": {}}]}
    if node:
        spec["nodeName"] = node
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": subject.namespace, "labels": labels},
        "spec": spec,
        "status": {"phase": "Pending"},
    }


def fill(subject: Subject, count: int = 5) -> list[str]:
    """Pods p0…, every second one labelled app=web, the others app=db."""
    for number in range(count):
        subject.create(pod(subject, f"p{number}", app="web" if number % 2 else "db"))
    return [f"p{number}" for number in range(count)]


def pods(subject: Subject, query: str = "") -> str:
    """The path of this test's pods."""
    return f"/api/v1/namespaces/{subject.namespace}/pods" + (f"?{query}" if query else "")


def names(listing: Any) -> list[str]:
    return [item["metadata"]["name"] for item in listing["items"]]


def version(client: ApiClient, subject: Subject) -> str:
    """The resourceVersion of a list, to watch from."""
    return str(client.get(pods(subject))["metadata"]["resourceVersion"])


def told(lines: list[Any]) -> list[tuple[str, str]]:
    """Types and names; without the change by which a real server marks a pod before it deletes it."""
    return [
        (line["type"], line["object"]["metadata"].get("name", ""))
        for line in lines
        if line["type"] != "MODIFIED" or "deletionTimestamp" not in line["object"]["metadata"]
    ]


def groups(client: ApiClient) -> dict[str, Manifest]:
    """The groups of both aggregated discovery documents by name; core is ""."""
    documents = [client.request("GET", root, accept=DISCOVERY).json() for root in ("/api", "/apis")]
    return {group["metadata"].get("name", ""): group for document in documents for group in document["items"]}


def wait_until(true: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Until a server that takes its time has come round."""
    deadline_s, pause = time.monotonic() + limit_s, threading.Event()
    while not true():
        assert time.monotonic() < deadline_s, "it never became true"
        pause.wait(0.02)
