"""From a context to a session: the kubeconfig's contexts, or the one that there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.config import Flags, load
from kite_tui.kube.contexts import Context, context_of, contexts
from kite_tui.kube.errors import ConfigError
from kite_tui.session.opening import Contexts, Opening, Unusable
from kite_tui.settings import Settings

if TYPE_CHECKING:
    from kite_tui.session.cluster import ClusterSession


__all__ = ["Context", "KubeconfigContexts", "Manner", "OneContext"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a cluster is read, whichever it is: see `ClusterSession`."""

    settings: Settings
    watching: bool = True
    climbs: bool = True

    def opening(self, config: ClientConfig, contexts: Contexts, namespaces: tuple[str, ...] = ()) -> Opening:
        """The way to the cluster of `config`."""

        def open_session() -> ClusterSession:
            from kite_tui.session.cluster import ClusterSession  # behind the first frame, which would wait for it

            return ClusterSession(
                config, self.settings, namespaces=namespaces, watching=self.watching, climbs=self.climbs
            )

        return Opening(config.context or config.server, namespaces, config.alarms, open_session, contexts)


@dataclass(frozen=True, slots=True)
class KubeconfigContexts:
    """The contexts of the kubeconfig as it is when one asks.

    Flags apply to whichever context is used, as they do in kubectl: with `--as` or `--token` one is that somebody on
    every cluster, and `--server` is the server of every context. Only `--context` was for the first one, and so were
    the namespaces of `-n`, which are no part of `flags`: another context begins as if it had been started with.
    """

    flags: Flags
    env: Mapping[str, str]
    manner: Manner

    def first(self) -> ClientConfig:
        """How to reach the cluster that one begins with. Raises ConfigError."""
        return load(self.flags, self.env)

    def listed(self) -> tuple[Context, ...]:
        """See `Contexts.listed`."""
        try:
            return contexts(self.flags, self.env)
        except ConfigError as error:
            raise Unusable(str(error)) from error

    def opening(self, name: str) -> Opening:
        """See `Contexts.opening`."""
        from kite_tui.kube.usable import check_files  # TLS takes a moment to load

        try:
            config = load(dataclasses.replace(self.flags, context=name), self.env)
            check_files(config)
        except ConfigError as error:
            raise Unusable(str(error)) from error
        return self.manner.opening(config, self)


@dataclass(frozen=True, slots=True)
class OneContext:
    """The simulated cluster's."""

    config: ClientConfig
    manner: Manner

    def first(self) -> ClientConfig:
        """How to reach it."""
        return self.config

    def listed(self) -> tuple[Context, ...]:
        """See `Contexts.listed`."""
        return (context_of(self.config, is_current=True),)

    def opening(self, name: str) -> Opening:
        """See `Contexts.opening`."""
        if name != self.config.context:
            raise Unusable(f"the context {name!r} does not exist (known contexts: {self.config.context})")
        return self.manner.opening(self.config, self)
