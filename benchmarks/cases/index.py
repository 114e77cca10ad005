"""Rows that are decoded already, into a store with and without indexes. The argument is a file of one PodList."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cases import Numbers, sized, timed
from kite_tui.cache.store import Store
from kite_tui.objects.decode import decoder
from kite_tui.objects.envelope import split_list
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import PODS
from kite_tui.objects.states import Live


def _index(file: str, indexes: bool) -> Callable[[], object]:
    decode = decoder(PODS)
    rows = [decode(raw) for raw in split_list(Path(file).read_bytes())[1]]

    def work() -> object:
        store: Store[Any] = Store(index_functions(PODS) if indexes else {})
        store.open_part("", Live())
        store.apply(rows)
        return store

    return work


def with_indexes(file: str) -> Numbers:
    """The time of storing."""
    return {"seconds": timed(_index(file, True))[0]}


def without(file: str) -> Numbers:
    """The time of storing."""
    return {"seconds": timed(_index(file, False))[0]}


def with_indexes_size(file: str) -> Numbers:
    """What the store holds beside the rows."""
    return {"bytes": sized(_index(file, True))}


def without_size(file: str) -> Numbers:
    """What the store holds beside the rows."""
    return {"bytes": sized(_index(file, False))}
