"""The last line of a screen: its keys, or what is being typed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from kite_tui.widgets.frame import KeyHint, KeyLine
from kite_tui.widgets.ink import Line
from kite_tui.widgets.prompt import FILTER, Asking, Completer, Prompt


class Foot(Widget):
    """The last line of a screen: its keys, or what is typed in their place."""

    DEFAULT_CSS = """
    Foot {
        height: 1;
        dock: bottom;
        & > Prompt { display: none; }
        &.-typing > Prompt { display: block; }
        &.-typing > KeyLine { display: none; }
    }
    """

    class Filtered(Message):
        """Another filter; empty for none."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Commanded(Message):
        """A command, still in sight: who carries it out closes the prompt, or says why not. Empty for none."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, hints: Sequence[KeyHint] = (), *, debounce_s: float = 0.0, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys = KeyLine(hints)
        self._prompt = Prompt(debounce_s=debounce_s)
        self._came_from: Widget | None = None

    def compose(self) -> ComposeResult:
        """The keys and the prompt, one of which is seen."""
        yield self._keys
        yield self._prompt

    @property
    def is_typing(self) -> bool:
        """True while the prompt is open."""
        return self.has_class("-typing")

    @property
    def command(self) -> str | None:
        """The command that is being typed, None where none is."""
        return self._prompt.text if self.is_typing and self._prompt.asking.complete is not None else None

    def show(self, hints: Sequence[KeyHint], legend: Line = ()) -> None:
        """Show these keys."""
        self._keys.show(hints, legend)

    def set_notice(self, notice: str) -> None:
        """What is odd about what is typed, at the right of the prompt."""
        self._prompt.set_notice(notice)

    def complete_again(self) -> None:
        """What a command could go on with may be another matter now."""
        if self.is_typing:
            self._prompt.complete_again()

    def open_filter(self, text: str = "") -> None:
        """Open the prompt on a filter. The focus comes back to where it was when the prompt closes."""
        self._open(text, FILTER)

    def open_command(self, complete: Completer, history: Sequence[str]) -> None:
        """Open the prompt for a command, likewise."""
        self._open("", Asking(":", complete, history))

    def _open(self, text: str, asking: Asking) -> None:
        if not self.is_typing:
            self._came_from = self.screen.focused
            self.add_class("-typing")
        self._prompt.begin(text, asking)

    def close(self) -> None:
        """Show the keys again."""
        if not self.is_typing:
            return
        self.remove_class("-typing")
        came_from, self._came_from = self._came_from, None
        self.screen.set_focus(came_from if came_from is not None and came_from.is_attached else None)

    @on(Prompt.Changed)
    @on(Prompt.Submitted)
    @on(Prompt.Cancelled)
    def _said(self, event: Prompt.Changed | Prompt.Submitted | Prompt.Cancelled) -> None:
        event.stop()
        is_filter = self._prompt.asking.complete is None
        text = "" if isinstance(event, Prompt.Cancelled) else event.text
        if is_filter:
            if not isinstance(event, Prompt.Changed):
                self.close()
            self.post_message(self.Filtered(text))
        elif not isinstance(event, Prompt.Changed):
            self.post_message(self.Commanded(text))
