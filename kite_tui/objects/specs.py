"""The spec of a pod, read once for all pods that have it in common.

A pod's spec is most of its bytes, and the pods of an owner have it word for word the same but for what the scheduler
and the server wrote into each: their node, and the name of their token's volume. Without these it is looked up by its
bytes; what falls out of the table is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from sys import intern

import msgspec

from kite_tui.objects import shared, wire
from kite_tui.objects.amounts import Quantities
from kite_tui.objects.envelope import Malformed
from kite_tui.objects.lenient import wire_reader
from kite_tui.objects.links.pods import makes_claims, pod_references
from kite_tui.objects.pods import Container
from kite_tui.objects.references import Reference

MOST_B = 64 << 10
"""Longer ones are not remembered."""

_NODE, _TOKEN = b'"nodeName":"', b'"kube-api-access-'
_TOKEN_LENGTH = len(_TOKEN) + len('xxxxx"')
_ANY = b"?"
"""What stands for a node's name; no node can be called so."""
_OF_VOLUME = (b'{"name":', (b',"projected":', b',"readOnly":', b',"mountPath":'))
"""What stands before and after the token's name where a volume is called so, and where that is mounted."""
_OF_AFFINITY = (b'"values":[', (b"]",))
"""And a node's name where a DaemonSet has a pod go there."""

_read = wire_reader(wire.PodSpec)
_NOTHING = wire.PodSpec()


class Spec(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """What is kept of it, claims apart. `containers` are in the order of `PodTemplate.containers`."""

    containers: tuple[Container, ...]
    overhead: Quantities
    requests: Quantities
    limits: Quantities
    readiness_gates: tuple[str, ...]
    references: tuple[Reference, ...]


def pod_spec(found: msgspec.Raw, namespace: str) -> tuple[Spec, bytes, str]:
    """A pod's spec; the JSON of its volumes where they make claims, else nothing; and the name of its node, empty where
    it has none. What is no spec is an empty one. Thread-safe."""
    raw = bytes(found)
    if len(raw) > MOST_B:
        return _read_spec(raw, namespace)
    head, node, tail = _parted(raw)
    token = _token_in(head)
    shared_by = tuple(head.split(token)) if token else (head,), tuple(tail.split(b'"%b"' % node)) if node else ()
    common = _specs(*shared_by, namespace)
    if common is None:
        return _read_spec(raw, namespace)
    spec, volumes, name = common
    return spec, volumes, intern(node.decode()) if name == "?" else name


def _parted(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the node's name, that name, and what stands after it; the name is empty where there is none.

    It may be looked for in the wrong place, in what nobody reads of a spec; then `_ANY` is not what is read as the
    node's name of what is left, and the real one is.
    """
    at = raw.rfind(_NODE)
    if at >= 0:
        at += len(_NODE)
        node = raw[at : raw.find(b'"', at)]
        if node and node.isascii() and b"\\" not in node:
            return raw[:at], node, raw[at + len(node) :]
    return raw, b"", b""


def _token_in(head: bytes) -> bytes:
    """The quoted name of the volume of the pod's token, which the server gives every pod."""
    at = head.find(_TOKEN)
    token = head[at : at + _TOKEN_LENGTH] if at >= 0 else b""
    return token if token.endswith(b'"') and token[len(_TOKEN) : -1].isalnum() else b""


@lru_cache(maxsize=512)  # its keys are 2 kB; lists come in order, so that the pods of an owner come together
def _specs(head: tuple[bytes, ...], tail: tuple[bytes, ...], namespace: str) -> tuple[Spec, bytes, str] | None:
    """From the bytes before and after each token's and each node's name. None where such a name stands for something
    else too, which may be something that is read."""
    if not (_stand(head, *_OF_VOLUME) and _stand(tail, *_OF_AFFINITY)):
        return None
    return _read_spec(b'"kube-api-access"'.join(head) + (_ANY + b'"?"'.join(tail) if tail else b""), namespace)


def _stand(parts: tuple[bytes, ...], before: bytes, after: tuple[bytes, ...]) -> bool:
    return all(one.endswith(before) and next_.startswith(after) for one, next_ in pairwise(parts))


def _read_spec(raw: bytes, namespace: str) -> tuple[Spec, bytes, str]:
    try:
        found = _read(raw) if raw else _NOTHING
    except Malformed:
        found = _NOTHING
    return read_spec(found, namespace)


def read_spec(found: wire.PodSpec, namespace: str) -> tuple[Spec, bytes, str]:
    """The same of a spec that is taken apart already."""
    requests, limits = shared.resources(bytes(found.resources))
    volumes = bytes(found.volumes)
    spec = Spec(
        tuple(_containers(found)),
        shared.quantities(bytes(found.overhead)),
        requests or (),
        limits or (),
        tuple(gate.condition_type or "" for gate in found.readiness_gates or ()),
        pod_references(found, namespace),
    )
    return _interned(spec), volumes if makes_claims(volumes) else b"", intern(found.node_name or "")


@lru_cache(maxsize=8192)
def _interned(spec: Spec) -> Spec:
    # Pods whose specs differ in what nobody reads come here with specs that are equal all the same.
    return spec


def _containers(spec: wire.PodSpec) -> Iterator[Container]:
    for each in spec.init_containers or ():
        role = "sidecar" if each.restart_policy == "Always" else "init"
        yield _container(each.name or "", each.image or "", role, bytes(each.resources))
    for each in spec.containers or ():
        yield _container(each.name or "", each.image or "", "app", bytes(each.resources))
    for each in spec.ephemeral_containers or ():
        yield _container(each.name or "", each.image or "", "ephemeral", b"")


@lru_cache(maxsize=4096)
def _container(name: str, image: str, role: str, resources: bytes) -> Container:
    requests, limits = shared.resources(resources)
    return Container(intern(name), intern(image), role, requests or (), limits or ())
