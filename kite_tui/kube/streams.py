"""Bodies as they come off a socket: decompressed, bounded in size and in time, cut into lines for watches."""

from __future__ import annotations

import contextlib
import io
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping

import urllib3
from urllib3.util.wait import wait_for_read

from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.errors import ApiError, BadAnswer, Cancelled, ConnectionFailed, TimedOut
from kite_tui.kube.failures import FAILURES, explain
from kite_tui.kube.pool import has_more, peek, socket_of
from kite_tui.kube.sockets import shut

READ_B = 256 << 10
PIECE_B = 1 << 20  # out of one read of gzip; without a bound it could be a thousand times what was read
MAX_BODY_B = 1 << 30  # a page of 1 000 objects of etcd's largest size (1.5 MiB) is more; nobody could hold it either
MAX_LINE_B = 64 << 20  # an event holds one object; etcd's limit with room for managedFields and expansion
LINE_S = 120.0  # as long as a page may take: whoever has half an event knows that there is news, and not what


class Incoming:
    """One answer being read, by one thread at a time. Every error is an ApiError."""

    def __init__(
        self,
        response: urllib3.BaseHTTPResponse,
        config: ClientConfig,
        idle_s: float,
        *,
        is_stopped: Callable[[], bool],
        count: Callable[[int], None],
    ) -> None:
        """`count` is told of the bytes received, compressed as they are. Where `is_stopped`, any error is Cancelled."""
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self.idle_s = idle_s
        self.received_b = 0
        """Bytes of the body so far, compressed as they came."""
        self.deadline_s: float | None = None
        self._response, self._config = response, config
        self._is_stopped, self._count = is_stopped, count
        self._socket = socket_of(response)
        self._unzip = _unzipper(self.headers.get("content-encoding", ""), config)

    def chunks(self) -> Iterator[bytes]:
        """The body, decompressed, in pieces as they come; never an empty one.

        Raises TimedOut after `idle_s` without a byte or at `deadline_s` of time.monotonic, ConnectionFailed where it
        is cut short, BadAnswer for broken compression, Cancelled where stopped. Both times may be changed between two
        pieces, by the thread that reads.
        """
        while True:
            self._arm()
            try:
                # One receive from the socket at most, so that the time-outs hold for a server that drips, too.
                raw = self._response.read1(READ_B, decode_content=False)
            except FAILURES as error:
                raise self._failed(error) from error
            if not raw:
                break
            self.received_b += len(raw)
            self._count(len(raw))
            yield from self._unzip.feed(raw)
        if self._is_stopped():
            raise Cancelled("the connection to the cluster was closed")
        self._unzip.finish()

    def body(self, deadline_s: float) -> bytes:
        """The whole body. Raises as `chunks`, and BadAnswer beyond MAX_BODY_B."""
        self.deadline_s = deadline_s
        whole = io.BytesIO()  # grows in place, and gives its bytes away without a copy
        for part in self.chunks():
            if whole.tell() + len(part) > MAX_BODY_B:
                raise BadAnswer(f"an answer of {self._config.server} is over {MAX_BODY_B >> 30} GiB")
            whole.write(part)
        return whole.getvalue()

    def start(self, deadline_s: float, size: int) -> bytes:
        """The first `size` bytes or so of the body, or what there is of it: a refusal counts, even cut short."""
        self.deadline_s = deadline_s
        parts: list[bytes] = []
        with contextlib.suppress(ConnectionFailed, BadAnswer):
            for part in self.chunks():
                parts.append(part)
                if sum(map(len, parts)) >= size:
                    break
        return b"".join(parts)

    def is_quiet(self, for_s: float) -> bool:
        """Wait until more of the body comes, or its end, for so long; True where nothing did. Between two pieces, on
        the thread that reads."""
        if self._socket is None or self._socket.fileno() < 0:
            return False
        deadline_s = time.monotonic() + for_s
        while True:
            begun = peek(self._response, self._socket)
            if begun and (begun.strip(b"\r\n") or has_more(self._socket)):
                return False
            if not wait_for_read(self._socket, max(0.0, deadline_s - time.monotonic())):
                return True
            # The line's end behind a chunk is read with the next one, so it is no news; what comes after it is.
            if begun or peek(self._response, self._socket) == b"":  # something to read that is nothing: its end
                return False

    def shut(self) -> None:
        """Shut the socket under a read. Any thread."""
        if self._socket is not None:
            shut(self._socket)

    def close(self) -> None:
        """Let go of the connection; one that was not read to its end is closed. The reading thread only."""
        self._response.close()

    def _arm(self) -> None:
        wait_s = self.idle_s
        if self.deadline_s is not None:
            left_s = self.deadline_s - time.monotonic()
            if left_s <= 0:
                raise self._late()
            wait_s = min(wait_s, left_s)
        if self._socket is not None:
            with contextlib.suppress(OSError):  # read to its end and closed already
                self._socket.settimeout(wait_s)

    def _failed(self, error: Exception) -> ApiError:
        if self._is_stopped():
            return Cancelled("the connection to the cluster was closed")
        if self.deadline_s is not None and time.monotonic() >= self.deadline_s:
            return self._late()
        return explain(error, self._config, self.idle_s)

    def _late(self) -> TimedOut:
        return TimedOut(f"an answer of {self._config.server} was not complete in the time that it had")


class Lines:
    """A watch: an `api.WatchStream` over an open answer. A line that was begun has `LINE_S` to come to its end."""

    def __init__(
        self, incoming: Incoming, server: str, closed: threading.Event, ended: Callable[[], None] = lambda: None
    ) -> None:
        """`close` sets `closed`, by which `incoming` knows that it is stopped; `server` is for messages; `ended` is
        called once, when the connection is let go."""
        self._incoming, self._server, self._closed = incoming, server, closed
        self._whole: deque[bytes] = deque()
        self._begun_b = 0
        self._reading = threading.Lock()
        self._ended, self._is_open = ended, True

    def __iter__(self) -> Iterator[bytes]:
        with self._reading:
            try:
                yield from self._lines()
            finally:
                self._let_go()

    def set_idle_s(self, seconds: float) -> None:
        """As `api.WatchStream`; holds from the next wait on."""
        self._incoming.idle_s = seconds

    def is_quiet(self, for_s: float) -> bool:
        """As `api.WatchStream`."""
        return not (self._whole or self._begun_b) and self._incoming.is_quiet(for_s)

    def close(self) -> None:
        """As `api.WatchStream`."""
        self._closed.set()
        self._incoming.shut()
        if self._reading.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._reading.release()

    def _let_go(self) -> None:
        """While `_reading` is held."""
        self._incoming.close()
        if self._is_open:
            self._is_open = False
            self._ended()

    def _lines(self) -> Iterator[bytes]:
        begun: list[bytes] = []
        for chunk in self._incoming.chunks():
            first, *rest = chunk.split(b"\n")
            begun.append(first)
            self._begun_b += len(first)
            if rest:
                *whole, last = [b"".join(begun), *rest]
                begun, self._begun_b = [last], len(last)
                self._incoming.deadline_s = None
                self._whole.extend(filter(None, whole))
                while self._whole:
                    yield self._whole.popleft()
            if self._begun_b and self._incoming.deadline_s is None:
                self._incoming.deadline_s = time.monotonic() + LINE_S
            if self._begun_b > MAX_LINE_B:
                raise BadAnswer(f"a watch of {self._server} sent a line of over {MAX_LINE_B >> 20} MiB")
        if self._begun_b:
            raise ConnectionFailed(f"a watch of {self._server} was cut in the middle of an event")


class _Plain:
    def feed(self, raw: bytes) -> Iterator[bytes]:
        yield raw

    def finish(self) -> None:
        return None


class _Gunzip:
    """gzip as a stream. zlib lets other threads run while it works."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._zlib = zlib.decompressobj(wbits=31)
        self._begun = False

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """What it comes to, in pieces of `PIECE_B` at most, each made when it is asked for."""
        self._begun = True
        while not self._zlib.eof:
            try:
                piece = self._zlib.decompress(raw, PIECE_B)
            except zlib.error as error:
                raise BadAnswer(f"an answer of {self._server} is not the gzip that it says it is") from error
            if piece:
                yield piece
            raw = self._zlib.unconsumed_tail
            if not raw and len(piece) < PIECE_B:  # a full piece may have more behind it, taken in already
                return

    def finish(self) -> None:
        if self._begun and not self._zlib.eof:
            raise BadAnswer(f"an answer of {self._server} was cut short inside its compression")


def _unzipper(encoding: str, config: ClientConfig) -> _Plain | _Gunzip:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gunzip(config.server)
        case other:
            raise BadAnswer(f"{config.server} answered with the encoding {other!r}, which nobody asked for")
