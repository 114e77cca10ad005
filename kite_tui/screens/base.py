"""What all screens have in common: the frame, and asking one query without ever making a person wait.

The question is put together on the UI thread, answered in a thread worker that only computes, and shown on the UI
thread. At most one is under way: what changes meanwhile is asked once more when it is done, so that a burst of any size
costs one answer, and an older one can never overwrite a newer.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual import on
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import active_worker

from kite_tui.objects.kinds import ALWAYS, METRICS, Kind
from kite_tui.objects.meta import controller_of
from kite_tui.objects.states import State, Syncing
from kite_tui.queries.truth import truth
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.host import Host
from kite_tui.screens.tabs import TABS
from kite_tui.session.cluster import ClusterSession
from kite_tui.widgets.foot import Foot
from kite_tui.widgets.frame import KeyHint, Tabs, Truth, TruthLine

if TYPE_CHECKING:
    from kite_tui.screens.commands import Commands

log = logging.getLogger(__name__)

V = TypeVar("V")

REST = 50
"""Between two answers because of changes, as many times as long as the last one computed: following them costs a screen
a fiftieth of a core. Not as it took: where others keep the machine busy, an answer of a second in ten would else be
followed by a rest of minutes."""
MOST_REST_S = 4.0
"""An answer that takes long is not put off for longer than that, and may cost more of a core."""


class KiteScreen(Screen[None], Generic[V]):
    """A screen inside the frame. Subclasses say what they show (`body`), what they ask (`question`) and how the answer
    is shown (`show`)."""

    NAME: ClassVar[str] = ""
    """Names what is saved of this screen; for a root screen also its tab."""
    ABOUT: ClassVar[frozenset[Kind[Any]]] = frozenset()
    """Kinds whose changes change the answer."""
    NEEDS: ClassVar[tuple[Kind[Any], ...]] = ()
    """Kinds to read while this screen is in use, beyond those that always are."""
    EVERY_S: ClassVar[float] = 0.25
    """The answer is asked for at most this often because of changes."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    KiteScreen { background: $background; color: $foreground; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "back", "Back", show=False, id="back"),
        Binding("escape", "escape", "Clear or back", show=False, id="escape"),
        Binding("r", "related", "Related: what it hangs together with", show=False, id="object.related"),
        Binding("u", "used_by", "What uses it", show=False, id="object.used_by"),
        Binding("colon", "command", "Command", show=False, id="command"),
        Binding("J", "owner", "Its owner", show=False, id="object.owner"),
    ]

    class Answered(Message):
        """The answer to the question under way, or why there is none."""

        def __init__(self, view: Any, error: Exception | None, took_s: float) -> None:
            super().__init__()
            self.view = view
            self.error = error
            self.took_s = took_s

    def __init__(self, session: ClusterSession) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (50, "-narrow"), (100, "-wide"), (160, "-broad")]
        self.session = session
        self.came_from = ""
        """The tab whose tile opened this one: that is where back leads."""
        self._asking = False
        self._again = False
        self._asked_s = -1e9
        self._took_s = 0.0
        self._soon: Timer | None = None
        self._states: dict[Kind[Any], type[State]] = {}
        self._fault = ""
        self._commands: Commands | None = None
        self._awaited: str | None = None

    @property
    def host(self) -> Host:
        """The app, as far as screens know it."""
        return cast(Host, self.app)

    # -- what a subclass says -----------------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """The widgets between the tabs and the keys."""
        raise NotImplementedError

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return ()

    def question(self) -> Callable[[], V]:
        """What to compute in a worker, with everything it depends on already taken from the widgets."""
        raise NotImplementedError

    def show(self, view: V) -> None:
        """Hand an answer to the widgets."""
        raise NotImplementedError

    def tick(self) -> None:
        """Once a second while in sight: whatever shows the time that has passed."""

    def namespaces_changed(self) -> None:
        """Other namespaces are to be shown."""
        self.show_truth()
        self.look()

    def subject(self) -> Vertex | None:
        """The object that a person points at, None where there is none."""
        return None

    def truth_kinds(self) -> Iterable[Kind[Any]]:
        """The kinds that the first line speaks for: those that every screen lives on."""
        return (kind for kind in self.session.reader.kinds() if kind in ALWAYS)

    def ask_again(self) -> None:
        """The person wants news; what follows the cache gets them from there."""

    # -- frame --------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield TruthLine(self._truth())
        yield Tabs(TABS, self.app.current_mode)
        yield from self.body()
        yield Foot(self.hints())

    @property
    def foot(self) -> Foot:
        """The last line."""
        return self.query_one(Foot)

    def _truth(self) -> Truth:
        reader = self.session.reader
        kinds = [kind for kind in self.truth_kinds() if kind not in METRICS]
        verdict = truth(reader, kinds)
        head = reader.head
        if not verdict.kinds:
            namespaces, alarms = self.host.namespaces, self.session.badges
            return Truth(
                head.context or head.server,
                namespaces,
                state=Syncing(),
                what="cluster",
                alarms=alarms,
                signing_in=self.session.signing_in,
            )
        return Truth(
            context=head.context or head.server,
            namespaces=self.host.namespaces,
            version=head.version,
            state=verdict.state,
            what=verdict.what,
            kinds=verdict.kinds,
            objects=reader.object_count(kinds),
            events_per_s=self.session.meter.events_per_s,
            alarms=self.session.badges,
            signing_in=self.session.signing_in,
            silent_s=self.session.meter.silent_s,
            now_s=reader.now_s(),
        )

    @property
    def has_widgets(self) -> bool:
        """False before the screen is composed, and again while it ends: timers and messages may come then, too."""
        return self.is_mounted and {TruthLine, Foot} <= {type(child) for child in self.children}

    def show_truth(self) -> None:
        """Bring the first line up to date, once there is one. O(kinds)."""
        if self.has_widgets:
            self.query_one(TruthLine).show(self._truth())

    @on(Tabs.Chosen)
    def _go(self, event: Tabs.Chosen) -> None:
        self.host.action_go(event.tab_id)

    def action_back(self) -> None:
        """To where one came from; from a root screen out of the program."""
        self.host.back()

    def action_escape(self) -> None:
        """Back, but never out of the program."""
        if len(self.app.screen_stack) > 1 or self.came_from:
            self.host.back()

    # -- commands -----------------------------------------------------------------------------------------------

    def action_command(self) -> None:
        """Open the prompt for a command. What it may be about is asked for now."""
        from kite_tui.screens.commands import Commands  # nobody waits for them before the first `:`

        self.session.reader.discover()
        self.host.read_contexts(lambda _: self._look_at_command())
        self._commands = Commands(self.session, self.host)
        self.foot.open_command(self._commands.complete, self.host.typed)

    @on(Foot.Commanded)
    def _commanded(self, event: Foot.Commanded) -> None:
        event.stop()
        self._carry_out(event.text)

    def _carry_out(self, text: str) -> None:
        """Close the prompt and do what was typed; where that can't be done say why, in the prompt."""
        from kite_tui.screens.naming import NotYet, Refused

        commands, self._awaited = self._commands, None
        if commands is None:
            return
        try:
            act = commands.read(text)
        except Refused as refused:
            self._awaited = text if isinstance(refused, NotYet) else None
            self.foot.set_notice(str(refused))
            return
        self._commands = None
        commands.close()
        self.foot.close()
        self.host.remember(text)
        act()

    def _look_at_command(self) -> None:
        """More is known: what was entered may be carried out by now, what is being typed may go on otherwise."""
        typed = self.foot.command if self._commands is not None and self.has_widgets else None
        if typed is not None and typed == self._awaited:
            self._carry_out(typed)
        elif typed is not None:
            self.foot.complete_again()

    # -- the object pointed at ----------------------------------------------------------------------------------

    def action_related(self) -> None:
        """What the object hangs together with."""
        self._relate("")

    def action_used_by(self) -> None:
        """The same, at what uses it."""
        self._relate("used-by")

    def _relate(self, jump: str) -> None:
        subject = self.subject()
        if subject is not None:
            self.host.show_related(subject, jump)

    def action_owner(self) -> None:
        """What the object's owner hangs together with."""
        subject = self.subject()
        if subject is None:
            return
        record = subject.record
        kind = self.session.reader.served.of_type(subject.group, subject.kind)
        if record is None and kind is not None:  # it was named, and not yet looked at
            record = self.session.reader.get(kind, subject.namespace, subject.name)
        owners = record.links.owners if record is not None else ()
        owner = controller_of(owners) or next(iter(owners), None)
        if owner is None:
            self.host.tell(f"{subject.kind} {subject.name} has no owner")
            return
        kind = self.session.reader.served.of_type(owner.group, owner.kind)
        namespace = "" if kind is not None and not kind.namespaced else subject.namespace
        self.host.show_related(Vertex(owner.group, owner.kind, namespace, owner.name), "")

    # -- asking -------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """In sight (again): what happened meanwhile is looked at now."""
        self.session.reader.need(*self.NEEDS)
        self.show_truth()
        self.look()

    def on_screen_suspend(self) -> None:
        """Out of sight: what only this screen polls can rest. The one in sight may have said what it needs before."""
        if self._commands is not None:  # left by a click
            self._commands.close()
            self._commands = self._awaited = None
            if self.has_widgets:
                self.foot.close()
        in_sight = self.app.screen
        if isinstance(in_sight, KiteScreen):
            self.session.reader.rest(*(kind for kind in self.NEEDS if kind not in in_sight.NEEDS))

    def on_unmount(self) -> None:
        """Gone for good: what its widgets drew goes, too."""
        # Textual's table of inner and outer colours has the widgets' caches of lines in its keys, so the last 1 024
        # widgets keep all they ever drew, 8 MB after a while (Textualize/textual#6665).
        with contextlib.suppress(AttributeError):
            StylesCache.get_inner_outer.cache_clear()

    def changed(self, kinds: Iterable[Kind[Any]]) -> None:
        """Objects or states of these kinds changed."""
        self.show_truth()
        self._look_at_command()
        states = {kind: type(self.session.reader.state(kind)) for kind in self.ABOUT.intersection(kinds)}
        if not states.items() <= self._states.items():
            self._states |= states
            self.look()  # that a list is whole, or can't be read, is worth more than a rest
        elif states:
            self.look_soon()

    def look_soon(self) -> None:
        """Ask, but at most every `EVERY_S`, and with rests where answering takes long."""
        rest_s = max(self.EVERY_S, min(REST * self._took_s, MOST_REST_S))
        wait_s = self._asked_s + rest_s - monotonic()
        if wait_s <= 0:
            self.look()
        elif self._soon is None:
            self._soon = self.set_timer(wait_s, self.look)

    def look(self) -> None:
        """Ask now, or as soon as the answer under way is there."""
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        if self._asking:
            self._again = True
            return
        self._asking, self._asked_s = True, monotonic()
        question = self.question()
        self.run_worker(lambda: self._answer(question), thread=True, exit_on_error=False, group="look")

    def _answer(self, question: Callable[[], V]) -> None:
        """On a worker's thread: compute, post, touch nothing."""
        began_s = thread_time()
        try:
            view, error = question(), None
        except Exception as raised:  # the screen says so and the next change tries again; the traceback is in the log
            log.exception("a query failed")
            view, error = None, raised
        self.post_message(self.Answered(view, error, thread_time() - began_s))
        # Else the thread, which waits for more to do, would keep the worker, its screen and all of a cluster that was
        # left: Textual sets this in the thread's own context, and doesn't take it back.
        active_worker.set(None)  # type: ignore[arg-type]

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        event.stop()
        self._asking, self._took_s = False, event.took_s
        fault = "" if event.error is None else type(event.error).__name__
        if fault and fault != self._fault:  # once: the same question is asked again at every change
            self.host.tell(f"kite-tui made a mistake: {fault}; what is shown may be old, --log-file has more", bad=True)
        self._fault = fault
        if not fault and self.has_widgets:
            self.show(event.view)
        if self._again:
            self._again = False
            self.look()
