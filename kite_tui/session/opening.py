"""A session that is yet to be opened; light to import, as the first frame needs no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kite_tui.session.cluster import ClusterSession


@dataclass(frozen=True, slots=True)
class Opening:
    """The first frame says the cluster's name, the namespaces (empty for all) and
    what must not be overlooked; `open` is called on a thread, with nothing of the session imported before it."""

    cluster: str
    namespaces: tuple[str, ...]
    alarms: tuple[str, ...]
    open: Callable[[], ClusterSession]
