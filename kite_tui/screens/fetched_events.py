"""The Events about one object, fetched when somebody looks at it."""

from __future__ import annotations

from kite_tui.objects.decode import decoder
from kite_tui.objects.envelope import Malformed, split_list
from kite_tui.objects.events import Event
from kite_tui.objects.kinds import EVENTS
from kite_tui.screens.pod_sections import EventsOf
from kite_tui.session.cluster import Fetched


def events_of(fetched: Fetched) -> EventsOf:
    """Newest first, or why there are none. O(events); on the thread that fetched them."""
    if fetched.error:
        return EventsOf((), fetched.error)
    decode = decoder(EVENTS)
    try:
        found: list[Event] = [decode(item) for item in split_list(fetched.body)[1]]
    except Malformed as error:
        return EventsOf((), str(error))
    found.sort(key=lambda event: -(event.last_seen_s or 0))
    return EventsOf(tuple(found), "")
