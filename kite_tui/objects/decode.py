"""From bytes of the API to trimmed records, one object at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.kinds import Kind

__all__ = ["Decoder", "Malformed", "decoder"]

T = TypeVar("T")

Decoder = Callable[[Bytes], T]
"""Decodes one object's JSON. Thread-safe. Raises `Malformed`; what is merely odd inside (a quantity `abc`, nulls, no
status) decodes, with the odd part unknown."""


def decoder(kind: Kind[T]) -> Decoder[T]:
    """The decoder of a kind."""
    raise NotImplementedError(kind)
