"""Saving what is on screen into the working directory: a picture, or the rows behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import App

from kite_tui.objects.kinds import NODE_METRICS, POD_METRICS, PODS
from kite_tui.queries import documents
from kite_tui.queries.cache_document import cache_document
from kite_tui.queries.metrics import metrics_of
from kite_tui.queries.nodes import node_rows
from kite_tui.queries.overview import overview
from kite_tui.queries.pods import pod_rows
from kite_tui.queries.related import edges, events_about
from kite_tui.queries.related_document import related_document
from kite_tui.queries.relations import Relations
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.cache import CacheScreen
from kite_tui.screens.nodes import NodesScreen
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.related import RelatedScreen
from kite_tui.text.serialise import serialise


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it, in a sentence."""

    sentence: str
    failed: bool = False


def formats(screen: KiteScreen[Any]) -> list[tuple[str, str]]:
    """The endings that a screen can be saved with, and what each holds."""
    found = [("svg", "a picture of the screen")]
    if isinstance(screen, OverviewScreen | NodesScreen | PodsScreen | CacheScreen) or (
        isinstance(screen, RelatedScreen) and screen.place.about is not None
    ):
        found.append(("json", "the numbers, as -o json prints them"))
    if isinstance(screen, NodesScreen | PodsScreen):
        found.append(("csv", "the rows shown, for a spreadsheet"))
    return found


def save(app: App[Any], screen: KiteScreen[Any], ending: str, done: Callable[[Saved], None]) -> None:
    """Write the file and say where. UI thread; a picture takes some 50 ms, 10 000 rows about a second."""
    path = Path()
    try:
        path = free_name(Path.cwd(), screen.NAME, ending, datetime.now().astimezone())
        text = self_contained(app.export_screenshot(title="kite-tui")) if ending == "svg" else _text(screen, ending)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        done(Saved(f"can't save to {path}: {error.strerror}", failed=True))
    else:
        done(Saved(f"saved {path}"))


def self_contained(svg: str) -> str:
    """The picture without the fonts that rich would have whoever looks at it fetch from elsewhere."""
    style, end, picture = svg.partition("</style>")
    return re.sub(r"@font-face \{.*?\}\s*", "", style, flags=re.DOTALL) + end + picture


def free_name(folder: Path, what: str, ending: str, now: datetime) -> Path:
    """A name that is free: `kite-pods-20261123-044512.csv`."""
    stem = f"kite-{what}-{now:%Y%m%d-%H%M%S}"
    path, number = folder / f"{stem}.{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.{ending}"
    return path


def _text(screen: KiteScreen[Any], ending: str) -> str:
    return serialise(_document(screen), "csv" if ending == "csv" else "json")


def _document(screen: KiteScreen[Any]) -> documents.Document:
    reader = screen.session.reader
    if isinstance(screen, NodesScreen):
        rows = {row.node.name: row for row in node_rows(reader)}
        nodes = [rows[node.name] for node in screen.shown() if node.name in rows]
        metrics = metrics_of(reader, NODE_METRICS)
        return documents.nodes_document(reader.head, reader.now_s(), reader.state(PODS), metrics, nodes)
    if isinstance(screen, PodsScreen):
        pods = pod_rows(reader, tuple(screen.shown()))
        metrics = metrics_of(reader, POD_METRICS)
        return documents.pods_document(reader.head, reader.now_s(), reader.state(PODS), metrics, pods)
    if isinstance(screen, RelatedScreen) and screen.place.about is not None:
        relations, about = Relations(reader), screen.place.about
        events = events_about(about, screen.place.events)
        return related_document(relations, about, edges(relations, about, events=events))
    if isinstance(screen, CacheScreen) and screen.view is not None:
        return cache_document(reader.head, screen.view)
    return documents.overview_document(overview(reader))
