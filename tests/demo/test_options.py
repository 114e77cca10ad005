from __future__ import annotations

import pytest

from kite_tui.demo.options import BadOptions, DemoOptions, check


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (DemoOptions(nodes=0), "--nodes must be between 1 and"),
        (DemoOptions(nodes=-1), "not -1"),
        (DemoOptions(pods=0), "--pods must be between 1 and"),
        (DemoOptions(pods=10**9), "--pods must be between 1 and"),
        (DemoOptions(nodes=3, pods=5000), "needs at least 84 nodes"),
        (DemoOptions(rate=-0.5), "--rate must be between 0"),
        (DemoOptions(rate=float("nan")), "--rate must be between 0"),
        (DemoOptions(rate=float("inf")), "--rate must be between 0"),
        (DemoOptions(seed=-1), "--seed must not be negative"),
        (DemoOptions(now_s=-1), "--now must be"),
        (DemoOptions(now_s=float("nan")), "--now must be"),
    ],
)
def test_a_size_out_of_reach_is_refused_in_one_sentence(options: DemoOptions, words: str) -> None:
    with pytest.raises(BadOptions, match=words) as refusal:
        check(options)
    assert "\n" not in str(refusal.value)


def test_the_defaults_and_the_largest_cluster_are_accepted() -> None:
    check(DemoOptions())
    check(DemoOptions(nodes=5000, pods=150_000))
