"""What a request carries to say who asks: headers, and the client certificate that the connection shows."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from kite_tui.kube.clientconfig import ClientConfig, Impersonation, is_token
from kite_tui.kube.errors import CredentialError
from kite_tui.kube.exec_plugin import Credential, ExecPlugin, Notice, RunInteractive
from kite_tui.kube.filesource import FileSource
from kite_tui.kube.flight import SingleFlight
from kite_tui.kube.oidc import Oidc
from kite_tui.kube.sockets import Sockets
from kite_tui.kube.tls import Identity

EARLY_S = 30.0  # before its expiry a plugin's credential is renewed, or a tenth of its life before where that is less
MIN_HOLD_S = 5.0  # a plugin that gives expired credentials isn't run for each request; nor is one after a burst of 401s
FAILED_S = 60.0  # a plugin or an issuer that failed is left alone that long: every kind would ask it, one by one

T = TypeVar("T")
Header = tuple[str, str]
_LOG = logging.getLogger(__name__)


class Credentials:
    """The credentials of one `ClientConfig`. Thread-safe; a plugin or an issuer is asked by one thread for all."""

    def __init__(
        self,
        config: ClientConfig,
        sockets: Sockets,
        run_interactive: RunInteractive | None = None,
        *,
        notice: Notice = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        user = config.user
        self._config, self._user = config, user
        self._clock, self._wall = clock, wall
        self._fixed = tuple(impersonation_headers(user.impersonation))
        self._token_file = FileSource(user.token_file, "the token file", clock=clock) if user.token_file else None
        self._certificate_file = _source(user.certificate_file, "the client certificate", clock)
        self._key_file = _source(user.key_file, "the client key", clock)
        has_simple = bool(user.token or user.token_file or user.username or user.has_certificate)
        self._plugin = (
            ExecPlugin(user.exec, config, run_interactive, notice=notice) if user.exec and not has_simple else None
        )
        self._oidc = Oidc(user.oidc, config.env_proxies, sockets, wall=wall) if user.oidc else None
        if user.token or user.token_file or user.username or self._plugin:
            self._oidc = None
        self._lock = threading.Lock()
        self._credential: Credential | None = None
        self._renew_at_s = 0.0
        self._renewed_s = float("-inf")
        self._run_plugin = SingleFlight(self._ask_plugin)
        self._oidc_lock = threading.Lock()
        self._failure: CredentialError | None = None
        self._failed_s = 0.0

    def headers(self) -> list[Header]:
        """The headers of a request made now. May run a plugin or refresh a token first. Raises CredentialError."""
        if not self._config.sends_credentials:
            return list(self._fixed)
        authorization = self._authorization()
        return [("Authorization", authorization), *self._fixed] if authorization else list(self._fixed)

    def identity(self) -> Identity | None:
        """The client certificate to show now. May run a plugin first. Raises CredentialError."""
        user = self._user
        if user.has_certificate:
            certificate = self._certificate_file.read() if self._certificate_file else user.certificate_data
            return Identity(certificate, self._key_file.read() if self._key_file else user.key_data)
        return self._from_plugin().identity if self._plugin else None

    def renew(self) -> bool:
        """After a 401: True where there are other credentials than before to try. Raises CredentialError.

        Who comes within seconds of a renewal was refused with the old ones, and is only told so.
        """
        with self._lock:
            if self._clock() - self._renewed_s < MIN_HOLD_S:
                return True
        renewed = self._renew()
        if renewed:
            with self._lock:
                self._renewed_s = self._clock()
        return renewed

    def forget_failure(self) -> None:
        """Ask a plugin or issuer that failed again at the next request: a person wants it now."""
        with self._lock:
            self._failure = None

    def close(self) -> None:
        """Kill a plugin that runs, and run none again."""
        if self._plugin:
            self._plugin.close()

    def _renew(self) -> bool:
        if self._plugin:
            self._run_plugin()
            return True
        if self._oidc:
            self._oidc_token(self._oidc, renew=True)
            return True
        changed = False
        for source in (self._token_file, self._certificate_file, self._key_file):
            if source:
                changed |= source.read() != source.read(again=True)
        return changed

    def _authorization(self) -> str:
        user = self._user
        if self._token_file:
            token = self._token_file.read().decode("utf-8", "replace").strip()
            if not is_token(token):
                raise CredentialError(f"the token file {user.token_file} does not hold a token")
            return f"Bearer {token}"
        if user.token:
            return f"Bearer {user.token}"
        if user.username:
            return "Basic " + base64.b64encode(f"{user.username}:{user.password}".encode()).decode()
        if self._plugin:
            token = self._from_plugin().token
            return f"Bearer {token}" if token else ""
        if self._oidc:
            return f"Bearer {self._oidc_token(self._oidc)}"
        return ""

    def _oidc_token(self, oidc: Oidc, *, renew: bool = False) -> str:
        with self._oidc_lock:
            return self._ask(lambda: oidc.token(renew=renew))

    def _from_plugin(self) -> Credential:
        with self._lock:
            if self._credential and self._wall() < self._renew_at_s:
                return self._credential
        return self._run_plugin()

    def _ask(self, work: Callable[[], T]) -> T:
        """What `work` gives; in the minute after it failed, that failure again. One thread at a time."""
        with self._lock:
            failure, failed_s = self._failure, self._failed_s
        if failure is not None and self._clock() - failed_s < FAILED_S:
            raise CredentialError(str(failure), status=failure.status) from failure
        try:
            result = work()
        except CredentialError as error:
            _LOG.info("no credentials: %s", error)
            with self._lock:
                self._failure, self._failed_s = error, self._clock()
            raise
        self.forget_failure()
        return result

    def _ask_plugin(self) -> Credential:
        assert self._plugin is not None
        credential = self._ask(self._plugin.run)
        now_s = self._wall()
        if credential.expires_s is None:
            renew_at_s = float("inf")
        else:
            early_s = min(EARLY_S, 0.1 * (credential.expires_s - now_s))
            renew_at_s = max(credential.expires_s - early_s, now_s + MIN_HOLD_S)
        with self._lock:
            self._credential, self._renew_at_s = credential, renew_at_s
            self._renewed_s = self._clock()
        return credential


def impersonation_headers(who: Impersonation) -> list[Header]:
    """The headers that ask to act as another user; groups and extras repeat theirs."""
    if not who.user:
        return []
    headers = [("Impersonate-User", who.user)]
    if who.uid:
        headers.append(("Impersonate-Uid", who.uid))
    headers += [("Impersonate-Group", group) for group in who.groups]
    headers += [(f"Impersonate-Extra-{_escaped(key)}", value) for key, values in who.extra for value in values]
    # Header values travel as latin-1; this makes their bytes the UTF-8 that the server reads.
    return [(name, value.encode().decode("latin-1")) for name, value in headers]


_HEADER_NAME = frozenset(b"!#$&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def _escaped(key: str) -> str:
    """As client-go: percent-encoded where a byte can't stand in a header's name, `%` included."""
    return "".join(chr(byte) if byte in _HEADER_NAME else f"%{byte:02X}" for byte in key.encode())


def _source(path: str, what: str, clock: Callable[[], float]) -> FileSource | None:
    return FileSource(path, what, clock=clock) if path else None
