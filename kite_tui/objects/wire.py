"""Objects as the API writes them, only the fields that somebody reads; everything else is skipped unread.

Any field may be absent or null. `Raw` fields are small and come back word for word on thousands of objects (labels,
resources, owners), so decode.py looks their bytes up instead of reading them again.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

Int = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer of the API, 64 bits at most: sums of longer ones have more digits than Python prints."""

NOTHING = Raw()
"""A Raw field that is not there; `null` comes as the bytes `null`."""


class Wire(Struct, rename="camel", gc=False):
    """Base of all: camelCase names, all fields optional."""


class ObjectMeta(Wire):
    name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: Int | None = None
    labels: Raw = NOTHING
    owner_references: Raw = NOTHING


class OnlyMeta(Wire):
    metadata: ObjectMeta | None = None


class AnnotatedMeta(ObjectMeta):
    annotations: Raw = NOTHING


class Condition(Wire):
    type: str | None = None
    status: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class Container(Wire):
    name: str | None = None
    image: str | None = None
    restart_policy: str | None = None
    resources: Raw = NOTHING
    env: Raw = NOTHING
    env_from: Raw = NOTHING


class ReadinessGate(Wire):
    condition_type: str | None = None


class PodSpec(Wire):
    node_name: str | None = None
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    ephemeral_containers: list[Container] | None = None
    overhead: Raw = NOTHING
    resources: Raw = NOTHING
    readiness_gates: list[ReadinessGate] | None = None
    volumes: Raw = NOTHING
    image_pull_secrets: Raw = NOTHING
    resource_claims: Raw = NOTHING
    service_account_name: str | None = None
    priority_class_name: str | None = None
    runtime_class_name: str | None = None


class Waiting(Wire):
    reason: str | None = None
    message: str | None = None


class Running(Wire):
    started_at: str | None = None


class Terminated(Wire):
    exit_code: Int | None = None
    signal: Int | None = None
    reason: str | None = None
    message: str | None = None
    finished_at: str | None = None


class ContainerState(Wire):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Wire):
    name: str | None = None
    state: ContainerState | None = None
    last_state: ContainerState | None = None
    ready: bool | None = None
    started: bool | None = None
    restart_count: Int | None = None
    allocated_resources: Raw = NOTHING
    resources: Raw = NOTHING


class PodStatus(Wire):
    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    pod_ip: str | None = msgspec.field(default=None, name="podIP")
    qos_class: str | None = None
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None
    resource_claim_statuses: Raw = NOTHING


class Pod(Wire):
    metadata: ObjectMeta | None = None
    spec: PodSpec | None = None
    status: PodStatus | None = None


class Taint(Wire):
    key: str | None = None
    value: str | None = None
    effect: str | None = None


class NodeSpec(Wire):
    unschedulable: bool | None = None
    taints: list[Taint] | None = None


class Address(Wire):
    type: str | None = None
    address: str | None = None


class NodeInfo(Wire):
    kubelet_version: str | None = None
    os_image: str | None = None
    kernel_version: str | None = None
    container_runtime_version: str | None = None
    architecture: str | None = None


class NodeStatus(Wire):
    capacity: Raw = NOTHING
    allocatable: Raw = NOTHING
    conditions: list[Condition] | None = None
    addresses: list[Address] | None = None
    node_info: NodeInfo | None = None


class Node(Wire):
    metadata: ObjectMeta | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class NamespaceStatus(Wire):
    phase: str | None = None
    conditions: list[Condition] | None = None


class Namespace(Wire):
    metadata: ObjectMeta | None = None
    status: NamespaceStatus | None = None


class ServicePort(Wire):
    name: str | None = None
    port: Int | None = None


class ServiceSpec(Wire):
    type: str | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    ports: list[ServicePort] | None = None
    selector: Raw = NOTHING


class Service(Wire):
    metadata: ObjectMeta | None = None
    spec: ServiceSpec | None = None


class EventSeries(Wire):
    count: Int | None = None
    last_observed_time: str | None = None


class ObjectReference(Wire):
    api_version: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None


class Event(Wire):
    metadata: ObjectMeta | None = None
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    count: Int | None = None
    series: EventSeries | None = None
    event_time: str | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    involved_object: ObjectReference | None = None


class ClaimSpec(Wire):
    storage_class_name: str | None = None
    volume_name: str | None = None
    volume_attributes_class_name: str | None = None
    data_source: Raw = NOTHING
    data_source_ref: Raw = NOTHING


class ClaimStatus(Wire):
    phase: str | None = None


class Claim(Wire):
    metadata: ObjectMeta | None = None
    spec: ClaimSpec | None = None
    status: ClaimStatus | None = None


class PodTemplate(Wire):
    metadata: ObjectMeta | None = None
    spec: PodSpec | None = None


class JobTemplate(Wire):
    spec: WorkloadSpec | None = None


class WorkloadSpec(Wire):
    """Of every kind that makes pods, CronJobs and Jobs among them."""

    replicas: Int | None = None
    suspend: bool | None = None
    schedule: str | None = None
    template: PodTemplate | None = None
    volume_claim_templates: list[OnlyMeta] | None = None
    job_template: JobTemplate | None = None


class WorkloadStatus(Wire):
    available_replicas: Int | None = None
    ready_replicas: Int | None = None
    active: Raw = NOTHING
    desired_number_scheduled: Int | None = None
    number_available: Int | None = None
    conditions: list[Condition] | None = None


class Workload(Wire):
    metadata: ObjectMeta | None = None
    spec: WorkloadSpec | None = None
    status: WorkloadStatus | None = None


class Whole(Wire):
    """An object of any kind, by its top-level fields: whoever reads a kind decodes the ones it has."""

    metadata: AnnotatedMeta | None = None
    spec: Raw = NOTHING
    status: Raw = NOTHING
    subjects: Raw = NOTHING
    role_ref: Raw = NOTHING
    aggregation_rule: Raw = NOTHING
    secrets: Raw = NOTHING
    image_pull_secrets: Raw = NOTHING
    endpoints: Raw = NOTHING
    webhooks: Raw = NOTHING


class NodeMetrics(Wire):
    metadata: ObjectMeta | None = None
    timestamp: str | None = None
    usage: Raw = NOTHING


class ContainerMetrics(Wire):
    name: str | None = None
    usage: Raw = NOTHING


class PodMetrics(Wire):
    metadata: ObjectMeta | None = None
    timestamp: str | None = None
    containers: list[ContainerMetrics] | None = None
