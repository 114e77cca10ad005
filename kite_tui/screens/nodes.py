"""Nodes: how full each is by usage, requests and limits, and where a pod would still fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.binding import Binding

from kite_tui.objects.kinds import NODE_METRICS, NODES, PODS
from kite_tui.objects.nodes import Node
from kite_tui.objects.states import is_readable
from kite_tui.objects.sums import NO_PODS
from kite_tui.queries.metrics import metrics_of
from kite_tui.queries.nodes import node_row
from kite_tui.queries.ordering import Arrangement
from kite_tui.queries.sorting import SUM_COLUMNS, USAGE_COLUMNS, node_value
from kite_tui.screens.metrics_notice import metrics_notice
from kite_tui.screens.node_cells import BAR_LEGEND, COLUMNS, SORT_KEYS, VOCABULARY, is_faulty, node_cells
from kite_tui.screens.table import TableScreen
from kite_tui.screens.views import TableView
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.ink import Line, Piece
from kite_tui.widgets.states import word
from kite_tui.widgets.table import RowTable


class NodesScreen(TableScreen[Node]):
    """All nodes of the cluster; namespaces never narrow their sums."""

    NAME = "nodes"
    KIND = NODES
    NOUN = "nodes"
    ABOUT = frozenset({NODES, PODS, NODE_METRICS})
    NEEDS = (NODE_METRICS,)
    VOCABULARY = VOCABULARY
    SORT_KEYS = SORT_KEYS
    LEGEND = BAR_LEGEND

    BINDINGS = [Binding("o", "open", "Its page", show=False, id="nodes.open")]  # noqa: RUF012 - Textual's own form

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("enter", "its pods"),
            KeyHint("/", "filter", 1),
            KeyHint("r u", "related, used by", 4),
            KeyHint("F", "faults", 8),
            KeyHint("C M", "sort by CPU, memory", 5),
            KeyHint("w", "wide", 6),
            KeyHint("y", "YAML", 7),
            KeyHint("?", "help", 2),
            KeyHint("q", "quit", 3),
        )

    def columns(self) -> Sequence[Column]:
        """All columns, always: what fits is up to the width."""
        return COLUMNS

    def question(self) -> Callable[[], TableView[Node]]:
        """The nodes that the filter keeps, in order, with the sums of their pods."""
        reader, order = self.session.reader, self.order
        column, reverse, faults = self.sort_column, self.reverse, self.faults_only
        keeps, filter_text, narrowing = self.filter.keeps, self.filter.text, self.narrowing()

        def ask() -> TableView[Node]:
            # The versions first: what changes in between is then looked at once more, never missed.
            epoch = (
                reader.version(NODE_METRICS) if column in USAGE_COLUMNS else 0,
                reader.version(PODS) if column in SUM_COLUMNS else 0,
            )
            pods = reader.state(PODS)
            sums = reader.sums_by_node() if is_readable(pods) else None
            arrangement: Arrangement[Node] = Arrangement(
                token=(column, reverse, filter_text, faults, epoch),
                value=node_value(reader, sums, column),
                keeps=lambda node: keeps(node) and (not faults or is_faulty(node)),
                reverse=reverse,
            )
            ordered = order.refresh(reader, arrangement)

            def make(node: Node, now_s: float) -> dict[str, Cell]:
                on_node = None if sums is None else sums.get(node.name, NO_PODS)
                return node_cells(node_row(node, on_node, reader.get(NODE_METRICS, "", node.name)), pods, now_s)

            total, changed = len(reader.list(NODES).objects), ordered.uids()
            return TableView(
                ordered,
                make,
                total=total,
                now_s=reader.now_s(),
                narrowing=narrowing,
                changed=changed,
                sort=(column, reverse),
            )

        return ask

    def notices(self, view: TableView[Node]) -> Line:
        """Why usage or sums are missing."""
        reader = self.session.reader
        pods = word(reader.state(PODS), view.now_s)
        metrics = metrics_of(reader, NODE_METRICS)
        line: list[Piece] = [(f"   pods {pods[0]}", pods[1])] if pods is not None else []
        line += metrics_notice(metrics.state, view.now_s)
        if metrics.sampled_s is not None and metrics.is_stale(view.now_s):
            line.append((f"   metrics are {int(view.now_s - metrics.sampled_s) // 60} min old", "warn"))
        return line

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """The node's page."""
        node = self.selected()
        if node is not None:
            self.host.open_node(node.name)
