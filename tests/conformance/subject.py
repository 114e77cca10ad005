"""A server under test, simulated or real, behind one face, and the pods that tests of its behaviour make on it."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any, Protocol

from kite_tui.demo.control import Control
from kite_tui.demo.server import DemoServer
from kite_tui.objects.kinds import NODES, PODS
from tests.conformance.client import ApiClient, Manifest
from tests.conformance.realserver import RealServer

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
        self._control.create(NODES if manifest["kind"] == "Node" else PODS, manifest)

    def relabel(self, name: str, **labels: str) -> None:
        manifest = self._manifests[name]
        manifest = {**manifest, "metadata": {**manifest["metadata"], "labels": labels}}
        self.create(manifest)

    def delete(self, name: str) -> None:
        self._control.delete(PODS, name, self.namespace)

    def forget(self) -> None:
        self._control.compact()
        self._control.expire_continue_tokens()


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
