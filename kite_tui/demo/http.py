"""HTTP/1.1 on a socket: connections with a thread each, whole answers, and streams in chunks."""

from __future__ import annotations

import contextlib
import gzip
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from kite_tui.demo.answers import JSON, Answer, Refused
from kite_tui.demo.listoptions import Query
from kite_tui.demo.watches import Watch

GZIP_OVER = 128 * 1024
"""Bodies larger than this are compressed where the client accepts it, as upstream does."""


class Application(Protocol):
    """What answers requests."""

    speaks: threading.Event
    """While it is clear nothing is sent."""

    def answer(
        self, method: str, path: str, query: Query, accept: str, authorization: str, body: bytes
    ) -> Answer | Watch:
        """What to send. Raises Refused."""
        ...

    def watching(self, watch: Watch) -> contextlib.AbstractContextManager[None]:
        """Count a watch as open."""
        ...


class Listener(ThreadingMixIn, HTTPServer):
    """A thread for every connection; it knows them all, to cut them when it ends."""

    daemon_threads = True
    request_queue_size = 128
    demo: Application

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name="demo-connection", daemon=True
        )
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is shown with its traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def cut_connections(self) -> None:
        """Shut every socket and wait for the threads that read from them."""
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    server: Listener

    def _serve(self) -> None:
        demo = self.server.demo
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        accept = self.headers.get("Accept", "")
        try:
            authorization = self.headers.get("Authorization", "")
            answer = demo.answer(self.command, unquote(parts.path), query, accept, authorization, body)
        except Refused as refused:
            answer = refused.answer
        if isinstance(answer, Watch):
            with demo.watching(answer):
                self._stream(answer)
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = _serve  # noqa: N815 - http.server's names

    def _send(self, answer: Answer) -> None:
        self.server.demo.speaks.wait()
        body = answer.body
        self.send_response(answer.status)
        self.send_header("Cache-Control", "no-cache, private")
        self.send_header("Content-Type", answer.content_type)
        if len(body) > GZIP_OVER and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 4)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, watch: Watch) -> None:
        self.send_response(200)
        self.send_header("Cache-Control", "no-cache, private")
        self.send_header("Content-Type", JSON)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for chunk in watch.lines(self._is_gone):
            self.server.demo.speaks.wait()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        if watch.is_cut:
            self.wfile.write(b'40\r\n{"type":"MODIFIED","object":{"ki')
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _is_gone(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: the server's own counters tell more."""
