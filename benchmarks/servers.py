"""The clusters that are measured against, each in processes of its own: a simulated one, and a real API server."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kite_tui.demo.generate import generate
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import DemoCluster
from kite_tui.objects.kinds import NAMESPACES, NODES, PODS, SERVICES, WORKLOADS, Kind
from tests.conformance.client import ApiClient, Manifest

START_LIMIT_S = 300.0
MADE_BY_THE_SERVER = ("default", "kube-system", "kube-public", "kube-node-lease", "default/kubernetes")
KINDS: tuple[Kind[Any], ...] = (NAMESPACES, NODES, SERVICES, *WORKLOADS, PODS)


class NoServer(Exception):
    """A server could not be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A cluster that answers. `name` is what the report calls it."""

    name: str
    kubeconfig: Path
    pods: int
    nodes: int

    def client(self) -> ApiClient:
        """Requests as the user of the kubeconfig."""
        config = json.loads(self.kubeconfig.read_text())
        token = config["users"][0]["user"]["token"]
        ca_file = self.kubeconfig.with_suffix(".crt")
        url = config["clusters"][0]["cluster"]["server"]
        return ApiClient(url, ca_file if ca_file.exists() else None, token=token)

    def revision(self) -> int:
        """The newest resourceVersion: how many changes there were, on both kinds of server."""
        client = self.client()
        try:
            return int(client.get("/api/v1/pods?limit=1")["metadata"]["resourceVersion"])
        finally:
            client.close()


@contextmanager
def simulated(pods: int, nodes: int, rate: float = 0) -> Iterator[Server]:
    """The demo's cluster; `rate` is in changes a second, 0 is a frozen one."""
    with (
        tempfile.TemporaryDirectory(prefix="kite-bench-") as folder,
        DemoCluster(DemoOptions(nodes=nodes, pods=pods, rate=rate)) as cluster,
    ):
        yield Server(f"simulated, {pods:,} pods", cluster.kubeconfig(Path(folder) / "simulated.yaml"), pods, nodes)


@contextmanager
def real(pods: int, nodes: int) -> Iterator[Server]:
    """A kube-apiserver on etcd with the demo's objects in it, as they were at one moment; 20 s for 5 000 pods.

    Raises NoServer with the reason where it can't be started, such as binaries that are not there.
    """
    with tempfile.TemporaryDirectory(prefix="kite-bench-") as folder:
        kubeconfig = Path(folder) / "real.yaml"
        with serving([sys.executable, "-m", "tests.conformance.realserver", f"--kubeconfig={kubeconfig}"]):
            ca = json.loads(kubeconfig.read_text())["clusters"][0]["cluster"]["certificate-authority-data"]
            kubeconfig.with_suffix(".crt").write_bytes(base64.b64decode(ca))
            server = Server(f"kube-apiserver, {pods:,} pods", kubeconfig, pods, nodes)
            client = server.client()
            try:
                client.load(manifests(pods, nodes))
            finally:
                client.close()
            yield server


def manifests(pods: int, nodes: int) -> Iterator[Manifest]:
    """The objects of the simulated cluster, as they can be made on a real server."""
    cluster = generate(DemoOptions(nodes=nodes, pods=pods), time.time)
    for kind in KINDS:
        _, snapshot = cluster.world.snapshot(kind)
        version = f"{kind.group}/{kind.version}" if kind.group else kind.version
        for item in snapshot.items:
            if item.key in MADE_BY_THE_SERVER:
                continue
            yield _creatable({"apiVersion": version, "kind": kind.kind, **json.loads(item.body())})


def _creatable(manifest: Manifest) -> Manifest:
    """Without what only the server may set."""
    metadata = manifest["metadata"]
    for name in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        metadata.pop(name, None)
    spec = manifest.get("spec", {})
    if manifest["kind"] == "Namespace":  # one that is going away would take nothing in
        metadata.pop("deletionTimestamp", None)
        manifest.pop("status", None)
    if manifest["kind"] == "Service":
        spec = {name: value for name, value in spec.items() if name not in ("clusterIP", "clusterIPs")}
        manifest["spec"] = spec
    if manifest["kind"] == "Pod":
        for name in ("priority", "priorityClassName", "preemptionPolicy", "runtimeClassName", "overhead"):
            spec.pop(name, None)
        if not spec.get("nodeName") and metadata.get("deletionTimestamp"):
            metadata.pop("deletionTimestamp")
    return manifest


@contextmanager
def serving(command: list[str]) -> Iterator[None]:
    """Run a server that prints a line when it is ready."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        ready, _, _ = select.select([process.stdout], [], [], START_LIMIT_S)
        if not ready or not os.read(process.stdout.fileno(), 4096):
            process.terminate()
            raise NoServer(process.stderr.read().decode(errors="replace").strip() or "the server did not start")
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
