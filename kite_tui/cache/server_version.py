"""The server's version, which another one may be after an upgrade."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from kite_tui.cache.asking import Asking
from kite_tui.cache.clock import Clock
from kite_tui.kube.api import Api
from kite_tui.kube.errors import ApiError, BadAnswer, Forbidden, NotFound


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


def server_version(api: Api) -> str:
    """The server's gitVersion, such as v1.35.4. Raises an ApiError."""
    try:
        return msgspec.json.decode(api.get("/version").body, type=_Version).git_version
    except msgspec.MsgspecError as error:
        raise BadAnswer("the server's answer to /version is not a Kubernetes API server's") from error


class ServerVersion(Asking):
    """`value` is gitVersion of `/version`, None until it is known; what was known stays while the server is silent."""

    NAME = "server-version"

    def __init__(self, api: Api, clock: Clock, random: Random, on_change: Callable[[], None]) -> None:
        """`on_change` is called on the thread that asks when `value` is another one."""
        super().__init__(api, clock, random)
        self._on_change = on_change
        self.value: str | None = None

    def _ask(self) -> None:
        try:
            version = server_version(self._api)
        except (Forbidden, NotFound):  # an answer, too
            return
        if version != self.value:
            self.value = version
            self._on_change()

    def _failed(self, error: ApiError) -> None:
        """The kinds have the same trouble, and say so."""
