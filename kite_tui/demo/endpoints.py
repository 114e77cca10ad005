"""EndpointSlices: they follow the pods that their Service selects, at the cost of one slice a change.

A slice is a small record that is written as JSON when it is read, as pods are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

import msgspec
from msgspec.structs import replace

from kite_tui.demo import names
from kite_tui.demo.names import rfc3339_bytes
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import ENDPOINT_SLICES
from kite_tui.demo.templates import Document
from kite_tui.demo.workloads import controlled_by
from kite_tui.demo.world import World
from kite_tui.objects.kinds import SERVICES

MOST = 100
"""Endpoints in one slice, the controller's default."""

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(slots=True, eq=False)
class Backed:
    """A Service with a selector, and its slices by name. `head` and `tail` stand around the metadata's own values and
    the endpoints in the JSON of each."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    head: bytes
    tail: bytes
    zones: Mapping[str, str]
    slices: dict[str, Slice] = field(default_factory=dict)


class Slice(msgspec.Struct, frozen=True, gc=False):
    """One EndpointSlice; its pods all have an endpoint."""

    service: Backed
    name: str
    uid: str
    created_s: int
    changed_s: int
    pods: tuple[Pod, ...] = ()
    generation: int = 1

    @property
    def namespace(self) -> str:
        """See `world.Thing`."""
        return self.service.namespace

    @property
    def labels(self) -> Mapping[str, str]:
        """See `world.Thing`."""
        return self.service.labels

    def field(self, path: str) -> str:
        """See `world.Thing`."""
        return self.name if path == "metadata.name" else self.namespace if path == "metadata.namespace" else ""

    def body(self, revision: int) -> bytes:
        """See `world.Thing`. O(endpoints)."""
        service = self.service
        metadata = b'{"resourceVersion":"%d","name":"%b","uid":"%b","generation":%d,"creationTimestamp":"%b",' % (
            revision,
            self.name.encode(),
            self.uid.encode(),
            self.generation,
            rfc3339_bytes(self.created_s),
        )
        changed = rfc3339_bytes(self.changed_s)
        notes = b'"annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"%b"},' % changed
        endpoints = b",".join(_endpoint(pod, service.zones.get(pod.node, "")) for pod in self.pods)
        listed = b"[%b]" % endpoints if endpoints else b"null"  # as Go writes an empty list here
        return b"".join((b'{"metadata":', metadata, notes, service.head, b'"endpoints":', listed, service.tail))


def _endpoint(pod: Pod, zone: str) -> bytes:
    ready, terminating = pod.is_ready, bool(pod.deleted_s)
    hostname = b'"hostname":"%b",' % pod.name.encode() if pod.template.app.kind == "StatefulSet" else b""
    return (
        b'{"addresses":["%b"],"conditions":{"ready":%b,"serving":%b,"terminating":%b},%b"nodeName":"%b",'
        b'"targetRef":{"kind":"Pod","namespace":"%b","name":"%b","uid":"%b"},"zone":"%b"}'
    ) % (
        pod.ip.encode(),
        _boolean(ready and not terminating),
        _boolean(ready),
        _boolean(terminating),
        hostname,
        pod.node.encode(),
        pod.namespace.encode(),
        pod.name.encode(),
        pod.uid.encode(),
        zone.encode(),
    )


def _boolean(true: bool) -> bytes:
    return b"true" if true else b"false"


def _face(pod: Pod | None) -> tuple[str, str, bool, bool] | None:
    """What a slice says of a pod; None where the pod has no endpoint."""
    if pod is None or not pod.state.has_address or not pod.holds:
        return None
    return pod.uid, pod.ip, pod.is_ready, bool(pod.deleted_s)


class Endpoints:
    """The slices of all Services with a selector. Expects the world's lock held once the world is filled."""

    def __init__(self, world: World, random: Random, zones: Mapping[str, str]) -> None:
        """`zones` are the nodes' zones by name."""
        self._world = world
        self._random = random
        self._zones = zones
        self._backed: dict[tuple[str, str], list[Backed]] = {}

    def back(self, app: str, service: Document) -> None:
        """From now on the pods of an application are endpoints of a Service, too."""
        metadata, spec = service["metadata"], service["spec"]
        namespace, name = metadata["namespace"], metadata["name"]
        labels = {**metadata.get("labels", {}), MANAGED_BY: "endpointslice-controller.k8s.io", SERVICE_NAME: name}
        if spec["clusterIP"] == "None":
            labels["service.kubernetes.io/headless"] = ""
        rest = {
            "generateName": f"{name}-",
            "namespace": namespace,
            "labels": labels,
            "ownerReferences": [controlled_by(SERVICES, name, metadata["uid"])],
        }
        ports = [
            {"name": port["name"], "port": port["targetPort"], "protocol": port["protocol"]} for port in spec["ports"]
        ]
        head = msgspec.json.encode(rest)[1:] + b',"addressType":"IPv4",'
        tail = b',"ports":' + msgspec.json.encode(ports) + b"}"
        backed = Backed(namespace, name, labels, head, tail, self._zones)
        self._backed.setdefault((namespace, app), []).append(backed)

    def fill(self, pods: Iterable[Pod], now_s: int) -> list[Slice]:
        """Put every pod that has an endpoint into a slice, and give all slices for the world to be filled with."""
        found: dict[tuple[str, str], list[Pod]] = {key: [] for key in self._backed}
        for pod in pods:
            backends = found.get((pod.namespace, pod.template.app.name))
            if backends is not None and _face(pod) is not None:
                backends.append(pod)
        return [
            self._new(service, backends[start : start + MOST], now_s)
            for key, backends in found.items()
            for service in self._backed[key]
            for start in range(0, max(1, len(backends)), MOST)
        ]

    def follow(self, before: Pod | None, after: Pod | None, now_s: int) -> None:
        """Write what a change of a pod means: None is a pod that isn't there. O(endpoints of its Service)."""
        changed = after or before
        if changed is None or _face(before) == _face(after):
            return
        for service in self._backed.get((changed.namespace, changed.template.app.name), ()):
            self._follow(service, changed, _face(after) is not None, now_s)

    def _follow(self, service: Backed, changed: Pod, stays: bool, now_s: int) -> None:
        slices = service.slices.values()
        old = next((one for one in slices if any(pod.uid == changed.uid for pod in one.pods)), None)
        if old is None:
            roomy = next((one for one in slices if len(one.pods) < MOST), None) or self._new(service, (), now_s)
            self._change(roomy, (*roomy.pods, changed), now_s)
            return
        others = tuple(pod for pod in old.pods if pod.uid != changed.uid)
        self._change(old, (*others, changed) if stays else others, now_s)

    def _change(self, old: Slice, pods: tuple[Pod, ...], now_s: int) -> None:
        service = old.service
        if not pods and len(service.slices) > 1:
            del service.slices[old.name]
            self._world.delete(ENDPOINT_SLICES, old.namespace, old.name)
            return
        changed = replace(old, pods=pods, changed_s=now_s, generation=old.generation + 1)
        service.slices[old.name] = changed
        self._world.put(ENDPOINT_SLICES, changed)

    def _new(self, service: Backed, pods: Iterable[Pod], now_s: int) -> Slice:
        name = f"{service.name}-{names.suffix(self._random)}"
        made = service.slices[name] = Slice(service, name, names.uid(self._random), now_s, now_s, tuple(pods))
        return made
