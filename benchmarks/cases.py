"""What is timed alone, each case in a process of its own: `python -m benchmarks.cases CASE ARGUMENT` prints its numbers
as JSON. What a case imports is imported before its clock starts.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.usage import rss_b

Numbers = dict[str, float]

LIMIT_S = 300.0
PAGE = 500
CONTEXT = "bench"


def measure(case: str, argument: str) -> Numbers:
    """Run a case in a new process. Raises RuntimeError with what it said where it fails."""
    command = [sys.executable, "-m", "benchmarks.cases", case, argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{case} failed: {done.stderr.strip()[-2000:]}")
    numbers: Numbers = json.loads(done.stdout)
    return numbers


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the work, and its result; the collector runs as it does in a program."""
    gc.collect()
    began_s = time.perf_counter()
    result = work()
    return time.perf_counter() - began_s, result


def _sized(work: Callable[[], Any]) -> tuple[int, Any]:
    """Bytes that the work's result holds, with what it shares."""
    tracemalloc.start()
    result = work()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, result


# Decoding: the argument is a file of one PodList.


def _decode_kite_tui(file: str) -> Callable[[], object]:
    from kite_tui.cache.store import Store
    from kite_tui.objects.decode import decoder
    from kite_tui.objects.envelope import split_list
    from kite_tui.objects.indexes import index_functions
    from kite_tui.objects.kinds import PODS
    from kite_tui.objects.states import Live
    from kite_tui.objects.sums import PodSums

    body, decode = Path(file).read_bytes(), decoder(PODS)

    def work() -> object:
        store: Store[Any] = Store(index_functions(PODS), aggregate=PodSums())
        store.open_part("", Live())
        _, items = split_list(body)
        for first in range(0, len(items), PAGE):
            store.apply([decode(raw) for raw in items[first : first + PAGE]])
        return store

    return work


def _decode_kubernetes(file: str) -> Callable[[], object]:
    from kubernetes import client
    from kubernetes.client.models import V1PodList

    V1PodList.from_dict  # noqa: B018 - loaded before the clock starts
    body, api = Path(file).read_text(), client.ApiClient()
    return lambda: api.deserialize(body, "V1PodList", "application/json")


def decode_kite_tui(file: str) -> Numbers:
    """A list's bytes to rows in a store with its indexes and sums."""
    return {"seconds": _timed(_decode_kite_tui(file))[0]}


def decode_kubernetes(file: str) -> Numbers:
    """A list's bytes to the generated models."""
    return {"seconds": _timed(_decode_kubernetes(file))[0]}


def size_kite_tui(file: str) -> Numbers:
    """What those rows hold."""
    return {"bytes": _sized(_decode_kite_tui(file))[0]}


def size_kubernetes(file: str) -> Numbers:
    """What those models hold."""
    return {"bytes": _sized(_decode_kubernetes(file))[0]}


# Indexes: the argument is the same file. What is timed and sized is the storing of rows that are decoded already.


def _index(file: str, indexes: bool) -> Callable[[], object]:
    from kite_tui.cache.store import Store
    from kite_tui.objects.decode import decoder
    from kite_tui.objects.envelope import split_list
    from kite_tui.objects.indexes import index_functions
    from kite_tui.objects.kinds import PODS
    from kite_tui.objects.states import Live

    decode = decoder(PODS)
    rows = [decode(raw) for raw in split_list(Path(file).read_bytes())[1]]

    def work() -> object:
        store: Store[Any] = Store(index_functions(PODS) if indexes else {})
        store.open_part("", Live())
        store.apply(rows)
        return store

    return work


def index_all(file: str) -> Numbers:
    """Into a store with all its indexes."""
    return {"seconds": _timed(_index(file, True))[0]}


def index_none(file: str) -> Numbers:
    """Into a store without any."""
    return {"seconds": _timed(_index(file, False))[0]}


def indexed_all(file: str) -> Numbers:
    """What a store with all its indexes holds beside the rows."""
    return {"bytes": _sized(_index(file, True))[0]}


def indexed_none(file: str) -> Numbers:
    """What a store without any holds beside the rows."""
    return {"bytes": _sized(_index(file, False))[0]}


# Syncing: the argument is a kubeconfig.


def _core_v1(kubeconfig: str) -> Any:
    kubernetes: Any = importlib.import_module("kubernetes")  # it is typed in part only
    kubernetes.config.load_kube_config(kubeconfig)
    return kubernetes.client.CoreV1Api()


def sync_kite_tui(kubeconfig: str) -> Numbers:
    """The whole cache until pods are live: nodes, namespaces and services come beside them."""
    from kite_tui.cache.cluster import ClusterCache
    from kite_tui.kube.config import Flags, load
    from kite_tui.kube.transport import connect
    from kite_tui.objects.kinds import PODS
    from kite_tui.objects.states import Live

    api = connect(load(Flags(kubeconfig=kubeconfig), {}))
    cache = ClusterCache(api, context=CONTEXT, server="")
    live = threading.Event()
    cache.subscribe(lambda kind: live.set() if kind is PODS and cache.state(PODS) == Live() else None)

    def work() -> bool:
        cache.start()
        return live.wait(LIMIT_S)

    seconds, _ = _timed(work)
    numbers = {"seconds": seconds, "pods": len(cache.list(PODS).objects), "rss": rss_b()}
    cache.stop()
    api.close()
    return numbers


def list_kubernetes(kubeconfig: str) -> Numbers:
    """Page after page of 500 through CoreV1Api."""
    core = _core_v1(kubeconfig)

    def work() -> list[Any]:
        pods: list[Any] = []
        token = None
        while True:
            page = core.list_pod_for_all_namespaces(limit=PAGE, _continue=token)
            pods += page.items
            token = page.metadata._continue
            if not token:
                return pods

    seconds, pods = _timed(work)
    return {"seconds": seconds, "pods": len(pods), "rss": rss_b()}


def informer_kubernetes(kubeconfig: str) -> Numbers:
    """SharedInformer's cache until it holds as many pods as there are; no numbers before version 37."""
    try:
        informers: Any = importlib.import_module("kubernetes.informer")
    except ImportError:
        return {}
    core = _core_v1(kubeconfig)
    first = core.list_pod_for_all_namespaces(limit=1)
    expected = 1 + first.metadata.remaining_item_count
    informer = informers.SharedInformer(core.list_pod_for_all_namespaces)
    whole, added = threading.Event(), 0

    def on_added(_pod: object) -> None:
        nonlocal added
        added += 1
        if added == expected:
            whole.set()

    informer.add_event_handler("ADDED", on_added)

    def work() -> bool:
        informer.start()
        return whole.wait(LIMIT_S)

    seconds, _ = _timed(work)
    return {"seconds": seconds, "pods": added, "rss": rss_b()}


# Quantities: the argument is how many.


def _quantities(count: str) -> list[str]:
    """As clusters have them: a few hundred different ones, again and again, in every notation."""
    random = Random(1)
    suffixes = ("", "m", "Mi", "Gi", "Ki", "k", "M", "n", "u")
    some = [f"{random.randint(1, 4000)}{random.choice(suffixes)}" for _ in range(300)]
    return [random.choice(some) for _ in range(int(count))]


def quantities_kite_tui(count: str) -> Numbers:
    """Nanos as integers."""
    from kite_tui.objects.quantity import parse

    texts = _quantities(count)
    return {"seconds": _timed(lambda: [parse(text) for text in texts])[0]}


def quantities_kubernetes(count: str) -> Numbers:
    """Decimals."""
    parse_quantity = importlib.import_module("kubernetes.utils.quantity").parse_quantity
    texts = _quantities(count)
    return {"seconds": _timed(lambda: [parse_quantity(text) for text in texts])[0]}


CASES: dict[str, Callable[[str], Numbers]] = {
    case.__name__: case
    for case in (
        decode_kite_tui,
        decode_kubernetes,
        size_kite_tui,
        size_kubernetes,
        index_all,
        index_none,
        indexed_all,
        indexed_none,
        sync_kite_tui,
        list_kubernetes,
        informer_kubernetes,
        quantities_kite_tui,
        quantities_kubernetes,
    )
}


def main(arguments: Sequence[str]) -> None:
    """Run one case and print its numbers. The process ends at once: a client's threads may wait for ever."""
    case, argument = arguments
    print(json.dumps(CASES[case](argument)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
