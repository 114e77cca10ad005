"""The oracle itself: what it says of the pods that the rule was written down with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import oracle, shapes

pytestmark = pytest.mark.oracle


def _c(request: str = "", limit: str = "", *, sidecar: bool = False) -> dict[str, Any]:
    sizes = {part: {"cpu": text} for part, text in (("requests", request), ("limits", limit)) if text}
    return {"name": f"c{request}{limit}", "resources": sizes} | ({"restartPolicy": "Always"} if sidecar else {})


def _ask(**spec: Any) -> oracle.Effective:
    return oracle.effective([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}])[0]


def test_a_sidecar_counts_beside_the_init_containers_after_it_only() -> None:
    assert _ask(initContainers=[_c("100m", sidecar=True), _c("200m")], containers=[_c("100m")]).requests == {"cpu": 300}
    assert _ask(initContainers=[_c("200m"), _c("100m", sidecar=True)], containers=[_c("100m")]).requests == {"cpu": 200}


def test_overhead_is_added_to_the_largest_moment() -> None:
    init = [_c("1000m"), _c("250m", sidecar=True)]
    assert _ask(initContainers=init, containers=[_c("500m")], overhead={"cpu": "100m"}).requests == {"cpu": 1100}


def test_overhead_is_added_to_a_limit_only_where_there_is_one() -> None:
    assert _ask(containers=[_c(limit="1"), _c()], overhead={"cpu": "100m"}).limits == {"cpu": 1100}
    assert _ask(containers=[_c()], overhead={"cpu": "100m"}).limits == {}


def test_pod_level_requests_replace_the_containers() -> None:
    level = {"requests": {"cpu": "2"}}
    both = [_c("1.5"), _c("2")]
    assert _ask(containers=both, resources=level, overhead={"cpu": "100m"}).requests == {"cpu": 2100}


def test_a_sum_is_rounded_up_once_and_zeros_stay() -> None:
    both = [_c("12n"), {"name": "b", "resources": {"requests": {"cpu": "12n", "memory": "1.1Ki", "x.test/y": "0"}}}]
    both.append({"name": "c", "resources": {"requests": {"memory": "1.1Ki"}}})
    assert _ask(containers=both).requests == {"cpu": 1, "memory": 2253, "x.test/y": 0}


def test_a_line_that_is_no_pod_is_an_error_and_the_next_one_is_answered() -> None:
    first, second = oracle.effective([{"spec": {"containers": [_c("abc")]}}, {"spec": {"containers": [_c("1")]}}])
    assert "quantities must match" in first.error
    assert second == oracle.Effective({"cpu": 1000}, {})


def test_every_generated_pod_is_understood() -> None:
    answers = oracle.effective(shapes.pods(1, 500))
    assert len(answers) == 500
    assert not [answer.error for answer in answers if answer.error]
