"""EndpointSlices: always what their Services select, in slices of a hundred, one written for one change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kite_tui.demo.catalogue import App
from kite_tui.demo.cluster import Cluster
from kite_tui.demo.endpoints import MOST, Endpoints
from kite_tui.demo.makers import make_template
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import ENDPOINT_SLICES
from kite_tui.demo.statuses import State
from kite_tui.demo.world import World
from kite_tui.objects.kinds import PODS, SERVICES
from tests.demo.conftest import NOW_S, documents
from tests.demo.test_live import lived

Document = dict[str, Any]
Endpoint = tuple[str, str, str, bool, bool, bool]


def expected(cluster: Cluster) -> dict[tuple[str, str], set[Endpoint]]:
    """The endpoints of every Service with a selector, counted from what the pods' JSON says."""
    pods: dict[str, list[Document]] = defaultdict(list)
    for pod in documents(cluster, PODS):
        pods[pod["metadata"]["namespace"]].append(pod)
    return {
        (service["metadata"]["namespace"], service["metadata"]["name"]): set(
            _endpoints(service["spec"]["selector"], pods[service["metadata"]["namespace"]])
        )
        for service in documents(cluster, SERVICES)
        if service["spec"].get("selector")
    }


def _endpoints(selector: dict[str, str], pods: list[Document]) -> Iterator[Endpoint]:
    for pod in pods:
        metadata, status = pod["metadata"], pod["status"]
        selected = selector.items() <= metadata["labels"].items()
        if selected and status.get("podIP") and status["phase"] not in ("Succeeded", "Failed"):
            serving = any(c["type"] == "Ready" and c["status"] == "True" for c in status["conditions"])
            ending = "deletionTimestamp" in metadata
            yield metadata["uid"], status["podIP"], pod["spec"]["nodeName"], serving and not ending, serving, ending


def assert_slices_are_right(cluster: Cluster) -> None:
    """Every slice belongs to its Service, is small enough, and all of them say what `expected` says."""
    owners = {service["metadata"]["uid"]: service["metadata"] for service in documents(cluster, SERVICES)}
    found: dict[tuple[str, str], list[Endpoint]] = defaultdict(list)
    for one in documents(cluster, ENDPOINT_SLICES):
        metadata = one["metadata"]
        if "ownerReferences" not in metadata:
            continue  # nobody's but a person's
        owner = owners[metadata["ownerReferences"][0]["uid"]]
        service = metadata["labels"]["kubernetes.io/service-name"]
        assert (owner["namespace"], owner["name"]) == (metadata["namespace"], service)
        assert one["endpoints"] is None or 0 < len(one["endpoints"]) <= MOST
        found[metadata["namespace"], service] += [
            (
                endpoint["targetRef"]["uid"],
                endpoint["addresses"][0],
                endpoint["nodeName"],
                *(endpoint["conditions"][name] for name in ("ready", "serving", "terminating")),
            )
            for endpoint in one["endpoints"] or ()
        ]
    wanted = expected(cluster)
    assert set(found) == set(wanted)
    for key, endpoints in found.items():
        assert len(endpoints) == len(set(endpoints))
        assert set(endpoints) == wanted[key], key


def test_slices_have_what_their_services_select(cluster: Cluster) -> None:
    assert_slices_are_right(cluster)


@pytest.mark.parametrize("seed", [1, 2])
def test_slices_follow_pods_through_a_long_life(seed: int) -> None:
    cluster = lived(2500, seed)
    assert_slices_are_right(cluster)
    table = cluster.world.tables[ENDPOINT_SLICES.plural]
    assert len(table.since(table.position(table.oldest)) or ()) > 100


class Backends:
    """A Service of pods that a test makes one by one."""

    def __init__(self) -> None:
        self.world = World()
        self.endpoints = Endpoints(self.world, Random(1), {"n": "zone-a"})
        app = App("team", "web", "Deployment", 1, "i")
        self._template = make_template(app, "team", {})
        self._template.owner = {"name": "web-1", "uid": "u"}
        metadata = {"namespace": "team", "name": "web", "uid": "service", "labels": {"a": "b"}}
        ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
        self.endpoints.back("web", {"metadata": metadata, "spec": {"clusterIP": "10.0.0.1", "ports": ports}})
        self.world.load(ENDPOINT_SLICES, self.endpoints.fill((), int(NOW_S)))

    def pod(self, name: str, state: State = State.RUNNING) -> Pod:
        return Pod(self._template, name, f"uid-{name}", state, int(NOW_S), node="n", node_ip="1.1.1.1", ip="2.2.2.2")

    def change(self, before: Pod | None, after: Pod | None) -> int:
        """Follow a change, and tell how many objects were written for it."""
        revision = self.world.revision
        self.endpoints.follow(before, after, int(NOW_S) + 60)
        return self.world.revision - revision

    def slices(self) -> list[Document]:
        return [msgspec.json.decode(item.body()) for item in self.world.snapshot(ENDPOINT_SLICES)[1].items]


def test_a_service_without_backends_has_one_slice_whose_endpoints_are_null() -> None:
    (one,) = Backends().slices()
    assert one["endpoints"] is None
    assert one["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    assert one["metadata"]["labels"]["kubernetes.io/service-name"] == "web"


def test_only_what_an_endpoint_says_is_worth_writing() -> None:
    backends = Backends()
    queued, creating, running = (backends.pod("a", state) for state in (State.QUEUED, State.CREATING, State.RUNNING))
    ended = replace(running, deleted_s=int(NOW_S) + 30)
    written = [
        backends.change(None, queued),
        backends.change(queued, creating),
        backends.change(creating, running),
        backends.change(running, replace(running, restarts=1)),
        backends.change(running, ended),
    ]
    assert written == [0, 0, 1, 0, 1]
    (one,) = backends.slices()
    assert one["endpoints"] == [
        {
            "addresses": ["2.2.2.2"],
            "conditions": {"ready": False, "serving": True, "terminating": True},
            "nodeName": "n",
            "targetRef": {"kind": "Pod", "namespace": "team", "name": "a", "uid": "uid-a"},
            "zone": "zone-a",
        }
    ]
    assert one["metadata"]["generation"] == 3
    assert backends.change(ended, None) == 1
    assert backends.slices()[0]["endpoints"] is None


def test_a_pod_that_is_done_is_no_endpoint() -> None:
    backends = Backends()
    running = backends.pod("a")
    backends.change(None, running)
    backends.change(running, backends.pod("a", State.SUCCEEDED))
    assert backends.slices()[0]["endpoints"] is None


def test_more_than_a_hundred_endpoints_take_a_second_slice_that_goes_with_its_last() -> None:
    backends = Backends()
    pods = [backends.pod(f"p{number}") for number in range(MOST + 1)]
    assert {backends.change(None, pod) for pod in pods} == {1}
    assert sorted(len(one["endpoints"]) for one in backends.slices()) == [1, MOST]
    assert backends.change(pods[-1], None) == 1
    assert [len(one["endpoints"]) for one in backends.slices()] == [MOST]
    for pod in pods[:-1]:
        backends.change(pod, None)
    assert [one["endpoints"] for one in backends.slices()] == [None]
