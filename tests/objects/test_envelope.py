"""Pages, watch lines and Status objects as the API wraps them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kite_tui.objects import envelope
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


ITEMS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.sampled_from(["", '},{"metadata":', '"items":[']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.builds(lambda meta, spec: {"metadata": meta, "spec": spec}, inner, inner)
        | st.builds(lambda items: {"items": items}, st.lists(inner, max_size=3))
    ),
    max_leaves=12,
)


@given(items=st.lists(ITEMS, max_size=8), meta_first=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_long_page_that_is_read_in_runs_is_what_it_is_as_a_whole(
    items: list[Any], meta_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = [("metadata", {"resourceVersion": "81", "continue": "eyJ"}), ("items", items)]
    body = msgspec.json.encode(dict(fields if meta_first else reversed(fields)))
    whole = split_list(body)
    monkeypatch.setattr(envelope, "LONG_B", 0)
    monkeypatch.setattr(envelope, "RUN_B", 4)
    meta, found = split_list(body)
    assert (meta, [bytes(one) for one in found]) == (whole[0], [bytes(one) for one in whole[1]])


def test_no_call_reads_much_more_than_a_run_of_a_long_page(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Decoder:
        def __init__(self, type_: object) -> None:
            self._decoder = msgspec.json.Decoder(type_)

        def decode(self, part: bytes) -> Any:
            sizes.append(len(part))
            return self._decoder.decode(part)

    monkeypatch.setattr(envelope, "LONG_B", 1000)
    monkeypatch.setattr(envelope, "RUN_B", 1000)
    monkeypatch.setattr(envelope, "_PAGE", Decoder(envelope._Page))
    monkeypatch.setattr(envelope, "_RUN", Decoder(list[msgspec.Raw]))
    item = {"metadata": {"name": "a" * 50}, "containers": [{"name": "b"}]}
    _, items = split_list(msgspec.json.encode({"metadata": {}, "items": [item] * 500}))
    assert len(items) == 500
    assert max(sizes) <= 1000 + 2 * len(msgspec.json.encode(item))


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
