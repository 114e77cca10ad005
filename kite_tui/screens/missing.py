"""An object whose page is open, and that isn't there."""

from __future__ import annotations

from kite_tui.objects.states import State, Syncing, is_readable
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import Section
from kite_tui.widgets.states import word

WHOLE = (Column("said", "", flex=1),)


def missing(title: str, state: State, now_s: float) -> Section:
    """What a page shows in place of its object: it is gone, or the kind can't be read, which is another matter."""
    if is_readable(state):
        said = Cell("is not there (any more)", "warn")
    elif isinstance(state, Syncing):
        said = Cell("is being read…", "warn")
    else:
        why, ink = word(state, now_s) or ("", "warn")
        reason = getattr(state, "reason", "")
        said = Cell(f"can't be read: {why}" + (f" ({reason})" if reason else ""), ink)
    return Section(title, [(said,)], WHOLE)
