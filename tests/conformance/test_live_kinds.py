"""A kind that comes, changes and goes while everything is followed: a CustomResourceDefinition installed and removed
under a running cache, on the simulated server and on a real one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.config import Flags, load
from kite_tui.kube.transport import connect
from kite_tui.objects.kinds import Kind
from kite_tui.objects.linked import Linked
from kite_tui.objects.states import Live, Off
from kite_tui.queries.related import progress
from kite_tui.queries.relations import Relations
from tests.conformance.conftest import BOTH
from tests.conformance.realserver import RealServer
from tests.conformance.subjects import Real, Simulated, Subject, wait_until

GADGETS: Kind[Linked] = Kind("gadgets.example.test", "v1", "Gadget", "gadgets", "gadget", True)


@pytest.fixture(params=BOTH)
def scene(request: pytest.FixtureRequest) -> Iterator[tuple[Subject, ClusterCache]]:
    """A server, and a cache that follows all of it."""
    with contextlib.ExitStack() as stack:
        subject: Subject
        if request.param == "real":
            server: RealServer = request.getfixturevalue("real_server")
            subject, config = Real(server, stack), load(Flags(kubeconfig=str(server.kubeconfig("reader"))), {})
        else:
            demo = stack.enter_context(DemoServer(World(), bookmark_s=0.5))
            subject, config = Simulated(demo, stack), ClientConfig("demo", Cluster(demo.url), User(token="demo"))
        api = stack.enter_context(contextlib.closing(connect(config, qps=0)))
        cache = ClusterCache(api, context="test", server="https://test")
        cache.start()
        stack.callback(cache.stop)
        cache.need_all()
        wait_until(lambda: progress(cache).is_done)
        yield subject, cache


def test_a_custom_kind_is_followed_from_its_coming_to_its_going(scene: tuple[Subject, ClusterCache]) -> None:
    subject, cache = scene
    assert cache.served.of_type(GADGETS.group, GADGETS.kind) is None

    subject.install(GADGETS)
    wait_until(lambda: cache.state(GADGETS) == Live())
    # Discovery has answered with the kind as the server has it; the cache follows that one.
    served = cache.served.of_type(GADGETS.group, GADGETS.kind)
    assert served == GADGETS

    metadata = {"name": "one", "namespace": subject.namespace}
    subject.create({"apiVersion": GADGETS.api_version, "kind": GADGETS.kind, "metadata": metadata})
    wait_until(lambda: cache.get(GADGETS, subject.namespace, "one") is not None)
    assert Relations(cache).find(GADGETS, subject.namespace, "one").presence == "found"

    subject.remove(GADGETS)
    wait_until(lambda: cache.served.of_type(GADGETS.group, GADGETS.kind) is None)
    wait_until(lambda: isinstance(cache.state(GADGETS), Off))
    assert GADGETS not in cache.kinds()
    assert Relations(cache).find(GADGETS, subject.namespace, "one").presence == "missing"
