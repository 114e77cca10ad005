"""What the objects of access refer to: accounts, roles, bindings, and a token's Secret."""

from __future__ import annotations

from collections.abc import Iterator

from kite_tui.objects.links.parts import Found, Linker, Parts, as_maps, at, named, text
from kite_tui.objects.references import Reference, Selection
from kite_tui.objects.selectors import InvalidSelector, Selector, selector_of_object

RBAC = "rbac.authorization.k8s.io"
TOKEN_OF = "kubernetes.io/service-account.name"
TOKEN_OF_UID = "kubernetes.io/service-account.uid"

_USER = "system:serviceaccount:"
_GROUP = "system:serviceaccounts"


def _binding(parts: Parts) -> Iterator[Reference | Selection]:
    role = parts.map("role_ref")
    kind = text(role, "kind")
    where = parts.namespace if kind == "Role" else ""
    yield from named(text(role, "apiGroup") or RBAC, kind, where, text(role, "name"), "roleRef")
    for subject in parts.maps("subjects"):
        yield from _subject(subject, parts.namespace)


def _subject(subject: Found, namespace: str) -> Iterator[Reference | Selection]:
    name = text(subject, "name")
    match text(subject, "kind"):
        case "ServiceAccount":
            yield from named("", "ServiceAccount", text(subject, "namespace") or namespace, name, "subject")
        case "User" if name.startswith(_USER):
            where, _, account = name.removeprefix(_USER).partition(":")
            yield from named("", "ServiceAccount", where, account, f"subject User {name}")
        case "Group" if name == _GROUP or name.startswith(f"{_GROUP}:"):
            where = name.removeprefix(_GROUP).removeprefix(":")
            yield Selection("", "ServiceAccount", where, Selector(), f"subject Group {name}")


def _cluster_role(parts: Parts) -> Iterator[Selection]:
    for found in as_maps(at(parts.map("aggregation_rule"), "clusterRoleSelectors")):
        try:
            chosen = selector_of_object(found)
        except InvalidSelector:
            continue
        yield Selection(RBAC, "ClusterRole", "", chosen, f"aggregationRule {chosen}")


def _account(parts: Parts) -> Iterator[Reference]:
    for field, reason in (("secrets", "secret"), ("image_pull_secrets", "imagePullSecret")):
        for secret in parts.maps(field):
            yield from named("", "Secret", parts.namespace, text(secret, "name"), reason)


def _secret(parts: Parts) -> Iterator[Reference]:
    notes = parts.annotations
    account, uid = text(notes, TOKEN_OF), text(notes, TOKEN_OF_UID)
    yield from named("", "ServiceAccount", parts.namespace, account, f"annotation {TOKEN_OF}", uid=uid)


LINKERS: dict[tuple[str, str], Linker] = {
    (RBAC, "RoleBinding"): _binding,
    (RBAC, "ClusterRoleBinding"): _binding,
    (RBAC, "ClusterRole"): _cluster_role,
    ("", "ServiceAccount"): _account,
    ("", "Secret"): _secret,
}
