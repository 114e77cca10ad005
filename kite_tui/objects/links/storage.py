"""What the objects of storage refer to: volumes, claims, attachments."""

from __future__ import annotations

from collections.abc import Iterator

from kite_tui.objects import wire
from kite_tui.objects.links.parts import SECRET_REFS, Linker, Parts, as_map, at, decoded, named, text, typed
from kite_tui.objects.references import Reference

STORAGE = "storage.k8s.io"
_CSI_SECRETS = (
    "controllerPublishSecretRef",
    "nodeStageSecretRef",
    "nodePublishSecretRef",
    "controllerExpandSecretRef",
    "nodeExpandSecretRef",
)


def claim_references(found: wire.ClaimSpec, namespace: str) -> Iterator[Reference]:
    """Of a PersistentVolumeClaim. A class that a bound claim names need not exist: a name that no class has is how
    volumes are bound by hand."""
    volume, attributes = found.volume_name or "", found.volume_attributes_class_name or ""
    yield from named("", "PersistentVolume", "", volume, "volumeName")
    yield from named(
        STORAGE, "StorageClass", "", found.storage_class_name or "", "storageClassName", optional=bool(volume)
    )
    yield from named(STORAGE, "VolumeAttributesClass", "", attributes, "volumeAttributesClassName")
    source = decoded(found.data_source_ref)
    if isinstance(source, dict):
        yield from typed(source, namespace, "dataSourceRef")
    else:
        yield from typed(decoded(found.data_source), namespace, "dataSource")


def _volume(parts: Parts) -> Iterator[Reference]:
    spec = parts.map("spec")
    claim = as_map(spec.get("claimRef"))
    where = text(claim, "namespace")
    yield from named("", "PersistentVolumeClaim", where, text(claim, "name"), "claimRef", uid=text(claim, "uid"))
    classes = (("StorageClass", "storageClassName"), ("VolumeAttributesClass", "volumeAttributesClassName"))
    for kind, field in classes:
        yield from named(STORAGE, kind, "", text(spec, field), field, optional=kind == "StorageClass")
    csi = as_map(spec.get("csi"))
    yield from named(STORAGE, "CSIDriver", "", text(csi, "driver"), "csi driver", optional=True)
    for field in _CSI_SECRETS:
        yield from _secret(csi.get(field), where, f"csi {field}")
    azure = as_map(spec.get("azureFile"))
    namespace = text(azure, "secretNamespace") or where
    yield from named("", "Secret", namespace, text(azure, "secretName"), "azureFile secret")
    for field in SECRET_REFS:
        yield from _secret(at(spec, field, "secretRef"), where, f"{field} secret")


def _secret(found: object, namespace: str, reason: str) -> Iterator[Reference]:
    """A SecretReference; one without a namespace means the claim's."""
    yield from named("", "Secret", text(found, "namespace") or namespace, text(found, "name"), reason)


def _attachment(parts: Parts) -> Iterator[Reference]:
    spec = parts.map("spec")
    volume = text(spec, "source", "persistentVolumeName")
    yield from named("", "Node", "", text(spec, "nodeName"), "nodeName")
    yield from named("", "PersistentVolume", "", volume, "persistentVolumeName")
    yield from named(STORAGE, "CSIDriver", "", text(spec, "attacher"), "attacher", optional=True)


LINKERS: dict[tuple[str, str], Linker] = {
    ("", "PersistentVolume"): _volume,
    (STORAGE, "VolumeAttachment"): _attachment,
}
