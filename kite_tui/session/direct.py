"""Without a cache: the lists that an answer needs, made at once and concurrently, then a Reader over what came.

The time of an answer is that of its slowest list, not the sum. A list that fails costs itself: its kind gets a state
and the rest of the answer lives.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import msgspec

from kite_tui.cache.clock import Clock, SystemClock
from kite_tui.cache.discovery import discover
from kite_tui.cache.ladder import Ladder
from kite_tui.cache.lister import Lister, source_of
from kite_tui.cache.server_version import server_version
from kite_tui.cache.store import WHOLE
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError, BadRequest, Expired, Forbidden, NotFound, Unauthorized
from kite_tui.objects import states
from kite_tui.objects.decode import decoder
from kite_tui.objects.envelope import Malformed
from kite_tui.objects.kinds import NAMESPACES, Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.reader import Head
from kite_tui.objects.served import NOTHING_KNOWN, Served
from kite_tui.session.patience import Patience
from kite_tui.session.threads import in_daemon_thread

RESTARTS = 3
"""How often a list whose continue token expired begins anew."""


@dataclass(frozen=True, slots=True)
class Want:
    """One list (or, with `name`, one GET) that an answer needs.

    `namespaces` empty is cluster-wide. `ladder`: where that is forbidden, read the namespaces that can be read: those
    preferred and, with `beyond`, where none of them can, all that there are (50 requests at most).
    """

    kind: Kind[Any]
    namespaces: tuple[str, ...] = ()
    name: str = ""
    query: tuple[tuple[str, str], ...] = ()
    ladder: bool = True
    beyond: bool = True


@dataclass(slots=True)
class Found:
    """What one want came to. `error` is set where `state` tells of a failure."""

    state: states.State
    objects: list[Any] = field(default_factory=list)
    error: ApiError | None = None
    received_b: int = 0
    """Bytes of the answers, as they came over the wire where that was counted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A Reader over everything that came, and the errors of what did not, by kind."""

    reader: MemoryReader
    errors: dict[Kind[Any], ApiError]
    malformed: int
    """Objects that could not be shown at all, and are left out."""


class DirectLists:
    """Makes the lists of one answer. Every request runs on a daemon thread; `Api.close` ends them."""

    def __init__(self, api: Api, *, preferred: tuple[str, ...] = (), clock: Clock | None = None) -> None:
        """`preferred` namespaces (the context's, favourites) are read first where the whole cluster is forbidden."""
        self._api = api
        self._preferred = tuple(dict.fromkeys(preferred))
        self._clock = clock or SystemClock()
        self._patience = Patience(api, self._clock)
        self._malformed = 0

    def stop(self) -> None:
        """Wait for no busy server any more. `Api.close` ends the requests under way."""
        self._patience.stop()

    def discover(self) -> Served:
        """What the server serves. Blocks its thread. Raises an ApiError where nothing can be had."""
        return self._patience.ask(lambda: discover(self._api))

    async def version(self) -> str:
        """The server's gitVersion, such as v1.35.4. Raises an ApiError."""
        return await in_daemon_thread(lambda: self._patience.ask(lambda: server_version(self._api)), "version")

    async def read(self, wants: Sequence[Want], head: Head, served: Served = NOTHING_KNOWN) -> Answer:
        """Make all lists at once; the server's version is asked beside them. Never raises an ApiError."""
        found: dict[Kind[Any], Found] = {}
        self._malformed = 0
        version = await self.gather(wants, head.version, found.__setitem__)
        return Answer(
            MemoryReader(
                Head(head.context, head.server, version, head.namespaces),
                {kind: result.objects for kind, result in found.items()},
                {kind: result.state for kind, result in found.items()},
                self._clock.now_s,
                served=served,
            ),
            {kind: result.error for kind, result in found.items() if result.error},
            self._malformed,
        )

    async def get(self, want: Want) -> Found:
        """One object by name. Never raises an ApiError."""
        return await self._list_in(want, [want.namespaces[0] if want.namespaces else WHOLE])

    async def gather(
        self, wants: Sequence[Want], version: str | None, arrived: Callable[[Kind[Any], Found], None]
    ) -> str | None:
        """Make all lists at once and hand each to `arrived` as it comes, on the thread of the loop; give back the
        server's version, which is asked beside them where it is None. Never raises an ApiError."""
        everywhere = _Once(lambda: self._list_in(Want(NAMESPACES), [WHOLE]))

        async def one(want: Want) -> None:
            arrived(want.kind, await self._one(want, everywhere))

        async def ask_version() -> None:
            nonlocal version
            with contextlib.suppress(ApiError):
                version = await self.version()

        async with anyio.create_task_group() as group:
            for want in wants:
                group.start_soon(one, want)
            if version is None:
                group.start_soon(ask_version)
        return version

    async def _one(self, want: Want, everywhere: _Once) -> Found:
        if want.name:
            return await self.get(want)
        if want.namespaces:
            return await self._list_in(want, want.namespaces)
        whole = await self._list_in(want, [WHOLE])
        if isinstance(whole.error, Forbidden) and want.ladder and want.kind.namespaced:
            return await self._climb_down(want, whole, everywhere)
        return whole

    async def _climb_down(self, want: Want, whole: Found, everywhere: _Once) -> Found:
        """The whole cluster is forbidden: read the namespaces that can be read, if there are any."""
        ladder = Ladder(preferred=self._preferred)
        parts: dict[str, states.State] = {WHOLE: whole.state}
        names = ladder.scopes(parts, None, None).namespaces
        part = await self._list_in(want, [name for name in names if name != WHOLE])
        total: int | None = None
        if not states.is_readable(part.state) and want.beyond:
            listed = await everywhere.get()
            if listed.error:
                return whole
            total = len(listed.objects)
            parts |= {name: part.state for name in names if name != WHOLE}
            names = ladder.scopes(parts, [namespace.name for namespace in listed.objects], total).namespaces
            part = await self._list_in(want, [name for name in names if name != WHOLE])
        if not states.is_readable(part.state):
            return whole
        read = part.state.n if isinstance(part.state, states.Partial) else len(names) - 1
        plural = "namespace" if read == 1 else "namespaces"
        counted = f"{read} of {total} namespaces" if total is not None else f"only {read} {plural}"
        reason = f"{want.kind.plural} are forbidden cluster-wide; {counted} could be read"
        return Found(states.Partial(read, total, reason), part.objects, received_b=part.received_b)

    async def _list_in(self, want: Want, namespaces: Sequence[str]) -> Found:
        """One list each, together as one result; partial where some failed, failed where all did."""
        results: dict[str, _Part | ApiError] = {}

        async def one(namespace: str) -> None:
            def work() -> _Part:
                return self._get(want, namespace) if want.name else self._list(want, namespace)

            try:
                results[namespace] = await in_daemon_thread(work, f"list-{want.kind.plural}")
            except ApiError as error:
                results[namespace] = error

        async with anyio.create_task_group() as group:
            for namespace in namespaces:
                group.start_soon(one, namespace)
        objects: list[Any] = []
        errors: list[ApiError] = []
        received_b = 0
        for namespace in namespaces:
            result = results[namespace]
            if isinstance(result, ApiError):
                errors.append(result)
            else:
                objects.extend(result.objects)
                received_b += result.received_b
        if not namespaces:
            return Found(states.Off())
        if not errors:
            return Found(states.Live(), objects, received_b=received_b)
        if len(errors) == len(namespaces):
            where = namespaces[0] or "the whole cluster"
            return Found(state_of(errors[0], "get" if want.name else "list", where), [], errors[0])
        read = len(namespaces) - len(errors)
        return Found(states.Partial(read, len(namespaces), str(errors[0])), objects, received_b=received_b)

    def _get(self, want: Want, namespace: str) -> _Part:
        accept = source_of(want.kind).watch_accept  # what is right for a watch is so for one object
        path = want.kind.path(namespace, want.name)
        response = self._patience.ask(lambda: self._api.get(path, want.query, accept=accept))
        return _Part(self._decoded(want.kind, [response.body]), response.received_b or len(response.body))

    def _list(self, want: Want, namespace: str) -> _Part:
        """All pages of one list; a continue token that expired restarts it."""
        source = source_of(want.kind, namespace, want.query)
        objects: list[Any] = []
        restarts = received_b = 0
        lister = Lister(self._api, source)
        while True:
            try:
                page = self._patience.ask(lister.next_page)
            except Expired:
                restarts += 1
                if restarts > RESTARTS:
                    raise
                objects, lister = [], Lister(self._api, source, big_pages=restarts > 1)
                continue
            except BadRequest as error:
                if error.status != 400 or not lister.limit_changed:
                    raise
                lister.keep_first_limit()
                continue
            received_b += page.bytes
            objects.extend(self._decoded(want.kind, page.items))
            if page.is_last:
                return _Part(objects, received_b)

    def _decoded(self, kind: Kind[Any], items: Sequence[bytes | msgspec.Raw]) -> list[Any]:
        decode: Callable[[Any], Any] = decoder(kind)
        objects = []
        for item in items:
            try:
                objects.append(decode(item))
            except Malformed:
                self._malformed += 1
        return objects


@dataclass(frozen=True, slots=True)
class _Part:
    """What one scope gave."""

    objects: list[Any]
    received_b: int


class _Once:
    """The namespaces of the cluster: many kinds may need them, one of them asks."""

    def __init__(self, ask: Callable[[], Awaitable[Found]]) -> None:
        self._ask = ask
        self._lock = anyio.Lock()
        self._found: Found | None = None

    async def get(self) -> Found:
        async with self._lock:
            if self._found is None:
                self._found = await self._ask()
            return self._found


def state_of(error: ApiError, verb: str, scope: str) -> states.State:
    """What a failed request says about its kind."""
    match error:
        case Forbidden():
            return states.Forbidden(verb, scope, str(error))
        case NotFound():
            return states.Absent(str(error))
        case Unauthorized():
            return states.Auth(str(error))
        case _:
            return states.Failed(str(error))
