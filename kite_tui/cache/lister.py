"""One list, page by page, as the server wants to be asked for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from kite_tui.kube.api import JSON, Api, Response
from kite_tui.kube.errors import BadAnswer
from kite_tui.objects.decode import MASKED, is_metadata_only
from kite_tui.objects.envelope import Malformed, split_list
from kite_tui.objects.kinds import Kind

FIRST_PAGE = 100
"""Small, so that the first rows are on screen a moment after the start."""
PAGE = 500
"""What kubectl and client-go ask for: n objects cost 1 + ⌈(n - 100)/500⌉ requests."""
BIG_PAGE = 1000
"""For a list whose continue tokens expired twice: fewer, longer pages stand a better chance."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the objects of a kind and scope are listed and watched. `query` goes with every request (a selector)."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    list_accept: str = JSON
    watch_accept: str = JSON


METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


def source_of(kind: Kind[Any], namespace: str = "", query: tuple[tuple[str, str], ...] = ()) -> Source:
    """Where a kind is read. Of kinds of which only metadata is kept the server is asked for nothing else; one that
    can't give that (some aggregated APIs) may send whole objects, but never of Secrets and ConfigMaps."""
    path = kind.path(namespace)
    if not is_metadata_only(kind):
        return Source(path, query)
    instead = "" if (kind.group, kind.kind) in MASKED else f",{JSON}"
    return Source(path, query, METADATA_LIST + instead, METADATA + instead)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, undecoded. `of` is the server's estimate of all objects, None without one."""

    items: list[msgspec.Raw]
    of: int | None
    is_last: bool
    bytes: int
    """As they came over the wire, where that was counted, else decompressed."""


class Lister:
    """One list from its first page to its last. A page that failed is simply asked for again.

    While a page is decoded the next one is on its way, asked for on a thread of its own: the server writes it then,
    and the list takes as long as the slower of the two.
    """

    def __init__(self, api: Api, source: Source, *, big_pages: bool = False) -> None:
        self._api = api
        self._source = source
        self._first, self._further = (BIG_PAGE, BIG_PAGE) if big_pages else (FIRST_PAGE, PAGE)
        self._continue = ""
        self._ahead: Future[Response] | None = None
        self.read = 0
        self.resource_version = ""
        """The version of the whole list, the same on every page; a watch begins there."""

    @property
    def is_continuing(self) -> bool:
        """True after the first page."""
        return bool(self._continue)

    @property
    def limit_changed(self) -> bool:
        """True where the next page will be asked for with another limit than the first."""
        return self.is_continuing and self._further != self._first

    def keep_first_limit(self) -> None:
        """Ask for further pages with the limit of the first: a server may insist on it (it answers 400)."""
        self._further = self._first

    def next_page(self) -> Page:
        """Fetch the next page. Raises an ApiError, and then the next call asks for the same page.

        `limit` always goes along and a resourceVersion never does: a list at `resourceVersion=0` ignores the limit
        and sends everything at once, and one with a token takes its version from there.
        """
        ahead, self._ahead = self._ahead, None
        response = self._request()() if ahead is None else ahead.result()
        try:
            meta, items = split_list(response.body)
        except Malformed as error:
            raise BadAnswer(str(error), status=response.status) from error
        self.read += len(items)
        self._continue = meta.continue_
        if self._continue:
            self._ahead = _under_way(self._request())
        self.resource_version = meta.resource_version
        is_last = not meta.continue_
        of = self.read if is_last else None if meta.remaining is None else self.read + meta.remaining
        received_b = len(response.body) if response.received_b is None else response.received_b
        return Page(items, of, is_last, received_b)

    def _request(self) -> Callable[[], Response]:
        query = [*self._source.query, ("limit", str(self._further if self._continue else self._first))]
        if self._continue:
            query.append(("continue", self._continue))
        return partial(self._api.get, self._source.path, query, accept=self._source.list_accept)


def _under_way(request: Callable[[], Response]) -> Future[Response]:
    """What a request comes to. Nobody has to wait for it: it ends when its answer comes, or the `Api` is closed."""
    answer: Future[Response] = Future()

    def run() -> None:
        try:
            answer.set_result(request())
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is asked for
            answer.set_exception(error)

    threading.Thread(target=run, name="page-ahead", daemon=True).start()
    return answer
