"""The server's version, asked until it answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from random import Random

import msgspec

from kite_tui.cache.backoff import Backoff
from kite_tui.cache.clock import Clock
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError, Forbidden, NotFound, Unauthorized

log = logging.getLogger(__name__)


class _Version(msgspec.Struct):
    gitVersion: str  # noqa: N815 - the field's name in the API


class ServerVersion:
    """`value` is gitVersion of `/version`, None until it is known; a server that refuses it is not asked again."""

    def __init__(self, api: Api, clock: Clock, random: Random) -> None:
        self._api = api
        self._clock = clock
        self._backoff = Backoff(clock, random)
        self._stopping = threading.Event()
        self.value: str | None = None

    def start(self, on_change: Callable[[], None]) -> None:
        """Ask on a thread of its own; `on_change` is called there once `value` is known."""
        threading.Thread(target=self._ask, args=(on_change,), name="server-version", daemon=True).start()

    def stop(self) -> None:
        """Ask no more. Returns at once."""
        self._stopping.set()

    def _ask(self, on_change: Callable[[], None]) -> None:
        may_renew = True
        while not self._stopping.is_set():
            try:
                try:
                    answer = self._api.get("/version")
                except Unauthorized:
                    if not may_renew:
                        raise
                    may_renew = False
                    self._api.renew_credentials()
                    answer = self._api.get("/version")
                self.value = msgspec.json.decode(answer.body, type=_Version).gitVersion
                on_change()
                return
            except (Forbidden, NotFound):
                return
            except (ApiError, msgspec.MsgspecError) as error:
                log.info("the server's version: %s", error)
            except Exception:  # a fault of ours must not end the thread
                log.exception("a fault while asking for the server's version")
            self._clock.wait(self._stopping, self._backoff.next_s())
