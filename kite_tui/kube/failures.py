"""From what urllib3, ssl and sockets raise to one sentence: what could not be reached, why, and what to try."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from urllib.parse import urlsplit

from urllib3 import exceptions as u3

from kite_tui.kube.clientconfig import ClientConfig, shown_url
from kite_tui.kube.errors import ApiError, BadAnswer, ConnectionFailed, TimedOut

FAILURES = (u3.HTTPError, http.client.HTTPException, OSError, ValueError)
"""What a request or a read may raise. ValueError: a header or URL that can't be sent, and reads after a close."""


def explain(error: Exception, config: ClientConfig, waited_s: float) -> ApiError:
    """The error that `error` means to a person; raise it `from error`. `waited_s` is how long a byte was waited for."""
    server = config.server
    if isinstance(error, u3.ProxyError):
        proxy = shown_url(config.proxy_url or "")
        return ConnectionFailed(
            f"cannot reach {server} through the proxy {proxy}: {_why(error.original_error, config)}"
        )
    if isinstance(error, u3.NewConnectionError | u3.SSLError):  # NewConnectionError is a ConnectTimeoutError, too
        return ConnectionFailed(f"cannot reach {server}: {_why(error, config)}")
    if isinstance(error, u3.ConnectTimeoutError):
        return TimedOut(f"cannot reach {server}: no answer to connecting; is the address right, is a VPN needed?")
    if any(isinstance(each, TimeoutError) and each.errno for each in _chain(error)):  # the kernel's, of its keep-alives
        return ConnectionFailed(f"the connection to {server} is dead: nothing there answers any more")
    if isinstance(error, u3.TimeoutError | TimeoutError):
        return TimedOut(f"{server} sent nothing for {waited_s:.0f} s")
    if isinstance(error, u3.InvalidHeader | u3.DecodeError):
        return BadAnswer(f"the answer of {server} can't be read: {error}")
    return ConnectionFailed(f"the connection to {server} broke: {_why(error, config)}")


def _why(error: BaseException, config: ClientConfig) -> str:
    """The innermost reason. urllib3 nests: the cause is an argument, or what the error was raised from."""
    for inner in _chain(error):
        if isinstance(inner, ssl.SSLError):
            return _tls(inner)
        if isinstance(inner, socket.gaierror):
            host = urlsplit(config.proxy_url or config.cluster.server).hostname
            return f"the name {host} is not known ({inner.strerror}); is a VPN needed?"
        if isinstance(inner, TimeoutError):
            return "no answer"
        if isinstance(inner, http.client.RemoteDisconnected):
            return "the server closed it without an answer"
        if isinstance(inner, http.client.IncompleteRead | u3.IncompleteRead):
            return "the answer was cut in the middle"
        if isinstance(inner, OSError):
            return os.strerror(inner.errno).lower() if inner.errno else str(inner)
    return str(error) or type(error).__name__


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.insert(0, error)
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = inner or error.__cause__ or error.__context__
    return found


_VERIFY = {
    9: "its certificate is not valid yet; is this machine's clock right?",
    10: "its certificate has expired; is this machine's clock right?",
    62: "its certificate is for another name; give --tls-server-name or use the name that it is for",
    64: "its certificate is for another address; give --tls-server-name or use the name that it is for",
}
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)


def _tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _UNKNOWN_AUTHORITY:
            return (
                "its certificate is signed by an unknown authority; give --certificate-authority or fix the cluster's "
                "certificate-authority in the kubeconfig"
            )
        return _VERIFY.get(error.verify_code, f"its certificate can't be verified: {error.verify_message}")
    reason = error.reason or ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"):
        return "it does not speak TLS; is it http instead of https, or the wrong port?"
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return f"it refuses our client certificate ({_words(reason)}); has it expired?"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or "UNEXPECTED_EOF" in reason:
        return "it closed the connection while TLS was being set up; does it refuse our client certificate?"
    return f"TLS failed ({_words(reason) or error})"


def _words(reason: str) -> str:
    return reason.replace("_", " ").lower()
