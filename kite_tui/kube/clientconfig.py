"""How to reach one API server and as whom: what kubeconfig, flags and environment come down to.

Everything is frozen, and no `repr` shows a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from kite_tui.kube.proxies import NO_PROXIES, EnvProxies, is_loopback


@dataclass(frozen=True, slots=True)
class ExecConfig:
    """A credential plugin: `users[].user.exec`.

    `command` is resolved against the kubeconfig's folder where it has a slash, and looked up in PATH where it has none.
    `cluster_config` is the cluster's extension `client.authentication.k8s.io/exec`, None without one.
    """

    command: str
    api_version: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = "IfAvailable"
    cluster_config: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """`users[].user.auth-provider` of name oidc; `file` and `user` say where a refreshed token is saved."""

    issuer_url: str
    client_id: str
    file: Path
    user: str
    client_secret: str = field(default="", repr=False)
    id_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    ca_file: str = ""
    ca_data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Impersonation:
    """`--as` and its companions; empty `user` is no impersonation."""

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. Files are absolute paths.

    The first one present of token (or its file), basic auth, client certificate, exec and oidc is used, and a client
    certificate also beside a token or a password, as client-go does.
    """

    name: str = ""
    token: str = field(default="", repr=False)
    token_file: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    certificate_file: str = ""
    certificate_data: bytes = field(default=b"", repr=False)
    key_file: str = ""
    key_data: bytes = field(default=b"", repr=False)
    exec: ExecConfig | None = None
    oidc: OidcConfig | None = None
    impersonation: Impersonation = Impersonation()

    @property
    def has_certificate(self) -> bool:
        """True where a client certificate is configured (not: where a plugin may bring one)."""
        return bool(self.certificate_file or self.certificate_data)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Who answers. `server` is a URL without a trailing slash, perhaps with a path; no CA means the system's.

    `proxy_url` is the kubeconfig's own, which wins over the environment; empty without one.
    """

    server: str
    name: str = ""
    ca_file: str = ""
    ca_data: bytes = field(default=b"", repr=False)
    insecure: bool = False
    tls_server_name: str = ""
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """One cluster, one user, and how to talk.

    `context` is None in a cluster and where flags alone name the server. `request_timeout_s` is `--request-timeout`,
    None without a limit of the user's.
    """

    context: str | None
    cluster: Cluster
    user: User = User()
    namespace: str = "default"
    request_timeout_s: float | None = None
    env_proxies: EnvProxies = NO_PROXIES

    @property
    def server(self) -> str:
        """The server's URL, without a trailing slash and without credentials in it."""
        return shown_url(self.cluster.server)

    @property
    def proxy_url(self) -> str | None:
        """The proxy to the server: the kubeconfig's, else the environment's, None for a direct connection.

        May hold a password; show `shown_url` of it.
        """
        return self.cluster.proxy_url or self.env_proxies.for_url(self.cluster.server)

    @property
    def is_loopback(self) -> bool:
        """True where the server is this machine."""
        return is_loopback(urlsplit(self.cluster.server).hostname or "")

    @property
    def alarms(self) -> tuple[str, ...]:
        """What a person must not overlook about this connection, in a word or two each."""
        found = []
        if self.cluster.insecure:
            found.append("insecure TLS")
        if self.server.startswith("http:") and not self.is_loopback:
            found.append("plain http")
        if self.user.impersonation.user:
            found.append(f"as {self.user.impersonation.user}")
        return tuple(found)

    @property
    def sends_credentials(self) -> bool:
        """False for plain http to another machine: kubectl sends no credentials in the clear, neither do we."""
        return self.cluster.server.startswith("https:") or self.is_loopback


def is_token(text: str) -> bool:
    """True for what can stand after `Bearer` in a header: printable ASCII without blanks, and not empty."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def shown_url(url: str) -> str:
    """`url`, which was checked, without user and password, for messages."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
