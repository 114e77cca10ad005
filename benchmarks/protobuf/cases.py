"""What is timed in a process of its own, with nothing read before; its numbers are printed as JSON.

python -m benchmarks.protobuf.cases CASE FORMAT ENCODING KUBECONFIG
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from benchmarks.protobuf.formats import FORMATS, Format
from benchmarks.usage import rss_b
from kite_tui.cache.lister import FIRST_PAGE, PAGE
from kite_tui.cache.store import Store
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.states import Live
from kite_tui.objects.sums import PodSums

Numbers = dict[str, float]

WATCHED = {
    "watch": 1,
    "allowWatchBookmarks": "true",
    "sendInitialEvents": "true",
    "resourceVersionMatch": "NotOlderThan",
}


class Requests:
    """Requests of one process to a server, over one connection that is kept; bytes are counted as they come."""

    def __init__(self, kubeconfig: Path) -> None:
        config = json.loads(kubeconfig.read_text())
        self._url = config["clusters"][0]["cluster"]["server"] + PODS.path() + "?"
        self._authorization = "Bearer " + config["users"][0]["user"]["token"]
        self._pool = urllib3.PoolManager(ca_certs=str(kubeconfig.with_suffix(".crt")), retries=False)

    def get(self, accept: str, encoding: str, query: dict[str, Any], *, stream: bool = False) -> Any:
        """An answer of urllib3. Raises RuntimeError where it isn't what was asked for."""
        headers = {"Authorization": self._authorization, "Accept": accept, "Accept-Encoding": encoding}
        url = self._url + urlencode(query)
        answer = self._pool.request("GET", url, headers=headers, preload_content=not stream, decode_content=False)
        if answer.status != 200 or not answer.headers["Content-Type"].startswith(accept.partition(";")[0]):
            raise RuntimeError(f"{accept}: {answer.status}, {answer.headers['Content-Type']}")
        return answer

    def body(self, accept: str, encoding: str, query: dict[str, Any]) -> tuple[bytes, int]:
        """A whole answer, decompressed, and how many bytes came."""
        answer = self.get(accept, encoding, query)
        received: bytes = answer.data
        if answer.headers.get("Content-Encoding") == "gzip":
            return urllib3.response.GzipDecoder().decompress(received), len(received)
        return received, len(received)


def new_store() -> Store[Pod]:
    """As the app has one of pods."""
    store: Store[Pod] = Store(index_functions(PODS), aggregate=PodSums())
    store.open_part("", Live())
    return store


def listed(requests: Requests, format_: Format, encoding: str, *, ahead: bool = False) -> Numbers:
    """Page after page, of the sizes that the app asks for, until all rows are in a store; with `ahead` the next page is
    asked for while one is decoded."""

    def page(token: str) -> tuple[bytes, int]:
        query = {"limit": PAGE, "continue": token} if token else {"limit": FIRST_PAGE}
        return requests.body(format_.accept, encoding, query)

    store, received_b, first_s, waited_s, worked_s = new_store(), 0, 0.0, 0.0, 0.0
    begun_s, cpu_s = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(page, "")
        while True:
            asked_s = time.perf_counter()
            body, size = coming.result()
            waited_s += time.perf_counter() - asked_s
            work_s = time.thread_time()
            token, items = format_.split(body)
            if token and ahead:
                coming = thread.submit(page, token)
            store.apply([format_.decode(raw) for raw in items])
            worked_s += time.thread_time() - work_s
            received_b += size
            first_s = first_s or time.perf_counter() - begun_s
            if not token:
                break
            if not ahead:
                coming = thread.submit(page, token)
    return {
        "first": first_s,
        "all": time.perf_counter() - begun_s,
        "waited": waited_s,
        "worked": worked_s,
        "cpu": time.process_time() - cpu_s,
        "received": received_b,
        "pods": len(store),
    }


def listed_ahead(requests: Requests, format_: Format, encoding: str) -> Numbers:
    """See `listed`."""
    return listed(requests, format_, encoding, ahead=True)


def watched(requests: Requests, format_: Format, encoding: str) -> Numbers:
    """One event a pod, each put into a store as it comes."""
    store, received_b = new_store(), 0

    def chunks(answer: Any) -> Iterator[bytes]:
        nonlocal received_b
        while chunk := answer.read1(256 << 10):
            received_b += len(chunk)
            yield chunk

    begun_s, cpu_s = time.perf_counter(), time.process_time()
    with requests.get(format_.watch_accept, encoding, WATCHED, stream=True) as answer:
        for type_, raw in format_.events(chunks(answer)):
            if type_ == "BOOKMARK":
                break
            store.apply([format_.decode(raw)])
    return {
        "all": time.perf_counter() - begun_s,
        "cpu": time.process_time() - cpu_s,
        "received": received_b,
        "pods": len(store),
    }


CASES: dict[str, Callable[[Requests, Format, str], Numbers]] = {
    case.__name__: case for case in (listed, listed_ahead, watched)
}


def main() -> None:
    """Run one case. `setup` is what its format needs before the first byte: imports, and descriptors."""
    case, format_name, encoding, kubeconfig = sys.argv[1:]
    requests = Requests(Path(kubeconfig))
    requests.body("application/json", "identity", {"limit": 1})  # the connection is no part of the question
    before_b, cpu_s = rss_b(), time.process_time()
    format_ = FORMATS[format_name]()
    setup = {"setup": time.process_time() - cpu_s, "setup_b": rss_b() - before_b}
    print(json.dumps(CASES[case](requests, format_, encoding) | setup | {"rss": rss_b()}))


if __name__ == "__main__":
    main()
