"""Lists and single objects: pages of one snapshot, in the form that was asked for."""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kite_tui.demo.answers import (
    Answer,
    Form,
    bad_request,
    encoded,
    expired_token,
    not_acceptable,
    not_found,
    refuse,
    too_large,
)
from kite_tui.demo.listoptions import Query, check_list, integer
from kite_tui.demo.paths import Target
from kite_tui.demo.resources import FIELDS, is_custom
from kite_tui.demo.selectors import BadSelector, Selector, selector
from kite_tui.demo.tables import columns, row
from kite_tui.demo.world import Item, Snapshot, World
from kite_tui.objects.kinds import Kind

MAX_SNAPSHOTS = 64
INCONSISTENT = -1
"""The revision in a continue token that goes on with whatever there is now."""


class _Metadata(msgspec.Struct):
    metadata: msgspec.Raw


_METADATA = msgspec.json.Decoder(_Metadata)


def metadata_only(body: bytes) -> bytes:
    """The PartialObjectMetadata of an object's JSON."""
    metadata = bytes(_METADATA.decode(body).metadata)
    return b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":' + metadata + b"}"


def whole(kind: Kind[Any], body: bytes) -> bytes:
    """An object's JSON with its kind and apiVersion; a custom object is a map upstream, with its keys sorted."""
    if is_custom(kind):
        return f'{{"apiVersion":"{kind.api_version}","kind":"{kind.kind}",'.encode() + body[1:]
    return f'{{"kind":"{kind.kind}","apiVersion":"{kind.api_version}",'.encode() + body[1:]


def selector_of(kind: Kind[Any], query: Query) -> Selector:
    """The selector of a request. Raises Refused (400)."""
    try:
        return selector(query.get("labelSelector", ""), query.get("fieldSelector", ""), FIELDS.get(kind.plural, ()))
    except BadSelector as error:
        raise bad_request(str(error)) from error


class Lists:
    """Answers lists and GETs. Keeps the snapshots that continue tokens name, for `keep_s`. Thread-safe."""

    def __init__(self, world: World, keep_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._world = world
        self._keep_s = keep_s
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshots: OrderedDict[tuple[str, int], tuple[float, Snapshot]] = OrderedDict()

    def expire(self) -> None:
        """Forget every snapshot: all continue tokens are answered with 410."""
        with self._lock:
            self._snapshots.clear()

    def get(self, target: Target, form: Form) -> Answer:
        """One object. Raises Refused (404, 406) and KindGone."""
        kind = target.kind
        item = self._world.get(kind, target.namespace, target.name)
        if item is None:
            raise not_found(kind, target.name)
        body = item.body()
        match form:
            case Form.OBJECT:
                return Answer(200, whole(kind, body) + b"\n")
            case Form.METADATA:
                return Answer(200, metadata_only(body) + b"\n")
            case Form.TABLE:
                return encoded(table(kind, {"resourceVersion": str(item.revision)}, [body]))
            case _:
                asked = f"you requested {form.value}, but the requested object"
                raise not_acceptable(f"{asked} is not a list ({_go_type(kind)})")

    def list(self, target: Target, query: Query, form: Form) -> Answer:
        """One page, or everything where no limit is given. Raises Refused (400, 406, 410, 422, 504) and KindGone."""
        kind = target.kind
        if form is Form.METADATA:
            raise not_acceptable(
                f"you requested PartialObjectMetadata, but the requested object is a list ({_go_type(kind)}List)"
            )
        chosen = selector_of(kind, query)
        check_list(query)
        integer(query, "timeoutSeconds")  # means nothing here, but is read
        # From its cache (resourceVersion 0) the server gives everything at once.
        limit = 0 if query.get("resourceVersion") == "0" else max(0, integer(query, "limit"))
        revision, snapshot, after = self._open(target, query)
        low, high = snapshot.span(target.namespace, after)
        items, end = _page(snapshot, chosen, low, high, limit)
        metadata: dict[str, Any] = {"resourceVersion": str(revision)}
        if end < high:
            last = snapshot.items[end - 1].key
            if limit:
                last = items[-1].key
                self._keep(kind, revision, snapshot)
            metadata["continue"] = _token(revision, last, target.namespace)
            if not chosen:
                metadata["remainingItemCount"] = high - end
        bodies = [item.body() for item in items]
        if form is Form.TABLE:
            return encoded(table(kind, metadata, bodies))
        if form is Form.OBJECT and is_custom(kind):
            return Answer(200, _custom_list(kind, metadata, bodies))
        name, version = f"{kind.kind}List", kind.api_version
        if form is Form.METADATA_LIST:
            name, version = form.value, "meta.k8s.io/v1"
            bodies = [metadata_only(body) for body in bodies]
        head = f'{{"kind":"{name}","apiVersion":"{version}","metadata":{json.dumps(metadata)},"items":['
        return Answer(200, b"".join((head.encode(), b",".join(bodies), b"]}\n")))

    def _open(self, target: Target, query: Query) -> tuple[int, Snapshot, str]:
        """The revision and snapshot to read, and the key after which to begin."""
        kind = target.kind
        asked, match, token = (query.get(name, "") for name in ("resourceVersion", "resourceVersionMatch", "continue"))
        if token:
            if asked:
                raise bad_request("specifying resource version is not allowed when using continue")
            revision, after = _read_token(token, target.namespace)
            if revision == INCONSISTENT:
                return (*self._world.snapshot(kind), after)
            kept = self._find(kind, revision)
            if kept is None:
                raise expired_token(_token(INCONSISTENT, after, target.namespace))
            return revision, kept, after
        revision, snapshot = self._world.snapshot(kind)
        wanted = _parse_revision(asked)
        if wanted > revision:
            raise too_large(wanted, revision)
        if match == "Exact" and wanted != revision:
            kept = self._find(kind, wanted)
            if kept is None:
                raise refuse(410, "Expired", "The resourceVersion for the provided list is too old.")
            return wanted, kept, ""
        return revision, snapshot, ""

    def _keep(self, kind: Kind[Any], revision: int, snapshot: Snapshot) -> None:
        with self._lock:
            key = (kind.plural, revision)
            # The present is never compacted: whoever lists it, however long it has lasted, has all his time.
            if key not in self._snapshots or revision == self._world.revision:
                self._snapshots[key] = (self._clock() + self._keep_s, snapshot)
            if len(self._snapshots) > MAX_SNAPSHOTS:
                self._snapshots.popitem(last=False)

    def _find(self, kind: Kind[Any], revision: int) -> Snapshot | None:
        with self._lock:
            until_s, snapshot = self._snapshots.get((kind.plural, revision), (0.0, None))
        return snapshot if until_s > self._clock() else None


def _parse_revision(text: str) -> int:
    """A resourceVersion, 0 where it is absent. Raises Refused (400)."""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{text}": '
            f'strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text)


def table(kind: Kind[Any], metadata: object, bodies: Sequence[bytes], *, with_columns: bool = True) -> dict[str, Any]:
    """The Table of some objects."""
    rows = [
        {"cells": row(kind, msgspec.json.decode(body)), "object": msgspec.Raw(metadata_only(body))} for body in bodies
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": columns(kind) if with_columns else [],
        "rows": rows,
    }


def _custom_list(kind: Kind[Any], metadata: dict[str, Any], bodies: Sequence[bytes]) -> bytes:
    """A list of custom objects: a map upstream, with its keys sorted, and every item has its kind."""
    head = f'{{"apiVersion":"{kind.api_version}","items":['.encode()
    end = json.dumps({"continue": "", **metadata}, sort_keys=True)
    tail = f'],"kind":"{kind.kind}List","metadata":{end}}}\n'.encode()
    return b"".join((head, b",".join(whole(kind, body) for body in bodies), tail))


def _go_type(kind: Kind[Any]) -> str:
    if is_custom(kind):
        return "*unstructured.Unstructured"
    return f"*{kind.group.partition('.')[0] or 'core'}.{kind.kind}"


def _page(snapshot: Snapshot, chosen: Selector, low: int, high: int, limit: int) -> tuple[Sequence[Item], int]:
    """The items of a page, and where the next one begins."""
    if not chosen:
        end = min(high, low + limit) if limit else high
        return snapshot.items[low:end], end
    found: list[Item] = []
    for at in range(low, high):
        item = snapshot.items[at]
        if chosen(item.thing):
            if limit and len(found) == limit:
                return found, at
            found.append(item)
    return found, high


def _token(revision: int, key: str, namespace: str) -> str:
    """A continue token of upstream's shape; `start` is relative to the list's own prefix."""
    start = key.removeprefix(f"{namespace}/") if namespace else key
    text = json.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": f"/{start}\0"}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(token: str, namespace: str) -> tuple[int, str]:
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        start = str(content["start"]).removeprefix("/").removesuffix("\0")
        return int(content["rv"]), f"{namespace}/{start}" if namespace else start
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {error}") from error
