"""Every fault, three seconds long, on a kind that was live: few requests, old rows shown as stale, back by itself."""

from __future__ import annotations

import contextlib
import dataclasses
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.cache.driver import Driver
from kite_tui.cache.informer import Informer
from kite_tui.cache.lister import Source
from kite_tui.cache.reflector import Reflector
from kite_tui.cache.store import Store, StorePart
from kite_tui.cache.streaming import Streaming
from kite_tui.demo.control import Control
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.transport import PooledTransport, connect
from kite_tui.objects.decode import decoder
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import FIRST, NAMESPACES, PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.states import Live, Stale
from tests.cache.conftest import wait_until
from tests.cache.fakes import FakeClock, LowRandom
from tests.conformance.pki import Authority
from tests.faults.certificates import server_context
from tests.faults.faults import (
    ANSWERS,
    CONTINUED,
    SLOW,
    WATCHES,
    Fault,
    Shown,
    cut_handshake,
    other_certificate,
    refused,
)
from tests.faults.impatient import Impatient
from tests.faults.proxy import Proxy

LASTS_S = 3.0
AT_MOST = 5
"""Requests in vain in that time, however it fails."""
STEP_S = 0.5
PROBE_S = 120.0
PODS_MADE = 5
LONG_S = 200.0
"""How long the kind was live: long enough for the next failure to be a first one."""


Versions = set[tuple[str, str]]
"""The key and the resourceVersion of each pod."""


@dataclass
class Onlooker:
    """Compares what is shown with what the server has, at each request and after each change, on the reflector's
    thread."""

    server: DemoServer
    store: Store[Pod]
    lies: list[Versions] = field(default_factory=list)
    """What was said to be live again after it had been stale, and was older than the requests that it came from."""
    _was_stale: bool = False
    _at_requests: list[Versions] = field(default_factory=list)
    """What the server had when the list was asked for that was the last, and the watch after it: what changed later may
    still be under way."""
    _listed: bool = False

    def truth(self) -> Versions:
        _, snapshot = self.server.world.snapshot(PODS)
        return {(item.key, str(item.revision)) for item in snapshot.items}

    def held(self) -> Versions:
        return {(f"{row.namespace}/{row.name}", row.resource_version) for row in self.store.list().objects}

    def asking(self, verb: str) -> None:
        if verb == "list" or not self._listed:
            self._at_requests.clear()
        self._listed = verb == "list"
        self._at_requests.append(self.truth())

    def look(self) -> None:
        self._was_stale |= isinstance(self.store.state, Stale)
        if self._was_stale and self.store.state == Live():
            held = self.held()
            if held not in (*self._at_requests, self.truth()):
                self.lies.append(held)


@dataclass
class Scene:
    """One kind of a simulated cluster, followed through the proxy by a reflector on a thread of its own."""

    clock: FakeClock
    server: DemoServer
    control: Control
    proxy: Proxy
    api: Impatient
    store: Store[Pod]
    informer: Informer[Pod]
    onlooker: Onlooker

    def change(self, name: str) -> None:
        """Change a pod on the server."""
        self.control.update(PODS, pod(name, f"{name} changed"))

    def follows(self) -> bool:
        return self.store.state == Live() and self.onlooker.held() == self.onlooker.truth()

    @property
    def wait_s(self) -> float:
        """Until the next step is due; none where one is under way."""
        return max(0.0, self.informer.reflector.due_s - self.clock.monotonic_s())

    def is_quiet(self) -> bool:
        """Nothing is due: a wait, a watch that is open, or an answer that is waited for."""
        return self.wait_s > 0 or bool(self.api.open_streams) or self.proxy.held > 0

    def let_pass(self, seconds: float) -> Iterator[None]:
        """Let the time pass bit by bit; after each bit, what was due has been done."""
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            wait_until(self.is_quiet)
            pause_s(0.003)  # a watch that was just struck is open for a moment more
            wait_until(self.is_quiet)
            yield

    def recover(self) -> list[float]:
        """Let one wait after the other pass until it is live again and has what the server has; the waits."""
        waits: list[float] = []
        while len(waits) < 8:
            wait_until(lambda: self.follows() or self.wait_s > 0)
            if self.follows():
                break
            waits.append(self.wait_s)
            self.clock.advance(self.wait_s)
        return waits


def pod(name: str, note: str = "") -> dict[str, object]:
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "labels": {"note": note}},
        "spec": {"containers": [{"name": "c"}]},
        "status": {"phase": "Running"},
    }


def pause_s(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass
class Stand:
    """A simulated cluster behind the proxy, and a way to it."""

    server: DemoServer
    control: Control
    proxy: Proxy
    api: PooledTransport


@contextlib.contextmanager
def standing(pods: int = PODS_MADE, *, tls: ssl.SSLContext | None = None, ca: bytes = b"") -> Iterator[Stand]:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(DemoServer(World(), bookmark_s=0.03))
        control = Control(server)
        for number in range(pods):
            control.create(PODS, pod(f"p{number:03}"))
        proxy = stack.enter_context(Proxy(server.url, tls=tls))
        config = ClientConfig(None, Cluster(proxy.url, ca_data=ca), User(token="demo"))
        yield Stand(server, control, proxy, stack.enter_context(contextlib.closing(connect(config, qps=0))))


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with standing() as stand:
        yield stand


@contextlib.contextmanager
def followed(stand: Stand, *, streaming: bool = False) -> Iterator[Scene]:
    """A kind that was live for long, and has just seen an event."""
    clock = FakeClock()
    store: Store[Pod] = Store(index_functions(PODS))
    onlooker = Onlooker(stand.server, store)
    api = Impatient(stand.api, on_request=onlooker.asking)
    reflector = Reflector(
        api,
        Source(PODS.path()),
        decoder(PODS),
        StorePart(store),
        clock=clock,
        random=LowRandom(),
        on_change=onlooker.look,
        streaming=Streaming(streaming),
    )
    store.open_part("", reflector.state)
    informer = Informer(reflector, Driver("reflector-pods", clock))
    informer.start()
    scene = Scene(clock, stand.server, stand.control, stand.proxy, api, store, informer, onlooker)
    try:
        wait_until(scene.follows)
        clock.advance(LONG_S)
        scene.change("p001")
        wait_until(scene.follows)
        yield scene
    finally:
        informer.stop()
        stand.proxy.heal()
        stand.proxy.hang_up_all()
        assert informer.join(5)


def endure(scene: Scene, fault: Fault, *, listing: bool = False) -> None:
    """Three seconds of the fault, and its end; `listing`: it comes upon a list, not upon a watch."""
    count, asked = len(scene.store), len(scene.api.asked)
    scene.proxy.strike(fault)
    if listing:
        scene.informer.refresh()
    scene.change("p002")
    if fault.shown in (Shown.STALE, Shown.ROUND):
        wait_until(lambda: isinstance(scene.store.state, Stale))  # at once: no time passes on its clock
    for _ in scene.let_pass(LASTS_S):
        assert len(scene.store) == count
        if fault.shown is not Shown.UNKNOWING:
            assert settled(lambda: scene.follows() or not isinstance(scene.store.state, Live)), "live over stale data"
            assert not scene.onlooker.lies
    if fault.shown in (Shown.LIVE, Shown.ROUND):
        wait_until(scene.follows)
    successes = 2 if fault.shown is Shown.ROUND else 0  # the list and the watch that were the way
    assert len(scene.api.asked) - asked - successes <= AT_MOST, scene.api.asked[asked:]
    scene.proxy.heal()
    waits = scene.recover()
    assert len(waits) <= 1
    assert sum(waits) <= PROBE_S
    scene.change("p003")
    wait_until(scene.follows)


def settled(true: Callable[[], object], within_s: float = 5) -> bool:
    """Whether it comes true in a moment."""
    deadline_s = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline_s:
            return False
        pause_s(0.002)
    return True


def named(fault: Fault) -> str:
    return fault.name


MODES = pytest.mark.parametrize("streaming", [False, True], ids=["pages", "stream"])


@pytest.mark.parametrize("fault", ANSWERS, ids=named)
def test_a_fault_that_meets_a_watch(stand: Stand, fault: Fault) -> None:
    with followed(stand) as scene:
        endure(scene, fault)


@MODES
@pytest.mark.parametrize("fault", [*ANSWERS, SLOW], ids=named)
def test_a_fault_that_meets_a_list(stand: Stand, fault: Fault, streaming: bool) -> None:
    with followed(stand, streaming=streaming) as scene:
        endure(scene, fault, listing=True)


@MODES
@pytest.mark.parametrize("fault", [*WATCHES, SLOW], ids=named)
def test_a_fault_in_a_watch_that_is_open(stand: Stand, fault: Fault, streaming: bool) -> None:
    with followed(stand, streaming=streaming) as scene:
        endure(scene, fault)


@MODES
def test_nobody_listens(streaming: bool) -> None:
    with standing() as stand, followed(stand, streaming=streaming) as scene:
        endure(scene, refused())


def test_a_fault_of_one_kind_costs_no_other() -> None:
    clock = FakeClock()
    with standing() as stand:
        cache = ClusterCache(stand.api, context=None, server=stand.proxy.url, clock=clock, random=LowRandom())
        cache.start()
        try:
            wait_until(lambda: {cache.state(kind) for kind in FIRST} == {Live()})
            stand.proxy.strike(dataclasses.replace(ANSWERS[0], path="/pods"))
            wait_until(lambda: isinstance(cache.state(PODS), Stale))
            clock.advance(LASTS_S)
            stand.control.create(NAMESPACES, {"metadata": {"name": "new", "uid": "new"}})
            wait_until(lambda: cache.get(NAMESPACES, "", "new"))
            assert {cache.state(kind) for kind in FIRST if kind is not PODS} == {Live()}
            assert isinstance(cache.state(PODS), Stale)
        finally:
            cache.stop()


def test_a_fault_that_strikes_twice_is_over_after_the_second_wait(stand: Stand) -> None:
    with followed(stand) as scene:
        scene.proxy.strike(dataclasses.replace(ANSWERS[0], times=2))
        wait_until(lambda: isinstance(scene.store.state, Stale))
        assert scene.recover() == pytest.approx([0.8, 1.6, 3.2])


def test_every_continue_token_is_expired() -> None:
    with standing(pods=120) as stand, followed(stand) as scene:  # more than a first page has
        endure(scene, CONTINUED, listing=True)


@pytest.mark.parametrize("what", ["handshake", "certificate"])
def test_tls_fails(what: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    ours, other = Authority(tmp_path), Authority(tmp_path / "other")
    usual = server_context(ours)
    fault = cut_handshake() if what == "handshake" else other_certificate(server_context(other), usual)
    with standing(tls=usual, ca=ours.pem) as stand, followed(stand) as scene:
        endure(scene, fault)
