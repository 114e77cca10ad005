"""Ages and times; the table is HumanDuration's own."""

from __future__ import annotations

import pytest

from kite_tui.text.ages import age, human_duration, rfc3339

MINUTE, HOUR, DAY = 60, 3600, 86400
YEAR = 365 * DAY


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *((-2, "<invalid>"), (-1.9, "0s"), (-1, "0s"), (0, "0s"), (1.9, "1s"), (70, "70s"), (119, "119s")),
        *((120, "2m"), (190, "3m10s"), (10 * MINUTE - 1, "9m59s"), (10 * MINUTE, "10m"), (70 * MINUTE, "70m")),
        *((3 * HOUR - 1, "179m"), (3 * HOUR, "3h"), (5 * HOUR + 12 * MINUTE, "5h12m"), (7 * HOUR + 59, "7h")),
        *((8 * HOUR + 59 * MINUTE, "8h"), (47 * HOUR, "47h"), (48 * HOUR, "2d"), (2 * DAY + 3 * HOUR, "2d3h")),
        *((8 * DAY, "8d"), (98 * DAY + HOUR, "98d"), (2 * YEAR - HOUR, "729d"), (2 * YEAR, "2y")),
        *((2 * YEAR + DAY, "2y1d"), (8 * YEAR - 1, "7y364d"), (8 * YEAR + 200 * DAY, "8y")),
    ],
)
def test_durations_are_those_of_kubectl(seconds: float, shown: str) -> None:
    assert human_duration(seconds) == shown


def test_an_age_counts_from_then_to_now() -> None:
    assert age(1000, 1190.5) == "3m10s"
    assert age(None, 1190) == "<unknown>"


def test_times_are_written_in_utc_to_the_second() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00Z"
    assert rfc3339(1772274600.999) == "2026-02-28T10:30:00Z"
