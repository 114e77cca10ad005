"""How one request is made for somebody who waits for its answer: renewed credentials, and a busy server waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from kite_tui.cache.clock import Clock
from kite_tui.kube.api import Api
from kite_tui.kube.errors import Cancelled, ServerError, TooManyRequests, Unauthorized

T = TypeVar("T")

TRIES = 3
PATIENCE_S = 10.0
"""A server that asks for a longer wait than this gets an error instead: somebody sits before a silent prompt."""


class Patience:
    """Asks as often as it takes. Thread-safe; `stop` ends every wait, of which each is on the thread that asks."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Who waits gets Cancelled at once, and nobody waits any more."""
        self._stopped.set()

    def ask(self, request: Callable[[], T]) -> T:
        """What `request` gives. Credentials are renewed once; a 429 or 5xx with a Retry-After is asked again.

        Raises what `request` raised last: a busy server's answer after `TRIES`, or at once where it wants to be left
        alone for longer than `PATIENCE_S`.
        """
        renewed = False
        tries = 0
        while True:
            try:
                return request()
            except Unauthorized:
                if renewed or not self._api.renew_credentials():
                    raise
                renewed = True
            except (TooManyRequests, ServerError) as error:
                tries += 1
                if tries >= TRIES or error.retry_after_s is None or error.retry_after_s > PATIENCE_S:
                    raise
                if self._clock.wait(self._stopped, max(error.retry_after_s, 0.1)):
                    raise Cancelled("stopped while the server was busy") from error
