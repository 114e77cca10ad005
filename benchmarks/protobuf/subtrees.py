"""Parts of a pod in protobuf that come back word for word on thousands, as the JSON that `objects/shared` and
`objects/links` read: only the fields that they read, each distinct part made once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

Pieces = tuple[bytes, ...]
"""The encoded elements of a repeated field or a map, or the one of a single field; without any, the field is absent."""

Schema = dict[int, tuple[str, Any]]
"""Field number to name and kind: str, bool, another schema, a list of one, `Quantities`, or "" for the name of one that
JSON has inline."""

_NAMED: Schema = {1: ("name", str)}
_OWNER: Schema = {
    1: ("kind", str),
    3: ("name", str),
    4: ("uid", str),
    5: ("apiVersion", str),
    6: ("controller", bool),
}
_KEY: Schema = {1: ("", _NAMED), 3: ("optional", bool)}
_WHOLE: Schema = {1: ("", _NAMED), 2: ("optional", bool)}
_ENV: Schema = {1: ("name", str), 3: ("valueFrom", {3: ("configMapKeyRef", _KEY), 4: ("secretKeyRef", _KEY)})}
_ENV_FROM: Schema = {2: ("configMapRef", _WHOLE), 3: ("secretRef", _WHOLE)}
_PROJECTED: Schema = {1: ("", _NAMED), 4: ("optional", bool)}
_VOLUME: Schema = {
    1: ("name", str),
    2: (
        "",
        {
            6: ("secret", {1: ("secretName", str), 4: ("optional", bool)}),
            8: ("iscsi", {10: ("secretRef", _NAMED)}),
            10: ("persistentVolumeClaim", {1: ("claimName", str)}),
            11: ("rbd", {7: ("secretRef", _NAMED)}),
            12: ("flexVolume", {3: ("secretRef", _NAMED)}),
            13: ("cinder", {4: ("secretRef", _NAMED)}),
            14: ("cephfs", {5: ("secretRef", _NAMED)}),
            18: ("azureFile", {1: ("secretName", str)}),
            19: ("configMap", _PROJECTED),
            25: ("scaleIO", {3: ("secretRef", _NAMED)}),
            26: ("projected", {1: ("sources", [{1: ("secret", _PROJECTED), 3: ("configMap", _PROJECTED)}])}),
            27: ("storageos", {5: ("secretRef", _NAMED)}),
            28: ("csi", {5: ("nodePublishSecretRef", _NAMED)}),
            29: ("ephemeral", {}),
        },
    ),
}
_CLAIM: Schema = {1: ("name", str), 3: ("resourceClaimName", str), 4: ("resourceClaimTemplateName", str)}
_CLAIM_STATUS: Schema = {1: ("name", str), 2: ("resourceClaimName", str)}
_PAIR: Schema = {1: ("key", str), 2: ("value", str)}
_AMOUNT: Schema = {1: ("key", str), 2: ("value", {1: ("value", str)})}


def fields(data: bytes | memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a message: bytes, or an int of a varint; fixed ones are passed over."""
    at, end = 0, len(data)
    while at < end:
        tag, at = varint(data, at)
        match tag & 7:
            case 2:
                size, at = varint(data, at)
                yield tag >> 3, data[at : at + size]
                at += size
            case 0:
                value, at = varint(data, at)
                yield tag >> 3, value
            case 1 | 5 as fixed:
                at += 8 if fixed == 1 else 4
            case other:
                raise ValueError(f"wire type {other}")


def varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """The number at a place, and where it ends. Raises IndexError where it doesn't."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _tree(data: bytes, schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in fields(data):
        name, kind = schema.get(number, ("", None))
        if kind is str:
            found[name] = value.decode(errors="replace")
        elif kind is bool:
            found[name] = bool(value)
        elif isinstance(kind, list):
            found.setdefault(name, []).append(_tree(value, kind[0]))
        elif kind is not None and name:
            found[name] = _tree(value, kind)
        elif kind is not None:
            found |= _tree(value, kind)
    return found


def _amounts(pieces: Pieces) -> dict[str, str]:
    trees = (_tree(piece, _AMOUNT) for piece in pieces)
    return {tree["key"]: tree["value"].get("value", "") for tree in trees}


def _resources(pieces: Pieces) -> dict[str, dict[str, str]]:
    found: dict[str, list[bytes]] = {}
    for number, value in (field for piece in pieces for field in fields(piece)):
        if number in (1, 2):
            found.setdefault("limits" if number == 1 else "requests", []).append(value)
    return {name: _amounts(tuple(entries)) for name, entries in found.items()}


def _cached(made: Callable[[Pieces], Any], size: int = 16384) -> Callable[[Pieces], msgspec.Raw]:
    @lru_cache(maxsize=size)
    def as_json(pieces: Pieces) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(made(pieces))) if pieces else msgspec.Raw()

    return as_json


def _listed(schema: Schema) -> Callable[[Pieces], msgspec.Raw]:
    return _cached(lambda pieces: [_tree(piece, schema) for piece in pieces])


labels = _cached(lambda pieces: {tree["key"]: tree["value"] for tree in (_tree(piece, _PAIR) for piece in pieces)})
owners = _listed(_OWNER)
quantities = _cached(_amounts, 4096)
resources = _cached(_resources, 4096)
env = _listed(_ENV)
env_from = _listed(_ENV_FROM)
_volumes = _listed(_VOLUME)
pull_secrets = _listed(_NAMED)
resource_claims = _listed(_CLAIM)
resource_claim_statuses = _listed(_CLAIM_STATUS)

_TOKEN_VOLUME = re.compile(rb"kube-api-access-[a-z0-9]{5}")


def volumes(pieces: Pieces) -> msgspec.Raw:
    """Volumes, alike but for the name that each pod's token volume has of its own."""
    return _volumes(tuple([_TOKEN_VOLUME.sub(b"kube-api-access-00000", piece) for piece in pieces]))
