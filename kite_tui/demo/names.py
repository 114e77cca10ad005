"""Names, identities and times as a cluster makes them, all from one seeded source."""

from __future__ import annotations

import time
from functools import lru_cache
from random import Random

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # what upstream draws generated names from


def suffix(random: Random, length: int = 5) -> str:
    """The end of a generated name: no vowels, so no words."""
    return "".join(random.choices(_ALPHABET, k=length))


def template_hash(random: Random) -> str:
    """A pod-template-hash."""
    return suffix(random, random.choice((9, 10, 10)))


def uid(random: Random) -> str:
    """A random UUID (version 4)."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def rfc3339(seconds: int) -> str:
    """A time as the API writes it, UTC with whole seconds. Days and times of day are remembered apart: few of each."""
    day, second = divmod(seconds, 86400)
    return _day(day) + _time_of_day(second)


def rfc3339_bytes(seconds: int) -> bytes:
    """The same as bytes."""
    return rfc3339(seconds).encode()


@lru_cache(maxsize=1024)
def _day(day: int) -> str:
    return time.strftime("%Y-%m-%dT", time.gmtime(day * 86400))


@lru_cache(maxsize=86400)
def _time_of_day(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
