"""A pod in protobuf read by hand, into the `wire.Pod` that the reader of JSON makes.

Fields that nobody reads are passed over, containers are looked up by their bytes, times stay numbers. Field numbers are
those of k8s.io/api's generated.proto.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from benchmarks.protobuf import subtrees
from kite_tui.objects import wire
from kite_tui.objects.envelope import Malformed

Table = dict[int, tuple[str, Any]]
"""By tag, as it stands in the bytes: a field's name and how it is read."""

_TEXT, _NUMBER, _FLAG, _TIME, _PIECE = "text", "number", "flag", "time", "piece"


class _Some:
    """A message in a field, or one of many."""

    def __init__(self, type_: type[wire.Wire], table: Table, *, many: bool = False) -> None:
        self.type, self.table, self.many = type_, table, many


def _bytes(number: int) -> int:
    return number << 3 | 2


def _int(number: int) -> int:
    return number << 3


def _message(data: bytes, at: int, end: int, made: Any, table: Table) -> Any:
    pieces: dict[str, list[bytes]] | None = None
    while at < end:
        tag = data[at]
        at += 1
        if tag > 127:
            tag = (tag & 127) | data[at] << 7
            at += 1
        if tag & 7 == 2:
            size = data[at]
            at += 1
            if size > 127:
                size, at = subtrees.varint(data, at - 1)
            begin = at
            at += size
            field = table.get(tag)
            if field is None:
                continue
            name, how = field
            if how is _TEXT:
                setattr(made, name, data[begin:at].decode(errors="replace"))
            elif how is _TIME:
                if size:
                    setattr(made, name, subtrees.varint(data, begin + 1)[0])
            elif how is _PIECE:
                if pieces is None:
                    pieces = {}
                pieces.setdefault(name, []).append(data[begin:at])
            elif how.many:
                found = getattr(made, name)
                if found is None:
                    found = []
                    setattr(made, name, found)
                found.append(_message(data, begin, at, how.type(), how.table))
            elif size:
                setattr(made, name, _message(data, begin, at, how.type(), how.table))
        elif tag & 7 == 0:
            value = data[at]
            at += 1
            if value > 127:
                value, at = subtrees.varint(data, at - 1)
            field = table.get(tag)
            if field is not None:
                setattr(made, field[0], value if field[1] is _NUMBER else bool(value))
        else:
            raise Malformed("a pod has no fixed fields")
    if pieces is not None:
        for name, found in pieces.items():
            setattr(made, name, _PIECES[name](found))
    return made


@lru_cache(maxsize=16384)
def _container(data: bytes) -> wire.Container:
    made: wire.Container = _message(data, 0, len(data), wire.Container(), _CONTAINER)
    return made


@lru_cache(maxsize=4096)
def _ephemeral(data: bytes) -> wire.Container:
    return next(_container(value) for number, value in subtrees.fields(data) if number == 1)


_PIECES: dict[str, Callable[[list[bytes]], Any]] = {
    "labels": lambda pieces: subtrees.labels(tuple(pieces)),
    "owner_references": lambda pieces: subtrees.owners(tuple(pieces)),
    "volumes": lambda pieces: subtrees.volumes(tuple(pieces)),
    "image_pull_secrets": lambda pieces: subtrees.pull_secrets(tuple(pieces)),
    "resource_claims": lambda pieces: subtrees.resource_claims(tuple(pieces)),
    "resource_claim_statuses": lambda pieces: subtrees.resource_claim_statuses(tuple(pieces)),
    "overhead": lambda pieces: subtrees.quantities(tuple(pieces)),
    "allocated_resources": lambda pieces: subtrees.quantities(tuple(pieces)),
    "resources": lambda pieces: subtrees.resources(tuple(pieces)),
    "env": lambda pieces: subtrees.env(tuple(pieces)),
    "env_from": lambda pieces: subtrees.env_from(tuple(pieces)),
    "containers": lambda pieces: [_container(piece) for piece in pieces],
    "init_containers": lambda pieces: [_container(piece) for piece in pieces],
    "ephemeral_containers": lambda pieces: [_ephemeral(piece) for piece in pieces],
}

_CONTAINER: Table = {
    _bytes(1): ("name", _TEXT),
    _bytes(2): ("image", _TEXT),
    _bytes(7): ("env", _PIECE),
    _bytes(8): ("resources", _PIECE),
    _bytes(19): ("env_from", _PIECE),
    _bytes(24): ("restart_policy", _TEXT),
}
_META: Table = {
    _bytes(1): ("name", _TEXT),
    _bytes(3): ("namespace", _TEXT),
    _bytes(5): ("uid", _TEXT),
    _bytes(6): ("resource_version", _TEXT),
    _bytes(8): ("creation_timestamp", _TIME),
    _bytes(9): ("deletion_timestamp", _TIME),
    _int(10): ("deletion_grace_period_seconds", _NUMBER),
    _bytes(11): ("labels", _PIECE),
    _bytes(13): ("owner_references", _PIECE),
}
_SPEC: Table = {
    _bytes(1): ("volumes", _PIECE),
    _bytes(2): ("containers", _PIECE),
    _bytes(8): ("service_account_name", _TEXT),
    _bytes(10): ("node_name", _TEXT),
    _bytes(15): ("image_pull_secrets", _PIECE),
    _bytes(20): ("init_containers", _PIECE),
    _bytes(24): ("priority_class_name", _TEXT),
    _bytes(28): ("readiness_gates", _Some(wire.ReadinessGate, {_bytes(1): ("condition_type", _TEXT)}, many=True)),
    _bytes(29): ("runtime_class_name", _TEXT),
    _bytes(32): ("overhead", _PIECE),
    _bytes(34): ("ephemeral_containers", _PIECE),
    _bytes(39): ("resource_claims", _PIECE),
    _bytes(40): ("resources", _PIECE),
}
_TERMINATED: Table = {
    _int(1): ("exit_code", _NUMBER),
    _int(2): ("signal", _NUMBER),
    _bytes(3): ("reason", _TEXT),
    _bytes(4): ("message", _TEXT),
    _bytes(6): ("finished_at", _TIME),
}
_STATE: Table = {
    _bytes(1): ("waiting", _Some(wire.Waiting, {_bytes(1): ("reason", _TEXT), _bytes(2): ("message", _TEXT)})),
    _bytes(2): ("running", _Some(wire.Running, {_bytes(1): ("started_at", _TIME)})),
    _bytes(3): ("terminated", _Some(wire.Terminated, _TERMINATED)),
}
_CONTAINER_STATUS: Table = {
    _bytes(1): ("name", _TEXT),
    _bytes(2): ("state", _Some(wire.ContainerState, _STATE)),
    _bytes(3): ("last_state", _Some(wire.ContainerState, _STATE)),
    _int(4): ("ready", _FLAG),
    _int(5): ("restart_count", _NUMBER),
    _int(9): ("started", _FLAG),
    _bytes(10): ("allocated_resources", _PIECE),
    _bytes(11): ("resources", _PIECE),
}
_CONDITION: Table = {
    _bytes(1): ("type", _TEXT),
    _bytes(2): ("status", _TEXT),
    _bytes(4): ("last_transition_time", _TIME),
    _bytes(5): ("reason", _TEXT),
    _bytes(6): ("message", _TEXT),
}
_STATUS: Table = {
    _bytes(1): ("phase", _TEXT),
    _bytes(2): ("conditions", _Some(wire.Condition, _CONDITION, many=True)),
    _bytes(3): ("message", _TEXT),
    _bytes(4): ("reason", _TEXT),
    _bytes(6): ("pod_ip", _TEXT),
    _bytes(8): ("container_statuses", _Some(wire.ContainerStatus, _CONTAINER_STATUS, many=True)),
    _bytes(9): ("qos_class", _TEXT),
    _bytes(10): ("init_container_statuses", _Some(wire.ContainerStatus, _CONTAINER_STATUS, many=True)),
    _bytes(13): ("ephemeral_container_statuses", _Some(wire.ContainerStatus, _CONTAINER_STATUS, many=True)),
    _bytes(15): ("resource_claim_statuses", _PIECE),
}
_POD: Table = {
    _bytes(1): ("metadata", _Some(wire.ObjectMeta, _META)),
    _bytes(2): ("spec", _Some(wire.PodSpec, _SPEC)),
    _bytes(3): ("status", _Some(wire.PodStatus, _STATUS)),
}


def read(data: bytes) -> wire.Pod:
    """Field by field in Python."""
    made: wire.Pod = _message(data, 0, len(data), wire.Pod(), _POD)
    return made
