"""What the tests and the gallery share: an app with nothing but our themes, and rows made from a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.app import App, ComposeResult
from textual.widget import Widget

from kite_tui.widgets.bars import resource_bar
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.ink import Line
from kite_tui.widgets.theme import register_themes, variable_defaults

NAME = Column("name", "NAME", least=8)
TWO = (NAME, Column("value", "VALUE", least=8))
NODE_COLUMNS = (
    Column("name", "NAME", least=12, cut="middle"),
    Column("status", "STATUS", least=6, rank=1),
    Column("pods", "PODS", least=7, align="right", rank=3),
    Column("cpu", "CPU", least=5, align="right", rank=5),
    Column("cpu_bar", "USE REQ LIM", least=10, most=24, flex=1, sortable=False, rank=2),
    Column("memory", "MEMORY", least=7, align="right", rank=6),
    Column("memory_bar", "USE REQ LIM", least=10, most=24, flex=1, sortable=False, rank=3),
    Column("version", "VERSION", least=7, rank=8),
    Column("zone", "ZONE", least=6, rank=9, wide=True),
    Column("age", "AGE", least=4, align="right", rank=7, flashes=False),
)


def bar(used: int, requested: int, limited: int) -> Callable[[int], Line]:
    """A bar in percent that draws itself at any width."""
    return lambda width: resource_bar(width, used, requested, limited, 100)


class NumberRows:
    """Rows `first` … `first + count`, all answers by arithmetic: costs nothing, however many. Counts what is asked."""

    def __init__(self, count: int, first: int = 0, generation: int = 0) -> None:
        self.count = count
        self.first = first
        self.generation = generation
        self.cells_calls = 0
        self.index_calls = 0

    def __len__(self) -> int:
        return self.count

    def key(self, index: int) -> str:
        """`k17`, wherever row 17 stands."""
        return f"k{index + self.first}"

    def index_of(self, key: str) -> int | None:
        """By arithmetic."""
        self.index_calls += 1
        index = int(key[1:]) - self.first
        return index if 0 <= index < self.count else None

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """A node that believes in its number."""
        self.cells_calls += 1
        n = index + self.first
        down, cordoned = n % 37 == 5, n % 23 == 7
        status = "NotReady" if down else "Ready,SchedulingDisabled" if cordoned else "Ready"
        held = (n * 7 + self.generation) % 111
        use = (n * 13 + self.generation * 3) % 101
        cells = {
            "name": Cell(f"ip-10-{n // 65536}-{n // 256 % 256}-{n % 256}", "name"),
            "status": Cell(status, "bad" if down else "warn" if cordoned else "good"),
            "pods": Cell(f"{held}/110", "", [(str(held), "number"), ("/110", "dim")]),
            "cpu": Cell(str(8 << n % 3), "number"),
            "cpu_bar": Cell(f"{use}%", "", bar(use, n * 11 % 100, n * 17 % 180)),
            "memory": Cell(f"{32 << n % 3} GiB", "number"),
            "memory_bar": Cell(f"{use}%", "", bar(n * 5 % 96, n * 3 % 100, n * 19 % 150)),
            "version": Cell("v1.36.1", "dim"),
            "zone": Cell(f"eu-west-1{'abc'[n % 3]}", "dim"),
            "age": Cell(f"{n % 400}d", "dim"),
        }
        return [cells[column.id] for column in columns]


class KeyRows:
    """Rows in the order of the keys given; the cells are the key, and a value where there is one."""

    def __init__(self, keys: Iterable[str], values: dict[str, str] | None = None) -> None:
        self.keys = list(keys)
        self.values = values or {}

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, index: int) -> str:
        """The key at a position."""
        return self.keys[index]

    def index_of(self, key: str) -> int | None:
        """Where a key is."""
        return self.keys.index(key) if key in self.keys else None

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """The key under `name`, its value under everything else."""
        key = self.keys[index]
        return [Cell(key if column.id == "name" else self.values.get(key, "")) for column in columns]


class Host(App[None]):
    """Themes as the app has them, and the widgets given."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *widgets: Widget, theme: str = "kite-dark", ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._widgets = widgets
        self.said: list[object] = []
        register_themes(self)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Every theme knows our variables."""
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        """The widgets."""
        yield from self._widgets


def lines_of(app: App[None]) -> list[str]:
    """What is on the screen, as plain lines without the blanks at their ends."""
    width, height = app.size
    strips = app.screen._compositor.render_strips(app.size)
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips][:height] if width else []
