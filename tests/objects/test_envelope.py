"""Pages, watch lines and Status objects as the API wraps them."""

from __future__ import annotations

import pytest

from kite_tui.objects.envelope import (
    ListMeta,
    Malformed,
    ObjectMeta,
    decode_event,
    peek_meta,
    split_list,
)


def test_a_page_splits_into_metadata_and_undecoded_items() -> None:
    body = (
        b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"81","continue":"eyJ","remainingItemCount":7},'
        b'"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}'
    )
    meta, items = split_list(body)
    assert meta == ListMeta("81", "eyJ", 7)
    assert [bytes(item) for item in items] == [b'{"metadata":{"name":"a"}}', b'{"metadata":{"name":"b"}}']


def test_an_odd_item_does_not_fail_its_page() -> None:
    _, items = split_list(b'{"metadata":{},"items":[{"metadata":{"name":"a"}},null,7,{"spec":{"containers":"x"}}]}')
    assert len(items) == 4


@pytest.mark.parametrize("body", [b'{"items":null}', b'{"metadata":null}', b"{}", b'{"metadata":{"continue":null}}'])
def test_a_list_without_items_is_an_empty_page_and_the_last(body: bytes) -> None:
    assert split_list(body) == (ListMeta(), [])


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"items":{}}', b'{"items":[', b"\xff"])
def test_what_is_no_list_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        split_list(body)


def test_a_watch_line_gives_its_type_and_the_raw_object() -> None:
    event = decode_event(b'{"type":"MODIFIED","object":{"metadata":{"name":"a"}}}')
    assert event.type == "MODIFIED"
    assert bytes(event.object) == b'{"metadata":{"name":"a"}}'


@pytest.mark.parametrize("line", [b'{"type":"ADDED"', b"{}", b'{"type":"ADDED"}', b'{"object":{}}', b"null"])
def test_a_broken_watch_line_is_malformed(line: bytes) -> None:
    with pytest.raises(Malformed):
        decode_event(line)


def test_an_event_type_of_the_future_is_no_error() -> None:
    assert decode_event(b'{"type":"PAUSED","object":null,"extra":1}').type == "PAUSED"


def test_a_bookmark_tells_its_version_and_annotations() -> None:
    raw = b'{"kind":"Pod","metadata":{"resourceVersion":"99","annotations":{"k8s.io/initial-events-end":"true"}}}'
    assert peek_meta(raw) == ObjectMeta("99", (("k8s.io/initial-events-end", "true"),))


@pytest.mark.parametrize("raw", [b"{}", b'{"metadata":null}', b'{"metadata":{"resourceVersion":7,"annotations":[1]}}'])
def test_odd_metadata_of_a_bookmark_is_empty(raw: bytes) -> None:
    assert peek_meta(raw) == ObjectMeta()
