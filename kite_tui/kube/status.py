"""From an answer that is not 2xx, or the Status of an ERROR event, to the error that it means."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping

from kite_tui.kube.errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    Expired,
    Forbidden,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    ResourceVersionTooLarge,
    ServerError,
    TooManyRequests,
    Unauthorized,
)

_CLASSES: Mapping[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    410: Expired,
    429: TooManyRequests,
}
_UNAUTHORIZED = (
    "the server does not accept the credentials: they are wrong or have expired; log in again",
    "the server takes us for nobody (system:anonymous): the kubeconfig's user has no credentials that it knows",
)
_TOO_LARGE = "ResourceVersionTooLarge"
_MAX_MESSAGE = 500
_MAX_DELAY_S = 10**9  # as many digits as are read of a header; whoever waits has a cap of their own


def error_of_status(
    status: Mapping[str, object], *, http_status: int | None = None, retry_after_s: float | None = None
) -> ApiError:
    """The error that a Status object means; its own `code` counts where there is no HTTP status (an ERROR event).

    `retry_after_s` is the header; without one `details.retryAfterSeconds` is taken. Never raises, whatever the fields
    hold.
    """
    own_code, message, reason = status.get("code"), status.get("message"), status.get("reason")
    code = http_status or (own_code if isinstance(own_code, int) else 500)
    message = " ".join(message.split()) if isinstance(message, str) else ""
    reason = reason if isinstance(reason, str) else ""
    details = status.get("details")
    details = details if isinstance(details, dict) else {}
    own_delay = details.get("retryAfterSeconds")
    if retry_after_s is None and isinstance(own_delay, int) and own_delay > 0:
        retry_after_s = float(min(own_delay, _MAX_DELAY_S))
    kind = _class_of(code, message)
    if _has_cause(details, _TOO_LARGE):
        kind = ResourceVersionTooLarge
    if kind is Unauthorized:
        message = _UNAUTHORIZED[code == 403]
    message = message[:_MAX_MESSAGE] or f"the server answered with status {code}"
    return kind(message, status=code, reason=reason, retry_after_s=retry_after_s)


def error_of_answer(http_status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The error that a whole answer outside 2xx means. `headers` has lower-case names, `body` is decompressed.

    A web page is nobody's 403 or 404: a proxy or a login page wrote it, so it is a BadAnswer.
    """
    retry_after_s = _retry_after_s(headers.get("retry-after"))
    if 300 <= http_status < 400:
        where = headers.get("location", "").partition("?")[0][:_MAX_MESSAGE]
        return BadAnswer(
            f"the server redirects to {where or 'another address'}: the server's URL in the kubeconfig is not an API "
            "server's",
            status=http_status,
        )
    if is_web_page(headers) and http_status < 500 and http_status not in (401, 429):
        return web_page(http_status)
    try:
        status = json.loads(body)
    except (ValueError, RecursionError):
        status = None
    if not isinstance(status, dict) or "message" not in status:
        text = body[:_MAX_MESSAGE].decode("utf-8", "replace").strip()
        shown = "" if is_web_page(headers) else text.partition("\n")[0]
        status = {"message": f"the server answered with status {http_status}" + (f": {shown}" if shown else "")}
    return error_of_status(status, http_status=http_status, retry_after_s=retry_after_s)


def is_web_page(headers: Mapping[str, str]) -> bool:
    """True for an answer in HTML, which no API server gives to who asks for JSON."""
    return headers.get("content-type", "").lstrip().lower().startswith("text/html")


def web_page(http_status: int) -> BadAnswer:
    """The error for an answer in HTML."""
    return BadAnswer(
        f"the server answered with a web page (status {http_status}), not as a Kubernetes API server: "
        "is the URL in the kubeconfig right, or is a proxy's login page in the way?",
        status=http_status,
    )


def _class_of(code: int, message: str) -> type[ApiError]:
    if code == 403 and 'User "system:anonymous"' in message:
        return Unauthorized
    return _CLASSES.get(code) or (ServerError if code >= 500 else BadRequest)


def _has_cause(details: Mapping[object, object], reason: str) -> bool:
    causes = details.get("causes")
    return isinstance(causes, list) and any(isinstance(c, dict) and c.get("reason") == reason for c in causes)


def _retry_after_s(header: str | None) -> float | None:
    """Seconds, or an HTTP date; None for what is neither."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header.strip()[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
