"""All pods of a server, from the first request to the last pod, beside an event loop. The argument is a kubeconfig."""

from __future__ import annotations

import json
import re
import threading
import time
from pathlib import Path

from benchmarks.cases import LIMIT_S, Numbers, beside_a_loop
from benchmarks.usage import rss_b

PAGE = 500

_CONTINUE = re.compile(rb'"continue":"([^"]+)"')


def kite_tui(kubeconfig: str) -> Numbers:
    """The whole cache until pods are live."""
    from benchmarks.cases.cached import Cached
    from kite_tui.objects.kinds import PODS

    cached = Cached(kubeconfig)
    numbers, _ = beside_a_loop(cached.sync)
    numbers |= {"pods": len(cached.cache.list(PODS).objects), "rss": rss_b()}
    cached.end()
    return numbers


def informer(kubeconfig: str) -> Numbers:
    """SharedInformer's cache until it holds as many pods as there are; no numbers before version 37."""
    from benchmarks.cases.official import core_v1, pod_informer

    shared = pod_informer(kubeconfig)
    if shared is None:
        return {}
    first = core_v1(kubeconfig).list_pod_for_all_namespaces(limit=1)
    expected = 1 + (first.metadata.remaining_item_count or 0)
    whole, added = threading.Event(), 0

    def on_added(_pod: object) -> None:
        nonlocal added
        added += 1
        if added == expected:
            whole.set()

    shared.add_event_handler("ADDED", on_added)

    def work() -> bool:
        shared.start()
        return whole.wait(LIMIT_S)

    numbers, _ = beside_a_loop(work)
    return numbers | {"pods": added, "rss": rss_b()}


def download(kubeconfig: str) -> Numbers:
    """The same lists as the app's, in pages of 500, one after the other, by urllib3, with nothing decoded."""
    import urllib3

    from kite_tui.objects.events import WARNINGS_ONLY
    from kite_tui.objects.kinds import ALWAYS, EVENTS

    config = json.loads(Path(kubeconfig).read_text())
    ca_file = Path(kubeconfig).with_suffix(".crt")
    pool = urllib3.PoolManager(ca_certs=str(ca_file)) if ca_file.exists() else urllib3.PoolManager()
    headers = {
        "Authorization": f"Bearer {config['users'][0]['user']['token']}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # as the app asks on loopback
    }
    url = config["clusters"][0]["cluster"]["server"]
    had_s, began_s, received = time.process_time(), time.perf_counter(), 0
    for kind in ALWAYS:
        token = ""
        while True:
            fields = dict(WARNINGS_ONLY if kind is EVENTS else ()) | {"limit": str(PAGE)}
            fields |= {"continue": token} if token else {}
            body = pool.request("GET", url + kind.path(), fields=fields, headers=headers).data
            received += len(body)
            found = _CONTINUE.search(body[:4096])
            if found is None:
                break
            token = found[1].decode()
    return {"seconds": time.perf_counter() - began_s, "cpu": time.process_time() - had_s, "bytes": received}
