"""Counters of one reflector."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Stats:
    """Counters since the start. Written by the reflector's thread only; anyone may read a number."""

    pages: int = 0
    """Pages that were answered."""
    lists: int = 0
    """Lists that came to their end."""
    watches: int = 0
    """Watches that were opened."""
    events: int = 0
    """Events that added, modified or deleted an object."""
    bytes: int = 0
    """Bytes of pages and lines, decompressed."""
    malformed: int = 0
    """Objects that could not be read at all and were left out."""
    errors: int = 0
    last_error: str = ""
