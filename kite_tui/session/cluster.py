"""One cluster for the app: a Reader that is there from the first moment, and what else a screen may ask for."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from kite_tui.cache.clock import SystemClock
from kite_tui.cache.cluster import ClusterCache
from kite_tui.cache.usage_history import UsageHistory, UsageSample
from kite_tui.kube.api import Api, Query
from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.errors import ApiError
from kite_tui.objects.kinds import METRICS, Kind
from kite_tui.objects.reader import Reader
from kite_tui.objects.states import Syncing
from kite_tui.session.interpreter import keep, settle
from kite_tui.session.lazy import LazyApi
from kite_tui.session.meter import Meter, Metered
from kite_tui.session.patience import Patience
from kite_tui.session.polling import PollingReader
from kite_tui.session.sleep import Sleep
from kite_tui.settings import Settings

if TYPE_CHECKING:
    from kite_tui.kube.exec_plugin import Notice, RunInteractive

__all__ = ["ClusterSession", "Fetched", "UsageSample", "in_terminal"]

log = logging.getLogger(__name__)

Changed = Callable[[Kind[Any]], None]

SLOW_S = 1.0
"""Plugins that are quicker need no mention."""


KEPT_AGAIN = 1.5
"""Times as many objects as were kept are worth keeping again,"""
KEPT_FEW = 20_000
"""but no fewer than these: they are looked through for garbage in some milliseconds."""
CALM_S = 5
"""Seconds without a first list before anything is kept."""


class Source(Reader, Metered, Protocol):
    """What both ways of reading a cluster offer beside the Reader: the watch cache, and lists every 30 s."""

    usage_history: UsageHistory

    def start(self) -> None: ...
    def need(self, *kinds: Kind[Any]) -> None: ...
    def rest(self, *kinds: Kind[Any]) -> None: ...
    def need_all(self) -> None: ...
    def rest_all(self) -> None: ...
    def discover(self) -> None: ...
    def refresh(self) -> None: ...
    def stop(self) -> None: ...
    def subscribe(self, handler: Changed) -> Callable[[], None]: ...
    def kinds(self) -> tuple[Kind[Any], ...]: ...
    def object_count(self, kinds: Iterable[Kind[Any]], /) -> int: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a GET came to: the body, or a sentence that says why there is none."""

    body: bytes = b""
    error: str = ""


class ClusterSession:
    """Owns the way to one cluster and what is read from it. Methods return at once, but for `tick` (see there); call
    them from the UI thread, and `start` and `stop` from any."""

    def __init__(
        self,
        config: ClientConfig,
        settings: Settings,
        *,
        namespaces: tuple[str, ...] = (),
        watching: bool = True,
        climbs: bool = True,
        connect: Callable[[], Api] | None = None,
        sleep: Sleep | None = None,
    ) -> None:
        """`namespaces` (`-n`) are what the screens show at first, and where to look where the cluster is forbidden;
        `climbs` False (`-A`) reads nothing where it is. `connect` replaces the real way to the server, `sleep` the
        machine's."""
        self.config = config
        self._badges = config.alarms
        self.namespaces = namespaces
        self._run_interactive: RunInteractive | None = None
        self._plugin = ("", 0.0)
        self._api = LazyApi(connect or (lambda: _connect(config, settings, self._run_interactive, self._plugin_runs)))
        self._patience = Patience(self._api, SystemClock())
        self._numbers = itertools.count(1)
        self.reader: Source = (
            ClusterCache(
                self._api,
                context=config.context,
                server=config.server,
                home_namespace=config.namespace,
                namespaces=namespaces,
                favourites=settings.favourites,
                climbs=climbs,
                streams=settings.lists == "stream",
            )
            if watching
            else PollingReader(
                self._api,
                context=config.context,
                server=config.server,
                preferred=namespaces or (config.namespace, *settings.favourites),
                climbs=climbs,
            )
        )
        self.meter = Meter(self.reader, self._api.traffic)
        self._kept = self._calm_s = 0
        self._sleep = sleep or Sleep()

    @property
    def badges(self) -> tuple[str, ...]:
        """What a person must not overlook about this connection."""
        return self._badges

    @property
    def home_namespace(self) -> str:
        """Where an object is looked for that is named without a namespace."""
        return self.config.namespace

    @property
    def signing_in(self) -> str:
        """The name of a credential plugin that has been running for more than a second, empty where none has."""
        name, since_s = self._plugin
        return name if name and monotonic() - since_s > SLOW_S else ""

    def _plugin_runs(self, name: str) -> None:
        """A credential plugin begins to run, or (empty) is done. Any thread."""
        self._plugin = (name, monotonic())

    def start(self, changed: Changed, run_interactive: RunInteractive | None = None) -> None:
        """Begin to read. `changed` is called on threads of the reader and must return at once; `run_interactive` is
        called on such a thread to give a credential plugin the terminal, and returns when the plugin is done."""
        self._run_interactive = run_interactive
        self.reader.subscribe(changed)
        self.reader.start()

    def tick(self) -> None:
        """Once a second: count, and after the machine slept ask everything again, since what is shown is of before. The
        few times that much more is held than before it takes as long as `interpreter.keep`."""
        self.meter.sample()
        if self._sleep.is_over():
            log.info("the machine slept")
            self.refresh()
        self._keep()

    def _keep(self) -> None:
        """See `interpreter.keep`: once, and whenever half as much again is held (of few objects that is not worth it),
        when nothing was being read for the first time for `CALM_S`, in which the screens of a cluster that was left are
        let go."""
        kinds = self.reader.kinds()
        held = self.reader.object_count(kinds)
        is_calm = held > (max(KEPT_FEW, KEPT_AGAIN * self._kept) if self._kept else 0) and not any(
            isinstance(self.reader.state(kind), Syncing) for kind in kinds if kind not in METRICS
        )
        self._calm_s = self._calm_s + 1 if is_calm else 0
        if self._calm_s >= CALM_S:
            self._kept, self._calm_s = held, 0
            keep()

    def fetch(self, path: str, query: Query, done: Callable[[Fetched], None]) -> None:
        """GET on a daemon thread, then `done` there: post a message from it, touch no widget."""

        def run() -> None:
            try:
                fetched = Fetched(self._patience.ask(lambda: self._api.get(path, query).body))
            except ApiError as error:
                fetched = Fetched(error=str(error))
            except Exception as error:  # somebody waits for `done`
                log.exception("a fault while fetching %s", path)
                fetched = Fetched(error=f"internal error: {type(error).__name__}; the log has more")
            try:
                done(fetched)
            except Exception:  # a traceback would be written across the screen
                log.exception("a fault over what was fetched from %s", path)

        threading.Thread(target=run, name=f"fetch-{next(self._numbers)}", daemon=True).start()

    def refresh(self) -> None:
        """Ask the server again now, all of it, and a credential plugin that failed too."""
        self._api.retry_credentials()
        self.reader.refresh()

    def stop(self) -> None:
        """End everything; returns at once, also while the server is silent."""
        self._patience.stop()
        self.reader.stop()
        self._api.close()


def in_terminal(argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes]:
    """Run a credential plugin with the terminal as its own: exit code and stdout. Blocks until it is done."""
    from kite_tui.kube.exec_plugin import run_in_terminal  # TLS and subprocess, of no use to the first frame

    return run_in_terminal(argv, env)


def _connect(config: ClientConfig, settings: Settings, run_interactive: RunInteractive | None, notice: Notice) -> Api:
    from kite_tui.kube.transport import connect  # 0.1 s of imports, on the thread that first needs it

    api = connect(config, run_interactive=run_interactive, notice=notice, qps=settings.qps, burst=settings.burst)
    settle()
    return api


def decode_json(body: bytes) -> Any:
    """Any JSON document. Raises ValueError, also for one nested deeper than can be read."""
    try:
        return msgspec.json.decode(body)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise ValueError("nested too deep to be read") from error
