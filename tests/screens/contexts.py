"""Contexts to go to, each a session that a test holds in its hands."""

from __future__ import annotations

from kite_tui.objects.kinds import NODES, PODS
from kite_tui.objects.reader import Head
from kite_tui.objects.states import Syncing
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

    def listed(self) -> tuple[Context, ...]:
        """As they are."""
        if self.error:
            raise Unusable(self.error)
        named = [Context(name, f"cluster-{name}", "https://x.test", "jane", "default") for name in self.sessions]
        return (*named, *self.more, Context("broken", "none", "", "jane", "", problem="it names no cluster"))

    def opening(self, name: str) -> Opening:
        """One that opens at once."""
        if name not in self.sessions:
            raise Unusable(f"the context {name!r} names the cluster 'none', which is not there")
        return Opening(name, (), ("insecure TLS",), lambda: self.sessions[name], self)


def quiet(name: str) -> FakeSession:
    """A cluster that never answers."""
    source = FakeSource({PODS: (), NODES: ()}, scene.NOW_S, states={PODS: Syncing(), NODES: Syncing()})
    source.head = Head(name, f"https://{name}.test", None)
    return FakeSession(source, badges=("insecure TLS",))
