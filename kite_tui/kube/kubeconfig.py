"""Kubeconfig files: read, checked and merged as client-go's loading rules do.

A value of the wrong type anywhere that we look is a ConfigError which names the file and the place, never the value.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kite_tui.kube.errors import ConfigError

MAX_FILE_B = 16 << 20  # a thousand contexts with certificates are about 10 MB
MAX_DEPTH = 64  # extensions may hold anything, but nobody's are deeper


def _loader() -> type[Any]:
    base: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: type[Any] = type("KubeconfigLoader", (base,), {})
    # Go reads `2026-01-01` as a string; a date object would be neither.
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in base.yaml_implicit_resolvers.items()
    }
    return loader


_LOADER = _loader()


class Section:
    """A map in a kubeconfig, read by type. `where` names it for a person, `file` is the file it came from.

    An absent key and a null read as empty. Raises ConfigError for a value of another type than asked for.
    """

    def __init__(self, values: Mapping[str, object], where: str, file: Path) -> None:
        self._values = values
        self.where = where
        self.file = file

    def __repr__(self) -> str:
        return f"Section({self.where!r})"

    def text(self, key: str) -> str:
        """A string without control characters, which no name, path, URL or token can have."""
        value = self._values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._wrong(key, "a string (put it in quotes)")
        if not value.strip("\r\n").isprintable():
            raise self._wrong(key, "free of control characters")
        return value.strip("\r\n")

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self._wrong(key, "true or false")

    def path(self, key: str) -> str:
        """A path, made absolute against the folder of the file that it stands in."""
        text = self.text(key)
        return str(self.file.parent / text) if text else ""

    def data(self, key: str) -> bytes:
        """The bytes of a base64 value."""
        try:
            return base64.b64decode("".join(self._text_of_many_lines(key).split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._wrong(key, "base64") from error

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings. They may hold line breaks: arguments of a command do."""
        values = self.items(key)
        if not all(isinstance(value, str) and "\0" not in value for value in values):
            raise self._wrong(key, "a list of strings")
        return tuple(str(value) for value in values)

    def items(self, key: str) -> list[object]:
        value = self._values.get(key)
        if value is None or isinstance(value, list):
            return value or []
        raise self._wrong(key, "a list")

    def sections(self, key: str) -> list[Section]:
        """A list of maps."""
        return [self._section(item, f"{key}[{i}]") for i, item in enumerate(self.items(key))]

    def section(self, key: str) -> Section | None:
        value = self._values.get(key)
        return None if value is None else self._section(value, key)

    def names(self) -> list[str]:
        """The keys, where they are names that somebody chose."""
        return [str(key) for key in self._values]

    def raw(self, key: str) -> object:
        """The value as it stands, for passing on."""
        return self._values.get(key)

    def _text_of_many_lines(self, key: str) -> str:
        value = self._values.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        raise self._wrong(key, "a string (put it in quotes)")

    def _section(self, value: object, key: str) -> Section:
        if not isinstance(value, dict):
            raise self._wrong(key, "a map")
        return Section(value, f"{key} of {self.where}", self.file)

    def _wrong(self, key: str, expected: str) -> ConfigError:
        return ConfigError(f"the kubeconfig {self.file} can't be used: {key} of {self.where} must be {expected}")


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """One file, or several merged. Entries by name."""

    current_context: str = ""
    contexts: Mapping[str, Section] = field(default_factory=dict)
    clusters: Mapping[str, Section] = field(default_factory=dict)
    users: Mapping[str, Section] = field(default_factory=dict)


def load_yaml(file: Path) -> dict[str, object]:
    """The top-level map of a kubeconfig file, empty for an empty file. Raises FileNotFoundError and ConfigError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_B + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(
            f"can't read the kubeconfig {file}: {(error.strerror or str(error)).lower()}; check the path and its mode"
        ) from error
    if len(data) > MAX_FILE_B:
        raise ConfigError(f"the kubeconfig {file} is over {MAX_FILE_B >> 20} MiB, which no kubeconfig should be")
    try:
        content = parse(data)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"the kubeconfig {file} is not valid YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise ConfigError(f"the kubeconfig {file} is not valid YAML: {why}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"the kubeconfig {file} is not a kubeconfig: its top level must be a map")
    return content


def parse(data: bytes) -> object:
    """YAML as Go reads it, as far as a kubeconfig goes. Raises yaml.YAMLError and ValueError."""
    _check_depth(data)
    content: object = yaml.load(data, _LOADER)
    return content


def read(file: Path) -> Kubeconfig:
    """One kubeconfig file. Raises FileNotFoundError, and ConfigError for what can't be used."""
    root = Section(load_yaml(file), "the top level", file)
    if root.text("apiVersion") not in ("", "v1") or root.text("kind") not in ("", "Config"):
        raise ConfigError(f"{file} is not a kubeconfig: its kind must be Config of apiVersion v1")
    return Kubeconfig(
        root.text("current-context"),
        _named(root, "contexts", "context"),
        _named(root, "clusters", "cluster"),
        _named(root, "users", "user"),
    )


def merge(configs: Iterable[Kubeconfig]) -> Kubeconfig:
    """The first file that sets current-context wins, and so does the first entry of a name, whole."""
    merged = Kubeconfig()
    for config in configs:
        merged = Kubeconfig(
            merged.current_context or config.current_context,
            {**config.contexts, **merged.contexts},
            {**config.clusters, **merged.clusters},
            {**config.users, **merged.users},
        )
    return merged


def _named(root: Section, plural: str, singular: str) -> dict[str, Section]:
    found: dict[str, Section] = {}
    for item in root.sections(plural):
        name = item.text("name")
        if name in found:
            raise ConfigError(f"the kubeconfig {root.file} has two {plural} of the name {name!r}")
        found[name] = item.section(singular) or Section({}, item.where, root.file)
        found[name].where = f"the {singular} {name!r}"
    return found


def _check_depth(data: bytes) -> None:
    """Raise ValueError for what is nested deeper than any kubeconfig: libyaml's loader recurses, and would crash."""
    depth = 0
    for event in yaml.parse(data, _LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError("it is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
