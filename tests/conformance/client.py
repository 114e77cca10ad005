"""A small plain HTTP client that fills an API server for tests; independent of the package under test."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

Manifest = dict[str, Any]

_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
MERGE_PATCH = "application/merge-patch+json"


class ApiFailure(Exception):
    """The server answered with something else than 2xx; `status` is the HTTP code, `body` what it said."""

    def __init__(self, method: str, path: str, status: int, body: bytes) -> None:
        super().__init__(f"{method} {path}: {status} {body.decode(errors='replace')[:2000]}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises ValueError where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class _Resource:
    prefix: str  # "/api/v1" or "/apis/GROUP/VERSION"
    plural: str
    namespaced: bool
    has_status: bool


class ApiClient:
    """One user's requests to one server, over kept-alive connections; may be used from many threads.

    `token` is a bearer token, `certificate` a pair of PEM files; with neither the user is system:anonymous.
    Nothing is ever retried, so that a test sees what the server said.
    """

    def __init__(
        self, url: str, ca_file: Path | None, *, token: str = "", certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        tls: dict[str, Any] = {"ca_certs": str(ca_file)} if ca_file else {}
        if certificate:
            tls |= {"cert_file": str(certificate[0]), "key_file": str(certificate[1])}
        self._pool = urllib3.PoolManager(maxsize=32, retries=False, **tls)
        self._resources: dict[tuple[str, str], _Resource] = {}

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.clear()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str = "application/json",
        content_type: str = "application/json",
        timeout_s: float = 30.0,
    ) -> Answer:
        """Send one request and read its whole answer, whatever its status; `body` is sent as JSON.

        Raises urllib3.exceptions.HTTPError where no answer came.
        """
        headers = {**self._headers, "Accept": accept}
        data = None
        if body is not None:
            headers["Content-Type"] = content_type
            data = json.dumps(body).encode()
        answer = self._pool.request(method, self.url + path, body=data, headers=headers, timeout=timeout_s)
        return Answer(answer.status, dict(answer.headers), answer.data)

    def call(self, method: str, path: str, body: Any = None, *, content_type: str = "application/json") -> Any:
        """Like `request`, but gives the answer's JSON and raises ApiFailure for anything but 2xx."""
        answer = self.request(method, path, body, content_type=content_type)
        if not 200 <= answer.status < 300:
            raise ApiFailure(method, path, answer.status, answer.body)
        return answer.json()

    def get(self, path: str) -> Any:
        """The JSON at `path`."""
        return self.call("GET", path)

    def watch_lines(self, path: str, *, accept: str = "application/json", timeout_s: float = 10.0) -> Iterator[Any]:
        """The events of a watch as they come, until the server ends it.

        Raises ApiFailure where the watch is refused and urllib3.exceptions.ReadTimeoutError after `timeout_s`
        without a byte.
        """
        answer = self._pool.request(
            "GET",
            self.url + path,
            headers={**self._headers, "Accept": accept},
            timeout=timeout_s,
            preload_content=False,
        )
        try:
            if answer.status != 200:
                raise ApiFailure("WATCH", path, answer.status, answer.read())
            pending = b""
            for chunk in answer.stream(None):
                *lines, pending = (pending + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line)
        finally:
            answer.close()

    def create(self, manifest: Manifest) -> Manifest:
        """POST an object; its status is ignored for kinds that have it as a subresource."""
        return self._object("POST", self.collection(manifest), manifest)

    def replace(self, manifest: Manifest) -> Manifest:
        """PUT an object; without metadata.resourceVersion whatever is there is overwritten."""
        return self._object("PUT", self.path(manifest), manifest)

    def patch(self, manifest: Manifest, change: Manifest, *, subresource: str = "") -> Manifest:
        """Apply a merge patch to the object that `manifest` names, or to one of its subresources."""
        path = self.path(manifest) + (f"/{subresource}" if subresource else "")
        return self._object("PATCH", path, change, content_type=MERGE_PATCH)

    def set_status(self, manifest: Manifest, status: Manifest) -> Manifest:
        """Set the status of the object that `manifest` names, through its subresource."""
        return self.patch(manifest, {"status": status}, subresource="status")

    def delete(self, manifest: Manifest, *, grace_s: int | None = None) -> Manifest:
        """DELETE the object that `manifest` names; `grace_s` 0 removes a bound pod at once."""
        body = None if grace_s is None else {"gracePeriodSeconds": grace_s}
        return self._object("DELETE", self.path(manifest), body)

    def apply(self, manifest: Manifest) -> Manifest:
        """Make one object as it is given: create it, set its status, and delete it if it has a deletionTimestamp.

        A pod that is given with a deletionTimestamp needs a finalizer or a node, or it is gone at once. The
        timestamp itself, uid, resourceVersion and creationTimestamp are the server's.
        """
        metadata = {k: v for k, v in manifest["metadata"].items() if k != "deletionTimestamp"}
        made = self.create({**manifest, "metadata": metadata})
        if manifest.get("status") and self._resource(manifest).has_status:
            made = self.set_status(made, manifest["status"])
        if manifest["metadata"].get("deletionTimestamp"):
            made = self.delete(made)
        return made

    def load(self, manifests: Iterable[Manifest], *, workers: int = 16) -> list[Manifest]:
        """Make many objects as `apply` does and give them back as the server has them, in the same order.

        A run of neighbours of one kind is made concurrently; the next kind begins when it is whole, so the order of
        kinds is the order of dependencies. On one core the server takes about 300 pods with status a second.
        Raises ApiFailure for the first object refused.
        """
        made: list[Manifest] = []
        with ThreadPoolExecutor(workers) as threads:
            for _, run in itertools.groupby(manifests, key=lambda m: (m["apiVersion"], m["kind"])):
                made += threads.map(self.apply, run)
        return made

    def collection(self, manifest: Manifest) -> str:
        """The path of the collection that an object of this kind and namespace belongs to."""
        resource = self._resource(manifest)
        namespace = manifest["metadata"].get("namespace", "default")
        middle = f"/namespaces/{namespace}" if resource.namespaced else ""
        return f"{resource.prefix}{middle}/{resource.plural}"

    def path(self, manifest: Manifest) -> str:
        """The path of the object that `manifest` names."""
        return f"{self.collection(manifest)}/{manifest['metadata']['name']}"

    def _object(self, method: str, path: str, body: Any, *, content_type: str = "application/json") -> Manifest:
        answer = self.call(method, path, body, content_type=content_type)
        if not isinstance(answer, dict):
            raise ApiFailure(method, path, 200, repr(answer).encode())
        return answer

    def _resource(self, manifest: Manifest) -> _Resource:
        """Find the resource of a kind by discovery, again whenever a kind isn't known; KeyError if it isn't served."""
        key = (manifest["apiVersion"], manifest["kind"])
        if key not in self._resources:
            self._resources = dict(self._discover())
        return self._resources[key]

    def _discover(self) -> Iterator[tuple[tuple[str, str], _Resource]]:
        for root in ("/api", "/apis"):
            answer = self.request("GET", root, accept=_DISCOVERY)
            if answer.status != 200:
                raise ApiFailure("GET", root, answer.status, answer.body)
            for group in answer.json()["items"]:
                name = group["metadata"].get("name", "")
                for version in group["versions"]:
                    api_version = f"{name}/{version['version']}" if name else version["version"]
                    for entry in version.get("resources", ()):  # a stale version has none
                        has_status = any(sub["subresource"] == "status" for sub in entry.get("subresources", ()))
                        resource = _Resource(
                            f"{root}/{api_version}", entry["resource"], entry["scope"] == "Namespaced", has_status
                        )
                        yield (api_version, entry["responseKind"]["kind"]), resource
