"""Parts that come back word for word on thousands of objects: read once, then looked up by their bytes and shared.

Every table is bounded and keeps what was used last; what falls out is read again, never wrong. Labels and owners of an
object's own kind come and go with Jobs and rollouts for ever, so theirs are small.
"""

from __future__ import annotations

from functools import lru_cache
from sys import intern

import msgspec

from kite_tui.objects.amounts import Quantities
from kite_tui.objects.meta import Labels, Owner

_ABSENT = (b"", b"null")


@lru_cache(maxsize=1024)
def labels(raw: bytes) -> Labels:
    """Labels as sorted pairs; a label whose value is no text is left out."""
    return tuple(sorted((intern(name), intern(value)) for name, value in _map(raw).items() if isinstance(value, str)))


@lru_cache(maxsize=4096)
def quantities(raw: bytes) -> Quantities:
    """A resource list. A bare number is a quantity too; what is neither stays as its JSON, which no one can read."""
    return _quantities(_map(raw))


@lru_cache(maxsize=4096)
def quantities_or_none(raw: bytes) -> Quantities | None:
    """A resource list, None where the map is not there at all."""
    return None if raw in _ABSENT else quantities(raw)


@lru_cache(maxsize=4096)
def resources(raw: bytes) -> tuple[Quantities | None, Quantities | None]:
    """`requests` and `limits` of a `resources` field, each None where that map is not there."""
    found = _map(raw)
    return _optional(found.get("requests")), _optional(found.get("limits"))


@lru_cache(maxsize=1024)
def owners(raw: bytes) -> tuple[Owner, ...]:
    """All owner references; one that is no object is left out."""
    return tuple(_owner(found) for found in _list(raw) if isinstance(found, dict))


def _owner(found: dict[str, object]) -> Owner:
    texts = (found.get(field) for field in ("apiVersion", "kind", "name", "uid"))
    api_version, kind, name, uid = (intern(text) if isinstance(text, str) else "" for text in texts)
    return Owner(api_version, kind, name, uid, found.get("controller") is True)


def _optional(found: object) -> Quantities | None:
    return _quantities(found) if isinstance(found, dict) else None


def _quantities(found: dict[str, object]) -> Quantities:
    return tuple(sorted((intern(name), _quantity(value)) for name, value in found.items()))


def _quantity(value: object) -> str:
    return intern(value) if isinstance(value, str) else msgspec.json.encode(value).decode()


def _map(raw: bytes) -> dict[str, object]:
    found = _decoded(raw)
    return found if isinstance(found, dict) else {}


def _list(raw: bytes) -> list[object]:
    found = _decoded(raw)
    return found if isinstance(found, list) else []


def _decoded(raw: bytes) -> object:
    # The outer read has checked the syntax, but skips the bytes of strings: they may still be no UTF-8.
    try:
        return msgspec.json.decode(raw) if raw else None
    except (ValueError, RecursionError):
        return None
