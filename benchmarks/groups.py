"""What is measured, group by group: sizes, how often, and the goals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks import growth, holding, micro, orders, plain, program, related, servers, tables
from benchmarks.cases import measure
from benchmarks.changes import changes
from benchmarks.program import FEW, MANY, Goals
from benchmarks.report import Figure, Section
from benchmarks.servers import Server

SYNCED = 10_000
DOWNLOAD = "urllib3, pages of 500, nothing decoded"


@dataclass(frozen=True, slots=True)
class Size:
    """A cluster, and what the app may take on it."""

    pods: int
    nodes: int
    goals: Goals
    runs: int
    windows: int


SMALL = Size(5_000, 100, Goals(1.2, None, 110e6), 5, 2)
MEDIUM = Size(50_000, 1_000, Goals(1.5, 8, 250e6, 0.040), 3, 1)  # fewer nodes than 834 the simulated cluster refuses
LARGE = Size(150_000, 5_000, Goals(2, 25, 550e6, 0.060), 2, 1)
QUICK_LARGE = Size(20_000, 700, LARGE.goals, 1, 1)
WINDOW_S, QUICK_WINDOW_S = 15.0, 3.0


def micro_figures(quick: bool) -> Iterator[Section]:
    """Parts of the program beside the official client and Textual."""
    runs = 1 if quick else 3
    pods = 2_000 if quick else SYNCED
    few = 500 if quick else 2_000
    with servers.simulated(pods, pods // 50) as server, micro.pods_files(server, pods, few) as (all_file, few_file):
        yield micro.decoding(all_file, pods, few_file, few, runs)
        yield micro.decoding_by_step(all_file, pods, runs)
        yield micro.syncing(server, 1 if quick else 3)
        yield micro.watching(few_file, runs, 5_000 if quick else 20_000, 200 if quick else 2_000)
        yield micro.first_frame(server, 3 if quick else 9)
    yield micro.quantities(100_000, 2 if quick else 5)
    yield tables.tables(runs, theirs_large=not quick)
    size = QUICK_LARGE if quick else LARGE
    with servers.simulated(size.pods, size.nodes) as server, micro.pods_files(server, few) as (file,):
        yield from holding.holding(server, file, 1 if quick else 2)


def related_figures(quick: bool) -> Iterator[Section]:
    """Related: warm, its indexes, and cold on a real API server."""
    yield related.warm(5 if quick else 15)
    pods = 2_000 if quick else SYNCED
    with servers.simulated(pods, pods // 50) as server:
        yield related.indexes(server, pods, 1 if quick else 3)
    try:
        with servers.real(1_000 if quick else SMALL.pods, SMALL.nodes) as server:
            yield related.cold(server, 1 if quick else 3)
    except servers.NoServer as error:
        yield Section("Related, cold, on a real kube-apiserver", left_out=str(error))


def real_figures(quick: bool) -> Iterator[Section]:
    """The app on a real API server, beside a download of the same lists."""
    window = (1, QUICK_WINDOW_S) if quick else (SMALL.windows, WINDOW_S)
    try:
        with servers.real(1_000 if quick else SMALL.pods, SMALL.nodes) as server:
            started = program.starting(server, 1 if quick else 3)
            _beside_a_download(started, server, 1 if quick else 3)
            yield started
            yield program.resting(server, *window)
            yield plain.plain(server, 1 if quick else 3)
            with changes(server, FEW):
                yield program.busy(server, FEW, *window)
    except servers.NoServer as error:
        yield Section("The app on a real kube-apiserver", left_out=str(error))


def _beside_a_download(started: Section, server: Server, runs: int) -> None:
    taken = [_download(server) for _ in range(runs)]
    for figure in [figure for figure in started.figures if "everything live" in figure.what]:
        figure.against, figure.goal_ratio = DOWNLOAD, 1 / 1.5
        started.figures.append(Figure(figure.what, DOWNLOAD, "s", taken, note="with the start of its process"))


def _download(server: Server) -> float:
    began_s = time.perf_counter()
    measure("sync.download", server.kubeconfig)
    return time.perf_counter() - began_s


def simulated(size: Size, quick: bool) -> Iterator[Section]:
    """The app on a simulated cluster: at rest, then at two rates of change."""
    runs = 1 if quick else size.runs
    window = (1, QUICK_WINDOW_S) if quick else (size.windows, WINDOW_S)
    with servers.simulated(size.pods, size.nodes) as server:
        yield program.starting(server, runs, size.goals)
        yield program.resting(server, *window, size.goals)
        yield orders.orders(server, 1 if quick else 2)
        if size is SMALL and not quick:
            yield plain.plain(server, runs)
    for rate in (FEW, MANY):
        with servers.simulated(size.pods, size.nodes, rate) as server:
            yield program.busy(server, rate, *window)


def simulated_figures(quick: bool) -> Iterator[Section]:
    """5 000 pods."""
    return simulated(SMALL, quick)


def medium_figures(quick: bool) -> Iterator[Section]:
    """Ten times as many."""
    if quick:
        yield Section(f"The app on {MEDIUM.pods:,} pods", left_out="--quick")
    else:
        yield from simulated(MEDIUM, quick)


def large_figures(quick: bool) -> Iterator[Section]:
    """As large as a cluster may be."""
    if quick:
        yield Section(f"The app on {LARGE.pods:,} pods", left_out="--quick")
    else:
        yield from simulated(LARGE, quick)


def growth_figures(quick: bool) -> Iterator[Section]:
    """The same figures at five sizes."""
    if quick:
        return growth.growth(1, QUICK_WINDOW_S, growth.SIZES[:3])
    return growth.growth(2, WINDOW_S)


GROUPS: Mapping[str, Callable[[bool], Iterator[Section]]] = {
    "micro": micro_figures,
    "related": related_figures,
    "real": real_figures,
    "simulated": simulated_figures,
    "medium": medium_figures,
    "large": large_figures,
    "growth": growth_figures,
}
