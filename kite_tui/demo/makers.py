"""Making of templates, ReplicaSets and Jobs, and what a pod's state means for its times, restarts and note."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kite_tui.demo import names
from kite_tui.demo.catalogue import App
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import JOBS, REPLICASETS
from kite_tui.demo.statuses import State
from kite_tui.demo.templates import PodTemplate, app_labels, pod_annotations, pod_spec, quality, requests_of
from kite_tui.demo.workloads import Group, Parent, reference, revision_label
from kite_tui.objects.kinds import STATEFULSETS, Kind


def no_node(cluster: Cluster, group: Group) -> str:
    """What the scheduler says where no node fits."""
    total = len(cluster.nodes)
    if group.template.app.fault == "claim":
        return (
            f"0/{total} nodes are available: pod has unbound immediate PersistentVolumeClaims. not found. "
            f"preemption: 0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
        )
    wanted = "nvidia.com/gpu" if "gpu" in group.template.app.traits else "cpu"
    return (
        f"0/{total} nodes are available: {total} Insufficient {wanted}. preemption: 0/{total} nodes are available: "
        f"{total} No preemption victims found for incoming pod."
    )


def aged(cluster: Cluster, pod: Pod, now_s: int) -> Pod:
    """A bound pod with the times, restarts and note of its state."""
    random = cluster.random
    started_s = min(now_s, pod.bound_s + 2 + random.randrange(12))
    pod = replace(pod, started_s=started_s, changed_s=min(now_s, started_s + 3))
    match pod.state:
        case State.RESTARTED | State.OOM:
            ended_s = max(started_s, now_s - random.randrange(120, 3000))
            return replace(
                pod, restarts=random.randrange(1, 4), ended_s=ended_s, started_s=ended_s + 1, changed_s=ended_s + 2
            )
        case State.CRASH_WAITING | State.CRASH_RUNNING:
            ended_s = max(started_s, now_s - random.randrange(10, 280))
            restarts = min(400, max(1, (now_s - started_s) // 300))
            return replace(pod, restarts=restarts, ended_s=ended_s, changed_s=ended_s - 1, note=back_off(pod))
        case State.IMAGE:
            image = pod.template.containers[0]["image"]
            return replace(
                pod,
                note=f'Back-off pulling image "{image}": ErrImagePull: rpc error: code = NotFound desc = failed to '
                f'pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found',
            )
        case State.CONFIG:
            return replace(pod, note=f'configmap "{pod.template.app.name}-config" not found')
        case State.EVICTED:
            note = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 78204Ki. "
            return replace(pod, ended_s=now_s - random.randrange(60, 3600), note=note)
        case State.SUCCEEDED | State.FAILED:
            return replace(pod, ended_s=min(now_s, started_s + random.randrange(15, 60)))
        case State.NOT_READY | State.NODE_DOWN:
            return replace(pod, changed_s=max(started_s, now_s - random.randrange(200, 1500)))
        case _:
            return pod


def back_off(pod: Pod) -> str:
    """What the kubelet says of a container that it will start again in five minutes."""
    name = pod.template.containers[0]["name"]
    return f"back-off 5m0s restarting failed container={name} pod={pod.name}_{pod.namespace}({pod.uid})"


def make_template(app: App, namespace: str, labels: dict[str, str]) -> PodTemplate:
    """A pod template whose owner is still to be set."""
    spec = pod_spec(app)
    labels = app_labels(app) | labels
    return PodTemplate(
        app, namespace, labels, pod_annotations(app), spec, requests_of(app, spec), quality(spec), owner={}
    )


def new_replicaset(cluster: Cluster, parent: Parent, created_s: int) -> Group:
    """A new ReplicaSet of a Deployment, which wants no pods yet."""
    mark = names.template_hash(cluster.random)
    template = make_template(parent.app, parent.namespace, {"pod-template-hash": mark})
    group = Group(
        REPLICASETS,
        parent.namespace,
        f"{parent.name}-{mark}",
        names.uid(cluster.random),
        created_s,
        template,
        parent=parent,
        revision=parent.revision,
    )
    template.owner = reference(group)
    parent.groups.append(group)
    cluster.groups.append(group)
    return group


def new_job(cluster: Cluster, app: App, namespace: str, parent: Parent | None, created_s: int) -> Group:
    """A new Job, of a CronJob or alone."""
    name = f"{app.name}-{created_s // 60}" if parent else f"{app.name}-{names.suffix(cluster.random)}"
    uid = names.uid(cluster.random)
    labels = {"batch.kubernetes.io/job-name": name, "job-name": name, "batch.kubernetes.io/controller-uid": uid}
    labels["controller-uid"] = uid
    group = Group(JOBS, namespace, name, uid, created_s, make_template(app, namespace, labels), 1, parent)
    group.template.owner = reference(group)
    if parent is not None:
        parent.groups.append(group)
    cluster.groups.append(group)
    return group


def extra_labels(kind: Kind[Any], name: str) -> dict[str, str]:
    """Labels of pods beside their application's."""
    if kind is STATEFULSETS:
        return {
            "statefulset.kubernetes.io/pod-name": "«name»",
            "apps.kubernetes.io/pod-index": "«ordinal»",
            "controller-revision-hash": revision_label(kind, name),
        }
    return {"controller-revision-hash": revision_label(kind, name)}
