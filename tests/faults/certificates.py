"""What a TLS server needs of a throw-away authority."""

from __future__ import annotations

import ssl

from tests.conformance.pki import Authority


def server_context(authority: Authority) -> ssl.SSLContext:
    """A server's context with a certificate for localhost and 127.0.0.1."""
    files = authority.server("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context
