"""How large the simulated cluster is, and what is too much to ask of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

PODS_PER_NODE = 110
"""A kubelet's default of --max-pods; every simulated node has it."""

MEAN_PODS_PER_NODE = 60
"""No more on average, because the control plane, GPU nodes and closed nodes take few, and rollouts need room."""

MAX_NODES = 10_000
MAX_PODS = 300_000
MAX_RATE = 1_000.0


class BadOptions(ValueError):
    """The cluster asked for can't be made; `str(error)` is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Size and life of the simulated cluster.

    The same seed and `now_s` give the same cluster, byte by byte. `rate` is in changes of objects per second, 0 is a
    frozen cluster. `now_s` is the moment at which it starts, in seconds since the epoch; None is the present.
    """

    nodes: int = 12
    pods: int = 500
    seed: int = 1
    rate: float = 5.0
    now_s: float | None = None


def check(options: DemoOptions) -> DemoOptions:
    """Give the options back, or raise BadOptions for the first one that can't be met."""
    _within("--pods", options.pods, MAX_PODS)
    _within("--nodes", options.nodes, MAX_NODES)
    needed = math.ceil(options.pods / MEAN_PODS_PER_NODE)
    if options.nodes < needed:
        raise BadOptions(
            f"--pods {options.pods} needs at least {needed} nodes ({MEAN_PODS_PER_NODE} pods a node), "
            f"not {options.nodes}"
        )
    if not 0 <= options.rate <= MAX_RATE:
        raise BadOptions(f"--rate must be between 0 (frozen) and {MAX_RATE:g} changes per second, not {options.rate:g}")
    if options.seed < 0:
        raise BadOptions(f"--seed must not be negative: {options.seed}")
    if options.now_s is not None and not 0 <= options.now_s < 4e9:
        raise BadOptions(f"--now must be seconds since the epoch, not {options.now_s:g}")
    return options


def _within(flag: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise BadOptions(f"{flag} must be between 1 and {most}, not {value}")
