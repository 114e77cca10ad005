"""What the API wraps objects in: the page of a list and the line of a watch.

Objects stay raw bytes here, so that one odd object costs itself and not its page. `msgspec.Raw` is a view: it keeps
the whole page or line alive for as long as it is kept, so decode it and let it go.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Bytes = bytes | msgspec.Raw


LONG_B = 8 << 20
"""A body of more is read in runs, so that no other thread waits for the interpreter for over 10 ms."""
RUN_B = 2 << 20
_ITEMS, _CUT = b'"items":[', b'},{"metadata":'


class Malformed(ValueError):
    """Not what it should be at all: not JSON, not an object, or (for an object to show) without metadata.name."""


class ListMeta(msgspec.Struct, frozen=True, gc=False):
    """`metadata` of a list. `continue_` is empty on the last page; `remaining` is the server's estimate of the objects
    on later pages, None where it gives none (always so with a selector)."""

    resource_version: str = ""
    continue_: str = ""
    remaining: int | None = None


class WatchEvent(msgspec.Struct, frozen=True, gc=False):
    """One line of a watch. `type` is ADDED, MODIFIED, DELETED, BOOKMARK, ERROR, or something newer."""

    type: str
    object: msgspec.Raw


class ObjectMeta(msgspec.Struct, frozen=True, gc=False):
    """As much metadata as a bookmark has."""

    resource_version: str = ""
    annotations: tuple[tuple[str, str], ...] = ()


class _ListMeta(msgspec.Struct, rename="camel", gc=False):
    resource_version: str | None = None
    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class _Page(msgspec.Struct, gc=False):
    metadata: _ListMeta | None = None
    items: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct, gc=False):
    type: str
    object: msgspec.Raw


class _Bookmark(msgspec.Struct, gc=False):
    metadata: object = None


_PAGE = msgspec.json.Decoder(_Page)
_RUN = msgspec.json.Decoder(list[msgspec.Raw])
_LINE = msgspec.json.Decoder(_Line)
_BOOKMARK = msgspec.json.Decoder(_Bookmark)
_NO_META = _ListMeta()


def split_list(body: Bytes) -> tuple[ListMeta, list[msgspec.Raw]]:
    """A page of a list as its metadata and its items, still undecoded; `items: null` is an empty page.

    One pass over the bytes (about 1 ms a megabyte); no call is over more than `LONG_B` of them, where the items begin
    as the API writes them. Raises Malformed.
    """
    try:
        page = (_in_runs(bytes(body)) if len(body) > LONG_B else None) or _PAGE.decode(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the list is not what the API sends: {error}") from error
    meta = page.metadata or _NO_META
    found = ListMeta(meta.resource_version or "", meta.continue_ or "", meta.remaining_item_count)
    return found, page.items or []


def _in_runs(body: bytes) -> _Page | None:
    """A long page (metrics come in one: 60 MB of 150 000 pods), its items read run by run, each a copy (1.5 ms
    a megabyte in all); None where it can't be cut.

    In a string every quote is escaped, so that `_CUT` can only be the border of two objects. Were these not items but
    inside one, what is before would be no JSON.
    """
    first = body.find(_ITEMS)
    if first < 0:
        return None
    at = first + len(_ITEMS)
    items: list[msgspec.Raw] = []
    view = memoryview(body)
    try:
        head = _PAGE.decode(body[:at] + b"]}")
        while (cut := body.find(_CUT, at + RUN_B)) >= 0:
            items += _RUN.decode(b"".join((b"[", view[at : cut + 1], b"]")))
            at = cut + 2
        rest = _PAGE.decode(b"".join((b"{", _ITEMS, view[at:])))
    except (ValueError, RecursionError):
        return None
    return _Page(rest.metadata or head.metadata, items + (rest.items or []))


def decode_event(line: Bytes) -> WatchEvent:
    """A line of a watch. Raises Malformed."""
    try:
        event = _LINE.decode(line)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the line of the watch is not an event: {error}") from error
    return WatchEvent(event.type, event.object)


def peek_meta(raw: Bytes) -> ObjectMeta:
    """resourceVersion and annotations of any object, a bookmark's as a rule. Raises Malformed where it is no object."""
    try:
        meta = _BOOKMARK.decode(raw).metadata
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not an object: {error}") from error
    found = _mapping(meta)
    annotations = _mapping(found.get("annotations"))
    return ObjectMeta(
        _text(found.get("resourceVersion")),
        tuple(sorted((name, value) for name, value in annotations.items() if isinstance(value, str))),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
