"""From flags, KUBECONFIG and the pod that we may run in to a `ClientConfig`, by kubectl's rules.

Loads neither `kubernetes` nor urllib3; takes a few milliseconds, most of them YAML.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from kite_tui.kube.clientconfig import ClientConfig, Cluster, Impersonation, User
from kite_tui.kube.errors import ConfigError
from kite_tui.kube.kubeconfig import Kubeconfig, Section, merge, read
from kite_tui.kube.proxies import SCHEMES, EnvProxies, is_proxy
from kite_tui.kube.users import check_user, user_of

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class Flags:
    """kubectl's flags for choosing and changing what the kubeconfig says; None and empty leave it as it is.

    Paths are relative to the working directory. `request_timeout_s` 0 is no limit.
    """

    kubeconfig: str | None = None
    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    server: str | None = None
    token: str | None = field(default=None, repr=False)
    as_: str | None = None
    as_uid: str | None = None
    as_groups: tuple[str, ...] = ()
    namespace: str | None = None
    request_timeout_s: float | None = None
    insecure_skip_tls_verify: bool = False
    certificate_authority: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    tls_server_name: str | None = None


def load(flags: Flags, env: Mapping[str, str], *, service_account: Path = SERVICE_ACCOUNT) -> ClientConfig:
    """What to connect to. Raises ConfigError, one sentence, for anything that can't be used."""
    merged = kubeconfig(flags, env)
    name = flags.context or merged.current_context
    if not name and not flags.cluster and not flags.server:
        if config := _in_cluster(flags, env, service_account):
            return _checked(config)
        raise ConfigError(_nothing_to_use(kubeconfig_files(flags, env), merged))
    return config_of(flags, env, merged, name)


def config_of(flags: Flags, env: Mapping[str, str], merged: Kubeconfig, name: str) -> ClientConfig:
    """What the context `name` (empty: flags alone) comes down to, with what flags change of it: kubectl's flags change
    whichever context is used. Raises ConfigError."""
    context = merged.contexts.get(name)
    if name and context is None:
        raise ConfigError(f"the context {name!r} does not exist{_known(merged.contexts, 'contexts')}")
    cluster = _cluster(flags, merged, context, name)
    user = _user(flags, merged, context, name)
    check_user(user)
    timeout_s = flags.request_timeout_s or None
    namespace = flags.namespace or (context.text("namespace") if context else "") or "default"
    cluster = replace(cluster, server=_server_url(cluster, user))
    return _checked(ClientConfig(name or None, cluster, user, namespace, timeout_s, EnvProxies.from_env(env)))


def kubeconfig(flags: Flags, env: Mapping[str, str]) -> Kubeconfig:
    """All files that there are, merged. Raises ConfigError where one can't be used, or `--kubeconfig` is missing."""
    return merge(_present(kubeconfig_files(flags, env), must_exist=bool(flags.kubeconfig)))


def _checked(config: ClientConfig) -> ClientConfig:
    """`config`, where the proxy that the environment gives it can be used. Raises ConfigError where not."""
    _ = config.proxy_url
    return config


def kubeconfig_files(flags: Flags, env: Mapping[str, str]) -> list[Path]:
    """The files that are looked at, in order of precedence, whether they exist or not; absolute."""
    if flags.kubeconfig:
        names = [flags.kubeconfig]
    elif env.get("KUBECONFIG"):
        names = [name for name in dict.fromkeys(env["KUBECONFIG"].split(os.pathsep)) if name]
    else:
        names = [str(Path(env.get("HOME") or Path.home()) / ".kube" / "config")]
    if any("\0" in name for name in names):
        raise ConfigError("the path of the kubeconfig has a NUL character in it")
    return [Path(name).absolute() for name in names]


def _present(files: list[Path], *, must_exist: bool) -> list[Kubeconfig]:
    configs = []
    for file in files:
        try:
            configs.append(read(file))
        except FileNotFoundError as error:
            if must_exist:
                raise ConfigError(f"the kubeconfig {file} does not exist: check --kubeconfig") from error
    return configs


def _cluster(flags: Flags, merged: Kubeconfig, context: Section | None, context_name: str) -> Cluster:
    name = flags.cluster or (context.text("cluster") if context else "")
    section = merged.clusters.get(name)
    if section is None and flags.cluster:
        raise ConfigError(f"the cluster {name!r} does not exist{_known(merged.clusters, 'clusters')}")
    if section is None and not flags.server:
        what = f"names the cluster {name!r}, which is not there" if name else "names no cluster"
        raise ConfigError(f"the context {context_name!r} {what}{_known(merged.clusters, 'clusters')}")
    cluster = _cluster_of(section, name) if section else Cluster("", name)
    if flags.server:
        cluster = replace(cluster, server=flags.server, tls_server_name="")
    if flags.tls_server_name:
        cluster = replace(cluster, tls_server_name=flags.tls_server_name)
    if flags.insecure_skip_tls_verify or flags.certificate_authority:
        ca_file = str(Path(flags.certificate_authority).absolute()) if flags.certificate_authority else ""
        cluster = replace(cluster, ca_file=ca_file, ca_data=b"", insecure=flags.insecure_skip_tls_verify)
    if cluster.insecure and (cluster.ca_file or cluster.ca_data):
        raise ConfigError(
            f"the cluster {name!r} has a certificate authority and insecure-skip-tls-verify: take one of them away"
        )
    return cluster


def _cluster_of(section: Section, name: str) -> Cluster:
    cluster = Cluster(
        server=section.text("server"),
        name=name,
        ca_file=section.path("certificate-authority"),
        ca_data=section.data("certificate-authority-data"),
        insecure=section.flag("insecure-skip-tls-verify"),
        tls_server_name=section.text("tls-server-name"),
        proxy_url=section.text("proxy-url"),
        disable_compression=section.flag("disable-compression"),
    )
    if cluster.ca_file and cluster.ca_data:
        raise ConfigError(
            f"{section.where} in {section.file} has both certificate-authority and certificate-authority-data: "
            "take one of them away"
        )
    if cluster.proxy_url and not cluster.proxy_url.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        raise ConfigError(f"proxy-url of {section.where} in {section.file} must start with http://, https:// or socks5")
    if cluster.proxy_url and not is_proxy(cluster.proxy_url):
        raise ConfigError(
            f"proxy-url of {section.where} in {section.file} is not a URL: it must look like http://host:3128; "
            "percent-encode special characters of a password (@ is %40)"
        )
    return cluster


def _user(flags: Flags, merged: Kubeconfig, context: Section | None, context_name: str) -> User:
    name = flags.user or (context.text("user") if context else "")
    section = merged.users.get(name)
    if section is None and flags.user:
        raise ConfigError(f"the user {name!r} does not exist{_known(merged.users, 'users')}")
    if section is None and name and not (flags.token or flags.client_certificate):
        raise ConfigError(
            f"the context {context_name!r} names the user {name!r}, which is not there{_known(merged.users, 'users')}"
        )
    cluster = merged.clusters.get(flags.cluster or (context.text("cluster") if context else ""))
    user = user_of(section, name, cluster) if section else User(name)
    if flags.token:
        # Whoever gives a token means that token; kubectl lets a token file of the same user win over it.
        user = replace(user, token=flags.token, token_file="", username="", password="", exec=None, oidc=None)
    if flags.client_certificate:
        user = replace(user, certificate_file=str(Path(flags.client_certificate).absolute()), certificate_data=b"")
    if flags.client_key:
        user = replace(user, key_file=str(Path(flags.client_key).absolute()), key_data=b"")
    return replace(user, impersonation=_impersonation(user.impersonation, flags))


def _impersonation(base: Impersonation, flags: Flags) -> Impersonation:
    return Impersonation(flags.as_ or base.user, flags.as_uid or base.uid, flags.as_groups or base.groups, base.extra)


def _in_cluster(flags: Flags, env: Mapping[str, str], folder: Path) -> ClientConfig | None:
    """The service account of the pod that we run in, None outside of one. Its token file is read at each request."""
    host, port = env.get("KUBERNETES_SERVICE_HOST"), env.get("KUBERNETES_SERVICE_PORT")
    if not host or not port or not (folder / "token").is_file():
        return None
    host = f"[{host}]" if ":" in host else host
    ca_file = flags.certificate_authority or str(folder / "ca.crt")
    insecure = flags.insecure_skip_tls_verify
    cluster = Cluster(f"https://{host}:{port}", ca_file="" if insecure else ca_file, insecure=insecure)
    user = User(token=flags.token) if flags.token else User(token_file=str(folder / "token"))
    user = replace(user, impersonation=_impersonation(Impersonation(), flags))
    check_user(user)
    try:
        own_namespace = (folder / "namespace").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        own_namespace = ""
    namespace = flags.namespace or env.get("POD_NAMESPACE") or own_namespace or "default"
    cluster = replace(cluster, server=_server_url(cluster, user))
    return ClientConfig(None, cluster, user, namespace, flags.request_timeout_s or None, EnvProxies.from_env(env))


def _server_url(cluster: Cluster, user: User) -> str:
    """The server as a URL: without a scheme it is https where anything speaks of TLS, else http, as in client-go."""
    server = cluster.server
    if not server:
        raise ConfigError(f"the cluster {cluster.name!r} has no server: set it in the kubeconfig or give --server")
    if "://" not in server:
        is_tls = cluster.ca_file or cluster.ca_data or cluster.insecure or user.has_certificate
        server = f"{'https' if is_tls else 'http'}://{server}"
    try:
        parts = urlsplit(server)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and server.isprintable()
    except ValueError:
        usable = False
    if not usable or any(c.isspace() for c in server):
        raise ConfigError(
            f"the server of the cluster {cluster.name!r} is not a URL: it must look like https://host:6443"
        )
    if parts.username is not None:
        raise ConfigError(
            f"the server of the cluster {cluster.name!r} has a user in its URL: set username and password of the user"
        )
    return server.rstrip("/")


def _nothing_to_use(files: list[Path], merged: Kubeconfig) -> str:
    if merged.contexts:
        return f"no current context is set: choose one with --context{_known(merged.contexts, 'contexts')}"
    looked = ", ".join(str(file) for file in files)
    if any(file.exists() for file in files):
        return f"there is no context in {looked}: give another file with --kubeconfig, or --server"
    return f"no kubeconfig found: looked for {looked}; give --kubeconfig or set KUBECONFIG"


def _known(entries: Mapping[str, Section], what: str) -> str:
    if not entries:
        return f": the kubeconfig has no {what}"
    names = sorted(entries)
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f" (known {what}: {shown})"
