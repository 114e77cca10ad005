"""Whatever the server and the network do, after a quiet while the cache equals the server, and never lied before."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kite_tui.cache.lister import Source
from kite_tui.cache.reflector import Reflector
from kite_tui.cache.store import Store, StorePart
from kite_tui.kube import errors as e
from kite_tui.objects.indexes import NAMESPACE
from kite_tui.objects.states import Live, Stale, Syncing
from tests.cache.fakes import FakeClock, Item, decode_item, error_event
from tests.cache.server import FakeServer, Fault

NAMES = st.sampled_from([f"n{number}" for number in range(7)])
PAGE = 2

FAULTS = [
    Fault("410 of a watch", watches=True, error=e.Expired("410", status=410)),
    Fault("410 of a list", lists=True, error=e.Expired("410", status=410)),
    Fault("410 event", watches=True, line=error_event(410, reason="Expired"), after=1),
    Fault("429", lists=True, watches=True, error=e.TooManyRequests("429", status=429, retry_after_s=3)),
    Fault("500", lists=True, watches=True, error=e.ServerError("500", status=500)),
    Fault("500 event", watches=True, line=error_event(500)),
    Fault("503 event with a time", watches=True, line=error_event(503, retry_after_s=2), after=1),
    Fault("too large", watches=True, line=error_event(504, cause="ResourceVersionTooLarge")),
    Fault("refused", lists=True, watches=True, error=e.ConnectionFailed("refused")),
    Fault("EOF in a line", watches=True, end=e.ConnectionFailed("cut"), after=1),
    Fault("half a line", watches=True, line=b'{"type":"ADD', after=1),
    Fault("silence", watches=True, end=e.TimedOut("silence")),
    Fault("silence after an event", watches=True, end=e.TimedOut("silence"), after=1),
    Fault("duplicates", watches=True, twice=True),
    Fault("ends at once", watches=True, passes_s=0),
    Fault("a web page", lists=True, error=e.BadAnswer("html")),
    Fault("401", lists=True, watches=True, error=e.Unauthorized("401", status=401)),
    Fault("403", lists=True, watches=True, error=e.Forbidden("403", status=403)),
    Fault("404", lists=True, watches=True, error=e.NotFound("404", status=404)),
    Fault("limit", lists=True, error=e.BadRequest("limit", status=400)),
]


class Convergence(RuleBasedStateMachine):
    """A reflector, stepped by hand, against a server that changes and fails at will."""

    @initialize(seed=st.integers(0, 1000), names=st.sets(NAMES))
    def begin(self, seed: int, names: set[str]) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock, page_size=PAGE)
        for name in names:
            self.server.put("items", name, "shop")
        self.store: Store[Item] = Store({NAMESPACE: lambda row: (row.namespace,)})
        self.store.open_part("", Syncing())
        self.reflector = Reflector(
            self.server,
            Source("/api/v1/items"),
            decode_item,
            StorePart(self.store),
            clock=self.clock,
            random=Random(seed),
        )

    @rule(name=NAMES)
    def create_or_update(self, name: str) -> None:
        self.server.put("items", name, "shop")

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.server.remove("items", name, "shop")

    @rule(name=NAMES)
    def recreate(self, name: str) -> None:
        self.server.remove("items", name, "shop")
        self.server.put("items", name, "shop")

    @rule(name=NAMES)
    def hide_an_event(self, name: str) -> None:
        self.server.put("items", name, "shop")
        self.server.compact()

    @rule()
    def expire_every_token(self) -> None:
        self.server.compact()

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 30))
    def fail(self, fault: Fault, times: int) -> None:
        self.server.faults.extend([fault] * times)

    @rule(renewable=st.booleans())
    def have_new_credentials(self, renewable: bool) -> None:
        self.server.renewals.append(renewable)

    @rule(times=st.integers(1, 20))
    def go_on(self, times: int) -> None:
        for _ in range(times):
            self.step()

    @rule()
    def ask_now(self) -> None:
        self.reflector.refresh()

    @rule()
    def be_restored_to_an_earlier_state(self) -> None:
        self.settle()
        earlier, version = dict(self.server.objects), self.server.version
        for name in ("n1", "n2"):
            self.server.put("items", name, "shop")
        self.settle()
        with self.server.changed:
            self.server.objects, self.server.version = earlier, version
            self.server.history = [change for change in self.server.history if change.version <= version]
            self.server.snapshots.clear()
        self.settle()

    @rule()
    def be_quiet(self) -> None:
        self.settle()

    def step(self) -> None:
        self.clock.advance(max(0.0, self.reflector.due_s - self.clock.monotonic_s()))
        self.reflector.step()
        if isinstance(self.store.state, Live):
            assert self.cached() == self.truth(), "it said live over stale rows"
        if isinstance(self.store.state, Stale):
            assert self.store.state.since_s <= self.clock.now_s()

    def settle(self) -> None:
        self.server.faults.clear()
        pages = 1 + len(self.server.objects) // PAGE
        asked = len(self.server.asked)
        # A list that a watch, three times refused, gives way to, and one more for a token that expired before.
        bound = 2 * (pages + 4) + 3
        for _ in range(bound):
            self.step()
            if isinstance(self.store.state, Live) and self.cached() == self.truth():
                break
        assert self.cached() == self.truth(), self.store.state
        assert isinstance(self.store.state, Live)
        assert len(self.server.asked) - asked <= bound

    def cached(self) -> set[tuple[str, str, str, str]]:
        return {(row.namespace, row.name, row.uid, row.resource_version) for row in self.store.list().objects}

    def truth(self) -> set[tuple[str, str, str, str]]:
        metas = [manifest["metadata"] for manifest in self.server.objects.values()]
        return {(meta["namespace"], meta["name"], meta["uid"], meta["resourceVersion"]) for meta in metas}

    @invariant()
    def nothing_loops_hot(self) -> None:
        # At one moment: a whole list, its restart after the first 410, a repeated page, renewed credentials, a watch.
        assert self.server.hottest <= 2 * (1 + 7 // PAGE) + 4

    def teardown(self) -> None:
        if hasattr(self, "reflector"):
            self.settle()


TestConvergence = Convergence.TestCase
TestConvergence.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
