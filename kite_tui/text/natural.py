"""Natural order: `node-2` before `node-10`."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]+")


def natural_key(text: str) -> str:
    """A sort key that compares runs of digits as numbers, however long. A total order: only equal texts are equal.

    One string, because a table has one of each row: before each number stands how long it is, behind a mark that
    comes before everything that may stand in a number's place.
    """
    key = _DIGITS.sub(_number, text)
    return f"{key}\0\0{text}" if _ZEROS.search(text) else key


_ZEROS = re.compile(r"(?<![0-9])0[0-9]|\0")
"""A number that could be written shorter, and then would be the same; or the mark itself."""


def _number(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0")
    return f"\0{chr(len(digits))}{digits}"
