"""The table "Following the server", as decisions."""

from __future__ import annotations

import pytest

from kite_tui.cache.decision import (
    NotStreamed,
    Regressed,
    Request,
    ShortWatch,
    SilentWatch,
    Situation,
    Standing,
    Step,
    Then,
    Wait,
    decide,
)
from kite_tui.kube import errors as e

LIST = Situation(Request.LIST)
PAGE = Situation(Request.PAGE)
WATCH = Situation(Request.WATCH)
STREAM = Situation(Request.STREAM)

ANYWHERE = [STREAM, LIST, PAGE, WATCH]
AGAIN = Step(Then.AGAIN, Wait.BACKOFF)
COUNTED = Step(Then.AGAIN, Wait.BACKOFF, counts=True)
RELIST = Step(Then.LIST, Wait.BACKOFF)


@pytest.mark.parametrize("situation", ANYWHERE)
def test_a_version_too_large_relists_after_a_back_off(situation: Situation) -> None:
    assert decide(e.ResourceVersionTooLarge("behind", status=504, retry_after_s=1), situation) == RELIST


@pytest.mark.parametrize("error", [Regressed("back"), SilentWatch("silent")])
def test_a_server_that_may_have_been_restored_is_listed_anew(error: e.ApiError) -> None:
    assert decide(error, WATCH) == RELIST


def test_a_short_watch_goes_through_the_back_off_and_keeps_the_version() -> None:
    assert decide(ShortWatch("short"), WATCH) == AGAIN


@pytest.mark.parametrize("request_", list(Request))
def test_the_first_410_since_health_relists_at_once(request_: Request) -> None:
    step = decide(e.Expired("old", status=410), Situation(request_, first_expiry=True))
    assert (step.then, step.wait) == (Then.LIST, Wait.NOW)


@pytest.mark.parametrize("request_", list(Request))
def test_a_further_410_relists_after_a_back_off(request_: Request) -> None:
    step = decide(e.Expired("old", status=410), Situation(request_, first_expiry=False))
    assert (step.then, step.wait) == (Then.LIST, Wait.BACKOFF)


def test_a_400_on_the_changed_limit_keeps_the_first_limit() -> None:
    step = decide(e.BadRequest("limit", status=400), Situation(Request.PAGE, limit_changed=True))
    assert (step.then, step.wait) == (Then.FIRST_LIMIT, Wait.NOW)


def test_a_422_on_the_changed_limit_is_an_error_like_others() -> None:
    assert decide(e.BadRequest("odd", status=422), Situation(Request.PAGE, limit_changed=True)) == COUNTED


@pytest.mark.parametrize("situation", ANYWHERE)
@pytest.mark.parametrize(
    "error",
    [
        e.TooManyRequests("slow", status=429, retry_after_s=7),
        e.ServerError("slow", status=500, retry_after_s=7),
        e.ServerError("slow", status=503, retry_after_s=7),
    ],
)
def test_a_429_or_5xx_with_retry_after_waits_and_asks_the_same_again(error: e.ApiError, situation: Situation) -> None:
    assert decide(error, situation) == Step(Then.AGAIN, Wait.BACKOFF, at_least_s=7)


def test_retry_after_is_capped_at_60_s() -> None:
    assert decide(e.TooManyRequests("slow", status=429, retry_after_s=3600), WATCH).at_least_s == 60


def test_a_429_without_retry_after_takes_the_back_off() -> None:
    assert decide(e.TooManyRequests("slow", status=429), WATCH) == AGAIN


@pytest.mark.parametrize("situation", ANYWHERE)
def test_a_401_renews_the_credentials(situation: Situation) -> None:
    step = decide(e.Unauthorized("who", status=401), situation)
    assert (step.then, step.wait) == (Then.RENEW, Wait.NOW)


@pytest.mark.parametrize("request_", list(Request))
def test_a_401_after_renewing_is_auth(request_: Request) -> None:
    step = decide(e.Unauthorized("who", status=401), Situation(request_, renewed=True))
    assert step == Step(Then.PARK, Wait.REPROBE, Standing.AUTH)


def test_credentials_that_cannot_be_had_are_auth() -> None:
    assert decide(e.CredentialError("no plugin"), LIST) == Step(Then.PARK, Wait.REPROBE, Standing.AUTH)


@pytest.mark.parametrize("situation", [LIST, PAGE])
def test_a_403_on_a_list_is_forbidden(situation: Situation) -> None:
    assert decide(e.Forbidden("no", status=403), situation) == Step(Then.PARK, Wait.REPROBE, Standing.FORBIDDEN)


@pytest.mark.parametrize("error", [e.Forbidden("no", status=403), e.MethodNotAllowed("no", status=405)])
def test_a_403_or_405_on_a_watch_is_polling(error: e.ApiError) -> None:
    assert decide(error, WATCH).then is Then.POLL


@pytest.mark.parametrize("situation", ANYWHERE)
def test_a_404_is_absent(situation: Situation) -> None:
    assert decide(e.NotFound("no", status=404), situation) == Step(Then.PARK, Wait.REPROBE, Standing.ABSENT)


DENIALS: list[e.ApiError] = [e.Forbidden("no", status=403), e.NotFound("no", status=404)]


@pytest.mark.parametrize("request_", list(Request))
@pytest.mark.parametrize("error", DENIALS)
def test_what_was_granted_before_is_asked_three_times_before_a_denial_is_believed(
    error: e.ApiError, request_: Request
) -> None:
    assert decide(error, Situation(request_, granted=True)) == AGAIN
    assert decide(error, Situation(request_, granted=True, denials=1)) == AGAIN
    third = decide(error, Situation(request_, granted=True, denials=2))
    assert third == decide(error, Situation(request_))
    assert third.then in (Then.PARK, Then.POLL, Then.PAGES)


OTHERS: list[e.ApiError] = [
    e.ServerError("oops", status=500),
    e.BadRequest("odd", status=418),
    e.NotAcceptable("odd", status=406),
    e.ConnectionFailed("refused"),
    e.TimedOut("silent"),
    e.BadAnswer("html"),
    e.Cancelled("closed"),
    e.ApiError("anything"),
]


@pytest.mark.parametrize("error", OTHERS, ids=lambda error: type(error).__name__)
def test_any_other_error_of_a_watch_keeps_the_version_and_counts(error: e.ApiError) -> None:
    assert decide(error, WATCH) == COUNTED


@pytest.mark.parametrize("error", OTHERS, ids=lambda error: type(error).__name__)
def test_the_third_in_a_row_at_one_version_relists(error: e.ApiError) -> None:
    assert decide(error, Situation(Request.WATCH, failures=1)) == COUNTED
    assert decide(error, Situation(Request.WATCH, failures=2)) == RELIST


@pytest.mark.parametrize(
    "error", [error for error in OTHERS if not isinstance(error, e.BadRequest)], ids=lambda error: type(error).__name__
)
def test_a_page_is_asked_for_until_it_comes(error: e.ApiError) -> None:
    assert decide(error, Situation(Request.PAGE, failures=100)).then is Then.AGAIN


def test_a_page_that_the_server_calls_bad_three_times_starts_the_list_anew() -> None:
    assert decide(e.BadRequest("bad token", status=400), Situation(Request.PAGE, failures=2)) == RELIST


@pytest.mark.parametrize("error", OTHERS, ids=lambda error: type(error).__name__)
def test_an_error_of_a_first_page_asks_for_it_again_after_a_back_off(error: e.ApiError) -> None:
    assert decide(error, LIST) == AGAIN


@pytest.mark.parametrize(
    "error", [NotStreamed("silent"), e.BadRequest("odd", status=400), e.BadRequest("invalid", status=422)]
)
def test_a_server_that_can_not_stream_is_asked_for_pages_at_once_and_from_then_on(error: e.ApiError) -> None:
    assert decide(error, STREAM) == Step(Then.NO_STREAM, Wait.NOW, Standing.UNCHANGED)


@pytest.mark.parametrize("error", [e.Forbidden("no", status=403), e.MethodNotAllowed("no", status=405)])
def test_a_streaming_list_without_the_right_to_watch_is_a_list_in_pages(error: e.ApiError) -> None:
    assert decide(error, STREAM) == Step(Then.PAGES, Wait.NOW, Standing.UNCHANGED)


@pytest.mark.parametrize("error", [error for error in OTHERS if not isinstance(error, e.TimedOut)])
def test_the_third_other_error_of_a_streaming_list_makes_it_one_in_pages(error: e.ApiError) -> None:
    assert decide(error, Situation(Request.STREAM, failures=1)) == COUNTED
    assert decide(error, Situation(Request.STREAM, failures=2)) == Step(Then.PAGES, Wait.BACKOFF)


def test_a_streaming_list_that_is_not_even_answered_is_one_in_pages() -> None:
    assert decide(e.TimedOut("silent"), STREAM) == Step(Then.PAGES, Wait.BACKOFF)
