"""What is done with a whole cluster in the cache. The argument is a kubeconfig; all is done in one process, because to
read so many pods takes long."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from benchmarks.cases import Numbers, beside_a_loop, timed
from benchmarks.cases.cached import Cached
from benchmarks.usage import rss_b
from kite_tui.cache.cluster import ClusterCache
from kite_tui.objects.kinds import PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.sums import PodSums
from kite_tui.queries.filters import parse_filter
from kite_tui.queries.ordering import Arrangement, LiveOrder
from kite_tui.queries.sorting import pod_value
from kite_tui.screens.pod_cells import VOCABULARY

TIMES = 5
ARRANGED = {"sorted by name": ("name", ""), "sorted by age": ("age", ""), "filtered": ("namespace", "web")}
"""What is asked → (the column sorted by, the filter)."""


def kite_tui(kubeconfig: str) -> Numbers:
    """Sums, a full collection, sorting and filtering."""
    gc.collect()
    before_s, _ = timed(gc.collect)
    cached = Cached(kubeconfig)
    cached.sync()
    cache = cached.cache
    pods: tuple[Pod, ...] = cache.list(PODS).objects
    numbers = {"pods": float(len(pods)), "rss": rss_b()}
    numbers["sums"] = _median(cache.sums_by_node)
    recounted, sums = timed(lambda: PodSums(pods))
    numbers["recounted"] = recounted
    numbers["changed"] = _median(lambda: _change(sums, pods[0]))
    with_s = _median(gc.collect)
    numbers["collect"] = max(0.0, with_s - before_s)
    for what, figures in _arranged(cache):
        numbers |= {f"{what}: {name}": value for name, value in figures.items()}
    cached.end()
    return numbers


def _median(work: Callable[[], Any]) -> float:
    return median(timed(work)[0] for _ in range(TIMES))


def _change(sums: PodSums, pod: Pod) -> object:
    sums.remove(pod)
    sums.add(pod)
    return sums.by_node()


def _arranged(cache: ClusterCache) -> Iterator[tuple[str, Numbers]]:
    """From the order by namespace, which is there when a list opens, to another one, as it mostly is."""
    order: LiveOrder[Pod] = LiveOrder(PODS)
    first = _arrangement(cache, "namespace", "")
    for what, (column, text) in ARRANGED.items():
        runs = []
        for _ in range(TIMES):
            order.refresh(cache, first)
            numbers, ordered = beside_a_loop(partial(order.refresh, cache, _arrangement(cache, column, text)))
            runs.append(numbers | {"rows": len(ordered)})
            del ordered
        yield what, {figure: median(numbers[figure] for numbers in runs) for figure in runs[0]}


def _arrangement(cache: ClusterCache, column: str, text: str) -> Arrangement[Pod]:
    keeps = parse_filter(text, VOCABULARY).keeps
    return Arrangement((column, text), pod_value(cache, column), keeps)
