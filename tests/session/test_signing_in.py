"""Credentials that end in the middle of a session: they are renewed once for all kinds, and no row goes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kite_tui.cache import watching
from kite_tui.demo.access import USERS
from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.server import DemoServer
from kite_tui.kube.clientconfig import ClientConfig, Cluster, ExecConfig, User
from kite_tui.kube.transport import PooledTransport
from kite_tui.objects.kinds import FIRST, PODS, SECOND, Kind
from kite_tui.objects.states import Live, Stale, State, Syncing
from kite_tui.session import cluster as session_module
from kite_tui.session.cluster import ClusterSession
from kite_tui.settings import Settings
from tests.session.fakes import wait_until

PLUGIN = """#!/bin/sh
cd {folder}
echo run >> runs
while [ -e slow ]; do sleep 0.02; done
if [ -e broken ]; then echo "your login has ended" >&2; exit 1; fi
head='"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"'
printf '{{%s, "status": {{"token": "%s"}}}}' "$head" "$(cat token)"
"""
KINDS: tuple[Kind[Any], ...] = (*FIRST, *SECOND)


class Issuer:
    """Gives tokens: in a file, and by a plugin that reads that file. `expire` ends the one in use."""

    def __init__(self, folder: Path, server: DemoServer) -> None:
        self.folder, self._server = folder, server
        self.plugin, self.file = folder / "plugin", folder / "token"
        self.plugin.write_text(PLUGIN.format(folder=folder))
        self.plugin.chmod(0o755)
        self._number = 0
        self.issue()

    def issue(self) -> None:
        """The next token, in place of the one before."""
        self._number += 1
        (self.folder / "next").write_text(f"t{self._number}")
        os.replace(self.folder / "next", self.file)
        self._server.access.add("ops", USERS["demo"], f"t{self._number}")

    def expire(self, number: int) -> None:
        """A token is refused from now on, and every watch that it opened ends."""
        self._server.access.revoke(f"t{number}")
        self._server.drop_watches()

    @property
    def runs(self) -> int:
        """How often the plugin ran."""
        return len((self.folder / "runs").read_text().splitlines())

    @property
    def plugged(self) -> User:
        """Who signs in by the plugin."""
        return User("ops", exec=ExecConfig(str(self.plugin), "client.authentication.k8s.io/v1"))


class Told:
    """Every state that a kind ever had, and how many pods were there at each change of them."""

    def __init__(self, session: ClusterSession) -> None:
        self._session = session
        self.states: list[State] = []
        self.pods: list[int] = []

    def __call__(self, kind: Kind[Any]) -> None:
        self.states.append(self._session.reader.state(kind))
        if kind is PODS:
            self.pods.append(len(self._session.reader.list(PODS).objects))


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer(generate(DemoOptions(nodes=3, pods=40, rate=0), time.time).world) as server:
        yield server


@pytest.fixture(autouse=True)
def no_watch_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watch that ends within a second goes on at once, too."""
    monkeypatch.setattr(watching, "SHORT_S", 0.0)


@pytest.fixture
def issuer(server: DemoServer, tmp_path: Path) -> Issuer:
    return Issuer(tmp_path, server)


def all_are(session: ClusterSession, state: type[State], reason: str = "") -> Callable[[], bool]:
    def so() -> bool:
        found = [session.reader.state(kind) for kind in KINDS]
        return all(isinstance(each, state) and reason in getattr(each, "reason", "") for each in found)

    return so


def test_a_token_that_expires_while_kinds_watch_is_renewed_once_for_all_and_no_row_goes(
    server: DemoServer, issuer: Issuer
) -> None:
    config = ClientConfig("demo", Cluster(server.url), issuer.plugged)
    transport = PooledTransport(config)
    passed_s = 0.0
    transport._credentials._clock = lambda: time.monotonic() + passed_s
    session = ClusterSession(config, Settings(), connect=lambda: transport)
    session.start(lambda kind: None)
    try:
        wait_until(all_are(session, Live))
        assert issuer.runs == 1
        told = Told(session)
        session.reader.subscribe(told)

        passed_s += 3600
        issuer.issue()
        issuer.expire(1)
        wait_until(lambda: issuer.runs > 1 and all_are(session, Live)())
        assert issuer.runs == 2
        assert {type(state) for state in told.states} <= {Live, Stale}

        passed_s += 3600
        (issuer.folder / "broken").touch()
        issuer.expire(2)
        wait_until(all_are(session, Stale, "your login has ended"))
        assert issuer.runs == 3

        passed_s += 10
        (issuer.folder / "broken").unlink()
        issuer.issue()
        session.refresh()
        wait_until(all_are(session, Live))
        assert issuer.runs == 4
        assert set(told.pods) <= {40}
    finally:
        session.stop()


def test_a_token_file_that_is_replaced_in_time_is_never_noticed(server: DemoServer, issuer: Issuer) -> None:
    config = ClientConfig("demo", Cluster(server.url), User("ops", token_file=str(issuer.file)))
    session = ClusterSession(config, Settings())
    session.start(lambda kind: None)
    try:
        wait_until(all_are(session, Live))
        told, watches = Told(session), server.requests["watch", "/api/v1/pods"]
        session.reader.subscribe(told)
        issuer.issue()
        issuer.expire(1)
        wait_until(lambda: server.requests["watch", "/api/v1/pods"] > watches and all_are(session, Live)())
        assert not [state for state in told.states if "credentials" in getattr(state, "reason", "")]
    finally:
        session.stop()


def test_a_slow_plugin_is_named_while_everything_waits_for_it(
    server: DemoServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "SLOW_S", 0.05)
    (issuer.folder / "slow").touch()
    session = ClusterSession(ClientConfig("demo", Cluster(server.url), issuer.plugged), Settings())
    assert session.signing_in == ""
    session.start(lambda kind: None)
    try:
        wait_until(lambda: session.signing_in)
        assert session.signing_in == "plugin"
        assert isinstance(session.reader.state(PODS), Syncing)
        (issuer.folder / "slow").unlink()
        wait_until(all_are(session, Live))
        assert session.signing_in == ""
        assert issuer.runs == 1
    finally:
        session.stop()
