"""Asking a server what it serves: one aggregated document for core and one for all other groups, or of an older server
one document a group."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

from kite_tui.cache.asking import Asking
from kite_tui.cache.clock import Clock
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError, BadAnswer, NotAcceptable, NotFound
from kite_tui.objects.served import NOTHING_KNOWN, Listed, Served, read_aggregated, read_groups, read_resources

T = TypeVar("T")

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
ACCEPT = f"{AGGREGATED},application/json"


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


class Discovery(Asking):
    """`served` is what the server serves, kept up to date.

    It changes with CustomResourceDefinitions, whose coming and going is seen at once, and with aggregated APIs, which
    are looked for whenever it asks.
    """

    NAME = "discovery"

    def __init__(self, api: Api, clock: Clock, random: Random, on_change: Callable[[], None]) -> None:
        """`on_change` is called on the thread that asks when `served` is another one or discovery failed."""
        super().__init__(api, clock, random)
        self._on_change = on_change
        self.served: Served = NOTHING_KNOWN
        self.error: ApiError | None = None
        """Why the last try failed, None where it didn't; what was known before stays in `served`."""

    def _ask(self) -> None:
        served = discover(self._api)
        changed = served != self.served or self.error is not None
        self.served, self.error = served, None
        if changed and not self._ended.is_set():
            self._on_change()

    def _failed(self, error: ApiError) -> None:
        self.error = error
        self._on_change()
