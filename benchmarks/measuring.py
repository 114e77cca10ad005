"""What it costs to count what following a cluster costs: the counters' calls in a sync, times what one call takes.

    python -m benchmarks.measuring [--pods 10000] [--runs 5]

The difference of two syncs, with counters and without, would drown in the noise of either.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import _GeneratorContextManager
from dataclasses import dataclass
from statistics import median

from benchmarks import servers
from kite_tui.cache.cluster import ClusterCache
from kite_tui.cache.stats import Stats
from kite_tui.kube.config import Flags, load
from kite_tui.kube.traffic import Counted, TrafficCounter
from kite_tui.kube.transport import connect
from kite_tui.screens.loop_watch import EVERY_S, LoopWatch, Timer
from kite_tui.session.meter import Meter

LIMIT_S = 120.0
CALLS, TRIES = 20_000, 5
BEATS = 500
MOST = 0.01


class Counting(TrafficCounter):
    """The counter of all requests, with its own calls counted."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def request(self, verb: str) -> _GeneratorContextManager[Counted]:
        """See `TrafficCounter.request`."""
        self.calls["a request"] += 1
        return super().request(verb)

    def received(self, n: int) -> None:
        """See `TrafficCounter.received`."""
        self.calls["a read from a socket"] += 1
        super().received(n)

    def throttled(self, seconds: float) -> None:
        """See `TrafficCounter.throttled`."""
        self.calls["a wait for the rate limit"] += 1
        super().throttled(seconds)


@dataclass(slots=True)
class Sync:
    """One sync: processor time, how often each counter was called, and what a look of the meter took."""

    cpu_s: float
    calls: Counter[str]
    beat_s: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one counter: `calls` in a sync, `each_s` for one."""

    what: str
    calls: int
    each_s: float

    @property
    def all_s(self) -> float:
        """All calls together."""
        return self.calls * self.each_s


@dataclass(slots=True)
class Measured:
    """What all runs came to."""

    pods: int
    cpu_s: float
    costs: Sequence[Cost]
    beat_s: float
    wake_s: float

    @property
    def share(self) -> float:
        """Of the sync's processor time, what the counters took."""
        return sum(cost.all_s for cost in self.costs) / self.cpu_s


def measure(pods: int, runs: int) -> Measured:
    """Syncs of the simulated cluster, in a process of its own; medians. Raises DemoFailed, TimeoutError."""
    with servers.simulated(pods, pods // 50) as server:
        syncs = [sync(server) for _ in range(runs)]
    beat_s = median(each.beat_s for each in syncs)
    found = [Cost(what, round(median(each.calls[what] for each in syncs)), took_s) for what, took_s in _each().items()]
    found.append(
        Cost("a look of the meter", round(median(each.calls["a look of the meter"] for each in syncs)), beat_s)
    )
    return Measured(pods, median(each.cpu_s for each in syncs), found, beat_s, _wake_s())


def sync(server: servers.Server) -> Sync:
    """Follow a cluster until all is there, with the meter looking once a second, as in the app."""
    config = load(Flags(kubeconfig=str(server.kubeconfig)), os.environ)
    api, counting = connect(config), Counting()
    api._traffic = counting
    calls = counting.calls
    cache = ClusterCache(api, context=config.context, server=config.server)
    meter = Meter(cache, api.traffic)
    began_s, deadline_s = time.process_time(), time.monotonic() + LIMIT_S
    try:
        cache.start()
        while not cache.wait_settled(1.0):
            meter.sample()
            calls["a look of the meter"] += 1
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"not synced in {LIMIT_S:g} s")
        cpu_s = time.process_time() - began_s
        calls["a page, or an event of a watch"] = calls["a request"] + cache.counts().events
        return Sync(cpu_s, calls, each_s(meter.sample, BEATS))
    finally:
        cache.stop()
        api.close()


def each_s(call: Callable[[], object], calls: int = CALLS) -> float:
    """Processor time of one call, the least of several tries."""
    found = []
    for _ in range(TRIES):
        began_s = time.process_time()
        for _ in range(calls):
            call()
        found.append((time.process_time() - began_s) / calls)
    return min(found)


def _each() -> dict[str, float]:
    counter, stats = TrafficCounter(), Stats()

    def request() -> None:
        with counter.request("list") as counted:
            counted.answered(200)

    def count() -> None:
        stats.bytes += 1000
        stats.events += 1

    return {
        "a request": each_s(request),
        "a read from a socket": each_s(lambda: counter.received(1000)),
        "a wait for the rate limit": each_s(lambda: counter.throttled(0.0)),
        "a page, or an event of a watch": each_s(count),
    }


class _Ticking:
    """A loop that keeps the call it is given; `tick` makes it, a tenth of a second later."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._due: Callable[[], None] = lambda: None

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer:
        self._due = callback
        return self

    def cancel(self) -> None:
        self._due = lambda: None

    def tick(self) -> None:
        self.now_s += EVERY_S
        self._due()


def _wake_s() -> float:
    loop = _Ticking()
    LoopWatch(lambda: loop).begin("who measures")
    return each_s(loop.tick, BEATS)


def table(measured: Measured) -> str:
    """As Markdown."""
    lines = ["| | in a sync | one takes | together | of the sync |", "| --- | ---: | ---: | ---: | ---: |"]
    for cost in measured.costs:
        share = cost.all_s / measured.cpu_s
        lines.append(
            f"| {cost.what} | {cost.calls:,} | {cost.each_s * 1e6:.2f} µs | {cost.all_s * 1e3:.2f} ms | {share:.3%} |"
        )
    lines += [
        f"| all | | | {sum(cost.all_s for cost in measured.costs) * 1e3:.2f} ms | **{measured.share:.2%}** |",
        "",
        f"The sync, of {measured.pods:,} pods, took {measured.cpu_s:.2f} s of processor time. Afterwards the meter",
        f"looks once a second ({measured.beat_s:.3%} of a core), and while the Cache screen is open the event loop is",
        f"watched: ten times a second {measured.wake_s * 1e6:.0f} µs ({10 * measured.wake_s:.3%}).",
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure and print; exit code 1 where it is not under one in a hundred."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measuring", description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    measured = measure(options.pods, options.runs)
    print(table(measured))
    return 0 if measured.share < MOST else 1


if __name__ == "__main__":
    sys.exit(main())
