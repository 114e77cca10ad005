"""Who may do what: roles, and what binds them to service accounts, users and groups."""

from __future__ import annotations

from kite_tui.demo.around.scribe import Made, Scribe
from kite_tui.demo.catalogue import PLATFORM
from kite_tui.demo.resources import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES
from kite_tui.demo.templates import Document, app_labels, service_account

_GROUP = CLUSTER_ROLES.group
_TO = "rbac.authorization.k8s.io/aggregate-to-"
_READ = ["get", "list", "watch"]


def objects(scribe: Scribe) -> Made:
    """All of them."""
    yield from _defaults(scribe)
    yield from _platform(scribe)
    for product in ("shop", "payments", "data", "ml"):
        for stage, namespace in scribe.spaces(product):
            yield from _of_namespace(scribe, product, stage, namespace)


def _defaults(scribe: Scribe) -> Made:
    """What the server itself brings. Its roles for people are put together from others by their labels."""
    yield CLUSTER_ROLES, _role(scribe, "", "cluster-admin", [_rule(["*"], ["*"], ["*"])])
    for name, above in (("admin", ()), ("edit", ("admin",)), ("view", ("edit",))):
        labels = {"kubernetes.io/bootstrapping": "rbac-defaults", **{f"{_TO}{one}": "true" for one in above}}
        selector = {"matchLabels": {f"{_TO}{name}": "true"}}
        role = _role(scribe, "", name, [_rule([""], ["pods", "services"], _READ)], labels=labels)
        yield CLUSTER_ROLES, role | {"aggregationRule": {"clusterRoleSelectors": [selector]}}
    parts = {"admin": ["rolebindings"], "edit": ["pods", "secrets"], "view": ["pods", "services", "configmaps"]}
    for name, resources in parts.items():
        labels = {"kubernetes.io/bootstrapping": "rbac-defaults", f"{_TO}{name}": "true"}
        rules = [_rule([""], resources, _READ if name == "view" else ["*"])]
        yield CLUSTER_ROLES, _role(scribe, "", f"system:aggregate-to-{name}", rules, labels=labels)
    discovery = "system:service-account-issuer-discovery"
    openid = {"verbs": ["get"], "nonResourceURLs": ["/.well-known/openid-configuration"]}
    yield CLUSTER_ROLES, _role(scribe, "", discovery, [openid])
    everyone = [_subject("Group", "system:serviceaccounts")]
    yield CLUSTER_ROLE_BINDINGS, _binding(scribe, "", discovery, "ClusterRole", discovery, everyone)
    masters = [_subject("Group", "system:masters")]
    yield CLUSTER_ROLE_BINDINGS, _binding(scribe, "", "cluster-admin", "ClusterRole", "cluster-admin", masters)


def _platform(scribe: Scribe) -> Made:
    """A role for every program of the platform, and what it adds to the roles for people."""
    for one in scribe.planned:
        account = service_account(one.app)
        if one.app.namespace not in PLATFORM or account in ("", "default"):
            continue
        labels = app_labels(one.app)
        rules = [_rule([""], ["nodes", "pods", "services", "endpoints"], _READ)]
        yield CLUSTER_ROLES, _role(scribe, "", account, rules, labels=labels)
        subjects = [_account(one.namespace, account)]
        yield CLUSTER_ROLE_BINDINGS, _binding(scribe, "", account, "ClusterRole", account, subjects)
    extra = (
        ("kube-system", "metrics-server", "system:aggregated-metrics-reader", "metrics.k8s.io", ["pods", "nodes"]),
        ("cert-manager", "cert-manager", "cert-manager-view", "cert-manager.io", ["certificates"]),
    )
    for namespace, app, name, group, resources in extra:
        if scribe.has(namespace, app):
            labels = {f"{_TO}{level}": "true" for level in ("view", "edit", "admin")}
            yield CLUSTER_ROLES, _role(scribe, "", name, [_rule([group], resources, _READ)], labels=labels)


def _of_namespace(scribe: Scribe, product: str, stage: str, namespace: str) -> Made:
    apps = [one.app for one in scribe.of(namespace).values()]
    readers = [_account(namespace, app.name) for app in apps if "config" in app.traits]
    if readers:
        rule = _rule([""], ["configmaps"], _READ)
        yield ROLES, _role(scribe, namespace, "config-reader", [rule])
        yield ROLE_BINDINGS, _binding(scribe, namespace, "config-reader", "Role", "config-reader", readers)
    if any(app.kind in ("Job", "CronJob") for app in apps):
        rule = _rule(["batch"], ["jobs"], ["get"])
        yield ROLES, _role(scribe, namespace, "job-reader", [rule])
        here = [_subject("Group", f"system:serviceaccounts:{namespace}")]
        yield ROLE_BINDINGS, _binding(scribe, namespace, "job-reader", "Role", "job-reader", here)
    people = [_subject("Group", f"{product}-developers"), _subject("User", "on-call@example.com")]
    yield ROLE_BINDINGS, _binding(scribe, namespace, "developers", "ClusterRole", "view", people)
    deployer = f"ci{stage}"
    if scribe.has(deployer, "runner"):
        # Payments wrote the account's user name, which means the same.
        subject = _account(deployer, "runner")
        if product == "payments":
            subject = _subject("User", f"system:serviceaccount:{deployer}:runner")
        yield ROLE_BINDINGS, _binding(scribe, namespace, "deployer", "ClusterRole", "edit", [subject])
    if product == "data":
        backup = [_account(namespace, "backup")]  # neither the account nor the role is there any more
        yield ROLE_BINDINGS, _binding(scribe, namespace, "backup", "Role", "backup-operator", backup)


def _role(scribe: Scribe, namespace: str, name: str, rules: list[Document], **metadata: object) -> Document:
    return {"metadata": scribe.metadata(namespace, name, **metadata), "rules": rules}


def _binding(scribe: Scribe, namespace: str, name: str, kind: str, role: str, subjects: list[Document]) -> Document:
    reference = {"apiGroup": _GROUP, "kind": kind, "name": role}
    return {"metadata": scribe.metadata(namespace, name), "subjects": subjects, "roleRef": reference}


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> Document:
    return {"verbs": verbs, "apiGroups": groups, "resources": resources}


def _account(namespace: str, name: str) -> Document:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def _subject(kind: str, name: str) -> Document:
    return {"kind": kind, "apiGroup": _GROUP, "name": name}
