"""The simulated server and a faulty way to it on one thread, in time that only the test moves: what the proxy is to a
socket, for tests of ten thousand steps.

Answers are the server's own, errors are read from them as the transport does, and watches are cut into lines by the
transport's code. A watch gives what there is, then a bookmark, and ends in order 5 s later.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import msgspec

from kite_tui.demo.answers import Answer, Refused
from kite_tui.demo.server import DemoServer
from kite_tui.demo.watches import Watch
from kite_tui.kube.api import JSON, Query, Response
from kite_tui.kube.errors import ApiError, TimedOut
from kite_tui.kube.status import error_of_answer
from kite_tui.kube.streams import Incoming, Lines
from tests.cache.fakes import FakeClock

LASTS_S = 5.0
"""A watch, when the server has no more to say."""
WINDOW_S = 3.0
BOOKMARK_S = 1e-6

Chunks = Callable[[Iterator[bytes]], Iterator[bytes]]


@dataclass(frozen=True, repr=False)
class Strike:
    """What goes wrong with one request. `answer` or `error` takes the place of the server's answer; `takes_s` passes
    before it; `wire` does something to the chunks of a watch."""

    name: str
    verbs: frozenset[str]
    answer: Answer | None = None
    error: ApiError | None = None
    takes_s: float = 0
    wire: Chunks | None = None

    def __repr__(self) -> str:
        return f"<{self.name}>"


class InProcess:
    """An Api on the thread of whoever asks."""

    def __init__(self, server: DemoServer, clock: FakeClock, random: Random, *, page: int) -> None:
        """`page` is the most that the server puts on one, whatever the limit."""
        self.server = server
        self.clock = clock
        self.strikes: deque[Strike] = deque()
        self.renewals: deque[bool] = deque()
        self.asked = 0
        self._times: dict[str, deque[float]] = defaultdict(deque)
        self._random = random
        self._page = page

    def busiest(self) -> int:
        """The most requests that one kind made in the last three seconds."""
        return max((len(times) for times in self._times.values()), default=0)

    def forget_times(self) -> None:
        """Count anew: somebody asked for requests."""
        self._times.clear()

    # -- Api ----------------------------------------------------------------------------------------------------

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        asked = dict(query)
        assert "resourceVersion" not in asked
        asked["limit"] = str(min(int(asked["limit"]), self._page))
        self._take("list", path)
        answer = self._answer(path, asked, accept)
        assert isinstance(answer, Answer)
        return Response(200, {}, answer.body)

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> Lines:
        strike = self._take("watch", path)
        asked = dict(query)
        watch = self._answer(path, asked, accept)
        assert isinstance(watch, Watch)
        wire = _Wire(watch, self.clock, self._random, idle_s, strike)
        if int(asked.get("resourceVersion", 0)) > self.server.world.revision:
            wire.silent_s = float(asked["timeoutSeconds"])
        return Lines(cast(Incoming, wire), "the simulated server", threading.Event())

    def renew_credentials(self) -> bool:
        return self.renewals.popleft() if self.renewals else False

    def traffic(self) -> None:
        return None

    def retry_credentials(self) -> None:
        return None

    def close(self) -> None:
        return None

    def _take(self, verb: str, path: str) -> Strike | None:
        """Note a request, and what strikes it; raises where that is an answer or an error."""
        self.asked += 1
        times = self._times[path]
        times.append(self.clock.monotonic_s())
        while times[0] < self.clock.monotonic_s() - WINDOW_S:
            times.popleft()
        if not (self.strikes and verb in self.strikes[0].verbs):
            return None
        strike = self.strikes.popleft()
        self.clock.advance(strike.takes_s)
        if strike.error is not None:
            raise strike.error
        if strike.answer is not None:
            raise _error_of(strike.answer)
        return strike

    def _answer(self, path: str, query: dict[str, str], accept: str) -> Answer | Watch:
        try:
            return self.server.answer("GET", path, query, accept, "Bearer demo", b"")
        except Refused as refused:
            raise _error_of(refused.answer) from refused


class _Wire:
    """As much of `streams.Incoming` as `Lines` needs: a watch of the server's, in pieces of any size."""

    def __init__(self, watch: Watch, clock: FakeClock, random: Random, idle_s: float, strike: Strike | None) -> None:
        self.idle_s = idle_s
        self.deadline_s: float | None = None
        self.silent_s = 0.0
        """How long the server says nothing at all, and then ends it: a watch from the future."""
        self._watch = watch
        self._clock = clock
        self._random = random
        self._strike = strike
        self._is_closed = False
        self._unsaid: int | None = None
        """Bytes on the way of all that the server says at once; None where more of that follows."""

    def chunks(self) -> Iterator[bytes]:
        chunks = self._told()
        if self._strike is not None and self._strike.wire is not None:
            chunks = self._strike.wire(chunks)
        try:
            for chunk in chunks:
                left = chunk
                while left:
                    size = self._random.choice((7, 300, len(chunk)))
                    piece, left = left[:size], left[size:]
                    self._unsaid = len(left) if _says_all(chunk) else None
                    yield piece
        except TimedOut:
            self._clock.advance(self.idle_s)
            raise

    def _told(self) -> Iterator[bytes]:
        if self.silent_s:
            self._clock.advance(self.silent_s)
            return
        for chunk in self._watch.lines(lambda: self._is_closed):
            yield chunk
            if _says_all(chunk):
                self._clock.advance(LASTS_S)
                self._watch.stop()

    def is_quiet(self, for_s: float) -> bool:
        return self._unsaid == 0

    def shut(self) -> None:
        self._is_closed = True

    def close(self) -> None:
        self._is_closed = True


def _says_all(chunk: bytes) -> bool:
    """Whether it ends with the bookmark that follows what there is to say."""
    last = chunk.rstrip(b"\n").rpartition(b"\n")[2]
    return b'"type":"BOOKMARK"' in last and b"initial-events-end" not in last


def _error_of(answer: Answer) -> ApiError:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return error_of_answer(answer.status, headers, answer.body)


# -- what happens to a watch -------------------------------------------------------------------------------------------


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield from chunk.splitlines(keepends=True)


def cut_in_line(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The first event, and half of the next one."""
    for number, line in enumerate(_lines(chunks)):
        if number:
            yield line[: len(line) // 2]
            return
        yield line


def silent(after: int) -> Chunks:
    """So many events, and nothing more."""

    def wire(chunks: Iterator[bytes]) -> Iterator[bytes]:
        for number, line in enumerate(_lines(chunks)):
            if number >= after:
                raise TimedOut("silence")
            yield line
        raise TimedOut("silence")

    return wire


def twice(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Every event, and every event again right after it."""
    for line in _lines(chunks):
        yield line
        if b'"type":"BOOKMARK"' not in line:
            yield line


def ends_at_once(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Nothing."""
    del chunks
    return iter(())


def says(*events: object, ends: bool = False) -> Chunks:
    """Something else after the first event; `ends`: and nothing more."""
    said = b"".join(msgspec.json.encode(event) + b"\n" for event in events)

    def wire(chunks: Iterator[bytes]) -> Iterator[bytes]:
        for number, line in enumerate(_lines(chunks)):
            yield line
            if not number:
                yield said
                if ends:
                    return

    return wire


def error_event(code: int, **details: Any) -> dict[str, object]:
    """An ERROR event."""
    return {"type": "ERROR", "object": {"kind": "Status", "code": code, "message": f"code {code}", "details": details}}
