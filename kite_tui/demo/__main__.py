"""The simulated cluster in a process of its own: the child of a `DemoCluster`, or by hand.

python -m kite_tui.demo --nodes 12 --pods 500 --kubeconfig /tmp/demo.yaml
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kite_tui.demo.generate import generate
from kite_tui.demo.live import Life
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import BadOptions, DemoOptions
from kite_tui.demo.process import TOKEN, write_kubeconfig
from kite_tui.demo.server import DemoServer


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM, or with --child until standard input ends. Exit code 2 for sizes out of reach."""
    parser = argparse.ArgumentParser(prog="python -m kite_tui.demo", description="A simulated cluster on loopback.")
    defaults = DemoOptions()
    parser.add_argument("--nodes", type=int, default=defaults.nodes)
    parser.add_argument("--pods", type=int, default=defaults.pods)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--rate", type=float, default=defaults.rate, help="changes per second, 0 is a frozen cluster")
    parser.add_argument("--now", type=float, help="seconds since the epoch at which the cluster starts")
    parser.add_argument("--kubeconfig", type=Path, help="write a kubeconfig for the cluster here")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.child:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), name="demo-parent", daemon=True).start()
    options = DemoOptions(chosen.nodes, chosen.pods, chosen.seed, chosen.rate, chosen.now)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    began_s = time.monotonic()
    try:
        cluster = generate(options, _clock(options.now_s))
    except BadOptions as error:
        print(error, file=sys.stderr)
        return 2
    gc.freeze()  # what is there now stays; later collections need not look at it
    with DemoServer(cluster.world, metrics=Metrics(cluster)) as server:
        server.access.open_to_all()
        if chosen.kubeconfig:
            write_kubeconfig(chosen.kubeconfig, server.url)
        if chosen.child:
            print(json.dumps({"url": server.url, "token": TOKEN}), flush=True)
        else:
            took_s = time.monotonic() - began_s
            print(f"{options.pods} pods on {options.nodes} nodes, ready in {took_s:.1f} s: {server.url}", flush=True)
        if options.rate:
            Life(cluster).run(options.rate, done)
        else:
            done.wait()
    return 0


def _clock(now_s: float | None) -> Callable[[], float]:
    """The present, or a clock that goes on from a given moment."""
    if now_s is None:
        return time.time
    began_s = time.monotonic()
    return lambda: now_s + time.monotonic() - began_s


def _end_with_parent(parent: int) -> None:
    """End this process when the parent closes our standard input, which any kind of death does.

    Where a third process holds the pipe open the change of parent tells. (PR_SET_PDEATHSIG would act on the end of the
    parent's *thread* that started us.)
    """
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], 1.0)
        if readable and not os.read(0, 1024):
            break
    os._exit(0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
