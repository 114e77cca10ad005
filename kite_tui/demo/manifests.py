"""Documents of Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs.

Their status is counted from the pods, never kept beside them.
"""

from __future__ import annotations

from kite_tui.demo.catalogue import App
from kite_tui.demo.names import rfc3339
from kite_tui.demo.resources import CRONJOBS, JOBS, REPLICASETS
from kite_tui.demo.templates import Document, PodTemplate, app_labels
from kite_tui.demo.workloads import Group, Parent, reference, revision_name
from kite_tui.objects.kinds import DAEMONSETS, STATEFULSETS


def parent_document(parent: Parent) -> Document:
    """The Deployment or CronJob."""
    return _cronjob(parent) if parent.kind is CRONJOBS else _deployment(parent)


def group_document(group: Group) -> Document:
    """The ReplicaSet, StatefulSet, DaemonSet or Job."""
    if group.kind is REPLICASETS:
        return _replicaset(group)
    if group.kind is STATEFULSETS:
        return _statefulset(group)
    if group.kind is DAEMONSETS:
        return _daemonset(group)
    assert group.kind is JOBS
    return _job(group)


def _metadata(owner: Parent | Group, app: App, **more: object) -> Document:
    return {
        "name": owner.name,
        "namespace": owner.namespace,
        "uid": owner.uid,
        "generation": owner.revision,
        "creationTimestamp": rfc3339(owner.created_s),
        "labels": app_labels(app),
        **more,
    }


def _template(template: PodTemplate) -> Document:
    labels = {k: v for k, v in template.labels.items() if "«" not in v}
    notes = {"annotations": template.annotations} if template.annotations else {}
    return {"metadata": {"labels": labels, **notes}, "spec": template.spec}


def _selector(app: App) -> Document:
    return {"matchLabels": {"app.kubernetes.io/name": app_labels(app)["app.kubernetes.io/name"]}}


def _condition(kind: str, true: bool, since_s: int, reason: str, message: str) -> Document:
    at = rfc3339(since_s)
    return {
        "type": kind,
        "status": "True" if true else "False",
        "lastUpdateTime": at,
        "lastTransitionTime": at,
        "reason": reason,
        "message": message,
    }


def _deployment(parent: Parent) -> Document:
    current = parent.groups[-1]
    total = ready = 0
    for group in parent.groups:
        group_total, group_ready = group.counts()
        total, ready = total + group_total, ready + group_ready
    updated = current.counts()[0]
    least = parent.replicas - max(1, parent.replicas // 4) if parent.replicas > 1 else parent.replicas
    enough = ready >= least
    changed_s = max((pod.changed_s for group in parent.groups for pod in group.pods.values()), default=0)
    since_s = max(parent.created_s, changed_s)
    status: Document = {"observedGeneration": parent.revision}
    counts = {
        "replicas": total,
        "updatedReplicas": updated,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": max(0, max(parent.replicas, total) - ready),
    }
    status |= {name: count for name, count in counts.items() if count}  # upstream leaves zeros out
    done = updated == parent.replicas and ready == parent.replicas and total == parent.replicas
    status["conditions"] = [
        _condition("Available", True, since_s, "MinimumReplicasAvailable", "Deployment has minimum availability.")
        if enough
        else _condition(
            "Available", False, since_s, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
        ),
        _condition(
            "Progressing",
            True,
            since_s,
            "NewReplicaSetAvailable" if done else "ReplicaSetUpdated",
            f'ReplicaSet "{current.name}" {"has successfully progressed" if done else "is progressing"}.',
        ),
    ]
    template = _template(current.template)
    template["metadata"]["labels"].pop("pod-template-hash", None)
    spec = {
        "replicas": parent.replicas,
        "selector": _selector(parent.app),
        "template": template,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    notes = {"deployment.kubernetes.io/revision": str(parent.revision)}
    return {"metadata": _metadata(parent, parent.app, annotations=notes), "spec": spec, "status": status}


def _replicaset(group: Group) -> Document:
    assert group.parent is not None
    total, ready = group.counts()
    status: Document = {"replicas": total}
    if total:
        status["fullyLabeledReplicas"] = total
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    status["observedGeneration"] = 1
    selector = _selector(group.template.app)
    selector["matchLabels"]["pod-template-hash"] = group.template.labels["pod-template-hash"]
    notes = {"deployment.kubernetes.io/revision": str(group.revision)}
    metadata = _metadata(group, group.template.app, annotations=notes, ownerReferences=[reference(group.parent)])
    metadata["labels"] = dict(group.template.labels)
    return {
        "metadata": metadata,
        "spec": {"replicas": group.replicas, "selector": selector, "template": _template(group.template)},
        "status": status,
    }


def _statefulset(group: Group) -> Document:
    app = group.template.app
    total, ready = group.counts()
    status: Document = {
        "observedGeneration": group.revision,
        "replicas": total,
        "currentReplicas": total,
        "updatedReplicas": total,
        "currentRevision": revision_name(STATEFULSETS, group.name),
        "updateRevision": revision_name(STATEFULSETS, group.name),
        "collisionCount": 0,
        "availableReplicas": ready,
    }
    if ready:
        status["readyReplicas"] = ready
    spec: Document = {
        "replicas": group.replicas,
        "selector": _selector(app),
        "template": _template(group.template),
        "serviceName": app.name,
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "revisionHistoryLimit": 10,
    }
    if "claims" in app.traits:
        spec["volumeClaimTemplates"] = [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "data"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "50Gi"}},
                    "storageClassName": "gp3",
                    "volumeMode": "Filesystem",
                },
                "status": {"phase": "Pending"},
            }
        ]
    more = {"ownerReferences": [group.owner]} if group.owner else {}
    return {"metadata": _metadata(group, app, **more), "spec": spec, "status": status}


def _daemonset(group: Group) -> Document:
    total, ready = group.counts()
    status: Document = {
        "currentNumberScheduled": total,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": group.replicas,
        "numberReady": ready,
        "observedGeneration": group.revision,
        "updatedNumberScheduled": total,
    }
    if ready:
        status["numberAvailable"] = ready
    if group.replicas > ready:
        status["numberUnavailable"] = group.replicas - ready
    spec = {
        "selector": _selector(group.template.app),
        "template": _template(group.template),
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        "revisionHistoryLimit": 10,
    }
    return {"metadata": _metadata(group, group.template.app), "spec": spec, "status": status}


def _job(group: Group) -> Document:
    pods = group.pods.values()
    active = sum(pod.is_active for pod in pods)
    failed = sum(pod.phase == "Failed" for pod in pods)
    succeeded = sum(pod.phase == "Succeeded" for pod in pods)
    status: Document = {"startTime": rfc3339(group.created_s)}
    if active:
        status |= {"active": active, "ready": sum(pod.is_ready for pod in pods)}
    if succeeded:
        status["succeeded"] = succeeded
    if failed:
        status["failed"] = failed
    status["uncountedTerminatedPods"] = {}
    if group.ended_s and succeeded:
        status["completionTime"] = rfc3339(group.ended_s)
        message = "Reached expected number of succeeded pods"
        status["conditions"] = [_job_condition("Complete", group.ended_s, "CompletionsReached", message)]
    elif group.ended_s:
        message = "Job has reached the specified backoff limit"
        status["conditions"] = [_job_condition("Failed", group.ended_s, "BackoffLimitExceeded", message)]
    spec = {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 0,
        "completionMode": "NonIndexed",
        "suspend": False,
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": group.uid}},
        "template": _template(group.template),
    }
    more = {"ownerReferences": [reference(group.parent)]} if group.parent else {}
    return {"metadata": _metadata(group, group.template.app, **more), "spec": spec, "status": status}


def _job_condition(kind: str, since_s: int, reason: str, message: str) -> Document:
    condition = _condition(kind, True, since_s, reason, message)
    return {("lastProbeTime" if key == "lastUpdateTime" else key): value for key, value in condition.items()}


def _cronjob(parent: Parent) -> Document:
    last = parent.groups[-1]
    active = [group for group in parent.groups if not group.ended_s]
    status: Document = {"lastScheduleTime": rfc3339(last.created_s)}
    if active:
        status["active"] = [
            {
                "kind": "Job",
                "namespace": group.namespace,
                "name": group.name,
                "uid": group.uid,
                "apiVersion": JOBS.api_version,
            }
            for group in active
        ]
    done = [group.ended_s for group in parent.groups if group.ended_s]
    if done:
        status["lastSuccessfulTime"] = rfc3339(max(done))
    template = _template(last.template)
    template["metadata"]["labels"] = app_labels(parent.app)
    spec = {
        "schedule": "*/10 * * * *",
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "jobTemplate": {"spec": {"backoffLimit": 0, "template": template}},
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }
    return {"metadata": _metadata(parent, parent.app), "spec": spec, "status": status}
