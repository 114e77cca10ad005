"""The product's numbers of whole clusters, held equal to Kubernetes' own and to an independent recount.

The real API server is loaded with pods of every shape; the simulated one serves what it generates.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from kite_tui.cache.cluster import ClusterCache
from kite_tui.cli import pages, plain
from kite_tui.cli.arguments import parse
from kite_tui.cli.target import Target
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import DemoCluster
from kite_tui.kube.api import Api
from kite_tui.kube.config import Flags, load
from kite_tui.kube.transport import connect
from kite_tui.objects.amounts import Amounts
from kite_tui.objects.kinds import FIRST, PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.reader import Head, Reader
from kite_tui.objects.states import Live
from kite_tui.queries.documents import overview_document
from kite_tui.queries.nodes import node_rows
from kite_tui.queries.overview import overview
from kite_tui.queries.pods import pod_row
from kite_tui.session.direct import DirectLists, Want
from tests.conformance import oracle, recount, shapes
from tests.conformance.client import ApiClient, Manifest
from tests.conformance.realserver import RealServer

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@dataclass
class Scene:
    """A server with something on it: its own JSON through `client`, and the product's way to it."""

    client: ApiClient
    api: Api

    def document(self, *argv: str) -> Manifest:
        """What a plain command prints as JSON."""
        out, err = io.StringIO(), io.StringIO()
        target = Target(self.api, "test", "https://test", "default")
        plain.run(parse([*argv, "-o", "json"]), target, out, err)
        found: Manifest = json.loads(out.getvalue())
        return found

    def pods(self) -> dict[tuple[str, str], Pod]:
        """The records that direct lists make, by namespace and name."""
        answer = anyio.run(DirectLists(self.api).read, [Want(PODS)], Head(None, "", "v1"))
        assert answer.malformed == 0
        assert answer.errors == {}
        return {(pod.namespace, pod.name): pod for pod in answer.reader.list(PODS).objects}

    def table(self, resource: str) -> dict[tuple[str, str], dict[str, Any]]:
        """The server's own cells, by namespace and name."""
        answer = self.client.request("GET", f"/api/v1/{resource}", accept=TABLE)
        assert answer.status == 200
        made = answer.json()
        titles = [column["name"] for column in made["columnDefinitions"]]
        return {
            (row["object"]["metadata"].get("namespace", ""), row["object"]["metadata"]["name"]): dict(
                zip(titles, row["cells"], strict=True)
            )
            for row in made["rows"]
        }


@contextlib.contextmanager
def _real() -> Iterator[tuple[ApiClient, Path]]:
    with RealServer() as server, contextlib.closing(server.client()) as client:
        now = datetime.datetime.now(datetime.UTC)
        pods = shapes.loadable(shapes.pods(7, 400, now=now))
        services = [
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"ports": [{"port": 80}], "selector": {"app": "a"}, **more},
            }
            for name, more in (("web", {}), ("inner", {"clusterIP": "None"}), ("outer", {"type": "NodePort"}))
        ]
        client.load([*shapes.prerequisites(), *shapes.nodes(7), *services, *pods])
        yield client, server.kubeconfig("reader")


@contextlib.contextmanager
def _simulated(folder: Path) -> Iterator[tuple[ApiClient, Path]]:
    with (
        DemoCluster(DemoOptions(nodes=12, pods=500, seed=7, rate=0)) as cluster,
        contextlib.closing(ApiClient(cluster.url, None, token=cluster.token)) as client,
    ):
        yield client, cluster.kubeconfig(folder / "demo.kubeconfig")


def _scene(client: ApiClient, kubeconfig: Path) -> Iterator[Scene]:
    api = connect(load(Flags(kubeconfig=str(kubeconfig)), {}), qps=0)
    yield Scene(client, api)
    api.close()


@pytest.fixture(scope="module")
def real_scene() -> Iterator[Scene]:
    with _real() as (client, kubeconfig):
        yield from _scene(client, kubeconfig)


@pytest.fixture(scope="module")
def simulated_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with _simulated(tmp_path_factory.mktemp("numbers")) as (client, kubeconfig):
        yield from _scene(client, kubeconfig)


@pytest.fixture(params=["simulated_scene", pytest.param("real_scene", marks=pytest.mark.realserver)])
def scene(request: pytest.FixtureRequest) -> Scene:
    found: Scene = request.getfixturevalue(request.param)
    return found


def by_name(amounts: Amounts) -> dict[str, int]:
    assert amounts.unknown == ()
    named = {"cpu": amounts.cpu_m, "memory": amounts.memory_b, "ephemeral-storage": amounts.ephemeral_storage_b}
    return {name: n for name, n in {**named, "pods": amounts.pods, **amounts.by_name}.items() if n is not None}


def key_of(manifest: Manifest) -> tuple[str, str]:
    return manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


@pytest.mark.oracle
def test_every_pod_has_the_requests_and_limits_that_kubernetes_library_computes(scene: Scene) -> None:
    raw = scene.client.get("/api/v1/pods")["items"]
    ours = scene.pods()
    assert len(raw) == len(ours) > 300
    for manifest, wanted in zip(raw, oracle.effective(raw), strict=True):
        found = ours[key_of(manifest)].effective
        assert not wanted.error
        assert (by_name(found.requests), by_name(found.limits)) == (wanted.requests, wanted.limits), manifest


@pytest.mark.oracle
def test_the_recount_itself_agrees_with_kubernetes_library(scene: Scene) -> None:
    raw = scene.client.get("/api/v1/pods")["items"]
    for manifest, wanted in zip(raw, oracle.effective(raw), strict=True):
        assert recount.effective(manifest) == (wanted.requests, wanted.limits), manifest


def test_every_pod_is_printed_with_the_cells_of_the_server_s_own_table(scene: Scene) -> None:
    before_s = int(time.time())
    cells, ours = scene.table("pods"), scene.pods()
    moments = range(before_s - 1, int(time.time()) + 2)  # "(59s ago)" goes on while we read
    assert cells.keys() == ours.keys()
    for key, pod in ours.items():
        wanted = cells[key]
        assert (f"{pod.ready}/{pod.total}", pod.status) == (wanted["Ready"], wanted["Status"]), key
        assert str(wanted["Restarts"]) in {pages.restarts(pod_row(pod, None), now_s) for now_s in moments}, key


def test_every_node_is_printed_with_the_cells_of_the_server_s_own_table(scene: Scene) -> None:
    cells = scene.table("nodes")
    items = {("", item["name"]): item for item in scene.document("nodes")["items"]}
    assert cells.keys() == items.keys()
    for key, item in items.items():
        shown = (item["status"], ",".join(item["roles"]) or "<none>", item["version"] or "")
        assert shown == (cells[key]["Status"], cells[key]["Roles"], cells[key]["Version"]), key


def test_pods_are_the_recount_s_pod_by_pod(scene: Scene) -> None:
    raw = {key_of(pod): pod for pod in recount.everything(scene.client)["pods"]}
    items = {(item["namespace"], item["name"]): item for item in scene.document("pods")["items"]}
    assert items.keys() == raw.keys()
    for key, item in items.items():
        requests, limits = recount.effective(raw[key])
        for part, resource, unit in (("cpu", "cpu", "m"), ("memory", "memory", "b")):
            assert item[part][f"requests_{unit}"] == requests.get(resource, 0), key
            assert item[part][f"limits_{unit}"] == limits.get(resource), key
        assert item["node"] == raw[key]["spec"].get("nodeName")
        assert item["holds"] == (bool(raw[key]["spec"].get("nodeName")) and not recount.is_finished(raw[key]))


def test_nodes_are_the_recount_s_sum_by_sum(scene: Scene) -> None:
    wanted = recount.nodes(recount.everything(scene.client))
    found = {item["name"]: recount.node_said_by(item) for item in scene.document("nodes")["items"]}
    assert found == wanted


def test_one_node_is_the_same_as_in_the_list_and_lists_its_pods(scene: Scene) -> None:
    lists = recount.everything(scene.client)
    for name, wanted in list(recount.nodes(lists).items())[:3]:
        document = scene.document("nodes", name)
        assert [recount.node_said_by(item) for item in document["items"]] == [wanted]
        on_it = {key_of(pod) for pod in lists["pods"] if pod["spec"].get("nodeName") == name}
        assert {(item["namespace"], item["name"]) for item in document["pod_items"]} == on_it


def test_the_overview_is_the_recount(scene: Scene) -> None:
    wanted = recount.overview(recount.everything(scene.client))
    assert recount.said_by(scene.document("overview")) == wanted


def test_the_overview_of_a_namespace_is_the_recount_of_its_objects(scene: Scene) -> None:
    lists = recount.everything(scene.client)
    namespace = max({pod["metadata"]["namespace"] for pod in lists["pods"]})
    for part in ("pods", "services"):
        lists[part] = [one for one in lists[part] if one["metadata"]["namespace"] == namespace]
    document = scene.document("overview", "-n", namespace)
    assert document["namespaces_shown"] == [namespace]
    assert (document["cpu"]["largest_free"], document["memory"]["largest_free"]) == (None, None)
    document["cpu"]["largest_free"] = document["memory"]["largest_free"] = {"free_m": 0, "free_b": 0}
    wanted = recount.overview(lists)
    wanted["cpu"]["free_m"] = wanted["memory"]["free_b"] = 0
    assert recount.said_by(document) == wanted


def test_usage_is_the_sum_of_the_samples(simulated_scene: Scene) -> None:
    def sampled() -> tuple[Manifest, list[Manifest]]:
        path = "/apis/metrics.k8s.io/v1beta1"
        return simulated_scene.document("overview"), simulated_scene.client.get(f"{path}/nodes")["items"]

    document, samples = sampled()
    if document["metrics"]["sampled_at"] != samples[0]["timestamp"]:  # the next sample came in between
        document, samples = sampled()
    used = [recount.whole(recount.exact(sample["usage"])) for sample in samples]
    assert document["cpu"]["usage_m"] == sum(each["cpu"] for each in used)
    assert document["memory"]["usage_b"] == sum(each["memory"] for each in used)


# -- through the watch cache ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def watching(api: Api) -> Iterator[Reader]:
    cache = ClusterCache(api, context=None, server="")
    cache.start()
    try:
        wait_until(lambda: all(isinstance(cache.state(kind), Live) for kind in FIRST))
        yield cache
    finally:
        cache.stop()


def wait_until(true: Any, limit_s: float = 20.0) -> None:
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"not so after {limit_s} s"
        pause.wait(0.02)


def seen_by(cache: Reader) -> Manifest:
    rows = {row.node.name: row for row in node_rows(cache)}
    sums = {
        name: (row.holding, row.finished, row.cpu.requests, row.cpu.limits, row.memory.requests, row.memory.limits)
        for name, row in rows.items()
    }
    return {**recount.said_by(overview_document(overview(cache))), "sums": sums}


def counted(client: ApiClient) -> Manifest:
    lists = recount.everything(client)
    sums = {
        name: (
            item["pods"]["holding"],
            item["pods"]["finished"],
            item["cpu"]["requests_m"],
            item["cpu"]["limits_m"],
            item["memory"]["requests_b"],
            item["memory"]["limits_b"],
        )
        for name, item in recount.nodes(lists).items()
    }
    return {**recount.overview(lists), "sums": sums}


def test_the_watch_cache_counts_the_same_once_synced(scene: Scene) -> None:
    with watching(scene.api) as cache:
        assert seen_by(cache) == counted(scene.client)


@pytest.mark.realserver
def test_the_watch_cache_counts_the_same_after_creates_updates_and_deletes(real_scene: Scene) -> None:
    client = real_scene.client
    with watching(real_scene.api) as cache:
        now = datetime.datetime.now(datetime.UTC)
        more = shapes.loadable(shapes.pods(8, 90, now=now))
        for pod in more:
            pod["metadata"]["name"] = "more-" + pod["metadata"]["name"]
        made = client.load(more)
        for pod in made[::3]:
            client.patch(pod, {"metadata": {"finalizers": None}})
            with contextlib.suppress(Exception):  # one that was being deleted is gone with its finalizer
                client.delete(pod, grace_s=0)
        for pod in made[1::3]:
            phase = "Succeeded" if recount.bucket(pod) == "not_ready" else None
            if phase:
                client.set_status(pod, {"phase": phase})
        nodes = client.get("/api/v1/nodes")["items"]
        ident = {"apiVersion": "v1", "kind": "Node"}
        client.patch({**nodes[0], **ident}, {"spec": {"unschedulable": not nodes[0]["spec"].get("unschedulable")}})
        client.set_status({**nodes[1], **ident}, {"allocatable": {"cpu": "77", "memory": "7Gi"}})
        client.delete({**nodes[2], **ident})
        wanted = counted(client)
        wait_until(lambda: seen_by(cache) == wanted)
