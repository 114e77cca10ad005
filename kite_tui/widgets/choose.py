"""Choosing of many: type to narrow the list, enter to accept; where several may be chosen, space to tick."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.frame import KeyHint, KeyLine
from kite_tui.widgets.ink import content
from kite_tui.widgets.rows import ListRows
from kite_tui.widgets.table import RowTable

COLUMNS = (
    Column("tick", "", least=1, most=1),
    Column("label", "", least=12, flex=1, cut="middle"),
    Column("detail", "", least=8, flex=1, cut="middle", rank=2),
    Column("note", "", least=4, align="right", rank=1),
)

ALL = ""
"""Key of the row that means all of them."""


class Choice(NamedTuple):
    """Something to choose; `note` is a short word beside it (a count), `detail` is as long as the label."""

    id: str
    label: str
    note: str = ""
    detail: str = ""


class _Narrow(Input):
    """An Input in which the arrows move the list below, and space ticks where several may be chosen: of those no name
    has a space in it."""

    class Pressed(Message):
        """A key that is not for the text."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, ticks: bool) -> None:
        super().__init__(placeholder="type to narrow")
        self._for_the_list = {"up", "down", "pageup", "pagedown", *(("space",) if ticks else ())}

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self._for_the_list:
            event.stop()
            event.prevent_default()
            self.post_message(self.Pressed(event.key))
        else:
            await super()._on_key(event)


class Choose(ModalScreen[tuple[str, ...] | None]):
    """Returns the ids chosen, in the order of the choices; empty for all of them; None where it was left with escape.

    Enter takes what is ticked, or, where nothing is, the row under the cursor; that always where one only is chosen.
    """

    DEFAULT_CSS = """
    Choose {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 60; max-width: 100%; max-height: 90%;
            border: round $kite-accent;
            background: $background;
            &.-detailed { width: 100; }
        }
        & Input {
            height: 1; border: none; padding: 0 1; background: $kite-frame;
            &:focus { border: none; }
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False, id="choose.leave"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | escape | Leave without choosing. |
    | space | Tick or untick. |
    | enter | Take what is ticked, else the row under the cursor. |
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        chosen: Collection[str] = (),
        *,
        all_label: str = "",
        several: bool = True,
        verb: str = "take",
    ) -> None:
        """`chosen` are ticked already; where not `several` can be they are marked, and the cursor begins there.
        `all_label`, where given, names a first row that stands for all of them. `verb` is what enter does."""
        super().__init__()
        self._several = several
        self._verb = verb
        self._title = title
        self._choices = {choice.id: choice for choice in choices}
        self._ticked = {choice.id for choice in choices if choice.id in chosen}
        self._all_label = all_label

    def compose(self) -> ComposeResult:
        """What to type into, the list, the keys."""
        with Vertical() as box:
            box.border_title = content([(self._title, "accent")])
            # One line to type in, the rows, the keys and two of border.
            box.styles.height = min(30, len(self._choices) + bool(self._all_label) + 4)
            box.set_class(self._is_detailed, "-detailed")
            yield _Narrow(ticks=self._several)
            yield RowTable([each for each in COLUMNS if each.id != "detail" or self._is_detailed], header=False)
            yield KeyLine()

    def on_mount(self) -> None:
        """Show everything."""
        self.query_one(RowTable).can_focus = False
        self.query_one(Input).focus()
        self._narrow("")
        if not self._several:
            self.query_one(RowTable).move_to(next((at for at, id in enumerate(self._choices) if id in self._ticked), 0))

    @property
    def _is_detailed(self) -> bool:
        return any(choice.detail for choice in self._choices.values())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        table = self.query_one(RowTable)
        under = table.cursor_key
        if self._ticked and self._several:
            self.dismiss(tuple(id for id in self._choices if id in self._ticked))
        elif under is not None:
            self._take(under)

    @on(_Narrow.Pressed)
    def _pressed(self, event: _Narrow.Pressed) -> None:
        table = self.query_one(RowTable)
        match event.key:
            case "space":
                self._tick(table.cursor_key)
            case "up" | "down":
                table.action_move(1 if event.key == "down" else -1)
            case _:
                table.action_page(1 if event.key == "pagedown" else -1)

    @on(RowTable.Opened)
    def _clicked_twice(self, event: RowTable.Opened) -> None:
        event.stop()
        if self._several:
            self._tick(event.key)
        else:
            self._take(event.key)

    @on(RowTable.Moved)
    def _moved(self, event: RowTable.Moved) -> None:
        event.stop()
        self._tell()

    def action_leave(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)

    def _take(self, key: str) -> None:
        self.dismiss(() if key == ALL else (key,))

    def _tick(self, key: str | None) -> None:
        if key is None:
            return
        if key == ALL:
            self._ticked.clear()
        else:
            self._ticked ^= {key}
        self._narrow(self.query_one(Input).value)

    def _narrow(self, text: str) -> None:
        wanted = text.strip().lower()
        keys = [id for id, choice in self._choices.items() if wanted in f"{choice.label} {choice.detail}".lower()]
        if self._all_label and not wanted:
            keys.insert(0, ALL)
        table = self.query_one(RowTable)
        table.set_placeholder(content([("○ ", "dim"), ("Nothing matches", "name")]))
        table.set_rows(ListRows(keys, self._cells))
        self._tell()

    def _tell(self) -> None:
        under = self.query_one(RowTable).cursor_key
        if self._ticked and self._several:
            does = f"{self._verb} {len(self._ticked)} ticked"
        elif under is None:
            does = "–"
        else:
            does = f"{self._verb} {self._all_label if under == ALL else self._choices[under].label}"
        ticks = [KeyHint("space", "tick", 1)] if self._several else []
        hints = [KeyHint("enter", does), *ticks, KeyHint("esc", "leave", 2)]
        self.query_one(KeyLine).show(hints)

    def _cells(self, key: str, columns: Sequence[Column]) -> Sequence[Cell]:
        if key == ALL:
            cells = {"tick": Cell("" if self._ticked else "●", "good"), "label": Cell(self._all_label, "name")}
        else:
            choice = self._choices[key]
            unticked = "·" if self._several else ""
            cells = {
                "tick": Cell("●" if key in self._ticked else unticked, "good" if key in self._ticked else "faint"),
                "label": Cell(choice.label, "name" if key in self._ticked else ""),
                "detail": Cell(choice.detail, "dim"),
                "note": Cell(choice.note, "dim"),
            }
        return [cells.get(column.id, Cell("")) for column in columns]
