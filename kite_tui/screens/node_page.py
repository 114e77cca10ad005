"""One node: conditions, taints, addresses, versions, and its pods with what they ask for and use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from kite_tui.objects.kinds import NODE_METRICS, NODES, POD_METRICS, PODS
from kite_tui.objects.nodes import PRESSURES
from kite_tui.objects.pods import Pod
from kite_tui.objects.states import State
from kite_tui.queries.nodes import NodeRow, Share, one_node, pods_on
from kite_tui.queries.ordering import Arrangement, ordered
from kite_tui.queries.pods import pod_row, usage_of
from kite_tui.queries.sorting import pod_value
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.formats import (
    UNKNOWN,
    age,
    cores,
    limit_share,
    memory,
    node_status_ink,
    request_share,
    text,
    usage_share,
)
from kite_tui.screens.missing import missing
from kite_tui.screens.ordering import after_click, after_key, arrow
from kite_tui.screens.pod_cells import COLUMNS, SORT_KEYS, pod_cells
from kite_tui.screens.views import TableView
from kite_tui.session.cluster import ClusterSession
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import Section, Sections
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.states import placeholder_for, word
from kite_tui.widgets.table import RowTable

POD_COLUMNS = tuple(column for column in COLUMNS if column.id != "node")
AMOUNTS = (
    Column("what", "", least=8, most=18),
    Column("allocatable", "ALLOCATABLE", least=11, align="right", sortable=False),
    Column("usage", "USAGE", least=6, align="right", sortable=False),
    Column("use", "", least=4, align="right", sortable=False),
    Column("requests", "REQUESTS", least=8, align="right", sortable=False),
    Column("req", "", least=4, align="right", sortable=False),
    Column("limits", "LIMITS", least=6, align="right", sortable=False),
    Column("lim", "", least=5, align="right", sortable=False),
    Column("free", "FREE", least=6, align="right", sortable=False),
)


@dataclass(frozen=True, slots=True)
class View:
    """A node, None where there is none of this name, and its pods."""

    row: NodeRow | None
    state: State
    pods: TableView[Pod]
    pods_state: State
    now_s: float


class NodePage(KiteScreen[View]):
    """The page of one node, by name."""

    NAME = "node"
    ABOUT = frozenset({NODES, PODS, NODE_METRICS, POD_METRICS})
    NEEDS = (NODE_METRICS, POD_METRICS)
    AUTO_FOCUS = "RowTable"

    DEFAULT_CSS = """
    NodePage {
        & Sections { height: auto; max-height: 55%; margin: 0 0 1 0; scrollbar-size-horizontal: 0; }
    }
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own form
        Binding("y", "yaml", "YAML", show=False, id="node.yaml"),
        Binding("c", "copy", "Copy the name", show=False, id="node.copy"),
        Binding("w,ctrl+w", "wide", "Wide columns", show=False, id="node.wide"),
        *(
            Binding(key, f"sort('{key}')", f"Sort by {columns[0]}", show=False, id=f"node.sort_{columns[0]}")
            for key, columns in SORT_KEYS.items()
        ),
    ]

    def __init__(self, session: ClusterSession, name: str) -> None:
        super().__init__(session)
        self.node_name = name
        self.sort_column, self.reverse, self.wide = "namespace", False, False
        self.view: View | None = None

    def body(self) -> ComposeResult:
        """What the node is, then its pods."""
        yield Sections()
        yield RowTable(POD_COLUMNS, cursor_needs_focus=True)

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("enter", "its page"),
            KeyHint("C M", "sort by CPU, memory", 3),
            KeyHint("y", "YAML of the node", 2),
            KeyHint("r u", "related, used by", 4),
            KeyHint("c", "copy name", 5),
            KeyHint("esc", "back", 1),
        )

    def question(self) -> Callable[[], View]:
        """The node, its sums, and its pods in order."""
        reader, name = self.session.reader, self.node_name
        column, reverse = self.sort_column, self.reverse

        def ask() -> View:
            arrangement: Arrangement[Pod] = Arrangement(
                token=None, value=pod_value(reader, column), keeps=lambda _: True, reverse=reverse
            )
            pods_state = reader.state(PODS)
            view = ordered(pods_state, pods_on(reader, name), arrangement)
            now_s = reader.now_s()

            def make(pod: Pod, now_s: float) -> dict[str, Cell]:
                return pod_cells(pod_row(pod, usage_of(reader, pod)), now_s)

            rows = TableView(view, make, total=len(view), now_s=now_s, changed=view.uids())
            return View(one_node(reader, name), reader.state(NODES), rows, pods_state, now_s)

        return ask

    def show(self, view: View) -> None:
        """Hand the answer to page and table."""
        self.query_one(Sections).show(_sections(self.node_name, view))
        table = self.query_one(RowTable)
        table.set_sort(*arrow((self.sort_column, self.reverse)))
        table.set_placeholder(placeholder_for(view.pods_state, f"pods on {self.node_name}", filtered=False))
        table.set_rows(view.pods)
        if self.view is not None and view.pods.changed is not None:
            table.mark_changed(view.pods.changed)
        self.view = view

    def tick(self) -> None:
        """Ages go on."""
        if self.view is not None:
            now_s = self.session.reader.now_s()
            self.view = replace(self.view, pods=self.view.pods.as_of(now_s), now_s=now_s)
            self.query_one(Sections).show(_sections(self.node_name, self.view))
            self.query_one(RowTable).set_rows(self.view.pods)

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        event.stop()
        if self.view is not None and len(self.view.pods):
            pod = self.view.pods.ordered.at(event.table.cursor)
            self.host.open_pod(pod.namespace, pod.name)

    @on(RowTable.SortRequested)
    def _sort_requested(self, event: RowTable.SortRequested) -> None:
        event.stop()
        self.sort_column, self.reverse = after_click(event.column_id, (self.sort_column, self.reverse))
        self.look()

    def action_sort(self, key: str) -> None:
        """Order the pods by what the key stands for; again: by the next thing, or the other way round."""
        self.sort_column, self.reverse = after_key(SORT_KEYS[key], (self.sort_column, self.reverse))
        self.look()

    def action_wide(self) -> None:
        """More columns, or fewer again."""
        self.wide = not self.wide
        self.query_one(RowTable).set_columns(POD_COLUMNS, wide=self.wide)

    def subject(self) -> Vertex | None:
        """The pod under the cursor, or without pods the node."""
        reader = self.session.reader
        if self.view is not None and len(self.view.pods):
            pod = self.view.pods.ordered.at(self.query_one(RowTable).cursor)
            return Vertex("", "Pod", pod.namespace, pod.name, PODS, pod)
        return Vertex("", "Node", "", self.node_name, NODES, reader.get(NODES, "", self.node_name))

    def action_copy(self) -> None:
        """Copy the node's name."""
        self.host.copy_name(self.node_name)

    def action_yaml(self) -> None:
        """The node as the server has it now."""
        self.host.open_yaml("Node", NODES.path(name=self.node_name), "", self.node_name)


def _sections(name: str, view: View) -> Sequence[Section]:
    row = view.row
    if row is None:
        return [missing(f"Node {name}", view.state, view.now_s)]
    node = row.node
    facts = [
        (Cell("status", "dim"), Cell(node.status, node_status_ink(node.status))),
        (Cell("roles", "dim"), Cell(", ".join(node.roles) or "<none>")),
        (Cell("pods", "dim"), Cell(_pods(row, view))),
        (Cell("version", "dim"), _words(node.kubelet_version, node.runtime)),
        (Cell("system", "dim"), _words(node.os_image, node.architecture)),
        (Cell("kernel", "dim"), text(node.kernel)),
        (Cell("type, zone", "dim"), _words(node.instance_type, node.zone)),
        *((Cell(kind, "dim"), Cell(address)) for kind, address in node.addresses if address != node.name),
        (Cell("age", "dim"), age(node.created_s, view.now_s)),
    ]
    sections = [
        Section(f"Node {name}", _amounts(row), AMOUNTS, folds=False, across=True),
        Section("", facts),
        Section("Conditions", _conditions(row, view.now_s), CONDITIONS),
    ]
    if node.taints:
        taints = [
            (Cell(taint.effect, "dim"), Cell(f"{taint.key}={taint.value}" if taint.value else taint.key))
            for taint in node.taints
        ]
        sections.append(Section("Taints", taints, TAINTS))
    return sections


def _words(*words: str) -> Cell:
    return text(", ".join(filter(None, words)))


TAINTS = (Column("effect", "", least=8, most=18), Column("taint", "", least=10, flex=1))
CONDITIONS = (
    Column("type", "", least=8, most=20),
    Column("status", "", least=5),
    Column("age", "", least=4, align="right"),
    Column("why", "", least=10, flex=1),
)


def _conditions(row: NodeRow, now_s: float) -> list[tuple[Cell, ...]]:
    lines: list[tuple[Cell, ...]] = []
    for condition in row.node.conditions:
        good = (condition.status == "False") if condition.type in PRESSURES else (condition.status == "True")
        lines.append(
            (
                Cell(condition.type),
                Cell(condition.status, "good" if good else "bad"),
                age(condition.changed_s, now_s),
                Cell(condition.reason if good else condition.message or condition.reason, "dim"),
            )
        )
    return lines


def _pods(row: NodeRow, view: View) -> str:
    if row.holding is None:
        said = word(view.pods_state, view.now_s)
        return said[0] if said else "-"
    finished = f", {row.finished} finished" if row.finished else ""
    unreadable = f", {row.unreadable} with an amount that can't be read" if row.unreadable else ""
    return f"{row.holding} of {row.pods_allocatable if row.pods_allocatable is not None else '?'}{finished}{unreadable}"


def _amounts(row: NodeRow) -> list[tuple[Cell, ...]]:
    def line(name: str, share: Share, amount: Callable[..., Cell]) -> tuple[Cell, ...]:
        return (
            Cell(name, "dim"),
            amount(share.allocatable, ""),
            amount(share.usage),
            usage_share(share.usage, share.allocatable),
            amount(share.requests),
            request_share(share.requests, share.allocatable),
            amount(share.limits, ""),
            limit_share(share.limits, share.allocatable),
            amount(share.free),
        )

    lines = [line("CPU", row.cpu, cores), line("memory", row.memory, memory)]
    if row.ephemeral_storage.allocatable is not None:
        lines.append(line("ephemeral", row.ephemeral_storage, memory))
    for name, extended in row.extended.items():
        if extended.allocatable == 0 and not extended.requests:
            continue
        lines.append(
            (
                Cell(name, "dim"),
                text("" if extended.allocatable is None else str(extended.allocatable)),
                UNKNOWN,
                UNKNOWN,
                text("" if extended.requests is None else str(extended.requests), "number"),
                request_share(extended.requests, extended.allocatable),
                text("" if extended.limits is None else str(extended.limits)),
                UNKNOWN,
                text("" if extended.free is None else str(extended.free), "number"),
            )
        )
    return lines
