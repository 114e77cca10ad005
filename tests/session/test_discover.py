"""What a server serves can be known without following all of it, however the cluster is read."""

from __future__ import annotations

import time

import pytest

from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import TOKEN
from kite_tui.demo.server import DemoServer
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.objects.kinds import ALWAYS
from kite_tui.session.cluster import ClusterSession
from kite_tui.settings import Settings
from tests.session.fakes import wait_until


@pytest.mark.parametrize("watching", [True, False], ids=["watching", "polling"])
def test_discovering_is_no_reason_to_read_more(watching: bool) -> None:
    cluster = generate(DemoOptions(nodes=2, pods=8, rate=0), time.time)
    with DemoServer(cluster.world) as server:
        server.access.open_to_all()
        config = ClientConfig("demo", Cluster(server.url), User(token=TOKEN), namespace="shop")
        session = ClusterSession(config, Settings(qps=0), watching=watching)
        session.start(lambda _: None)
        reader = session.reader
        assert reader.served.find("cm") is None
        for _ in range(2):
            reader.discover()
        wait_until(lambda: reader.served.is_known)
        wait_until(lambda: len(reader.kinds()) >= len(ALWAYS))
        assert reader.served.find("cm") is not None
        assert set(reader.kinds()) == set(ALWAYS)
        assert server.requests["get", "/apis"] == 1
        assert session.home_namespace == "shop"
        session.stop()
