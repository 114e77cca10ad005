"""`--metrics-port`: what reading the cluster costs, as Prometheus metrics on loopback, for as long as the app runs.

Names follow Prometheus' rules: base units, `_total` for what only grows. Nothing is counted here: a scrape reads the
same snapshot as the Cache screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from kite_tui import __version__
from kite_tui.cli.failure import Failure
from kite_tui.objects.load import BOUNDS_S, Durations, KindLoad, Load, ScopeLoad, Traffic
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Off, Partial, Polling, Stale, Syncing
from kite_tui.session.meter import Read

HOST = "127.0.0.1"
EVERY = 4
"""Of so many of our buckets Prometheus gets one: bounds that double."""
STATES = tuple(
    state.__name__.lower() for state in (Syncing, Live, Polling, Stale, Partial, Forbidden, Absent, Auth, Failed, Off)
)


class Exporter:
    """Listens from the start, and says nothing but its version until it is told where to read."""

    def __init__(self, port: int) -> None:
        """Raises Failure where nobody may listen there. Port 0 is any that is free."""
        self._read: Read = lambda: None
        registry = CollectorRegistry()
        registry.register(_Snapshot(lambda: self._read()))
        try:
            self._server, self._thread = start_http_server(port, HOST, registry)
        except (OSError, OverflowError) as error:
            raise Failure(f"can't serve metrics on {HOST}:{port}: {error}") from error

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def follow(self, read: Read) -> None:
        """Serve what `read` gives, which is called on a thread of the server."""
        self._read = read

    def close(self) -> None:
        """Stop listening and end the thread; takes up to half a second."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Snapshot(Collector):
    def __init__(self, read: Read) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """Nothing up front: the names are ours alone, and registering must not read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics, of one moment."""
        build = GaugeMetricFamily("kite_build_info", "The version of kite-tui", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        load = self._read()
        if load is not None:
            yield from _kinds(load)
            yield from _scopes([(kind, scope) for kind in load.kinds for scope in kind.scopes])
            if load.traffic is not None:
                yield from _traffic(load.traffic)
            if load.stalls is not None:
                yield _gauge(
                    "kite_loop_stall_max_seconds", "Longest stall of the screen in the last minute", load.stalls.most_s
                )
                yield _gauge("kite_loop_stall_p99_seconds", "Its 99th percentile", load.stalls.p99_s)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _kinds(load: Load) -> Iterator[Metric]:
    objects = GaugeMetricFamily("kite_objects", "Objects held", labels=["kind"])
    held = GaugeMetricFamily("kite_held_estimate_bytes", "Memory that they take, from a sample", labels=["kind"])
    for each in load.kinds:
        name = each.kind.plural
        if each.objects is not None:
            objects.add_metric([name], each.objects)
        if each.kind in load.weights:
            held.add_metric([name], load.weights[each.kind])
    yield objects
    yield held


_COUNTERS: tuple[tuple[str, str, Callable[[ScopeLoad], float]], ...] = (
    ("kite_kind_received_bytes", "Bytes of lists and events, as they came", lambda scope: scope.counts.received_b),
    ("kite_events", "Events that changed an object", lambda scope: scope.counts.events),
    ("kite_lists", "Lists that came to their end", lambda scope: scope.counts.lists),
    ("kite_watches_opened", "Watches that were opened", lambda scope: scope.counts.watches),
    ("kite_malformed_objects", "Objects that could not be read", lambda scope: scope.counts.malformed),
    ("kite_errors", "Errors while following", lambda scope: scope.counts.errors),
)
_GAUGES: tuple[tuple[str, str, Callable[[ScopeLoad], float | None]], ...] = (
    ("kite_last_list_duration_seconds", "How long the last whole list took", lambda scope: scope.list_s),
    ("kite_last_list_timestamp_seconds", "When it was whole", lambda scope: scope.listed_at_s),
    ("kite_last_heard_timestamp_seconds", "When the last list, event or bookmark came", lambda scope: scope.heard_at_s),
)
_LABELS = ["kind", "scope"]


def _scopes(scopes: list[tuple[KindLoad, ScopeLoad]]) -> Iterator[Metric]:
    for name, what, counted in _COUNTERS:
        counter = CounterMetricFamily(name, what, labels=_LABELS)
        for kind, scope in scopes:
            counter.add_metric([kind.kind.plural, scope.name], counted(scope))
        yield counter
    for name, what, known in _GAUGES:
        gauge = GaugeMetricFamily(name, what, labels=_LABELS)
        for kind, scope in scopes:
            if (value := known(scope)) is not None:
                gauge.add_metric([kind.kind.plural, scope.name], value)
        yield gauge
    state = GaugeMetricFamily("kite_scope_state", "1 for the state that it is in", labels=[*_LABELS, "state"])
    for kind, scope in scopes:
        now = type(scope.state).__name__.lower()
        for each in STATES:
            state.add_metric([kind.kind.plural, scope.name, each], float(each == now))
    yield state


def _traffic(traffic: Traffic) -> Iterator[Metric]:
    requests = CounterMetricFamily("kite_requests", "Requests to the API server", labels=["verb", "outcome"])
    for (verb, outcome), count in sorted(traffic.requests.items()):
        requests.add_metric([verb, outcome], count)
    yield requests
    took = HistogramMetricFamily(
        "kite_request_duration_seconds", "Lists and gets to their end, watches to their opening", labels=["verb"]
    )
    for verb, durations in sorted(traffic.durations.items()):
        took.add_metric([verb], list(_buckets(durations)), durations.sum_s)
    yield took
    yield CounterMetricFamily("kite_received_bytes", "Bytes of all answers, as they came", value=traffic.received_b)
    yield CounterMetricFamily(
        "kite_rate_limit_wait_seconds", "What requests waited for our rate limit", value=traffic.throttled_s
    )
    yield CounterMetricFamily(
        "kite_list_slot_wait_seconds", "What lists waited because so many were under way", value=traffic.queued_s
    )
    yield _gauge("kite_rate_limit_waiting_requests", "Requests that wait for it now", traffic.throttled_now)
    yield _gauge("kite_list_slot_waiting_requests", "Lists that wait for a slot now", traffic.queued_now)
    yield _gauge("kite_running_lists", "Lists under way", traffic.lists_now)
    yield _gauge("kite_open_watches", "Watches that are open", traffic.watches_now)


def _buckets(durations: Durations) -> Iterator[tuple[str, float]]:
    so_far = list(accumulate(durations.counts))
    for at in range(0, len(BOUNDS_S), EVERY):
        yield f"{BOUNDS_S[at]:.6g}", so_far[at]
    yield "+Inf", so_far[-1]
