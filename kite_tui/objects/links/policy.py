"""What the objects that govern others refer to: autoscalers, budgets, quotas, webhooks, APIs, and claims of devices."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kite_tui.objects.links.network import pods_selected
from kite_tui.objects.links.parts import Found, Linker, Parts, as_map, as_maps, at, decoded, named, text
from kite_tui.objects.meta import group_of
from kite_tui.objects.references import Reference, Selection

DEVICES = "resource.k8s.io"
ADMISSION = "admissionregistration.k8s.io"


def _autoscaler(parts: Parts) -> Iterator[Reference]:
    spec = parts.map("spec")
    yield from _versioned(as_map(spec.get("scaleTargetRef")), parts.namespace, "scaleTargetRef")
    for metric in as_maps(spec.get("metrics")):
        about = as_map(at(metric, "object", "describedObject"))
        yield from _versioned(about, parts.namespace, f"metric {text(metric, 'object', 'metric', 'name')}".rstrip())


def _versioned(found: Found, namespace: str, reason: str) -> Iterator[Reference]:
    """A reference by apiVersion, of which only the group counts."""
    group = group_of(text(found, "apiVersion"))
    yield from named(group, text(found, "kind"), namespace, text(found, "name"), reason)


def _budget(parts: Parts) -> Iterator[Selection]:
    yield from pods_selected(at(parts.map("spec"), "selector"), parts.namespace, "selector")


def _quota(parts: Parts) -> Iterator[Reference]:
    yield from named("", "Namespace", "", parts.namespace, "quota")


def _limits(parts: Parts) -> Iterator[Reference]:
    yield from named("", "Namespace", "", parts.namespace, "limits")


def _service(found: object, reason: str) -> Iterator[Reference]:
    yield from named("", "Service", text(found, "namespace"), text(found, "name"), reason)


def _webhooks(parts: Parts) -> Iterator[Reference]:
    for webhook in parts.maps("webhooks"):
        yield from _service(at(webhook, "clientConfig", "service"), f"webhook {text(webhook, 'name')}")


def _api_service(parts: Parts) -> Iterator[Reference]:
    yield from _service(at(parts.map("spec"), "service"), "service")


class _Definition(msgspec.Struct):
    """The spec of a CustomResourceDefinition, of which the schemas are some hundred kilobytes."""

    conversion: msgspec.Raw = msgspec.Raw()


_definition = msgspec.json.Decoder(_Definition)


def _resource_definition(parts: Parts) -> Iterator[Reference]:
    try:
        conversion = decoded(_definition.decode(parts.raw("spec")).conversion)
    except (ValueError, RecursionError):
        return
    yield from _service(at(conversion, "webhook", "clientConfig", "service"), "conversion webhook")


def _resource_claim(parts: Parts) -> Iterator[Reference]:
    yield from _device_classes(parts.map("spec"))


def _resource_claim_template(parts: Parts) -> Iterator[Reference]:
    yield from _device_classes(as_map(at(parts.map("spec"), "spec")))


def _device_classes(spec: Found) -> Iterator[Reference]:
    """Of each request: written directly (v1beta1), as `exactly`, or as one of `firstAvailable`."""
    for request in as_maps(at(spec, "devices", "requests")):
        for each in (request, as_map(request.get("exactly")), *as_maps(request.get("firstAvailable"))):
            yield from named(DEVICES, "DeviceClass", "", text(each, "deviceClassName"), "deviceClassName")


LINKERS: dict[tuple[str, str], Linker] = {
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("policy", "PodDisruptionBudget"): _budget,
    ("", "ResourceQuota"): _quota,
    ("", "LimitRange"): _limits,
    (ADMISSION, "ValidatingWebhookConfiguration"): _webhooks,
    (ADMISSION, "MutatingWebhookConfiguration"): _webhooks,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _resource_definition,
    (DEVICES, "ResourceClaim"): _resource_claim,
    (DEVICES, "ResourceClaimTemplate"): _resource_claim_template,
}
