"""Our cache on a server, for cases."""

from __future__ import annotations

import threading

from benchmarks.cases import LIMIT_S
from kite_tui.cache.cluster import ClusterCache
from kite_tui.kube.config import Flags, load
from kite_tui.kube.transport import connect
from kite_tui.objects.kinds import PODS
from kite_tui.objects.states import Live
from kite_tui.session.interpreter import settle


class Cached:
    """A cache of the whole cluster in an interpreter that is set as the program's, not started yet. What it loads is
    loaded when it is made."""

    def __init__(self, kubeconfig: str) -> None:
        self._api = connect(load(Flags(kubeconfig=kubeconfig), {}))
        self.cache = ClusterCache(self._api, context="bench", server="")
        settle()
        self._live = threading.Event()
        self.cache.subscribe(lambda kind: self._note() if kind is PODS else None)

    def _note(self) -> None:
        if not self._live.is_set() and self.cache.state(PODS) == Live():
            self._live.set()

    def sync(self) -> None:
        """Until pods are live; nodes, namespaces and services come beside them."""
        self.cache.start()
        if not self._live.wait(LIMIT_S):
            raise RuntimeError(f"pods are {self.cache.state(PODS)}")

    def end(self) -> None:
        """Stop it."""
        self.cache.stop()
        self._api.close()
