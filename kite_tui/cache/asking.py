"""One question to a server that is asked again and again: what it serves, which version it is."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from random import Random
from typing import ClassVar

from kite_tui.cache.backoff import Backoff
from kite_tui.cache.clock import Clock
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError, BadAnswer, Unauthorized

log = logging.getLogger(__name__)

AGAIN_S = 600.0
"""From an answer to the next question."""
LEAST_S = 1.0
"""Between two tries, however often somebody wants one."""


class Asking(ABC):
    """Asks on a thread of its own from `start` on: every `AGAIN_S`, and after a failure as `Backoff` says."""

    NAME: ClassVar[str]
    """The thread's."""

    def __init__(self, api: Api, clock: Clock, random: Random) -> None:
        self._api = api
        self._clock = clock
        self._backoff = Backoff(clock, random)
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._renewed = False

    @abstractmethod
    def _ask(self) -> None:
        """Make the requests and take the answer, on that thread. What it raises is a failure."""

    @abstractmethod
    def _failed(self, error: ApiError) -> None:
        """Told of each failure, on that thread, but for an Unauthorized that new credentials may mend."""

    def start(self) -> None:
        """Begin, once; more calls do nothing. Not for several threads at once."""
        if self._thread is None and not self._ended.is_set():
            self._thread = threading.Thread(target=self._run, name=self.NAME, daemon=True)
            self._thread.start()

    def again(self) -> None:
        """Ask again now. Any thread; returns at once."""
        self._wake.set()

    def stop(self) -> None:
        """Ask no more. Returns at once."""
        self._ended.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            wait_s = self._try()
            self._clock.wait(self._ended, min(LEAST_S, wait_s))
            self._clock.wait(self._wake, wait_s)

    def _try(self) -> float:
        """One try; the seconds until the next. A fault of ours must not end the thread."""
        try:
            self._ask()
        except Unauthorized as error:
            return self._renew(error)
        except ApiError as error:
            return self._put_off(error)
        except Exception as error:
            log.exception("a fault in asking: %s", self.NAME)
            return self._put_off(BadAnswer(f"internal error: {type(error).__name__}; the log has more"))
        self._backoff.succeeded()
        self._renewed = False
        return AGAIN_S

    def _renew(self, error: ApiError) -> float:
        """Get new credentials, once until there is an answer; the seconds until the next try."""
        if not self._renewed:
            self._renewed = True
            try:
                if self._api.renew_credentials():
                    return 0
            except ApiError as failure:
                error = failure
        return self._put_off(error)

    def _put_off(self, error: ApiError) -> float:
        """Say what failed; the seconds until the next try."""
        log.info("%s: %s", self.NAME, error)
        self._failed(error)
        return self._backoff.next_s()
