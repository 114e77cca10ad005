"""A session that is yet to be opened, and the contexts to open one of; light to import, as the first frame needs no
more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kite_tui.kube.contexts import Context
    from kite_tui.session.cluster import ClusterSession


class Unusable(Exception):
    """A context or the kubeconfig can't be used; one sentence."""


class Contexts(Protocol):
    """The contexts that there are. Both read files, so they are called on a thread, and with what is there by then."""

    def listed(self) -> tuple[Context, ...]:
        """All of them, also those that can't be used. Raises Unusable where not even a list can be had."""
        ...

    def opening(self, name: str) -> Opening:
        """The way to one of them. Raises Unusable where files show already that it leads nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """The first frame says the cluster's name, the namespaces (empty for all) and
    what must not be overlooked; `open` is called on a thread, with nothing of the session imported before it.
    `contexts` are those that one can change to."""

    cluster: str
    namespaces: tuple[str, ...]
    alarms: tuple[str, ...]
    open: Callable[[], ClusterSession]
    contexts: Contexts
