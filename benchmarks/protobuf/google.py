"""A pod in protobuf read by google's library (upb, in C), with a descriptor of the fields that somebody reads.

It copies all others unread. Messages that pods share are bytes to the library, and looked up by them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from benchmarks.protobuf import subtrees
from kite_tui.objects import wire

_FIELDS = {  # numbers are those of k8s.io/api's generated.proto
    "Time": "1 int64 seconds",
    "Meta": "1 string name, 3 string namespace, 5 string uid, 6 string version, 8 Time created, 9 Time deleted, "
    "10 int64 grace, 11 bytes* labels, 13 bytes* owners",
    "Gate": "1 string type",
    "Spec": "1 bytes* volumes, 2 bytes* containers, 8 string account, 10 string node, 15 bytes* pull_secrets, "
    "20 bytes* init, 24 string priority, 28 Gate* gates, 29 string runtime, 32 bytes* overhead, 34 bytes* ephemeral, "
    "39 bytes* claims, 40 bytes resources",
    "Container": "1 string name, 2 string image, 7 bytes* env, 8 bytes resources, 19 bytes* env_from, "
    "24 string restart",
    "Ephemeral": "1 Container container",
    "Waiting": "1 string reason, 2 string message",
    "Running": "1 Time started",
    "Terminated": "1 int32 code, 2 int32 signal, 3 string reason, 4 string message, 6 Time finished",
    "State": "1 Waiting waiting, 2 Running running, 3 Terminated terminated",
    "ContainerStatus": "1 string name, 2 State state, 3 bytes last, 4 bool ready, 5 int32 restarts, 9 bool started, "
    "10 bytes* allocated, 11 bytes resources",
    "Condition": "1 string type, 2 string status, 4 Time changed, 5 string reason, 6 string message",
    "Status": "1 string phase, 2 Condition* conditions, 3 string message, 4 string reason, 6 string ip, "
    "8 ContainerStatus* containers, 9 string qos, 10 ContainerStatus* init, 13 ContainerStatus* ephemeral, "
    "15 bytes* claims",
    "Pod": "1 Meta metadata, 2 Spec spec, 3 Status status",
}


def reader() -> Callable[[bytes], wire.Pod]:
    """The reader of google's library. Raises ImportError where it isn't installed."""
    made = _classes()
    new_pod, new_container, new_ephemeral, new_state = (
        made[name] for name in ("Pod", "Container", "Ephemeral", "State")
    )

    def single(piece: bytes) -> Any:
        return subtrees.resources((piece,) if piece else ())

    @lru_cache(maxsize=16384)
    def container(data: bytes) -> wire.Container:
        return of_container(new_container.FromString(data))

    def of_container(found: Any) -> wire.Container:
        return wire.Container(
            found.name,
            found.image,
            found.restart,
            single(found.resources),
            subtrees.env(tuple(found.env)),
            subtrees.env_from(tuple(found.env_from)),
        )

    def state(found: Any) -> wire.ContainerState:
        waiting = running = terminated = None
        if found.HasField("running"):
            running = wire.Running(found.running.started.seconds or None)
        elif found.HasField("waiting"):
            waiting = wire.Waiting(found.waiting.reason, found.waiting.message)
        if found.HasField("terminated"):
            end = found.terminated
            terminated = wire.Terminated(end.code, end.signal, end.reason, end.message, end.finished.seconds or None)
        return wire.ContainerState(waiting, running, terminated)

    def status(found: Any) -> wire.ContainerStatus:
        return wire.ContainerStatus(
            found.name,
            state(found.state),
            state(new_state.FromString(found.last)) if found.last else None,
            found.ready,
            found.started,
            found.restarts,
            subtrees.quantities(tuple(found.allocated)),
            single(found.resources),
        )

    def condition(found: Any) -> wire.Condition:
        return wire.Condition(found.type, found.status, found.reason, found.message, found.changed.seconds or None)

    def read(data: bytes) -> wire.Pod:
        pod = new_pod.FromString(data)
        meta, spec, of = pod.metadata, pod.spec, pod.status
        return wire.Pod(
            wire.ObjectMeta(
                meta.name,
                meta.namespace,
                meta.uid,
                meta.version,
                meta.created.seconds or None,
                meta.deleted.seconds or None,
                meta.grace if meta.HasField("grace") else None,
                subtrees.labels(tuple(meta.labels)),
                subtrees.owners(tuple(meta.owners)),
            ),
            wire.PodSpec(
                spec.node,
                [container(each) for each in spec.containers],
                [container(each) for each in spec.init],
                [of_container(new_ephemeral.FromString(each).container) for each in spec.ephemeral],
                subtrees.quantities(tuple(spec.overhead)),
                single(spec.resources),
                [wire.ReadinessGate(each.type) for each in spec.gates],
                subtrees.volumes(tuple(spec.volumes)),
                subtrees.pull_secrets(tuple(spec.pull_secrets)),
                subtrees.resource_claims(tuple(spec.claims)),
                spec.account,
                spec.priority,
                spec.runtime,
            ),
            wire.PodStatus(
                of.phase,
                of.reason,
                of.message,
                of.ip,
                of.qos,
                [condition(each) for each in of.conditions],
                [status(each) for each in of.containers],
                [status(each) for each in of.init],
                [status(each) for each in of.ephemeral],
                subtrees.resource_claim_statuses(tuple(of.claims)),
            ),
        )

    return read


def _classes() -> dict[str, Any]:
    descriptors = importlib.import_module("google.protobuf.descriptor_pb2")
    pools = importlib.import_module("google.protobuf.descriptor_pool")
    factory = importlib.import_module("google.protobuf.message_factory")
    file = descriptors.FileDescriptorProto(name="needed.proto", package="needed", syntax="proto2")
    kinds = descriptors.FieldDescriptorProto
    for message, written in _FIELDS.items():
        described = file.message_type.add(name=message)
        for number, kind, name in (field.split() for field in written.split(",")):
            label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
            kind = kind.removesuffix("*")
            scalar = getattr(kinds, f"TYPE_{kind.upper()}", None)
            described.field.add(
                name=name,
                number=int(number),
                label=label,
                type=scalar or kinds.TYPE_MESSAGE,
                type_name=None if scalar else f".needed.{kind}",
            )
    pool = pools.DescriptorPool()
    pool.Add(file)
    return {name: factory.GetMessageClass(pool.FindMessageTypeByName(f"needed.{name}")) for name in _FIELDS}
