"""The filter that opens in place of the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from kite_tui.widgets.frame import KeyHint, KeyLine
from kite_tui.widgets.ink import Line, content


class FilterPrompt(Horizontal):
    """A line to type a filter into. It says what is typed as it is typed, and never decides what that means.

    Opening and closing it is up to `Foot`.
    """

    DEFAULT_CSS = """
    FilterPrompt {
        height: 1;
        background: $kite-frame;
        & > .prompt--mark { width: 3; padding: 0 1; color: $kite-accent; text-style: bold; }
        & > Input {
            width: 1fr; height: 1; border: none; padding: 0; background: $kite-frame;
            &:focus { border: none; }
        }
        & > .prompt--notice { width: auto; max-width: 50%; padding: 0 1; color: $kite-warn; text-wrap: nowrap;
            text-overflow: ellipsis; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Clear", show=False, id="filter.cancel"),
        Binding("down", "submit", "To the rows", show=False, id="filter.rows"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | escape | Clear the filter and close the prompt. |
    | enter, down | Keep the filter and go to the rows. |
    """

    class Changed(Message):
        """Another text, `debounce_s` after the last key."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Message):
        """The text is to stay: enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        """No filter any more: escape."""

    def __init__(self, *, mark: str = "/", debounce_s: float = 0.0, id: str | None = None) -> None:
        """`debounce_s` 0 says every change at once."""
        super().__init__(id=id)
        self._mark = mark
        self._debounce_s = debounce_s
        self._waiting: Timer | None = None
        self._said = ""

    def compose(self) -> ComposeResult:
        """Mark, text, notice."""
        yield Static(Content(self._mark), classes="prompt--mark")
        yield Input(select_on_focus=False)
        yield Static(Content(""), classes="prompt--notice")

    @property
    def text(self) -> str:
        """What is typed now."""
        return self.query_one(Input).value

    def begin(self, text: str) -> None:
        """Start from a text, with the cursor at its end, and take the focus."""
        box = self.query_one(Input)
        self._said = text
        box.value = text
        box.cursor_position = len(text)
        self.set_notice("")
        self.screen.set_focus(box)  # now: `focus` would come after keys that are typed already

    def set_notice(self, notice: str) -> None:
        """Say at the right what is odd about the text ("unfinished regex, matched literally"); empty is nothing."""
        self.query_one(".prompt--notice", Static).update(content([(notice, "")]))

    def action_cancel(self) -> None:
        """Clear the filter."""
        self._stop()
        self._said = ""
        self.post_message(self.Cancelled())

    def action_submit(self) -> None:
        """Keep the filter."""
        self._stop()
        self._said = self.text
        self.post_message(self.Submitted(self.text))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop()
        if event.value == self._said:
            return
        if self._debounce_s:
            self._waiting = self.set_timer(self._debounce_s, self._say)
        else:
            self._say()

    def _say(self) -> None:
        self._waiting = None
        self._said = self.text
        self.post_message(self.Changed(self.text))

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None


class Foot(Widget):
    """The last line of a screen: its keys, or the filter while that is being typed."""

    DEFAULT_CSS = """
    Foot {
        height: 1;
        dock: bottom;
        & > FilterPrompt { display: none; }
        &.-typing > FilterPrompt { display: block; }
        &.-typing > KeyLine { display: none; }
    }
    """

    def __init__(self, hints: Sequence[KeyHint] = (), *, debounce_s: float = 0.0, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys = KeyLine(hints)
        self._prompt = FilterPrompt(debounce_s=debounce_s)
        self._came_from: Widget | None = None

    def compose(self) -> ComposeResult:
        """The keys and the prompt, one of which is seen."""
        yield self._keys
        yield self._prompt

    @property
    def is_typing(self) -> bool:
        """True while the prompt is open."""
        return self.has_class("-typing")

    def show(self, hints: Sequence[KeyHint], legend: Line = ()) -> None:
        """Show these keys."""
        self._keys.show(hints, legend)

    def set_notice(self, notice: str) -> None:
        """What is odd about the filter, at the right of the prompt."""
        self._prompt.set_notice(notice)

    def open_filter(self, text: str = "") -> None:
        """Open the prompt on a text. The focus comes back to where it was when the prompt closes."""
        if not self.is_typing:
            self._came_from = self.screen.focused
            self.add_class("-typing")
        self._prompt.begin(text)

    def close(self) -> None:
        """Show the keys again."""
        if not self.is_typing:
            return
        self.remove_class("-typing")
        if self._came_from is not None and self._came_from.is_attached:
            self._came_from.focus()
        self._came_from = None

    @on(FilterPrompt.Submitted)
    @on(FilterPrompt.Cancelled)
    def _close_at_the_end(self) -> None:
        self.close()
