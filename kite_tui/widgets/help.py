"""Help: the keys of a screen, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import Section, Sections
from kite_tui.widgets.ink import content

COLUMNS = (Column("key", "", least=10, most=24), Column("what", "", least=10, flex=1))
PROSE = (Column("what", "", least=10, flex=1),)


class KeyGroup(NamedTuple):
    """Keys that belong together, as (key, what it does); without a single key it is prose, over the whole width."""

    title: str
    keys: Sequence[tuple[str, str]]


class Help(ModalScreen[None]):
    """All keys at once, in two columns where there is room, to scroll where there isn't."""

    DEFAULT_CSS = """
    Help {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 96%; max-width: 130; height: 90%;
            border: round $kite-accent;
            background: $background; padding: 1 0 0 1;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close", show=False, id="help.close"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | escape, q, ? | Close. |
    """

    def __init__(self, groups: Sequence[KeyGroup], title: str = "Help") -> None:
        super().__init__()
        self._groups = tuple(groups)
        self._title = title

    def compose(self) -> ComposeResult:
        """The groups as sections of a page."""
        with Vertical() as box:
            box.border_title = content([(self._title, "accent")])
            box.border_subtitle = content([("esc", "key"), (" closes", "dim")])
            yield Sections(map(_section, self._groups))


def _section(group: KeyGroup) -> Section:
    if any(key for key, _ in group.keys):
        return Section(group.title, [(Cell(key, "key"), Cell(what)) for key, what in group.keys], COLUMNS)
    return Section(group.title, [(Cell(what),) for _, what in group.keys], PROSE, across=True)
