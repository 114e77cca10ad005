"""What can go wrong between us and the API server, by what it means; nothing above `kube` sees another exception.

Every error is raised `from` its cause, and `str(error)` is one sentence for a person.
"""

from __future__ import annotations


class ApiError(Exception):
    """The request got no usable answer. `status` is the HTTP status, None where there was no response."""

    status: int | None = None

    def __init__(
        self, message: str, *, status: int | None = None, reason: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        """`reason` of the Status object (`Expired`, `Forbidden`, …), empty where there was none."""
        self.retry_after_s = retry_after_s
        """The Retry-After header in seconds, None where there was none."""


class BadRequest(ApiError):
    """400, 422, and every 4xx without a class of its own."""


class Unauthorized(ApiError):
    """401, or 403 for `system:anonymous`: the credentials are missing, wrong or expired."""


class Forbidden(ApiError):
    """403: we are known, and may not."""


class NotFound(ApiError):
    """404: no such object, or no such API."""


class NotAcceptable(ApiError):
    """406: the server can't answer in the form asked for."""


class MethodNotAllowed(ApiError):
    """405: the resource does not have this verb."""


class Expired(ApiError):
    """410: the resourceVersion or the continue token is too old."""


class TooManyRequests(ApiError):
    """429: the server asks us to slow down."""


class ServerError(ApiError):
    """5xx."""


class ResourceVersionTooLarge(ServerError):
    """504 or an ERROR event with the cause ResourceVersionTooLarge: the server is behind the version asked for."""


class ConnectionFailed(ApiError):
    """No HTTP answer: refused, reset, no route, TLS, proxy, cut in the middle."""


class TimedOut(ConnectionFailed):
    """Nothing came for as long as was allowed."""


class BadAnswer(ApiError):
    """An answer that is not the API's: HTML, broken JSON, truncated gzip, a redirect."""


class Cancelled(ApiError):
    """The transport was closed while the request was under way."""


class ConfigError(Exception):
    """The kubeconfig, a flag or the environment can't be used; one sentence says what, why and what to try."""


class CredentialError(ApiError):
    """Credentials could not be had: a plugin failed, is missing or wants a terminal, a token file can't be read."""
