"""Natural order: `node-2` before `node-10`."""

from __future__ import annotations

import re

NaturalKey = tuple[tuple[str | tuple[int, str], ...], str]

_DIGITS = re.compile(r"([0-9]+)")


def natural_key(text: str) -> NaturalKey:
    """A sort key that compares runs of digits as numbers, however long. A total order: only equal texts are equal."""
    parts = _DIGITS.split(text)
    key: list[str | tuple[int, str]] = list(parts)
    # Words stand at even places and numbers at odd ones, so like meets like; (length, digits) orders as the number.
    for place in range(1, len(parts), 2):
        digits = parts[place].lstrip("0")
        key[place] = (len(digits), digits)
    return tuple(key), text
