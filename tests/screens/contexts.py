"""Contexts to go to, each a session that a test holds in its hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kite_tui.objects.kinds import NODES, PODS, Kind
from kite_tui.objects.reader import Head
from kite_tui.objects.states import Off, Syncing
from kite_tui.session.contexts import Context
from kite_tui.session.opening import Opening, Unusable
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource


class FakeContexts:
    """Contexts that a test holds in its hands, by name; what is none of them is broken."""

    def __init__(self, *more: Context, **sessions: FakeSession) -> None:
        self.more = more
        self.sessions = sessions
        self.error = ""
        self.mistake: Exception | None = None

    def listed(self) -> tuple[Context, ...]:
        """As they are."""
        if self.mistake:
            raise self.mistake
        if self.error:
            raise Unusable(self.error)
        named = [Context(name, f"cluster-{name}", "https://x.test", "jane", "default") for name in self.sessions]
        return (*named, *self.more, Context("broken", "none", "", "jane", "", problem="it names no cluster"))

    def opening(self, name: str) -> Opening:
        """One that opens at once."""
        if self.mistake:
            raise self.mistake
        if name not in self.sessions:
            raise Unusable(f"the context {name!r} names the cluster 'none', which is not there")
        return Opening(name, (), ("insecure TLS",), lambda: self.sessions[name], self)


class Quiet(FakeSession):
    """A cluster that never answers: what is read of it is syncing once it is started, and nobody is told."""

    def start(self, changed: Callable[[Kind[Any]], None], run_interactive: Any = None) -> None:
        """Nothing comes of it."""
        self.reader.become(Syncing(), PODS, NODES)
        super().start(changed, run_interactive)


def quiet(name: str) -> FakeSession:
    """Such a cluster, as a context."""
    source = FakeSource({PODS: (), NODES: ()}, scene.NOW_S, states={PODS: Off(), NODES: Off()})
    source.head = Head(name, f"https://{name}.test", None)
    return Quiet(source, badges=("insecure TLS",))
