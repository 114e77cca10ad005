"""Where somebody has been among related objects, and how it was looked at: a history as a browser has it."""

from __future__ import annotations

from dataclasses import dataclass

from kite_tui.objects.events import Event
from kite_tui.queries.vertices import Vertex

KEPT = 100
"""Places; older ones are forgotten."""


@dataclass(slots=True)
class Place:
    """An object (None: all kinds), and how it was looked at."""

    about: Vertex | None = None
    toggled: frozenset[str] = frozenset()
    more_hops: int = 0
    breaks: bool = False
    events: tuple[Event, ...] = ()
    events_error: str = ""
    """Why they could not be fetched the last time; those at hand are older then, or none."""
    cursor: str | None = None


def key_of(about: Vertex | None) -> object:
    """What a place is about, to compare it with another."""
    return about.key if about is not None else None


class History:
    """Places in the order in which they were gone to. It begins at all kinds. UI thread only."""

    def __init__(self) -> None:
        self._places = [Place()]
        self._at = 0

    @property
    def place(self) -> Place:
        """Where we are."""
        return self._places[self._at]

    def go(self, about: Vertex | None) -> bool:
        """To an object, or (None) to all kinds, which forgets what was ahead; False where we are there already."""
        if key_of(about) == key_of(self.place.about):
            return False
        del self._places[self._at + 1 :]
        self._places.append(Place(about))
        del self._places[:-KEPT]
        self._at = len(self._places) - 1
        return True

    def walk(self, step: int) -> bool:
        """Back or forward; False where there is nothing."""
        at = self._at + step
        if not 0 <= at < len(self._places):
            return False
        self._at = at
        return True
