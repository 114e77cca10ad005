"""Streaming lists: read to their bookmark, painted and swapped in as pages are, gone on with as a watch, refused."""

from __future__ import annotations

import pytest

from kite_tui.cache.streaming import Streaming
from kite_tui.kube import errors as e
from kite_tui.objects.states import Failed, Forbidden, Live, Polling, Stale, Syncing
from tests.cache.fakes import (
    Calling,
    Item,
    Lines,
    Passing,
    Stage,
    bookmark,
    error_event,
    event,
    item,
    items,
    last_initial,
)


def streaming_stage(**options: object) -> Stage:
    return Stage(streaming=Streaming(True), **options)  # type: ignore[arg-type]


def added(*rows: Item) -> list[bytes]:
    return [event("ADDED", row) for row in rows]


def followed(stage: Stage, *names: str, version: int = 100) -> Lines:
    """A streaming list of these names, and a watch after it that lasts 5 s."""
    return stage.api.watch_of(*added(*items(*names)), last_initial(version), Passing(5))


def test_a_streaming_list_is_one_watch_without_a_version() -> None:
    stage = streaming_stage()
    lines = followed(stage, "a", "b")
    stage.step()
    assert [asked.verb for asked in stage.api.asked] == ["watch"]
    assert stage.api.asked[0].query == {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "timeoutSeconds": "300",
    }
    assert lines.idle_s == [10, 330]
    assert stage.names() == ["a", "b"]
    assert (stage.reflector.stats.lists, stage.reflector.stats.watches, stage.reflector.stats.events) == (1, 1, 0)


def test_rows_of_a_first_list_are_painted_a_hundred_and_then_five_hundred_at_a_time() -> None:
    stage = streaming_stage()
    rows = [item(f"i{number:04}", 1) for number in range(1200)]
    stage.api.watch_of(*added(*rows), last_initial(7), Passing(5))
    stage.step()
    assert stage.states == [Syncing(100), Syncing(600), Syncing(1100), Live()]
    assert len(stage.store) == 1200


def test_a_first_list_is_live_at_its_bookmark_and_the_same_stream_goes_on_as_the_watch() -> None:
    stage = streaming_stage()
    seen: list[object] = []
    stage.api.watch_of(
        *added(*items("a")),
        Calling(lambda: seen.append(stage.shown())),
        last_initial(100),
        Calling(lambda: seen.append(stage.shown())),
        event("ADDED", item("b", 101)),
        event("DELETED", item("a", 102)),
        Passing(5),
    )
    stage.step()
    assert seen == [Syncing(), Live()]
    assert stage.names() == ["b"]
    assert stage.reflector.stats.events == 2


def test_only_a_bookmark_after_the_lists_own_says_how_often_the_server_speaks() -> None:
    stage = streaming_stage()
    lines = stage.api.watch_of(*added(*items("a")), last_initial(100), bookmark(101), bookmark(102), Passing(5))
    stage.step()
    assert lines.idle_s == [10, 330, 75]


def test_the_next_watch_goes_on_from_the_last_version_without_a_list() -> None:
    stage = streaming_stage()
    stage.api.watch_of(*added(*items("a")), last_initial(100), event("ADDED", item("b", 107)), Passing(200))
    stage.api.watch_of(Passing(5))
    stage.step(2)
    assert stage.api.asked[1].query["resourceVersion"] == "107"
    assert "sendInitialEvents" not in stage.api.asked[1].query
    assert stage.reflector.stats.lists == 1


def test_what_changed_before_the_bookmark_is_as_it_was_last() -> None:
    stage = streaming_stage()
    stage.api.watch_of(
        *added(*items("a", "b")),
        event("MODIFIED", item("a", 50, value=7)),
        event("DELETED", item("b", 51)),
        event("ADDED", item("c", 52)),
        last_initial(52),
        Passing(5),
    )
    stage.step()
    assert stage.names() == ["a", "c"]
    assert stage.store.get("shop", "a") == item("a", 50, value=7)


def test_a_relist_shows_the_old_rows_as_stale_until_the_bookmark() -> None:
    stage = streaming_stage()
    followed(stage, "gone", "kept")
    stage.step()
    stage.api.watch_of(error_event(410, reason="Expired"))
    seen: list[tuple[object, list[str]]] = []

    def look() -> None:
        seen.append((type(stage.shown()), stage.names()))

    stage.api.watch_of(*added(*items("kept", "new")), Calling(look), last_initial(200), Calling(look), Passing(5))
    stage.step(2)
    assert seen == [(Stale, ["gone", "kept"]), (Live, ["kept", "new"])]


def test_a_recreated_object_is_another_one_after_a_relist() -> None:
    stage = streaming_stage()
    followed(stage, "a")
    stage.api.watch_of(error_event(410, reason="Expired"))
    stage.api.watch_of(*added(item("a", 150, uid="new")), last_initial(200), Passing(5))
    stage.step(3)
    held = stage.store.get("shop", "a")
    assert held is not None
    assert held.uid == "new"


REFUSED: list[e.ApiError] = [e.BadRequest("invalid", status=422), e.BadRequest("odd", status=400)]


@pytest.mark.parametrize("error", REFUSED, ids=["422", "400"])
def test_a_refused_stream_is_a_list_in_pages_at_once_and_from_then_on(error: e.ApiError) -> None:
    stage = streaming_stage()
    stage.api.fail(error).page(items("a"))
    assert stage.step() == 0
    assert stage.shown() == Syncing()
    stage.step()
    stage.api.watch_of(error_event(410, reason="Expired"))
    stage.api.page(items("b"))
    stage.step(2)
    assert stage.verbs() == ["watch", "list", "watch", "list"]
    assert stage.names() == ["b"]


def test_a_refusal_is_remembered_by_every_reflector_of_the_resource() -> None:
    streaming = Streaming(True)
    first, second = Stage(streaming=streaming, part="shop"), Stage(streaming=streaming, part="till")
    first.api.fail(e.BadRequest("invalid", status=422))
    first.step()
    second.api.page(items("a"))
    second.step()
    assert second.verbs() == ["list"]


@pytest.mark.parametrize("shown", [[], added(*items("a"))], ids=["nothing", "rows"])
def test_ten_seconds_of_silence_before_the_bookmark_are_a_refusal(shown: list[bytes]) -> None:
    stage = streaming_stage()
    stage.api.watch_of(*shown, Passing(10), end=e.TimedOut("silent"))
    stage.api.page(items("a"))
    assert stage.step() == 0
    stage.step()
    assert stage.verbs() == ["watch", "list"]
    assert not stage.streaming.is_on


def test_so_is_a_bookmark_that_is_not_the_lists_end() -> None:
    stage = streaming_stage()
    stage.api.watch_of(*added(*items("a")), bookmark(100))
    assert stage.step() == 0
    assert not stage.streaming.is_on


def test_a_stream_that_is_not_answered_is_this_once_a_list_in_pages() -> None:
    stage = streaming_stage()
    stage.api.fail(e.TimedOut("no answer to connecting")).page(items("a"))
    assert stage.step() == pytest.approx(0.8)
    assert isinstance(stage.shown(), Failed)
    stage.step()
    stage.api.watch_of(error_event(410, reason="Expired"))
    followed(stage, "b")
    stage.step(2)
    assert stage.verbs() == ["watch", "list", "watch", "watch"]
    assert stage.names() == ["b"]


def test_who_may_list_but_not_watch_is_polled_in_pages() -> None:
    stage = streaming_stage()
    forbidden = e.Forbidden("no watch", status=403)
    stage.api.fail(forbidden).page(items("a")).fail(forbidden).page(items("b"))
    stage.step(4)
    assert stage.verbs() == ["watch", "list", "watch", "list"]
    assert isinstance(stage.shown(), Polling)
    assert stage.names() == ["b"]
    assert stage.streaming.is_on


def test_who_may_do_neither_is_forbidden_and_asked_again_after_a_minute() -> None:
    stage = streaming_stage()
    stage.api.fail(e.Forbidden("no", status=403), e.Forbidden("no", status=403))
    assert 60 <= stage.step(2) <= 120
    assert stage.shown() == Forbidden("list", "the cluster", "no")
    followed(stage, "a")
    stage.step()
    assert stage.shown() == Live()


def test_a_stream_that_is_cut_begins_again_and_shows_nothing_of_the_first_try() -> None:
    stage = streaming_stage()
    stage.api.watch_of(*added(*items("gone", "kept")), end=e.ConnectionFailed("cut"))
    followed(stage, "kept")
    assert stage.step() == pytest.approx(0.8)
    stage.step()
    assert stage.names() == ["kept"]
    assert stage.shown() == Live()


def test_a_stream_that_ends_in_order_before_its_bookmark_is_a_failure() -> None:
    stage = streaming_stage()
    stage.api.watch_of(*added(*items("a")))
    assert stage.step() == pytest.approx(0.8)
    state = stage.shown()
    assert isinstance(state, Failed)
    assert state.reason == "the server ended a streaming list before it was whole"


def test_three_failures_in_a_row_make_it_a_list_in_pages() -> None:
    stage = streaming_stage()
    for _ in range(3):
        stage.api.watch_of(*added(*items("a")), end=e.ConnectionFailed("cut"))
    stage.api.page(items("a"))
    assert [round(stage.step(), 3) for _ in range(3)] == [0.8, 1.6, 3.2]
    stage.step()
    assert stage.verbs() == ["watch", "watch", "watch", "list"]
    assert stage.streaming.is_on


@pytest.mark.parametrize("line", [b"{", b'{"type":"BOOKMARK","object":7}', b'{"type":"ERROR","object":7}'])
def test_a_malformed_line_in_a_streaming_list_goes_through_the_back_off(line: bytes) -> None:
    stage = streaming_stage()
    stage.api.watch_of(line)
    assert stage.step() == pytest.approx(0.8)
    assert isinstance(stage.shown(), Failed)


def test_a_410_in_a_streaming_list_begins_it_again_at_once_and_then_after_a_back_off() -> None:
    stage = streaming_stage()
    for _ in range(2):
        stage.api.watch_of(error_event(410, reason="Expired"))
    assert stage.step() == 0
    assert stage.step() == pytest.approx(1.6)
    assert stage.verbs() == ["watch", "watch"]


def test_a_429_waits_and_streams_again() -> None:
    stage = streaming_stage()
    stage.api.fail(e.TooManyRequests("slow", status=429, retry_after_s=9))
    followed(stage, "a")
    assert stage.step() == pytest.approx(9)
    stage.step()
    assert stage.shown() == Live()


def test_credentials_are_renewed_and_the_list_streamed_again() -> None:
    stage = streaming_stage()
    stage.api.renewals.append(True)
    stage.api.fail(e.Unauthorized("old", status=401))
    followed(stage, "a")
    assert stage.step() == 0
    stage.step()
    assert stage.shown() == Live()


def test_malformed_objects_and_unknown_types_are_left_out_of_a_streaming_list() -> None:
    stage = streaming_stage()
    stage.api.watch_of(
        b'{"type":"ADDED","object":{}}',
        b'{"type":"NOVEL","object":{}}',
        *added(*items("a")),
        last_initial(5),
        Passing(5),
    )
    stage.step()
    assert stage.names() == ["a"]
    assert stage.reflector.stats.malformed == 1


def test_a_refresh_lets_a_list_under_way_go_on_and_is_answered_by_it() -> None:
    stage = streaming_stage()
    stage.api.watch_of(Calling(lambda: stage.reflector.refresh()), *added(*items("a")), last_initial(100), Passing(5))
    stage.api.watch_of(Passing(5))
    stage.step()
    assert stage.names() == ["a"]
    stage.step()
    assert stage.api.asked[1].query["resourceVersion"] == "100"


def test_a_refresh_after_the_list_cuts_the_watch_and_streams_again() -> None:
    stage = streaming_stage()
    lines = stage.api.watch_of(last_initial(100), Calling(lambda: stage.reflector.refresh()), *added(*items("no")))
    followed(stage, "b")
    assert stage.step() == 0
    assert lines.closed
    stage.step()
    assert stage.names() == ["b"]


def test_stop_in_the_middle_of_a_streaming_list_swaps_nothing_in() -> None:
    stage = streaming_stage()
    lines = stage.api.watch_of(*added(*items("a")), Calling(lambda: stage.reflector.stop()), last_initial(100))
    stage.step()
    assert lines.closed
    assert stage.names() == []
    assert stage.reflector.stats.lists == 0


def test_a_server_that_ends_the_stream_right_after_its_list_goes_through_the_back_off() -> None:
    stage = streaming_stage()
    stage.api.watch_of(*added(*items("a")), last_initial(100))
    stage.api.watch_of(Passing(5))
    assert stage.step() == pytest.approx(0.8)
    stage.step()
    assert stage.api.asked[1].query["resourceVersion"] == "100"


def test_a_bookmark_without_a_version_is_followed_from_any() -> None:
    stage = streaming_stage()
    stage.api.watch_of(
        b'{"type":"BOOKMARK","object":{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"}}}}'
    )
    stage.step()
    stage.api.watch_of(Passing(5))
    stage.step()
    assert stage.api.asked[1].query["resourceVersion"] == "0"


def test_what_is_only_polled_is_never_streamed() -> None:
    stage = streaming_stage(poll_every_s=15)
    stage.api.page(items("a")).page(items("a"))
    stage.step(2)
    assert set(stage.verbs()) == {"list"}
