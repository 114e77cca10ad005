"""What makes Textual's pilots quick and sure: they go on when the app has nothing left to do.

Textual's own go on once the process used little time for 20 ms. That costs those 20 ms twice a key, and on a busy
machine it says nothing: a process that is kept waiting uses little time, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from textual._context import active_app
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

SOON_S = 0.02
"""Timers that are due so soon are waited for; Textual's pilots do so by the way."""

_delay_update = App.delay_update
_parse_rules = Stylesheet._parse_rules
_rules: dict[Any, list[RuleSet]] = {}


async def at_rest(*_: float) -> None:
    """Stands in for Textual's `wait_for_idle`: every message is handled, every repaint done, no timer due. What other
    threads are at is not waited for."""
    loop: Any = asyncio.get_running_loop()
    until_s: float | None = None
    while True:
        await asyncio.sleep(0)
        if loop._ready or _painted():
            continue
        until_s = until_s or loop.time() + SOON_S
        due_s = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=until_s)
        if due_s >= until_s:
            return
        await asyncio.sleep(max(0.0, due_s - loop.time()))


def _painted() -> bool:
    """Paint at once where the screen would within a sixtieth of a second. False where nothing is to be painted."""
    screens: Sequence[Any] = active_app.get().screen_stack
    if not screens or not screens[-1]._update_timer._active.is_set():
        return False
    screens[-1]._on_timer_update()
    return True


def hardly_delay(app: App[Any]) -> None:
    """Stands in for `App.delay_update`: a screen that comes in sight is painted after 1 ms, not after 50."""
    _delay_update(app, 0.001)


def rules_of(sheet: Stylesheet, *source: Any, **how: Any) -> list[RuleSet]:
    """Stands in for `Stylesheet._parse_rules`, a good part of an app's start: in one process, the same source is parsed
    once with the same variables."""
    key = (frozenset(sheet._variables.items()), source, frozenset(how.items()))
    if key not in _rules:
        _rules[key] = _parse_rules(sheet, *source, **how)
    return _rules[key]
