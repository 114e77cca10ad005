"""The reflector: follows one kind in one scope on the server and makes a part of a store equal to it.

It lists, watches from the list's resourceVersion, and starts over where the server says so. It is a machine of steps:
`step` makes one request (a page, or a whole watch) and says when the next is due, so whoever drives it (a thread of
its own, a shared one, a test) keeps the loop. The rules of errors are in `decision`, those of pages in `lister`,
those of lists that are the beginning of their watch in `streaming`, those of watches in `watching`, and `presence` has
what may be seen of it all.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Generic, TypeVar

from kite_tui.cache.backoff import Backoff
from kite_tui.cache.clock import Clock
from kite_tui.cache.decision import Request, Situation, Standing, Step, Then, Wait, decide
from kite_tui.cache.decoding import Decoding
from kite_tui.cache.lister import Lister, Source
from kite_tui.cache.presence import Presence
from kite_tui.cache.stats import Stats
from kite_tui.cache.store import StorePart
from kite_tui.cache.streaming import IDLE_S, QUERY, StreamedList, Streaming
from kite_tui.cache.watching import GRACE_S, MAX_TIMEOUT_S, MIN_TIMEOUT_S, Watching
from kite_tui.kube.api import Api, WatchStream
from kite_tui.kube.errors import ApiError, Expired, Forbidden, NotFound
from kite_tui.objects.decode import Decoder
from kite_tui.objects.envelope import WatchEvent
from kite_tui.objects.load import ScopeLoad
from kite_tui.objects.meta import Record
from kite_tui.objects.states import State

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Record)

POLL_S = 30.0
PACE = 40
"""Times what a poll took is the least rest before the next one, up to `SLOWEST_S`: the usage of 150 000 pods is one
answer of 60 MB, two seconds of work here and more at the server."""
SLOWEST_S = 60.0
REPROBE_S = (60.0, 120.0)
REST_S = 3600.0


class Reflector(Generic[T]):
    """`step` and `failed_internally` belong to one thread at a time; `probe`, `refresh`, `rest`, `stop` to any.

    `on_change` is called on the stepping thread, outside every lock, after each change of objects or state.
    With `poll_every_s` the kind is never watched but listed that often. `streaming` is shared with the other
    reflectors of the resource; without one lists come in pages, as do those of what is polled. `in_place` is for what
    may be seen old and new beside each other, see `Presence`.
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
        streaming: Streaming | None = None,
        in_place: bool = False,
    ) -> None:
        self._api = api
        self._source = source
        self._scope = part.name
        self._clock = clock
        self._random = random
        self._backoff = Backoff(clock, random)
        self._stopping = threading.Event()
        self._probed = threading.Event()
        self._refresh = threading.Event()
        self._resting = False
        self._stream: WatchStream | None = None
        self._due_s = clock.monotonic_s()
        self.stats = Stats()
        self._presence = Presence(part, clock, on_change, in_place=in_place)
        self._decoding = Decoding(source.path, decode, self.stats, self._stopping)
        self._watching = Watching(source.path, self._presence, self._decoding, self.stats, clock)

        self._poll_only = poll_every_s is not None
        self._poll_every_s = poll_every_s or POLL_S
        self._polling = self._poll_only
        self._watch_again_s = 0.0  # while polling: when the watch is tried again
        self._listed_s = 0.0

        self._streaming = streaming or Streaming(False)
        self._in_pages = False  # the next list, although streaming is on
        self._is_listing = False  # in a stream that is open
        self._lister: Lister | None = None
        self._list_began_s = 0.0
        self._staged: list[T] = []
        self._expired_lists = 0
        self._renewed = False
        self._was_watched = False
        self._denials = 0
        self._failures = 0
        self._failed_at: object = None

    # -- from any thread ----------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state of this reflector's part."""
        return self._presence.state

    def load(self) -> ScopeLoad:
        """What following costs, as of now. O(1)."""
        return self.stats.load(self._scope, self._presence.state, self._presence.heard_at_s)

    @property
    def is_stopping(self) -> bool:
        """True after `stop`."""
        return self._stopping.is_set()

    def probe(self) -> None:
        """Make the next step due now, whatever it waits for; an open watch goes on."""
        self._probed.set()
        self._due_s = self._clock.monotonic_s()

    def refresh(self) -> None:
        """Relist as soon as can be: an open watch is cut. A list under way is as good and goes on."""
        self._refresh.set()
        if not self._is_listing:
            self._shut()
        self.probe()

    @property
    def due_s(self) -> float:
        """When the next step is due, by the monotonic clock."""
        return self._clock.monotonic_s() + REST_S if self._resting else self._due_s

    def rest(self, resting: bool) -> bool:
        """Make no requests for now, or make them again when they are due. What is shown stays, with its time. For what
        is polled: an open watch is not cut. True where that changes anything."""
        was_resting, self._resting = self._resting, resting
        return was_resting != resting

    def stop(self) -> None:
        """Make no further request. Shuts an open watch; a page or a connect under way ends by itself."""
        self._stopping.set()
        self._shut()

    # -- on the stepping thread ---------------------------------------------------------------------------------

    def step(self) -> None:
        """Make the next request, write what came, and set when the next is due. Blocks while a watch is open.

        Raises nothing of the server's; whatever it raises is a fault in this program, see `failed_internally`.
        """
        self._probed.clear()
        if self._stopping.is_set():
            return
        if self._refresh.is_set():
            self._refresh.clear()
            self._backoff.reset()
            self._watching.version = ""
        try:
            delay_s = self._watch() if self._watching.version or self._is_streaming else self._list_page()
        except ApiError as error:
            delay_s = self._after(error)
        self._due_in(delay_s)

    def failed_internally(self, error: Exception) -> None:
        """Go on after a fault of our own: what is shown turns stale or failed, and a list follows after a back-off."""
        delay_s = self._backoff.next_s()
        self._start_over()
        self._due_in(delay_s)
        reason = f"internal error: {type(error).__name__}; the log has more"
        self.stats.failed(reason, self._clock.now_s())
        self._presence.fall(Standing.FAILED, reason, delay_s)

    def _due_in(self, delay_s: float) -> None:
        now_s = self._clock.monotonic_s()
        self._due_s = now_s + delay_s
        if self._probed.is_set():  # looked at after the write above, so that no probe is lost to it
            self._due_s = now_s

    def _shut(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.close()

    def _list_page(self) -> float:
        lister = self._lister
        if lister is None:
            lister = self._lister = Lister(self._api, self._source, big_pages=self._expired_lists >= 2)
            self._staged = []
            self._list_began_s = self._clock.monotonic_s()
        self._presence.asking(lister.read)
        page = lister.next_page()
        self.stats.pages += 1
        self.stats.bytes += page.bytes
        self._answered()
        for rows in self._decoding.runs(page.items):
            self._staged += rows
            self._presence.page(rows, lister.read, page.of)
        if self._stopping.is_set():
            return 0
        return self._listed(lister) if page.is_last else 0

    def _listed(self, lister: Lister) -> float:
        watch_next = not self._poll_only and (not self._polling or self._clock.monotonic_s() >= self._watch_again_s)
        rest_s = max(self._poll_every_s, min(PACE * (self._clock.monotonic_s() - self._list_began_s), SLOWEST_S))
        self._whole(self._staged, rest_s if self._polling else None)
        if not watch_next:
            return rest_s
        # A list without a version (some aggregated APIs) can't say where to go on; "0" is any.
        self._watching.version = lister.resource_version or "0"
        return 0

    def _whole(self, rows: list[T], poll_every_s: float | None) -> None:
        self._presence.whole(rows, poll_every_s=poll_every_s)
        self.stats.listed(self._clock.monotonic_s() - self._list_began_s, self._clock.now_s())
        self._listed_s = self._clock.monotonic_s()
        self._expired_lists = 0
        self._start_over()

    @property
    def _is_streaming(self) -> bool:
        """A list is due, or under way, as a stream."""
        is_due = not (self._watching.version or self._lister)
        return is_due and self._streaming.is_on and not (self._in_pages or self._polling)

    def _watch(self) -> float:
        version = self._watching.version
        opened_s = self._clock.monotonic_s()
        if not version:
            self._presence.asking(0)
            self._list_began_s = opened_s
        timeout_s = self._random.randint(MIN_TIMEOUT_S, MAX_TIMEOUT_S)
        query = (
            *self._source.query,
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            *((("resourceVersion", version),) if version else QUERY),
            ("timeoutSeconds", str(timeout_s)),
        )
        idle_s = timeout_s + GRACE_S if version else IDLE_S
        stream = self._api.watch(self._source.path, query, accept=self._source.watch_accept, idle_s=idle_s)
        self._is_listing = not version
        self._stream = stream
        try:
            # Looked at after the stream can be seen: whoever asks from now on closes it.
            if not (self._stopping.is_set() or self._refresh.is_set()):
                self.stats.watches += 1
                self._was_watched = True
                self._answered()
                events = self._watching.events(stream)
                if not version:
                    self._read_list(events)
                    stream.set_idle_s(timeout_s + GRACE_S)
                self._polling = False
                self._watching.follow(stream, events, timeout_s, opened_s)
        finally:
            self._stream = None
            self._is_listing = False
            stream.close()
        return 0

    def _read_list(self, events: Iterator[WatchEvent]) -> None:
        streamed = StreamedList(self._presence, self._decoding)
        self._whole(streamed.read(events), None)
        self._watching.version = streamed.resource_version or "0"
        self._is_listing = False
        self._refresh.clear()  # of a list under way: this one is as good

    def _answered(self) -> None:
        self._renewed, self._denials = False, 0
        self._backoff.succeeded()

    # -- after an error -----------------------------------------------------------------------------------------

    def _after(self, error: ApiError) -> float:
        if self._stopping.is_set() or self._refresh.is_set():
            return 0
        self.stats.failed(str(error), self._clock.now_s())
        step = decide(error, self._situation(error))
        self._denials += isinstance(error, Forbidden | NotFound)
        log.info("%s: %s (%s, %s)", self._source.path, error, step.then.name, step.wait.name)
        match step.then:
            case Then.FIRST_LIMIT:
                if self._lister is not None:
                    self._lister.keep_first_limit()
                return 0
            case Then.PAGES | Then.NO_STREAM:
                self._in_pages = True
                if step.then is Then.NO_STREAM:
                    self._streaming.refuse()
            case Then.RENEW:
                return self._renew(error)
            case Then.POLL:
                return self._poll()
            case Then.AGAIN:
                self._failures += step.counts
            case Then.LIST | Then.PARK:
                if isinstance(error, Expired) and self._lister is not None and self._lister.is_continuing:
                    self._expired_lists += 1
                self._start_over()
        delay_s = self._delay_s(step)
        self._presence.fall(step.standing, str(error), delay_s)
        return delay_s

    def _situation(self, error: ApiError) -> Situation:
        lister = self._lister
        if self._watching.version:
            request, place = Request.WATCH, self._watching.version
        elif self._is_streaming:
            request, place = Request.STREAM, "stream"
        elif lister is not None and lister.is_continuing:
            request, place = Request.PAGE, f"page {lister.read}"
        else:
            request, place = Request.LIST, ""
        if place != self._failed_at:
            self._failures, self._failed_at = 0, place
        asks_list = request in (Request.LIST, Request.PAGE)
        return Situation(
            request,
            renewed=self._renewed,
            first_expiry=isinstance(error, Expired) and self._backoff.first_expiry(),
            granted=self._presence.had_data if asks_list else self._was_watched,
            denials=self._denials,
            limit_changed=lister is not None and lister.limit_changed,
            failures=self._failures,
        )

    def _start_over(self) -> None:
        self._in_pages = False
        self._lister = None
        self._staged = []
        self._watching.version = ""
        self._renewed = False
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
        self._presence.doubt(str(error))
        reason = error
        try:
            self._renewed = self._api.renew_credentials()
        except ApiError as failure:
            reason, self._renewed = failure, False
        if self._renewed:
            return 0
        self._start_over()
        delay_s = self._random.uniform(*REPROBE_S)
        self._presence.fall(Standing.AUTH, str(reason), delay_s)
        return delay_s

    def _poll(self) -> float:
        self._polling, self._was_watched = True, False
        self._watch_again_s = self._clock.monotonic_s() + self._random.uniform(*REPROBE_S)
        self._start_over()
        self._presence.polling(self._poll_every_s)
        # At once where the last list is long ago: the right to watch may not be all that was taken away.
        return max(0.0, self._listed_s + self._poll_every_s - self._clock.monotonic_s())
