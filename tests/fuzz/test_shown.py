"""Whatever an object holds, everything that shows it goes on: one odd object costs itself and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kite_tui.cli import pages
from kite_tui.cli.tables import table
from kite_tui.objects.decode import Malformed, decoder
from kite_tui.objects.details import decode_pod_detail
from kite_tui.objects.kinds import NODE_METRICS, NODES, POD_METRICS, PODS, Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.reader import Head
from kite_tui.objects.states import Live
from kite_tui.queries import documents
from kite_tui.queries.metrics import metrics_of
from kite_tui.queries.nodes import node_rows
from kite_tui.queries.overview import overview
from kite_tui.queries.pods import pod_row, pod_rows
from kite_tui.queries.sorting import NODE_SORTS, POD_SORTS, node_sort_key, pod_sort_key
from kite_tui.screens import node_cells, pod_cells
from kite_tui.screens.overview_lines import namespace_lines, node_lines, pod_lines, resource_lines, service_lines
from kite_tui.screens.pod_sections import EventsOf, pod_sections
from kite_tui.text.serialise import serialise
from kite_tui.widgets.columns import Cell, Column, cell_line
from kite_tui.widgets.detail import page
from kite_tui.widgets.ink import line_width
from tests.fuzz.mutated import KINDS, NOW_S, manifests, mutated

HEAD = Head("prod", "https://prod.test:6443", "v1.35.4")


@cache
def records() -> dict[Kind[Any], list[Any]]:
    return {kind: [decoder(kind)(json.dumps(one).encode()) for one in many] for kind, many in manifests().items()}


@st.composite
def clusters(draw: st.DrawFn) -> tuple[MemoryReader, bytes]:
    """Some objects of some kinds replaced by odd ones, and the bytes of an odd pod."""
    objects = {kind: list(found) for kind, found in records().items()}
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True)):
        raw = json.dumps(draw(mutated(kind))).encode()
        try:
            objects[kind].append(decoder(kind)(raw))
        except Malformed:
            continue
    pod = json.dumps(draw(mutated(PODS))).encode()
    return MemoryReader(HEAD, objects, now_s=lambda: NOW_S), pod


@given(clusters())
def test_every_command_prints_whatever_decodes(found: tuple[MemoryReader, bytes]) -> None:
    reader, _ = found
    view, nodes = overview(reader), node_rows(reader)
    pods = pod_rows(reader, reader.list(PODS).objects)
    assert pages.overview_page(view)
    assert table(pages.node_columns(NOW_S, Live()), nodes, wide=True)
    assert table(pages.pod_columns(NOW_S, with_namespace=True), pods, wide=True)
    made = [
        documents.overview_document(view),
        documents.nodes_document(HEAD, NOW_S, Live(), metrics_of(reader, NODE_METRICS), nodes, pods[-3:]),
        documents.pods_document(HEAD, NOW_S, Live(), metrics_of(reader, POD_METRICS), pods),
    ]
    for document in made:
        assert json.loads(serialise(document, "json")) == document
    for document in made[1:]:
        assert serialise(document, "csv")
    for column in NODE_SORTS:
        sorted(reader.list(NODES).objects, key=node_sort_key(reader, reader.sums_by_node(), column, False))
    for column in POD_SORTS:
        sorted(reader.list(PODS).objects, key=pod_sort_key(reader, column, True))


@given(clusters())
def test_every_cell_of_every_screen_is_drawn_whatever_decodes(found: tuple[MemoryReader, bytes]) -> None:
    reader, raw = found
    view = overview(reader)
    totals = (("cpu", view.cpu), ("memory", view.memory))
    lines = [
        *node_lines(view.nodes),
        *pod_lines(view.pods),
        *namespace_lines(view.namespaces),
        *service_lines(view.services, view.prometheus),
        *(line for name, total in totals for line in resource_lines(name, total, view, (), sparklines=True)),
    ]
    for each in lines:
        assert line_width(each.line(60) if callable(each.line) else each.line)
    for row in node_rows(reader):
        drawn(node_cells.node_cells(row, Live(), NOW_S), node_cells.COLUMNS)
        assert all(isinstance(read(row.node), str) for read in node_cells.VOCABULARY.columns.values())
    with suppress(Malformed):
        detail = decode_pod_detail(raw)
        pod = decoder(PODS)(raw)
        for shown in (*pod_rows(reader, reader.list(PODS).objects[-2:]), pod_row(pod, None)):
            drawn(pod_cells.pod_cells(shown, NOW_S), pod_cells.COLUMNS)
            assert all(isinstance(read(shown.pod), str) for read in pod_cells.VOCABULARY.columns.values())
            events = EventsOf(tuple(view.warnings), "")
            assert page(pod_sections("shop", "x", shown, Live(), detail, events, NOW_S), 100)


def drawn(cells: dict[str, Cell], columns: Sequence[Column]) -> None:
    """Each cell fills its column."""
    for column in columns:
        assert line_width(cell_line(cells[column.id], column, 20)) == 20
