"""Changes on a real API server, as often as wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from benchmarks.servers import Server


@contextmanager
def changes(server: Server, per_second: float) -> Iterator[None]:
    """Change a pod that often, as long as the block lasts: its phase, which every number on Overview hangs on.

    Raises RuntimeError at the end where the server refused one.
    """
    client, done, random = server.client(), threading.Event(), Random(1)
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": meta["name"], "namespace": meta["namespace"]}}
        for meta in (pod["metadata"] for pod in client.get("/api/v1/pods?limit=500")["items"])
    ]

    def run() -> None:
        due_s = time.monotonic()
        while not done.wait(max(0.0, due_s - time.monotonic())):
            client.set_status(random.choice(pods), {"phase": random.choice(("Running", "Pending"))})
            due_s += 1 / per_second

    thread = threading.Thread(target=run, name="changes")
    thread.start()
    try:
        yield
        if not thread.is_alive():
            raise RuntimeError("the changes ended before what they were made for")
    finally:
        done.set()
        thread.join()
        client.close()
