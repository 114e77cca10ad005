"""What can be done with a large cluster while all of it is held: sums, a full collection, another order, a filter."""

from __future__ import annotations

from pathlib import Path

from benchmarks.cases import measure
from benchmarks.cases.held import ARRANGED
from benchmarks.micro import MODELS
from benchmarks.report import OURS, Figure, Section, shown
from benchmarks.servers import Server

RECOUNT = "recounted from all pods"


def holding(server: Server, file: Path, runs: int) -> list[Section]:
    """All of it, in `runs` processes. `file` has a PodList for the official client's models."""
    read = Figure("sums by node read", OURS, "ms", goal=0.005, against=RECOUNT)
    recounted = Figure("sums by node read", RECOUNT, "ms")
    changed = Figure("a pod changed, and sums by node read", OURS, "ms", goal=0.005)
    collected = Figure("a full gc.collect() takes longer by", OURS, "ms", against=MODELS)
    models = Figure("a full gc.collect() takes longer by", MODELS, "ms", note="measured with fewer pods, scaled")
    results = {what: Figure(f"{what}: the result", OURS, "ms", goal=0.600) for what in ARRANGED}
    stalls = {what: Figure(f"{what}: longest wait of a loop beside it", OURS, "ms", goal=0.010) for what in ARRANGED}
    for _ in range(runs):
        numbers = measure("held.kite_tui", server.kubeconfig)
        if numbers["pods"] != server.pods:
            raise RuntimeError(f"{numbers['pods']:.0f} of {server.pods} pods were read")
        read.values.append(numbers["sums"])
        recounted.values.append(numbers["recounted"])
        changed.values.append(numbers["changed"])
        collected.values.append(numbers["collect"])
        models.values.append(measure("decode.kubernetes_collect", file)["seconds"] * server.pods)
        for what in ARRANGED:
            results[what].values.append(numbers[f"{what}: seconds"])
            stalls[what].values.append(numbers[f"{what}: stall"])
            rows, took_s = numbers[f"{what}: rows"], numbers[f"{what}: cpu"]
            results[what].note = f"{rows:,.0f} rows; {shown(took_s, 'ms')} of processor time"
    held = f"{server.pods:,} pods held ({server.nodes:,} nodes)"
    arranged = [figure for what in ARRANGED for figure in (results[what], stalls[what])]
    return [
        Section(held, [read, recounted, changed, collected, models]),
        Section(f"{held}: another order, made on a thread", arranged),
    ]
