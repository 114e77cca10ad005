"""What the benchmarks count with: the audit log and the tunnel."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import audit
from benchmarks.tunnel import Tunnel


def stage(number: int, name: str, uri: str, *, verb: str = "list", code: int = 0, second: int = 0) -> dict[str, Any]:
    return {
        "auditID": str(number),
        "stage": name,
        "requestURI": uri,
        "verb": verb,
        "user": {"username": "kite-tui"},
        "requestReceivedTimestamp": f"2026-01-01T00:00:{second:02}.000000Z",
        **({"responseStatus": {"code": code}} if code else {}),
    }


def test_a_request_is_counted_once_however_many_stages_it_has(tmp_path: Path) -> None:
    log = audit.log_of(tmp_path)
    stages = [
        stage(1, "RequestReceived", "/api/v1/pods?limit=100"),
        stage(1, "ResponseComplete", "/api/v1/pods?limit=100", code=200),
        stage(3, "RequestReceived", "/api/v1/pods?watch=1", verb="watch", second=3),
        stage(2, "RequestReceived", "/api/v1/pods?continue=abc&limit=500", second=2),
        stage(2, "ResponseComplete", "/api/v1/pods?continue=abc&limit=500", code=410, second=2),
        stage(3, "ResponseStarted", "/api/v1/pods?watch=1", verb="watch", code=200, second=3),
    ]
    log.write_text("\n".join(map(json.dumps, stages)))
    found = audit.requests(log)
    assert [(each.verb, each.path, each.is_continued, each.status) for each in found] == [
        ("list", "/api/v1/pods", False, 200),
        ("list", "/api/v1/pods", True, 410),
        ("watch", "/api/v1/pods", False, 200),
    ]


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says everything twice, to one client."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            while part := client.recv(1024):
                client.sendall(part * 2)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)
    assert not thread.is_alive()


def connected(tunnel: Tunnel) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", int(tunnel.url.rpartition(":")[2])), timeout=5)
    client.sendall(b"CONNECT far.invalid:6443 HTTP/1.1\r\nHost: far.invalid:6443\r\n\r\n")
    assert client.recv(1024).startswith(b"HTTP/1.1 200")
    return client


def test_the_tunnel_counts_what_goes_through_it_and_not_how_it_was_opened(echo: int) -> None:
    with Tunnel(echo) as tunnel, connected(tunnel) as client:
        client.sendall(b"abc")
        answer = b""
        while len(answer) < 6:
            answer += client.recv(1024)
        assert answer == b"abcabc"
        assert (tunnel.sent_b, tunnel.received_b, tunnel.connections) == (3, 6, 1)


def test_the_tunnel_ends_with_its_connections(echo: int) -> None:
    with Tunnel(echo) as tunnel, connected(tunnel) as client:
        tunnel.__exit__()
        assert client.recv(1024) == b""
