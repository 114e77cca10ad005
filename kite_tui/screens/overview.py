"""Overview: what there is, how full it is, and what is wrong now. Every tile opens the list behind its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll

from kite_tui.objects.events import Event
from kite_tui.objects.kinds import (
    CLAIMS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    PODS,
    SERVICES,
    WORKLOADS,
    Kind,
)
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import Live, State, is_readable
from kite_tui.objects.workloads import TYPES
from kite_tui.queries.narrowed import Narrowed
from kite_tui.queries.overview import Overview, overview
from kite_tui.queries.problems import CRITICAL, Problem
from kite_tui.queries.resources import ResourceTotals
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.formats import age
from kite_tui.screens.overview_lines import (
    namespace_lines,
    node_lines,
    pod_lines,
    resource_lines,
    resource_title,
    service_lines,
)
from kite_tui.session.cluster import ClusterSession, UsageSample
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.ink import Line, content
from kite_tui.widgets.rows import ListRows
from kite_tui.widgets.states import word
from kite_tui.widgets.table import RowTable
from kite_tui.widgets.tile import ListTile, Tile, TileLine

FRESH_S = 0.9
"""An answer that came within the last second has the ages of now."""

WRONG_COLUMNS = (
    Column("mark", "", least=1, most=1, flashes=False),
    Column("kind", "", least=4, most=11, rank=2),
    Column("name", "", least=12, most=40, flex=1, cut="middle"),
    Column("count", "", least=3, rank=4),
    Column("what", "", least=12, flex=3),
    Column("since", "", least=6, align="right", rank=3, flashes=False),
)
WARNING_COLUMNS = (
    Column("age", "", least=5, align="right", flashes=False),
    Column("kind", "", least=4, most=9, rank=5),
    Column("name", "", least=12, most=40, flex=1, cut="middle"),
    Column("reason", "", least=14, most=22),
    Column("count", "", least=5, rank=3, flashes=False),
    Column("message", "", least=12, flex=3, rank=4),
)

SHORT_KINDS = {
    "Node": "node",
    "Pod": "pod",
    "Namespace": "ns",
    "Deployment": "deploy",
    "StatefulSet": "sts",
    "DaemonSet": "ds",
    "ReplicaSet": "rs",
    "Job": "job",
    "PersistentVolumeClaim": "pvc",
}


GROUPS = {kind: group for group, kind in TYPES}
"""The groups of the kinds that something may be wrong with; of all others it is core."""


@dataclass(frozen=True, slots=True)
class View:
    """An overview, the samples for its sparklines, and the rows of its two lists by their keys."""

    overview: Overview
    samples: tuple[UsageSample, ...]
    problems: Mapping[str, Problem]
    warnings: Mapping[str, Event]


class OverviewScreen(KiteScreen[View]):
    """The first screen."""

    NAME = "overview"
    ABOUT = frozenset({NODES, PODS, NAMESPACES, SERVICES, EVENTS, NODE_METRICS, CLAIMS, *WORKLOADS})
    NEEDS = (NODE_METRICS,)
    EVERY_S = 1.0

    DEFAULT_CSS = """
    OverviewScreen {
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & #counts { layout: grid; grid-size: 4 1; height: auto; grid-rows: auto; }
        & #counts > Tile { height: 100%; min-height: 6; }
        & #resources { layout: grid; grid-size: 2 1; height: auto; grid-rows: auto; }
        & #resources > Tile { height: 100%; }
        & #lists { layout: horizontal; height: 1fr; min-height: 8; }
        & #wrong { width: 3fr; height: 100%; }
        & #warnings { width: 2fr; height: 100%; }
        &.-broad #lists > #wrong { width: 1fr; }
        &.-broad #lists > #warnings { width: 1fr; }
        &.-narrow #counts { grid-size: 2 2; }
        &.-tiny #counts { grid-size: 1 4; }
        &.-narrow #counts > Tile, &.-tiny #counts > Tile { min-height: 3; }
        &.-narrow #resources, &.-tiny #resources { grid-size: 1 2; }
        &.-narrow #lists, &.-tiny #lists { layout: vertical; height: auto; }
        &.-narrow #wrong, &.-tiny #wrong, &.-narrow #warnings, &.-tiny #warnings { width: 100%; height: 9; }
    }
    """

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        self._view: View | None = None

    def body(self) -> ComposeResult:
        """Tiles, then the two lists."""
        with VerticalScroll(can_focus=False):
            with Container(id="counts"):
                yield Tile("Nodes", id="nodes")
                yield Tile("Pods", id="pods")
                yield Tile("Namespaces", id="namespaces")
                yield Tile("Services", id="services")
            with Container(id="resources"):
                yield Tile("CPU", id="cpu")
                yield Tile("Memory", id="memory")
            with Container(id="lists"):
                yield ListTile("Wrong now", WRONG_COLUMNS, id="wrong")
                yield ListTile("Warnings, newest first", WARNING_COLUMNS, id="warnings")

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("enter", "open"),
            KeyHint("tab", "next tile", 3),
            KeyHint("r", "related", 4),
            KeyHint("n", "namespaces", 2),
            KeyHint("ctrl-r", "ask again", 5),
            KeyHint("ctrl-s", "save", 6),
            KeyHint("?", "help", 1),
            KeyHint("q", "quit", 4),
        )

    def question(self) -> Callable[[], View]:
        """The overview, of the namespaces chosen."""
        reader, namespaces = self.session.reader, self.host.namespaces
        shown: Reader = Narrowed(reader, namespaces) if namespaces else reader

        def ask() -> View:
            found = overview(shown)
            return View(
                found,
                tuple(reader.usage_history.cluster()),
                {f"{p.kind}/{p.namespace}/{p.name}": p for p in found.problems},
                {event.uid or event.name: event for event in found.warnings},
            )

        return ask

    def show(self, view: View) -> None:
        """Hand the numbers to their tiles."""
        self._view = view
        found, now_s = view.overview, view.overview.as_of_s
        self._show_tile("nodes", found.nodes.state, node_lines(found.nodes))
        self._show_tile("pods", found.pods.state, pod_lines(found.pods))
        self._show_tile("namespaces", found.namespaces.state, namespace_lines(found.namespaces))
        self._show_tile("services", found.services.state, service_lines(found.services, found.prometheus))
        for name, total in (("cpu", found.cpu), ("memory", found.memory)):
            self._show_resource(name, total, view)
        self._show_wrong(view, now_s)
        self._show_warnings(view, now_s)
        if self.focused is None:  # what is in sight without scrolling
            self.query_one("#wrong" if self.size.width >= 100 else "#nodes").focus()

    def tick(self) -> None:
        """Ages go on while nothing else happens, that of stale data too."""
        view, now_s = self._view, self.session.reader.now_s()
        if view is None or now_s - view.overview.as_of_s < FRESH_S:
            return
        self.show(replace(view, overview=replace(view.overview, as_of_s=now_s)))

    def _show_tile(self, name: str, state: State, lines: Sequence[TileLine]) -> None:
        self.query_one(f"#{name}", Tile).show(lines, state, self.session.reader.now_s())

    def _show_resource(self, name: str, total: ResourceTotals, view: View) -> None:
        """CPU or memory: where only the nodes can't be read, what the pods ask for is known all the same."""
        found, now_s = view.overview, view.overview.as_of_s
        state, note = total.state, "requests, limits, waiting: of the namespaces shown" if found.head.namespaces else ""
        if not is_readable(state) and total.requests is not None:
            said = word(state, now_s)
            state, note = Live(), f"allocatable: {said[0]}" if said else ""
        tile = self.query_one(f"#{name}", Tile)
        tile.show(
            resource_lines(name, total, found, view.samples, sparklines=self.size.width >= 100),
            state,
            now_s,
            [(note, "dim")] if note else (),
        )
        tile.set_title(resource_title(name, total))

    def _show_wrong(self, view: View, now_s: float) -> None:
        def cells(key: str, columns: Sequence[Column]) -> Sequence[Cell]:
            problem = view.problems[key]
            critical = problem.severity == CRITICAL
            made = {
                "mark": Cell("✗" if critical else "!", "bad" if critical else "warn"),
                "kind": Cell(SHORT_KINDS.get(problem.kind, problem.kind), "dim"),
                "name": Cell("/".join(filter(None, (problem.namespace, problem.name))), "name"),
                "count": Cell(f"×{problem.count}" if problem.count > 1 else "", "dim"),
                "what": Cell(problem.what),
                "since": age(problem.since_s, now_s),
            }
            return [made[column.id] for column in columns]

        tile = self.query_one("#wrong", ListTile)
        state = self.session.reader.state(PODS)
        not_searched = dict.fromkeys(kind.plural for kind, _ in view.overview.not_searched)
        missing = ", ".join(not_searched) if is_readable(state) else ""
        note: Line = [(f"not searched: {missing}", "warn")] if missing else []
        tile.set_state(state, "faults found" if is_readable(state) else "pods", now_s, note)
        if missing:
            tile.set_placeholder(content([("○ ", "dim"), ("No faults found in what could be searched", "name")]))
        tile.set_rows(ListRows(tuple(view.problems), cells))

    def _show_warnings(self, view: View, now_s: float) -> None:
        def cells(key: str, columns: Sequence[Column]) -> Sequence[Cell]:
            event = view.warnings[key]
            made = {
                "age": age(event.last_seen_s, now_s),
                "kind": Cell(SHORT_KINDS.get(event.about_kind, event.about_kind), "dim"),
                "name": Cell("/".join(filter(None, (event.about_namespace, event.about_name))), "name"),
                "reason": Cell(event.reason, "warn"),
                "count": Cell(f"×{event.count}", "dim"),
                "message": Cell(event.message),
            }
            return [made[column.id] for column in columns]

        tile = self.query_one("#warnings", ListTile)
        tile.set_state(view.overview.warnings_state, "warnings", now_s)
        tile.set_rows(ListRows(tuple(view.warnings), cells))

    # -- opening ------------------------------------------------------------------------------------------------

    @on(Tile.Opened)
    def _open_line(self, event: Tile.Opened) -> None:
        event.stop()
        where, _, what = event.line_id.partition(":")
        match where:
            case "nodes":
                self.host.show_nodes(filter=what)
            case "nodes-by":
                self.host.show_nodes(sort=what)
            case "node":
                self.host.open_node(what)
            case "pods":
                self.host.show_pods(filter=what)
            case "namespaces":
                self.host.action_namespaces()

    def subject(self) -> Vertex | None:
        """What the line of a list is about, where one is focused."""
        focused, view = self.focused, self._view
        key = focused.cursor_key if isinstance(focused, RowTable) else None
        if key is None or view is None or focused is None:
            return None
        if focused.id == "wrong":
            problem = view.problems[key]
            return self._named(GROUPS.get(problem.kind, ""), problem.kind, problem.namespace, problem.name)
        event = view.warnings[key]
        return self._named(event.about_group, event.about_kind, event.about_namespace, event.about_name)

    def _named(self, group: str, kind: str, namespace: str, name: str) -> Vertex:
        served = self.session.reader.served.of_type(group, kind)
        record: object = self.session.reader.get(served, namespace, name) if served else None
        return Vertex(group, kind, namespace, name, served, record)

    @on(RowTable.Opened, "#wrong")
    def _open_problem(self, event: RowTable.Opened) -> None:
        event.stop()
        problem = self._view.problems.get(event.key) if self._view else None
        if problem is None:  # it went while the key was on its way
            return
        match problem.kind:
            case "Node":
                self.host.open_node(problem.name)
            case "Pod":
                self.host.open_pod(problem.namespace, problem.name)
            case "Namespace":
                self._open_yaml(NAMESPACES, "", problem.name)
            case "PersistentVolumeClaim":
                self._open_yaml(CLAIMS, problem.namespace, problem.name)
            case _ if problem.pod and problem.count == 1:
                self.host.open_pod(problem.namespace, problem.pod)
            case kind:
                namespace, owner = re.escape(problem.namespace), re.escape(f"{kind}/{problem.name}")
                self.host.show_pods(filter=f"namespace:^{namespace}$ owner:^{owner}$")

    @on(RowTable.Opened, "#warnings")
    def _open_warning(self, event: RowTable.Opened) -> None:
        event.stop()
        warning = self._view.warnings.get(event.key) if self._view else None
        if warning is None:
            return
        match warning.about_kind:
            case "Node":
                self.host.open_node(warning.about_name)
            case "Pod":
                self.host.open_pod(warning.about_namespace, warning.about_name)
            case _:
                self._open_yaml(EVENTS, warning.namespace, warning.name)

    def _open_yaml(self, kind: Kind[Any], namespace: str, name: str) -> None:
        self.host.open_yaml(kind.kind, kind.path(namespace, name), namespace, name)
