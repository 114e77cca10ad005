"""Asking a server what it serves: one aggregated document for core and one for all other groups, or of an older server
one document a group."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from random import Random
from typing import TypeVar

from kite_tui.cache.backoff import Backoff
from kite_tui.cache.clock import Clock
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError, BadAnswer, NotAcceptable, NotFound, Unauthorized
from kite_tui.objects.served import NOTHING_KNOWN, Listed, Served, read_aggregated, read_groups, read_resources

log = logging.getLogger(__name__)

T = TypeVar("T")

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
ACCEPT = f"{AGGREGATED},application/json"
AGAIN_S = 600.0
"""What is served changes with CustomResourceDefinitions, whose coming and going is seen at once, and with aggregated
APIs, which are looked for this often."""
LEAST_S = 1.0
"""Between two tries, however often somebody wants one."""


def discover(api: Api) -> Served:
    """What the server serves. One group that can't be had costs itself. Raises an ApiError where nothing can be had."""
    found: Listed = []
    failed: list[tuple[str, str]] = []
    core = api.get("/api", accept=ACCEPT).body
    listed = _read(lambda: read_aggregated(core))
    if listed is None:
        _add_group(api, "/api/v1", "", "v1", found, failed)
    else:
        found += listed[0]
    groups = api.get("/apis", accept=ACCEPT).body
    listed = _read(lambda: read_aggregated(groups))
    if listed is None:
        for group, version in _read(lambda: read_groups(groups)):
            _add_group(api, f"/apis/{group}/{version}", group, version, found, failed)
    else:
        found += listed[0]
        failed += listed[1]
    return Served(
        (kind for kind, _ in found), unwatched=(kind for kind, can_watch in found if not can_watch), failed=failed
    )


def _add_group(api: Api, path: str, group: str, version: str, found: Listed, failed: list[tuple[str, str]]) -> None:
    try:
        body = api.get(path).body
        found += _read(lambda: read_resources(body, group, version))
    except (BadAnswer, NotFound, NotAcceptable) as error:
        failed.append((group, str(error)))
    except ApiError as error:
        if not group or error.status is None:  # core, or no server any more
            raise
        failed.append((group, str(error)))


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, RecursionError) as error:
        raise BadAnswer(f"the server's discovery is not an API server's: {error}") from error


class Discovery:
    """`served` is what the server serves, kept up to date on a thread of its own from `start` on."""

    def __init__(self, api: Api, clock: Clock, random: Random, on_change: Callable[[], None]) -> None:
        """`on_change` is called on that thread when `served` is another one or discovery failed."""
        self._api = api
        self._clock = clock
        self._backoff = Backoff(clock, random)
        self._on_change = on_change
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._renewed = False
        self.served: Served = NOTHING_KNOWN
        self.error: ApiError | None = None
        """Why the last try failed, None where it didn't; what was known before stays in `served`."""

    def start(self) -> None:
        """Begin, once; more calls do nothing. Not for several threads at once."""
        if self._thread is None and not self._stopping:
            self._thread = threading.Thread(target=self._run, name="discovery", daemon=True)
            self._thread.start()

    def again(self) -> None:
        """Ask again now. Any thread; returns at once."""
        self._wake.set()

    def stop(self) -> None:
        """Ask no more. Returns at once."""
        self._stopping = True
        self._ended.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            wait_s = self._ask()
            self._clock.wait(self._ended, min(LEAST_S, wait_s))
            self._clock.wait(self._wake, wait_s)

    def _ask(self) -> float:
        """One try; the seconds until the next. A fault of ours must not end the thread."""
        try:
            return self._try()
        except Exception as error:
            log.exception("a fault in discovery")
            self.error = BadAnswer(f"internal error: {type(error).__name__}; the log has more")
            self._on_change()
            return self._backoff.next_s()

    def _try(self) -> float:
        try:
            served = discover(self._api)
        except Unauthorized as error:
            if self._renew(error):
                return 0
            return self._backoff.next_s()
        except ApiError as error:
            log.info("discovery: %s", error)
            self.error = error
            self._on_change()
            return self._backoff.next_s()
        self._backoff.succeeded()
        self._renewed = False
        changed = served != self.served or self.error is not None
        self.served, self.error = served, None
        if changed and not self._stopping:
            self._on_change()
        return AGAIN_S

    def _renew(self, error: ApiError) -> bool:
        """Get new credentials, once until discovery answers; True where there are some to try."""
        reason = error
        if not self._renewed:
            self._renewed = True
            try:
                if self._api.renew_credentials():
                    return True
            except ApiError as failure:
                reason = failure
        self.error = reason
        self._on_change()
        return False
