"""The config file: found, read, and refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kite_tui.settings import Settings, SettingsError, load, path


def settings(folder: Path, text: str | bytes) -> Settings:
    file = folder / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load({"KITE_TUI_CONFIG": str(file)})


def test_without_a_file_there_are_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert path({}).name == "config.toml"
    assert load({}) == Settings(qps=20, burst=40, favourites=(), theme="", lists="pages")


def test_every_setting_is_read(tmp_path: Path) -> None:
    text = 'qps = 5\nburst = 10\nfavourites = ["shop", "bank"]\ntheme = "nord"\nlists = "stream"\n'
    assert settings(tmp_path, text) == Settings(5.0, 10, ("shop", "bank"), "nord", "stream")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("qps = ", "is not TOML"),
        ("colour = 1", "no setting 'colour'; known are qps, burst, favourites, theme, lists"),
        ("qps = 0", "qps must be a number over 0"),
        ("qps = true", "qps must be a number over 0"),
        ("qps = inf", "qps must be a number over 0"),
        ("qps = nan", "qps must be a number over 0"),
        ("burst = -1", "burst must be a whole number over 0"),
        ("burst = 1.5", "burst must be a whole number over 0"),
        ('favourites = "shop"', "favourites must be a list of texts"),
        ("favourites = [1]", "favourites must be a list of texts"),
        ('favourites = [""]', "favourites must be a list of texts"),
        ("theme = 1", "theme must be a text"),
        ('lists = "page"', 'lists must be "pages" or "stream", not \'page\''),
        ("lists = 1", 'lists must be "pages" or "stream"'),
        (b"theme = '\xff'", "it is not UTF-8"),
    ],
)
def test_what_can_not_be_used_is_said_with_the_file(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        settings(tmp_path, text)
    assert str(tmp_path / "config.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_was_named_has_to_be_there_and_to_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="isn't there"):
        load({"KITE_TUI_CONFIG": str(tmp_path / "none.toml")})
    with pytest.raises(SettingsError, match="Is a directory"):
        load({"KITE_TUI_CONFIG": str(tmp_path)})
