"""Lists: how pages are asked for, painted and swapped in, and what their errors do."""

from __future__ import annotations

import math

import pytest

from kite_tui.kube import errors as e
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Stale, Syncing
from tests.cache.conftest import wait_until
from tests.cache.fakes import Item, Stage, item, items, page


def rows(first: int, count: int) -> list[Item]:
    return [item(f"i{number:05}", 1) for number in range(first, first + count)]


def test_the_first_page_is_small_and_carries_no_resource_version() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="token").page(items("b"))
    stage.step(2)
    assert [asked.query for asked in stage.api.asked] == [{"limit": "100"}, {"limit": "500", "continue": "token"}]


@pytest.mark.parametrize("count", [0, 1, 100, 101, 600, 601, 2350])
def test_a_sync_costs_one_request_and_one_more_for_each_500_beyond_100(count: int) -> None:
    stage = Stage()
    everything = rows(0, count)
    done = 0
    while True:
        size = 100 if done == 0 else 500
        part, done = everything[done : done + size], done + size
        stage.api.page(part, more="more" if done < count else "")
        if done >= count:
            break
    expected = 1 + math.ceil(max(0, count - 100) / 500)
    stage.step(expected)
    assert stage.reflector.stats.lists == 1
    assert len(stage.api.asked) == stage.reflector.stats.pages == expected
    assert len(stage.store) == count


def test_pages_of_a_first_list_are_painted_as_they_come_with_the_servers_estimate() -> None:
    stage = Stage()
    stage.api.page(items("a", "b"), more="t", remaining=3).page(items("c", "d", "e"))
    stage.step()
    assert stage.store.state == Syncing(2, 5)
    assert stage.names() == ["a", "b"]
    stage.step()
    assert stage.store.state == Syncing(5, 5)
    assert stage.names() == ["a", "b", "c", "d", "e"]


def test_a_list_that_began_again_leaves_nothing_of_its_first_pages() -> None:
    stage = Stage()
    stage.api.page(items("gone", "kept"), more="t").fail(e.Expired("old", status=410)).page(items("kept"))
    stage.step(3)
    assert stage.names() == ["kept"]


def test_a_first_list_is_live_only_when_its_watch_is_open() -> None:
    stage = Stage().synced("a")
    assert isinstance(stage.store.state, Syncing)
    stage.api.watch_of()
    stage.step()
    assert Live() in stage.states


def test_a_relist_shows_the_old_rows_as_stale_until_the_new_list_is_whole() -> None:
    stage = Stage().synced("a", "b")
    stage.api.watch_of(end=e.Expired("old", status=410))
    stage.api.page(items("b", version=2), more="t").page(items("c")).watch_of()
    stage.step(2)
    assert isinstance(stage.store.state, Stale)
    assert stage.names() == ["a", "b"]
    stage.step()
    assert isinstance(stage.store.state, Stale)
    assert stage.names() == ["b", "c"]
    stage.step()
    assert Live() in stage.states[-2:]


def test_samples_take_each_others_place_as_they_come_and_those_that_are_gone_go_when_the_list_is_whole() -> None:
    stage = Stage(poll_every_s=15, in_place=True).synced("a", "b")
    held = stage.store.get("shop", "b")
    stage.api.page(items("a", version=2), more="t").page(items("c", version=2))
    stage.step()
    assert stage.store.get("shop", "a") == item("a", 2)
    assert stage.store.get("shop", "b") is held
    stage.step()
    assert stage.names() == ["a", "c"]


def test_a_page_that_is_a_whole_cluster_is_shown_as_it_is_read() -> None:
    stage = Stage()
    counts: list[int] = []
    stage.api.body(page(rows(0, 1200)))
    stage.reflector._presence._on_change = lambda: counts.append(len(stage.store))
    stage.step()
    assert counts == [500, 1000, 1200, 1200]


def test_the_next_page_is_asked_for_while_this_one_is_decoded() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t").page(items("b"))
    stage.step()
    wait_until(lambda: len(stage.api.asked) == 2)
    assert stage.names() == ["a"]
    stage.step()
    assert [asked.query.get("continue") for asked in stage.api.asked] == [None, "t"]
    assert stage.names() == ["a", "b"]


def test_a_page_that_failed_while_another_was_decoded_is_asked_for_again() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t").fail(e.ServerError("down", status=500)).page(items("b"))
    stage.step(3)
    assert [asked.query.get("continue") for asked in stage.api.asked] == [None, "t", "t"]
    assert stage.names() == ["a", "b"]


def test_a_400_on_the_larger_limit_keeps_the_first_limit_at_once() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t").fail(e.BadRequest("limit changed", status=400)).page(items("b"))
    assert stage.step(2) == 0
    stage.step()
    assert [asked.query["limit"] for asked in stage.api.asked] == ["100", "500", "100"]
    assert stage.api.asked[2].query["continue"] == "t"
    assert stage.names() == ["a", "b"]


def test_a_failed_page_is_asked_for_again_with_the_same_token() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t")
    stage.api.fail(e.ServerError("x", status=500), e.ConnectionFailed("x"), e.BadAnswer("x"), e.TimedOut("x"))
    stage.api.page(items("b"))
    stage.step(2)
    state = stage.store.state
    assert isinstance(state, Failed)
    assert state.retry_at_s == pytest.approx(stage.clock.now_s() + 0.8)
    stage.step(4)
    assert [asked.query.get("continue") for asked in stage.api.asked] == [None, "t", "t", "t", "t", "t"]
    assert stage.names() == ["a", "b"]


def test_pages_of_a_thousand_follow_two_expired_continue_tokens() -> None:
    stage = Stage()
    for _ in range(2):
        stage.api.page(items("a"), more="t").fail(e.Expired("old", status=410))
    stage.api.page(items("a"), more="t").page(items("b"))
    stage.step(6)
    assert [asked.query["limit"] for asked in stage.api.asked] == ["100", "500", "100", "500", "1000", "1000"]


def test_the_second_expired_token_waits_before_the_list_begins_again() -> None:
    stage = Stage()
    for _ in range(2):
        stage.api.page(items("a"), more="t").fail(e.Expired("old", status=410))
    assert stage.step(2) == 0
    assert stage.step(2) == pytest.approx(1.6)


def test_a_429_waits_as_long_as_the_server_asks_and_keeps_the_page() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t").fail(e.TooManyRequests("slow", status=429, retry_after_s=9)).page(items("b"))
    assert stage.step(2) == pytest.approx(9)
    stage.step()
    assert stage.api.asked[-1].query["continue"] == "t"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (e.Forbidden("no", status=403), Forbidden("list", "the cluster", "no")),
        (e.NotFound("no", status=404), Absent("no")),
        (e.Unauthorized("no", status=401), Auth("no")),
        (e.CredentialError("no"), Auth("no")),
    ],
    ids=["403", "404", "401", "no credentials"],
)
def test_what_may_not_be_read_has_a_state_of_its_own_and_is_asked_again_after_a_minute(
    error: e.ApiError, state: object
) -> None:
    stage = Stage()
    stage.api.fail(error).page(items("a"))
    wait_s = stage.step()
    assert 60 <= wait_s <= 120
    assert stage.store.state == state
    stage.step()
    assert stage.api.asked[-1].state == state, "it flickers to syncing while it is asked again"
    assert stage.names() == ["a"]


def test_a_forbidden_namespace_names_its_scope() -> None:
    stage = Stage(part="shop")
    stage.api.fail(e.Forbidden("no", status=403))
    stage.step()
    assert stage.store.state == Forbidden("list", "shop", "no")


def test_rows_painted_before_a_refusal_are_taken_back() -> None:
    stage = Stage()
    stage.api.page(items("a"), more="t").fail(e.Forbidden("no", status=403))
    stage.step(2)
    assert stage.names() == []
    assert isinstance(stage.store.state, Forbidden)


@pytest.mark.parametrize(
    "error",
    [
        e.Forbidden("revoked", status=403),
        e.NotFound("revoked", status=404),
        e.Unauthorized("revoked", status=401),
        e.ServerError("revoked", status=500),
    ],
    ids=["403", "404", "401", "500"],
)
def test_what_was_read_once_stays_as_stale_whatever_the_error(error: e.ApiError) -> None:
    stage = Stage().synced("a")
    heard_at_s = stage.clock.now_s()
    stage.api.watch_of(end=e.Expired("old", status=410))
    stage.api.fail(error)
    stage.clock.advance(5)
    stage.step(2)
    state = stage.store.state
    assert isinstance(state, Stale)
    assert (state.since_s, state.reason) == (heard_at_s, "revoked")
    assert state.retry_at_s is not None
    assert stage.names() == ["a"]


def test_a_probe_asks_at_once_for_what_was_forbidden() -> None:
    stage = Stage()
    stage.api.fail(e.Forbidden("no", status=403)).page(items("a"))
    stage.step()
    stage.reflector.probe()
    assert stage.wait_s == 0
    stage.step()
    assert stage.names() == ["a"]


def test_credentials_are_renewed_once_and_the_same_page_asked_for_again() -> None:
    stage = Stage()
    stage.api.renewals.append(True)
    stage.api.page(items("a"), more="t").fail(e.Unauthorized("old token", status=401)).page(items("b"))
    assert stage.step(2) == 0
    stage.step()
    assert stage.api.renewed == 1
    assert stage.api.asked[-1].query["continue"] == "t"
    assert stage.names() == ["a", "b"]


def test_a_refusal_after_renewing_is_auth_without_renewing_again() -> None:
    stage = Stage()
    stage.api.renewals.append(True)
    stage.api.fail(e.Unauthorized("1", status=401), e.Unauthorized("2", status=401))
    assert 60 <= stage.step(2) <= 120
    assert stage.api.renewed == 1
    assert stage.store.state == Auth("2")


def test_a_renewal_that_fails_says_why() -> None:
    stage = Stage()
    stage.api.renewals.append(e.CredentialError("the plugin is missing"))
    stage.api.fail(e.Unauthorized("old", status=401))
    stage.step()
    assert stage.store.state == Auth("the plugin is missing")


def test_malformed_objects_are_left_out_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    stage.api.body(page(items("a"), odd=[{"metadata": {}}, {}]))
    stage.step()
    assert stage.names() == ["a"]
    assert stage.reflector.stats.malformed == 2
    assert len([record for record in caplog.records if "can't be read" in record.message]) == 1


def test_an_answer_that_is_no_list_is_a_failure_like_others() -> None:
    stage = Stage()
    stage.api.body(b"<html>").page(items("a"))
    assert stage.step() == pytest.approx(0.8)
    assert isinstance(stage.store.state, Failed)
    stage.step()
    assert stage.names() == ["a"]


def test_a_reflector_being_stopped_leaves_a_page_where_it_is() -> None:
    stage = Stage()
    stage.api.page(items("a"))
    stage.reflector.stop()
    stage.step()
    assert stage.api.asked == []
