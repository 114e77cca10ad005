"""From a checked command line to a cluster: the demo's or a real one's, for the app or for a plain command."""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kite_tui import settings
from kite_tui.cli.arguments import Demo, Invocation, UsageError
from kite_tui.cli.failure import Failure
from kite_tui.cli.logs import log_to
from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.config import Flags
from kite_tui.kube.errors import ApiError, ConfigError
from kite_tui.session.contexts import KubeconfigContexts, Manner, OneContext
from kite_tui.session.interpreter import share_memory
from kite_tui.session.opening import Unusable
from kite_tui.settings import Settings, SettingsError
from kite_tui.text.mistakes import mistake

if TYPE_CHECKING:
    from kite_tui.cli.metrics import Exporter
    from kite_tui.demo.process import DemoCluster

__all__ = ["Failure", "run"]

log = logging.getLogger(__name__)


def run(invocation: Invocation) -> int:
    """Carry out a command line and give the exit code. Raises Failure, UsageError; BrokenPipeError
    passes through."""
    options = invocation.options
    with log_to(options.log_file):
        try:
            wanted = settings.load(os.environ)
            with _contexts(invocation, wanted) as contexts:
                if invocation.command == "contexts":
                    from kite_tui.cli.contexts import list_contexts  # nothing else needs it

                    _set_encoding(invocation)
                    list_contexts(invocation.options.output, contexts, sys.stdout, sys.stderr)
                elif invocation.command is None and _has_terminal():
                    return _run_app(invocation, contexts, wanted)
                else:
                    if invocation.options.metrics_port is not None:
                        raise UsageError("--metrics-port is for the app, and there is no terminal to run it on")
                    _run_plain(invocation, contexts.first(), wanted)
                return 0
        except (ApiError, ConfigError, SettingsError, Unusable) as error:
            raise Failure(str(error)) from error
        except (UsageError, Failure, OSError):
            raise
        except Exception as error:
            log.exception("a mistake that ends kite-tui")
            raise Failure(mistake(error, options.log_file)) from error


def _has_terminal() -> bool:
    """The app draws on stderr, reads keys from stdin, and somebody should be looking at stdout."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


@contextmanager
def _contexts(invocation: Invocation, wanted: Settings) -> Iterator[KubeconfigContexts | OneContext]:
    """The clusters that one can choose from; a simulated one lives as long as the block."""
    options = invocation.options
    manner = Manner(wanted, watching=not options.no_cache, climbs=not options.all_namespaces)
    if invocation.demo is None:
        yield KubeconfigContexts(_flags(invocation), os.environ, manner)
        return
    with _simulated(invocation.demo) as cluster:
        user = User(token=options.token or cluster.token)
        timeout_s = options.request_timeout_s
        yield OneContext(ClientConfig(cluster.context, Cluster(cluster.url), user, request_timeout_s=timeout_s), manner)


@contextmanager
def _simulated(demo: Demo) -> Iterator[DemoCluster]:
    from kite_tui.demo.options import BadOptions, DemoOptions  # nobody else needs the simulation
    from kite_tui.demo.process import DemoCluster, DemoFailed

    try:
        cluster = DemoCluster(DemoOptions(demo.nodes, demo.pods, demo.seed, demo.rate))
    except BadOptions as error:
        raise UsageError(str(error)) from error
    try:
        cluster.start()
    except DemoFailed as error:
        raise Failure(str(error)) from error
    try:
        yield cluster
    finally:
        cluster.stop()


def _flags(invocation: Invocation) -> Flags:
    options = invocation.options
    return Flags(
        kubeconfig=options.kubeconfig or None,
        context=options.context or None,
        cluster=options.cluster or None,
        user=options.user or None,
        server=options.server or None,
        token=options.token or None,
        as_=options.as_ or None,
        as_uid=options.as_uid or None,
        as_groups=tuple(options.as_group),
        request_timeout_s=options.request_timeout_s,
        insecure_skip_tls_verify=options.insecure_skip_tls_verify,
        certificate_authority=options.certificate_authority or None,
        client_certificate=options.client_certificate or None,
        client_key=options.client_key or None,
        tls_server_name=options.tls_server_name or None,
    )


def _set_encoding(invocation: Invocation) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A document is UTF-8 whatever the locale; what a table can't say in the locale's encoding is escaped.
        encoding = "utf-8" if invocation.options.output in ("json", "yaml", "csv") else None
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def _run_plain(invocation: Invocation, config: ClientConfig, wanted: Settings) -> None:
    from kite_tui.cli import plain  # what prints is of no use to the app's first frame
    from kite_tui.cli.target import Target
    from kite_tui.kube.exec_plugin import run_in_terminal
    from kite_tui.kube.transport import connect

    if invocation.command in ("nodes", "pods"):
        plain.check_sort(invocation)
    _set_encoding(invocation)
    api = connect(config, run_interactive=run_in_terminal, qps=wanted.qps, burst=wanted.burst)
    try:
        preferred = (config.namespace, *wanted.favourites)
        target = Target(
            api, config.context, config.server, config.namespace, preferred, streams=wanted.lists == "stream"
        )
        plain.run(invocation, target, sys.stdout, sys.stderr)
    finally:
        api.close()


@contextmanager
def _exporter(port: int | None) -> Iterator[Exporter | None]:
    """Metrics on a port, where somebody wants them; what listens is gone with the block."""
    if port is None:
        yield None
        return
    try:
        from kite_tui.cli.metrics import Exporter  # an extra that is not there unless it was asked for
    except ModuleNotFoundError as error:
        raise Failure("--metrics-port needs prometheus_client: pip install 'kite-tui[metrics]'") from error
    exporter = Exporter(port)
    try:
        yield exporter
    finally:
        exporter.close()


def _run_app(invocation: Invocation, contexts: KubeconfigContexts | OneContext, wanted: Settings) -> int:
    config = contexts.first()
    share_memory()
    gc.disable()  # loading makes next to no garbage, and looking for it takes a twentieth of the time
    try:
        from kite_tui.running import run_app  # Textual takes a quarter of a second that plain commands need not pay
    finally:
        gc.freeze()  # nor makes the first frame any of what was loaded garbage
        gc.enable()

    options = invocation.options
    opening = contexts.manner.opening(config, contexts, tuple(dict.fromkeys(options.namespace)))
    with _exporter(options.metrics_port) as exporter:
        export = exporter.follow if exporter is not None else None
        return run_app(opening, theme_name=wanted.theme, log_file=options.log_file, export=export)
