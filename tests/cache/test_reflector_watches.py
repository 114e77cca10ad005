"""Watches: what their events do, how they end, and what follows."""

from __future__ import annotations

import pytest

from kite_tui.cache.reflector import REST_S
from kite_tui.kube import errors as e
from kite_tui.objects.states import Failed, Live, Polling, Stale, State
from tests.cache.fakes import Calling, Passing, Stage, bookmark, error_event, event, item, items


def test_a_watch_begins_at_the_lists_version_with_bookmarks_and_a_time_of_its_own() -> None:
    stage = Stage().synced("a", version=42)
    lines = stage.api.watch_of(Passing(5))
    stage.step()
    assert stage.api.asked[-1].query == {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "resourceVersion": "42",
        "timeoutSeconds": "300",
    }
    assert lines.idle_s == [330]


def test_events_add_change_and_delete_objects() -> None:
    stage = Stage().synced("a", "b")
    stage.api.watch_of(
        event("ADDED", item("c", 101)),
        event("MODIFIED", item("a", 102, value=7)),
        event("DELETED", item("b", 103)),
    )
    stage.step()
    assert stage.names() == ["a", "c"]
    assert stage.store.get("shop", "a") == item("a", 102, value=7)
    assert stage.reflector.stats.events == 3


def test_a_delete_of_an_earlier_object_leaves_the_recreated_one() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(event("ADDED", item("a", 101, uid="new")), event("DELETED", item("a", 102, uid="old")))
    stage.step()
    held = stage.store.get("shop", "a")
    assert held is not None
    assert held.uid == "new"


def test_a_clean_end_watches_again_from_the_last_version_at_once_without_a_relist() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(event("ADDED", item("b", 107)), Passing(200))
    stage.api.watch_of(Passing(5))
    assert stage.step() == 0
    stage.step()
    assert stage.verbs() == ["list", "watch", "watch"]
    assert stage.api.asked[-1].query["resourceVersion"] == "107"
    assert stage.api.asked[-1].state == Live()


def test_a_bookmark_moves_the_version_and_shortens_the_patience_to_75_s() -> None:
    stage = Stage().synced("a")
    lines = stage.api.watch_of(bookmark(150), bookmark(160), Passing(2))
    stage.api.watch_of(Passing(5))
    stage.step(2)
    assert lines.idle_s == [330, 75]
    assert stage.api.asked[-1].query["resourceVersion"] == "160"


def test_silence_after_a_bookmark_opens_the_watch_again_at_the_same_version() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(bookmark(150), Passing(75), end=e.TimedOut("silent"))
    stage.api.watch_of(Passing(5))
    stage.step()
    assert isinstance(stage.shown(), Stale)
    stage.step()
    assert stage.verbs() == ["list", "watch", "watch"]
    assert stage.api.asked[-1].query["resourceVersion"] == "150"
    assert stage.shown() == Live()


def test_a_watch_that_ran_its_whole_time_with_nothing_is_followed_by_a_relist() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(300))
    stage.api.page(items("b"))
    stage.step(2)
    assert stage.verbs() == ["list", "watch", "list"]
    assert stage.names() == ["b"]


def test_so_is_one_that_the_server_forgot_to_end() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(330), end=e.TimedOut("silent"))
    stage.api.page(items("b"))
    stage.step(2)
    assert stage.verbs() == ["list", "watch", "list"]


def test_a_bookmark_in_that_time_is_enough_to_stay() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(60), bookmark(100), Passing(240))
    stage.api.watch_of(Passing(5))
    stage.step(2)
    assert stage.verbs() == ["list", "watch", "watch"]


def test_a_bookmark_older_than_ours_relists() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(bookmark(99))
    stage.api.page(items("restored"), 99)
    assert stage.step() == pytest.approx(0.8)
    stage.step()
    assert stage.verbs() == ["list", "watch", "list"]
    assert stage.names() == ["restored"]


def test_versions_that_are_not_decimal_have_no_order() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(
        b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"b"}}}',
        b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"a"}}}',
        Passing(5),
    )
    stage.api.watch_of(Passing(5))
    stage.step(2)
    assert stage.api.asked[-1].query["resourceVersion"] == "a"


@pytest.mark.parametrize("lines", [[], [bookmark(101)], [event("MODIFIED", item("a", 100))]])
def test_watches_that_end_at_once_and_bring_nothing_new_go_through_the_back_off(lines: list[bytes]) -> None:
    stage = Stage().synced("a")
    for _ in range(5):
        stage.api.watch_of(*lines)
    assert [round(stage.step(), 3) for _ in range(5)] == [0.8, 1.6, 3.2, 6.4, 12.8]
    assert stage.verbs() == ["list", *["watch"] * 5]
    assert isinstance(stage.store.state, Stale)


@pytest.mark.parametrize("as_event", [True, False], ids=["event", "status"])
def test_the_first_410_relists_at_once_and_the_next_after_a_back_off(as_event: bool) -> None:
    stage = Stage()

    def expire() -> None:
        if as_event:
            stage.api.watch_of(error_event(410, reason="Expired"))
        else:
            stage.api.fail(e.Expired("old", status=410))

    stage.synced("a")
    expire()
    assert stage.step() == 0
    stage.synced("a")
    expire()
    assert stage.step() == pytest.approx(1.6), "the relist without delay was the first step of the back-off"


def test_after_two_minutes_of_health_a_410_is_a_first_one_again() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(error_event(410))
    stage.step()
    stage.synced("a")
    stage.api.watch_of(Passing(121), error_event(410))
    assert stage.step() == 0


def test_a_version_too_large_relists_without_one_after_a_back_off() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(error_event(504, cause="ResourceVersionTooLarge"))
    stage.api.page(items("b"))
    assert stage.step() == pytest.approx(0.8)
    stage.step()
    assert "resourceVersion" not in stage.api.asked[-1].query
    assert stage.verbs() == ["list", "watch", "list"]


def test_a_429_of_a_watch_waits_as_asked_and_keeps_the_version_however_often() -> None:
    stage = Stage().synced("a")
    for _ in range(6):
        stage.api.fail(e.TooManyRequests("slow", status=429, retry_after_s=45))
    assert stage.step() == pytest.approx(45)
    stage.step(5)
    assert stage.verbs() == ["list", *["watch"] * 6]


ENDS: list[e.ApiError] = [
    e.ServerError("x", status=500),
    e.BadRequest("x", status=400),
    e.ConnectionFailed("cut in the middle"),
    e.ConnectionFailed("refused"),
]


@pytest.mark.parametrize("error", ENDS, ids=["500", "400", "cut", "refused"])
def test_an_error_keeps_the_version_and_the_third_in_a_row_relists(error: e.ApiError) -> None:
    stage = Stage().synced("a")
    for _ in range(3):
        stage.api.watch_of(end=error)
    stage.api.page(items("b"))
    waits = [round(stage.step(), 3) for _ in range(3)]
    assert waits == [0.8, 1.6, 3.2]
    stage.step()
    assert stage.verbs() == ["list", "watch", "watch", "watch", "list"]
    assert stage.names() == ["b"]


@pytest.mark.parametrize(
    "line", [b"{", b'{"type":"ADDED"}', b'{"type":"ERROR","object":7}', b'{"type":"BOOKMARK","object":7}']
)
def test_a_malformed_line_ends_the_watch_through_the_back_off(line: bytes) -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(event("ADDED", item("b", 101)), line)
    stage.api.watch_of(Passing(5))
    assert stage.step() == pytest.approx(0.8)
    stage.step()
    assert stage.api.asked[-1].query["resourceVersion"] == "101"


def test_events_between_failures_start_the_count_anew() -> None:
    stage = Stage().synced("a")
    for version in range(101, 106):
        stage.api.watch_of(event("MODIFIED", item("a", version)), end=e.ConnectionFailed("cut"))
    stage.step(5)
    assert stage.verbs() == ["list", *["watch"] * 5]


def test_the_state_is_stale_since_the_server_last_spoke() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(10), bookmark(101), Passing(20), end=e.ConnectionFailed("reset"))
    began_s = stage.clock.now_s()
    stage.step()
    assert stage.store.state == Stale(began_s + 10, "reset", stage.clock.now_s() + 0.8)


def test_a_watch_that_follows_a_list_is_live_as_soon_as_it_is_open() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(event("ADDED", item("b", 101)), Passing(5))
    stage.step()
    assert not any(isinstance(state, Stale) for state in stage.states)
    assert stage.states[-1] == Live()


def test_after_an_error_a_watch_is_live_once_what_happened_meanwhile_is_in_the_rows() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(5), end=e.ConnectionFailed("reset"))
    stage.step()
    seen: list[tuple[State, list[str]]] = []
    look = Calling(lambda: seen.append((stage.shown(), stage.names())))
    stage.api.watch_of(event("ADDED", item("b", 101)), event("ADDED", item("c", 102)), look, Passing(5))
    stage.step()
    assert seen == [(Live(), ["a", "b", "c"])]
    stale = [state.reason for state in stage.states if isinstance(state, Stale)]
    assert stale == ["reset", "catching up"]


@pytest.mark.parametrize("lines", [(b"{",), (error_event(500),), (bookmark(7),)], ids=["half a line", "500", "older"])
def test_a_watch_that_opens_only_to_fail_is_never_live(lines: tuple[bytes, ...]) -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(5), end=e.ConnectionFailed("reset"))
    stage.step()
    stage.api.watch_of(*lines)
    stage.step()
    assert stage.states.count(Live()) == 1


def test_nor_is_one_that_is_cut_at_once_again_and_again() -> None:
    stage = Stage().synced("a")
    for _ in range(3):
        stage.api.watch_of(end=e.ConnectionFailed("cut in the middle"))
        stage.step()
    assert stage.states.count(Live()) == 1  # behind the list, whose rows were the truth


def test_a_watch_that_never_pauses_is_live_after_a_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(5), end=e.ConnectionFailed("reset"))
    stage.step()
    stage.states.clear()
    busy = [event("MODIFIED", item("a", version)) for version in range(101, 110)]
    lines = stage.api.watch_of(*busy, end=e.ConnectionFailed("cut"))

    def never(for_s: float) -> bool:
        stage.clock.advance(1)
        return False

    monkeypatch.setattr(lines, "is_quiet", never)
    stage.step()
    assert [type(state) for state in stage.states] == [Stale, Live, Stale]


def test_a_watch_that_may_not_be_opened_makes_the_kind_polled_every_30_s() -> None:
    stage = Stage().synced("a")
    stage.api.fail(e.Forbidden("no watch", status=403))
    assert stage.step() == pytest.approx(30)
    assert isinstance(stage.store.state, Polling)
    stage.api.page(items("b"))
    assert stage.step() == pytest.approx(30)
    assert stage.store.state == Polling(stage.clock.now_s(), 30)
    assert stage.names() == ["b"]


REVOKED = e.Forbidden("revoked", status=403)


def test_a_server_that_denies_everything_while_it_starts_costs_two_waits_and_no_list() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(400), bookmark(101), end=e.ConnectionFailed("killed"))
    stage.api.fail(REVOKED, REVOKED)
    stage.api.watch_of(Passing(5))
    stage.step()
    assert [round(stage.step(), 3) for _ in range(2)] == [1.6, 3.2]
    state = stage.shown()
    assert isinstance(state, Stale)
    assert state.reason == "revoked"
    stage.step()
    assert stage.verbs() == ["list", *["watch"] * 4]
    assert Live() in stage.states[-1:]


def test_rights_that_are_gone_are_believed_to_be_after_three_tries_and_then_asked_for_each_minute() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(400), bookmark(101), Passing(40), end=e.ConnectionFailed("cut"))
    stage.api.fail(*[REVOKED] * 6)
    stage.step()
    assert [round(stage.step(), 3) for _ in range(2)] == [1.6, 3.2]
    assert stage.step() == 0, "the list is long ago: the right to list may be gone, too"
    assert [60 <= stage.step() <= 120 for _ in range(3)] == [True] * 3
    assert stage.verbs() == ["list", *["watch"] * 4, *["list"] * 3]
    state = stage.shown()
    assert isinstance(state, Stale)
    assert state.reason == "revoked"


def test_a_right_that_came_back_is_taken_for_granted_again() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(400), end=e.ConnectionFailed("cut"))
    stage.api.fail(*[REVOKED] * 4).page(items("a"))
    stage.api.watch_of(Passing(400), end=e.ConnectionFailed("cut"))
    stage.api.fail(REVOKED)
    stage.step(7)
    assert stage.verbs() == ["list", *["watch"] * 4, "list", "list", "watch"]
    assert stage.step() < 60
    assert isinstance(stage.shown(), Stale)


def test_the_right_to_watch_alone_is_not_missed_again_and_again_once_it_is_polled_instead() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(400), end=e.ConnectionFailed("cut"))
    stage.api.fail(*[REVOKED] * 3).page(items("a")).page(items("a")).page(items("a")).fail(REVOKED)
    stage.step(8)
    assert stage.verbs()[-2:] == ["list", "watch"]
    assert isinstance(stage.shown(), Polling)


def test_a_kind_that_is_polled_tries_its_watch_again_after_a_minute() -> None:
    stage = Stage().synced("a")
    stage.api.fail(e.MethodNotAllowed("no watch", status=405)).page(items("a")).page(items("a"))
    stage.api.watch_of(Passing(5))
    stage.step(4)
    assert stage.verbs() == ["list", "watch", "list", "list", "watch"]
    assert stage.store.state == Live()


def test_what_is_only_polled_is_never_watched() -> None:
    stage = Stage(poll_every_s=15)
    for _ in range(10):
        stage.api.page(items("a"))
    assert stage.step(10) == pytest.approx(15)
    assert set(stage.verbs()) == {"list"}
    assert stage.store.state == Polling(stage.clock.now_s(), 15)


@pytest.mark.parametrize(("took_s", "rest_s"), [(0.5, 30), (1, 40), (9, 60)])
def test_a_poll_that_takes_long_is_made_less_often_and_says_so(took_s: float, rest_s: float) -> None:
    stage = Stage(poll_every_s=30)
    stage.api.page(items("a"), more="t").page(items("b"))
    stage.step()
    stage.clock.advance(took_s)
    assert stage.step() == pytest.approx(rest_s)
    assert stage.shown() == Polling(stage.clock.now_s(), rest_s)


def test_a_poll_that_fails_is_stale() -> None:
    stage = Stage(poll_every_s=15)
    stage.api.page(items("a")).fail(e.ServerError("down", status=503))
    stage.step(2)
    assert isinstance(stage.store.state, Stale)


def test_what_rests_is_not_due_until_it_is_wanted_again_and_then_when_it_would_have_been() -> None:
    stage = Stage(poll_every_s=15)
    stage.api.page(items("a"))
    stage.step()
    due_s = stage.reflector.due_s
    assert stage.reflector.rest(True)
    assert stage.wait_s == REST_S
    assert stage.reflector.rest(False)
    assert not stage.reflector.rest(False)
    assert stage.reflector.due_s == due_s == stage.clock.monotonic_s() + 15


def test_unknown_types_are_logged_once_and_skipped(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage().synced("a")
    novelty = b'{"type":"NOVEL","object":{}}'
    stage.api.watch_of(novelty, novelty, event("ADDED", item("b", 101)))
    stage.step()
    assert stage.names() == ["a", "b"]
    assert len([record for record in caplog.records if "NOVEL" in record.getMessage()]) == 1


def test_a_malformed_object_moves_the_version_and_nothing_else() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(b'{"type":"ADDED","object":{"metadata":{"resourceVersion":"120"}}}', Passing(5))
    stage.api.watch_of(Passing(5))
    stage.step(2)
    assert stage.names() == ["a"]
    assert stage.api.asked[-1].query["resourceVersion"] == "120"


def test_a_duplicate_event_changes_nothing() -> None:
    stage = Stage().synced("a")
    twice = event("MODIFIED", item("a", 101))
    stage.api.watch_of(twice, twice)
    stage.step()
    assert stage.store.version == 2


def test_an_event_older_than_the_watch_relists() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(event("MODIFIED", item("a", 99)))
    stage.api.page(items("a"))
    stage.step(2)
    assert stage.verbs() == ["list", "watch", "list"]


def test_a_token_that_expires_under_a_watch_is_renewed_and_the_watch_goes_on() -> None:
    stage = Stage().synced("a")
    stage.api.renewals.append(True)
    stage.api.fail(e.Unauthorized("expired", status=401)).watch_of(Passing(5))
    assert stage.step() == 0
    assert isinstance(stage.shown(), Stale), "while a person logs in, nothing is confirmed"
    stage.step()
    assert stage.verbs() == ["list", "watch", "watch"]
    assert stage.shown() == Live()


def test_refresh_cuts_an_open_watch_and_relists_at_once() -> None:
    stage = Stage().synced("a")
    stage.api.watch_of(Passing(5), Calling(lambda: stage.reflector.refresh()), event("ADDED", item("no", 101)))
    stage.api.page(items("b"))
    assert stage.step() == 0
    stage.step()
    assert stage.verbs() == ["list", "watch", "list"]
    assert stage.names() == ["b"]


def test_refresh_ends_a_long_back_off() -> None:
    stage = Stage()
    for _ in range(8):
        stage.api.fail(e.ConnectionFailed("down"))
    assert stage.step(8) == pytest.approx(30)
    stage.reflector.refresh()
    assert stage.wait_s == 0
    assert stage.step() == pytest.approx(0.8)


def test_stop_shuts_the_watch() -> None:
    stage = Stage().synced("a")
    lines = stage.api.watch_of(Calling(lambda: stage.reflector.stop()), event("ADDED", item("no", 101)))
    stage.step()
    assert lines.closed
    assert stage.names() == ["a"]


def test_a_fault_of_our_own_is_shown_and_followed_by_a_list() -> None:
    stage = Stage().synced("a")
    stage.reflector.failed_internally(KeyError("bug"))
    state = stage.store.state
    assert isinstance(state, Stale)
    assert state.reason == "internal error: KeyError; the log has more"
    assert stage.wait_s == pytest.approx(0.8)
    stage.api.page(items("b"))
    stage.step()
    assert stage.names() == ["b"]


def test_a_fault_before_there_was_data_is_failed() -> None:
    stage = Stage()
    stage.reflector.failed_internally(KeyError("bug"))
    assert isinstance(stage.store.state, Failed)
