"""Credential plugins: programs that print an ExecCredential (client.authentication.k8s.io v1 and v1beta1)."""

from __future__ import annotations

import base64
import contextlib
import datetime
import json
import os
import select
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kite_tui.kube.clientconfig import ClientConfig, ExecConfig, is_token
from kite_tui.kube.errors import ConfigError, CredentialError
from kite_tui.kube.tls import Identity, read_ca
from kite_tui.text.secrets import blotted

TIMEOUT_S = 60.0
MAX_OUTPUT_B = 1 << 20
_STDERR_SHOWN = 300

RunInteractive = Callable[[Sequence[str], Mapping[str, str]], tuple[int, bytes]]
"""Runs (argv, environment) with the terminal as its stdin and stderr; gives its exit code and its stdout.

Called on a thread of the session; the TUI hands over the terminal meanwhile.
"""


Notice = Callable[[str], None]
"""Told the name of a plugin when it starts to run, and the empty one when it is done, by the thread that runs it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a plugin gave. `expires_s` is seconds since the epoch, None for ever."""

    token: str = field(repr=False)
    identity: Identity | None
    expires_s: float | None


def run_in_terminal(argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes]:
    """The `RunInteractive` of plain commands, which have the terminal to themselves."""
    done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, check=False)
    return done.returncode, done.stdout


class ExecPlugin:
    """Runs one plugin, once at a time (its caller sees to that)."""

    def __init__(
        self,
        plugin: ExecConfig,
        config: ClientConfig,
        run_interactive: RunInteractive | None = None,
        *,
        notice: Notice = lambda _: None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._plugin, self._config, self._notice = plugin, config, notice
        self._run_interactive, self._timeout_s = run_interactive, timeout_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def run(self) -> Credential:
        """Run it and read its answer. Raises CredentialError for everything that can go wrong, `close` included."""
        self._notice(os.path.basename(self._plugin.command))
        try:
            return self._run()
        finally:
            self._notice("")

    def _run(self) -> Credential:
        argv = [self._executable(), *self._plugin.args]
        # IfAvailable is not available: a screen may be up, and what a plugin prints there would spoil it.
        is_interactive = self._plugin.interactive_mode == "Always"
        env = {**os.environ, **dict(self._plugin.env), "KUBERNETES_EXEC_INFO": self._exec_info(is_interactive)}
        try:
            if not is_interactive:
                code, out, err = self._run_quietly(argv, env)
            elif self._run_interactive is None:
                raise self._failed("asks for a terminal (interactiveMode: Always), and there is none here")
            else:
                code, out = self._run_interactive(argv, env)
                err = b""
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            why = getattr(error, "strerror", None) or str(error)
            raise self._failed(f"can't be started: {why.lower()}") from error
        if code != 0:
            how = f"failed with exit code {code}" if code > 0 else f"was killed by signal {-code}"
            said = blotted(" ".join(err.decode("utf-8", "replace").split()))
            raise self._failed(how + (f": {said[-_STDERR_SHOWN:]}" if said else ""))
        return self._parse(out)

    def close(self) -> None:
        """Kill it where it runs, and never run it again. Any thread."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                _kill(self._process)

    def _executable(self) -> str:
        found = shutil.which(self._plugin.command)
        if found is None:
            hint = f"; {' '.join(self._plugin.install_hint.split())}" if self._plugin.install_hint.strip() else ""
            raise self._failed(f"is not installed or not in PATH{hint}")
        return found

    def _exec_info(self, is_interactive: bool) -> str:
        spec: dict[str, object] = {"interactive": is_interactive}
        if self._plugin.provide_cluster_info:
            cluster = self._config.cluster
            try:
                ca = read_ca(cluster.ca_file, cluster.ca_data)
            except ConfigError as error:
                raise CredentialError(str(error)) from error
            everything = {
                "server": cluster.server,
                "tls-server-name": cluster.tls_server_name,
                "insecure-skip-tls-verify": cluster.insecure,
                "certificate-authority-data": base64.b64encode(ca).decode(),
                "proxy-url": cluster.proxy_url,
                "disable-compression": cluster.disable_compression,
                "config": self._plugin.cluster_config,
            }
            spec["cluster"] = {name: value for name, value in everything.items() if value}
        return json.dumps({"kind": "ExecCredential", "apiVersion": self._plugin.api_version, "spec": spec}, default=str)

    def _run_quietly(self, argv: list[str], env: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        """Away from the terminal: no stdin, and a session of its own, so that it can't open /dev/tty either and all
        that it starts is killed with it."""
        with self._lock:
            if self._closed:
                raise self._failed("was not started, since the connection to the cluster is closed")
            _starting.add(self)
            try:
                process = subprocess.Popen(
                    argv,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
                self._process = process
                _running.add(process)
            finally:
                _starting.discard(self)
        try:
            with process:
                try:
                    out, err = self._collect(process)
                    process.wait(self._timeout_s)
                except BaseException as error:
                    _kill(process)
                    if isinstance(error, subprocess.TimeoutExpired):
                        raise self._failed(f"did not answer within {self._timeout_s:.0f} s") from error
                    raise
        finally:
            _running.discard(process)
            with self._lock:
                self._process = None
        if self._closed:
            raise self._failed("was stopped, since the connection to the cluster is closed")
        return process.returncode, out, err

    def _collect(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """Read both outputs to their ends. Raises subprocess.TimeoutExpired."""
        assert process.stdout is not None
        assert process.stderr is not None
        out, err = bytearray(), bytearray()
        deadline_s = time.monotonic() + self._timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ, out)
            selector.register(process.stderr, selectors.EVENT_READ, err)
            while selector.get_map():
                ready = selector.select(max(0.0, deadline_s - time.monotonic()))
                if not ready:
                    raise subprocess.TimeoutExpired(process.args, self._timeout_s)
                for key, _ in ready:
                    data = os.read(key.fd, 65536)
                    if not data:
                        selector.unregister(key.fileobj)
                    key.data.extend(data)
                if len(out) > MAX_OUTPUT_B:
                    raise self._failed(f"printed over {MAX_OUTPUT_B >> 20} MiB, which is no credential")
                del err[:-MAX_OUTPUT_B]
        return bytes(out), bytes(err)

    def _parse(self, out: bytes) -> Credential:
        try:
            answer = json.loads(out)
        except (ValueError, RecursionError) as error:
            raise self._failed("did not print JSON") from error
        if not isinstance(answer, dict) or answer.get("kind") != "ExecCredential":
            raise self._failed("did not print an ExecCredential")
        if answer.get("apiVersion") != self._plugin.api_version:
            raise self._failed(
                f"answered in apiVersion {answer.get('apiVersion')!r}, the kubeconfig says {self._plugin.api_version}"
            )
        status = answer.get("status")
        if not isinstance(status, dict):
            raise self._failed("answered without a status")
        names = ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")
        token, certificate, key, expires = (status.get(name) or "" for name in names)
        if not all(isinstance(value, str) for value in (token, certificate, key, expires)):
            raise self._failed("answered with a field that is not a string")
        if not token and not certificate:
            raise self._failed("gave neither a token nor a client certificate")
        if bool(certificate) != bool(key):
            raise self._failed("gave a client certificate or a key, but not both")
        if token and not is_token(token):
            raise self._failed("gave a token with characters in it that no token has")
        identity = Identity(certificate.encode(), key.encode()) if certificate else None
        return Credential(token, identity, self._time(expires) if expires else None)

    def _time(self, text: str) -> float:
        try:
            moment = datetime.datetime.fromisoformat(text)
        except ValueError as error:
            raise self._failed("gave an expirationTimestamp that is not a time") from error
        return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp()

    def _failed(self, what: str) -> CredentialError:
        who = f" of the user {self._config.user.name!r}" if self._config.user.name else ""
        return CredentialError(f"the credential plugin {self._plugin.command}{who} {what}")


_running: set[subprocess.Popen[bytes]] = set()
_starting: set[ExecPlugin] = set()
"""Whoever is starting one: the program may run already while its number isn't known yet."""

START_S = 0.5


def kill_all() -> None:
    """Kill every plugin that runs away from the terminal: nothing else would end it with this process. Takes no lock,
    so it may be called in a signal's handler; waits only for one that is just being started, `START_S` at most."""
    deadline_s = time.monotonic() + START_S
    while _starting and time.monotonic() < deadline_s:
        select.select((), (), (), 0.002)
    for process in tuple(_running):
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it and all that it started."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
