"""Related: what one object hangs together with, as a tree; and what breaks if it goes.

The tree is asked for anew as things change, so a rollout is seen happening; where somebody has been is a history that
`[` and `]` walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from kite_tui.objects.kinds import EVENTS, Kind
from kite_tui.objects.linked import NO_STATUS, Status
from kite_tui.objects.pods import Pod
from kite_tui.queries.filters import parse_filter
from kite_tui.queries.related import (
    HOPS,
    Progress,
    Unsearched,
    events_about,
    kept_events,
    not_searched,
    progress,
)
from kite_tui.queries.relations import Relations
from kite_tui.queries.standing import standing
from kite_tui.queries.tree import Choice, breaking, everything, tree
from kite_tui.queries.tree import Line as TreeLine
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.caption import Caption
from kite_tui.screens.fetched_events import events_of
from kite_tui.screens.places import History, Place
from kite_tui.screens.pod_sections import EventsOf
from kite_tui.screens.related_cells import COLUMNS, VOCABULARY, cells, could_not_ask, searched, state_cell
from kite_tui.session.cluster import ClusterSession, Fetched
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.foot import Foot
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.ink import Piece
from kite_tui.widgets.rows import NO_ROWS, ListRows
from kite_tui.widgets.table import RowTable

MOST_HOPS = 6
CONTENTS = "contents/"
"""Begins the key of a line that stands for all objects of a kind; its plural follows."""


@dataclass(frozen=True, slots=True)
class View:
    """The tree of a place, and how far it is the truth. `asked` is how it was looked at; `centre` is None where all
    kinds are shown, `status` is how it is; `gone` says that it was there and is not any more."""

    place: Place
    asked: tuple[object, ...]
    centre: Vertex | None
    gone: bool
    status: Status
    lines: Sequence[TreeLine]
    progress: Progress
    unsearched: tuple[Unsearched, ...]


class RelatedScreen(KiteScreen[View]):
    """The tree of one object, or of all kinds where none was chosen."""

    NAME = "related"
    EVERY_S = 0.5
    AUTO_FOCUS = "RowTable"

    BINDINGS = [  # noqa: RUF012 - Textual's own form
        Binding("space", "fold", "Open or close the line", show=False, id="related.fold"),
        Binding("less_than_sign", "hops(-1)", "Fewer hops", show=False, id="related.fewer"),
        Binding("greater_than_sign", "hops(1)", "More hops", show=False, id="related.more"),
        Binding("b", "breaks", "What breaks if this goes", show=False, id="related.breaks"),
        Binding("left_square_bracket", "history(-1)", "Where I was before", show=False, id="related.back"),
        Binding("right_square_bracket", "history(1)", "Forward again", show=False, id="related.forward"),
        Binding("slash", "filter", "Filter", show=False, id="related.filter"),
        Binding("o", "node", "Its node", show=False, id="related.node"),
        Binding("y", "yaml", "YAML", show=False, id="related.yaml"),
        Binding("c", "copy", "Copy the name", show=False, id="related.copy"),
    ]

    class EventsCame(Message):
        """The events about an object were fetched."""

        def __init__(self, place: Place, found: EventsOf) -> None:
            super().__init__()
            self.place = place
            self.found = found

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        self.history = History()
        self.filter = parse_filter("", VOCABULARY)
        self.view: View | None = None
        self._lines: dict[str, TreeLine] = {}
        self._jump = ""

    # -- where we are -------------------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """Where in the history."""
        return self.history.place

    def centre_on(self, about: Vertex, jump: str = "") -> None:
        """Show the tree of an object; `jump` is the line to put the cursor on (a direction's title)."""
        self._remember_cursor()
        if self.history.go(about):
            self.filter = parse_filter("", VOCABULARY)
        self.place.breaks = False
        self._arrive(jump)

    def open_kind(self, kind: Kind[Any]) -> None:
        """Show all kinds, with the objects of one of them."""
        line = CONTENTS + kind.plural
        self._remember_cursor()
        self.history.go(None)
        self.place.toggled |= {line}
        self.filter = parse_filter("", VOCABULARY)
        self._arrive(line)

    def action_history(self, step: int) -> None:
        """Back or forward."""
        self._remember_cursor()
        if self.history.walk(step):
            self._arrive(self.place.cursor or "")
        else:
            self.host.tell("this is where you came in" if step < 0 else "this is the newest")

    def _remember_cursor(self) -> None:
        if self.has_widgets:
            self.place.cursor = self.table.cursor_key

    def _arrive(self, jump: str) -> None:
        self.view, self._jump = None, jump
        self._fetch_events()
        if self.has_widgets:
            self.table.set_columns(COLUMNS)  # widths that fit what comes, not what was
            self.table.set_rows(NO_ROWS, settled=False)
            self.look()

    def _fetch_events(self) -> None:
        """All events about the object, once; later warnings come with the cache."""
        place, about = self.place, self.place.about
        if about is None:
            return
        selector = f"involvedObject.kind={about.kind},involvedObject.name={about.name}"

        def came(fetched: Fetched) -> None:
            self.post_message(self.EventsCame(place, events_of(fetched)))

        self.session.fetch(EVENTS.path(about.namespace), (("fieldSelector", selector), ("limit", "500")), came)

    @on(EventsCame)
    def _keep_events(self, event: EventsCame) -> None:
        event.stop()
        event.place.events_error = event.found.error
        if not event.found.error:
            event.place.events = event.found.events
        self.look()

    # -- frame --------------------------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """What is shown, and the tree."""
        yield Caption()
        yield RowTable(COLUMNS)

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("enter", "go there"),
            KeyHint("space", "open, close", 4),
            KeyHint("[ ]", "back, forward", 3),
            KeyHint("< >", "hops", 6),
            KeyHint("b", "what breaks", 5),
            KeyHint("/", "filter", 7),
            KeyHint("y", "YAML", 9),
            KeyHint("o J", "its node, owner", 8),
            KeyHint("?", "help", 1),
            KeyHint("q", "quit", 2),
        )

    @property
    def table(self) -> RowTable:
        """The tree."""
        return self.query_one(RowTable)

    def truth_kinds(self) -> Iterable[Kind[Any]]:
        """All that is searched."""
        return self.session.reader.kinds()

    def on_screen_resume(self) -> None:
        """In sight: everything is searched."""
        self.session.reader.need_all()
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Out of sight: what only this screen needs may be let go after a while."""
        super().on_screen_suspend()
        self.session.reader.rest_all()

    def changed(self, kinds: Iterable[Kind[Any]]) -> None:
        """Anything may be part of the tree."""
        super().changed(kinds)
        self.look_soon()

    def ask_again(self) -> None:
        """Events, too."""
        self._fetch_events()

    # -- asking -------------------------------------------------------------------------------------------------

    def question(self) -> Callable[[], View]:
        """The tree of the place where we are."""
        reader, place = self.session.reader, self.place
        about, breaks, fetched = place.about, place.breaks, place.events
        keeps = self.filter.keeps if self.filter.text.strip() else None
        more = {name: max(1, HOPS[name] + place.more_hops) for name in ("uses", "used-by")} if place.more_hops else {}
        choice = Choice(hops=more, toggled=place.toggled, keeps=keeps)
        asked = (breaks, place.more_hops, place.toggled, self.filter.text, fetched)

        def ask() -> View:
            relations = Relations(reader)
            done, unsearched = progress(reader), tuple(not_searched(reader))
            if about is None:
                return View(place, asked, None, False, NO_STATUS, everything(relations, choice), done, unsearched)
            found = relations.named(about.group, about.kind, about.namespace, about.name)
            # What it was like stays on screen when it goes; nothing else knows what it used.
            centre = found if found.record is not None else replace(found, record=about.record)
            gone = centre.presence == "missing"
            if breaks:
                lines = breaking(relations, centre, choice)
            else:
                events = {event.uid: event for event in (*fetched, *kept_events(reader, centre))}
                lines = tree(relations, centre, choice, events_about(centre, events.values()), unsearched)
            return View(place, asked, centre, gone, standing(relations, centre), lines, done, unsearched)

        return ask

    def show(self, view: View) -> None:
        """Hand the lines to the table, and say above it what they are about."""
        if view.place is not self.place:
            return  # an answer about where we were before
        before, self.view = self.view, view
        self.place.about = view.centre
        lines = self._lines = {line.key: line for line in view.lines}

        def made(key: str, columns: Sequence[Column]) -> Sequence[Cell]:
            found = cells(lines[key], view.centre)
            return [found[column.id] for column in columns]

        self.table.set_placeholder(self._nothing(view))
        self.table.set_rows(ListRows(tuple(lines), made), settled=view.progress.is_done)
        if before is not None and before.asked == view.asked and before.progress.is_done and view.progress.is_done:
            self.table.mark_changed(self._lines.keys())  # the cluster changed, not the question
        if self._jump in self._lines:
            self.table.move_to(list(self._lines).index(self._jump))
            self._jump = ""
        elif self._jump.startswith(CONTENTS) and view.progress.is_done and not self.filter.text:
            self.host.tell(f"there are no {self._jump.removeprefix(CONTENTS)} that could be read")
            self._jump = ""
        self.query_one(Caption).show(self._caption(view))

    def _nothing(self, view: View) -> Content:
        if self.filter.text.strip():
            return Content("nothing here matches the filter; esc clears it")
        if not view.progress.is_done:
            return Content("the server could not be asked" if could_not_ask(view.unsearched) else "searching…")
        if self.place.breaks:
            return Content("nothing that kite-tui knows of depends on it")
        return Content("it hangs together with nothing that kite-tui knows of")

    def _caption(self, view: View) -> list[Piece]:
        if view.centre is None:
            pieces: list[Piece] = [(" everything", "name"), (", by kind", "dim")]
        else:
            centre = view.centre
            if self.place.breaks:
                pieces = [(" what breaks if ", "dim"), (f"{centre.kind} ", ""), (centre.name_from(), "name")]
                pieces.append((" goes", "dim"))
            else:
                pieces = [(f" {centre.kind} ", ""), (centre.name_from(), "name")]
            if view.gone:
                pieces.append(("   is not there (any more)", "bad"))
            else:
                cell = state_cell(view.status)
                now = "now " if self.place.breaks and cell.text else ""  # "goes NotReady" would be one thing
                pieces.append((f"   {now}{cell.text}", cell.ink))
        if self.place.more_hops:
            hops = [max(1, HOPS[name] + self.place.more_hops) for name in ("uses", "used-by")]
            pieces.append((f"   {hops[0]} hops, {hops[1]} back", "accent"))
        if self.filter.text:
            pieces += [("   filter ", "dim"), (self.filter.text, "accent")]
        if self.filter.notice:
            pieces.append((f"  {self.filter.notice}", "warn"))
        if self.place.events_error:
            pieces.append((f"   events: {self.place.events_error}", "warn"))
        return pieces + searched(view.progress, view.unsearched)

    # -- keys ---------------------------------------------------------------------------------------------------

    def line(self) -> TreeLine | None:
        """The line under the cursor."""
        key = self.table.cursor_key if self.has_widgets else None
        return self._lines.get(key) if key is not None else None

    def subject(self) -> Vertex | None:
        """The object under the cursor, else the one in the middle."""
        line = self.line()
        if line is not None and line.vertex is not None:
            return line.vertex
        return self.place.about

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        event.stop()
        line = self.line()
        if line is None:
            return
        if line.vertex is None:
            self.action_fold()
        elif line.vertex.kind == "Event":
            self.action_yaml()
        elif self.place.about is None or line.vertex.key != self.place.about.key:
            self.centre_on(line.vertex)

    def action_fold(self) -> None:
        """Open or close what is below the line."""
        line = self.line()
        if line is not None and line.fold:
            self.place.toggled ^= {line.key}
            self.look()

    def action_hops(self, step: int) -> None:
        """Walk further, or less far."""
        self.place.more_hops = max(-1, min(MOST_HOPS, self.place.more_hops + step))
        self.look()

    def action_breaks(self) -> None:
        """The other view of the same object, and back."""
        if self.place.about is None:
            self.host.tell("go to an object first: enter on its line, or r on any list")
            return
        self.place.breaks = not self.place.breaks
        self.look()

    def action_filter(self) -> None:
        """Open the filter prompt on what is set."""
        self.foot.open_filter(self.filter.text)

    def _set_filter(self, text: str) -> None:
        self.filter = parse_filter(text, VOCABULARY)
        self.foot.set_notice(self.filter.notice)
        self.look()

    @on(Foot.Filtered)
    def _filtered(self, event: Foot.Filtered) -> None:
        self._set_filter(event.text)

    def action_escape(self) -> None:
        """Clear the filter, else back."""
        if self.filter.text:
            self._set_filter("")
        else:
            super().action_escape()

    def action_node(self) -> None:
        """The page of the node that it is on, or that it is."""
        subject = self.subject()
        if subject is not None and isinstance(subject.record, Pod) and subject.record.node_name:
            self.host.open_node(subject.record.node_name)
        elif subject is not None and (subject.group, subject.kind) == ("", "Node"):
            self.host.open_node(subject.name)
        elif subject is not None:
            self.host.tell(f"{subject.kind} {subject.name} is on no node")

    def action_yaml(self) -> None:
        """The object as the server has it now."""
        subject = self.subject()
        if subject is not None and subject.served is not None:
            path = subject.served.path(subject.namespace, subject.name)
            self.host.open_yaml(subject.kind, path, subject.namespace, subject.name)

    def action_copy(self) -> None:
        """Copy the name."""
        subject = self.subject()
        if subject is not None:
            self.host.copy_name(subject.name)
