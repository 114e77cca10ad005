"""The reflector: follows one kind in one scope on the server and makes a part of a store equal to it.

It lists, watches from the list's resourceVersion, and starts over where the server says so. It is a machine of steps:
`step` makes one request (a page, or a whole watch) and says when the next is due, so whoever drives it (a thread of
its own, a shared one, a test) keeps the loop. The rules of errors are in `decision`, those of pages in `lister`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Generic, TypeVar

from kite_tui.cache.backoff import Backoff
from kite_tui.cache.clock import Clock
from kite_tui.cache.decision import (
    Regressed,
    Request,
    ShortWatch,
    SilentWatch,
    Situation,
    Standing,
    Step,
    Then,
    Wait,
    decide,
)
from kite_tui.cache.lister import Lister, Page, Source
from kite_tui.cache.store import StorePart
from kite_tui.cache.versions import is_older
from kite_tui.cache.watching import (
    BOOKMARK_IDLE_S,
    GRACE_S,
    MAX_TIMEOUT_S,
    MIN_TIMEOUT_S,
    SHORT_S,
    parse_line,
)
from kite_tui.kube.api import Api, WatchStream
from kite_tui.kube.errors import ApiError, Expired, TimedOut
from kite_tui.objects.decode import Decoder
from kite_tui.objects.envelope import Bytes, Malformed, WatchEvent, peek_meta
from kite_tui.objects.meta import Record
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Polling, Stale, State, Syncing

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Record)

POLL_S = 30.0
REPROBE_S = (60.0, 120.0)
REST_S = 3600.0

BREATH = 25
"""Objects decoded between two naps: a millisecond of short C calls."""
NAP_S = 0.0005
"""Long enough that another thread gets the interpreter: the screen's p99 lag during a full sync is then 25 ms, not
60."""


@dataclass(slots=True)
class Stats:
    """Counters since the start. Written by the reflector's thread only; anyone may read a number."""

    pages: int = 0
    lists: int = 0
    """Lists that came to their end."""
    watches: int = 0
    """Watches that were opened."""
    events: int = 0
    bytes: int = 0
    malformed: int = 0
    errors: int = 0
    last_error: str = ""
    unknown_types: set[str] = field(default_factory=set)


class Reflector(Generic[T]):
    """`step`, `failed_internally` belong to one thread at a time; `probe`, `refresh` and `stop` to any.

    `on_change` is called on the stepping thread, outside every lock, after each change of objects or state.
    With `poll_every_s` the kind is never watched but listed that often.
    """

    def __init__(
        self,
        api: Api,
        source: Source,
        decode: Decoder[T],
        part: StorePart[T],
        *,
        clock: Clock,
        random: Random,
        on_change: Callable[[], None] = lambda: None,
        poll_every_s: float | None = None,
    ) -> None:
        self._api = api
        self._source = source
        self._decode = decode
        self._part = part
        self._clock = clock
        self._random = random
        self._on_change = on_change
        self._backoff = Backoff(clock, random)
        self.stats = Stats()
        self.state: State = Syncing()
        self.due_s = clock.monotonic_s()
        """When the next step is due, by the monotonic clock."""

        self._poll_only = poll_every_s is not None
        self._poll_every_s = poll_every_s or POLL_S
        self._polling = self._poll_only
        self._watch_again_s = 0.0  # while polling: when the watch is tried again

        self._lister: Lister | None = None
        self._staged: list[T] = []
        self._version = ""  # where the watch goes on; empty: a list is due
        self._had_data = False
        self._painted = False
        self._heard_s = clock.monotonic_s()
        self._heard_at_s = clock.now_s()
        self._renewed = False
        self._expired_lists = 0
        self._failures = 0
        self._failed_at: object = None

        self._resting = False
        self._stopping = threading.Event()
        self._probed = threading.Event()
        self._refresh = threading.Event()
        self._stream: WatchStream | None = None

    # -- from any thread ----------------------------------------------------------------------------------------

    @property
    def is_stopping(self) -> bool:
        """True after `stop`."""
        return self._stopping.is_set()

    def probe(self) -> None:
        """Make the next step due now, whatever it waits for; an open watch goes on."""
        self._probed.set()
        self.due_s = self._clock.monotonic_s()

    def refresh(self) -> None:
        """Relist as soon as can be: an open watch is cut. A list under way is as good and goes on."""
        self._refresh.set()
        self._shut()
        self.probe()

    def rest(self, resting: bool) -> None:
        """Make no requests for now, or make them again. What is shown stays, with its time. For what is polled: an
        open watch is not cut."""
        self._resting = resting
        if not resting:
            self.probe()

    def stop(self) -> None:
        """Make no further request. Shuts an open watch; a page or a connect under way ends by itself."""
        self._stopping.set()
        self._shut()

    # -- on the stepping thread ---------------------------------------------------------------------------------

    def step(self) -> None:
        """Make the next request, write what came, and set `due_s`. Blocks while a watch is open.

        Raises nothing of the server's; whatever it raises is a fault in this program, see `failed_internally`.
        """
        self._probed.clear()
        if self._resting:
            self._due_in(REST_S)
            return
        if self._refresh.is_set():
            self._refresh.clear()
            self._backoff.reset()
            self._version = ""
        try:
            delay_s = self._watch() if self._version else self._list_page()
        except ApiError as error:
            delay_s = self._after(error)
        self._due_in(delay_s)

    def failed_internally(self, error: Exception) -> None:
        """Go on after a fault of our own: what is shown turns stale or failed, and a list follows after a back-off."""
        delay_s = self._backoff.next_s()
        self._start_over()
        self._due_in(delay_s)
        self._fall(Standing.FAILED, f"internal error: {error!r}", delay_s)

    def _due_in(self, delay_s: float) -> None:
        now_s = self._clock.monotonic_s()
        self.due_s = now_s + delay_s
        if self._probed.is_set():  # looked at after the write above, so that no probe is lost to it
            self.due_s = now_s

    def _shut(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.close()

    # -- lists --------------------------------------------------------------------------------------------------

    def _list_page(self) -> float:
        lister = self._lister
        if lister is None:
            lister = self._lister = Lister(self._api, self._source, big_pages=self._expired_lists >= 2)
            self._staged = []
        if not self._had_data:
            if isinstance(self.state, Failed):  # what is forbidden, absent or unauthorised stays so until it isn't
                self._show(Syncing(lister.read))
        elif isinstance(self.state, Live):
            self._show(Stale(self._heard_at_s, "listing again"))
        page = lister.next_page()
        self.stats.pages += 1
        self.stats.bytes += page.bytes
        self._answered()
        rows = self._decode_all(page.items)
        self._staged += rows
        if not self._had_data:
            self._paint(rows, lister, page)
        return self._listed(lister) if page.is_last else 0

    def _paint(self, rows: list[T], lister: Lister, page: Page) -> None:
        self.state = Syncing(lister.read, page.of if not page.is_last else lister.read)
        if self._part.paint(rows, self.state):
            self._painted = True
            self._on_change()
        else:
            self._show(self.state)

    def _listed(self, lister: Lister) -> float:
        self._hear()
        now_s = self._clock.monotonic_s()
        watch_next = not self._poll_only and (not self._polling or now_s >= self._watch_again_s)
        if self._polling:
            self.state = Polling(self._heard_at_s, self._poll_every_s)
        self._part.replace(self._staged, self.state)
        self.stats.lists += 1
        self._had_data = True
        self._painted = False
        self._expired_lists = 0
        self._start_over()
        if watch_next:
            # "0" is what the API takes for any version; a list without one (some aggregated APIs) can't say where
            # to go on.
            self._version = lister.resource_version or "0"
        self._on_change()
        return 0 if watch_next else self._poll_every_s

    def _decode_all(self, items: Iterable[Bytes]) -> list[T]:
        rows: list[T] = []
        for count, raw in enumerate(items, 1):
            row = self._decode_one(raw)
            if row is not None:
                rows.append(row)
            if count % BREATH == 0 and self._clock.wait(self._stopping, NAP_S):
                break
        return rows

    def _decode_one(self, raw: Bytes) -> T | None:
        try:
            return self._decode(bytes(raw))
        except Malformed as error:
            self.stats.malformed += 1
            if self.stats.malformed == 1:
                log.warning("%s: an object can't be read and is left out (further ones too): %s", self._name, error)
            return None

    # -- watches ------------------------------------------------------------------------------------------------

    def _watch(self) -> float:
        timeout_s = self._random.randint(MIN_TIMEOUT_S, MAX_TIMEOUT_S)
        query = (
            *self._source.query,
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", self._version),
            ("timeoutSeconds", str(timeout_s)),
        )
        opening_s = self._clock.monotonic_s()
        stream = self._api.watch(self._source.path, query, accept=self._source.watch_accept, idle_s=timeout_s + GRACE_S)
        self._stream = stream
        try:
            if self._stopping.is_set() or self._refresh.is_set():
                return 0
            self._opened()
            events = self._follow(stream)
        except TimedOut as error:
            if self._is_silent(timeout_s):
                raise SilentWatch(f"the watch stayed silent for {timeout_s} s") from error
            raise
        finally:
            self._stream = None
            stream.close()
        if self._is_silent(timeout_s):
            raise SilentWatch(f"the watch stayed silent for {timeout_s} s")
        if not events and self._clock.monotonic_s() - opening_s < SHORT_S:
            raise ShortWatch("the server ends watches at once")
        return 0

    def _opened(self) -> None:
        self.stats.watches += 1
        self._answered()
        self._polling = False
        self._show(Live())

    def _follow(self, stream: WatchStream) -> int:
        events = 0
        had_bookmark = False
        for line in stream:
            events += 1
            self.stats.bytes += len(line)
            event = parse_line(line)
            if event.type == "BOOKMARK":
                self._move_to(peek_meta(event.object).resource_version)
                if not had_bookmark:
                    had_bookmark = True
                    stream.set_idle_s(BOOKMARK_IDLE_S)
            else:
                self._change(event)
            if events % BREATH == 0:
                self._clock.wait(self._stopping, NAP_S)
        return events

    def _change(self, event: WatchEvent) -> None:
        if event.type not in ("ADDED", "MODIFIED", "DELETED"):
            if event.type not in self.stats.unknown_types:
                self.stats.unknown_types.add(event.type)
                log.warning("%s: the watch sent an event of the unknown type %r", self._name, event.type)
            return
        self.stats.events += 1
        row = self._decode_one(event.object)
        self._move_to(row.resource_version if row is not None else peek_meta(event.object).resource_version)
        if row is None:
            return
        if event.type == "DELETED":
            self._part.apply((), (row,))
        else:
            self._part.apply((row,))
        self._on_change()

    def _move_to(self, version: str) -> None:
        self._hear()
        if is_older(version, self._version):
            raise Regressed(f"the server went back from version {self._version} to {version}")
        if version:
            self._version = version

    def _is_silent(self, timeout_s: float) -> bool:
        # A second of slack: the server's timer may be a little ahead of ours.
        return self._clock.monotonic_s() - self._heard_s >= timeout_s - 1

    # -- after an answer, after an error ------------------------------------------------------------------------

    def _answered(self) -> None:
        self._renewed = False
        self._backoff.succeeded()

    def _hear(self) -> None:
        self._heard_s = self._clock.monotonic_s()
        self._heard_at_s = self._clock.now_s()

    def _after(self, error: ApiError) -> float:
        if self._stopping.is_set() or self._refresh.is_set():
            return 0
        self.stats.errors += 1
        self.stats.last_error = str(error)
        step = decide(error, self._situation(error))
        log.info("%s: %s; next: %s, %s", self._name, error, step.then.value, step.wait.value)
        if step.then is Then.RENEW:
            return self._renew(error)
        if step.then is Then.POLL:
            return self._poll()
        self._turn(step, error)
        delay_s = self._delay_s(step)
        if step.then is not Then.FIRST_LIMIT:
            self._fall(step.standing, str(error), delay_s)
        return delay_s

    def _situation(self, error: ApiError) -> Situation:
        lister = self._lister
        if self._version:
            request, place = Request.WATCH, self._version
        elif lister is not None and lister.is_continuing:
            request, place = Request.PAGE, f"page {lister.read}"
        else:
            request, place = Request.LIST, ""
        if place != self._failed_at:
            self._failures, self._failed_at = 0, place
        return Situation(
            request,
            renewed=self._renewed,
            first_expiry=isinstance(error, Expired) and self._backoff.first_expiry(),
            limit_changed=lister is not None and lister.limit_changed,
            failures=self._failures,
        )

    def _turn(self, step: Step, error: ApiError) -> None:
        match step.then:
            case Then.FIRST_LIMIT:
                if self._lister is not None:
                    self._lister.keep_first_limit()
            case Then.LIST | Then.PARK:
                if isinstance(error, Expired) and self._lister is not None and self._lister.is_continuing:
                    self._expired_lists += 1
                self._renewed = False
                self._start_over()
            case _:
                self._failures += step.counts

    def _start_over(self) -> None:
        self._lister = None
        self._staged = []
        self._version = ""
        self._failures, self._failed_at = 0, None

    def _delay_s(self, step: Step) -> float:
        match step.wait:
            case Wait.NOW:
                return 0
            case Wait.BACKOFF:
                return max(self._backoff.next_s(), step.at_least_s)
            case Wait.REPROBE:
                return self._random.uniform(*REPROBE_S)

    def _renew(self, error: ApiError) -> float:
        # Renewing may take as long as a person needs to log in, and what is shown is not confirmed meanwhile.
        if self._had_data:
            self._show(Stale(self._heard_at_s, str(error)))
        reason: ApiError = error
        try:
            self._renewed = self._api.renew_credentials()
        except ApiError as failure:
            reason, self._renewed = failure, False
        if self._renewed:
            return 0
        self._start_over()
        delay_s = self._random.uniform(*REPROBE_S)
        self._fall(Standing.AUTH, str(reason), delay_s)
        return delay_s

    def _poll(self) -> float:
        self._polling = True
        self._watch_again_s = self._clock.monotonic_s() + self._random.uniform(*REPROBE_S)
        self._start_over()
        self._show(Polling(self._heard_at_s, self._poll_every_s))
        return self._poll_every_s

    # -- what is shown ------------------------------------------------------------------------------------------

    def _fall(self, standing: Standing, reason: str, delay_s: float) -> None:
        retry_at_s = self._clock.now_s() + delay_s if delay_s else None
        if self._had_data:
            self._show(Stale(self._heard_at_s, reason, retry_at_s))
            return
        match standing:
            case Standing.UNCHANGED:
                return
            case Standing.FAILED:
                self._show(Failed(reason, retry_at_s))
                return
            case Standing.FORBIDDEN:
                self.state = Forbidden("list", self._part.name or "the cluster", reason)
            case Standing.ABSENT:
                self.state = Absent(reason)
            case Standing.AUTH:
                self.state = Auth(reason)
        if self._painted:  # pages of a first list that will not be whole
            self._painted = False
            self._part.replace((), self.state)
        self._show(self.state)

    def _show(self, state: State) -> None:
        self.state = state
        self._part.set_state(state)
        self._on_change()

    @property
    def _name(self) -> str:
        return self._source.path
