"""Every theme works: ours, Textual's, and none at all."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from kite_tui.widgets.ink import _VARIABLES, content
from kite_tui.widgets.table import RowTable
from kite_tui.widgets.theme import DARK, LIGHT, PLAIN, THEMES, variable_defaults
from tests.widgets.host import NODE_COLUMNS, Host, NumberRows

ALL = [*BUILTIN_THEMES.values(), *THEMES]
COLOURED = [theme for theme in ALL if not theme.ansi]


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_every_theme_has_every_variable_and_each_is_a_colour(theme: object) -> None:
    known = {**variable_defaults(theme), **theme.variables}  # type: ignore[attr-defined,arg-type]
    for variable in set(_VARIABLES.values()) - {"foreground"} | {"kite-cursor", "kite-changed", "kite-frame"}:
        Color.parse(known[variable])


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_states_are_told_from_plain_text_by_their_colour(theme: object) -> None:
    known = {**variable_defaults(theme), **theme.variables}  # type: ignore[attr-defined,arg-type]
    inks = {Color.parse(known[name]).hex for name in ("kite-good", "kite-warn", "kite-bad", "kite-name")}
    assert len(inks) == 4


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", ["kite-good", "kite-warn", "kite-bad", "kite-accent", "kite-dim"])
def test_our_own_themes_can_be_read_also_on_the_cursor(theme: object, ink: str) -> None:
    known = {**variable_defaults(theme), **theme.variables, "ground": theme.background}  # type: ignore[attr-defined,arg-type]
    for ground in ("ground", "kite-cursor"):
        assert contrast(Color.parse(known[ink]), Color.parse(known[ground])) >= 3


def contrast(a: Color, b: Color) -> float:
    """WCAG's contrast ratio."""

    def luminance(colour: Color) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


async def test_a_table_is_drawn_under_every_theme_and_follows_a_change_at_once() -> None:
    table = RowTable(NODE_COLUMNS)
    app = Host(table)
    async with app.run_test(size=(80, 10)) as pilot:
        table.set_rows(NumberRows(10))
        seen = set()
        for theme in app.available_themes:
            app.theme = theme
            await pilot.pause()
            seen.add(str([segment.style for segment in table.line_strip(1, 78)]))
        assert len(seen) > len(COLOURED) // 2


async def test_no_color_sends_attributes_and_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    table = RowTable(NODE_COLUMNS)
    app = Host(table, theme=PLAIN.name, ansi_color=True)
    async with app.run_test(size=(80, 10)) as pilot:
        table.set_rows(NumberRows(10))
        await pilot.pause()
        segments = [segment for strip in app.screen._compositor.render_strips(app.size) for segment in strip]
        styles = [segment.style for segment in segments if segment.style]
        assert all(style.color is None or style.color.is_default for style in styles)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)
        assert any(style.reverse for style in styles)
        assert any(style.bold for style in styles)


def test_content_is_made_of_text_and_never_of_markup() -> None:
    made = content([("[red]x[/]\x1b", "bad"), (" y", "")])
    assert made.plain == "[red]x[/]␛ y"
    assert [str(span.style) for span in made.spans] == ["$kite-bad", "$foreground"]
