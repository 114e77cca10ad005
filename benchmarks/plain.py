"""The plain command beside kubectl's."""

from __future__ import annotations

import shutil
import subprocess
import time

from benchmarks.app import command
from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server

KUBECTL = "kubectl"


def plain(server: Server, runs: int) -> Section:
    """All pods printed, and the process gone."""
    ours = Figure("all pods printed", OURS, "s", against=KUBECTL)
    theirs = Figure("all pods printed", KUBECTL, "s")
    for _ in range(runs):
        ours.values.append(_took(command(server, "pods")))
        if shutil.which(KUBECTL):
            theirs.values.append(_took([KUBECTL, "--kubeconfig", str(server.kubeconfig), "get", "pods", "-A"]))
    return Section(f"A plain command ({server.name})", [ours, theirs] if theirs.values else [ours])


def _took(command: list[str]) -> float:
    began_s = time.perf_counter()
    subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=120)
    return time.perf_counter() - began_s
