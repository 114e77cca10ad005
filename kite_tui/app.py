"""The app: owns the screens, and turns what the session's threads say into messages on the UI thread.

Pages are imported when the first of them is opened: the first frame needs none, and would wait for all.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Any, ClassVar

from rich.console import Console
from rich.text import Text
from textual import on
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from kite_tui.objects.kinds import NAMESPACES, Kind
from kite_tui.screens.base import TABS, KiteScreen
from kite_tui.screens.nodes import NodesScreen
from kite_tui.screens.overview import OverviewScreen
from kite_tui.screens.pods import PodsScreen
from kite_tui.screens.table import TableScreen
from kite_tui.session.cluster import ClusterSession, in_terminal
from kite_tui.text.sanitise import clean
from kite_tui.widgets import theme
from kite_tui.widgets.choose import Choice, Choose

log = logging.getLogger(__name__)

REFRESH_S = 0.25
"""At most four repaints a second, whatever the rate of events."""

SOON_S = 0.001
"""Textual divides by a timer's interval, so none may be 0."""

COPIERS = (("pbcopy",), ("wl-copy",), ("xclip", "-selection", "clipboard"))
"""Programs that fill the local clipboard; terminals that know OSC 52 need none."""


class KiteApp(App[None]):
    """kite-tui. The session is started with the first frame already on screen, and stopped with the app."""

    TITLE = "kite-tui"
    ENABLE_COMMAND_PALETTE = True

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

    class TerminalWanted(Message):
        """A credential plugin wants the terminal; `done` is told its exit code and stdout."""

        def __init__(self, argv: Sequence[str], env: Mapping[str, str], done: Future[tuple[int, bytes]]) -> None:
            super().__init__()
            self.argv, self.env, self.done = argv, env, done

    def __init__(self, session: ClusterSession, *, theme_name: str = "", plain: bool = False) -> None:
        """`plain`: send no colour at all (NO_COLOR)."""
        super().__init__(ansi_color=plain)
        self.session = session
        self._namespaces: tuple[str, ...] = session.namespaces
        self._lock = threading.Lock()
        self._dirty: set[Kind[Any]] = set()
        self._flushed_s = 0.0
        self._flush_timer: Timer | None = None
        theme.register_themes(self)
        self.theme = theme_name if theme_name in self.available_themes else theme.DARK.name
        self._unknown_theme = theme_name if theme_name and theme_name not in self.available_themes else ""
        self._roots: dict[str, KiteScreen[Any]] = {}
        for name, make in (("overview", OverviewScreen), ("nodes", NodesScreen), ("pods", PodsScreen)):
            self.add_mode(name, lambda name=name, make=make: self._root(name, make))  # type: ignore[misc]

    def _root(self, name: str, make: type[KiteScreen[Any]]) -> KiteScreen[Any]:
        if name not in self._roots:
            self._roots[name] = make(self.session)
        return self._roots[name]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The kite-* variables that the current theme leaves unset."""
        return theme.variable_defaults(self.current_theme)

    # -- life ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The first frame comes first; the cluster is asked right after."""
        self._end_on_signals()
        self.switch_mode("overview")
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.session.start(self._reader_changed, self._run_interactive)
        if self._unknown_theme:
            self.tell(f"there is no theme {self._unknown_theme!r}; ctrl-p lists them", bad=True)

    def _end_on_signals(self) -> None:
        """Whoever ends us by a signal, or closes the terminal, finds it as it was."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.exit, None, 128 + number)

    def _fatal_error(self) -> None:
        """Textual's call for an exception that nobody caught: a sentence for the person, the traceback for the log."""
        log.critical("a mistake that ends kite-tui", exc_info=self._exception)
        mistake = type(self._exception).__name__
        self.panic(Text(f"kite-tui made a mistake ({mistake}) and had to end. Try --log-file, it has more."))

    def on_unmount(self) -> None:
        """Leave nothing running; nothing is waited for."""
        self.session.stop()

    def _run_interactive(self, argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes]:
        """On a thread of the session: have the app step aside, and wait until the plugin is done."""
        done: Future[tuple[int, bytes]] = Future()
        if not self.post_message(self.TerminalWanted(argv, env, done)):
            raise OSError("the app is closing")
        return done.result()

    @on(TerminalWanted)
    def _step_aside(self, event: TerminalWanted) -> None:
        # Painting while suspended would hang for ever, and timers paint: hence the batch around it.
        try:
            with self.batch_update(), self.suspend():
                event.done.set_result(in_terminal(event.argv, event.env))
        except (OSError, SuspendNotSupported) as error:
            event.done.set_exception(OSError(f"the plugin can't have the terminal: {error}"))

    # -- changes ------------------------------------------------------------------------------------------------

    def _reader_changed(self, kind: Kind[Any]) -> None:
        """On a thread of the session: note the kind, and knock once."""
        with self._lock:
            first = not self._dirty
            self._dirty.add(kind)
        if first:
            self.post_message(self.Changed())

    @on(Changed)
    def _show_changes_soon(self) -> None:
        if self._flush_timer is None:
            wait_s = max(SOON_S, self._flushed_s + REFRESH_S - monotonic())
            self._flush_timer = self.set_timer(wait_s, self._show_changes)

    def _show_changes(self) -> None:
        self._flush_timer, self._flushed_s = None, monotonic()
        with self._lock:
            kinds, self._dirty = self._dirty, set()
        for screen in self.screen_stack:
            if isinstance(screen, KiteScreen) and screen.is_current:
                screen.changed(kinds)

    def _tick(self) -> None:
        screen = self.screen
        if isinstance(screen, KiteScreen):
            screen.show_truth()
            screen.tick()

    # -- where to go --------------------------------------------------------------------------------------------

    def go(self, tab: str) -> None:
        """To a root screen; again on the same one: back to its root."""
        if tab == self.current_mode:
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
        screen = self._root(tab, NodesScreen if tab == "nodes" else PodsScreen)
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

    def open_yaml(self, kind: str, path: str, namespace: str, name: str) -> None:
        """The manifest of an object."""
        from kite_tui.screens.yaml_page import YamlPage

        self.push_screen(YamlPage(self.session, kind, path, namespace, name))

    def back(self) -> None:
        """To the screen below; at the root, out."""
        root = self.screen
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif isinstance(root, KiteScreen) and root.came_from:
            came_from, root.came_from = root.came_from, ""
            self.go(came_from)
        else:
            self.exit()

    def action_help(self) -> None:
        """All keys."""
        from kite_tui.screens.help import help_screen

        self.push_screen(help_screen())

    # -- namespaces ---------------------------------------------------------------------------------------------

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces to show, empty for all."""
        return self._namespaces

    def action_namespaces(self) -> None:
        """Choose them."""
        reader = self.session.reader
        counts = reader.counts_by_namespace()
        names = sorted({namespace.name for namespace in reader.list(NAMESPACES).objects} | set(counts))
        choices = [Choice(name, name, f"{counts[name].total} pods" if name in counts else "") for name in names]
        chooser = Choose("Namespaces", choices, self._namespaces, all_label="all namespaces")
        self.push_screen(chooser, self._chosen)

    def _chosen(self, names: tuple[str, ...] | None) -> None:
        if names is not None:
            self.choose_namespaces(names)

    def action_all_namespaces(self) -> None:
        """All of them."""
        self.choose_namespaces(())

    def choose_namespaces(self, names: tuple[str, ...]) -> None:
        """Show these, everywhere. Nothing is asked of the server: the cache has them all."""
        self._namespaces = names
        for screen in self._roots.values():
            if screen.is_mounted:
                screen.namespaces_changed()

    # -- small services -----------------------------------------------------------------------------------------

    def action_ask_again(self) -> None:
        """Re-probe, reconnect, relist."""
        self.session.refresh()
        screen = self.screen
        if isinstance(screen, KiteScreen):
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
        if not os.environ.get("SSH_CONNECTION"):
            for command in COPIERS:
                if shutil.which(command[0]):
                    threading.Thread(target=_copy_by, args=(command, text), name="copy", daemon=True).start()
                    break
        self.tell(f"copied {text}")

    def action_save(self) -> None:
        """Ask for the format, then save what is on screen."""
        from kite_tui.screens.saving import formats

        screen = self.screen
        if isinstance(screen, KiteScreen):
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
        """The palette has what the keys have."""
        for tab in TABS:
            yield SystemCommand(tab.label, f"Go to {tab.label} ({tab.key})", lambda id=tab.id: self.go(id))
        yield SystemCommand("Namespaces", "Choose namespaces (n)", self.action_namespaces)
        yield SystemCommand("All namespaces", "Show all namespaces (0)", self.action_all_namespaces)
        yield SystemCommand("Ask again", "Reconnect and list anew (ctrl-r)", self.action_ask_again)
        yield SystemCommand("Save this view", "As SVG, JSON or CSV (ctrl-s)", self.action_save)
        yield SystemCommand("Help", "All keys (?)", self.action_help)
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Quit", "Leave kite-tui (ctrl-q)", self.action_quit)


def _copy_by(command: tuple[str, ...], text: str) -> None:
    """Hand `text` to a clipboard program; one that fails or hangs costs nothing, the terminal was told too."""
    try:
        subprocess.run(
            command, input=text.encode(), timeout=5, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return


def run_app(session: ClusterSession, *, theme_name: str, env: Mapping[str, str] = os.environ) -> int:
    """Run the app until it is left; the exit code. The session ends with it, however it ends."""
    plain = bool(env.get("NO_COLOR"))
    name = theme.PLAIN.name if plain else theme_name or _terminal_theme()
    app = KiteApp(session, theme_name=name, plain=plain)
    try:
        app.run()
    finally:
        session.stop()
    return app.return_code or 0


def _terminal_theme() -> str:
    """Terminals of 16 colours or fewer get a theme made of those; empty for kite-tui's own."""
    return "ansi-dark" if Console(stderr=True).color_system in ("standard", None) else ""
