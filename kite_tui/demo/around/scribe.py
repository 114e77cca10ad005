"""What every maker of objects around the pods needs: identities, ages, and what the cluster's plan has where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from kite_tui.demo import names
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.names import rfc3339
from kite_tui.demo.plan import Planned
from kite_tui.demo.templates import Document
from kite_tui.objects.kinds import Kind

Made = Iterator[tuple[Kind[Any], Document]]
"""Objects as a maker gives them."""

_OLDEST_S, _YOUNGEST_S = 120 * 86400, 20 * 86400


class Scribe:
    """Writes metadata for new objects of a cluster, and knows its plan."""

    def __init__(self, cluster: Cluster, planned: list[Planned]) -> None:
        self.cluster = cluster
        self.random = cluster.random
        self.now_s = cluster.now_s
        self.planned = planned
        self.namespaces = tuple(
            dict.fromkeys(
                ("default", "kube-system", "kube-public", "kube-node-lease", *(one.namespace for one in planned))
            )
        )
        """Every namespace but the one that is on its way out."""
        self._apps: dict[str, dict[str, Planned]] = defaultdict(dict)
        for one in planned:
            self._apps[one.namespace][one.app.name] = one

    def metadata(self, namespace: str, name: str, **more: object) -> Document:
        """Metadata of an object some weeks old, without what is empty; a cluster-scoped one has no `namespace`."""
        created_s = self.now_s - self.random.randrange(_YOUNGEST_S, _OLDEST_S)
        space = {"namespace": namespace} if namespace else {}
        return {
            "name": name,
            **space,
            "uid": names.uid(self.random),
            "creationTimestamp": rfc3339(created_s),
            **{key: value for key, value in more.items() if value},
        }

    def has(self, namespace: str, *apps: str) -> bool:
        """Whether a namespace has all of these applications."""
        found = self._apps.get(namespace, {})
        return all(app in found for app in apps)

    def of(self, namespace: str) -> dict[str, Planned]:
        """What was planned for a namespace, by the applications' names."""
        return self._apps[namespace]

    def spaces(self, product: str) -> list[tuple[str, str]]:
        """The namespaces of a product, each with its stage's ending: ("", "shop"), ("-eu", "shop-eu")."""
        found = {one.namespace: one.app.namespace for one in self.planned}
        return [
            (namespace.removeprefix(product), namespace) for namespace, origin in found.items() if origin == product
        ]


def condition(kind: str, since: str, reason: str, message: str = "", *, true: bool = True) -> Document:
    """A condition of a status."""
    return {
        "type": kind,
        "status": "True" if true else "False",
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }
