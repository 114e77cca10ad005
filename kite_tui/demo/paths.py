"""What a path names: a kind that is served, and one object, a namespace or all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kite_tui.objects.kinds import Kind


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names. `name` is empty for a list, `namespace` for all of them or a cluster-scoped kind."""

    kind: Kind[Any]
    namespace: str
    name: str


class Served:
    """Kinds that are served, in the order of discovery. Immutable."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self.kinds = tuple(kinds)
        self._by_path = {(root(kind), kind.resource): kind for kind in self.kinds}

    def locate(self, path: str) -> Target | None:
        """What a path of resources names; None where nothing of the kind is served there."""
        parts = path.strip("/").split("/")
        depth = 2 if parts[0] == "api" else 3
        where, rest = "/" + "/".join(parts[:depth]), parts[depth:]
        namespace = ""
        if len(rest) >= 3 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        if not 1 <= len(rest) <= 2:
            return None
        kind = self._by_path.get((where, rest[0]))
        name = rest[1] if len(rest) == 2 else ""
        if kind is None or (namespace and not kind.namespaced) or (name and kind.namespaced and not namespace):
            return None
        return Target(kind, namespace, name)


def root(kind: Kind[Any]) -> str:
    """The path of the kind's group and version."""
    return kind.path().rpartition("/")[0]  # "/api/v1", "/apis/apps/v1"
