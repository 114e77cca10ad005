"""The cluster that a plain command asks."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.kube.api import Api


@dataclass(frozen=True, slots=True)
class Target:
    """`home` is the context's namespace, `preferred` where to look first where the whole cluster is forbidden."""

    api: Api
    context: str | None
    server: str
    home: str
    preferred: tuple[str, ...] = ()
    streams: bool = False
    """Lists are read as the beginning of their watches, where something is watched."""
