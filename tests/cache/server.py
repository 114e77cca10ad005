"""A small API server in memory: resources, versions, snapshots behind continue tokens, watches."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kite_tui.demo import discovery
from kite_tui.kube.api import JSON, Query, Response
from kite_tui.kube.errors import ApiError, Cancelled, ConnectionFailed, Expired, Forbidden, NotFound
from kite_tui.objects.kinds import Kind

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One entry of the history."""

    version: int
    type: str
    resource: str
    namespace: str
    manifest: Manifest


class FakeServer:
    """An Api over objects in memory; thread-safe. A watch stays open until it is closed or dropped."""

    def __init__(self) -> None:
        self.version = 10
        self.objects: dict[tuple[str, str, str], Manifest] = {}
        self.history: list[Change] = []
        self.compacted = 10
        self.snapshots: dict[str, tuple[int, list[Manifest]]] = {}
        self.rules: Callable[[str, str, str], ApiError | None] = lambda _verb, _resource, _namespace: None
        self.served = {"pods", "nodes", "namespaces", "services", "events", "persistentvolumeclaims", "items"}
        self.served |= {"deployments", "statefulsets", "daemonsets"}
        self.documents: dict[str, bytes] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.accepted: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        """What was acceptable, by verb and path."""
        self.renewals: deque[bool] = deque()
        self.open_streams: set[Stream] = set()
        self.changed = threading.Condition()
        self._uids = 0

    # -- what a test does ---------------------------------------------------------------------------------------

    def serves(self, *kinds: Kind[Any]) -> None:
        """Tell these kinds, and no others, in discovery; and have them to be listed, empty."""
        self.served |= {kind.resource for kind in kinds}
        self.documents = {
            path: json.dumps(discovery.aggregated(kinds, core=path == "/api")).encode() for path in ("/api", "/apis")
        }

    def put(self, resource: str, name: str, namespace: str = "", **more: Any) -> None:
        """Create or update an object."""
        with self.changed:
            key = (resource, namespace, name)
            held = self.objects.get(key)
            if held is None:
                self._uids += 1
            self.version += 1
            meta = {
                "namespace": namespace,
                "name": name,
                "uid": held["metadata"]["uid"] if held else f"uid-{self._uids}",
                "resourceVersion": str(self.version),
            }
            self.objects[key] = {"metadata": meta, **more}
            self._log("MODIFIED" if held else "ADDED", resource, namespace, self.objects[key])

    def remove(self, resource: str, name: str, namespace: str = "") -> None:
        """Delete an object; nothing where there is none."""
        with self.changed:
            gone = self.objects.pop((resource, namespace, name), None)
            if gone is None:
                return
            self.version += 1
            meta = {**gone["metadata"], "resourceVersion": str(self.version)}
            self._log("DELETED", resource, namespace, {**gone, "metadata": meta})

    def compact(self) -> None:
        """Forget the history and every snapshot: watches and tokens from before are expired."""
        with self.changed:
            self.compacted = self.version
            self.history.clear()
            self.snapshots.clear()

    def drop(self) -> None:
        """Break every open watch."""
        with self.changed:
            for stream in self.open_streams:
                stream.broken = True
            self.changed.notify_all()

    def refuse(self, *refused: tuple[str, str]) -> None:
        """Forbid (resource, namespace) pairs; the namespace "" is the whole cluster, "*" every scope."""

        def rules(verb: str, resource: str, namespace: str) -> ApiError | None:
            if {(resource, namespace), (resource, "*")} & set(refused):
                return Forbidden(f"may not {verb} {resource} in {namespace or 'the cluster'}", status=403)
            return None

        self.rules = rules

    def requests(self, verb: str = "", resource: str = "") -> list[str]:
        """The paths asked for so far."""
        return [
            path
            for asked, path, _ in list(self.asked)
            if asked.startswith(verb) and (not resource or path.endswith(f"/{resource}"))
        ]

    # -- Api ----------------------------------------------------------------------------------------------------

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        if path == "/version":
            return Response(200, {}, b'{"gitVersion":"v1.35.4"}')
        if path in self.documents:
            return Response(200, {}, self.documents[path])
        asked = dict(query)
        self.accepted["list", path].add(accept)
        with self.changed:
            resource, namespace = self._admit("list", path, asked)
            assert "resourceVersion" not in asked
            token = asked.get("continue", "")
            if token:
                snapshot, _, offset_text = token.partition(":")
                if snapshot not in self.snapshots:
                    raise Expired("the continue token is too old", status=410)
                offset = int(offset_text)
            else:
                snapshot, offset = f"s{len(self.asked)}", 0
                self.snapshots[snapshot] = (self.version, self._select(resource, namespace))
            version, rows = self.snapshots[snapshot]
            size = int(asked["limit"])
            meta: dict[str, object] = {"resourceVersion": str(version)}
            if len(rows) > offset + size:
                meta |= {"continue": f"{snapshot}:{offset + size}", "remainingItemCount": len(rows) - offset - size}
            return Response(200, {}, json.dumps({"metadata": meta, "items": rows[offset : offset + size]}).encode())

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Stream:
        asked = dict(query)
        self.accepted["watch", path].add(accept)
        with self.changed:
            resource, namespace = self._admit("watch", path, asked)
            since = int(asked["resourceVersion"])
            if since < self.compacted:
                raise Expired("too old resource version", status=410)
            stream = Stream(self, resource, namespace, since)
            self.open_streams.add(stream)
            return stream

    def renew_credentials(self) -> bool:
        with self.changed:
            return self.renewals.popleft() if self.renewals else False

    def traffic(self) -> None:
        """Nobody counts."""

    def retry_credentials(self) -> None:
        return None

    def close(self) -> None:
        self.drop()

    def _admit(self, verb: str, path: str, asked: dict[str, str]) -> tuple[str, str]:
        self.asked.append((verb, path, asked))
        parts = path.strip("/").split("/")
        resource = parts[-1]
        namespace = parts[-2] if len(parts) > 3 and parts[-3] == "namespaces" else ""
        if "metrics.k8s.io" in path and "metrics" not in self.served:
            raise NotFound("no metrics", status=404)
        if resource not in self.served:
            raise NotFound(f"no {resource}", status=404)
        refusal = self.rules(verb, resource, namespace)
        if refusal is not None:
            raise refusal
        return resource, namespace

    def _select(self, resource: str, namespace: str) -> list[Manifest]:
        return [
            manifest
            for (kind, space, _), manifest in sorted(self.objects.items())
            if kind == resource and namespace in ("", space)
        ]

    def _log(self, type_: str, resource: str, namespace: str, manifest: Manifest) -> None:
        self.history.append(Change(self.version, type_, resource, namespace, manifest))
        self.changed.notify_all()


@dataclass(eq=False)
class Stream:
    """A watch on a `FakeServer`."""

    server: FakeServer
    resource: str
    namespace: str
    since: int
    broken: bool = False
    closed: bool = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            change = self._next()
            yield json.dumps({"type": change.type, "object": change.manifest}).encode()

    def _next(self) -> Change:
        with self.server.changed:
            while True:
                if self.closed:
                    raise Cancelled("closed")
                if self.broken:
                    raise ConnectionFailed("the connection broke")
                change = self._news()
                if change is not None:
                    self.since = change.version
                    return change
                self.server.changed.wait(5)

    def _news(self) -> Change | None:
        for change in self.server.history:
            is_ours = change.resource == self.resource and self.namespace in ("", change.namespace)
            if is_ours and change.version > self.since:
                return change
        return None

    def is_quiet(self, for_s: float) -> bool:
        with self.server.changed:
            return not (self.closed or self.broken or self._news())

    def set_idle_s(self, seconds: float) -> None:
        return None

    def close(self) -> None:
        with self.server.changed:
            self.closed = True
            self.server.open_streams.discard(self)
            self.server.changed.notify_all()
