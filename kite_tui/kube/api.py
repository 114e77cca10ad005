"""What the layers above ask of the way to the server; `transport` has the real one, tests bring fakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kite_tui.objects.load import Traffic

Query = Sequence[tuple[str, str]]

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx answer, decompressed. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_b: int | None = None
    """Bytes of the body as they came over the wire, perhaps compressed; None where nobody counted."""


class WatchStream(Protocol):
    """An open watch: iterate for lines (one JSON event each, without the newline, never empty).

    Iteration ends where the server ended the stream between two lines. It raises ConnectionFailed where the stream was
    cut inside a line or the connection broke, TimedOut after `idle_s` without a byte or 120 s within one line,
    Cancelled after `close`.
    """

    def __iter__(self) -> Iterator[bytes]: ...

    def set_idle_s(self, seconds: float) -> None:
        """How long may pass without a byte from now on. Called on the iterating thread."""
        ...

    def is_quiet(self, for_s: float) -> bool:
        """Wait for more to come, or its end, for so long; True where nothing did. Called on the iterating thread,
        between two lines; reads nothing and raises nothing."""
        ...

    def close(self) -> None:
        """Shut the socket. Any thread, any time, more than once; an iteration under way ends at once."""
        ...


class Api(Protocol):
    """Requests to one API server. Thread-safe; every call blocks its thread, so never call it on the UI's.

    What asks the server raises a `kube.errors.ApiError`.
    """

    def get(
        self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 30, total_s: float = 120
    ) -> Response:
        """GET, through the shared rate limit. `idle_s` without a byte or `total_s` in all raises TimedOut."""
        ...

    def watch(self, path: str, query: Query = (), *, accept: str = JSON, idle_s: float = 330) -> WatchStream:
        """Open a watch; returns when the server's headers are there."""
        ...

    def renew_credentials(self) -> bool:
        """Get new credentials after an Unauthorized; single flight: who comes while another renews waits for that one.

        True where there is something new to try; False where the credentials are static.
        """
        ...

    def retry_credentials(self) -> None:
        """Forget that a credential plugin or an issuer failed a moment ago: the next request asks it again. Returns at
        once; any thread."""
        ...

    def traffic(self) -> Traffic | None:
        """Counters of all requests so far, as of now; None where nothing was opened yet. Raises nothing."""
        ...

    def close(self) -> None:
        """Shut every socket; requests under way raise Cancelled at once, later ones too."""
        ...
