"""The one thing that we ever write: new tokens, in the kubeconfig that they came from."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from kite_tui.kube.errors import ConfigError
from kite_tui.kube.kubeconfig import load_yaml, parse


def set_in_user(file: Path, user: str, path: Sequence[str], values: Mapping[str, str]) -> None:
    """Set strings in the map at `path` of a user's entry; all other bytes of the file stay, comments too.

    A new file beside it takes its place and its mode, so that nobody ever reads half of one; a symbolic link is
    followed. kubectl's lock (FILE.lock) is held meanwhile. Raises OSError (FileExistsError: locked), and ConfigError
    where the entry isn't there any more or can't be changed in place.
    """
    file = Path(os.path.realpath(file))
    with _locked(file):
        expected = load_yaml(file)
        target = _entry(expected, user, path)
        if target is None:
            raise ConfigError(f"the user {user!r} is not in {file} any more")
        target |= values
        text = _spliced(file.read_bytes().decode(), user, path, values)
        if parse(text.encode()) != expected:
            raise ConfigError(f"the kubeconfig {file} is written in a way that can't be changed in place")
        _replace(file, text)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    lock = file.with_name(file.name + ".lock")
    os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0))
    try:
        yield
    finally:
        lock.unlink()


def _replace(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            os.fchmod(descriptor, file.stat().st_mode & 0o777)
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def _entry(content: Mapping[str, object], user: str, path: Sequence[str]) -> dict[str, object] | None:
    users = content.get("users")
    for item in users if isinstance(users, list) else ():
        if isinstance(item, dict) and item.get("name") == user:
            found: object = item
            for key in ("user", *path):
                found = found.get(key) if isinstance(found, dict) else None
            return found if isinstance(found, dict) else None
    return None


def _spliced(text: str, user: str, path: Sequence[str], values: Mapping[str, str]) -> str:
    """`text` with the values in place of the old ones; a key that is not there yet comes before the first one."""
    target = _node(yaml.compose(text, yaml.SafeLoader), user, path)
    edits: list[tuple[int, int, str]] = []
    for key, value in values.items():
        old = _value(target, key)
        if old is not None:
            start = old.start_mark.index
            length = len(text[start : old.end_mark.index].rstrip())  # a block scalar ends with its line break
            edits.append((start, start + length, json.dumps(value)))
        else:
            first = target.value[0][0].start_mark
            separator = ", " if target.flow_style else "\n" + " " * first.column
            edits.append((first.index, first.index, f"{json.dumps(key)}: {json.dumps(value)}{separator}"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _node(root: yaml.Node | None, user: str, path: Sequence[str]) -> yaml.MappingNode:
    users = _value(root, "users")
    for item in users.value if isinstance(users, yaml.SequenceNode) else ():
        name = _value(item, "name")
        if name is not None and name.value == user:
            found: yaml.Node | None = item
            for key in ("user", *path):
                found = _value(found, key)
            if isinstance(found, yaml.MappingNode) and found.value:
                return found
    raise ConfigError(f"the user {user!r} can't be found in the kubeconfig any more")


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)
