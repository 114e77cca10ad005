"""The contexts that the kubeconfig offers, each as it would be used. Asks no server."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.config import Flags, config_of, kubeconfig
from kite_tui.kube.errors import ConfigError
from kite_tui.text.natural import natural_key


@dataclass(frozen=True, slots=True)
class Context:
    """One context, as it would be used with the flags given. `problem` is a sentence where it can't be used: then the
    others are what the kubeconfig says, empty where it says nothing."""

    name: str
    cluster: str
    server: str
    user: str
    namespace: str
    is_current: bool = False
    problem: str = ""


def context_of(config: ClientConfig, *, is_current: bool) -> Context:
    """The context that `config` was made of; its server stands for the name of one that has none."""
    name, cluster = config.context or config.server, config.cluster.name
    return Context(name, cluster, config.server, config.user.name, config.namespace, is_current)


def contexts(flags: Flags, env: Mapping[str, str]) -> tuple[Context, ...]:
    """All contexts of the merged kubeconfig in natural order; the current one is that of the flags, else the
    kubeconfig's. A broken context is listed too. Reads files: a thousand contexts take a second. Raises ConfigError
    where the kubeconfig as a whole can't be used."""
    merged = kubeconfig(flags, env)
    current = flags.context or merged.current_context
    found = []
    for name in sorted(filter(None, merged.contexts), key=natural_key):  # what has no name can't be asked for
        try:
            each = context_of(config_of(flags, env, merged, name), is_current=name == current)
        except ConfigError as error:
            section, said = merged.contexts[name], dict.fromkeys(("cluster", "user", "namespace"), "")
            for key in said:
                with contextlib.suppress(ConfigError):
                    said[key] = section.text(key)
            each = Context(name, said["cluster"], "", said["user"], said["namespace"], name == current, str(error))
        found.append(each)
    return tuple(found)
