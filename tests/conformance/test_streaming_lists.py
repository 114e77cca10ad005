"""Streaming lists, as the simulated server and a real one answer them: a watch that begins with what is there."""

from __future__ import annotations

import pytest

from tests.conformance.subjects import Subject, fill, pod, pods, told, version

STREAMING = "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"


def test_a_streaming_list_goes_on_as_a_watch_from_its_bookmark(subject: Subject) -> None:
    fill(subject, 2)
    client = subject.client()
    before = version(client, subject)
    lines = client.watch_lines(pods(subject, f"{STREAMING}&timeoutSeconds=20"))
    first = [next(lines) for _ in range(3)]
    assert sorted(told(first[:2])) == [("ADDED", "p0"), ("ADDED", "p1")]
    bookmark = first[2]
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert int(bookmark["object"]["metadata"]["resourceVersion"]) >= int(before)
    subject.create(pod(subject, "later"))
    assert told([next(lines)]) == [("ADDED", "later")]
    lines.close()  # type: ignore[attr-defined]


def test_a_streaming_list_of_nothing_begins_with_the_bookmark(subject: Subject) -> None:
    lines = subject.client().watch_lines(pods(subject, f"{STREAMING}&timeoutSeconds=1&labelSelector=app%3Dnone"))
    bookmark = next(lines)
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    lines.close()  # type: ignore[attr-defined]


def test_without_bookmarks_a_streaming_list_does_not_say_that_it_ends(subject: Subject) -> None:
    fill(subject, 1)
    query = "watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
    assert told(list(subject.client().watch_lines(pods(subject, query)))) == [("ADDED", "p0")]


def test_who_wants_no_initial_events_is_told_what_happens_from_now_on(subject: Subject) -> None:
    fill(subject, 1)
    query = "watch=1&timeoutSeconds=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan"
    assert list(subject.client().watch_lines(pods(subject, query))) == []


def test_a_streaming_list_from_the_future_is_told_that_it_is_too_large(subject: Subject) -> None:
    lines = list(subject.client().watch_lines(pods(subject, f"{STREAMING}&timeoutSeconds=9&resourceVersion=999999999")))
    assert [line["type"] for line in lines] == ["ERROR"]
    status = lines[0]["object"]
    assert (status["code"], status["reason"]) == (504, "Timeout")
    assert status["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


_NEEDS = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
_ALONE = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
_VALUE = 'Unsupported value: "Exact": supported values: "NotOlderThan"'


@pytest.mark.parametrize(
    ("query", "causes"),
    [
        ("watch=1&sendInitialEvents=true", [_NEEDS]),
        ("watch=1&sendInitialEvents=false", [_NEEDS]),
        ("watch=1&sendInitialEvents=true&resourceVersionMatch=Exact", [_NEEDS, _VALUE]),
        ("watch=1&resourceVersionMatch=NotOlderThan", [_ALONE]),
        ("watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1", [_ALONE]),
        ("watch=1&resourceVersionMatch=Exact", [_ALONE, _VALUE]),
        (f"{STREAMING}&continue=x", ["resourceVersionMatch is forbidden when continue is provided"]),
        ("sendInitialEvents=true", ["sendInitialEvents is forbidden for list"]),
        (
            "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
            [
                "resourceVersionMatch is forbidden unless resourceVersion is provided",
                "sendInitialEvents is forbidden for list",
            ],
        ),
    ],
)
def test_parameters_of_a_streaming_list_that_do_not_go_together_are_invalid(
    subject: Subject, query: str, causes: list[str]
) -> None:
    answer = subject.client().request("GET", pods(subject, query))
    status = answer.json()
    assert (answer.status, status["reason"], status["code"]) == (422, "Invalid", 422)
    found = [cause["message"].removeprefix("Forbidden: ") for cause in status["details"]["causes"]]
    assert found == causes
    assert all(cause["message"] in status["message"] for cause in status["details"]["causes"])
    assert status["message"].startswith('ListOptions.meta.k8s.io "" is invalid: ' + ("[" if len(causes) > 1 else ""))
