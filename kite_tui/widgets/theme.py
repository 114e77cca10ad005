"""Colours: our own dark and light theme, a plain one, and what the `kite-*` variables are under every other theme.

A widget names an ink (see `ink`); an ink names a `kite-*` variable; a theme may set that variable, and where it does
not, it is derived from the theme's own colours. So every Textual theme works, and ours only say what they mean.

NO_COLOR (set and not empty): run `App(ansi_color=True)` with the theme `PLAIN`. Textual then sends no colour at all but
keeps bold, dim and reverse, which is what the inks fall back to. Without `ansi_color` it would send greys. Terminals of
16 colours or fewer: Textual's `ansi-dark` and `ansi-light`, whose colours are the terminal's own.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from textual.app import App
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="kite-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#7dcfff",
    accent="#7aa2f7",
    success="#8fbf7f",
    warning="#e0af68",
    error="#f7768e",
    foreground="#c0caf5",
    background="#1a1b26",
    surface="#20222f",
    panel="#24283b",
    variables={
        "kite-good": "#8fbf7f",
        "kite-warn": "#e0af68",
        "kite-bad": "#f7768e",
        "kite-accent": "#7aa2f7",
        "kite-dim": "#7f87a8",
        "kite-faint": "#3b4261",
        "kite-cursor": "#2c3a63",
        "border": "#7aa2f7",
        "border-blurred": "#3b4261",
    },
)

LIGHT = Theme(
    name="kite-light",
    dark=False,
    primary="#2f5fc4",
    secondary="#0f7a8c",
    accent="#2f5fc4",
    success="#3d7a2a",
    warning="#96620a",
    error="#c02a4b",
    foreground="#2a2f45",
    background="#f7f8fb",
    surface="#eef0f6",
    panel="#e6e9f2",
    variables={
        "kite-good": "#3d7a2a",
        "kite-warn": "#96620a",
        "kite-bad": "#c02a4b",
        "kite-accent": "#2f5fc4",
        "kite-dim": "#666d87",
        "kite-faint": "#c3c8d8",
        "kite-cursor": "#cddaf7",
        "border": "#2f5fc4",
        "border-blurred": "#c3c8d8",
    },
)

_DEFAULT = "ansi_default"

PLAIN = Theme(
    name="kite-plain",
    dark=True,
    ansi=True,
    primary=_DEFAULT,
    secondary=_DEFAULT,
    accent=_DEFAULT,
    success=_DEFAULT,
    warning=_DEFAULT,
    error=_DEFAULT,
    foreground=_DEFAULT,
    background=_DEFAULT,
    surface=_DEFAULT,
    panel=_DEFAULT,
    boost=_DEFAULT,
    # Textual's CSS asks an ansi theme for these, whatever they are; NO_COLOR strips them.
    variables={**BUILTIN_THEMES["ansi-dark"].variables, "border": _DEFAULT, "border-blurred": _DEFAULT},
)

_ANSI = {
    "kite-good": "ansi_green",
    "kite-warn": "ansi_yellow",
    "kite-bad": "ansi_red",
    "kite-accent": "ansi_blue",
}
"""A terminal's own colours, by the names that everybody has given them."""

THEMES = (DARK, LIGHT, PLAIN)


def register_themes(app: App[Any]) -> None:
    """Make `THEMES` known to `app`. Call it in the App's constructor, before `app.theme` is set."""
    for theme in THEMES:
        app.register_theme(theme)


def variable_defaults(theme: Theme) -> dict[str, str]:
    """The `kite-*` variables that `theme` may leave unset, derived from its own colours.

    The App must answer `get_theme_variable_defaults` with this for its current theme: the widgets' CSS and inks need
    every one of them.
    """
    colours = theme.to_color_system().generate()
    if theme.ansi:
        return {
            **dict.fromkeys(_ANSI, _DEFAULT),
            **(_ANSI if theme.name != PLAIN.name else {}),
            "kite-name": _DEFAULT,
            "kite-number": _DEFAULT,
            "kite-dim": _DEFAULT,
            "kite-faint": _DEFAULT,
            "kite-cursor": _DEFAULT,
            "kite-changed": _DEFAULT,
            "kite-frame": _DEFAULT,
        }
    ground, text = Color.parse(colours["background"]), Color.parse(colours["foreground"])

    def tinted(name: str, share: float) -> str:
        return ground.blend(Color.parse(colours[name]), share, alpha=1.0).hex

    return {
        "kite-good": colours["text-success"],
        "kite-warn": colours["text-warning"],
        "kite-bad": colours["text-error"],
        "kite-accent": colours["text-primary"],
        "kite-name": text.hex,
        "kite-number": text.hex,
        "kite-dim": tinted("foreground", 0.7),
        "kite-faint": tinted("foreground", 0.28),
        "kite-cursor": tinted("primary", 0.35),
        "kite-changed": tinted("warning", 0.28),
        "kite-frame": colours["panel"],
    }


def for_terminal() -> str:
    """Terminals of 16 colours or fewer get a theme made of those; empty where ours will do."""
    return "ansi-dark" if Console(stderr=True).color_system in ("standard", None) else ""
