"""The faults that the proxy can do: at a connection, in place of an answer, inside one, or in a watch that is open."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from tests.faults.proxy import Exchange, Proxy, hang_up, head

BIG_B = 8 << 20
FLOOD = 10_000
DRIP_S = 1.0
ALWAYS = 10**9
ANYTHING = frozenset({"list", "watch"})


class Shown(Enum):
    """What a kind that was live has to show while the fault lasts."""

    STALE = "stale, and the old rows"
    ROUND = "stale, and live again as soon as a way round it is found"
    LIVE = "live, and what the server has"
    UNKNOWING = "live or stale: nobody can know that the server would have more to say"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, from `Proxy.strike` until `Proxy.heal`.

    `answer` takes the place of the server's answer to requests of `verbs` whose path ends so, the next `times` of them;
    watches that are open are reset then, so that something is asked. `body` writes the body of a server's answer,
    `line` each line of a watch, `open_watch` strikes a watch that is open or opens. `connection` takes a connection
    over before it is spoken on; `begin` and `end` do something to the proxy itself.
    """

    name: str
    shown: Shown = Shown.STALE
    answer: Callable[[Exchange], None] | None = None
    body: Callable[[Exchange, bytes], None] | None = None
    line: Callable[[Exchange, bytes], None] | None = None
    open_watch: Callable[[Exchange], None] | None = None
    connection: Callable[[Proxy, socket.socket], None] | None = None
    begin: Callable[[Proxy], None] | None = None
    end: Callable[[Proxy], None] | None = None
    verbs: Collection[str] = ANYTHING
    path: str = ""
    only: Callable[[Exchange], bool] = lambda _: True
    times: int = ALWAYS

    def strikes(self, exchange: Exchange) -> bool:
        """Whether a request is one of those that are meant."""
        return exchange.verb in self.verbs and exchange.path.endswith(self.path) and self.only(exchange)


def status_document(code: int, reason: str = "", message: str = "") -> dict[str, Any]:
    """A Status of failure."""
    said = message or f"the proxy answers {code}"
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": said, "reason": reason, "code": code}


# -- in place of an answer --------------------------------------------------------------------------------------------


def _says(code: int, reason: str, *headers: tuple[str, str]) -> Callable[[Exchange], None]:
    body = json.dumps(status_document(code, reason)).encode()
    return lambda exchange: exchange.answer(code, body, *headers)


def _redirect(exchange: Exchange) -> None:
    exchange.answer(302, b"", ("Location", "https://login.test/"))


def _web_page(exchange: Exchange) -> None:
    exchange.answer(200, b"<html><body>Please log in.</body></html>", kind="text/html; charset=utf-8")


def _truncated_gzip(exchange: Exchange) -> None:
    body = gzip.compress(b'{"metadata":{"resourceVersion":"1"},"items":[]}' * 20)
    exchange.answer(200, body[: len(body) // 2], ("Content-Encoding", "gzip"))


def _cut_body(exchange: Exchange) -> None:
    exchange.send(head(200, ("Content-Type", "application/json"), ("Content-Length", "500")) + b'{"metadata":{"res')
    exchange.cut()


def _held(exchange: Exchange) -> None:
    exchange.hold()
    exchange.forward()


def _for_good(exchange: Exchange) -> None:
    with exchange.proxy.holding():
        while exchange.client.recv(4096):
            pass


def _continues(exchange: Exchange) -> bool:
    return "continue" in exchange.query


# -- inside an answer, and in open watches ----------------------------------------------------------------------------


def _drip(exchange: Exchange, body: bytes) -> None:
    """A byte a second, and the rest when the fault is healed."""
    for at in range(len(body)):
        exchange.send(body[at : at + 1])
        if exchange.hold(DRIP_S):
            exchange.send(body[at + 1 :])
            return


def _drip_line(exchange: Exchange, line: bytes) -> None:
    exchange.send(b"%x\r\n" % (len(line) + 1))
    _drip(exchange, line + b"\n")
    exchange.send(b"\r\n")


def _hold_line(exchange: Exchange, line: bytes) -> None:
    exchange.hold()
    exchange.line(line)


def _event(type_: str, content: object) -> bytes:
    return json.dumps({"type": type_, "object": content}, separators=(",", ":")).encode()


def _sends(*lines: bytes) -> Callable[[Exchange], None]:
    def send(exchange: Exchange) -> None:
        for line in lines:
            exchange.line(line)

    return send


def _cut_in_line(exchange: Exchange) -> None:
    exchange.send(b'40\r\n{"type":"MODIFIED","object":{"ki')
    exchange.cut()


def _twice(exchange: Exchange, line: bytes) -> None:
    exchange.line(line)
    exchange.line(line)


def _again(exchange: Exchange) -> None:
    if exchange.last_event:
        exchange.line(exchange.last_event)


def _last_object(exchange: Exchange) -> dict[str, Any] | None:
    """The object of the last event, to send once more with something else in it."""
    found: dict[str, Any] = json.loads(exchange.last_event or b"{}")
    return found["object"] if found.get("type") in ("ADDED", "MODIFIED") else None


def _big(exchange: Exchange) -> None:
    content = _last_object(exchange)
    if content is not None:
        annotations = {"padding": "x" * BIG_B}
        exchange.line(_event("MODIFIED", {**content, "metadata": {**content["metadata"], "annotations": annotations}}))


def _flood(exchange: Exchange) -> None:
    """The last object, changed and changed back at the version that it has."""
    content = _last_object(exchange)
    if content is not None:
        labels = content["metadata"].get("labels", {})
        for number in range(FLOOD - 1):
            changed = {**labels, "flood": str(number)}
            exchange.line(_event("MODIFIED", {**content, "metadata": {**content["metadata"], "labels": changed}}))
        exchange.line(exchange.last_event)


_OLDER = _event("BOOKMARK", {"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}})
_EXPIRED = _event("ERROR", status_document(410, "Expired"))


# -- connections ------------------------------------------------------------------------------------------------------


def _cut_handshake(proxy: Proxy, client: socket.socket) -> None:
    client.recv(64)
    hang_up(client)


def refused() -> Fault:
    """Nobody listens."""
    return Fault("connection refused", begin=Proxy.refuse, end=Proxy.accept)


def cut_handshake() -> Fault:
    """TLS is cut after the client's first bytes."""
    return Fault("TLS cut in the handshake", connection=_cut_handshake, begin=Proxy.hang_up_all)


def other_certificate(other: ssl.SSLContext, usual: ssl.SSLContext) -> Fault:
    """The server shows the certificate of another authority."""

    def change(to: ssl.SSLContext, proxy: Proxy) -> None:
        proxy.tls = to
        proxy.hang_up_all()

    return Fault("another certificate", begin=partial(change, other), end=partial(change, usual))


# -- the matrix -------------------------------------------------------------------------------------------------------

ANSWERS: tuple[Fault, ...] = (
    Fault("reset", answer=Exchange.reset),
    Fault("silence, then an answer", answer=_held),
    Fault("silence for good", answer=_for_good),
    Fault("401", answer=_says(401, "Unauthorized")),
    Fault("403", answer=_says(403, "Forbidden")),
    Fault("404", answer=_says(404, "NotFound")),
    Fault("409", answer=_says(409, "Conflict")),
    Fault("410", answer=_says(410, "Expired")),
    Fault("422", answer=_says(422, "Invalid")),
    Fault("429, Retry-After 2", answer=_says(429, "TooManyRequests", ("Retry-After", "2"))),
    Fault("500", answer=_says(500, "InternalError")),
    Fault("503", answer=_says(503, "ServiceUnavailable")),
    Fault("504", answer=_says(504, "Timeout")),
    Fault("redirect", answer=_redirect),
    Fault("web page", answer=_web_page),
    Fault("truncated gzip", answer=_truncated_gzip),
    Fault("cut in the body", answer=_cut_body),
)
"""In place of an answer, whatever was asked."""

CONTINUED = Fault("410 on a continue token", Shown.ROUND, answer=_says(410, "Expired"), verbs={"list"}, only=_continues)

WATCHES: tuple[Fault, ...] = (
    Fault("403 on watches alone", answer=_says(403, "Forbidden"), verbs={"watch"}),
    Fault("410 as an ERROR event", open_watch=_sends(_EXPIRED)),
    Fault("EOF in a line", open_watch=_cut_in_line),
    Fault("event without metadata", Shown.LIVE, open_watch=_sends(_event("MODIFIED", {"spec": {}}))),
    Fault("unknown event type", Shown.LIVE, open_watch=_sends(_event("NOVEL", {"metadata": {"name": "x"}}))),
    Fault("duplicate events", Shown.LIVE, open_watch=_again, line=_twice),
    Fault("event of 8 MB", Shown.LIVE, open_watch=_big),
    Fault("bookmark with an older version", open_watch=_sends(_OLDER)),
    Fault("10 000 events at once", Shown.LIVE, open_watch=_flood),
    Fault("silent watch", Shown.UNKNOWING, line=_hold_line),
)
"""In a watch that is open."""

SLOW = Fault("1 byte a second", Shown.UNKNOWING, body=_drip, line=_drip_line)
"""Lists and watches."""
