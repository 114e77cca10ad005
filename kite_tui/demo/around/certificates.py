"""TLS Secrets, and the cert-manager objects that they come from."""

from __future__ import annotations

from collections.abc import Sequence

from kite_tui.demo.around.scribe import Made, Scribe, condition
from kite_tui.demo.names import rfc3339
from kite_tui.demo.resources import CERTIFICATE_REQUESTS, CERTIFICATES, CLUSTER_ISSUERS, SECRETS
from kite_tui.demo.templates import Document
from kite_tui.demo.workloads import controlled_by

ISSUER = "letsencrypt"
_SPACE = "cert-manager"
_REFERENCE = {"group": CLUSTER_ISSUERS.group, "kind": CLUSTER_ISSUERS.kind, "name": ISSUER}


def objects(scribe: Scribe) -> Made:
    """The issuer, with the Secret of its account."""
    if not scribe.has(_SPACE, "cert-manager"):
        return
    data = {"tls.key": "ZGVtbw=="}
    yield SECRETS, {"metadata": scribe.metadata(_SPACE, f"{ISSUER}-account"), "type": "Opaque", "data": data}
    acme = {
        "server": "https://acme-v02.api.letsencrypt.org/directory",
        "email": "platform@example.com",
        "privateKeySecretRef": {"name": f"{ISSUER}-account"},
        "solvers": [{"http01": {"ingress": {"ingressClassName": "nginx"}}}],
    }
    ready = {"conditions": [condition("Ready", rfc3339(scribe.now_s - 20 * 86400), "ACMEAccountRegistered")]}
    yield CLUSTER_ISSUERS, {"metadata": scribe.metadata("", ISSUER), "spec": {"acme": acme}, "status": ready}


def certified(scribe: Scribe, namespace: str, secret: str, hosts: Sequence[str], owner: Document | None = None) -> Made:
    """A TLS Secret; where cert-manager runs with its Certificate, which may have an owner, and the latest request."""
    notes = {"cert-manager.io/certificate-name": secret, "cert-manager.io/issuer-name": ISSUER}
    data = {"tls.crt": "ZGVtbw==", "tls.key": "ZGVtbw=="}
    metadata = scribe.metadata(namespace, secret, annotations=notes)
    yield SECRETS, {"metadata": metadata, "type": "kubernetes.io/tls", "data": data}
    if not scribe.has(_SPACE, "cert-manager"):
        return
    owners = {"ownerReferences": [owner]} if owner else {}
    certificate = scribe.metadata(namespace, secret, generation=1, **owners)
    since = rfc3339(scribe.now_s - 12 * 86400)
    spec = {"secretName": secret, "dnsNames": list(hosts), "issuerRef": _REFERENCE, "usages": ["digital signature"]}
    status = {
        "conditions": [condition("Ready", since, "Ready", "Certificate is up to date and has not expired")],
        "notAfter": rfc3339(scribe.now_s + 78 * 86400),
        "revision": 1,
    }
    yield CERTIFICATES, {"metadata": certificate, "spec": spec, "status": status}
    owners = {"ownerReferences": [controlled_by(CERTIFICATES, secret, certificate["uid"])]}
    metadata = scribe.metadata(namespace, f"{secret}-1", generation=1, **owners)
    request = {"issuerRef": _REFERENCE, "request": "ZGVtbw==", "usages": ["digital signature"]}
    status = {"conditions": [condition("Ready", since, "Issued", "Certificate fetched from issuer successfully")]}
    yield CERTIFICATE_REQUESTS, {"metadata": metadata, "spec": request, "status": status}
