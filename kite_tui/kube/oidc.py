"""OIDC: an id-token from the kubeconfig, refreshed with its refresh-token, and saved back where kubectl finds it.

Ours, since the one in `kubernetes` 37 refreshes without verifying TLS where the kubeconfig gives no CA of the issuer.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import urllib3

from kite_tui.kube.clientconfig import OidcConfig, is_token
from kite_tui.kube.errors import ConfigError, CredentialError
from kite_tui.kube.kubeconfig import read
from kite_tui.kube.kubeconfigedit import set_in_user
from kite_tui.kube.proxies import EnvProxies, is_loopback
from kite_tui.kube.sockets import Sockets
from kite_tui.kube.tls import context, read_ca
from kite_tui.kube.users import user_of

EXPIRY_MARGIN_S = 10.0  # client-go's
TIMEOUT_S = 30.0
_MAX_ANSWER_B = 1 << 20
_LOG = logging.getLogger(__name__)


class Oidc:
    """The tokens of one user of one issuer; used by one thread at a time (its caller sees to that)."""

    def __init__(
        self, config: OidcConfig, proxies: EnvProxies, sockets: Sockets, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._config, self._proxies, self._sockets, self._wall = config, proxies, sockets, wall

    def token(self, *, renew: bool = False) -> str:
        """The id-token, refreshed where it is about to expire or `renew` asks for a new one. Raises CredentialError."""
        if not renew and self._is_valid(self._config.id_token):
            return self._config.id_token
        if not self._take_saved():
            self._refresh()
        return self._config.id_token

    def _is_valid(self, token: str) -> bool:
        expires_s = _expiry_s(token)
        return expires_s is not None and self._wall() + EXPIRY_MARGIN_S < expires_s

    def _take_saved(self) -> bool:
        """Take the tokens that another program has saved meanwhile; True where that gives a valid id-token.

        Asking again with a refresh-token that kubectl has used would end the login, where issuers rotate them.
        """
        try:
            saved = user_of(read(self._config.file).users[self._config.user], self._config.user, None).oidc
        except (OSError, ConfigError, KeyError):
            return False
        if saved is None:
            return False
        is_new = saved.id_token != self._config.id_token and self._is_valid(saved.id_token)
        self._config = replace(saved, id_token=saved.id_token if is_new else self._config.id_token)
        return is_new

    def _refresh(self) -> None:
        if not self._config.refresh_token:
            raise self._failed("its id-token has expired and there is no refresh-token; log in again")
        if not _is_private(self._config.issuer_url):
            raise self._failed("its URL must begin with https://, or a refresh-token would travel in the clear")
        with self._pool() as pool:
            discovery = self._config.issuer_url.rstrip("/") + "/.well-known/openid-configuration"
            endpoint = self._ask(pool, "GET", discovery).get("token_endpoint")
            if not isinstance(endpoint, str):
                raise self._failed("the issuer names no token endpoint")
            if not _is_private(endpoint):
                raise self._failed("the issuer's token endpoint is not https")
            answer = self._ask_for_token(pool, endpoint)
        id_token, refresh_token = answer.get("id_token"), answer.get("refresh_token")
        if not isinstance(id_token, str) or not is_token(id_token):
            raise self._failed("the issuer gave no id_token; does the login ask for the scope openid?")
        if not isinstance(refresh_token, str) or not refresh_token:
            refresh_token = self._config.refresh_token
        self._config = replace(self._config, id_token=id_token, refresh_token=refresh_token)
        self._save()

    def _ask_for_token(self, pool: urllib3.PoolManager, endpoint: str) -> Mapping[str, object]:
        """Refresh with the client's credentials in a header, and as form fields where the issuer refuses that; RFC 6749
        leaves the way to the issuer, and Go tries both, too."""
        fields = {"grant_type": "refresh_token", "refresh_token": self._config.refresh_token}
        client = {"client_id": self._config.client_id}
        if not self._config.client_secret:
            return self._ask(pool, "POST", endpoint, fields | client)
        pair = urlencode({self._config.client_id: self._config.client_secret}).replace("=", ":", 1)
        header = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        try:
            return self._ask(pool, "POST", endpoint, fields, header)
        except CredentialError as refused:
            if refused.status not in (400, 401):
                raise
            return self._ask(pool, "POST", endpoint, fields | client | {"client_secret": self._config.client_secret})

    def _ask(
        self,
        pool: urllib3.PoolManager,
        method: str,
        url: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, object]:
        body = urlencode(fields) if fields else None
        form = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        try:
            with contextlib.closing(
                pool.urlopen(
                    method,
                    url,
                    body=body,
                    headers={"Accept": "application/json", **form, **(headers or {})},
                    redirect=False,
                    retries=False,
                    timeout=urllib3.Timeout(connect=10, read=TIMEOUT_S),
                    preload_content=False,
                )
            ) as answer:
                data = answer.read(_MAX_ANSWER_B)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._failed(f"the issuer can't be reached: {_short(error)}") from error
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            content = None
        if answer.status != 200 or not isinstance(content, dict):
            code = content.get("error") if isinstance(content, dict) else None
            why = f" ({code[:80]})" if isinstance(code, str) and code.isprintable() else ""
            raise self._failed(f"the issuer answered with status {answer.status}{why}; log in again", answer.status)
        return content

    def _pool(self) -> urllib3.PoolManager:
        from kite_tui.kube.pool import manager

        issuer = self._config.issuer_url
        try:
            tls = context(read_ca(self._config.ca_file, self._config.ca_data), socket_class=self._sockets.tls_class())
            proxy = self._proxies.for_url(issuer)
        except ConfigError as error:
            raise CredentialError(str(error)) from error
        return manager(proxy, self._sockets, tls)

    def _save(self) -> None:
        """Save the tokens in the kubeconfig that they came from. Where that fails the session goes on with them."""
        try:
            config = self._config
            tokens = {"id-token": config.id_token, "refresh-token": config.refresh_token}
            set_in_user(config.file, config.user, ("auth-provider", "config"), tokens)
        except (OSError, ConfigError) as error:
            _LOG.warning("the refreshed OIDC token could not be saved in %s: %s", self._config.file, error)

    def _failed(self, what: str, status: int | None = None) -> CredentialError:
        return CredentialError(
            f"OIDC of the user {self._config.user!r} at {self._config.issuer_url}: {what}", status=status
        )


def _is_private(url: str) -> bool:
    """True where nobody on the way reads along: https, or this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _expiry_s(token: str) -> float | None:
    """The `exp` of a JWT in seconds since the epoch; None for what is none, or has none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        expires_s = claims.get("exp") if isinstance(claims, dict) else None
        return float(expires_s) if isinstance(expires_s, int | float) else None
    except (ValueError, OverflowError, RecursionError):
        return None


def _short(error: Exception) -> str:
    inner = next((arg for arg in error.args if isinstance(arg, BaseException)), error)
    return getattr(inner, "verify_message", None) or getattr(inner, "strerror", None) or type(inner).__name__
