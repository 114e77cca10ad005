"""Times of the API: RFC 3339 in, seconds since the epoch out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")


@lru_cache(maxsize=8192)
def epoch_s(text: str | None) -> int | None:
    """Whole seconds since the epoch, fractions cut off; both metav1.Time and MicroTime are read.

    None for no time, Go's zero time, everything that is no RFC 3339 time, and what its offset puts beyond the years 1
    to 9999, which nothing can show. Objects repeat their times, so warm it costs one look-up.
    """
    if not text or _RFC3339.fullmatch(text) is None or text.startswith("0001-"):
        return None
    try:
        seconds = int(datetime.fromisoformat(text).timestamp() // 1)
        datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError):
        return None
    return seconds
