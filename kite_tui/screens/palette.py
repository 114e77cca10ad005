"""What the palette offers: every key of the screen below it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.screen import Screen


def commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """The bindings of the screen and of the app that have a description, each once, and the choice of a theme."""
    seen: set[str | None] = set()
    for node, binding, enabled, _ in screen.active_bindings.values():
        if enabled and binding.description and binding.id not in seen and (node is screen or node is app):
            seen.add(binding.id)
            run = partial(app.call_later, app.run_action, binding.action, node)
            yield SystemCommand(binding.description, f"Key {app.get_key_display(binding)}", run)
    yield SystemCommand("Theme", "Change the colours", app.action_change_theme)
