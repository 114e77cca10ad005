"""Sleep of the machine, by two clocks of which one stands still meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.objects.kinds import PODS
from kite_tui.objects.states import Live
from kite_tui.session.cluster import ClusterSession
from kite_tui.session.sleep import Sleep, with_sleep_s
from kite_tui.settings import Settings
from tests.cache.server import FakeServer
from tests.session.fakes import wait_until


@dataclass
class Machine:
    awake_s: float = 1000
    slept_s: float = 70

    def sleep(self) -> Sleep:
        return Sleep(lambda: self.awake_s, lambda: self.awake_s + self.slept_s)


def test_a_sleep_is_noticed_once() -> None:
    machine = Machine()
    sleep = machine.sleep()
    machine.awake_s += 3600
    assert not sleep.is_over()
    machine.slept_s += 600
    assert sleep.is_over()
    machine.awake_s += 1
    assert not sleep.is_over()


def test_a_nap_that_no_server_notices_is_none() -> None:
    machine = Machine()
    sleep = machine.sleep()
    machine.slept_s += 2
    assert not sleep.is_over()


def test_the_machines_own_clocks_agree_while_it_is_awake() -> None:
    assert not Sleep().is_over()
    assert with_sleep_s() > 0


def test_after_a_sleep_everything_is_asked_again() -> None:
    server, machine = FakeServer(), Machine()
    config = ClientConfig("prod", Cluster("https://prod.test:6443"), User())
    session = ClusterSession(config, Settings(), connect=lambda: server, sleep=machine.sleep())
    session.start(lambda _: None)
    try:
        wait_until(lambda: session.reader.state(PODS) == Live())
        session.tick()
        assert len(server.requests("list", "pods")) == 1
        machine.slept_s += 600
        session.tick()
        wait_until(lambda: len(server.requests("list", "pods")) == 2 and session.reader.state(PODS) == Live())
    finally:
        session.stop()
