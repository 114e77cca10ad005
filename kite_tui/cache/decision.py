"""What a reflector does after an error: the rules of `Following the server`, first match wins, as one pure function."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kite_tui.kube.errors import (
    ApiError,
    BadRequest,
    CredentialError,
    Expired,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    ResourceVersionTooLarge,
    ServerError,
    TimedOut,
    TooManyRequests,
    Unauthorized,
)

RETRY_AFTER_CAP_S = 60.0
"""A server may ask for hours; nobody watches a screen that long."""

IN_A_ROW = 3
"""Failures at one place after which the place itself is doubted, and denials after which they are believed."""


class Regressed(ApiError):
    """The server sent a version older than ours: it was restored to an earlier state, and its history is not the one
    that we followed."""


class SilentWatch(ApiError):
    """A watch ran its whole timeout with neither event nor bookmark: the server may have been restored, and a watch
    from a version that it has yet to reach stays silent for ever."""


class ShortWatch(ApiError):
    """A watch ended cleanly within a second and brought no event (bookmarks are none); asking again at once could go on
    so for ever."""


class NotStreamed(ApiError):
    """A streaming list did not end as such: the server knows none."""


class Request(Enum):
    """What was asked when the error came."""

    STREAM = "a streaming list, before its end"
    LIST = "the first page of a list"
    PAGE = "a further page"
    WATCH = "a watch, being opened or open"


class Then(Enum):
    """What to do next."""

    AGAIN = "the same request: the same page, or a watch from the same resourceVersion"
    FIRST_LIMIT = "the same page, with the limit of the first page"
    PAGES = "the same list by pages, not as a stream"
    NO_STREAM = "the same list by pages, and so every further one of the resource"
    LIST = "a list from its beginning, without a resourceVersion"
    RENEW = "renew the credentials, then the same request"
    POLL = "no watch: list every 30 s"
    PARK = "ask again after 60 to 120 s, from a list"


class Wait(Enum):
    """How long before it."""

    NOW = "at once"
    BACKOFF = "the back-off, and at least `at_least_s`"
    REPROBE = "60 to 120 s"


class Standing(Enum):
    """What the kind is called where there was never data."""

    UNCHANGED = "as before"
    FAILED = "failed"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    AUTH = "auth"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the error came upon."""

    request: Request
    renewed: bool = False
    """The credentials were renewed since the last good answer."""
    first_expiry: bool = True
    """No 410 came before this one since health."""
    limit_changed: bool = False
    """The page was asked for with another limit than the first."""
    granted: bool = False
    """The same was allowed, and there, until now."""
    denials: int = 0
    """Times in a row that the server said 403 or 404 before this one."""
    failures: int = 0
    """Failures in a row at this page or resourceVersion before this one, of the sort that counts."""


@dataclass(frozen=True, slots=True)
class Step:
    """The decision. `counts` adds this failure to those in a row."""

    then: Then
    wait: Wait
    standing: Standing = Standing.FAILED
    at_least_s: float = 0
    counts: bool = False


def decide(error: ApiError, situation: Situation) -> Step:
    """The next step after `error`. Total: every error has one, and none ends the loop."""
    watching = situation.request is Request.WATCH
    streaming = situation.request is Request.STREAM
    match error:
        case ResourceVersionTooLarge() | Regressed() | SilentWatch():
            return Step(Then.LIST, Wait.BACKOFF)
        case ShortWatch():
            return Step(Then.AGAIN, Wait.BACKOFF)
        case Expired():
            return Step(Then.LIST, Wait.NOW if situation.first_expiry else Wait.BACKOFF, Standing.UNCHANGED)
        case NotStreamed() | BadRequest(status=400 | 422) if streaming:
            return Step(Then.NO_STREAM, Wait.NOW, Standing.UNCHANGED)
        case BadRequest(status=400) if situation.limit_changed:
            return Step(Then.FIRST_LIMIT, Wait.NOW, Standing.UNCHANGED)
        case TooManyRequests():
            return Step(Then.AGAIN, Wait.BACKOFF, at_least_s=_retry_after_s(error))
        case ServerError() if error.retry_after_s is not None:
            return Step(Then.AGAIN, Wait.BACKOFF, at_least_s=_retry_after_s(error))
        case Unauthorized() if not situation.renewed:
            return Step(Then.RENEW, Wait.NOW, Standing.UNCHANGED)
        case Unauthorized() | CredentialError():
            return Step(Then.PARK, Wait.REPROBE, Standing.AUTH)
        case Forbidden() | NotFound() if situation.granted and situation.denials + 1 < IN_A_ROW:
            # A server that has just started denies everything until it has read who may what.
            return Step(Then.AGAIN, Wait.BACKOFF)
        case Forbidden() | MethodNotAllowed() if watching:
            return Step(Then.POLL, Wait.NOW, Standing.UNCHANGED)
        case Forbidden() | MethodNotAllowed() if streaming:
            # The right to watch is missing; whether the one to list is there, too, only pages can tell.
            return Step(Then.PAGES, Wait.NOW, Standing.UNCHANGED)
        case Forbidden():
            return Step(Then.PARK, Wait.REPROBE, Standing.FORBIDDEN)
        case NotFound():
            return Step(Then.PARK, Wait.REPROBE, Standing.ABSENT)
        case _ if situation.request is Request.LIST:
            return Step(Then.AGAIN, Wait.BACKOFF)
        case _ if streaming and (isinstance(error, TimedOut) or situation.failures + 1 >= IN_A_ROW):
            # Whatever holds streams back on the way here may let pages through.
            return Step(Then.PAGES, Wait.BACKOFF)
        case _ if situation.failures + 1 >= IN_A_ROW and (watching or isinstance(error, BadRequest)):
            # A page is asked for until it comes or its token expires, but a token that the server can't even read
            # (a 400) would never expire.
            return Step(Then.LIST, Wait.BACKOFF)
        case _:
            return Step(Then.AGAIN, Wait.BACKOFF, counts=True)


def _retry_after_s(error: ApiError) -> float:
    return min(error.retry_after_s or 0, RETRY_AFTER_CAP_S)
