"""Whatever the server and the network do, after a quiet while the cache equals the server, and never lied before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kite_tui.cache.lister import Source
from kite_tui.cache.reflector import Reflector
from kite_tui.cache.store import Store, StorePart
from kite_tui.cache.streaming import Streaming
from kite_tui.demo.answers import Answer, refuse
from kite_tui.demo.control import Control
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World, key_of
from kite_tui.kube import errors as e
from kite_tui.objects.decode import decoder
from kite_tui.objects.events import WARNINGS_ONLY
from kite_tui.objects.indexes import NODE, index_functions
from kite_tui.objects.kinds import EVENTS, FIRST, PODS, SECOND, Kind
from kite_tui.objects.states import Live, Stale, Syncing
from kite_tui.objects.sums import PodSums
from tests.cache.fakes import FakeClock
from tests.faults.inprocess import (
    BOOKMARK_S,
    InProcess,
    Strike,
    cut_in_line,
    ends_at_once,
    error_event,
    says,
    silent,
    twice,
)

ALL = (*FIRST, *SECOND)
NAMES = tuple(f"n{number}" for number in range(5))
PAGE = 2
PAGES = 1 + len(NAMES) // PAGE
BUSY = 2 * (PAGES + 2) + 2
"""Requests of a kind in three seconds: a list and its watch, both again after a first 410, renewed credentials."""

LISTS, WATCHES, ANYTHING = frozenset({"list"}), frozenset({"watch"}), frozenset({"list", "watch"})


def status(code: int, retry_after_s: int = 0) -> Answer:
    return refuse(code, "", f"ordered by the test: {code}", retry_after_s=retry_after_s).answer


OLDER = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "1"}}}

STRIKES = (
    *(Strike(str(code), ANYTHING, status(code)) for code in (401, 403, 404, 409, 410, 422, 500, 503, 504)),
    Strike("400", LISTS, status(400)),
    Strike("429 with a time", ANYTHING, status(429, 3)),
    Strike("503 with a time", ANYTHING, status(503, 2)),
    Strike("refused", ANYTHING, error=e.ConnectionFailed("refused")),
    Strike("silence", ANYTHING, error=e.TimedOut("silence"), takes_s=30),
    Strike("web page", ANYTHING, error=e.BadAnswer("html")),
    Strike("slow page", LISTS, takes_s=20),
    Strike("EOF in a line", WATCHES, wire=cut_in_line),
    Strike("silent watch", WATCHES, wire=silent(0)),
    Strike("silent watch after an event", WATCHES, wire=silent(1)),
    Strike("duplicates", WATCHES, wire=twice),
    Strike("ends at once", WATCHES, wire=ends_at_once),
    Strike("unknown type", WATCHES, wire=says({"type": "NOVEL", "object": {"metadata": {"name": "x"}}})),
    Strike("no metadata", WATCHES, wire=says({"type": "MODIFIED", "object": {"spec": {}}})),
    Strike(
        "older bookmark", WATCHES, wire=says({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "1"}}})
    ),
    Strike("410 event", WATCHES, wire=says(error_event(410))),
    Strike("500 event", WATCHES, wire=says(error_event(500))),
    Strike("503 event with a time", WATCHES, wire=says(error_event(503, retryAfterSeconds=2))),
    Strike("too large", WATCHES, wire=says(error_event(504, causes=[{"reason": "ResourceVersionTooLarge"}]))),
)


WHICH, NAME, STEPS = st.integers(0, 2), st.sampled_from(NAMES), st.integers(0, 3)


class Convergence(RuleBasedStateMachine):
    """Pods and two of the other kinds that the cache follows, each by a reflector that is stepped when it is due."""

    @initialize(
        seed=st.integers(0, 1000),
        streaming=st.booleans(),
        others=st.sets(st.sampled_from([kind for kind in ALL if kind is not PODS]), min_size=2, max_size=2),
        names=st.sets(st.sampled_from(NAMES), min_size=1),
    )
    def begin(self, seed: int, streaming: bool, others: set[Kind[Any]], names: set[str]) -> None:
        self.random = Random(seed)
        self.clock = FakeClock()
        self.servers: list[DemoServer] = []
        self.api = InProcess(self.serve(World()), self.clock, self.random, page=PAGE)
        self.sums = PodSums()
        self.stores: dict[Kind[Any], Store[Any]] = {}
        self.reflectors: dict[Kind[Any], Reflector[Any]] = {}
        self.kinds = (PODS, *sorted(others, key=ALL.index))
        for kind in self.kinds:
            for name in sorted(names):
                self.put(kind, name, 1)
            store: Store[Any] = Store(index_functions(kind), aggregate=self.sums if kind is PODS else None)
            store.open_part("", Syncing())
            self.stores[kind] = store
            self.reflectors[kind] = Reflector(
                self.api,
                Source(kind.path(), WARNINGS_ONLY if kind is EVENTS else ()),
                decoder(kind),
                StorePart(store),
                clock=self.clock,
                random=self.random,
                streaming=Streaming(streaming),
            )

    def serve(self, world: World) -> DemoServer:
        server = DemoServer(world, bookmark_s=BOOKMARK_S)
        self.servers.append(server)
        self.control = Control(server)
        return server

    # -- the cluster --------------------------------------------------------------------------------------------

    @rule(which=WHICH, name=NAME, cpu=st.integers(1, 9), steps=STEPS)
    def create_or_update(self, which: int, name: str, cpu: int, steps: int) -> None:
        self.put(self.kinds[which], name, cpu)
        self.go_on_with(which, steps)

    @rule(which=WHICH, name=NAME, steps=STEPS)
    def delete(self, which: int, name: str, steps: int) -> None:
        self.remove(self.kinds[which], name)
        self.go_on_with(which, steps)

    @rule(which=WHICH, name=NAME, steps=STEPS)
    def recreate(self, which: int, name: str, steps: int) -> None:
        self.remove(self.kinds[which], name)
        self.put(self.kinds[which], name, 1)
        self.go_on_with(which, steps)

    @rule(which=WHICH, name=NAME, gone=st.booleans(), steps=STEPS)
    def hide_an_event(self, which: int, name: str, gone: bool, steps: int) -> None:
        if gone:
            self.remove(self.kinds[which], name, hidden=True)
        else:
            self.put(self.kinds[which], name, 2, hidden=True)
        self.control.compact()
        self.go_on_with(which, steps)

    def put(self, kind: Kind[Any], name: str, cpu: int, *, hidden: bool = False) -> None:
        held = self.api.server.world.get(kind, namespace_of(kind), name)
        document = manifest(kind, name, cpu)
        if held is not None:
            document["metadata"]["uid"] = json.loads(held.body())["metadata"]["uid"]
        self.control.update(kind, document, hidden=hidden)

    def remove(self, kind: Kind[Any], name: str, *, hidden: bool = False) -> None:
        if self.api.server.world.get(kind, namespace_of(kind), name) is not None:
            self.control.delete(kind, name, namespace_of(kind), hidden=hidden)

    @rule()
    def compact(self) -> None:
        self.control.compact()

    @rule()
    def expire_every_token(self) -> None:
        self.control.expire_continue_tokens()

    @rule()
    def be_restored_to_an_earlier_state(self) -> None:
        self.settle()
        earlier = World(self.api.server.world.revision)
        for kind in self.kinds:
            _, snapshot = self.api.server.world.snapshot(kind)
            earlier.tables[kind.plural].load(snapshot.items)
            earlier.tables[kind.plural].oldest = earlier.revision
        for kind in self.kinds:
            self.put(kind, NAMES[0], 3)
        self.settle()
        self.api.server = self.serve(earlier)
        self.settle()

    # -- what goes wrong ----------------------------------------------------------------------------------------

    @rule(strike=st.sampled_from(STRIKES), times=st.integers(1, 30), which=WHICH, steps=st.integers(0, 20))
    def fail(self, strike: Strike, times: int, which: int, steps: int) -> None:
        self.api.strikes.extend([strike] * times)
        self.go_on_with(which, steps)

    @rule(strike=st.sampled_from(STRIKES), which=WHICH, name=NAME, steps=st.integers(1, 6))
    def fail_upon_a_change(self, strike: Strike, which: int, name: str, steps: int) -> None:
        self.settle()
        self.api.strikes.append(strike)
        self.put(self.kinds[which], name, 4)
        self.put(self.kinds[which], name, 5)
        self.go_on_with(which, steps)

    @rule(renewable=st.booleans())
    def have_new_credentials(self, renewable: bool) -> None:
        self.api.renewals.append(renewable)

    # -- time ---------------------------------------------------------------------------------------------------

    @rule(times=st.integers(1, 40))
    def go_on(self, times: int) -> None:
        for _ in range(times):
            self.step(min(self.kinds, key=lambda kind: self.reflectors[kind].due_s))

    @rule(which=WHICH, steps=st.integers(1, 20))
    def go_on_with(self, which: int, steps: int) -> None:
        for _ in range(steps):
            self.step(self.kinds[which])

    @rule()
    def ask_now(self) -> None:
        self.api.forget_times()
        for reflector in self.reflectors.values():
            reflector.refresh()

    @rule()
    def be_quiet(self) -> None:
        self.settle()

    def step(self, kind: Kind[Any]) -> None:
        reflector, store = self.reflectors[kind], self.stores[kind]
        self.clock.advance(max(0.0, reflector.due_s - self.clock.monotonic_s()))
        reflector.step()
        match store.state:
            case Live():
                assert self.cached(kind) == self.truth(kind), "it said live over stale rows"
            case Stale(since_s):
                assert since_s <= self.clock.now_s()

    def settle(self) -> None:
        """Nothing fails any more: in a bounded number of requests every kind is live, and what the server has."""
        self.api.strikes.clear()
        # A list that a watch, three times refused, gives way to, and one more for a token that expired before.
        bound = 2 * (PAGES + 4) + 3
        for kind in self.kinds:
            asked = self.api.asked
            for _ in range(bound):
                self.step(kind)
                if self.stores[kind].state == Live() and self.cached(kind) == self.truth(kind):
                    break
            assert self.stores[kind].state == Live()
            assert self.cached(kind) == self.truth(kind)
            assert self.api.asked - asked <= bound
        self.recount()

    def recount(self) -> None:
        rows = self.stores[PODS].list().objects
        recount = PodSums(rows)
        assert self.sums.by_node() == recount.by_node()
        assert self.sums.by_namespace() == recount.by_namespace()
        by_node = {row.name for row in self.stores[PODS].by_index(NODE, "node")}
        assert by_node == {row.name for row in rows if row.node_name == "node"}

    def cached(self, kind: Kind[Any]) -> set[tuple[str, str, str]]:
        return {
            (key_of(row.namespace, row.name), row.uid, row.resource_version) for row in self.stores[kind].list().objects
        }

    def truth(self, kind: Kind[Any]) -> set[tuple[str, str, str]]:
        _, snapshot = self.api.server.world.snapshot(kind)
        metas = [(item.key, json.loads(item.body())["metadata"]) for item in snapshot.items]
        return {(key, meta["uid"], meta["resourceVersion"]) for key, meta in metas}

    @invariant()
    def nothing_loops_hot(self) -> None:
        if hasattr(self, "api"):
            assert self.api.busiest() <= BUSY

    def teardown(self) -> None:
        if hasattr(self, "api"):
            self.settle()
            for server in self.servers:
                server.stop()


def namespace_of(kind: Kind[Any]) -> str:
    return "shop" if kind.namespaced else ""


def manifest(kind: Kind[Any], name: str, cpu: int) -> dict[str, Any]:
    meta: dict[str, Any] = {"name": name, "labels": {"cpu": str(cpu)}}
    if kind.namespaced:
        meta["namespace"] = "shop"
    more: Mapping[str, Any] = {}
    if kind is PODS:
        container = {"name": "c", "resources": {"requests": {"cpu": f"{cpu}m"}}}
        spec = {"containers": [container]} | ({"nodeName": "node"} if cpu % 2 else {})
        more = {"spec": spec, "status": {"phase": "Running" if cpu > 2 else "Pending"}}
    if kind is EVENTS:
        more = {"type": "Warning", "reason": "Test", "involvedObject": {"kind": "Pod", "name": name}}
    return {"metadata": meta, **more}


TestConvergence = Convergence.TestCase
_EXAMPLES = settings.default.max_examples if settings.default else 0
TestConvergence.settings = settings(
    max_examples=_EXAMPLES if _EXAMPLES > 100 else 25,
    stateful_step_count=80 if _EXAMPLES > 100 else 25,  # 24 000 steps under HYPOTHESIS_PROFILE=ci
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
