"""kite-tui in its terminal, as ever; at a signal it counts again, from its objects alone, what it keeps beside them.

    python -m benchmarks.recounted KUBECONFIG REPORT

The report is JSON, written as a whole at each SIGUSR1; nothing should change meanwhile. The app is KiteApp and its
session with nothing replaced, so what is held after a long time is what a person's would hold.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.watched import digest_of
from kite_tui.app import KiteApp
from kite_tui.kube.config import Flags, load
from kite_tui.objects import decode_pods
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import PODS, Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.session.cluster import ClusterSession, Source
from kite_tui.settings import Settings


class Recounted(KiteApp):
    """The app, with an ear for a signal."""

    def __init__(self, session: ClusterSession, report: Path) -> None:
        super().__init__(session)
        self._report = report

    def on_mount(self) -> None:
        """Begin to listen; Textual calls the base's own, too."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._write)

    def _write(self) -> None:
        partial = self._report.with_suffix(".part")
        partial.write_text(json.dumps(report_of(self.session.reader)))
        partial.rename(self._report)


def report_of(reader: Source) -> dict[str, Any]:
    """What is held, and under `wrong` a sentence for whatever is not what a recount comes to."""
    gc.collect()
    pods = reader.list(PODS).objects
    templates = {id(pod.template) for pod in pods}
    caches = dict(lru_caches())
    wrong = list(differences(reader))
    wrong += [f"{name}: {size} of at most {most}" for name, (size, most) in caches.items() if size > most]
    return {
        "objects": {kind.plural: len(reader.list(kind).objects) for kind in reader.kinds()},
        "states": {kind.plural: type(reader.state(kind)).__name__ for kind in reader.kinds()},
        "digests": {
            kind.plural: digest_of((row.uid, row.resource_version) for row in reader.list(kind).objects)
            for kind in reader.kinds()
        },
        "changes": {kind.plural: reader.version(kind) for kind in reader.kinds()},
        "templates": len(decode_pods._templates),
        "templates_of_pods": len(templates),
        "caches": caches,
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "wrong": wrong,
    }


def differences(reader: Source) -> Iterator[str]:
    """Where an index or a sum is not what the objects come to."""
    objects = {kind: reader.list(kind).objects for kind in reader.kinds()}
    recount = MemoryReader(reader.head, objects)
    for kind in objects:
        for index in index_functions(kind):
            yield from _index_differences(reader, recount, kind, index)
    if reader.sums_by_node() != recount.sums_by_node():
        yield "the sums by node are not those of a recount"
    if reader.counts_by_namespace() != recount.counts_by_namespace():
        yield "the counts by namespace are not those of a recount"


def _index_differences(reader: Source, recount: MemoryReader, kind: Kind[Any], index: str) -> Iterator[str]:
    values = set(reader.index_values(kind, index))
    if values != set(recount.index_values(kind, index)):
        yield f"the index {index} of {kind.plural} has other values than a recount"
    for value in values:
        found, again = (
            {(row.namespace, row.name) for row in each.by_index(kind, index, value)} for each in (reader, recount)
        )
        if found != again:
            yield f"the index {index} of {kind.plural} has {len(found)} under {value!r}, a recount {len(again)}"


def lru_caches() -> Iterator[tuple[str, tuple[int, int]]]:
    """How much each bounded table of the program holds, and how much it may."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("kite_tui."):
            for attribute, value in vars(module).items():
                if hasattr(value, "cache_info") and getattr(value, "__module__", "") == name:
                    info = value.cache_info()
                    yield f"{name.removeprefix('kite_tui.')}.{attribute}", (info.currsize, info.maxsize)


def main() -> None:
    """Run the app until it is ended."""
    kubeconfig, report = sys.argv[1:]
    session = ClusterSession(load(Flags(kubeconfig=kubeconfig), os.environ), Settings())
    Recounted(session, Path(report)).run()


if __name__ == "__main__":
    main()
