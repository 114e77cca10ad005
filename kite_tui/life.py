"""The life of the session behind the app: opened behind the first frame, given up for another context, stopped with the
app. There is one at a time, and what an earlier one still says is not heard.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import App
from textual.message import Message
from textual.screen import Screen

from kite_tui.objects.kinds import ALWAYS, Kind
from kite_tui.screens.loop_watch import LoopWatch
from kite_tui.screens.opening import OpeningScreen
from kite_tui.screens.roots import root_screen
from kite_tui.screens.tabs import TABS
from kite_tui.session.opening import Contexts, Opening, Unusable

if TYPE_CHECKING:
    from kite_tui.objects.load import Load
    from kite_tui.session.cluster import ClusterSession
    from kite_tui.session.contexts import Context

log = logging.getLogger(__name__)


class ClusterApp(App[None]):
    """An app over one cluster, that can change to another. Subclasses say what happens then (`entered`, `left`), and
    what to do with changes (`reader_changed`)."""

    class Opened(Message):
        """The session asked for is there, or why there is none: a context that can't be used, or a mistake of ours."""

        def __init__(
            self, number: int, opening: Opening | None, session: ClusterSession | None, error: Exception | None
        ) -> None:
            super().__init__()
            self.number, self.opening, self.session, self.error = number, opening, session, error

    class ContextsRead(Message):
        """The contexts that there are now; `then` is what they were read for."""

        def __init__(self, contexts: Sequence[Context], error: str, then: Callable[[str], None]) -> None:
            super().__init__()
            self.contexts, self.error, self.then = contexts, error, then

    class TerminalWanted(Message):
        """A credential plugin of `session` wants the terminal; `done` is told its exit code and stdout."""

        def __init__(
            self,
            session: ClusterSession,
            argv: Sequence[str],
            env: Mapping[str, str],
            done: Future[tuple[int, bytes]],
        ) -> None:
            super().__init__()
            self.session, self.argv, self.env, self.done = session, argv, env, done

    def __init__(self, session: ClusterSession | Opening, contexts: Contexts | None = None, **how: Any) -> None:
        """`contexts` are those to change to, where `session` is no Opening, which knows; `how` is for Textual's App."""
        super().__init__(**how)
        self._opening = session if isinstance(session, Opening) else None
        self._session = None if isinstance(session, Opening) else session
        self._contexts = session.contexts if isinstance(session, Opening) else contexts
        self._begun: ClusterSession | None = None
        self._is_over = False
        self._openings = 0
        self._opening_mode = ""
        self._known_contexts: tuple[Context, ...] = ()
        self.loop_watch = LoopWatch()
        self.is_metered = False
        """Stalls are timed all the time, and not only while a screen shows them. Set it before the app runs."""

    def load(self) -> Load | None:
        """What reading the cluster costs; None before there is a session. Any thread but that of the app."""
        session = self._session
        return None if session is None else session.meter.load(self.loop_watch.stalls())

    @property
    def session(self) -> ClusterSession:
        """The cluster that is shown. Only once it is opened."""
        assert self._session is not None
        return self._session

    @property
    def is_opening(self) -> bool:
        """True while there is no screen of a cluster yet, but the frame of the one that is being opened."""
        return self._session is None or self.current_mode == self._opening_mode

    # -- what a subclass says -----------------------------------------------------------------------------------

    def entered(self) -> None:
        """There is a session, and nothing shown of it yet."""
        raise NotImplementedError

    def left(self) -> None:
        """The session is stopped: nothing that was made for it may be seen again. Here the frame of the next one takes
        its place."""
        self._show_opening()

    def reader_changed(self, kind: Kind[Any]) -> None:
        """Objects of a kind changed. On a thread of the session; must return at once."""
        raise NotImplementedError

    def tell(self, sentence: str, *, bad: bool = False) -> None:
        """Say something for a moment."""
        raise NotImplementedError

    # -- opening ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The first frame comes first; the cluster is asked right after."""
        if self.is_metered:
            self.loop_watch.begin("metrics")
        if self._opening is None:
            self._enter()
        else:
            opening = self._opening
            self.call_after_refresh(self._open, lambda: opening)

    def get_default_screen(self) -> Screen[Any]:
        """Textual's call for what is shown first: what it would take itself would be drawn and thrown away."""
        return super().get_default_screen() if self._opening is None else _opening_screen(self._opening)

    def _show_opening(self) -> None:
        """The frame of a cluster of which nothing is known yet, in a mode of its own: nothing older is below it."""
        opening, before = self._opening, self._opening_mode
        assert opening is not None
        self._opening_mode = f"opening {self._openings}"
        self.add_mode(self._opening_mode, lambda: _opening_screen(opening))  # an instance is what Textual refuses
        self.switch_mode(self._opening_mode)
        if before:
            self.remove_mode(before)

    def _enter(self) -> None:
        self.entered()
        self.call_after_refresh(self._begin_or_catch_up)

    def _open(self, find: Callable[[], Opening]) -> None:
        """Load the rest on a thread: keys are answered meanwhile, `q` among them."""
        self._openings = number = self._openings + 1

        def load() -> None:
            opening = session = None
            error: Exception | None = None
            try:
                opening = find()
                session = opening.open()
                if self._session is None:  # the server is at work while the screens are loaded; else the cluster shown
                    self._begin(session)  # is to be left first
                root_screen("overview")
            except Unusable as raised:
                error = raised
            except Exception as raised:  # at the beginning it ends the app with a sentence, later it is one
                log.exception("the session can't be opened")
                error = raised
            if not self.post_message(self.Opened(number, opening, session, error)) and session is not None:
                session.stop()
            for tab in TABS:
                root_screen(tab.id)

        threading.Thread(target=load, name="opening", daemon=True).start()

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        if event.number != self._openings:  # another one was asked for meanwhile
            if event.session is not None:
                event.session.stop()
        elif event.error is not None:
            if event.session is not None:
                event.session.stop()
            if self._session is None:
                raise event.error
            head = self._session.reader.head
            why = str(event.error) if isinstance(event.error, Unusable) else _mistake(event.error)
            self.tell(f"{why}; this is still {head.context or head.server}", bad=True)
        elif self._session is None:
            self._session = event.session
            self._enter()
        else:
            self._session.stop()
            self._session, self._opening = event.session, event.opening
            self.left()
            self.call_after_refresh(self._enter)

    def _begin_or_catch_up(self) -> None:
        """The first frame is on screen: have the session read, where it does not yet."""
        if self.session is not self._begun:
            self._begin(self.session)
        for kind in ALWAYS:  # what was read before was not told, and of a silent server there would be nothing to tell
            self.reader_changed(kind)

    def _begin(self, session: ClusterSession) -> None:
        """Have a session read. Any thread."""
        self._begun = session

        def changed(kind: Kind[Any]) -> None:
            if session is self._session:
                self.reader_changed(kind)

        def run_interactive(argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes]:
            """Have the app step aside, and wait until the plugin is done."""
            done: Future[tuple[int, bytes]] = Future()
            if not self.post_message(self.TerminalWanted(session, argv, env, done)):
                raise OSError("the app is closing")
            return done.result()

        session.start(changed, run_interactive)
        if self._is_over:
            session.stop()

    def on_unmount(self) -> None:
        """Leave nothing running, what has only just begun neither; nothing is waited for."""
        self._is_over = True
        for session in filter(None, {self._session, self._begun}):
            session.stop()

    @on(TerminalWanted)
    def _step_aside(self, event: TerminalWanted) -> None:
        from kite_tui.session.cluster import in_terminal

        if self._session not in (None, event.session):
            event.done.set_exception(OSError("another context was chosen"))
            return
        # Painting while suspended would hang for ever, and timers paint: hence the batch around it.
        try:
            with self.batch_update(), self.suspend():
                event.done.set_result(in_terminal(event.argv, event.env))
        except Exception as error:  # noqa: BLE001 - a thread waits for the answer, and says what went wrong
            event.done.set_exception(OSError(f"the plugin can't have the terminal: {error}"))

    # -- other contexts -----------------------------------------------------------------------------------------

    @property
    def contexts(self) -> tuple[Context, ...]:
        """The contexts that there were when they were last read."""
        return self._known_contexts

    def read_contexts(self, then: Callable[[str], None]) -> None:
        """Read the contexts on a thread, from files that may be large or far away, then call `then` here."""
        contexts = self._contexts

        def read() -> None:
            found: Sequence[Context] = ()
            error = ""
            try:
                found = contexts.listed() if contexts is not None else ()
            except Unusable as raised:
                error = str(raised)
            except Exception as raised:  # a mistake of ours must not end the thread: somebody waits for `then`
                log.exception("the contexts can't be read")
                error = _mistake(raised)
            self.post_message(self.ContextsRead(found, error, then))

        threading.Thread(target=read, name="contexts", daemon=True).start()

    @on(ContextsRead)
    def _contexts_read(self, event: ContextsRead) -> None:
        if not event.error:
            self._known_contexts = tuple(event.contexts)
        event.then(event.error)

    def choose_context(self) -> None:
        """Show all contexts, to choose one."""
        self.read_contexts(self._choose_context)

    def _choose_context(self, error: str) -> None:
        from kite_tui.widgets.choose import Choice, Choose

        if error or not self._known_contexts:
            self.tell(error or "the kubeconfig has no contexts to choose from", bad=bool(error))
            return
        choices = [
            Choice(each.name, each.name, "can't be used" if each.problem else each.namespace, each.cluster)
            for each in self._known_contexts
        ]
        current = self.session.reader.head.context
        chooser = Choose("Contexts", choices, (current or "",), several=False, verb="go to")
        self.push_screen(chooser, lambda chosen: self.switch_context(chosen[0]) if chosen else None)

    def switch_context(self, name: str) -> None:
        """Show another cluster. What is shown stays until files say that the other one can be used; then it is stopped
        and gone at once, whether or not the other one ever answers."""
        contexts = self._contexts
        if contexts is None:
            self.tell("there are no contexts to choose from")
            return
        self._open(lambda: contexts.opening(name))


def _opening_screen(opening: Opening) -> OpeningScreen:
    return OpeningScreen(opening.cluster, opening.namespaces, opening.alarms)


def _mistake(error: Exception) -> str:
    return f"kite-tui made a mistake ({type(error).__name__}), --log-file has more"
