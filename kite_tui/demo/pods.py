"""Pods: 150 000 of them as small frozen records, each written as JSON when it is read.

The text of a pod is its template's mould for the state it is in (everything but what is the pod's own), with the
pod's own values filled in: about 5 µs, where encoding a document of that size takes ten times as long, and so does
formatting a str instead of bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter

import msgspec

from kite_tui.demo.names import rfc3339_bytes as rfc3339
from kite_tui.demo.statuses import State, pod_status
from kite_tui.demo.templates import Document, PodTemplate

_HOLE = re.compile('"«#(\\w+)»"|«(\\w+)»'.encode())

_TOKEN = bytes.maketrans(b"0123456789abcdef", b"bcdfghjklmnpqrst")  # as upstream draws generated names

PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000, "business-critical": 10000}
"""The value of every PriorityClass."""

Mould = tuple[bytes, Callable[[Mapping[str, bytes]], tuple[bytes, ...]]]
"""JSON with a `%b` for every hole, and what takes the values for them from all values of a pod."""


class Pod(msgspec.Struct, frozen=True, gc=False):
    """One pod. `node` and the addresses are empty until it is bound; times are seconds since the epoch.

    `bound_s`, `started_s` and `changed_s` are when it was scheduled, when its main container (last) started and when
    its readiness last changed; `ended_s` is when a container last ended. `note` is what its state has to say.
    """

    template: PodTemplate
    name: str
    uid: str
    state: State
    created_s: int
    node: str = ""
    node_ip: str = ""
    ip: str = ""
    bound_s: int = 0
    started_s: int = 0
    changed_s: int = 0
    ended_s: int = 0
    restarts: int = 0
    deleted_s: int = 0
    note: str = ""

    @property
    def namespace(self) -> str:
        """See `world.Thing`."""
        return self.template.namespace

    @property
    def labels(self) -> Mapping[str, str]:
        """See `world.Thing`."""
        labels = self.template.labels
        if self.template.app.kind != "StatefulSet":
            return labels
        return {key: self._filled(value) for key, value in labels.items()}

    @property
    def phase(self) -> str:
        """The phase that its state means."""
        return self.state.phase

    @property
    def token(self) -> str:
        """The ending of names that are generated for it."""
        return self.uid.replace("-", "")[:5].encode().translate(_TOKEN).decode()

    @property
    def is_ready(self) -> bool:
        """Whether its condition Ready is True."""
        return self.state is State.RUNNING or self.state is State.RESTARTED or self.state is State.OOM

    @property
    def is_active(self) -> bool:
        """Whether its owner counts it as a replica: neither finished nor on its way out."""
        return not self.deleted_s and self.phase not in ("Succeeded", "Failed")

    @property
    def holds(self) -> bool:
        """Whether it takes resources of its node."""
        return bool(self.node) and self.phase not in ("Succeeded", "Failed")

    def field(self, path: str) -> str:
        """See `world.Thing`."""
        match path:
            case "metadata.name":
                return self.name
            case "metadata.namespace":
                return self.namespace
            case "spec.nodeName":
                return self.node
            case "status.phase":
                return self.phase
            case "status.podIP":
                return self.ip if self.state.has_address else ""
            case _:
                return str(self.template.spec.get(path.removeprefix("spec."), ""))

    def body(self, revision: int) -> bytes:
        """See `world.Thing`."""
        key = (self.state, bool(self.deleted_s))
        mould = self.template.moulds.get(key)
        if mould is None:
            mould = self.template.moulds[key] = _mould(self.template, *key)
        text, holes = mould
        name, uid = self.name.encode(), self.uid.encode()
        digits = uid.replace(b"-", b"")
        values = {
            "revision": b"%d" % revision,
            "name": name,
            "ordinal": name.rpartition(b"-")[2],
            "uid": uid,
            "id": digits + digits[:28],
            "token": self.token.encode(),
            "node": self.node.encode(),
            "node_ip": self.node_ip.encode(),
            "ip": self.ip.encode(),
            "created": rfc3339(self.created_s),
            "bound": rfc3339(self.bound_s),
            "started": rfc3339(self.started_s),
            "changed": rfc3339(self.changed_s),
            "ended": rfc3339(self.ended_s),
            "deleted": rfc3339(self.deleted_s),
            "restarts": b"%d" % self.restarts,
            "note": msgspec.json.encode(self.note)[1:-1] if self.note else b"",
        }
        return text % holes(values)

    def _filled(self, text: str) -> str:
        return text.replace("«name»", self.name).replace("«ordinal»", self.name.rpartition("-")[2])


def _mould(template: PodTemplate, state: State, deleting: bool) -> Mould:
    document = {
        "metadata": _metadata(template, deleting),
        "spec": _spec(template, state.is_bound),
        "status": pod_status(template, state) | _claim_statuses(template, state),
    }
    text = msgspec.json.encode(document).replace(b"%", b"%%")
    names = [(hole[1] or hole[2]).decode() for hole in _HOLE.finditer(text)]
    return _HOLE.sub(b"%b", text), itemgetter(*names)


def _claim_statuses(template: PodTemplate, state: State) -> Document:
    claims = [claim["name"] for claim in template.spec.get("resourceClaims", ()) if state.is_bound]
    if not claims:
        return {}
    return {"resourceClaimStatuses": [{"name": one, "resourceClaimName": f"«name»-{one}-«token»"} for one in claims]}


def _metadata(template: PodTemplate, deleting: bool) -> Document:
    metadata: Document = {"name": "«name»"}
    if template.app.kind not in ("StatefulSet", "Static"):
        metadata["generateName"] = template.owner["name"] + "-"
    metadata |= {
        "namespace": template.namespace,
        "uid": "«uid»",
        "resourceVersion": "«revision»",
        "generation": 1,
        "creationTimestamp": "«created»",
    }
    if deleting:
        metadata |= {"deletionTimestamp": "«deleted»", "deletionGracePeriodSeconds": 30}
    metadata |= {"labels": template.labels}
    if template.annotations:
        metadata["annotations"] = template.annotations
    metadata["ownerReferences"] = [template.owner]
    metadata["managedFields"] = [
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "apiVersion": "v1",
            "time": "«created»",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:generateName": {}, "f:labels": {}}, "f:spec": {"f:containers": {}}},
        },
        {
            "manager": "kubelet",
            "operation": "Update",
            "apiVersion": "v1",
            "time": "«changed»",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:status": {"f:conditions": {}, "f:containerStatuses": {}, "f:phase": {}, "f:podIP": {}}},
            "subresource": "status",
        },
    ]
    return metadata


def _spec(template: PodTemplate, bound: bool) -> Document:
    spec = dict(template.spec)
    volumes = list(spec.get("volumes", ()))
    if "claims" in template.app.traits:
        volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": "data-«name»"}})
    spec["volumes"] = volumes
    if template.app.kind != "Static":
        _give_token(spec)
    if bound:
        spec["nodeName"] = "«node»"
    stay = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    spec["tolerations"] = [
        *spec.get("tolerations", ()),
        {"key": "node.kubernetes.io/not-ready", **stay},
        {"key": "node.kubernetes.io/unreachable", **stay},
    ]
    spec["priority"] = PRIORITIES.get(template.app.priority, 0)
    spec |= {"enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
    if template.app.kind == "StatefulSet":
        spec |= {"hostname": "«name»", "subdomain": template.app.name}
    return spec


def _give_token(spec: Document) -> None:
    """The volume that admission gives to every pod with a service account, and its mounts."""
    token = "kube-api-access-«token»"
    mount = {"name": token, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    for part in ("containers", "initContainers"):
        if part in spec:
            spec[part] = [
                container | {"volumeMounts": [*container.get("volumeMounts", ()), mount]} for container in spec[part]
            ]
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    spec["volumes"].append({"name": token, "projected": {"sources": sources, "defaultMode": 420}})
