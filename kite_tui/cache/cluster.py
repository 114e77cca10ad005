"""The cluster's cache: every kind followed once, however many screens read it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from random import Random
from typing import Any, TypeVar

from kite_tui.cache.clock import Clock, SystemClock
from kite_tui.cache.discovery import Discovery
from kite_tui.cache.driver import IDLE_S
from kite_tui.cache.informers import Informers, store_of
from kite_tui.cache.ladder import Ladder
from kite_tui.cache.scope import ScopedKind
from kite_tui.cache.server_version import ServerVersion
from kite_tui.cache.store import WHOLE
from kite_tui.cache.usage_history import UsageHistory
from kite_tui.kube.api import Api
from kite_tui.objects.kinds import ALWAYS, FIRST, METRICS, NAMESPACES, NODE_METRICS, NODES, PODS, SECOND, Kind
from kite_tui.objects.load import Counts, KindLoad, total
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing
from kite_tui.objects.served import Served, undiscovered
from kite_tui.objects.states import Auth, Live, Off, Polling, State, Syncing, is_readable
from kite_tui.objects.sums import NamespaceCounts, PodSums, Sums

log = logging.getLogger(__name__)

T = TypeVar("T")

Handler = Callable[[Kind[Any]], None]
"""Told that objects or state of a kind changed: on a thread of the cache, outside its locks, perhaps a thousand times
a second. It must return at once."""

KINDS = (*ALWAYS, *METRICS)
"""Followed, or polled when needed, for as long as the cache lives; all others on demand."""

KEPT_S = 180.0
"""A kind followed on demand is let go when nobody has looked at it for so long."""
DEFINE_KINDS = frozenset(
    {("apiextensions.k8s.io", "CustomResourceDefinition"), ("apiregistration.k8s.io", "APIService")}
)
"""When an object of these changes, so may what the server serves."""

_NO_LADDER = Ladder(climbs=False)


class ClusterCache:
    """A `Reader` over watches. Its methods belong to any thread and none waits for the network.

    One thread, the keeper, starts and stops informers; a reflector's thread writes its own store and wakes the keeper.
    `api` stays the caller's: close it after `stop`, so that requests under way end too.
    """

    def __init__(
        self,
        api: Api,
        *,
        context: str | None,
        server: str,
        namespaces: tuple[str, ...] = (),
        home_namespace: str = "default",
        favourites: tuple[str, ...] = (),
        climbs: bool = True,
        streams: bool = False,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """Where the whole cluster is forbidden, `namespaces` (`-n`) are read instead, and where there are none
        `home_namespace` and `favourites`, unless `climbs` is False (`-A`). With `streams`, lists are the beginning of
        their watches where the server can do that, not pages before them."""
        self._api = api
        self._context = context
        self._server = server
        self._namespaces = namespaces
        self._clock = clock or SystemClock()
        self._random = random or Random()
        self._pod_sums = PodSums()
        preferred = tuple(dict.fromkeys(namespaces or (home_namespace, *favourites)))
        self._ladder = Ladder(preferred, climbs, is_asked_for=bool(namespaces))
        self._kinds: dict[Kind[Any], ScopedKind[Any]] = {}
        self._making = threading.Lock()
        self._informers = Informers(api, self._clock, self._random, self._changed, streams=streams)
        self.usage_history = UsageHistory()
        self._sampled_s: float | None = None
        self._version = ServerVersion(api, self._clock, self._random, lambda: self._notify(NODES))
        self._discovery = Discovery(api, self._clock, self._random, self._discovered)
        self._left = Counts()
        self._counting = threading.Lock()
        """Held while counts move from what is followed to what was."""
        self._settled = threading.Event()
        self._handlers: tuple[Handler, ...] = ()

        self._wanted: deque[Kind[Any]] = deque()
        self._started: list[Kind[Any]] = []
        self._resting: dict[Kind[Any], float] = {}  # since when, by the monotonic clock
        self._all_needed = threading.Event()
        self._second_wave = False
        self._unauthorized: set[Kind[Any]] = set()
        self._seen: dict[Kind[Any], State] = {}
        self._wake = threading.Event()
        self._stopping = False
        self._keeper = threading.Thread(target=self._keep, name="cache-keeper", daemon=True)

    # -- life ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads, the first kinds, and once each has a page or is settled the second; once."""
        self.need(*FIRST)
        self._second_wave = True
        for kind in SECOND:  # asked for a moment later, but nobody shall think that they are not
            self._open(kind)
        self._version.start()
        self._keeper.start()

    def need(self, *kinds: Kind[Any]) -> None:
        """Follow these kinds from now on; those that are already cost nothing."""
        for kind in kinds:
            self._open(kind)
            self._resting.pop(kind, None)
            self._wanted.append(kind)
        if kinds:
            self._wake.set()

    def _open(self, kind: Kind[Any]) -> None:
        store = self._of(kind).store
        if isinstance(store.state, Off):
            store.open_part("", Syncing())

    def rest(self, *kinds: Kind[Any]) -> None:
        """Nobody looks at these kinds now: what is polled is not, until they are needed again, and what is followed on
        demand (neither `FIRST` nor `SECOND`) is let go after `KEPT_S`, with its objects."""
        self._resting.update(dict.fromkeys(kinds, self._clock.monotonic_s()))
        self._wake.set()

    def need_all(self) -> None:
        """Discover what the server serves and follow all of it that has objects, from now on."""
        self._all_needed.set()
        self._discovery.start()
        self._wake.set()

    def rest_all(self) -> None:
        """Nobody looks at all kinds now: see `rest`."""
        self._all_needed.clear()
        self.rest(*(kind for kind in tuple(self._started) if kind not in KINDS))

    def discover(self) -> None:
        """Find out what the server serves, and keep up with it; follow nothing more because of that."""
        self._discovery.start()

    def refresh(self) -> None:
        """Ask the server again now, all of it: re-probe, reconnect, relist. Returns at once."""
        self._version.again()
        self._discovery.again()
        for kind in tuple(self._started):
            for informer in self._of(kind).informers:
                informer.refresh()

    def stop(self) -> None:
        """Shut every watch and end every thread. Returns at once; the last rows stay readable."""
        self._stopping = True
        self._version.stop()
        self._discovery.stop()
        self._halt()
        self._wake.set()

    def subscribe(self, handler: Handler) -> Callable[[], None]:
        """Have `handler` told of changes; returns what ends that."""
        self._handlers = (*self._handlers, handler)

        def unsubscribe() -> None:
            self._handlers = tuple(other for other in self._handlers if other is not handler)

        return unsubscribe

    # -- Reader -------------------------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        """Which cluster this is; its version is None until it answered. It names the namespaces asked for where some
        kind is read from them alone, because then no number is of the whole cluster."""
        is_whole = all(scoped.is_whole for scoped in tuple(self._kinds.values()))
        return Head(self._context, self._server, self._version.value, () if is_whole else self._namespaces)

    @property
    def served(self) -> Served:
        """What the server serves: what every server does, until it was asked (`need_all`, `discover`) and answered."""
        served, error = self._discovery.served, self._discovery.error
        return served if served.is_known or error is None else undiscovered(str(error))

    def now_s(self) -> float:
        """Seconds since the epoch, by the injected clock."""
        return self._clock.now_s()

    def state(self, kind: Kind[T]) -> State:
        """How far the objects of `kind` are the truth. O(1)."""
        return self._of(kind).store.state

    def list(self, kind: Kind[T]) -> Listing[T]:
        """All objects of `kind` with its state, of the same moment. O(n)."""
        return self._of(kind).store.list()

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """One object. O(1)."""
        found: T | None = self._of(kind).store.get(namespace, name)
        return found

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value`. Raises KeyError for an index that the kind does not have."""
        return self._of(kind).store.by_index(index, value)

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        """The values under which the index has something. O(values)."""
        return self._of(kind).store.index_values(index)

    def version(self, kind: Kind[T]) -> int:
        """Grows with every change of the objects of `kind`. O(1)."""
        return self._of(kind).store.version

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        """The keys of what changed after `version`; None where too much did. O(changes)."""
        return self._of(kind).store.changes_since(version)

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods read, by node name. O(nodes)."""
        return self._of(PODS).store.locked(self._pod_sums.by_node)

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods read, by namespace. O(namespaces)."""
        return self._of(PODS).store.locked(self._pod_sums.by_namespace)

    # -- numbers for the frame ----------------------------------------------------------------------------------

    def kinds(self) -> tuple[Kind[Any], ...]:
        """The kinds that are followed."""
        return tuple(self._started)

    def object_count(self, kinds: Iterable[Kind[Any]]) -> int:
        """Objects held of these kinds. O(kinds)."""
        return sum(len(scoped.store) for kind in kinds if (scoped := self._kinds.get(kind)) is not None)

    # -- what it costs ------------------------------------------------------------------------------------------

    def loads(self) -> tuple[KindLoad, ...]:
        """What following each kind costs, as of now. O(scopes)."""
        followed = [(kind, self._kinds.get(kind)) for kind in self.kinds()]
        return tuple(scoped.load(kind) for kind, scoped in followed if scoped is not None)

    def counts(self) -> Counts:
        """What was asked and what came, of kinds that were let go too: no number ever shrinks. O(scopes)."""
        with self._counting:
            return total((self._left, *(scoped.counts() for scoped in tuple(self._kinds.values()))))

    def estimated_b(self, kind: Kind[Any]) -> int:
        """Bytes that the objects of `kind` take, see `Store.estimated_b`."""
        return self._of(kind).store.estimated_b()

    def wait_settled(self, timeout_s: float) -> bool:
        """Block until of each of `ALWAYS` it is known what can be had; False where that takes longer."""
        return self._settled.wait(timeout_s)

    # -- on the threads of the reflectors -----------------------------------------------------------------------

    def _changed(self, kind: Kind[Any]) -> None:
        if kind is NODE_METRICS:
            self._sample()
        state = self.state(kind)
        if state is not self._seen.get(kind) or kind is NAMESPACES:  # events alone are nothing for the keeper
            self._seen[kind] = state
            self._wake.set()
        elif (kind.group, kind.kind) in DEFINE_KINDS and isinstance(state, Live):
            self._discovery.again()
        self._notify(kind)

    def _discovered(self) -> None:
        self._wake.set()
        self._notify(NODES)

    def _notify(self, kind: Kind[Any]) -> None:
        for handler in self._handlers:
            try:
                handler(kind)
            except Exception:  # a subscriber's fault must not make the data look stale
                log.exception("a handler of changes failed")

    def _sample(self) -> None:
        listing: Listing[Any] = self.list(NODE_METRICS)
        if isinstance(listing.state, Polling) and listing.state.since_s != self._sampled_s:
            self._sampled_s = listing.state.since_s
            self.usage_history.note(self._sampled_s, listing.objects)

    # -- on the keeper's thread ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        while not self._stopping:
            self._clock.wait(self._wake, self._idle_s())
            self._wake.clear()
            try:
                self._tend()
            except Exception:  # the keeper must outlive its own faults, as the reflectors' threads do
                log.exception("a fault in the keeper of the cache")
        self._halt()

    def _idle_s(self) -> float:
        """Until the next kind has rested long enough."""
        on_demand = [kind for kind in self._started if kind not in KINDS]
        resting = [since_s for kind in on_demand if (since_s := self._resting.get(kind)) is not None]
        return min(IDLE_S, max(1.0, min(resting) + KEPT_S - self._clock.monotonic_s())) if resting else IDLE_S

    def _tend(self) -> None:
        while self._wanted and not self._stopping:
            self._begin(self._wanted.popleft())
        if self._second_wave and all(_has_begun(self.state(kind)) for kind in FIRST):
            self._second_wave = False
            self.need(*SECOND)
        if self._all_needed.is_set():
            more = [kind for kind in self.served.searched if kind not in self._started or kind in self._resting]
            self.need(*more)
            while self._wanted:
                self._begin(self._wanted.popleft())
            if not self._all_needed.is_set():  # since a moment ago; what was begun meanwhile nobody else lets rest
                self.rest(*(kind for kind in more if kind not in KINDS))
        self._let_go()
        names = [row.name for row in self._of(NAMESPACES).store.list().objects]
        listed = names if is_readable(self.state(NAMESPACES)) else None
        all_of = None if listed is None else len(listed)
        # Of some sixty kinds most may be forbidden: those on demand are looked for only where pods could be read.
        parts = self._of(PODS).store.part_states()
        readable = [name for name, state in parts.items() if name != WHOLE and is_readable(state)] or None
        for kind in self._started:
            if not self._stopping:
                self._of(kind).advance(listed if kind in KINDS else readable, all_of)
                for informer in self._of(kind).informers:
                    informer.rest(kind in METRICS and kind in self._resting)
        self._informers.tidy()
        self._share_credentials()
        if all(_is_settled(self.state(kind)) for kind in ALWAYS):  # after the ladder: a refusal may be a rung of it
            self._settled.set()

    def _let_go(self) -> None:
        """Stop following what nobody has looked at for long, and what the server no longer serves."""
        served, now_s = self.served, self._clock.monotonic_s()
        unknown = {group for group, _ in served.failed}  # these kinds may well be served still
        for kind in [kind for kind in self._started if kind not in KINDS]:
            gone = served.is_known and kind not in served.kinds and kind.group not in unknown
            since_s = self._resting.get(kind)
            if gone or (since_s is not None and now_s - since_s >= KEPT_S):
                self._started.remove(kind)
                self._resting.pop(kind, None)
                self._seen.pop(kind, None)
                with self._counting:
                    scoped = self._kinds.pop(kind)
                    scoped.halt()
                    self._left += scoped.counts()
                self._notify(kind)

    def _begin(self, kind: Kind[Any]) -> None:
        if kind not in self._started:
            self._started.append(kind)

    def _share_credentials(self) -> None:
        """What one kind may do again after `auth`, the others may try at once."""
        before, self._unauthorized = (
            self._unauthorized,
            {kind for kind in self._started if isinstance(self.state(kind), Auth)},
        )
        if before - self._unauthorized:
            for kind in self._unauthorized:
                for informer in self._of(kind).informers:
                    informer.probe()

    def _halt(self) -> None:
        for scoped in tuple(self._kinds.values()):
            scoped.halt()
        self._informers.stop()

    # -- making -------------------------------------------------------------------------------------------------

    def _of(self, kind: Kind[Any]) -> ScopedKind[Any]:
        """The kind's store and whoever feeds it, made when it is first asked for. Any thread."""
        scoped = self._kinds.get(kind)
        if scoped is None:
            with self._making:
                scoped = self._kinds.get(kind)
                if scoped is None:
                    ladder = self._ladder if kind.namespaced else _NO_LADDER
                    make = self._informers.maker(kind)
                    scoped = self._kinds[kind] = ScopedKind(store_of(kind, self._pod_sums), ladder, make)
        return scoped


def _has_begun(state: State) -> bool:
    return _is_settled(state) or (isinstance(state, Syncing) and state.n > 0)


def _is_settled(state: State) -> bool:
    return not isinstance(state, Off | Syncing)
