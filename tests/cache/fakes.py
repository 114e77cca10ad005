"""A clock that only tests move, a server that answers from a script, and a record of no kind."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import msgspec

from kite_tui.cache.lister import Source
from kite_tui.cache.reflector import Reflector
from kite_tui.cache.store import Store, StorePart
from kite_tui.cache.streaming import Streaming
from kite_tui.kube.api import JSON, Query, Response
from kite_tui.kube.errors import ApiError, Cancelled, ConnectionFailed
from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.indexes import NAMESPACE
from kite_tui.objects.states import State


class FakeClock:
    """Stands still until it is moved. Waits end when it was moved far enough or their event is set."""

    EPOCH_S = 1_700_000_000.0

    def __init__(self) -> None:
        self._elapsed_s = 1000.0

    def now_s(self) -> float:
        return self.EPOCH_S + self._elapsed_s

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        self._elapsed_s += seconds

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        deadline_s = self._elapsed_s + timeout_s
        while self._elapsed_s < deadline_s:
            if event.wait(0.002):
                return True
        return event.is_set()


class LowRandom(Random):
    """Jitter is nothing, and every range gives its lower end."""

    def random(self) -> float:
        return 0.0

    def randint(self, a: int, b: int) -> int:
        return a


class Item(msgspec.Struct, frozen=True, gc=False):
    """A record of no kind."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    value: int = 0


def item(name: str, version: int, *, uid: str = "", namespace: str = "shop", value: int = 0) -> Item:
    return Item(namespace, name, uid or f"uid-{namespace}-{name}", str(version), value)


def manifest(row: Item) -> dict[str, object]:
    return {
        "metadata": {
            "namespace": row.namespace,
            "name": row.name,
            "uid": row.uid,
            "resourceVersion": row.resource_version,
        },
        "value": row.value,
    }


def decode_item(raw: Bytes) -> Item:
    found = msgspec.json.decode(raw)
    meta = found.get("metadata", {})
    if "name" not in meta:
        raise Malformed("an object without metadata.name")
    return Item(meta["namespace"], meta["name"], meta["uid"], meta["resourceVersion"], found.get("value", 0))


def items(*names: str, version: int = 1) -> list[Item]:
    return [item(name, version) for name in names]


def page(
    rows: Sequence[Item],
    version: int = 100,
    *,
    more: str = "",
    remaining: int | None = None,
    odd: Sequence[object] = (),
) -> bytes:
    meta: dict[str, object] = {"resourceVersion": str(version)}
    if more:
        meta["continue"] = more
    if remaining is not None:
        meta["remainingItemCount"] = remaining
    return json.dumps({"metadata": meta, "items": [*map(manifest, rows), *odd]}).encode()


def event(type_: str, row: Item) -> bytes:
    return json.dumps({"type": type_, "object": manifest(row)}).encode()


def bookmark(version: int) -> bytes:
    return json.dumps({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}}).encode()


def last_initial(version: int) -> bytes:
    """The bookmark that ends a streaming list."""
    meta = {"resourceVersion": str(version), "annotations": {"k8s.io/initial-events-end": "true"}}
    return json.dumps({"type": "BOOKMARK", "object": {"metadata": meta}}).encode()


def error_event(code: int, *, reason: str = "", cause: str = "", retry_after_s: int | None = None) -> bytes:
    details: dict[str, object] = {}
    if cause:
        details["causes"] = [{"reason": cause}]
    if retry_after_s is not None:
        details["retryAfterSeconds"] = retry_after_s
    status = {"kind": "Status", "code": code, "reason": reason, "message": f"code {code}", "details": details}
    return json.dumps({"type": "ERROR", "object": status}).encode()


@dataclass
class Passing:
    """In a script of lines: this much time passes."""

    seconds: float


@dataclass
class Calling:
    """In a script of lines: something happens meanwhile."""

    what: Callable[[], object]


@dataclass
class Lines:
    """A watch as scripted: lines and happenings, then its end (None: in order)."""

    script: Sequence[bytes | Passing | Calling]
    end: ApiError | None
    clock: FakeClock
    idle_s: list[float] = field(default_factory=list)
    closed: bool = False
    _read: int = 0

    def __iter__(self) -> Iterator[bytes]:
        while self._read < len(self.script):
            each = self.script[self._read]
            self._read += 1
            if self.closed:
                raise Cancelled("closed")
            match each:
                case Passing(seconds):
                    self.clock.advance(seconds)
                case Calling(what):
                    what()
                case bytes():
                    yield each
        if self.closed:
            raise Cancelled("closed")
        if self.end is not None:
            raise self.end

    def set_idle_s(self, seconds: float) -> None:
        self.idle_s.append(seconds)

    def is_quiet(self, for_s: float) -> bool:
        """Nothing comes at once: neither a line nor the end."""
        return self._read < len(self.script) and not isinstance(self.script[self._read], bytes)

    def close(self) -> None:
        self.closed = True


@dataclass
class Asked:
    """A request as it came."""

    verb: str
    path: str
    query: dict[str, str]
    at_s: float
    state: State | None = None
    """What was shown at that moment."""


class Script:
    """An Api that gives the answers of a script, one a request, and refuses the connection after the last."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.answers: deque[bytes | Lines | ApiError] = deque()
        self.asked: list[Asked] = []
        self.renewals: deque[bool | ApiError] = deque()
        self.renewed = 0
        self.shown: Callable[[], State | None] = lambda: None

    def page(
        self, rows: Sequence[Item] = (), version: int = 100, *, more: str = "", remaining: int | None = None
    ) -> Script:
        self.answers.append(page(rows, version, more=more, remaining=remaining))
        return self

    def body(self, body: bytes) -> Script:
        self.answers.append(body)
        return self

    def watch_of(self, *script: bytes | Passing | Calling, end: ApiError | None = None) -> Lines:
        lines = Lines(script, end, self.clock)
        self.answers.append(lines)
        return lines

    def fail(self, *errors: ApiError) -> Script:
        self.answers.extend(errors)
        return self

    def _next(self, verb: str, path: str, query: Query) -> bytes | Lines:
        self.asked.append(Asked(verb, path, dict(query), self.clock.monotonic_s(), self.shown()))
        if not self.answers:
            raise ConnectionFailed("the script is over")
        answer = self.answers.popleft()
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        answer = self._next("list", path, query)
        assert isinstance(answer, bytes), "the script has a watch where a list was asked for"
        return Response(200, {}, answer)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Lines:
        answer = self._next("watch", path, query)
        assert isinstance(answer, Lines), "the script has a page where a watch was asked for"
        answer.idle_s.append(idle_s)
        return answer

    def renew_credentials(self) -> bool:
        self.renewed += 1
        answer = self.renewals.popleft() if self.renewals else False
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def traffic(self) -> None:
        """Nobody counts."""

    def retry_credentials(self) -> None:
        return None

    def close(self) -> None:
        return None


class Stage:
    """A reflector on a scripted server, stepped by the test."""

    def __init__(
        self,
        *,
        poll_every_s: float | None = None,
        part: str = "",
        random: Random | None = None,
        streaming: Streaming | None = None,
        in_place: bool = False,
    ) -> None:
        self.clock = FakeClock()
        self.api = Script(self.clock)
        self.streaming = streaming or Streaming(False)
        self.store: Store[Item] = Store({NAMESPACE: lambda row: (row.namespace,)})
        self.changes = 0
        self.states: list[State] = []
        self.reflector = Reflector(
            self.api,
            Source("/api/v1/items"),
            decode_item,
            StorePart(self.store, part),
            clock=self.clock,
            random=random or LowRandom(),
            on_change=self._changed,
            poll_every_s=poll_every_s,
            streaming=self.streaming,
            in_place=in_place,
        )
        self.store.open_part(part, self.reflector.state)
        self.api.shown = lambda: self.store.state

    def _changed(self) -> None:
        self.changes += 1
        if not self.states or self.states[-1] != self.store.state:
            self.states.append(self.store.state)

    @property
    def wait_s(self) -> float:
        """How long until the next step is due."""
        return self.reflector.due_s - self.clock.monotonic_s()

    def step(self, times: int = 1) -> float:
        """Let the waits pass and step; the wait that is due after the last step."""
        for _ in range(times):
            self.clock.advance(max(0.0, self.wait_s))
            self.reflector.step()
        return self.wait_s

    def synced(self, *names: str, version: int = 100) -> Stage:
        """The list was whole, and its watch comes next."""
        self.api.page(items(*names), version)
        self.step()
        return self

    def shown(self) -> State:
        """The state of the store, as it is now."""
        return self.store.state

    def names(self) -> list[str]:
        return sorted(row.name for row in self.store.list().objects)

    def verbs(self) -> list[str]:
        return [asked.verb for asked in self.api.asked]
