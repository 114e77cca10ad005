"""Whether a cluster can be used as far as files can tell: before one is left for it."""

from __future__ import annotations

from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.credentials import Credentials
from kite_tui.kube.errors import ConfigError, CredentialError
from kite_tui.kube.sockets import Sockets
from kite_tui.kube.tls import context, read_ca


def check_files(config: ClientConfig) -> None:
    """Read the certificates and the token that `config` names, and run nothing. Raises ConfigError for those that can't
    be used."""
    cluster, user = config.cluster, config.user
    credentials = Credentials(config, Sockets())
    try:
        ca = b"" if cluster.insecure else read_ca(cluster.ca_file, cluster.ca_data)
        identity = credentials.identity() if user.has_certificate else None
        context(ca, identity, insecure=cluster.insecure)
        if user.token_file:
            credentials.headers()
    except CredentialError as error:
        raise ConfigError(str(error)) from error
    finally:
        credentials.close()
