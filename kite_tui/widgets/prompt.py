"""The line to type into that opens in place of the keys: a filter that acts as it is typed, or a command for enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from kite_tui.text.cut import cell_width
from kite_tui.widgets.ink import Line, Piece, content, safe

NOTICE_SHARE = 0.7
"""Of the width, for what is said at the right."""


class Completion(NamedTuple):
    """What a text could go on with: `words`, the likeliest first, in place of all that stands from `start` on. `more`
    says that something may follow such a word. `notice` is said where there are no words."""

    start: int = 0
    words: Sequence[str] = ()
    more: bool = False
    notice: str = ""


Completer = Callable[[str], Completion]
"""Called on the UI thread at every change of the text; must not wait."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for: the mark before it, and where tab, up and down mean something, what completes it and what was
    typed before (the newest last). Without a completer down goes to the rows."""

    mark: str
    complete: Completer | None = None
    history: Sequence[str] = ()


FILTER = Asking("/")


@dataclass(slots=True)
class _Cycle:
    """The words that tab goes round, and which of them stands there (-1: none)."""

    completion: Completion = field(default_factory=Completion)
    at: int = -1


class Prompt(Horizontal):
    """A line to type into. It says what is typed as it is typed, and never decides what that means.

    Opening and closing it is up to `Foot`.
    """

    DEFAULT_CSS = """
    Prompt {
        height: 1;
        background: $kite-frame;
        & > .prompt--mark { width: 3; padding: 0 1; color: $kite-accent; text-style: bold; }
        & > Input {
            width: 1fr; height: 1; border: none; padding: 0; background: $kite-frame;
            &:focus { border: none; }
        }
        & > .prompt--notice { width: auto; max-width: 70%; padding: 0 1; color: $kite-warn; text-wrap: nowrap;
            text-overflow: ellipsis; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Leave", show=False, id="prompt.cancel"),
        Binding("down", "down", "To the rows, or what was typed after", show=False, id="prompt.down"),
        Binding("up", "up", "What was typed before", show=False, id="prompt.up"),
        Binding("tab", "complete(1)", "Complete", show=False, id="prompt.complete"),
        Binding("shift+tab", "complete(-1)", "The completion before", show=False, id="prompt.complete_back"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | escape | Leave: without a filter, or without a command. |
    | enter | Keep the filter and go to the rows; carry out the command. |
    | down | The same for a filter; for a command the one typed after. |
    | up | The command typed before. |
    | tab, shift+tab | Complete; again: the next of the completions, the one before. |
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
        """Nothing is asked for any more: escape."""

    def __init__(self, *, debounce_s: float = 0.0, id: str | None = None) -> None:
        """`debounce_s` 0 says every change at once."""
        super().__init__(id=id)
        self._asking = FILTER
        self._debounce_s = debounce_s
        self._waiting: Timer | None = None
        self._said = ""
        self._cycle = _Cycle()
        self._has_notice = False
        self._recalled = 0
        self._draft = ""

    def compose(self) -> ComposeResult:
        """Mark, text, notice."""
        yield Static(Content(self._asking.mark), classes="prompt--mark")
        yield Input(select_on_focus=False)
        yield Static(Content(""), classes="prompt--notice")

    @property
    def asking(self) -> Asking:
        """What is asked for now."""
        return self._asking

    @property
    def text(self) -> str:
        """What is typed now."""
        return self.query_one(Input).value

    def begin(self, text: str, asking: Asking = FILTER) -> None:
        """Start from a text, with the cursor at its end, and take the focus."""
        self._asking = asking
        self._recalled, self._draft = len(asking.history), text
        self.query_one(".prompt--mark", Static).update(Content(asking.mark))
        self._cycle = _Cycle()
        self._put(text)
        self._show(())
        self.screen.set_focus(self.query_one(Input))  # now: `focus` would come after keys that are typed already
        self.complete_again()

    def _put(self, text: str) -> None:
        """Have another text, of which nobody needs to be told."""
        box = self.query_one(Input)
        self._stop()
        self._said, self._has_notice = text, False
        box.value = text
        box.cursor_position = len(text)

    def set_notice(self, notice: str) -> None:
        """Say at the right what is odd about the text ("unfinished regex, matched literally"); empty is nothing. It
        stands there until the text is another one."""
        self._has_notice = bool(notice)
        self._show([(notice, "warn")])

    def _show(self, line: Line) -> None:
        self.query_one(".prompt--notice", Static).update(content(line))

    # -- completing ---------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A filter has no completions and no history: there the keys mean what they mean elsewhere."""
        if action in ("complete", "up") and self._asking.complete is None:
            return False
        return super().check_action(action, parameters)

    def complete_again(self) -> None:
        """See anew what the text could go on with: it changed, or what is known did. What tab goes round stays."""
        if self._asking.complete is not None and self._cycle.at < 0 and not self._has_notice:
            self._cycle = _Cycle(self._asking.complete(self.text))
            self._show_words()

    def action_complete(self, step: int) -> None:
        """Put as much as all completions have in common; where that is nothing new, the next of them."""
        completion, text = self._cycle.completion, self.text
        if not completion.words:
            return
        head, typed = text[: completion.start], text[completion.start :]
        if len(completion.words) == 1:
            self._cycle = _Cycle()
            self._put(head + completion.words[0] + (" " if completion.more else ""))
            self.complete_again()
            return
        common = _common(completion.words)
        if self._cycle.at < 0 and len(common) > len(typed) and common.startswith(typed.lower()):
            self._put(head + completion.words[0][: len(common)])
            self.complete_again()
            return
        at = self._cycle.at + step if self._cycle.at >= 0 else 0 if step > 0 else -1
        self._cycle.at = at % len(completion.words)
        self._put(head + completion.words[self._cycle.at])
        self._show_words()

    def _show_words(self) -> None:
        """The completions in as much room as there is, from the one that stands there on, or why there is none."""
        completion, at = self._cycle.completion, max(0, self._cycle.at)
        words = [safe(word) for word in completion.words]
        if not words:
            self._show([(completion.notice, "warn")])
            return
        width = self.screen.size.width  # our own is not known before we are seen
        room = min(int(width * NOTICE_SHARE), width - 4 - cell_width(safe(self.text))) - 2
        line: list[Piece] = []
        for number, word in enumerate((*words[at:], *words[:at])):
            left = len(words) - number - 1
            room -= cell_width(word) + (2 if number else 0)
            if number and room < (len(f"  +{left}") if left else 0):
                line.append((f"  +{left + 1}", "faint"))
                break
            line += [("  " if number else "", ""), (word, "accent" if not number and self._cycle.at >= 0 else "dim")]
        self._show(line)

    # -- history ------------------------------------------------------------------------------------------------

    def action_up(self) -> None:
        """What was typed before."""
        self._recall(-1)

    def action_down(self) -> None:
        """What was typed after; from a filter to the rows."""
        if self._asking.complete is None:
            self.action_submit()
        else:
            self._recall(1)

    def _recall(self, step: int) -> None:
        history = self._asking.history
        at = self._recalled + step
        if 0 <= at <= len(history):
            if self._recalled == len(history):
                self._draft = self.text
            self._recalled = at
            self._put(history[at] if at < len(history) else self._draft)
            self._cycle = _Cycle()
            self.complete_again()

    # -- typing -------------------------------------------------------------------------------------------------

    def action_cancel(self) -> None:
        """Leave."""
        self._stop()
        self._said = ""
        self.post_message(self.Cancelled())

    def action_submit(self) -> None:
        """Keep the filter, or carry out the command."""
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
        if self.text == self._said:
            return
        self._cycle, self._has_notice = _Cycle(), False
        if self._debounce_s:
            self._waiting = self.set_timer(self._debounce_s, self._say)
        else:
            self._say()
        self.complete_again()

    def _say(self) -> None:
        self._waiting = None
        self._said = self.text
        self.post_message(self.Changed(self.text))

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None


def _common(words: Sequence[str]) -> str:
    """What all of them begin with, whatever the case."""
    first, last = (pick(word.lower() for word in words) for pick in (min, max))
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:same]
