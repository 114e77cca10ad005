"""Quantities as clusters have them: a few hundred different ones, again and again, in every notation. The argument
is how many."""

from __future__ import annotations

import importlib
from random import Random

from benchmarks.cases import Numbers, timed


def _texts(count: str) -> list[str]:
    random = Random(1)
    suffixes = ("", "m", "Mi", "Gi", "Ki", "k", "M", "n", "u")
    some = [f"{random.randint(1, 4000)}{random.choice(suffixes)}" for _ in range(300)]
    return [random.choice(some) for _ in range(int(count))]


def kite_tui(count: str) -> Numbers:
    """Nanos as integers."""
    from kite_tui.objects.quantity import parse

    texts = _texts(count)
    return {"seconds": timed(lambda: [parse(text) for text in texts])[0]}


def kubernetes(count: str) -> Numbers:
    """Decimals."""
    parse_quantity = importlib.import_module("kubernetes.utils.quantity").parse_quantity
    texts = _texts(count)
    return {"seconds": timed(lambda: [parse_quantity(text) for text in texts])[0]}
