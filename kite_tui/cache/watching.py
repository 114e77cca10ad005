"""What the lines of a watch mean: one line in, one change out, or the error that ends the watch."""

from __future__ import annotations

from kite_tui.kube.errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    Expired,
    Forbidden,
    ResourceVersionTooLarge,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from kite_tui.objects.envelope import Malformed, Status, WatchEvent, decode_event, decode_status

MIN_TIMEOUT_S = 300
MAX_TIMEOUT_S = 600
"""A watch is renewed every 5 to 10 minutes, each at its own time, so that watches spread over the servers behind a
load balancer and a revoked right is noticed."""

GRACE_S = 30
"""Beyond the timeout before the first bookmark, when nothing says yet how often the server speaks."""

BOOKMARK_IDLE_S = 75
"""Servers send a bookmark every 60 s (cacher.go: bookmarkFrequency); a quarter more without a byte is a dead line."""

SHORT_S = 1.0


def parse_line(line: bytes) -> WatchEvent:
    """An event of the watch. Raises BadAnswer for what is none, and what an ERROR event says."""
    try:
        event = decode_event(line)
        if event.type == "ERROR":
            raise error_of(decode_status(event.object))
    except Malformed as error:
        raise BadAnswer(str(error)) from error
    return event


def error_of(status: Status) -> ApiError:
    """What an ERROR event's Status means, as the same Status would mean had it been the HTTP answer."""
    message = status.message or status.reason or "the watch ended with an error"
    kind = _class_of(status)
    return kind(message, status=status.code or None, reason=status.reason, retry_after_s=status.retry_after_s)


def _class_of(status: Status) -> type[ApiError]:
    if "ResourceVersionTooLarge" in status.causes:
        return ResourceVersionTooLarge
    match status.code:
        case 410:
            return Expired
        case 429:
            return TooManyRequests
        case 401:
            return Unauthorized
        case 403:
            return Forbidden
        case code if code >= 500:
            return ServerError
        case code if code >= 400:
            return BadRequest
        case _:
            return Expired if status.reason in ("Expired", "Gone") else BadAnswer
