"""The app: owns the screens, and turns what the session's threads say into messages on the UI thread.

The first frame needs neither a screen nor a session, and would wait for both: it is an `OpeningScreen`, and the rest is
imported behind it. Pages are imported when the first of them is opened.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from kite_tui.life import ClusterApp
from kite_tui.objects.kinds import NAMESPACES, Kind
from kite_tui.screens.clipboard import copy_here
from kite_tui.screens.palette import commands
from kite_tui.screens.roots import has_frame, root_screen
from kite_tui.screens.tabs import TABS
from kite_tui.session.news import News
from kite_tui.session.opening import Contexts, Opening
from kite_tui.text.mistakes import mistake
from kite_tui.text.sanitise import clean
from kite_tui.widgets import theme

if TYPE_CHECKING:
    from kite_tui.queries.vertices import Vertex
    from kite_tui.screens.base import KiteScreen
    from kite_tui.session.cluster import ClusterSession

log = logging.getLogger(__name__)

REFRESH_S = 0.25
"""At most four repaints a second, whatever the rate of events."""

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end the app as `q` does; ctrl-c is one until the terminal is raw."""

SOON_S = 0.001
"""Textual divides by a timer's interval, so none may be 0."""


REMEMBERED = 100
"""Commands that can be had again."""


class KiteApp(ClusterApp):
    """kite-tui. The session is started once the first frame is on screen, and stopped with the app."""

    TITLE = "kite-tui"

    CSS = """
    CommandPalette SearchIcon { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(tab.key, f"go('{tab.id}')", tab.label, show=False, id=f"go.{tab.id}") for tab in TABS),
        Binding("n", "namespaces", "Namespaces", show=False, id="namespaces"),
        Binding("0", "all_namespaces", "All namespaces", show=False, id="namespaces.all"),
        Binding("ctrl+r", "ask_again", "Ask the server again", show=False, id="refresh"),
        Binding("ctrl+s", "save", "Save this view", show=False, id="save"),
        Binding("question_mark", "help", "Help", show=False, id="help"),
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True, id="quit.interrupt"),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="quit"),
    ]

    class Changed(Message):
        """Something in the cluster changed; what, is in the app's set."""

    def __init__(
        self,
        session: ClusterSession | Opening,
        contexts: Contexts | None = None,
        *,
        theme_name: str = "",
        plain: bool = False,
        log_file: str = "",
        driver_class: type[Driver] | None = None,
    ) -> None:
        """`contexts`: see `ClusterApp`. `plain`: send no colour at all (NO_COLOR). `log_file` is where a mistake of
        ours is written down."""
        super().__init__(session, contexts, ansi_color=plain, driver_class=driver_class)
        self._log_file = log_file
        self._first_tab = "overview"
        self._namespaces: tuple[str, ...] = ()
        self._news = News()
        self._flushed_s = 0.0
        self._flush_timer: Timer | None = None
        theme.register_themes(self)
        self.theme = theme_name if theme_name in self.available_themes else theme.DARK.name
        self._unknown_theme = theme_name if theme_name and theme_name not in self.available_themes else ""
        self._typed: list[str] = []
        self._roots: dict[str, KiteScreen[Any]] = {}
        self._add_roots()

    def _add_roots(self) -> None:
        for tab in TABS:
            self.add_mode(tab.id, lambda id=tab.id: self._root(id))  # type: ignore[misc]

    def _root(self, name: str) -> KiteScreen[Any]:
        if name not in self._roots:
            self._roots[name] = root_screen(name)(self.session)
        return self._roots[name]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The kite-* variables that the current theme leaves unset."""
        return theme.variable_defaults(self.current_theme)

    # -- life ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Before the first frame."""
        self._end_on_signals()
        self.set_interval(1.0, self._tick)

    def entered(self) -> None:
        """The session is there: the screens can be, too."""
        self._namespaces = self.session.namespaces
        self.switch_mode(self._first_tab)
        if self._unknown_theme:
            self.tell(f"there is no theme {self._unknown_theme!r}; ctrl-p lists them", bad=True)
            self._unknown_theme = ""

    def left(self) -> None:
        """Screens, pages, what was chosen: all of it was about the cluster that is no longer shown."""
        if self.current_mode in self._roots:
            self._first_tab = self.current_mode
        self._namespaces = self.session.namespaces
        super().left()
        for tab in TABS:
            self.remove_mode(tab.id)
        self._roots.clear()
        self._add_roots()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the session is being opened, only leaving and choosing the first screen mean anything."""
        if self.is_opening and action in ("namespaces", "all_namespaces", "ask_again", "save", "command_palette"):
            return False
        return super().check_action(action, parameters)

    def _end_on_signals(self) -> None:
        """Whoever ends us by a signal, or closes the terminal, finds it as it was."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in ENDING:
                loop.add_signal_handler(number, self.exit, None, 128 + number)

    def _fatal_error(self) -> None:
        """Textual's call for an exception that nobody caught: a sentence for the person, the traceback for the log."""
        log.critical("a mistake that ends kite-tui", exc_info=self._exception)
        if not self._exit_renderables:  # the first one says it
            self.panic(Text(f"kite-tui {mistake(self._exception, self._log_file)}"))

    async def on_event(self, event: events.Event) -> None:
        """A key that is for no text is acted on here and now, before the next one is looked at. Textual passes it to
        the widget in focus, and acts on it when it has come back up: whatever was typed meanwhile goes to where the
        focus was before, and the key that opens a prompt is overtaken by what is to be typed into it."""
        if not (isinstance(event, events.Key) and not event.is_forwarded and await self._acts_on(event.key)):
            await super().on_event(event)

    async def _acts_on(self, key: str) -> bool:
        if self.focused is not None and self.focused.check_consume_key("a", "a"):  # it takes text
            return False
        return await self._check_bindings(key, priority=True) or await self._check_bindings(key)

    # -- changes ------------------------------------------------------------------------------------------------

    def reader_changed(self, kind: Kind[Any]) -> None:
        """On a thread of the session: note the kind, and knock once."""
        if self._news.note(kind):
            self.post_message(self.Changed())

    @on(Changed)
    def _show_changes_soon(self) -> None:
        if self._flush_timer is None:
            self._flush_timer = self.set_timer(
                max(SOON_S, self._flushed_s + REFRESH_S - monotonic()), self._show_changes
            )

    def _show_changes(self) -> None:
        self._flush_timer, self._flushed_s = None, monotonic()
        kinds = self._news.take()
        if screen := self._in_sight():
            screen.changed(kinds)

    def _tick(self) -> None:
        if self._session is not None:
            self._session.tick()
        if screen := self._in_sight():
            screen.show_truth()
            screen.tick()

    def _in_sight(self) -> KiteScreen[Any] | None:
        """The screen that follows the cluster; None while something else is on top, or it is being made or ended."""
        top = self.screen_stack[-1:] if self._session is not None else ()
        return top[0] if top and has_frame(top[0]) and top[0].has_widgets else None

    # -- where to go --------------------------------------------------------------------------------------------

    def go(self, tab: str) -> None:
        """To a root screen; again on the same one: back to its root."""
        if self.is_opening:
            self._first_tab = tab
        elif tab == self.current_mode:
            while len(self.screen_stack) > 1:
                self.pop_screen()
        else:
            self.switch_mode(tab)

    def action_go(self, tab: str) -> None:
        """See `go`. Who goes by a key or a click has not come from anywhere."""
        for root in self._roots.values():
            root.came_from = ""
        self.go(tab)

    def _show_list(self, tab: str, filter: str, sort: str) -> None:
        from kite_tui.screens.table import TableScreen

        screen = self._root(tab)
        assert isinstance(screen, TableScreen)
        came_from = self.current_mode if self.current_mode != tab else ""
        self.go(tab)
        screen.begin_with(filter, sort, came_from)

    def show_nodes(self, *, filter: str = "", sort: str = "") -> None:
        """The nodes that a filter keeps."""
        self._show_list("nodes", filter, sort)

    def show_pods(self, *, filter: str = "", sort: str = "") -> None:
        """The pods that a filter keeps."""
        self._show_list("pods", filter, sort)

    def open_node(self, name: str) -> None:
        """The page of a node."""
        from kite_tui.screens.node_page import NodePage

        self.push_screen(NodePage(self.session, name))

    def open_pod(self, namespace: str, name: str) -> None:
        """The page of a pod."""
        from kite_tui.screens.pod_page import PodPage

        self.push_screen(PodPage(self.session, namespace, name))

    def open_cached(self, kind: str) -> None:
        """What following a kind costs."""
        from kite_tui.screens.cache_page import CachePage

        self.push_screen(CachePage(self.session, kind))

    def open_yaml(self, kind: str, path: str, namespace: str, name: str) -> None:
        """The manifest of an object."""
        from kite_tui.screens.yaml_page import YamlPage

        self.push_screen(YamlPage(self.session, kind, path, namespace, name))

    def show_related(self, about: Vertex, jump: str) -> None:
        """What an object hangs together with; `jump` is the direction to begin at, empty for the first line."""
        from kite_tui.screens.related import RelatedScreen

        screen = self._root("related")
        assert isinstance(screen, RelatedScreen)
        if self.current_mode != "related":
            screen.came_from = self.current_mode
        self.go("related")
        screen.centre_on(about, jump)

    def show_kind(self, kind: Kind[Any]) -> None:
        """All kinds, with the objects of one of them."""
        from kite_tui.screens.related import RelatedScreen

        screen = self._root("related")
        assert isinstance(screen, RelatedScreen)
        if self.current_mode != "related":
            screen.came_from = self.current_mode
        self.go("related")
        screen.open_kind(kind)

    def leave(self) -> None:
        """Out of the program, from anywhere."""
        self.exit()

    def back(self) -> None:
        """To the screen below; at the root, out."""
        root = self.screen
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif has_frame(root) and root.came_from:
            came_from, root.came_from = root.came_from, ""
            self.go(came_from)
        else:
            self.exit()

    def action_help(self) -> None:
        """All keys."""
        from kite_tui.screens.help import help_screen

        self.push_screen(help_screen())

    # -- commands -----------------------------------------------------------------------------------------------

    @property
    def typed(self) -> Sequence[str]:
        """The commands that were carried out, the newest last."""
        return self._typed

    def remember(self, command: str) -> None:
        """Offer a command again; of the same several times in a row one."""
        command = command.strip()
        if command and self._typed[-1:] != [command]:
            self._typed = [*self._typed, command][-REMEMBERED:]

    # -- namespaces ---------------------------------------------------------------------------------------------

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces to show, empty for all."""
        return self._namespaces

    def action_namespaces(self) -> None:
        """Choose them."""
        from kite_tui.widgets.choose import Choice, Choose

        reader = self.session.reader
        counts = reader.counts_by_namespace()
        names = sorted({namespace.name for namespace in reader.list(NAMESPACES).objects} | set(counts))
        choices = [Choice(name, name, f"{counts[name].total} pods" if name in counts else "") for name in names]
        chooser = Choose("Namespaces", choices, self._namespaces, all_label="all namespaces")
        self.push_screen(chooser, self.choose_namespaces)

    def action_all_namespaces(self) -> None:
        """All of them."""
        self.choose_namespaces(())

    def choose_namespaces(self, names: tuple[str, ...] | None) -> None:
        """Show these, everywhere (None: as before). Nothing is asked of the server: the cache has them all."""
        if names is None:
            return
        self._namespaces = names
        for screen in self._roots.values():
            if screen.is_mounted:
                screen.namespaces_changed()

    def action_ask_again(self) -> None:
        """Re-probe, reconnect, relist."""
        self.session.refresh()
        if screen := self._in_sight():
            screen.ask_again()
        self.tell("asking the server again")

    def tell(self, sentence: str, *, bad: bool = False) -> None:
        """Say something for a moment."""
        self.notify(clean(sentence), severity="error" if bad else "information", markup=False, timeout=6 if bad else 3)

    def copy_name(self, text: str) -> None:
        """To the clipboard, by the terminal (OSC 52) and, on this machine, by a program that can. What is copied is
        what the cluster said; a name that could be more than a name where it is pasted is not."""
        if clean(text) != text:
            self.tell("this name has characters that no name should have: it is not copied", bad=True)
            return
        self.copy_to_clipboard(text)
        copy_here(text)
        self.tell(f"copied {text}")

    def action_save(self) -> None:
        """Ask for the format, then save what is on screen."""
        from kite_tui.screens.saving import formats
        from kite_tui.widgets.choose import Choice, Choose

        screen = self.screen
        if has_frame(screen):
            choices = [Choice(ending, ending.upper(), what) for ending, what in formats(screen)]
            self.push_screen(Choose("Save this view as", choices), lambda chosen: self._save(screen, chosen))

    def _save(self, screen: KiteScreen[Any], chosen: tuple[str, ...] | None) -> None:
        from kite_tui.screens.saving import Saved, save

        def saved(outcome: Saved) -> None:
            self.call_later(self.tell, outcome.sentence, bad=outcome.failed)

        for ending in chosen or ():
            # The chooser is gone from the screen only after the next refresh, and a picture must not show it.
            self.call_after_refresh(save, self, screen, ending, saved)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette has what the keys of this screen have."""
        return commands(self, screen)
