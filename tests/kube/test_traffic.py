"""Requests are counted once each, by what they were and how they ended, where they are made."""

from __future__ import annotations

import gzip
import threading

import pytest

from kite_tui.kube import errors
from kite_tui.kube.ratelimit import Slots, TokenBucket
from kite_tui.kube.traffic import TrafficCounter
from tests.kube.conftest import Connect, Serve
from tests.kube.server import CHUNKED, Connection, Request, always, answer, api_status, chunk
from tests.kube.test_credentials import Clock
from tests.kube.test_watch import Reading, sends, wait_until


def counter(clock: Clock) -> TrafficCounter:
    return TrafficCounter(lambda: clock.now_s)


def idle() -> tuple[TokenBucket, Slots]:
    return TokenBucket(stop=threading.Event()), Slots()


def test_each_request_is_counted_by_verb_and_status_however_it_ends(serve: Serve, connected: Connect) -> None:
    def handler(request: Request, connection: Connection) -> None:
        code = 403 if "secrets" in request.target else 200
        always(answer(api_status(code) if code == 403 else b"{}", code))(request, connection)

    api = connected(serve(handler))
    for _ in range(3):
        api.get("/api/v1/pods")
    api.get("/api/v1/namespaces/a/pods/b")
    with pytest.raises(errors.Forbidden):
        api.get("/api/v1/secrets")
    traffic = api.traffic()
    assert traffic.requests == {("list", "200"): 3, ("get", "200"): 1, ("list", "403"): 1}
    assert traffic.total == 5
    assert {verb: took.count for verb, took in traffic.durations.items()} == {"list": 4, "get": 1}


def test_an_answer_that_is_cut_short_has_failed_and_has_no_duration(serve: Serve, connected: Connect) -> None:
    api = connected(serve(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", then_cut=True)))
    with pytest.raises(errors.ConnectionFailed):
        api.get("/api/v1/pods")
    assert api.traffic().requests == {("list", "failed"): 1}
    assert api.traffic().durations == {}


def test_no_answer_at_all_has_failed(connected: Connect) -> None:
    api = connected("http://127.0.0.1:9")
    with pytest.raises(errors.ConnectionFailed):
        api.get("/version")
    assert api.traffic().requests == {("get", "failed"): 1}


def test_a_request_is_timed_to_its_end() -> None:
    clock = Clock()
    counting = counter(clock)
    with counting.request("list") as counted:
        clock.now_s += 2
        counted.answered(200)
    took = counting.as_of_now(*idle()).durations["list"]
    assert took.sum_s == 2
    assert took.quantile_s(0.5) == pytest.approx(2, rel=0.1)


def test_bytes_are_those_of_the_wire_of_each_answer_and_in_all(serve: Serve, connected: Connect) -> None:
    body = gzip.compress(b"x" * 100_000)
    api = connected(serve(always(answer(body, Content_Encoding="gzip"))))
    response = api.get("/api/v1/pods")
    assert (len(response.body), response.received_b) == (100_000, len(body))
    assert api.traffic().received_b == len(body)


def test_a_watch_is_open_until_it_is_let_go_and_no_longer(serve: Serve, connected: Connect) -> None:
    api = connected(serve(sends(CHUNKED, chunk(b"{}\n"), then_hold=True)))
    watch = api.watch("/api/v1/pods")
    assert api.traffic().watches_now == 1
    reading = Reading(lambda: list(watch))
    watch.close()
    assert isinstance(reading.ends_soon(), errors.Cancelled)
    watch.close()
    assert api.traffic().watches_now == 0
    assert api.traffic().requests == {("watch", "200"): 1}


def test_who_waits_for_the_rate_limit_is_counted_while_waiting() -> None:
    waiting, go = threading.Event(), threading.Event()

    def wait(_seconds: float) -> bool:
        waiting.set()
        return not go.wait(5)

    limit = TokenBucket(1, 1, stop=threading.Event(), wait=wait)
    limit.acquire()
    assert limit.waiting == 0
    reading = Reading(limit.acquire)
    assert waiting.wait(5)
    assert limit.waiting == 1
    go.set()
    assert reading.ends_soon() is None
    assert limit.waiting == 0


def test_who_waits_for_a_slot_is_counted_and_so_is_the_time() -> None:
    clock, leave, entered = Clock(), threading.Event(), threading.Semaphore(0)
    slots = Slots(1, clock=lambda: clock.now_s)

    def work() -> None:
        with slots.one():
            entered.release()
            leave.wait(5)

    first = Reading(work)
    assert entered.acquire(timeout=5)
    second = Reading(work)
    wait_until(lambda: slots.waiting == 1)
    assert (slots.taken, slots.waited_s) == (1, 0)
    clock.now_s += 3
    leave.set()
    assert (first.ends_soon(), second.ends_soon()) == (None, None)
    assert (slots.taken, slots.waiting, slots.waited_s) == (0, 0, 3)
