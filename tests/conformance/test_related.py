"""Related, judged by the fixture of relations: exactly the expected edges of every centre, from concurrent lists and
from the watch cache, on the simulated server and on a real one."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import anyio
import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.cli import plain
from kite_tui.cli.arguments import parse
from kite_tui.cli.target import Target
from kite_tui.demo.control import Control
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.kube.api import Api
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.config import Flags, load
from kite_tui.kube.transport import connect
from kite_tui.objects.kinds import EVENTS, Kind
from kite_tui.objects.reader import Head, Reader
from kite_tui.queries.related import edges, events_about, progress
from kite_tui.queries.relations import Relations
from kite_tui.queries.vertices import Vertex
from kite_tui.session.direct import DirectLists, Want
from tests.conformance import relations
from tests.conformance.conftest import BOTH
from tests.conformance.realserver import RealServer
from tests.conformance.relations.edges import Edge, Ref

HEAD = Head("test", "https://test", None)


@dataclass
class Loaded:
    """A server that has the fixture, and the way to it."""

    api: Api
    server: str

    def listed(self) -> Reader:
        """Everything, from lists made now."""
        lists = DirectLists(self.api)
        served = lists.discover()
        wants = [Want(EVENTS), *(Want(kind) for kind in served.searched)]
        return anyio.run(lists.read, wants, HEAD, served).reader

    @contextlib.contextmanager
    def watched(self) -> Iterator[ClusterCache]:
        """A watch cache that follows everything."""
        cache = ClusterCache(self.api, context="test", server="https://test")
        cache.start()
        cache.need_all()
        try:
            wait_until(lambda: progress(cache).is_done and bool(cache.list(EVENTS).objects))
            yield cache
        finally:
            cache.stop()

    def printed(self, *argv: str) -> str:
        out, err = io.StringIO(), io.StringIO()
        plain.run(parse(argv), Target(self.api, "test", self.server, "shop"), out, err)
        return out.getvalue()


@pytest.fixture(scope="module")
def real() -> Iterator[RealServer]:
    """A real server of this module's own: the fixture makes one group of its discovery stale."""
    with RealServer() as server:
        with contextlib.closing(server.client()) as client:
            relations.load_real(client)
        yield server


@pytest.fixture(params=BOTH)
def loaded(request: pytest.FixtureRequest) -> Iterator[Loaded]:
    with contextlib.ExitStack() as stack:
        if request.param == "real":
            server: RealServer = request.getfixturevalue("real")
            config, url = load(Flags(kubeconfig=str(server.kubeconfig())), {}), server.url
        else:
            demo = stack.enter_context(DemoServer(World(), bookmark_s=0.5))
            fill(demo)
            config, url = ClientConfig("demo", Cluster(demo.url), User(token="demo")), demo.url
        yield Loaded(stack.enter_context(contextlib.closing(connect(config, qps=0))), url)


def fill(server: DemoServer) -> None:
    """The fixture's objects on the simulated server, with the kinds that it brings."""
    control = Control(server)
    by_type = {(kind.group, kind.kind): kind for kind in server.kinds}
    for manifest in relations.resolve():
        ref = relations.ref_of(manifest)
        if ref.kind == "CustomResourceDefinition":
            names, spec = manifest["spec"]["names"], manifest["spec"]
            kind: Kind[object] = Kind(
                spec["group"],
                spec["versions"][0]["name"],
                names["kind"],
                names["plural"],
                names["singular"],
                spec["scope"] == "Namespaced",
            )
            if (kind.group, kind.kind) not in by_type:
                by_type[kind.group, kind.kind] = kind
                control.install_kind(kind)
        control.create(by_type[ref.group, ref.kind], manifest)
    control.install_kind(Kind(STALE, "v1", "Thing", "things", "thing", True))
    control.break_group(STALE)


FIXTURE = frozenset(relations.ref_of(manifest) for manifest in relations.resolve())
STALE = "far.example.test"
"""A group of an aggregated API that nobody answers for."""


def wait_until(true: Callable[[], bool], limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, "not so in time"
        threading.Event().wait(0.02)


def answer(reader: Reader, events: Reader, centre: Ref) -> list[Edge]:
    """The edges of a centre, as the fixture writes them. All events are read from `events`: a cache keeps warnings."""
    found = Relations(reader)
    vertex = find(found, reader, events, centre)
    assert vertex.record is not None, centre
    # A real server writes some of its own, about a Service for instance whose address it finds unallocated.
    written = [event for event in events.list(EVENTS).objects if ref(found.vertex(EVENTS, event)) in FIXTURE]
    about = events_about(vertex, written)
    return [
        Edge(edge.direction, edge.depth, ref(edge.holder), ref(edge.target), edge.reasons, edge.presence)  # type: ignore[arg-type]
        for edge in edges(found, vertex, events=about)
    ]


def find(found: Relations, reader: Reader, events: Reader, centre: Ref) -> Vertex:
    kind = found.served.of_type(centre.group, centre.kind)
    assert kind is not None, centre
    if kind == EVENTS:
        return found.vertex(EVENTS, events.get(EVENTS, centre.namespace, centre.name))
    return found.find(kind, centre.namespace, centre.name)


def ref(vertex: Vertex) -> Ref:
    return Ref(vertex.group, vertex.kind, vertex.namespace, vertex.name)


def differences(reader: Reader, events: Reader) -> list[str]:
    """What is amiss, a line each."""
    amiss = []
    for each in relations.expected():
        made, wanted = answer(reader, events, each.centre), list(each.edges)
        amiss += [f"{each.centre}: not expected: {edge}" for edge in made if edge not in wanted]
        amiss += [f"{each.centre}: missing: {edge}" for edge in wanted if edge not in made]
        if not amiss and made != wanted:
            amiss.append(f"{each.centre}: in another order")
    return amiss


def test_lists_give_exactly_the_expected_edges_of_every_centre(loaded: Loaded) -> None:
    reader = loaded.listed()
    assert differences(reader, reader) == []


def test_the_watch_cache_gives_exactly_the_same(loaded: Loaded) -> None:
    events = loaded.listed()
    with loaded.watched() as cache:
        assert differences(cache, events) == []


def test_the_command_prints_the_same_edges(loaded: Loaded) -> None:
    centre = Ref("", "ConfigMap", "shop", "cart-config")
    (wanted,) = (each for each in relations.expected() if each.centre == centre)
    document = json.loads(loaded.printed("related", "cm/cart-config", "-n", "shop", "-o", "json"))

    def named(found: dict[str, str | None]) -> Ref:
        return Ref(found["group"] or "", found["kind"] or "", found["namespace"] or "", found["name"] or "")

    made = [
        Edge(e["direction"], e["depth"], named(e["from"]), named(e["to"]), tuple(e["reasons"]), e["state"])
        for e in document["edges"]
    ]
    assert tuple(made) == wanted.edges
    assert [each["resource"] for each in document["not_searched"]] == [STALE]
    assert document["complete"] is False
