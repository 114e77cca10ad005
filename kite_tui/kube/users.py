"""The user entry of a kubeconfig: which ways of authentication it names, and which of them go together."""

from __future__ import annotations

from kite_tui.kube.clientconfig import ExecConfig, Impersonation, OidcConfig, User, is_token
from kite_tui.kube.errors import ConfigError
from kite_tui.kube.kubeconfig import Section

EXEC_API = "client.authentication.k8s.io"
EXEC_VERSIONS = (f"{EXEC_API}/v1", f"{EXEC_API}/v1beta1")
_MODES = ("Never", "IfAvailable", "Always")


def user_of(section: Section, name: str, cluster: Section | None) -> User:
    """A user entry; `cluster` gives a plugin its extension. Raises ConfigError for what can't be used."""
    if (section.raw("auth-provider")) is not None and section.raw("exec") is not None:
        raise _unusable(section, "has both auth-provider and exec: take one of them away")
    extra = section.section("as-user-extra")
    return User(
        name=name,
        token=section.text("token"),
        token_file=section.path("tokenFile"),
        username=section.text("username"),
        password=section.text("password"),
        certificate_file=section.path("client-certificate"),
        certificate_data=section.data("client-certificate-data"),
        key_file=section.path("client-key"),
        key_data=section.data("client-key-data"),
        exec=_exec_of(section, cluster),
        oidc=_oidc_of(section, name),
        impersonation=Impersonation(
            section.text("as"),
            section.text("as-uid"),
            section.texts("as-groups"),
            tuple((key, extra.texts(key)) for key in extra.names()) if extra else (),
        ),
    )


def check_user(user: User) -> None:
    """Raise ConfigError for what contradicts itself, by client-go's rules, or can't be sent in a header."""
    who = f"the user {user.name!r}" if user.name else "the user"
    if user.token and (user.username or user.password):
        raise ConfigError(f"{who} has both a token and a password: take one of them away")
    if (user.certificate_file and user.certificate_data) or (user.key_file and user.key_data):
        raise ConfigError(f"{who} has a client certificate or key both as a file and as data: take one of them away")
    if user.has_certificate and not (user.key_file or user.key_data):
        raise ConfigError(f"{who} has a client certificate but no client key: set client-key or client-key-data")
    if user.token and not is_token(user.token):
        raise ConfigError(f"the token of {who} has characters in it that no token has: was it pasted whole?")
    impersonation = user.impersonation
    values = [impersonation.user, impersonation.uid, *impersonation.groups]
    values += [value for _, several in impersonation.extra for value in several]
    if not impersonation.user and any(values):
        raise ConfigError(f"{who} impersonates a group, uid or extra without a user: give --as too")
    if not all(value.isprintable() for value in values):
        raise ConfigError(f"who {who} impersonates has control characters in its name")


def _exec_of(section: Section, cluster: Section | None) -> ExecConfig | None:
    plugin = section.section("exec")
    if plugin is None:
        return None
    command, version = plugin.text("command"), plugin.text("apiVersion")
    mode = plugin.text("interactiveMode") or ("" if version.endswith("/v1") else "IfAvailable")
    if not command:
        raise _unusable(section, "has an exec plugin without a command")
    if version not in EXEC_VERSIONS:
        raise _unusable(section, f"has an exec plugin whose apiVersion must be {' or '.join(EXEC_VERSIONS)}")
    if mode not in _MODES:
        raise _unusable(section, f"has an exec plugin whose interactiveMode must be {', '.join(_MODES)}")
    env = []
    for variable in plugin.sections("env"):
        if not variable.text("name") or "=" in variable.text("name"):
            raise _unusable(section, "has an exec plugin with a variable that has no proper name")
        env.append((variable.text("name"), variable.text("value")))
    return ExecConfig(
        command=plugin.path("command") if "/" in command else command,
        api_version=version,
        args=plugin.texts("args"),
        env=tuple(env),
        install_hint=str(plugin.raw("installHint") or ""),
        provide_cluster_info=plugin.flag("provideClusterInfo"),
        interactive_mode=mode,
        cluster_config=_extension(cluster),
    )


def _extension(cluster: Section | None) -> object:
    for item in cluster.sections("extensions") if cluster else ():
        if item.text("name") == f"{EXEC_API}/exec":
            return item.raw("extension")
    return None


def _oidc_of(section: Section, name: str) -> OidcConfig | None:
    provider = section.section("auth-provider")
    if provider is None:
        return None
    if provider.text("name") != "oidc":
        raise _unusable(
            section,
            f"uses the auth-provider {provider.text('name')!r}, which Kubernetes has removed: "
            "use an exec plugin (gke-gcloud-auth-plugin, kubelogin)",
        )
    config = provider.section("config") or Section({}, provider.where, section.file)
    for key in ("idp-issuer-url", "client-id"):
        if not config.text(key):
            raise _unusable(section, f"uses OIDC without {key}")
    return OidcConfig(
        issuer_url=config.text("idp-issuer-url"),
        client_id=config.text("client-id"),
        file=section.file,
        user=name,
        client_secret=config.text("client-secret"),
        id_token=config.text("id-token"),
        refresh_token=config.text("refresh-token"),
        ca_file=config.path("idp-certificate-authority"),
        ca_data=config.data("idp-certificate-authority-data"),
    )


def _unusable(section: Section, why: str) -> ConfigError:
    return ConfigError(f"{section.where} in {section.file} {why}")
