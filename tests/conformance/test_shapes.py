"""The generator of pods and nodes: the same for the same seed, and nothing forgotten."""

from __future__ import annotations

from tests.conformance import shapes
from tests.conformance.client import Manifest
from tests.conformance.shape_status import STATES, UNBOUND


def _marks(pod: Manifest) -> set[str]:
    return set(pod["metadata"]["annotations"][shapes.SHAPE].split())


def test_one_seed_makes_the_same_pods_and_nodes_every_time() -> None:
    assert shapes.pods(5, 100) == shapes.pods(5, 100)
    assert shapes.nodes(5) == shapes.nodes(5)
    assert shapes.pods(5, 100) != shapes.pods(6, 100)


def test_a_few_hundred_pods_have_every_state_and_feature() -> None:
    seen = set[str]().union(*map(_marks, shapes.pods(1, 200)))
    features = {"init", "sidecar", "overhead", "pod-level", "resized", "infeasible", "deferred"}
    assert seen >= {*STATES, *UNBOUND, *features, "deleted", "gone-node", "oracle-only"}


def test_what_a_server_refuses_is_left_out_of_the_loadable() -> None:
    everything = shapes.pods(1, 200)
    assert [pod for pod in everything if "oracle-only" not in _marks(pod)] == shapes.loadable(everything)


def test_nodes_have_every_kind_of_ready_condition() -> None:
    ready = {
        next((c["status"] for c in node["status"]["conditions"] if c["type"] == "Ready"), "")
        for node in shapes.nodes(1)
    }
    assert ready == {"True", "False", "Unknown", ""}
