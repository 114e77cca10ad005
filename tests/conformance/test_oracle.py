"""Effective requests and limits, held equal to Kubernetes' own library, pod by pod.

The oracle is a small Go program over `k8s.io/component-helpers/resource`; `make oracle` builds it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import IO, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kite_tui.objects.amounts import Amounts
from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import PODS
from kite_tui.objects.quantity import InvalidQuantity, cpu_m, parse, value
from tests.conformance import shapes
from tests.conformance.oracle import PROGRAM, missing

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(bool(missing()), reason=f"NOT COMPARED WITH KUBERNETES' OWN ARITHMETIC: {missing()}"),
]

Manifest = dict[str, Any]
Answer = dict[str, dict[str, int]]


class Oracle:
    """The program kept open and asked pod by pod, so that hypothesis can shrink a difference quickly."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in: IO[bytes] = process.stdin
        self._out: IO[bytes] = process.stdout

    def answer(self, pod: Manifest) -> dict[str, Any]:
        """Whatever it says, an error too."""
        self._in.write(json.dumps(pod).encode() + b"\n")
        self._in.flush()
        said: dict[str, Any] = json.loads(self._out.readline())
        return said

    def ask(self, pod: Manifest) -> Answer:
        answer = self.answer(pod)
        assert "error" not in answer, answer
        return answer


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Oracle(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def ours(pod: Manifest) -> Answer:
    effective = decoder(PODS)(json.dumps(pod).encode()).effective
    return {"requests": _by_name(effective.requests), "limits": _by_name(effective.limits)}


def _by_name(amounts: Amounts) -> dict[str, int]:
    assert amounts.unknown == ()
    named = {
        "cpu": amounts.cpu_m,
        "memory": amounts.memory_b,
        "ephemeral-storage": amounts.ephemeral_storage_b,
        "pods": amounts.pods,
        **amounts.by_name,
    }
    return {name: amount for name, amount in named.items() if amount is not None}


@pytest.mark.parametrize("seed", range(4))
def test_pods_of_every_shape_have_the_amounts_that_kubernetes_computes(oracle: Oracle, seed: int) -> None:
    for pod in shapes.pods(seed, 1000):
        assert ours(pod) == oracle.ask(pod), pod


names = st.sampled_from(("cpu", "memory", "ephemeral-storage", "hugepages-2Mi", "nvidia.com/gpu", "pods"))
amounts = st.one_of(
    st.integers(0, 4000).map("{}m".format),
    st.integers(0, 64).map(str),
    st.builds("{}{}".format, st.integers(0, 900), st.sampled_from(("Ki", "Mi", "Gi", "k", "M", "G", "u", "n"))),
    st.builds("{}.{}{}".format, st.integers(0, 9), st.integers(0, 99999), st.sampled_from(("", "m", "Mi", "Gi", "e2"))),
)
resource_list = st.dictionaries(names, amounts, max_size=4)
resources = st.fixed_dictionaries({}, optional={"requests": resource_list, "limits": resource_list})
status = st.fixed_dictionaries({}, optional={"allocatedResources": resource_list, "resources": resources})


@st.composite
def pods(draw: st.DrawFn) -> Manifest:
    """Pods that a server may never have seen; all that the rule reads is drawn."""

    def containers(word: str, fewest: int) -> list[Manifest]:
        count = draw(st.integers(fewest, 3))
        return [{"name": f"{word}-{index}", "resources": draw(resources)} for index in range(count)]

    def statuses(many: list[Manifest]) -> list[Manifest]:
        return [{"name": one["name"], **draw(status)} for one in many if draw(st.booleans())]

    apps, init = containers("app", 1), containers("init", 0)
    for one in init:
        policy = draw(st.sampled_from((None, "Always", "Never")))
        if policy:
            one["restartPolicy"] = policy
    pod: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "drawn"}}
    pod["spec"] = {"containers": apps, "initContainers": init, "ephemeralContainers": containers("debug", 0)}
    if draw(st.booleans()):
        pod["spec"]["resources"] = draw(resources)
    if draw(st.booleans()):
        pod["spec"]["overhead"] = draw(resource_list)
    reason = draw(st.sampled_from(("Infeasible", "Deferred", None)))
    conditions = [{"type": "PodResizePending", "status": "True", "reason": reason}] if reason else []
    pod["status"] = {
        "containerStatuses": statuses(apps),
        "initContainerStatuses": statuses(init),
        "conditions": conditions,
    }
    return pod


@settings(max_examples=500, deadline=None)
@given(pods())
def test_any_drawn_pod_has_the_amounts_that_kubernetes_computes(oracle: Oracle, pod: Manifest) -> None:
    assert ours(pod) == oracle.ask(pod)


# Where no digit stands before the suffix, Go's parser is laxer than its grammar ("Mi" and "-" are 0), and ours is not.
# Negative ones, which a server refuses for resources, it rounds now up and now down, by how they are stored.
quantity_texts = st.from_regex(
    r"[+]?([0-9]{1,4}|[0-9]{0,2}\.[0-9]{1,11}|[0-9]{1,3}\.)[eEinumkKMGTP]{0,2}[+-]?([0-4]?[0-9])?", fullmatch=True
)


@settings(max_examples=500, deadline=None)
@given(quantity_texts)
def test_any_text_like_a_quantity_is_read_or_refused_as_go_does(oracle: Oracle, text: str) -> None:
    container = {"name": "app", "resources": {"requests": {"cpu": text, "memory": text}}}
    pod = {"metadata": {"name": "drawn"}, "spec": {"containers": [container]}}
    try:
        nanos = parse(text)
    except InvalidQuantity:
        assert "error" in oracle.answer(pod)
        return
    # Beyond an int64 the library's own accessors overflow.
    assume(abs(nanos) < 2**62 * 10**6)
    assert oracle.ask(pod)["requests"] == {"cpu": cpu_m(text), "memory": value(text)}
