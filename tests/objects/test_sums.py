"""Running totals over pods: whatever happened before, they equal a recount."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from kite_tui.objects.amounts import NOTHING, Amounts, add, total
from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.sums import ZERO, NamespaceCounts, PodSums, Sums


def pod(
    name: str = "p",
    namespace: str = "shop",
    node: str = "node-1",
    phase: str = "Running",
    requests: dict[str, str] | None = None,
    limits: dict[str, str] | None = None,
    ready: bool = True,
    deleted: bool = False,
) -> Pod:
    manifest: dict[str, Any] = {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "nodeName": node,
            "containers": [{"name": "app", "resources": {"requests": requests or {}, "limits": limits or {}}}],
        },
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }
    if deleted:
        manifest["metadata"]["deletionTimestamp"] = "2026-02-28T10:00:00Z"
    return decoder(PODS)(json.dumps(manifest).encode())


quantity_lists = st.dictionaries(
    st.sampled_from(("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu")),
    st.sampled_from(("0", "1", "250m", "1Gi", "abc")),
    max_size=3,
)
pods = st.builds(
    pod,
    st.just("p"),
    st.sampled_from(("shop", "default")),
    st.sampled_from(("", "node-1", "node-2")),
    st.sampled_from(("Pending", "Running", "Succeeded", "Failed", "Unknown", "")),
    quantity_lists,
    quantity_lists,
    st.booleans(),
    st.booleans(),
)


class Life(RuleBasedStateMachine):
    """Pods come, change and go in any order."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.sums = PodSums()
        self.pods: dict[int, Pod] = {}
        self.next = 0

    @rule(target=held, one=pods)
    def add(self, one: Pod) -> int:
        self.next += 1
        self.pods[self.next] = one
        self.sums.add(one)
        return self.next

    @rule(which=held)
    def remove(self, which: int) -> None:
        if which in self.pods:
            self.sums.remove(self.pods.pop(which))

    @rule(which=held, one=pods)
    def replace(self, which: int, one: Pod) -> None:
        if which in self.pods:
            self.sums.remove(self.pods[which])
            self.pods[which] = one
            self.sums.add(one)

    @invariant()
    def equals_a_recount(self) -> None:
        recount = PodSums(self.pods.values())
        assert self.sums.by_node() == recount.by_node()
        assert self.sums.by_namespace() == recount.by_namespace()


TestSumsEqualARecountAfterAnySeriesOfEvents = Life.TestCase
TestSumsEqualARecountAfterAnySeriesOfEvents.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_rows_of_a_node_add_up_to_its_sums() -> None:
    sums = PodSums(
        [
            pod("a", requests={"cpu": "250m", "memory": "1Gi"}, limits={"cpu": "1"}),
            pod("b", requests={"cpu": "1", "nvidia.com/gpu": "2"}),
            pod("c", requests={"cpu": "9"}, phase="Succeeded"),
            pod("d", requests={"cpu": "9"}, node="node-2"),
            pod("e", requests={"cpu": "9"}, node="", phase="Pending"),
        ]
    )
    expected = Sums(2, 1, Amounts(1250, 2**30, 0, None, (("nvidia.com/gpu", 2),)), Amounts(1000, 0, 0))
    assert sums.by_node()["node-1"] == expected
    assert set(sums.by_node()) == {"node-1", "node-2"}


def test_terminating_and_unknown_pods_hold_their_resources() -> None:
    sums = PodSums([pod(deleted=True, requests={"cpu": "1"}), pod(phase="Unknown", requests={"cpu": "1"})])
    assert (sums.by_node()["node-1"].holding, sums.by_node()["node-1"].requests.cpu_m) == (2, 2000)


def test_an_unreadable_amount_is_counted_beside_the_sum() -> None:
    sums = PodSums([pod(requests={"cpu": "abc", "memory": "1Gi"}), pod(limits={"cpu": "1_0"}), pod()])
    found = sums.by_node()["node-1"]
    assert (found.holding, found.unknown, found.requests) == (3, 2, Amounts(0, 2**30, 0))


def test_each_pod_is_in_one_bucket_of_its_namespace() -> None:
    sums = PodSums(
        [
            *(pod(), pod(ready=False), pod(phase="Pending"), pod(phase="Succeeded", deleted=True)),
            *(pod(phase="Failed"), pod(phase="Odd"), pod(deleted=True), pod(phase="", namespace="default")),
        ]
    )
    assert sums.by_namespace() == {
        "shop": NamespaceCounts(7, 1, 1, 1, 1, 1, 1, 1),
        "default": NamespaceCounts(total=1, unknown=1),
    }


def test_requests_wait_while_a_pod_has_no_node_and_is_not_deleted() -> None:
    waiting: dict[str, Any] = {"node": "", "phase": "Pending", "requests": {"cpu": "2"}}
    sums = PodSums([pod(**waiting), pod(**waiting, deleted=True), pod(node="", phase="Pending", requests={"cpu": "x"})])
    found = sums.by_namespace()["shop"]
    assert (found.waiting.cpu_m, found.waiting_unknown) == (2000, 1)


def test_a_snapshot_does_not_change_afterwards() -> None:
    sums = PodSums([pod()])
    before = sums.by_node()
    sums.add(pod("b"))
    assert before["node-1"].holding == 1


def test_a_node_without_pods_is_forgotten() -> None:
    one = pod(requests={"cpu": "1"})
    sums = PodSums([one])
    sums.remove(one)
    assert (sums.by_node(), sums.by_namespace()) == ({}, {})
    assert Sums().requests == ZERO


numbers = st.none() | st.integers(-(2**60), 2**60)
extended = st.dictionaries(st.sampled_from(["gpu", "hugepages-2Mi"]), st.integers(-9, 9)).map(
    lambda found: tuple(sorted(found.items()))
)


@given(st.lists(st.builds(Amounts, numbers, numbers, numbers, numbers, extended)))
def test_a_total_is_what_adding_one_by_one_makes(parts: list[Amounts]) -> None:
    assert total(parts) == reduce(add, parts, NOTHING)
