"""Who asks, and what they may: bearer tokens, simple rules, and the reviews that tell a user about them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kite_tui.demo.answers import unauthorized
from kite_tui.objects.kinds import Kind

READ = frozenset({"get", "list", "watch"})
ANYTHING = frozenset({"*"})
ANONYMOUS = "system:anonymous"
TEAM_NAMESPACE = "shop"
"""The one namespace that the user `namespaced` sees."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Verbs that are allowed on resources (`pods`, `deployments.apps`, or `*`, but not those in `without`) in
    namespaces (or `*`, which is what a request without a namespace needs)."""

    verbs: frozenset[str]
    resources: frozenset[str] = ANYTHING
    namespaces: frozenset[str] = ANYTHING
    without: frozenset[str] = frozenset()

    def allows(self, verb: str, resource: str, namespace: str) -> bool:
        """Whether the rule covers the request; `namespace` is empty at the cluster scope."""
        return (
            verb in self.verbs
            and ("*" in self.resources or resource in self.resources)
            and resource not in self.without
            and ("*" in self.namespaces or (namespace != "" and namespace in self.namespaces))
        )


USERS: Mapping[str, tuple[Rule, ...]] = {
    "demo": (Rule(READ),),
    "namespaced": (Rule(READ, namespaces=frozenset({TEAM_NAMESPACE})),),
    "no-secrets": (Rule(READ, without=frozenset({"secrets"})),),
    "no-watch": (Rule(frozenset({"get", "list"})),),
    "nobody": (),
}
"""The built-in users and what they may do; a user's token is its name."""


class Access:
    """Tokens and rules, which may change while the server runs. Thread-safe."""

    def __init__(self, users: Mapping[str, tuple[Rule, ...]] = USERS) -> None:
        self._lock = threading.Lock()
        self._users = dict(users)
        self._tokens = {user: user for user in users}
        self._denied: set[tuple[str, str, str]] = set()

    def user_of(self, authorization: str) -> str:
        """The user of an Authorization header; without one it is the anonymous one. Raises Refused (401)."""
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            user = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            raise unauthorized()
        return user

    def allows(self, user: str, verb: str, resource: str, namespace: str) -> bool:
        """Whether the user may, with a resource as rules name it; `namespace` is empty at the cluster scope."""
        with self._lock:
            if (user, verb, resource) in self._denied:
                return False
            rules = self._users.get(user, ())
        return any(rule.allows(verb, resource, namespace) for rule in rules)

    def add(self, user: str, rules: tuple[Rule, ...], token: str = "") -> None:
        """Add or replace a user; the token is the name where none is given."""
        with self._lock:
            self._users[user] = rules
            self._tokens[token or user] = user

    def open_to_all(self) -> None:
        """Let those without a token read as `demo` does: kubectl sends no token over plain http."""
        with self._lock:
            self._users[ANONYMOUS] = USERS["demo"]

    def may_discover(self, user: str) -> bool:
        """Whether the user may see paths that are no resources; anyone known may."""
        with self._lock:
            return user in self._users

    def deny(self, user: str, verb: str, resource: str) -> None:
        """Take one right away, whatever the rules say."""
        with self._lock:
            self._denied.add((user, verb, resource))

    def permit(self, user: str, verb: str, resource: str) -> None:
        """Take a `deny` back."""
        with self._lock:
            self._denied.discard((user, verb, resource))

    def revoke(self, token: str) -> None:
        """From now on the token is answered with 401."""
        with self._lock:
            self._tokens.pop(token, None)

    def review(self, user: str, spec: Mapping[str, Any]) -> dict[str, bool]:
        """`status` of a SelfSubjectAccessReview."""
        asked = spec.get("resourceAttributes")
        if asked is None:
            path = (spec.get("nonResourceAttributes") or {}).get("path", "")
            return {"allowed": user != ANONYMOUS or path in ("/version", "/readyz", "/healthz", "/livez")}
        resource = ".".join(filter(None, (asked.get("resource", ""), asked.get("group", ""))))
        return {"allowed": self.allows(user, asked.get("verb", ""), resource, asked.get("namespace", ""))}

    def rules(self, user: str, namespace: str, kinds: Sequence[Kind[Any]]) -> dict[str, Any]:
        """`status` of a SelfSubjectRulesReview, kind by kind of those that are served."""
        reviews = {
            "verbs": ["create"],
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        }
        found = []
        for kind in kinds:
            verbs = [verb for verb in sorted(READ) if self.allows(user, verb, kind.plural, namespace)]
            if verbs:
                found.append({"verbs": verbs, "apiGroups": [kind.group], "resources": [kind.resource]})
        paths = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/version"]
        return {
            "resourceRules": [reviews, *found],
            "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": paths}],
            "incomplete": False,
        }
