"""Running the app on a terminal, until it is left, ended by a signal, or the terminal is gone."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver

from kite_tui.app import ENDING, KiteApp
from kite_tui.session.opening import Opening
from kite_tui.widgets import theme

if TYPE_CHECKING:
    from kite_tui.session.meter import Export

log = logging.getLogger(__name__)


class TerminalDriver(LinuxDriver):
    """Textual's, but for mistakes while it reads what is typed."""

    def _run_input_thread(self) -> None:
        """Bytes that are no text (a paste in another encoding) are left out, with what came along with them; any other
        mistake ends the app as one of the app's own does. Textual would end it at both, and print the traceback."""
        while True:
            try:
                self.run_input_thread()
            except UnicodeDecodeError:
                log.info("something was typed that is no UTF-8")
            except Exception as error:  # noqa: BLE001 - the app logs it
                self._app.call_later(self._app._handle_exception, error)
                return
            else:
                return


def run_app(
    opening: Opening,
    *,
    theme_name: str,
    log_file: str = "",
    env: Mapping[str, str] = os.environ,
    export: Export | None = None,
) -> int:
    """Run the app until it is left; the exit code. The session ends with it, however it ends. `export` is told what to
    ask for what reading the cluster costs, on a thread of its own."""
    plain = bool(env.get("NO_COLOR"))
    name = theme.PLAIN.name if plain else theme_name or theme.for_terminal()
    app = KiteApp(opening, theme_name=name, plain=plain, log_file=log_file, driver_class=TerminalDriver)
    if export is not None:
        app.is_metered = True
        export(app.load)
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:  # Textual enters the alternate screen before `on_mount`, and must come to leave it again:
        # an app that is told to exit before it is composed would end with a mistake of Textual's
        signal.signal(number, lambda number, _: app.call_later(app.exit, None, 128 + number))
    _when_the_terminal_is_gone(app.on_unmount)
    try:
        app.run()
    finally:
        app.on_unmount()  # a mistake may have ended it before it came to that
        for number, handler in before.items():
            signal.signal(number, handler)
    return app.return_code or 0


def _when_the_terminal_is_gone(stop: Callable[[], None]) -> None:
    """End the program, after `stop`, as soon as nobody holds the other side of the terminal any more. Where it is not
    our controlling terminal no signal says so: reads give nothing and writes fail, at full speed and for ever."""
    terminal = select.poll()
    terminal.register(sys.__stdin__ or 0, 0)  # nothing but what is always told: that it is gone

    def wait() -> None:
        terminal.poll()
        log.info("the terminal is gone")
        try:
            stop()
        finally:
            # Leaving in order would write to the terminal, and wait for somebody to read that.
            os._exit(128 + signal.SIGHUP)

    threading.Thread(target=wait, name="terminal", daemon=True).start()
