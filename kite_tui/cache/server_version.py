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
from kite_tui.kube.errors import ApiError, BadAnswer, Forbidden, NotFound, Unauthorized

log = logging.getLogger(__name__)


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


def server_version(api: Api) -> str:
    """The server's gitVersion, such as v1.35.4. Raises an ApiError."""
    try:
        return msgspec.json.decode(api.get("/version").body, type=_Version).git_version
    except msgspec.MsgspecError as error:
        raise BadAnswer("the server's answer to /version is not a Kubernetes API server's") from error


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
                    self.value = server_version(self._api)
                except Unauthorized:
                    if not may_renew:
                        raise
                    may_renew = False
                    self._api.renew_credentials()
                    self.value = server_version(self._api)
                on_change()
                return
            except (Forbidden, NotFound):
                return
            except ApiError as error:
                log.info("the server's version: %s", error)
            except Exception:  # a fault of ours must not end the thread
                log.exception("a fault while asking for the server's version")
            self._clock.wait(self._stopping, self._backoff.next_s())
