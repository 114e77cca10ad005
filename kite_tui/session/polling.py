"""`--no-cache`: the same Reader from direct lists, made anew every 30 s and whenever somebody asks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import anyio
from msgspec.structs import replace

from kite_tui.cache.clock import Clock, SystemClock
from kite_tui.cache.cluster import FIRST, METRICS, SECOND
from kite_tui.cache.usage_history import UsageHistory
from kite_tui.kube.api import Api
from kite_tui.objects.kinds import EVENTS, NODE_METRICS, Kind
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing
from kite_tui.objects.states import Failed, Live, Off, Polling, Stale, State, Syncing, is_readable
from kite_tui.objects.sums import NamespaceCounts, Sums
from kite_tui.session.direct import Answer, DirectLists, Want

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY_S = 30.0
WARNINGS_ONLY = (("fieldSelector", "type=Warning"),)


class PollingReader:
    """Holds the last answer of each kind. A kind that had objects keeps them, as Stale, when a later list fails."""

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
        self._wanted: tuple[Kind[Any], ...] = (*FIRST, *SECOND)
        self._resting: frozenset[Kind[Any]] = frozenset(METRICS)
        self._now = MemoryReader(Head(context, server, None), {}, {}, self._clock.now_s)
        self._round = 0
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

    def refresh(self) -> None:
        """Begin a round now."""
        self._wake.set()

    def stop(self) -> None:
        """End after the request under way; whoever owns the Api closes it."""
        self._stopping = True
        self._lists.stop()
        self._wake.set()

    def subscribe(self, handler: Callable[[Kind[Any]], None]) -> Callable[[], None]:
        """Have `handler` told after each round; returns what ends that."""
        self._handlers = (*self._handlers, handler)

        def unsubscribe() -> None:
            self._handlers = tuple(other for other in self._handlers if other is not handler)

        return unsubscribe

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self._poll()
            except Exception:  # a fault of ours must not end the rounds; the rows at hand grow stale by their time
                log.exception("a fault while polling")
            self._clock.wait(self._wake, EVERY_S)

    def _poll(self) -> None:
        kinds = [kind for kind in self._wanted if kind not in self._resting]
        wants = [Want(kind, query=WARNINGS_ONLY if kind is EVENTS else (), ladder=self._climbs) for kind in kinds]
        answer = anyio.run(self._lists.read, wants, self._now.head)
        if self._stopping:
            return
        before, now_s = self._now, self._clock.now_s()
        objects: dict[Kind[Any], tuple[Any, ...]] = {}
        found: dict[Kind[Any], State] = {}
        for kind in self._wanted:
            objects[kind], found[kind] = self._kept(kind, before, answer, now_s)
        self._now = MemoryReader(answer.reader.head, objects, found, self._clock.now_s)
        self._round += 1
        if is_readable(found.get(NODE_METRICS, Syncing())):
            self.usage_history.note(now_s, objects[NODE_METRICS])
        for handler in self._handlers:
            for kind in kinds:
                handler(kind)

    def _kept(
        self, kind: Kind[Any], before: MemoryReader, answer: Answer, now_s: float
    ) -> tuple[tuple[Any, ...], State]:
        """Objects and state of a kind after a round."""
        old, new = before.list(kind), answer.reader.list(kind)
        if kind in self._resting:
            return old.objects, old.state
        if is_readable(new.state):
            return new.objects, Polling(now_s, EVERY_S) if isinstance(new.state, Live) else new.state
        if not is_readable(old.state):
            state = new.state
            return (), replace(state, retry_at_s=now_s + EVERY_S) if isinstance(state, Failed) else state
        since_s = old.state.since_s if isinstance(old.state, Polling | Stale) else now_s
        error = answer.errors.get(kind)
        return old.objects, Stale(since_s, str(error) if error else "", now_s + EVERY_S)

    # -- numbers for the frame ----------------------------------------------------------------------------------

    def kinds(self) -> tuple[Kind[Any], ...]:
        """The kinds that are read."""
        return tuple(kind for kind in self._wanted if kind not in self._resting)

    def object_count(self) -> int:
        """Objects held, of all kinds."""
        return sum(len(self._now.list(kind).objects) for kind in self._wanted)

    def events_per_s(self) -> float:
        """Always 0: nothing is watched."""
        return 0.0

    # -- Reader -------------------------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        """Which cluster this is."""
        return self._now.head

    def now_s(self) -> float:
        """Seconds since the epoch, by the injected clock."""
        return self._clock.now_s()

    def state(self, kind: Kind[T]) -> State:
        """How far the objects of `kind` are the truth."""
        state = self._now.state(kind)
        return Syncing() if isinstance(state, Off) and kind in self._wanted else state

    def list(self, kind: Kind[T]) -> Listing[T]:
        """All objects of `kind`, as of the last round."""
        return Listing(self.state(kind), self._now.list(kind).objects)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """One object."""
        return self._now.get(kind, namespace, name)

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value`. Raises KeyError for an unknown index."""
        return self._now.by_index(kind, index, value)

    def version(self, kind: Kind[T]) -> int:
        """The number of the round."""
        return self._round

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key] | None:
        """Nothing within a round; after another one, None: anything may have changed."""
        return () if version == self._round else None

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods read, by node name."""
        return self._now.sums_by_node()

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods read, by namespace."""
        return self._now.counts_by_namespace()
