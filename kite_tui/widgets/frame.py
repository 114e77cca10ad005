"""The frame of every screen: the line with the truth about the data, the tabs, the keys of this screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import NamedTuple

import msgspec
from textual import events
from textual.message import Message
from textual.strip import Strip

from kite_tui.objects.states import Auth, Failed, Live, Off, Partial, State, Syncing, stale_since_s
from kite_tui.text.cut import cell_width, cut_end, cut_middle
from kite_tui.text.units import count
from kite_tui.widgets.ink import Line, Piece, fitted, line_width, safe, strip
from kite_tui.widgets.lines import OneLine
from kite_tui.widgets.states import sentence

QUIET_S = 10.0
"""A server with anything going on says something more often."""
QUIET_STEP_S = 5.0
"""Steps in which that is counted on the screen: a number that changes every second would be all that one sees."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the first line says. None is unknown and left out.

    `state` is the worst one of the kinds on this screen and `what` names it ("pods"); `alarms` are short words for
    what a person must not overlook ("insecure TLS", "as admin", "plain http"). `signing_in` names a credential plugin
    that everything waits for; `silent_s` is for how long the server has said nothing. Times are seconds since the
    epoch.
    """

    context: str = ""
    namespaces: tuple[str, ...] = ()
    version: str | None = None
    state: State = field(default_factory=Off)
    what: str = "objects"
    kinds: int | None = None
    objects: int | None = None
    events_per_s: float | None = None
    alarms: tuple[str, ...] = ()
    now_s: float = 0
    zone: tzinfo | None = None
    signing_in: str = ""
    silent_s: float | None = None


class TruthLine(OneLine):
    """Which cluster this is, and how far what is shown is the truth."""

    BADGE = " kite "

    def __init__(self, truth: Truth | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._truth = truth or Truth()
        self._said: tuple[int, Line] = (0, ())

    def show(self, truth: Truth) -> None:
        """Show another truth; nothing is drawn where it reads the same."""
        width, self._truth = self.size.width, truth
        line = truth_line(truth, width)
        if (width, line) != self._said:  # the time alone is no other truth
            self._said = (width, line)
            self.refresh()

    def line_strip(self, width: int) -> Strip:
        """The line, exactly `width` cells."""
        return strip(truth_line(self._truth, width), width, self.palette.plain)


def truth_line(truth: Truth, width: int) -> list[Piece]:
    """The first line in `width` cells.

    A context longer than a third of it is cut in its middle. What doesn't fit then goes in this order: events/s,
    objects, version, kinds; more of the context, the end of the state's reason, the namespaces and the words of the
    alarms, the left side. The word of the state is the last to be cut.
    """
    third = max(24, width // 3)
    for drops, context in ((0, third), (1, third), (2, third), (3, third), (4, third), (4, 24), (4, 14)):
        if line := _spread(_left(truth, width, drops, context), _right(truth, drops), width):
            return line
    brief = replace(truth, alarms=("!",) if truth.alarms else ())
    badge: list[Piece] = [(TruthLine.BADGE, "badge")]
    for left, who in (
        (_left(truth, width, 4, 14), truth),
        (_left(truth, width, 4, 8), brief),
        (badge, brief),
        ([], brief),
    ):
        right = _right(who, 4)
        if line := _spread(left, right, width) or _spread(left, _cut(right, width - line_width(left) - 2), width):
            return line
    return fitted(_right(brief if width >= 16 else replace(truth, alarms=()), 4), width)[0]


def _left(truth: Truth, width: int, drops: int, context: int) -> list[Piece]:
    """Who we look at, with `drops` of the droppable left out and the context in at most `context` cells."""
    left: list[Piece] = [(TruthLine.BADGE, "badge"), (f"  {cut_middle(safe(truth.context), context)}", "name")]
    if context > 8:
        left.append((f"  {_namespaces(truth.namespaces, width // 4)}", "dim"))
    if truth.version and drops < 3:
        left.append((f"  {truth.version}", "dim"))
    return left


def _cut(right: list[Piece], width: int) -> list[Piece]:
    """The state with its reason cut to fit, where enough of the reason is left to be worth reading."""
    *word, (reason, ink) = right
    room = width - line_width(word)
    return [*word, (cut_end(safe(reason), room), ink)] if ink == "dim" and room >= 8 else right


def _right(truth: Truth, drops: int) -> list[Piece]:
    right: list[Piece] = []
    for alarm in truth.alarms:
        right += [(f" {alarm} ", "alarm"), (" ", "")]
    details = []
    if truth.kinds is not None and drops < 4:
        details.append(f"{truth.kinds} kinds")
    if truth.objects is not None and drops < 2:
        details.append(f"{count(truth.objects)} objects")
    if truth.events_per_s is not None and drops < 1:
        details.append(f"{round(truth.events_per_s)} ev/s")
    right += _sentence(truth)
    if details:
        right.append(("  " + " · ".join(details), "dim"))
    return right


def _sentence(truth: Truth) -> Line:
    """The state, that a plugin runs where that is what holds things up, and how long ago the server said anything: a
    dead line is silent for some time before it is known to be dead."""
    state = truth.state
    followed = isinstance(state, Live | Partial) and stale_since_s(state) is None
    if followed and truth.silent_s is not None and truth.silent_s >= QUIET_S:
        heard_s = truth.silent_s // QUIET_STEP_S * QUIET_STEP_S
        mark, claim, *why = sentence(state, truth.what, truth.now_s, truth.zone)
        return [mark, claim, (f", last heard {heard_s:.0f} s ago", "dim"), *why]
    if truth.signing_in:
        signing_in = f"signing in: {truth.signing_in}…"
        if isinstance(state, Syncing):
            return [("◐ ", "warn"), (signing_in, "warn")]
        if isinstance(state, Auth | Failed) or stale_since_s(state) is not None:
            state = msgspec.structs.replace(state, reason=signing_in)
    return sentence(state, truth.what, truth.now_s, truth.zone)


def _spread(left: Line, right: Line, width: int) -> list[Piece] | None:
    free = width - line_width(left) - line_width(right) - 1
    return [*left, (" " * free, ""), *right, (" ", "")] if free >= 1 else None


def _namespaces(names: tuple[str, ...], width: int) -> str:
    if not names:
        return "all namespaces"
    listed = ", ".join(names)
    return listed if len(names) < 2 or len(listed) <= width else f"{len(names)} namespaces"


class Tab(NamedTuple):
    """A screen that exists: its key, its name, and the id that `Tabs.Chosen` carries."""

    key: str
    label: str
    id: str


class Tabs(OneLine):
    """The screens, with the current one marked. Where the names don't fit, only the current one keeps its."""

    DEFAULT_CSS = """
    Tabs { background: $background; }
    """

    class Chosen(Message):
        """A click on a tab."""

        def __init__(self, tabs: Tabs, tab_id: str) -> None:
            super().__init__()
            self.tabs = tabs
            self.tab_id = tab_id

        @property
        def control(self) -> Tabs:
            """The line of tabs."""
            return self.tabs

    def __init__(self, tabs: Sequence[Tab], current: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = tuple(tabs)
        self._current = current

    @property
    def current(self) -> str:
        """Id of the tab that is marked."""
        return self._current

    def show(self, current: str) -> None:
        """Mark another tab."""
        if current != self._current:
            self._current = current
            self.refresh()

    def line_strip(self, width: int) -> Strip:
        """The line, exactly `width` cells."""
        return strip([piece for pieces in self._pieces(width) for piece in pieces], width, self.palette.plain)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        at = event.get_content_offset(self)
        if at is None:
            return
        end = 0
        for tab, pieces in zip(self._tabs, self._pieces(self.size.width), strict=True):
            end += line_width(pieces)
            if at.x < end:
                self.post_message(self.Chosen(self, tab.id))
                return

    def _pieces(self, width: int) -> list[list[Piece]]:
        full = [self._tab(tab, named=True) for tab in self._tabs]
        if sum(line_width(pieces) for pieces in full) <= width:
            return full
        return [self._tab(tab, named=tab.id == self._current) for tab in self._tabs]

    def _tab(self, tab: Tab, *, named: bool) -> list[Piece]:
        current = tab.id == self._current
        key: Piece = (f" {tab.key} ", "badge" if current else "accent")
        if not named:
            return [key]
        return [key, (f" {tab.label}  " if current else f"{tab.label}  ", "name" if current else "dim")]


class KeyHint(NamedTuple):
    """A key and what it does here. Of those that don't fit, the one with the greatest `rank` goes first."""

    key: str
    label: str
    rank: int = 0


class KeyLine(OneLine):
    """The keys of this screen, and at the right a legend or a notice, where there is room for it."""

    def __init__(self, hints: Sequence[KeyHint] = (), legend: Line = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints = tuple(hints)
        self._legend = legend

    def show(self, hints: Sequence[KeyHint], legend: Line = ()) -> None:
        """Show other keys."""
        if tuple(hints) != self._hints or legend != self._legend:
            self._hints, self._legend = tuple(hints), legend
            self.refresh()

    def line_strip(self, width: int) -> Strip:
        """The line, exactly `width` cells."""
        return strip(key_line(self._hints, self._legend, width), width, self.palette.plain)


def key_line(hints: Sequence[KeyHint], legend: Line, width: int) -> list[Piece]:
    """The last line in `width` cells: keys are left out whole, and `…` says so."""
    shown = list(hints)
    more = ""
    while shown and sum(map(_hint_width, shown)) + cell_width(more) > width:
        shown.remove(max(reversed(shown), key=lambda hint: hint.rank))
        more = " …"
    line: list[Piece] = []
    for hint in shown:
        line += [(f" {hint.key}", "key"), (f" {hint.label}  ", "dim")]
    if more:
        line.append((more, "dim"))
    return _spread(line, legend, width) or line if legend else line


def _hint_width(hint: KeyHint) -> int:
    return cell_width(hint.key) + cell_width(hint.label) + 4
