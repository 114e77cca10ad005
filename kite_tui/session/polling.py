"""`--no-cache`: the same Reader from direct lists, made anew every 30 s and whenever somebody asks."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio

from kite_tui.cache.asking import AGAIN_S
from kite_tui.cache.clock import Clock, SystemClock
from kite_tui.cache.stats import Stats
from kite_tui.cache.usage_history import UsageHistory
from kite_tui.cache.weight import estimated_b
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError
from kite_tui.objects.events import WARNINGS_ONLY
from kite_tui.objects.kinds import ALWAYS, EVENTS, METRICS, NODE_METRICS, NODES, PODS, Kind
from kite_tui.objects.load import Counts, KindLoad, total
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing
from kite_tui.objects.served import NOTHING_KNOWN, Served, undiscovered
from kite_tui.objects.states import Failed, Live, Off, Partial, Polling, Stale, State, Syncing, is_readable, stale_part
from kite_tui.objects.sums import NamespaceCounts, Sums
from kite_tui.session.direct import DirectLists, Found, Want

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY_S = 30.0
NOTHING_READ = MemoryReader(Head(None, "", None), {})


@dataclass(frozen=True, slots=True)
class _Held:
    """What is known of one kind: its state, its rows and how often and when they were listed last."""

    state: State
    rows: MemoryReader
    version: int
    listed_s: float


class PollingReader:
    """Holds the last good list of each kind, there as soon as it came: a slow kind holds up no other. A kind that had
    objects keeps them, as Stale since they were listed, when a later list fails or a fault of ours kept it away."""

    def __init__(
        self,
        api: Api,
        *,
        context: str | None,
        server: str,
        preferred: tuple[str, ...] = (),
        climbs: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.usage_history = UsageHistory()
        self._api = api
        self._clock = clock or SystemClock()
        self._lists = DirectLists(api, preferred=preferred, clock=self._clock)
        self._climbs = climbs
        self._wanted: tuple[Kind[Any], ...] = ALWAYS
        self._resting: frozenset[Kind[Any]] = frozenset(METRICS)
        self._head = Head(context, server, None)
        self._held: dict[Kind[Any], _Held] = {}
        self._stats: dict[Kind[Any], Stats] = {}
        self._began_s = 0.0  # the round, by the monotonic clock
        self._all_needed = self._served_wanted = False
        self._served = NOTHING_KNOWN
        self._discovered_s = 0.0
        self._handlers: tuple[Callable[[Kind[Any]], None], ...] = ()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="polling", daemon=True)

    # -- life ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def need(self, *kinds: Kind[Any]) -> None:
        """Read these kinds too from the next round on, and begin it now if one of them is new."""
        new = [kind for kind in kinds if kind not in self._wanted]
        woken = self._resting & set(kinds)
        self._resting -= set(kinds)
        self._wanted = (*self._wanted, *new)
        if new or woken:
            self._wake.set()

    def rest(self, *kinds: Kind[Any]) -> None:
        """Leave these kinds out until they are needed again."""
        self._resting |= set(kinds)

    def need_all(self) -> None:
        """Read all that the server serves and that has objects, from the next round on, and begin it now."""
        if not self._all_needed:
            self._all_needed = True
            self._wake.set()

    def rest_all(self) -> None:
        """Read no more than what is needed by name; the rest is forgotten with the next round."""
        self._all_needed = False

    def discover(self) -> None:
        """Find out what the server serves in the next round, and begin that now where it isn't known."""
        self._served_wanted = True
        if not self._served.is_known:
            self._wake.set()

    def refresh(self) -> None:
        """Begin a round now, and look again at what is served."""
        self._discovered_s = 0.0
        self._wake.set()

    def stop(self) -> None:
        """End after the request under way; whoever owns the Api closes it."""
        self._stopping = True
        self._lists.stop()
        self._wake.set()

    def subscribe(self, handler: Callable[[Kind[Any]], None]) -> Callable[[], None]:
        """Have `handler` told of each kind that was listed; returns what ends that."""
        self._handlers = (*self._handlers, handler)

        def unsubscribe() -> None:
            self._handlers = tuple(other for other in self._handlers if other is not handler)

        return unsubscribe

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            self._round()
            self._clock.wait(self._wake, EVERY_S)

    def _round(self) -> None:
        """List everything that is wanted; what a fault of ours kept from coming is said to be late."""
        late = dict.fromkeys(self.kinds())

        def arrived(kind: Kind[Any], found: Found) -> None:
            self._arrived(kind, found)
            late.pop(kind)

        self._began_s = self._clock.monotonic_s()
        try:
            if self._all_needed or self._served_wanted:
                self._discover()
                late = dict.fromkeys(self.kinds())
            kinds = tuple(late)
            self._let_go({*self._wanted, *kinds})
            wants = [Want(kind, query=WARNINGS_ONLY if kind is EVENTS else (), ladder=self._climbs) for kind in kinds]
            version = anyio.run(self._lists.gather, wants, None, arrived)
        except Exception:  # a fault of ours must not end the rounds
            log.exception("a fault while polling")
            for kind in late:
                self._arrived(kind, Found(Failed("internal error; the log has more")))
            return
        if version and version != self._head.version:
            self._head = dataclasses.replace(self._head, version=version)
            self._notify(NODES)

    def _let_go(self, kept: Collection[Kind[Any]]) -> None:
        """Forget what is read no more."""
        for kind in [kind for kind in self._held if kind not in kept]:
            del self._held[kind]
            self._notify(kind)

    def _discover(self) -> None:
        """Ask what the server serves, every `AGAIN_S` and at every round that has no answer yet."""
        now_s = self._clock.monotonic_s()
        if not self._served.is_known or not self._discovered_s or now_s - self._discovered_s >= AGAIN_S:
            try:
                self._served, self._discovered_s = self._lists.discover(), now_s
            except ApiError as error:
                log.info("discovery: %s", error)
                if not self._served.is_known:
                    self._served = undiscovered(str(error))

    def _arrived(self, kind: Kind[Any], found: Found) -> None:
        """Put what a list came to in the place of what was held, and tell everybody."""
        if self._stopping:
            return
        old, now_s = self._of(kind), self._clock.now_s()
        stats = self._stats.setdefault(kind, Stats())
        state = found.state
        if is_readable(state):
            stats.listed(self._clock.monotonic_s() - self._began_s, now_s)
            stats.bytes += found.received_b
            if isinstance(state, Live):
                state = Polling(now_s, EVERY_S)
                if kind is NODE_METRICS:
                    self.usage_history.note(now_s, found.objects)
            rows = MemoryReader(self._head, {kind: found.objects})
            self._held[kind] = _Held(state, rows, old.version + 1, now_s)
        else:
            reason = getattr(state, "reason", "")
            stats.failed(reason, now_s)
            if is_readable(old.state):
                state = _stale(old, reason, now_s + EVERY_S)
            elif isinstance(state, Failed):
                state = Failed(reason, now_s + EVERY_S)
            self._held[kind] = dataclasses.replace(old, state=state)
        self._notify(kind)

    def _notify(self, kind: Kind[Any]) -> None:
        for handler in self._handlers:
            try:
                handler(kind)
            except Exception:  # a subscriber's fault costs neither a kind nor the others
                log.exception("a handler of changes failed")

    def _of(self, kind: Kind[Any]) -> _Held:
        held = self._held.get(kind)
        wanted = kind in self._wanted or (self._all_needed and kind in self._served.searched)
        return held or _Held(Syncing() if wanted else Off(), NOTHING_READ, 0, 0)

    # -- numbers for the frame ----------------------------------------------------------------------------------

    def kinds(self) -> tuple[Kind[Any], ...]:
        """The kinds that are read."""
        named = tuple(kind for kind in self._wanted if kind not in self._resting)
        more = self._served.searched if self._all_needed else ()
        return (*named, *(kind for kind in more if kind not in self._wanted))

    def object_count(self, kinds: Iterable[Kind[Any]]) -> int:
        """Objects held of these kinds."""
        return sum(len(held.rows.list(kind).objects) for kind in kinds if (held := self._held.get(kind)) is not None)

    # -- what it costs ------------------------------------------------------------------------------------------

    def loads(self) -> tuple[KindLoad, ...]:
        """What reading each kind costs, all its namespaces as one scope."""
        return tuple(self._load(kind) for kind in self.kinds())

    def counts(self) -> Counts:
        """What was asked and what came, of all kinds so far. O(kinds)."""
        return total(stats.counts() for stats in tuple(self._stats.values()))

    def estimated_b(self, kind: Kind[Any]) -> int:
        """Bytes that the objects of `kind` take: an estimate, see `weight.estimated_b`."""
        return estimated_b(self.list(kind).objects)

    def _load(self, kind: Kind[Any]) -> KindLoad:
        held, stats = self._of(kind), self._stats.get(kind, Stats())
        objects = len(held.rows.list(kind).objects) if is_readable(held.state) else None
        scope = stats.load("", held.state, stats.listed_at_s)
        return KindLoad(kind, held.state, objects, (scope,), scope.counts)

    # -- Reader -------------------------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        """Which cluster this is."""
        return self._head

    @property
    def served(self) -> Served:
        """What the server serves, as of the last discovery."""
        return self._served

    def now_s(self) -> float:
        """Seconds since the epoch, by the injected clock."""
        return self._clock.now_s()

    def state(self, kind: Kind[T]) -> State:
        """How far the objects of `kind` are the truth."""
        return self._of(kind).state

    def list(self, kind: Kind[T]) -> Listing[T]:
        """All objects of `kind`, as of its last good list."""
        held = self._of(kind)
        return Listing(held.state, held.rows.list(kind).objects)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """One object."""
        return self._of(kind).rows.get(kind, namespace, name)

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value`. Raises KeyError for an unknown index."""
        return self._of(kind).rows.by_index(kind, index, value)

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        """The values under which the index has something."""
        return self._of(kind).rows.index_values(kind, index)

    def version(self, kind: Kind[T]) -> int:
        """How often `kind` was listed."""
        return self._of(kind).version

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        """Nothing until it is listed again; then None: anything may have changed."""
        return () if version == self._of(kind).version else None

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods read, by node name."""
        return self._of(PODS).rows.sums_by_node()

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods read, by namespace."""
        return self._of(PODS).rows.counts_by_namespace()


def _stale(held: _Held, reason: str, retry_at_s: float) -> State:
    """Of what was partial, the namespaces that were read."""
    stale = Stale(held.listed_s, reason, retry_at_s)
    return stale_part(held.state, stale) if isinstance(held.state, Partial) else stale
