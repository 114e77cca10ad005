"""TLS contexts: which servers we trust, and which client certificate we show."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kite_tui.kube.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Identity:
    """A client certificate (with its chain) and its key, both PEM."""

    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)


def read_ca(file: str, data: bytes) -> bytes:
    """The PEM bytes of a CA given as a file or as data; empty for the system's. Raises ConfigError."""
    if not file:
        return data
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"can't read the certificate authority {file}: {(error.strerror or str(error)).lower()}"
        ) from error


def context(
    ca: bytes = b"",
    identity: Identity | None = None,
    *,
    insecure: bool = False,
    socket_class: type[ssl.SSLSocket] | None = None,
) -> ssl.SSLContext:
    """A client's context: TLS 1.2 or later, names checked against subjectAltName only, as Go does.

    Not strict about RFC 5280 (Python 3.13 is by default): many clusters' CAs have no key identifiers, and Go doesn't
    ask for them; and any certificate given as CA is trusted, an intermediate one too. Takes milliseconds without `ca`:
    the system's bundle is parsed. Raises ConfigError for a CA, certificate or key that is none.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    tls.hostname_checks_common_name = False
    tls.set_alpn_protocols(["http/1.1"])
    if socket_class:
        tls.sslsocket_class = socket_class
    if insecure:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    elif ca:
        try:
            tls.load_verify_locations(cadata=ca.decode("ascii", "ignore"))
        except (ssl.SSLError, ValueError) as error:
            raise ConfigError("the cluster's certificate authority is not a PEM certificate") from error
    else:
        tls.load_default_certs()
    if identity:
        _show(tls, identity)
    return tls


def _show(tls: ssl.SSLContext, identity: Identity) -> None:
    try:
        with _as_file(identity.certificate) as certificate, _as_file(identity.key) as key:
            # Without a password OpenSSL would ask for one on the terminal.
            tls.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(
            "the client certificate and key can't be used: they must be PEM, belong together, and have no password"
        ) from error


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path under which OpenSSL can read `data`, which it takes from files only. In memory where the system can;
    otherwise a file for our own eyes, gone again at once."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("kite-tui")
        try:
            os.write(descriptor, data)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            yield file.name
