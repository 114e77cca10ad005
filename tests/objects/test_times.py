"""Times of the API as seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.objects.times import epoch_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-02-28T10:00:00Z", 1772272800),
        ("2026-02-28T10:00:00.999999Z", 1772272800),
        ("2026-02-28T10:00:00.123456789Z", 1772272800),
        ("2026-02-28T12:00:00+02:00", 1772272800),
        ("1969-12-31T23:59:58.5Z", -2),
    ],
)
def test_whole_and_micro_times_are_read_to_the_second(text: str, seconds: int) -> None:
    assert epoch_s(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "yesterday", "0001-01-01T00:00:00Z", "2026-02-28", "2026-02-28T10:00:00", "20260228T100000Z"),
        *("2026-02-30T10:00:00Z", "2026-02-28T25:00:00Z", "2026-02-28 10:00:00Z", "2026-02-28T10:00:00Z\n"),
        *("٢026-02-28T10:00:00Z", "2026-02-28T10:00:00+99:00", "2026-W09-6T10:00:00Z"),
        *("9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z"),
    ],
)
def test_no_time_the_zero_time_and_odd_times_are_none(text: str | None) -> None:
    assert epoch_s(text) is None


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001  (hypothesis takes bare bounds)
    st.integers(-14 * 60, 14 * 60),
)
def test_any_time_of_any_zone_is_read(bare: datetime, offset_min: int) -> None:
    zone = timezone(timedelta(minutes=offset_min))
    time = bare.replace(tzinfo=UTC).astimezone(zone)
    assert epoch_s(time.isoformat(timespec="microseconds")) == (time - datetime.fromtimestamp(0, UTC)) // timedelta(
        seconds=1
    )
