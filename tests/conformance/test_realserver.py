"""The real server that other tests stand on: starts, takes every shape, keeps rights apart, leaves nothing behind."""

from __future__ import annotations

import contextlib
import datetime
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import shape_resources, shapes
from tests.conformance.client import ApiClient, ApiFailure, Manifest
from tests.conformance.processes import ServerUnavailable
from tests.conformance.realserver import ROOT, RealServer, find_programs

needs_server = pytest.mark.realserver
QUANTITIES = ("requests", "limits", "allocatedResources", "podFixed", "overhead")


@pytest.fixture
def admin(real_server: RealServer) -> Iterator[ApiClient]:
    with contextlib.closing(real_server.client()) as client:
        yield client


@pytest.fixture
def own_server() -> Iterator[RealServer]:
    """A server for one test, which may break it."""
    with RealServer() as server:
        yield server


def _wait_until(true: Callable[[], bool], limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"not so after {limit_s} s"
        pause.wait(0.05)


def _missing(wanted: Any, found: Any, path: str = "") -> list[str]:
    """Where `found` does not have what `wanted` says; it may have more. Quantities are compared by value."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if path.rpartition(".")[2] in QUANTITIES:
            same = {k: shape_resources.value(v) for k, v in found.items()}
            # Stored in thousandths, rounded up.
            return [
                f"{path}.{k}: {v} is {found.get(k)}"
                for k, v in wanted.items()
                if k not in same or not 0 <= same[k] * 1000 - shape_resources.value(v) * 1000 < 1
            ]
        return [w for k, v in wanted.items() if v or k in found for w in _missing(v, found.get(k), f"{path}.{k}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [w for i, (a, b) in enumerate(zip(wanted, found, strict=True)) for w in _missing(a, b, f"{path}[{i}]")]
    return [] if wanted == found or (not wanted and not found) else [f"{path}: {wanted!r} is {found!r}"]


@needs_server
def test_it_is_the_pinned_version(admin: ApiClient) -> None:
    version = admin.get("/version")
    assert version["gitVersion"].startswith("v1.")
    if "KUBEBUILDER_ASSETS" not in os.environ:
        assert f"k8s.io/kubernetes {version['gitVersion']}\n" in (ROOT / "tools/apiserver/go.mod").read_text()


@needs_server
def test_it_takes_every_loadable_shape_and_gives_it_back_with_its_status(own_server: RealServer) -> None:
    now = datetime.datetime.now(datetime.UTC)
    wanted = shapes.loadable(shapes.pods(1, 300, now=now))
    with contextlib.closing(own_server.client()) as client:
        client.load([*shapes.prerequisites(), *shapes.nodes(1), *wanted])
        found = {pod["metadata"]["name"]: pod for pod in client.get("/api/v1/pods")["items"]}
        nodes = client.get("/api/v1/nodes")["items"]
    assert len(found) == len(wanted)
    wrong = []
    for pod in wanted:
        there = found[pod["metadata"]["name"]]
        wrong += _missing(pod.get("status", {}), there["status"], pod["metadata"]["name"])
        wrong += _missing(pod["spec"], there["spec"], pod["metadata"]["name"])
        assert ("deletionTimestamp" in pod["metadata"]) == ("deletionTimestamp" in there["metadata"])
    assert wrong == []
    by_name = {node["metadata"]["name"]: node for node in nodes}
    assert [w for n in shapes.nodes(1) for w in _missing(n["status"], by_name[n["metadata"]["name"]]["status"])] == []
    assert all("taints" not in node["spec"] or len(node["spec"]["taints"]) == 1 for node in nodes)


@needs_server
@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        ("admin", "/api/v1/secrets", 200),
        ("reader", "/api/v1/secrets", 200),
        ("viewer", "/api/v1/pods", 200),
        ("viewer", "/api/v1/nodes", 403),
        ("viewer", "/api/v1/secrets", 403),
        ("team", "/api/v1/namespaces/default/pods", 200),
        ("team", "/api/v1/pods", 403),
        ("team", "/api/v1/namespaces", 403),
        ("nobody", "/api/v1/namespaces/default/pods", 403),
        ("nobody", "/version", 200),
        ("", "/api/v1/pods", 403),
    ],
)
def test_users_have_the_rights_that_they_are_said_to_have(
    real_server: RealServer, user: str, path: str, status: int
) -> None:
    with contextlib.closing(real_server.client(user)) as client:
        assert client.request("GET", path).status == status


@needs_server
def test_a_client_certificate_of_its_authority_is_a_user(real_server: RealServer) -> None:
    files = real_server.client_certificate("viewer")
    pair = (files.certificate, files.key)
    with contextlib.closing(ApiClient(real_server.url, real_server.ca_file, certificate=pair)) as client:
        assert client.request("GET", "/api/v1/pods").status == 200
        assert client.request("GET", "/api/v1/nodes").status == 403


@needs_server
def test_a_watch_sees_what_is_made_after_it(admin: ApiClient) -> None:
    manifest: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "seen-by-a-watch"}}
    version = admin.get("/api/v1/namespaces/default/configmaps")["metadata"]["resourceVersion"]
    admin.create(manifest)
    path = f"/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=10&resourceVersion={version}"
    event = next(admin.watch_lines(path))
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "seen-by-a-watch")


@needs_server
def test_history_is_gone_after_compaction_and_restart_but_objects_stay(own_server: RealServer) -> None:
    with contextlib.closing(own_server.client()) as client:
        maps: list[Manifest] = [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"m{n}"}} for n in range(5)
        ]
        client.load(maps)
        page = client.get("/api/v1/namespaces/default/configmaps?limit=2")["metadata"]
        client.delete(maps[0])
        own_server.compact()
        own_server.restart_apiserver()
        with pytest.raises(ApiFailure) as expired:
            client.get(f"/api/v1/namespaces/default/configmaps?limit=2&continue={page['continue']}")
        assert expired.value.status == 410
        first = next(client.watch_lines(f"/api/v1/configmaps?watch=1&resourceVersion={page['resourceVersion']}"))
        assert (first["type"], first["object"]["code"]) == ("ERROR", 410)
        assert len(client.get("/api/v1/namespaces/default/configmaps")["items"]) == 4


@needs_server
def test_a_killed_run_leaves_no_server_and_no_folder(real_server: RealServer, tmp_path: Path) -> None:
    with _by_hand(tmp_path) as run:
        folder = next(tmp_path.glob("kite-real-*"))
        assert len(_commands_with(str(folder))) >= 2
        run.kill()
        _wait_until(lambda: not folder.exists() and not _commands_with(str(folder)))


@needs_server
def test_by_hand_it_ends_on_sigterm_with_code_0(real_server: RealServer, tmp_path: Path) -> None:
    with _by_hand(tmp_path) as run:
        run.terminate()
        assert run.wait(30) == 0
        assert not list(tmp_path.glob("kite-real-*"))


@contextlib.contextmanager
def _by_hand(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command of the module's description, ready, with its files under `folder`."""
    command = [sys.executable, "-m", "tests.conformance.realserver", "--kubeconfig", str(folder / "config")]
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment) as run:
        try:
            assert run.stdout is not None
            assert b"ready" in run.stdout.readline()
            yield run
        finally:
            run.kill()


def _commands_with(text: str) -> list[str]:
    """The processes of this machine, not yet ended, that have `text` in their command line."""
    listing = subprocess.run(["ps", "-e", "-ww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    return [line for line in listing.stdout.splitlines() if text in line and not line.startswith("Z")]


def test_where_the_programs_are_missing_the_reason_names_the_place_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("KITE_SKIP_REAL", raising=False)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(ServerUnavailable, match=r"no kube-apiserver in KUBEBUILDER_ASSETS .* run `make apiserver`"):
        find_programs()
