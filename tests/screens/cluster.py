"""A cluster for the app that a test holds in its hands: objects and states change when it says so, and a GET is
answered when it says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from kite_tui.cache.usage_history import UsageHistory
from kite_tui.kube.api import Query
from kite_tui.objects.kinds import NODE_METRICS, NODES, Kind
from kite_tui.objects.load import Counts, KindLoad, Load, Stalls, Traffic, total
from kite_tui.objects.memory import MemoryReader
from kite_tui.objects.meta import Key
from kite_tui.objects.reader import Head, Listing
from kite_tui.objects.served import NOTHING_KNOWN, Served
from kite_tui.objects.states import Polling, State, Syncing
from kite_tui.objects.sums import NamespaceCounts, Sums
from kite_tui.session.cluster import ClusterSession, Fetched
from kite_tui.session.meter import Meter
from kite_tui.session.sleep import Sleep

T = TypeVar("T")
Objects = Mapping[Kind[Any], Iterable[Any]]

HEAD = Head("prod-eu", "https://prod-eu.test:6443", "v1.36.1")


class FakeSource:
    """A `Source` over objects that a test puts there. Handlers are called where the change is made."""

    def __init__(
        self,
        objects: Objects,
        now_s: float,
        *,
        states: Mapping[Kind[Any], State] | None = None,
        served: Served = NOTHING_KNOWN,
    ) -> None:
        self.usage_history = UsageHistory()
        self.clock_s = now_s
        self.head = HEAD
        self.needed: set[Kind[Any]] = set()
        self.all_needed = False
        self.discoveries = 0
        self.served = served
        self.fault: Exception | None = None
        """Raised by the next reads of any query."""
        self.reads = 0
        self.costs: tuple[KindLoad, ...] = ()
        self.weight_b = 1024
        self._objects = {kind: {(o.namespace, o.name): o for o in found} for kind, found in objects.items()}
        self._states: dict[Kind[Any], State] = {NODE_METRICS: Polling(now_s, 15), **(states or {})}
        self._changes: dict[Kind[Any], list[Key]] = {kind: [] for kind in objects}
        self._handlers: list[Callable[[Kind[Any]], None]] = []
        self._now = self._made()

    def _made(self) -> MemoryReader:
        objects = {kind: tuple(found.values()) for kind, found in self._objects.items()}
        return MemoryReader(self.head, objects, self._states, lambda: self.clock_s, served=self.served)

    # -- what a test does ---------------------------------------------------------------------------------------

    def put(self, kind: Kind[Any], *objects: Any) -> None:
        """Objects appear or change."""
        for one in objects:
            self._objects.setdefault(kind, {})[one.namespace, one.name] = one
            self._changes.setdefault(kind, []).append((one.namespace, one.name))
        self._tell(kind)

    def remove(self, kind: Kind[Any], *keys: Key) -> None:
        """Objects go."""
        for key in keys:
            del self._objects[kind][key]
            self._changes[kind].append(key)
        self._tell(kind)

    def objects_gone(self) -> None:
        """As if nothing had ever been followed."""
        self._objects.clear()
        self._tell(NODES)

    def become(self, state: State, *kinds: Kind[Any]) -> None:
        """These kinds (all of them, where none is named) get another state."""
        for kind in kinds or tuple(self._objects):
            self._states[kind] = state
        for kind in kinds or tuple(self._objects):
            self._tell(kind)

    def _tell(self, kind: Kind[Any]) -> None:
        self._now = self._made()
        for handler in self._handlers:
            handler(kind)

    # -- Source -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        """Nothing to end."""

    def refresh(self) -> None:
        """Nothing to ask."""

    def need(self, *kinds: Kind[Any]) -> None:
        """Noted."""
        self.needed |= set(kinds)

    def rest(self, *kinds: Kind[Any]) -> None:
        """Noted."""
        self.needed -= set(kinds)

    def need_all(self) -> None:
        """Noted."""
        self.all_needed = True

    def rest_all(self) -> None:
        """Noted."""
        self.all_needed = False

    def discover(self) -> None:
        """Noted."""
        self.discoveries += 1

    def subscribe(self, handler: Callable[[Kind[Any]], None]) -> Callable[[], None]:
        """Called at every change."""
        self._handlers.append(handler)
        return lambda: self._handlers.remove(handler)

    def kinds(self) -> tuple[Kind[Any], ...]:
        """All that there are objects of."""
        return tuple(self._objects)

    def object_count(self, kinds: Iterable[Kind[Any]]) -> int:
        """Objects held of these kinds."""
        return sum(len(self._objects.get(kind, ())) for kind in kinds)

    # -- what it costs ------------------------------------------------------------------------------------------

    def loads(self) -> tuple[KindLoad, ...]:
        """As the test says, else what follows from objects and states."""
        return self.costs or tuple(
            KindLoad(kind, self.state(kind), len(found), (), Counts()) for kind, found in self._objects.items()
        )

    def counts(self) -> Counts:
        """Of all of those."""
        return total(load.counts for load in self.loads())

    def estimated_b(self, kind: Kind[Any]) -> int:
        """All objects weigh the same."""
        return self.weight_b * len(self._objects.get(kind, ()))

    # -- Reader -------------------------------------------------------------------------------------------------

    def now_s(self) -> float:
        """By the test's clock."""
        return self.clock_s

    def state(self, kind: Kind[T]) -> State:
        """As the test has set it."""
        return self._now.state(kind)

    def list(self, kind: Kind[T]) -> Listing[T]:
        """All objects."""
        self.reads += 1
        if self.fault is not None:
            raise self.fault
        return self._now.list(kind)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """One object."""
        return self._now.get(kind, namespace, name)

    def by_index(self, kind: Kind[T], index: str, value: str) -> tuple[T, ...]:
        """The objects under `value`."""
        return self._now.by_index(kind, index, value)

    def index_values(self, kind: Kind[T], index: str) -> Collection[str]:
        """The values that have objects."""
        return self._now.index_values(kind, index)

    def version(self, kind: Kind[T]) -> int:
        """How many changes there were."""
        return len(self._changes.get(kind, ()))

    def changes_since(self, kind: Kind[T], version: int) -> Collection[Key]:
        """All of them are kept."""
        return set(self._changes.get(kind, [])[version:])

    def sums_by_node(self) -> Mapping[str, Sums]:
        """Sums over the pods, by node name."""
        return self._now.sums_by_node()

    def counts_by_namespace(self) -> Mapping[str, NamespaceCounts]:
        """Counts over the pods, by namespace."""
        return self._now.counts_by_namespace()


class FakeMeter(Meter):
    """A quiet cluster, and what a test says beside it."""

    def __init__(self, source: FakeSource) -> None:
        self.traffic: Traffic | None = None
        self.rates = Load(events_per_s=0.0)
        self.samples = 0
        super().__init__(source, lambda: self.traffic, clock=source.now_s)

    def sample(self) -> None:
        """Counted."""
        self.samples += 1

    @property
    def events_per_s(self) -> float | None:
        """As given."""
        return self.rates.events_per_s

    def load(self, stalls: Stalls | None = None) -> Load:
        """What the source says it costs, at the rates given."""
        now, rates = super().load(stalls), self.rates
        return replace(
            now,
            events_per_s=rates.events_per_s,
            requests_per_s=rates.requests_per_s,
            kind_events_per_s=rates.kind_events_per_s,
            beats=rates.beats,
        )


class FakeSession(ClusterSession):
    """A session with a `FakeSource`. A GET is answered from `bodies` at once, or waits in `asked` for the test."""

    reader: FakeSource
    meter: FakeMeter

    def __init__(self, source: FakeSource, *, namespaces: tuple[str, ...] = (), badges: tuple[str, ...] = ()) -> None:
        self.meter = FakeMeter(source)
        self.reader = source  # ClusterSession's own __init__ would open a way to a server
        self.namespaces = namespaces
        self.bodies: dict[str, Fetched] = {}
        self.default: bytes | None = None
        """The answer to whatever is not in `bodies`; None leaves it to the test."""
        self.asked: list[tuple[str, Callable[[Fetched], None]]] = []
        self.started = self.refreshes = self.stops = 0
        self._badges = badges
        self._plugin = ("", 0.0)
        self._sleep = Sleep()
        self._kept = self._calm_s = 0

    @property
    def home_namespace(self) -> str:
        """As in the kubeconfig."""
        return "shop"

    @property
    def badges(self) -> tuple[str, ...]:
        """As given."""
        return self._badges

    def start(self, changed: Callable[[Kind[Any]], None], run_interactive: Any = None) -> None:
        """From now on changes are told."""
        self.started += 1
        self.reader.subscribe(changed)

    def fetch(self, path: str, query: Query, done: Callable[[Fetched], None]) -> None:
        """Answered at once, or left to the test."""
        if path in self.bodies:
            done(self.bodies[path])
        elif self.default is not None:
            done(Fetched(self.default))
        else:
            self.asked.append((path, done))

    def refresh(self) -> None:
        """Counted."""
        self.refreshes += 1

    def stop(self) -> None:
        """Counted."""
        self.stops += 1


def syncing(*kinds: Kind[Any]) -> dict[Kind[Any], State]:
    """The first lists of these are under way."""
    return dict.fromkeys(kinds, Syncing())
