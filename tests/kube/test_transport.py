"""What a server may answer, and what it means."""

from __future__ import annotations

import gzip
import json
import socket
import tracemalloc
from email.utils import formatdate
from random import Random
from time import time

import pytest

from kite_tui.kube import errors
from kite_tui.kube.clientconfig import Impersonation, User
from kite_tui.kube.status import error_of_status
from kite_tui.kube.streams import PIECE_B, READ_B
from kite_tui.kube.transport import is_list
from tests.kube.conftest import Connect, Serve
from tests.kube.server import CHUNKED, Connection, Request, always, answer, api_status, chunk


def test_a_get_gives_status_lower_case_headers_and_the_raw_body(serve: Serve, connected: Connect) -> None:
    server = serve(always(answer(b'{"a": 1}', X_Thing="Here")))
    response = connected(server).get("/api/v1/pods", [("limit", "5"), ("labelSelector", "a in (b,c)")])
    assert (response.status, response.body, response.headers["x-thing"]) == (200, b'{"a": 1}', "Here")
    request = server.requests[0]
    assert request.target == "/api/v1/pods?limit=5&labelSelector=a+in+%28b%2Cc%29"
    assert request.method == "GET"
    assert (request.one("user-agent") or "").startswith("kite-tui/")
    assert request.one("accept") == "application/json"


def test_connections_are_kept_and_used_again(serve: Serve, connected: Connect) -> None:
    server = serve(always(answer()))
    api = connected(server)
    for _ in range(5):
        api.get("/version")
    assert server.connections == 1
    assert api.traffic().requests == {("get", "200"): 5}


def test_a_server_behind_a_path_is_asked_under_it(serve: Serve, connected: Connect) -> None:
    server = serve(always(answer()))
    connected(server.url + "/k8s/clusters/c-1").get("/api/v1/pods")
    assert server.requests[0].target == "/k8s/clusters/c-1/api/v1/pods"


ANONYMOUS = 'pods is forbidden: User "system:anonymous" cannot list resource "pods"'
TOO_LARGE = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        (400, api_status(400, "BadRequest"), errors.BadRequest),
        (401, api_status(401, "Unauthorized"), errors.Unauthorized),
        (403, api_status(403, "Forbidden"), errors.Forbidden),
        (403, api_status(403, "Forbidden", ANONYMOUS), errors.Unauthorized),
        (404, api_status(404, "NotFound"), errors.NotFound),
        (405, api_status(405, "MethodNotAllowed"), errors.MethodNotAllowed),
        (406, api_status(406, "NotAcceptable"), errors.NotAcceptable),
        (409, api_status(409, "Conflict"), errors.BadRequest),
        (410, api_status(410, "Expired"), errors.Expired),
        (422, api_status(422, "Invalid"), errors.BadRequest),
        (429, api_status(429, "TooManyRequests"), errors.TooManyRequests),
        (500, api_status(500, "InternalError"), errors.ServerError),
        (503, "upstream connect error", errors.ServerError),
        (504, api_status(504, "Timeout"), errors.ServerError),
        (504, api_status(504, "Timeout", causes=TOO_LARGE), errors.ResourceVersionTooLarge),
        (500, api_status(500, "Timeout", causes=TOO_LARGE), errors.ResourceVersionTooLarge),
    ],
)
def test_a_refusal_is_the_error_that_its_status_means(
    code: int, status: object, expected: type[errors.ApiError], serve: Serve, connected: Connect
) -> None:
    api = connected(serve(always(answer(status, code))))
    with pytest.raises(errors.ApiError) as raised:
        api.get("/api/v1/pods")
    assert type(raised.value) is expected
    assert raised.value.status == code
    if isinstance(status, dict):
        assert raised.value.reason == status["reason"]


@pytest.mark.parametrize(("header", "expected"), [("7", 7.0), (None, None), ("soon", None), ("-1", None)])
def test_retry_after_is_told_in_seconds(
    header: str | None, expected: float | None, serve: Serve, connected: Connect
) -> None:
    fields = {"Retry_After": header} if header else {}
    api = connected(serve(always(answer(api_status(429), 429, **fields))))
    with pytest.raises(errors.TooManyRequests) as raised:
        api.get("/api/v1/pods")
    assert raised.value.retry_after_s == expected


def test_retry_after_may_be_a_date(serve: Serve, connected: Connect) -> None:
    date = formatdate(time() + 100, usegmt=True)
    api = connected(serve(always(answer(api_status(503), 503, Retry_After=date))))
    with pytest.raises(errors.ServerError) as raised:
        api.get("/api/v1/pods")
    assert raised.value.retry_after_s == pytest.approx(100, abs=3)


@pytest.mark.parametrize("code", [200, 403, 404])
def test_a_web_page_is_no_answer_of_an_api(code: int, serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(b"<html>log in</html>", code, content_type="text/html; charset=utf-8"))))
    with pytest.raises(errors.BadAnswer, match="web page"):
        api.get("/api/v1/pods")


def test_a_web_page_with_502_is_the_servers_error(serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(b"<html>bad gateway</html>", 502, content_type="text/html"))))
    with pytest.raises(errors.ServerError) as raised:
        api.get("/api/v1/pods")
    assert "<html>" not in str(raised.value)


def test_a_redirect_is_not_followed(serve: Serve, connected: Connect) -> None:
    target = serve(always(answer()))
    server = serve(always(answer(b"", 302, Location=target.url + "/login?token=secret")))
    with pytest.raises(errors.BadAnswer, match="redirects") as raised:
        connected(server, User(token="abc")).get("/api/v1/pods")
    assert "secret" not in str(raised.value)
    assert target.requests == []


def test_loopback_is_asked_for_plain_bytes_and_gzip_is_understood_all_the_same(
    serve: Serve, connected: Connect
) -> None:
    body = b"x" * 1_000_000
    server = serve(always(answer(gzip.compress(body), Content_Encoding="gzip")))
    api = connected(server)
    assert api.get("/big").body == body
    assert server.requests[0].one("accept-encoding") == "identity"
    assert api.traffic().received_b < 10_000


@pytest.mark.parametrize("disabled", [False, True])
def test_other_hosts_are_asked_for_gzip_unless_the_kubeconfig_disables_it(
    disabled: bool, serve: Serve, connected: Connect
) -> None:
    proxy = serve(always(answer()))
    connected("http://cluster.example", proxy_url=proxy.url, disable_compression=disabled).get("/version")
    assert proxy.requests[0].one("accept-encoding") == ("identity" if disabled else "gzip")


def test_gzip_that_is_none_is_a_bad_answer(serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(b"not gzip at all", Content_Encoding="gzip"))))
    with pytest.raises(errors.BadAnswer, match="gzip"):
        api.get("/version")


def test_gzip_that_ends_early_is_a_bad_answer(serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(gzip.compress(b"abc" * 10_000)[:-9], Content_Encoding="gzip"))))
    with pytest.raises(errors.BadAnswer, match="cut short"):
        api.get("/version")


@pytest.mark.parametrize("size", [PIECE_B - 1, PIECE_B, PIECE_B + 1, 3 * PIECE_B])
def test_gzip_comes_whole_in_however_many_pieces(size: int, serve: Serve, connected: Connect) -> None:
    for body in (b"x" * size, Random(1).randbytes(size)):
        server = serve(always(answer(gzip.compress(body, 1), Content_Encoding="gzip")))
        assert connected(server).get("/big").body == body


def test_a_little_gzip_that_is_very_large_inside_is_never_held_at_once(
    serve: Serve, connected: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kite_tui.kube.streams.MAX_BODY_B", 4 << 20)
    bomb = gzip.compress(bytes(128 << 20), 9)
    assert len(bomb) < READ_B
    api = connected(serve(always(answer(bomb, Content_Encoding="gzip"))))
    tracemalloc.start()
    try:
        with pytest.raises(errors.BadAnswer, match="over"):
            api.get("/version")
        _, peak_b = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_b < 10 << 20


def test_an_encoding_that_nobody_asked_for_is_a_bad_answer(serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(b"?", Content_Encoding="br"))))
    with pytest.raises(errors.BadAnswer, match="'br'"):
        api.get("/version")


def test_a_body_cut_before_its_length_is_a_broken_connection(serve: Serve, connected: Connect) -> None:
    def handler(_: Request, connection: Connection) -> None:
        connection.send(answer(b"{}", content_length="100"))
        connection.sock.shutdown(socket.SHUT_RDWR)

    with pytest.raises(errors.ConnectionFailed, match="cut in the middle"):
        connected(serve(handler)).get("/version")


def test_a_chunked_body_without_its_end_is_a_broken_connection(serve: Serve, connected: Connect) -> None:
    def handler(_: Request, connection: Connection) -> None:
        connection.send(CHUNKED + chunk(b'{"items": ['))
        connection.sock.shutdown(socket.SHUT_RDWR)

    with pytest.raises(errors.ConnectionFailed, match="cut in the middle"):
        connected(serve(handler)).get("/version")


def test_a_connection_closed_without_an_answer_is_a_broken_connection(serve: Serve, connected: Connect) -> None:
    server = serve(lambda _, connection: connection.sock.shutdown(socket.SHUT_RDWR))
    with pytest.raises(errors.ConnectionFailed, match="closed it without an answer") as raised:
        connected(server).get("/version")
    assert raised.value.__cause__ is not None
    assert len(server.requests) == 1


def test_a_kept_connection_that_the_server_gave_up_is_replaced_once(serve: Serve, connected: Connect) -> None:
    def handler(request: Request, connection: Connection) -> None:
        if request.target == "/last" and len([r for r in server.requests if r.target == "/last"]) == 1:
            connection.sock.shutdown(socket.SHUT_RDWR)
        else:
            connection.send(answer())

    server = serve(handler)
    api = connected(server)
    api.get("/first")
    assert api.get("/last").status == 200
    assert server.connections == 2


def test_an_answer_that_is_no_http_is_a_broken_connection(serve: Serve, connected: Connect) -> None:
    with pytest.raises(errors.ConnectionFailed):
        connected(serve(always(b"SSH-2.0-OpenSSH\r\n\r\n"))).get("/version")


def test_refused_is_said_in_words(connected: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(errors.ConnectionFailed) as raised:
        connected(f"http://127.0.0.1:{port}").get("/version")
    assert str(raised.value) == f"cannot reach http://127.0.0.1:{port}: connection refused"


def test_an_unknown_name_is_said_in_words(connected: Connect) -> None:
    with pytest.raises(errors.ConnectionFailed, match=r"the name nowhere\.invalid is not known"):
        connected("http://nowhere.invalid").get("/version")


def test_silence_before_the_headers_times_out(serve: Serve, connected: Connect) -> None:
    api = connected(serve(lambda _, connection: connection.hold()))
    with pytest.raises(errors.TimedOut):
        api.get("/version", idle_s=0.05)


def test_silence_in_the_body_times_out(serve: Serve, connected: Connect) -> None:
    def handler(_: Request, connection: Connection) -> None:
        connection.send(CHUNKED + chunk(b"{"))
        connection.hold()

    with pytest.raises(errors.TimedOut):
        connected(serve(handler)).get("/version", idle_s=0.05)


def test_a_dripping_body_ends_at_the_total_time(serve: Serve, connected: Connect) -> None:
    def handler(_: Request, connection: Connection) -> None:
        connection.send(answer(b"", content_length="100000"))
        connection.sock.settimeout(0.01)
        for _drop in range(10_000):
            connection.send(b"x")
            try:
                if not connection.sock.recv(1):
                    return
            except TimeoutError:
                continue

    with pytest.raises(errors.TimedOut):
        connected(serve(handler)).get("/version", idle_s=5, total_s=0.1)


def test_request_timeout_of_the_user_bounds_a_get(serve: Serve, connected: Connect) -> None:
    api = connected(serve(lambda _, connection: connection.hold()), request_timeout_s=0.05)
    with pytest.raises(errors.TimedOut):
        api.get("/version")


def test_impersonation_is_sent_with_groups_and_extras_repeated(serve: Serve, connected: Connect) -> None:
    server = serve(always(answer()))
    who = Impersonation("jörg", "42", ("a", "b"), (("scopes/x%", ("one", "two")),))
    connected(server, User(token="t", impersonation=who)).get("/version")
    request = server.requests[0]
    assert request.all("Impersonate-Group") == ["a", "b"]
    assert request.all("Impersonate-Uid") == ["42"]
    assert request.all("Impersonate-User") == ["jörg".encode().decode("latin-1")]
    assert request.all("Impersonate-Extra-scopes%2Fx%25") == ["one", "two"]


def test_every_error_of_the_hierarchy_is_caught_as_api_error(serve: Serve, connected: Connect) -> None:
    api = connected(serve(always(answer(json.dumps([1, 2]).encode(), 500))))
    with pytest.raises(errors.ApiError, match="status 500"):
        api.get("/version")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/pods", True),
        ("/api/v1/namespaces", True),
        ("/api/v1/namespaces/a", False),
        ("/api/v1/namespaces/a/pods", True),
        ("/api/v1/namespaces/a/pods/b", False),
        ("/apis/apps/v1/deployments", True),
        ("/apis/apps/v1/namespaces/a/deployments", True),
        ("/apis/apps/v1/namespaces/a/deployments/b", False),
        ("/api/v1/nodes/n", False),
        ("/version", False),
        ("/apis", False),
        ("/api/v1", False),
    ],
)
def test_a_list_is_told_by_its_path(path: str, expected: bool) -> None:
    assert is_list(path) is expected


@pytest.mark.parametrize("delay_s", [10**400, 5, True, "5"])
def test_whatever_delay_a_status_asks_for_is_an_error_and_no_fault(delay_s: object) -> None:
    error = error_of_status({"code": 429, "details": {"retryAfterSeconds": delay_s}})
    assert isinstance(error, errors.TooManyRequests)
    assert error.retry_after_s is None or error.retry_after_s < 1e10
