"""A list's bytes to what is kept of them. The argument of every case is a file of one PodList."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cases import Numbers, sized, timed
from benchmarks.usage import rss_b

PAGE = 500


def _ours(file: str) -> tuple[bytes, Callable[[Any], Any], Callable[[], Any]]:
    """A list's bytes, what decodes a pod, and what makes a store for them; all is loaded, the interpreter set."""
    from kite_tui.cache.store import Store
    from kite_tui.objects.decode import decoder
    from kite_tui.objects.indexes import index_functions
    from kite_tui.objects.kinds import PODS
    from kite_tui.objects.states import Live
    from kite_tui.objects.sums import PodSums
    from kite_tui.session.interpreter import settle

    def store() -> Store[Any]:
        made: Store[Any] = Store(index_functions(PODS), aggregate=PodSums())
        made.open_part("", Live())
        return made

    settle()  # as the program does before it reads
    return Path(file).read_bytes(), decoder(PODS), store


def _kite_tui(file: str) -> Callable[[], object]:
    from kite_tui.objects.envelope import split_list

    body, decode, new_store = _ours(file)

    def work() -> object:
        store = new_store()
        _, items = split_list(body)
        for first in range(0, len(items), PAGE):
            store.apply([decode(raw) for raw in items[first : first + PAGE]])
        return store

    return work


def _kubernetes(file: str) -> Callable[[], object]:
    from kubernetes import client
    from kubernetes.client.models import V1PodList

    V1PodList.from_dict  # noqa: B018 - loaded before the clock starts
    body, api = Path(file).read_text(), client.ApiClient()
    return lambda: api.deserialize(body, "V1PodList", "application/json")


def kite_tui(file: str) -> Numbers:
    """To rows in a store with its indexes and sums."""
    return _decoded(_kite_tui(file))


def kubernetes(file: str) -> Numbers:
    """To the generated models."""
    return _decoded(_kubernetes(file))


def _decoded(work: Callable[[], object]) -> Numbers:
    before_b = rss_b()
    seconds, held = timed(work)
    gc.collect()
    grown_b = rss_b() - before_b
    del held
    return {"seconds": seconds, "rss": grown_b}


def kite_tui_size(file: str) -> Numbers:
    """What those rows hold, the store's indexes and sums included."""
    return {"bytes": sized(_kite_tui(file))}


def kite_tui_steps(file: str) -> Numbers:
    """The same step by step."""
    from kite_tui.objects import wire
    from kite_tui.objects.envelope import split_list
    from kite_tui.objects.lenient import wire_reader

    body, decode, new_store = _ours(file)
    read, store = wire_reader(wire.Pod), new_store()
    cut_s, (_, items) = timed(lambda: split_list(body))
    read_s, _ = timed(lambda: [None for raw in items if read(raw)])
    made_s, rows = timed(lambda: [decode(raw) for raw in items])
    stored_s, _ = timed(lambda: store.apply(rows))
    return {"cut": cut_s, "read": read_s, "made": made_s - read_s, "stored": stored_s}


def kubernetes_size(file: str) -> Numbers:
    """What those models hold."""
    return {"bytes": sized(_kubernetes(file))}


def kubernetes_collect(file: str) -> Numbers:
    """A full collection, of each pod: what it takes longer while those models are held."""
    before_s, _ = timed(gc.collect)
    held = _kubernetes(file)()
    gc.collect()
    with_s, _ = timed(gc.collect)
    pods = len(json.loads(Path(file).read_bytes())["items"])
    del held
    return {"seconds": (with_s - before_s) / pods}
