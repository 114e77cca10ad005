"""What a pod's spec refers to, the same for a pod and for the template of a workload.

Pods come by the thousand and repeat their spec word for word, so what was read once is looked up by its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from kite_tui.objects import shared, wire
from kite_tui.objects.links.parts import SECRET_REFS, Found, as_map, as_maps, at, decoded, named, text
from kite_tui.objects.references import ORDINAL, Links, Reference

_TOKEN_VOLUME = re.compile(rb'"kube-api-access-[a-z0-9]{5}"')
"""The volume that the server gives every pod has a name of its own in each; read as one they are all alike."""

_Containers = tuple[tuple[str, str, bytes, bytes], ...]  # role, name, env, envFrom


def pod_links(spec: wire.PodSpec, owners: msgspec.Raw, namespace: str) -> Links:
    """Owners and references of a pod but for its claims and its node. Their template, which is interned, makes those
    that are equal one.

    A pod that names no account has none, as a static pod: the server gives every other one its own, or `default`.
    """
    return _pod_links(bytes(owners), namespace, *_key(spec, ""))


def template_links(
    template: wire.PodTemplate, owners: msgspec.Raw, namespace: str, more: Iterable[Reference] = ()
) -> Links:
    """Owners of a workload, and what its pods' template refers to."""
    spec = template.spec or wire.PodSpec()
    references = _references(namespace, *_key(spec, "default")) + tuple(_claims(decoded(spec.volumes), namespace, ""))
    labels = shared.labels(bytes(template.metadata.labels)) if template.metadata else ()
    return Links(shared.owners(bytes(owners)), (*references, *more), (), labels)


def claim_templates(spec: wire.WorkloadSpec, namespace: str, name: str) -> Iterator[Reference]:
    """The claims that a StatefulSet makes for its pods, `<template>-<set>-<ordinal>`."""
    for each in spec.volume_claim_templates or ():
        template = (each.metadata.name if each.metadata else "") or ""
        yield Reference(
            "", "PersistentVolumeClaim", namespace, f"{template}-{name}-{ORDINAL}", f"volumeClaimTemplate {template}"
        )


def own_references(spec: wire.PodSpec, status: wire.PodStatus, namespace: str, name: str) -> tuple[Reference, ...]:
    """The claims of a pod, which are as a rule its own: of volumes, and of devices once they are made."""
    volumes, statuses = bytes(spec.volumes), bytes(status.resource_claim_statuses)
    claims: tuple[Reference, ...] = ()
    if b'"persistentVolumeClaim"' in volumes or b'"ephemeral"' in volumes:
        claims = tuple(_claims(decoded(volumes), namespace, name))
    if not statuses:
        return claims
    return (*claims, *_made_claims(decoded(statuses), namespace))


def _key(spec: wire.PodSpec, account: str) -> tuple[bytes, bytes, bytes, str, str, str, _Containers]:
    return (
        _TOKEN_VOLUME.sub(b'"kube-api-access"', bytes(spec.volumes)),
        bytes(spec.image_pull_secrets),
        bytes(spec.resource_claims),
        spec.service_account_name or account,
        spec.priority_class_name or "",
        spec.runtime_class_name or "",
        tuple(
            (_suffix(each, role), each.name or "", bytes(each.env), bytes(each.env_from))
            for role, containers in (
                ("init", spec.init_containers),
                ("", spec.containers),
                ("ephemeral", spec.ephemeral_containers),
            )
            for each in containers or ()
        ),
    )


def _suffix(container: wire.Container, role: str) -> str:
    return "sidecar" if role == "init" and container.restart_policy == "Always" else role


@lru_cache(maxsize=512)  # its keys are 2 kB; lists come in order, so that the pods of an owner come together
def _pod_links(owners: bytes, namespace: str, *key: object) -> Links:
    return Links(shared.owners(owners), _references(namespace, *key))


@lru_cache(maxsize=512)
def _references(
    namespace: str,
    volumes: bytes,
    pull_secrets: bytes,
    resource_claims: bytes,
    account: str,
    priority: str,
    runtime: str,
    containers: _Containers,
) -> tuple[Reference, ...]:
    found = [
        *(each for container in containers for each in _of_container(namespace, *container)),
        *_of_volumes(decoded(volumes), namespace),
        *(
            each
            for secret in as_maps(decoded(pull_secrets))
            for each in named("", "Secret", namespace, text(secret, "name"), "imagePullSecret")
        ),
        *_of_devices(decoded(resource_claims), namespace),
        *named("", "ServiceAccount", namespace, account, "serviceAccountName"),
        *named("scheduling.k8s.io", "PriorityClass", "", priority, "priorityClassName"),
        *named("node.k8s.io", "RuntimeClass", "", runtime, "runtimeClassName"),
    ]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1024)
def _of_container(namespace: str, role: str, name: str, env: bytes, env_from: bytes) -> tuple[Reference, ...]:
    suffix = f" ({role} {name})" if role else ""
    found: list[Reference] = []
    for each in as_maps(decoded(env)):
        source, reason = as_map(each.get("valueFrom")), f"env {text(each, 'name')}{suffix}"
        found += _chosen("ConfigMap", source.get("configMapKeyRef"), "name", namespace, reason)
        found += _chosen("Secret", source.get("secretKeyRef"), "name", namespace, reason)
    for each in as_maps(decoded(env_from)):
        found += _chosen("ConfigMap", each.get("configMapRef"), "name", namespace, f"envFrom{suffix}")
        found += _chosen("Secret", each.get("secretRef"), "name", namespace, f"envFrom{suffix}")
    return tuple(found)


def _chosen(kind: str, found: object, field: str, namespace: str, reason: str) -> Iterator[Reference]:
    """A ConfigMap or Secret that may be `optional`."""
    return named("", kind, namespace, text(found, field), reason, optional=at(found, "optional") is True)


def _of_volumes(volumes: object, namespace: str) -> Iterator[Reference]:
    for volume in as_maps(volumes):
        reason = f"volume {text(volume, 'name')}"
        yield from _chosen("ConfigMap", volume.get("configMap"), "name", namespace, reason)
        yield from _chosen("Secret", volume.get("secret"), "secretName", namespace, reason)
        for source in as_maps(at(volume, "projected", "sources")):
            projected = f"projected {reason}"
            yield from _chosen("ConfigMap", source.get("configMap"), "name", namespace, projected)
            yield from _chosen("Secret", source.get("secret"), "name", namespace, projected)
        for name in _volume_secrets(volume):
            yield from named("", "Secret", namespace, name, reason)


def _volume_secrets(volume: Found) -> Iterator[str]:
    yield text(volume, "csi", "nodePublishSecretRef", "name")
    yield text(volume, "azureFile", "secretName")
    for source in SECRET_REFS:
        yield text(volume, source, "secretRef", "name")


def _claims(volumes: object, namespace: str, pod: str) -> Iterator[Reference]:
    """The claims that volumes name; with the name of a `pod` also those made for its generic ephemeral volumes."""
    for volume in as_maps(volumes):
        volume_name = text(volume, "name")
        name = text(volume, "persistentVolumeClaim", "claimName")
        if pod and isinstance(volume.get("ephemeral"), dict):
            name = f"{pod}-{volume_name}"
        yield from named("", "PersistentVolumeClaim", namespace, name, f"volume {volume_name}")


def _of_devices(claims: object, namespace: str) -> Iterator[Reference]:
    for each in as_maps(claims):
        reason = f"resourceClaim {text(each, 'name')}"
        claim, template = text(each, "resourceClaimName"), text(each, "resourceClaimTemplateName")
        yield from named("resource.k8s.io", "ResourceClaim", namespace, claim, reason)
        yield from named("resource.k8s.io", "ResourceClaimTemplate", namespace, template, reason)


def _made_claims(statuses: object, namespace: str) -> Iterator[Reference]:
    for each in as_maps(statuses):
        reason = f"resourceClaim {text(each, 'name')}"
        yield from named("resource.k8s.io", "ResourceClaim", namespace, text(each, "resourceClaimName"), reason)
