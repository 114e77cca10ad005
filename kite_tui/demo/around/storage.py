"""Storage: classes, claims with their volumes, where those are attached, and a snapshot of one."""

from __future__ import annotations

from kite_tui.demo.around.configuration import ENDING
from kite_tui.demo.around.scribe import Made, Scribe
from kite_tui.demo.names import rfc3339
from kite_tui.demo.nodes import CSI_DRIVER
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import (
    ATTACHMENTS,
    ATTRIBUTES_CLASSES,
    CSI_DRIVERS,
    CSI_NODES,
    SECRETS,
    SNAPSHOT_CLASSES,
    SNAPSHOTS,
    STORAGE_CLASSES,
    VOLUMES,
)
from kite_tui.demo.templates import MEDIA_CLAIM, Document, app_labels
from kite_tui.demo.workloads import owned_by
from kite_tui.objects.kinds import CLAIMS, NODES, STATEFULSETS

_CEPH = "rbd.csi.ceph.com"
_CEPH_SECRET = "ceph-user"
_FAST = "fast"
"""The VolumeAttributesClass of the databases' volumes."""


def objects(scribe: Scribe) -> Made:
    """All of them."""
    yield from _classes(scribe)
    yield from _nodes(scribe)
    for group in scribe.cluster.groups:
        app = group.template.app
        if group.kind != STATEFULSETS or "claims" not in app.traits:
            continue
        for pod in group.pods.values():
            more = {"volumeAttributesClassName": _FAST} if app.name == "postgres" else {}
            yield from _of_pod(scribe, pod, more)
    for _, namespace in scribe.spaces("data"):
        if scribe.has(namespace, "postgres"):
            yield from _restored(scribe, namespace)
    for _, namespace in scribe.spaces("shop"):
        if scribe.has(namespace, "image-resizer"):
            yield from _media(scribe, namespace)
    yield from _left_behind(scribe)


def _classes(scribe: Scribe) -> Made:
    for name, default in (("gp3", True), ("io2", False)):
        notes = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
        yield (
            STORAGE_CLASSES,
            {
                "metadata": scribe.metadata("", name, annotations=notes),
                "provisioner": CSI_DRIVER,
                "parameters": {"type": name},
                "reclaimPolicy": "Delete",
                "volumeBindingMode": "WaitForFirstConsumer" if default else "Immediate",
                "allowVolumeExpansion": True,
            },
        )
    fast = {"driverName": CSI_DRIVER, "parameters": {"iops": "6000", "throughput": "300"}}
    yield ATTRIBUTES_CLASSES, {"metadata": scribe.metadata("", _FAST), **fast}
    driver = {"attachRequired": True, "podInfoOnMount": False, "volumeLifecycleModes": ["Persistent"]}
    yield CSI_DRIVERS, {"metadata": scribe.metadata("", CSI_DRIVER), "spec": driver}
    snapshots = {"driver": CSI_DRIVER, "deletionPolicy": "Delete"}
    yield SNAPSHOT_CLASSES, {"metadata": scribe.metadata("", "ebs"), **snapshots}


def _nodes(scribe: Scribe) -> Made:
    for node in scribe.cluster.nodes.values():
        owners = [owned_by(NODES, node.name, node.uid)]
        driver = {"name": CSI_DRIVER, "nodeID": node.csi_id, "topologyKeys": ["topology.ebs.csi.aws.com/zone"]}
        metadata = scribe.metadata("", node.name, ownerReferences=owners)
        yield CSI_NODES, {"metadata": metadata, "spec": {"drivers": [{**driver, "allocatable": {"count": 26}}]}}


def _of_pod(scribe: Scribe, pod: Pod, more: Document) -> Made:
    """The claim of a StatefulSet's pod with its volume; the one of an unscheduled pod has none."""
    labels = app_labels(pod.template.app)
    name = f"data-{pod.name}"
    if not pod.node:
        metadata = _claim_metadata(scribe, pod.namespace, name, labels)
        spec = _claim_spec("io2", "50Gi")
        yield CLAIMS, {"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}}
        return
    claim, volume = _bound(scribe, pod.namespace, name, "gp3", labels, more)
    yield CLAIMS, claim
    yield VOLUMES, volume
    handle = volume["metadata"]["name"]
    spec = {"attacher": CSI_DRIVER, "nodeName": pod.node, "source": {"persistentVolumeName": handle}}
    metadata = scribe.metadata("", f"csi-{handle.removeprefix('pvc-').replace('-', '') * 2}")
    yield ATTACHMENTS, {"metadata": metadata, "spec": spec, "status": {"attached": True}}


def _bound(
    scribe: Scribe, namespace: str, name: str, storage_class: str, labels: dict[str, str], more: Document
) -> tuple[Document, Document]:
    metadata = _claim_metadata(scribe, namespace, name, labels)
    volume_name = f"pvc-{metadata['uid']}"
    capacity = {"storage": "50Gi"}
    csi = {"driver": CSI_DRIVER, "fsType": "ext4", "volumeHandle": f"vol-0{metadata['uid'][:8]}"}
    claim = {
        "metadata": metadata,
        "spec": _claim_spec(storage_class, "50Gi") | {"volumeName": volume_name} | more,
        "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": capacity},
    }
    attributes = {key: value for key, value in more.items() if key == "volumeAttributesClassName"}
    volume = {
        "metadata": scribe.metadata("", volume_name),
        "spec": {
            "capacity": capacity,
            "accessModes": ["ReadWriteOnce"],
            "claimRef": _claim_reference(metadata),
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": storage_class,
            "volumeMode": "Filesystem",
            "csi": csi,
            **attributes,
        },
        "status": {"phase": "Bound"},
    }
    return claim, volume


def _claim_metadata(scribe: Scribe, namespace: str, name: str, labels: dict[str, str]) -> Document:
    return scribe.metadata(namespace, name, labels=labels, finalizers=["kubernetes.io/pvc-protection"])


def _claim_spec(storage_class: str, size: str, mode: str = "ReadWriteOnce") -> Document:
    return {
        "accessModes": [mode],
        "resources": {"requests": {"storage": size}},
        "storageClassName": storage_class,
        "volumeMode": "Filesystem",
    }


def _claim_reference(metadata: Document) -> Document:
    reference = {"kind": CLAIMS.kind, "apiVersion": CLAIMS.api_version}
    return reference | {key: metadata[key] for key in ("namespace", "name", "uid")}


def _restored(scribe: Scribe, namespace: str) -> Made:
    """A snapshot of the first database, and a claim that was made from it for an audit."""
    taken = rfc3339(scribe.now_s - 9 * 86400)
    name = "postgres-before-audit"
    yield (
        SNAPSHOTS,
        {
            "metadata": scribe.metadata(namespace, name),
            "spec": {"source": {"persistentVolumeClaimName": "data-postgres-0"}, "volumeSnapshotClassName": "ebs"},
            "status": {"readyToUse": True, "creationTime": taken, "restoreSize": "50Gi"},
        },
    )
    source = {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": name}
    more = {"dataSource": source, "dataSourceRef": source}
    claim, volume = _bound(scribe, namespace, "postgres-audit", "gp3", {"purpose": "audit"}, more)
    yield CLAIMS, claim
    yield VOLUMES, volume


def _left_behind(scribe: Scribe) -> Made:
    """What keeps the namespace that is on its way out: a claim that waits for its finalizer."""
    claim, volume = _bound(scribe, ENDING, "carts", "gp3", {"app": ENDING}, {})
    claim["metadata"] |= {"deletionTimestamp": rfc3339(scribe.now_s - 47 * 60), "deletionGracePeriodSeconds": 0}
    yield CLAIMS, claim
    yield VOLUMES, volume


def _media(scribe: Scribe, namespace: str) -> Made:
    """A volume that was made by hand, on storage whose driver has no CSIDriver and whose class is gone."""
    metadata = scribe.metadata("kube-system", f"{_CEPH_SECRET}-{namespace}")
    yield SECRETS, {"metadata": metadata, "type": "Opaque", "data": {"userKey": "ZGVtbw=="}}
    secret = {"name": metadata["name"], "namespace": "kube-system"}
    metadata = _claim_metadata(scribe, namespace, MEDIA_CLAIM, {"purpose": "media"})
    volume, capacity = f"{MEDIA_CLAIM}-{namespace}", {"storage": "4Ti"}
    spec = _claim_spec("ceph-rbd", "4Ti", "ReadWriteMany") | {"volumeName": volume}
    status = {"phase": "Bound", "accessModes": ["ReadWriteMany"], "capacity": capacity}
    yield CLAIMS, {"metadata": metadata, "spec": spec, "status": status}
    csi = {"driver": _CEPH, "volumeHandle": volume, "nodeStageSecretRef": secret, "controllerExpandSecretRef": secret}
    spec = {
        "capacity": capacity,
        "accessModes": ["ReadWriteMany"],
        "claimRef": _claim_reference(metadata),
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "ceph-rbd",
        "volumeMode": "Filesystem",
        "csi": csi,
    }
    yield VOLUMES, {"metadata": scribe.metadata("", volume), "spec": spec, "status": {"phase": "Bound"}}
