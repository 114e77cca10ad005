"""An app with one table, ours or Textual's, that is filled when a key is pressed: `python -m benchmarks.table_app WHOSE
ROWS`. Both get the same texts, which are there before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.table import RowTable
from kite_tui.widgets.theme import register_themes, variable_defaults

FILL = b"f"
READY = "filled by a key"
TITLES = ("NAMESPACE", "NAME", "READY", "STATUS", "RST", "CPU", "MEM", "NODE", "AGE", "IP")

Texts = tuple[str, ...]


def texts(count: int) -> list[Texts]:
    """Rows as a list of pods has them."""
    return [
        (
            f"team-{n % 40}",
            f"web-6c8d4f7b9-{n:06d}",
            "1/1",
            "Running",
            str(n % 7),
            f"{n % 900}m",
            f"{n % 500} MiB",
            f"node-{n % 5_000:04d}",
            f"{n % 400}d",
            f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}",
        )
        for n in range(count)
    ]


class TextRows:
    """Our table's rows over those texts."""

    def __init__(self, rows: Sequence[Texts]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """The row's number."""
        return str(index)

    def index_of(self, key: str) -> int | None:
        """By arithmetic."""
        return int(key)

    def cells(self, index: int, columns: Sequence[Column]) -> Sequence[Cell]:
        """The texts of one row."""
        row = self._rows[index]
        return [Cell(row[int(column.id)]) for column in columns]


class TableApp(App[None]):
    """One table under a line."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [(FILL.decode(), "fill", "Fill")]  # noqa: RUF012 - Textual's own form

    def __init__(self, rows: Sequence[Texts]) -> None:
        super().__init__()
        register_themes(self)
        self.theme = "kite-dark"
        self.rows = rows

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our widgets' styles need."""
        return variable_defaults(self.current_theme)


class Ours(TableApp):
    """With a RowTable."""

    def compose(self) -> ComposeResult:
        """The line and the table."""
        yield Static(READY)
        yield RowTable([Column(str(at), title, least=6) for at, title in enumerate(TITLES)])

    def on_mount(self) -> None:
        """Let the table have the keys."""
        self.query_one(RowTable).focus()

    def action_fill(self) -> None:
        """Show the rows."""
        self.query_one(RowTable).set_rows(TextRows(self.rows))


class Theirs(TableApp):
    """With a DataTable."""

    def compose(self) -> ComposeResult:
        """The line and the table."""
        yield Static(READY)
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Titles, and let the table have the keys."""
        table = self.query_one(DataTable)
        table.add_columns(*TITLES)
        table.focus()

    def action_fill(self) -> None:
        """Show the rows."""
        self.query_one(DataTable).add_rows(self.rows)


APPS = {"ours": Ours, "datatable": Theirs}


def main() -> None:
    """Run one."""
    whose, count = sys.argv[1:]
    APPS[whose](texts(int(count))).run()


if __name__ == "__main__":
    main()
