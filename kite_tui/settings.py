"""The config file and its defaults: `config.toml` in the user's config folder, or where KITE_TUI_CONFIG says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WANTED = {
    "qps": "a number over 0",
    "burst": "a whole number over 0",
    "favourites": "a list of texts",
    "theme": "a text",
    "lists": '"pages" or "stream"',
}


class SettingsError(Exception):
    """The config file can't be used; one sentence says where and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set. `qps` and `burst` bound the requests to the API server, all kinds together;
    `favourites` are namespaces to read where the whole cluster is forbidden; an empty `theme` is kite-tui's own;
    `lists` of what is watched come in "pages" or as a "stream"."""

    qps: float = 20.0
    burst: int = 40
    favourites: tuple[str, ...] = ()
    theme: str = ""
    lists: str = "pages"


def path(env: Mapping[str, str]) -> Path:
    """Where the config file is looked for."""
    if env.get("KITE_TUI_CONFIG"):
        return Path(env["KITE_TUI_CONFIG"])
    import platformdirs  # here, because --help has no use for it

    return Path(platformdirs.user_config_dir("kite-tui")) / "config.toml"


def load(env: Mapping[str, str]) -> Settings:
    """Read the config file; the defaults where there is none. Raises SettingsError for one that can't be read, has an
    unknown key or a value of another type."""
    file = path(env)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if env.get("KITE_TUI_CONFIG"):
            raise SettingsError(f"KITE_TUI_CONFIG names {file}, which isn't there; make it or unset it") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"can't read {file}: {why}; mend or remove it") from error
    import tomllib  # here, because most people have no such file

    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also for a number of more digits than Python reads
        raise SettingsError(f"{file} is not TOML: {error}") from error
    return _settings(found, file)


def _settings(found: Mapping[str, Any], file: Path) -> Settings:
    known: dict[str, Any] = {}
    for key, value in found.items():
        match key, value:
            case "qps", int() | float() if not isinstance(value, bool) and value > 0 and math.isfinite(value):
                known[key] = float(value)
            case "burst", int() if not isinstance(value, bool) and value > 0:
                known[key] = value
            case "favourites", list() if all(isinstance(name, str) and name for name in value):
                known[key] = tuple(value)
            case "theme", str():
                known[key] = value
            case "lists", "pages" | "stream":
                known[key] = value
            case _ if key in _WANTED:
                raise SettingsError(f"{file}: {key} must be {_WANTED[key]}, not {value!r}")
            case _:
                raise SettingsError(f"{file}: there is no setting {key!r}; known are {', '.join(_WANTED)}")
    return Settings(**known)
