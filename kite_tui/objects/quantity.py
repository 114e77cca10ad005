"""Quantities such as `100m`, `1.5`, `2e3` or `128Mi`: Go's ParseQuantity, exact, in integers.

A quantity is held as an `int` of nanos (10⁻⁹), the finest that Kubernetes keeps. As upstream does, a finer value is
rounded away from zero to the next nano, and one with a binary suffix is capped at 2⁶³−1; others have no cap. Where Go
is laxer than its own grammar (a lone sign, `.`, `Mi` and the like are 0 there), the grammar wins: they are refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

ONE = 10**9
"""Nanos in 1."""
MILLI = 10**6
"""Nanos in a thousandth: one millicore."""

_GRAMMAR = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]*))?|\.(?P<only>[0-9]+))"
    r"(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]+))?"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_SAMPLED = (("n", 1), ("Ki", ONE << 10))
_FEW_DIGITS = 18  # below every cap
_BINARY_CAP = (2**63 - 1) * ONE
# Far beyond any cluster; a hostile `1e999999999` must not become a number of a gigabyte.
_MOST_DIGITS = 100


class InvalidQuantity(ValueError):
    """The text is no quantity."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:40]!r} is not a quantity; write a number with a unit as in 250m, 1.5, 128Mi or 2e3")
        self.text = text


@lru_cache(maxsize=4096)
def parse(text: str) -> int:
    """The quantity in nanos. Warm it costs one look-up. Raises InvalidQuantity."""
    return parse_once(text)


def parse_once(text: str) -> int:
    """As `parse`, for a text that won't come again, such as a sample: it would drive out one that does."""
    for suffix, unit in _SAMPLED:  # what a metrics server writes, 300 000 of them at a time
        number = text.removesuffix(suffix)
        if len(number) < len(text) < _FEW_DIGITS and number.isdecimal() and number.isascii():
            return int(number) * unit
    match = _GRAMMAR.fullmatch(text)
    if match is None or len(text) > _MOST_DIGITS:
        raise InvalidQuantity(text)
    sign, whole, part, only, suffix, exponent = match.groups()
    part = only or part or ""
    digits = int((whole or "") + part)
    bits = _BINARY.get(suffix, 0)
    places = int(exponent) if exponent else _DECIMAL.get(suffix, 0)
    places += 9 - len(part)
    if places > _MOST_DIGITS and digits:
        raise InvalidQuantity(text)
    digits <<= bits
    if places >= 0:
        nanos = digits * 10**places if digits else 0
    else:
        # Under a nano everything is the same: one nano, however small it was.
        nanos = round_up(digits, 10 ** min(-places, 2 * _MOST_DIGITS))
    if bits:
        nanos = min(nanos, _BINARY_CAP)
    return -nanos if sign == "-" else nanos


def round_up(nanos: int, unit: int) -> int:
    """`nanos` in whole units, away from zero, as MilliValue and Value do; the sum is exact until here."""
    return -(-nanos // unit) if nanos >= 0 else nanos // unit


def cpu_m(text: str) -> int:
    """The quantity in millicores, rounded up. Raises InvalidQuantity."""
    return round_up(parse(text), MILLI)


def value(text: str) -> int:
    """The quantity in its own unit (bytes, pieces), rounded up. Raises InvalidQuantity."""
    return round_up(parse(text), ONE)


def decimal_text(nanos: int) -> str:
    """As a person writes CPU: `2`, `250m`, `1500m`; exact down to a nano."""
    for suffix, unit in (("", ONE), ("m", MILLI), ("u", 1000)):
        if nanos % unit == 0:
            return f"{nanos // unit}{suffix}"
    return f"{nanos}n"


def binary_text(nanos: int) -> str:
    """As a person writes memory: `1Gi`, `128Mi`, `1536Mi`, `1000`; what is no whole byte is rounded up."""
    amount, suffix = round_up(nanos, ONE), ""
    for larger in _BINARY:
        if amount == 0 or amount % 1024:
            break
        amount, suffix = amount // 1024, larger
    return f"{amount}{suffix}"
