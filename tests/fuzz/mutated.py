"""Objects of the simulated cluster with a few of their values exchanged for what no API server would send."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from kite_tui.demo.generate import generate
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.paths import Target
from kite_tui.objects.kinds import (
    CLAIMS,
    EVENTS,
    METRICS,
    NAMESPACES,
    NODES,
    PODS,
    SERVICES,
    WORKLOADS,
    Kind,
)
from tests.hostile import STRINGS

Json = dict[str, Any]
Path = tuple[str | int, ...]

NOW_S = 1_790_000_000.0
KINDS: tuple[Kind[Any], ...] = (PODS, NODES, NAMESPACES, SERVICES, EVENTS, CLAIMS, *WORKLOADS, *METRICS)

TIMES: tuple[str, ...] = (
    "0001-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "1-1-1",
    "2026-02-30T25:61:61Z",
)
TIMES += ("0002-01-01T00:00:00+23:59", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z")
AMOUNTS = ("1e999999999", "1e-999999999", "9" * 10_000, "-1", "1E", "1e99", "9999999999999Ei", "0", "-0", ".5", "1m1")
NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**70), 10**400, 10**4300 - 1, 0.5, -0.0, 1e308, 5e-324)


_TIME = re.compile(r"\d{4}-\d\d-\d\dT")


def deep(levels: int) -> Any:
    """A value nested so deeply."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


ODD: tuple[Any, ...] = (*TIMES, *AMOUNTS, *STRINGS, *NUMBERS, None, True, False, "", [], {}, [None], [{}], {"": None})
ODD += ([[[]]], {"a": {"b": [1, "2"]}}, "x", [1, 2], deep(5), deep(200))


@cache
def manifests() -> dict[Kind[Any], list[Json]]:
    """Of every kind that kite-tui reads, as an API server would send them."""
    cluster = generate(DemoOptions(nodes=3, pods=45, seed=5, rate=0), lambda: NOW_S)
    found = {}
    for kind in KINDS:
        if kind in METRICS:
            body = Metrics(cluster).answer(Target(kind, "", ""), {}).body
            found[kind] = json.loads(body)["items"]
        else:
            found[kind] = [json.loads(item.body()) for item in cluster.world.snapshot(kind)[1].items]
        assert found[kind]
    return found


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where values stand, maps and lists among them."""
    if at:
        yield at
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(each, (*at, key))


def _like(value: Any) -> tuple[Any, ...]:
    """Odd values of the sort that stands there: a time, an amount, a number, a text."""
    if isinstance(value, str):
        return TIMES if _TIME.match(value) else AMOUNTS if value[:1].isdigit() else (*STRINGS, "")
    return NUMBERS if isinstance(value, int) else ODD


@st.composite
def mutated(draw: st.DrawFn, kind: Kind[Any]) -> Json:
    """An object of a kind with some of its values exchanged, up to nearly all of them; as a rule it keeps a name.

    Hypothesis draws which object, how many and the seed of all else: drawing every value by itself takes too long.
    """
    one = copy.deepcopy(draw(st.sampled_from(manifests()[kind])))
    share, random = draw(st.sampled_from((0.02, 0.2, 0.8))), Random(draw(st.integers(0, 2**32)))
    for *way, last in list(paths(one)):
        if random.random() > share or (last == "name" and random.random() < 0.9):
            continue
        parent: Any = one
        for step in way:
            parent = parent[step] if _has(parent, step) else None
        if _has(parent, last):
            parent[last] = copy.deepcopy(random.choice(_like(parent[last]) if random.random() < 0.7 else ODD))
    return one


def _has(parent: Any, step: str | int) -> bool:
    """False where what stood there was exchanged already."""
    if isinstance(parent, dict):
        return step in parent
    return isinstance(parent, list) and isinstance(step, int) and step < len(parent)
