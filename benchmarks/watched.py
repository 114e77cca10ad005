"""kite-tui in its terminal, watched from inside: what it shows, what it asks, and how long its screen is kept waiting.

    python -m benchmarks.watched '{"url": …, "ca_file": …, "token": …, "lists": "pages", "report": FILE}'

A line of JSON is appended to the report 50 times a second. Its times are those of CLOCK_MONOTONIC, which all processes
of a machine share.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kite_tui.app import KiteApp
from kite_tui.kube.api import JSON, Api, Query, Response, WatchStream
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.transport import connect
from kite_tui.objects.kinds import FIRST, PODS, SECOND
from kite_tui.objects.load import Traffic
from kite_tui.session.cluster import ClusterSession
from kite_tui.settings import Settings

SAMPLE_S = 0.02
TICK_S = 0.005
LATE_S = 0.04
DEPTH = 12
POOL = "asyncio_"
"""Threads on which screens have their questions answered: a few, made when they are needed, which stay."""


class Counted:
    """An Api that counts what is asked, by (path, whether a list goes on there), reached or not."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.asked: Counter[str] = Counter()
        self.further_pages: Counter[str] = Counter()

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        """See `Api.get`."""
        (self.further_pages if any(name == "continue" for name, _ in query) else self.asked)[path] += 1
        return self._api.get(path, query, accept=accept, idle_s=idle_s, total_s=total_s)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> WatchStream:
        """See `Api.watch`."""
        self.asked[path] += 1
        return self._api.watch(path, query, accept=accept, idle_s=idle_s)

    def renew_credentials(self) -> bool:
        """See `Api.renew_credentials`."""
        return self._api.renew_credentials()

    def traffic(self) -> Traffic | None:
        """See `Api.traffic`."""
        return self._api.traffic()

    def retry_credentials(self) -> None:
        """See `Api.retry_credentials`."""
        self._api.retry_credentials()

    def close(self) -> None:
        """See `Api.close`."""
        self._api.close()


class Watched(KiteApp):
    """The app, with a clock on its event loop."""

    def __init__(self, session: ClusterSession, api: Counted, report: Path) -> None:
        super().__init__(session)
        self._first_tab = "pods"
        self._counted = api
        self._report = report
        self._longest_s = 0.0
        self._ticked_s = time.monotonic()

    def on_mount(self) -> None:
        """Begin to watch."""
        self._ticking = asyncio.create_task(self._tick_for_ever())
        threading.Thread(target=self._sample, name="watching", daemon=True).start()

    async def _tick_for_ever(self) -> None:
        while True:
            due_s = time.monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            self._ticked_s = time.monotonic()
            self._longest_s = max(self._longest_s, self._ticked_s - due_s)

    def _sample(self) -> None:
        reader, pause = self.session.reader, threading.Event()
        version, digest = -1, ""
        with self._report.open("a", buffering=1) as report:
            while not pause.wait(SAMPLE_S):
                states = {kind.plural: type(reader.state(kind)).__name__ for kind in (*FIRST, *SECOND)}
                if version != reader.version(PODS):
                    version = reader.version(PODS)
                    digest = digest_of((row.uid, row.resource_version) for row in reader.list(PODS).objects)
                longest_s, self._longest_s = self._longest_s, 0.0
                sample = {
                    "at_s": time.monotonic(),
                    "states": states,
                    "pods": len(reader.list(PODS).objects),
                    "digest": digest,
                    "asked": {kind.plural: self._counted.asked[kind.path()] for kind in (*FIRST, *SECOND)},
                    "further_pages": dict(self._counted.further_pages),
                    "stall_s": longest_s,
                    "stalled_in": self._stalled_in(),
                    "threads": sum(not thread.name.startswith(POOL) for thread in threading.enumerate()),
                }
                report.write(json.dumps(sample) + "\n")

    def _stalled_in(self) -> list[str]:
        """What the event loop is busy with, innermost first, where it has been for long; for whoever mends that."""
        if time.monotonic() - self._ticked_s < LATE_S:
            return []
        frames = traceback.extract_stack(sys._current_frames()[threading.main_thread().ident or 0])
        return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)][:DEPTH]


def digest_of(objects: Iterator[tuple[str, str]]) -> str:
    """One word for a set of (uid, resourceVersion)."""
    return hashlib.sha256(repr(sorted(objects)).encode()).hexdigest()[:16]


def main() -> None:
    """Run the app until it is ended."""
    options: dict[str, Any] = json.loads(sys.argv[1])
    ca = Path(options["ca_file"]).read_bytes() if options["ca_file"] else b""
    config = ClientConfig("faults", Cluster(options["url"], ca_data=ca), User(token=options["token"]))
    settings = Settings(lists=options["lists"])
    api = Counted(connect(config, qps=settings.qps, burst=settings.burst))
    Watched(ClusterSession(config, settings, connect=lambda: api), api, Path(options["report"])).run()


if __name__ == "__main__":
    main()
