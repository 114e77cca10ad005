"""The first frame: which cluster it will be. Everything else is still being loaded behind it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from kite_tui.objects.states import Syncing
from kite_tui.screens.tabs import TABS
from kite_tui.widgets.frame import KeyHint, KeyLine, Tabs, Truth, TruthLine


class OpeningScreen(Screen[None]):
    """The frame of the screens to come, around nothing. Light to import: no query, no table, no session."""

    DEFAULT_CSS = """
    OpeningScreen { background: $background; }
    OpeningScreen > KeyLine { dock: bottom; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", "Quit", show=False, id="opening.quit"),
    ]

    def __init__(self, cluster: str, namespaces: tuple[str, ...], alarms: tuple[str, ...]) -> None:
        super().__init__()
        self._truth = Truth(cluster, namespaces, state=Syncing(), what="cluster", alarms=alarms)

    def compose(self) -> ComposeResult:
        """The first line, the tabs, the last line."""
        yield TruthLine(self._truth)
        yield Tabs(TABS, "overview")
        yield KeyLine((KeyHint("q", "quit"),))
