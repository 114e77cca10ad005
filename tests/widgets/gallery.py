"""Every widget, to look at in a real terminal: `python -m tests.widgets.gallery [theme]`.

1 tiles, 2 table, 3 page of an object, 4 text, 5 states; / filter, n choose, ? help, t next theme, w wide, q quit.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.widgets import ContentSwitcher

from kite_tui.objects.states import (
    Absent,
    Auth,
    Failed,
    Forbidden,
    Live,
    Off,
    Partial,
    Polling,
    Stale,
    State,
    Syncing,
)
from kite_tui.widgets.bars import percent_bar, sparkline
from kite_tui.widgets.choose import Choice, Choose
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import Section, Sections
from kite_tui.widgets.foot import Foot
from kite_tui.widgets.frame import KeyHint, Tab, Tabs, Truth, TruthLine
from kite_tui.widgets.help import Help, KeyGroup
from kite_tui.widgets.ink import Ink, Line
from kite_tui.widgets.rows import ListRows
from kite_tui.widgets.states import placeholder_for
from kite_tui.widgets.table import RowTable
from kite_tui.widgets.textview import TextView
from kite_tui.widgets.tile import ListTile, Tile, TileLine
from tests.widgets.host import NODE_COLUMNS, Host, NumberRows

NOW_S = 1_700_000_000.0
STATES: tuple[State, ...] = (
    Live(),
    Syncing(1500, 50_000),
    Polling(NOW_S, 30),
    Stale(NOW_S - 40, "connection refused", NOW_S + 4),
    Partial(2, 9, "secrets in 7 namespaces are forbidden"),
    Forbidden("list", "shop", 'pods is forbidden: User "eve" cannot list resource "pods"'),
    Absent("the metrics API is not installed"),
    Auth("the token has expired"),
    Failed("no route to host", NOW_S + 12),
    Off(),
)

PROBLEMS = (
    ("✗", "node", "ip-10-0-3-17", "NotReady, kubelet silent", "4m", "bad"),
    ("✗", "deploy", "shop/cart", "0 of 3 available", "12m", "bad"),
    ("✗", "pod", "shop/cart-7d9f8b6c5-x2v9p", "ConfigMap cart-config missing", "12m", "bad"),
    ("!", "pvc", "data/pg-data-2", "Pending, no StorageClass fast", "1h", "warn"),
    ("!", "node", "ip-10-0-9-4", "MemoryPressure", "2m", "warn"),
    ("!", "pod", "etl/load-28192-q-with-a-name-that-a-cloud-made-up-9f8b7", "OOMKilled 6 times", "9m", "warn"),
)
PROBLEM_COLUMNS = (
    Column("mark", "", least=1, most=1),
    Column("kind", "", least=4, most=7, rank=2),
    Column("name", "", least=12, cut="middle", flex=1),
    Column("what", "", least=10, rank=1),
    Column("since", "", least=3, align="right", rank=3),
)

YAML = """\
# a comment
apiVersion: v1
kind: Pod
metadata:
  name: cart-7d9f8b6c5-x2v9p
  annotations:
    evil: "[bold red]no markup[/] \x1b[31mno escape \u202e reversed"
spec:
  containers:
    - name: app
      image: registry.example/cart:1.2.3@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      args: ["--port", "8080"]
"""


def problem_cells(key: str, columns: Sequence[Column]) -> Sequence[Cell]:
    """A line of "wrong now"."""
    mark, kind, name, what, since, level = PROBLEMS[int(key)]
    ink: Ink = "bad" if level == "bad" else "warn"
    cells = [Cell(mark, ink), Cell(kind, "dim"), Cell(name, "name"), Cell(what), Cell(since, "dim")]
    by_id = dict(zip([column.id for column in PROBLEM_COLUMNS], cells, strict=True))
    return [by_id[column.id] for column in columns]


def share_line(label: str, amount: str, share: float, ink: Ink, samples: Sequence[float] = ()) -> TileLine:
    """A line of the CPU or memory tile: label, amount, percent, bar, and a sparkline where there is room."""

    def draw(width: int) -> Line:
        spark = 10 if width >= 60 and samples else 0
        room = max(4, width - 30 - (spark + 2 if spark else 0))
        line: list[tuple[str, Ink]] = [(f"{label:<9}", "dim"), (f"{amount:>10}", "number"), (f"{share:>6.0%}  ", ink)]
        line += percent_bar(room, share, ink)
        return [*line, ("  ", ""), *sparkline(spark, samples, 1)] if spark else line

    return TileLine(draw, label)


def tiles() -> list[Tile]:
    """Four small tiles, each in another state of mind."""
    nodes = Tile("Nodes", id="nodes")
    nodes.show(
        [
            TileLine([("98", "number"), (" of 100 ready", "dim")], "ready"),
            TileLine([("✗ 1 not ready", "bad")], "not_ready"),
            TileLine([("◌ 1 cordoned", "warn")], "cordoned"),
        ]
    )
    pods = Tile("Pods", id="pods")
    pods.show(
        [
            TileLine([("4 812", "number"), (" of 5 000 healthy", "dim")], "healthy"),
            TileLine([("✗ 17 failed", "bad")], "failed"),
            TileLine([("◐ 51 pending", "warn")], "pending"),
        ],
        Stale(NOW_S - 40, "connection refused"),
        NOW_S,
        [("120 not ready", "dim")],
    )
    namespaces = Tile("Namespaces", id="namespaces")
    namespaces.show((), Forbidden("list", ""), NOW_S)
    services = Tile("Services", id="services")
    services.show((), Syncing(1500), NOW_S)
    return [nodes, pods, namespaces, services]


def shares() -> list[Tile]:
    """CPU and memory."""
    samples = [0.2, 0.22, 0.3, 0.28, 0.35, 0.3, 0.25, 0.27, 0.3, 0.25]
    cpu = Tile("CPU  800 cores", id="cpu")
    cpu.show(
        [
            share_line("usage", "201.3", 0.25, "good", samples),
            share_line("requests", "412.5", 0.51, "accent"),
            share_line("limits", "650.0", 0.81, "dim"),
            TileLine([("waiting  ", "dim"), (f"{'6.0':>10}", "number"), ("  unscheduled pods ask for this", "dim")]),
        ]
    )
    memory = Tile("Memory  3.1 TiB", id="memory")
    memory.show(
        [
            share_line("usage", "1.4 TiB", 0.45, "good", [sample + 0.2 for sample in samples]),
            share_line("requests", "2.2 TiB", 0.70, "accent"),
            share_line("limits", "3.6 TiB", 1.16, "dim"),
            TileLine([("waiting  ", "dim"), (f"{'24 GiB':>10}", "number")]),
        ]
    )
    return [cpu, memory]


def sections() -> list[Section]:
    """A node's page."""
    return [
        Section(
            "Node",
            [
                (Cell("status", "dim"), Cell("Ready", "good")),
                (Cell("roles", "dim"), Cell("worker")),
                (Cell("version", "dim"), Cell("v1.36.1")),
                (Cell("runtime", "dim"), Cell("containerd://2.1.4")),
            ],
        ),
        Section("Addresses", [(Cell("InternalIP", "dim"), Cell("10.0.3.17")), (Cell("Hostname", "dim"), Cell("ip-1"))]),
        Section(
            "Effective requests",
            [
                (Cell("cpu", "dim"), Cell("containers 500m + sidecar 100m; init needs 200m; overhead 100m")),
                (Cell("memory", "dim"), Cell("containers 1 GiB + sidecar 64 MiB; pod-level 2 GiB replaces them")),
            ],
        ),
        Section(
            "Conditions",
            [
                (Cell("Ready"), Cell("True", "good"), Cell("KubeletReady"), Cell("kubelet is posting ready status")),
                (Cell("MemoryPressure"), Cell("False", "good"), Cell("KubeletHasSufficientMemory"), Cell("enough")),
            ],
            (
                Column("type", "TYPE", least=8),
                Column("status", "STATUS", least=6),
                Column("reason", "REASON", least=8, rank=1),
                Column("message", "MESSAGE", least=10, flex=1, rank=2),
            ),
            across=True,
        ),
    ]


class Gallery(Host):
    """All of it."""

    CSS = """
    .row { height: 5; }
    .shares { height: 6; }
    .row > Tile { width: 1fr; height: 1fr; }
    .lists { height: 1fr; min-height: 6; }
    .lists > ListTile { width: 1fr; height: 1fr; }
    .narrow .lists { layout: vertical; height: 16; }
    .narrow .row { layout: grid; grid-size: 2; grid-rows: 5; height: 10; }
    .narrow .shares { grid-rows: 6; height: 6; }
    ContentSwitcher { height: 1fr; }
    ContentSwitcher > * { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(n + 1), f"page('{page}')")
            for n, page in enumerate(("tiles", "table", "page", "text", "states"))
        ),
        Binding("slash", "filter"),
        Binding("n", "choose"),
        Binding("question_mark", "help"),
        Binding("t", "next_theme"),
        Binding("w", "wide"),
        Binding("q", "quit"),
    ]

    def __init__(self, theme: str = "kite-dark", count: int = 150_000) -> None:
        super().__init__(theme=theme)
        self._rows = NumberRows(count)
        self._wide = False
        self._state = 0

    def compose(self) -> ComposeResult:
        """A frame around pages."""
        yield TruthLine()
        yield Tabs([Tab(str(n + 1), p.title(), p) for n, p in enumerate(("tiles", "table", "page", "text", "states"))])
        with ContentSwitcher(initial="tiles"):
            with VerticalScroll(id="tiles", can_focus=False):
                yield Horizontal(*tiles(), classes="row")
                yield Horizontal(*shares(), classes="row shares")
                yield Horizontal(
                    ListTile("Wrong now", PROBLEM_COLUMNS, id="wrong"),
                    ListTile("Warnings, newest first", PROBLEM_COLUMNS, id="warnings"),
                    classes="lists",
                )
            yield RowTable(NODE_COLUMNS, id="table")
            yield Sections(sections(), id="page")
            yield TextView(YAML, id="text")
            with Container(id="states"):
                yield RowTable(NODE_COLUMNS, id="empty")
        yield Foot(
            [
                KeyHint("enter", "open"),
                KeyHint("/", "filter"),
                KeyHint("n", "namespaces", 1),
                KeyHint("w", "wide", 2),
                KeyHint("t", "theme", 3),
                KeyHint("?", "help"),
                KeyHint("q", "quit"),
            ]
        )

    def on_mount(self) -> None:
        """Fill everything, and let the table live."""
        self.query_one("#wrong", ListTile).set_rows(ListRows([str(n) for n in range(len(PROBLEMS))], problem_cells))
        self.query_one("#warnings", ListTile).set_state(Live(), "warnings", NOW_S)
        table = self.query_one("#table", RowTable)
        table.set_sort("name", False)
        table.set_rows(self._rows)
        self.set_interval(2, self._tick)
        self.action_page("tiles")

    def on_resize(self) -> None:
        """Two by two below 100 cells."""
        self.query_one("#tiles").set_class(self.size.width < 100, "narrow")

    def _tick(self) -> None:
        table = self.query_one("#table", RowTable)
        if self.query_one(ContentSwitcher).current == "table":
            self._rows = NumberRows(self._rows.count, 0, self._rows.generation + 1)
            table.set_rows(self._rows)
            table.mark_changed({f"k{table.top + n}" for n in (3, 8, 9)})

    def action_page(self, page: str) -> None:
        """Show a page and focus what can be."""
        if page == "states" and self.query_one(Tabs).current == page:
            self._state = (self._state + 1) % len(STATES)
        self.query_one(ContentSwitcher).current = page
        self.query_one(Tabs).show(page)
        state = STATES[self._state] if page == "states" else Live()
        self.query_one("#empty", RowTable).set_placeholder(placeholder_for(state, "pods", filtered=False))
        self.query_one(TruthLine).show(
            Truth(
                "arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu",
                (),
                "v1.36.1",
                state,
                "pods",
                6,
                5214,
                12,
                ("insecure TLS",) if page == "states" else (),
                NOW_S,
            )
        )
        target = self.query_one(f"#{page}")
        focusable = [w for w in target.walk_children(with_self=True) if getattr(w, "focusable", False)]
        if focusable:
            self.screen.set_focus(focusable[0])  # type: ignore[arg-type]

    def action_filter(self) -> None:
        """Open the filter."""
        self.query_one(Foot).open_filter()

    @on(Foot.Filtered)
    def _filtered(self, event: Foot.Filtered) -> None:
        odd = event.text.count("(") != event.text.count(")")
        self.query_one(Foot).set_notice("unfinished regex, matched literally" if odd else "")

    @on(Tabs.Chosen)
    def _tab(self, event: Tabs.Chosen) -> None:
        self.action_page(event.tab_id)

    @on(RowTable.SortRequested)
    def _sort(self, event: RowTable.SortRequested) -> None:
        event.table.set_sort(event.column_id, event.reverse)

    @on(RowTable.Opened)
    def _opened(self, event: RowTable.Opened) -> None:
        self.notify(f"{event.key} [b]opened[/b]", markup=False)

    @on(Tile.Opened)
    def _tile(self, event: Tile.Opened) -> None:
        self.notify(f"{event.tile.id} {event.line_id}", markup=False)

    def action_choose(self) -> None:
        """Choose namespaces."""
        choices = [Choice(name, name, f"{n * 37 % 400} pods") for n, name in enumerate(("shop", "etl", "kube-system"))]
        self.push_screen(Choose("Namespaces", choices, all_label="all namespaces"), self._chosen)

    def _chosen(self, chosen: tuple[str, ...] | None) -> None:
        self.notify(repr(chosen), markup=False)

    def action_help(self) -> None:
        """Show the keys."""
        moving = [("↑ ↓ j k", "one line"), ("g G", "first, last"), ("PageUp PageDown", "a page"), ("enter", "open")]
        others = [("/", "filter: a regular expression, `!` inverts"), ("n", "namespaces"), ("q", "quit")]
        self.push_screen(Help([KeyGroup("Move", moving), KeyGroup("Ask", others), KeyGroup("From k9s", others)]))

    def action_next_theme(self) -> None:
        """The next theme by name."""
        names = sorted(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.title = self.theme

    def action_wide(self) -> None:
        """Wide columns."""
        self._wide = not self._wide
        self.query_one("#table", RowTable).set_columns(NODE_COLUMNS, wide=self._wide)


def main() -> None:
    """Run it."""
    started = time.monotonic()
    app: App[None] = Gallery(sys.argv[1] if len(sys.argv) > 1 else "kite-dark")
    app.run()
    print(f"{time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
