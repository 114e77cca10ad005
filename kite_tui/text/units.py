"""Numbers as people read them: cores, binary memory, percent, counts. Rounded half up, in integers, never a float."""

from __future__ import annotations

from typing import Final

_BINARY: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_SHORT_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_SHORT_DECIMAL: Final = ("", "k", "M", "G", "T")

NOT_APPLICABLE: Final = "n/a"


def cores(cpu_m: int) -> str:
    """`250m` under one core, `6.25` under ten (so that small amounts add up), else one decimal: `96`, `1 204.5`."""
    if abs(cpu_m) < 1000:
        return f"{cpu_m}m" if cpu_m else "0"
    if abs(cpu_m) < 10_000:
        return _sign(cpu_m) + _decimal(_rounded(abs(cpu_m), 10), 2)
    return _sign(cpu_m) + _decimal(_rounded(abs(cpu_m), 100), 1)


def cores_short(cpu_m: int) -> str:
    """As `cores`, in five cells at most up to 9 999 cores: `250m`, `6.25`, `96`, `1.2k`."""
    if abs(cpu_m) < 100_000:
        return cores(cpu_m)
    return count_short(_rounded(abs(cpu_m), 1000) * (1 if cpu_m > 0 else -1))


def binary(memory_b: int) -> str:
    """Bytes in the largest binary unit that they fill: `512 MiB`, `14 GiB`, `0 B`; below 10 with two decimals at most,
    so that shares of it add up: `1.04 TiB`."""
    return _scaled(memory_b, 1024, _BINARY, " ", decimals=2)


def binary_short(memory_b: int) -> str:
    """As `binary`, in six cells at most (seven where negative), without groups: `512Mi`, `1.4Ti`, `1010Gi`, `0`."""
    return _scaled(memory_b, 1024, _SHORT_BINARY, "").replace(" ", "")


def percent(part: int, whole: int, *, space: str = "") -> str:
    """`part` of `whole` in whole percent: `33%`; `n/a` where `whole` is zero."""
    if whole == 0:
        return NOT_APPLICABLE
    return f"{_rounded(100 * part, whole)}{space}%"


def count(number: int) -> str:
    """Every digit, in groups: `4 812`."""
    return f"{number:,}".replace(",", " ")


def count_short(number: int) -> str:
    """In four cells at most (five where negative): `999`, `1.2k`, `15k`, `1.5M`."""
    return _scaled(number, 1000, _SHORT_DECIMAL, "")


def duration(seconds: float) -> str:
    """How long something took, in two or three digits: `0.4 ms`, `140 ms`, `1.2 s`, `75 s`, `12 min`, `30 h`."""
    if (tenths := _rounded(round(seconds * 1e6), 100)) < 100:
        return f"{_decimal(tenths, 1)} ms"
    if (milliseconds := _rounded(tenths, 10)) < 1000:
        return f"{milliseconds} ms"
    if (tenths := _rounded(milliseconds, 100)) < 100:
        return f"{_decimal(tenths, 1)} s"
    whole = _rounded(tenths, 10)
    if whole < 120:
        return f"{whole} s"
    return f"{_rounded(whole, 60)} min" if whole < 7200 else f"{count(_rounded(whole, 3600))} h"


def rate(per_s: float) -> str:
    """Things in a second, in four cells at most: `0`, `0.3`, `12`, `1.2k`."""
    tenths = round(per_s * 10)
    return _decimal(tenths, 1) if tenths < 100 else count_short(_rounded(tenths, 10))


def _scaled(number: int, step: int, units: tuple[str, ...], space: str, decimals: int = 1) -> str:
    amount, power = abs(number), 0
    divisor = 1
    # What rounds up to a whole step is one of the next unit: 1023.7 MiB is 1 GiB.
    while power < len(units) - 1 and _rounded(amount, divisor) >= step:
        divisor *= step
        power += 1
    parts = 10**decimals
    small = _rounded(parts * amount, divisor)
    shown = _decimal(small, decimals) if small < 10 * parts else count(_rounded(amount, divisor))
    return f"{_sign(number)}{shown}{space}{units[power]}"


def _decimal(parts: int, decimals: int) -> str:
    """`parts` of which `10**decimals` are one, without zeros at the end."""
    whole, rest = divmod(parts, 10**decimals)
    return f"{count(whole)}.{rest:0{decimals}}".rstrip("0") if rest else count(whole)


def _rounded(number: int, divisor: int) -> int:
    return (2 * number + divisor) // (2 * divisor)


def _sign(number: int) -> str:
    return "-" if number < 0 else ""
