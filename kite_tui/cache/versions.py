"""Order among resourceVersions, as far as there is one."""

from __future__ import annotations


def is_older(version: str, than: str) -> bool:
    """True where `version` is certainly before `than`, both of one kind: both decimal, shorter or smaller by digits.

    Everything else (not decimal, equal) is False: a resourceVersion is opaque but for that.
    """
    if not (_is_decimal(version) and _is_decimal(than)):
        return False
    return (len(version), version) < (len(than), than)


def _is_decimal(version: str) -> bool:
    return version.isascii() and version.isdigit() and not version.startswith("0")
