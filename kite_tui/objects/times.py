"""Times of the API: RFC 3339 in, seconds since the epoch out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")

_MINUTES = {f"T{hour:02}:{minute:02}:": hour * 3600 + minute * 60 for hour in range(24) for minute in range(60)}
_SECONDS = {f"{second:02}Z": second for second in range(60)}


def epoch_s(text: str | None) -> int | None:
    """Whole seconds since the epoch, fractions cut off; both metav1.Time and MicroTime are read.

    None for no time, Go's zero time, everything that is no RFC 3339 time, and what its offset puts beyond the years 1
    to 9999, which nothing can show. The usual form, whole seconds in UTC, is three look-ups: each pod brings three
    times that no other has.
    """
    if not text:
        return None
    minutes, seconds = _MINUTES.get(text[10:17]), _SECONDS.get(text[17:])
    if minutes is None or seconds is None:
        return _any(text)
    day = _day(text[:10])
    return None if day is None else day + minutes + seconds


@lru_cache(maxsize=4096)
def _day(date: str) -> int | None:
    """Midnight of a date."""
    return _any(date + "T00:00:00Z")


@lru_cache(maxsize=4096)
def _any(text: str) -> int | None:
    if _RFC3339.fullmatch(text) is None or text.startswith("0001-"):
        return None
    try:
        seconds = int(datetime.fromisoformat(text).timestamp() // 1)
        datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError):
        return None
    return seconds
