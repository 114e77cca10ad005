"""Why usage is missing, or how old it is, in the line above a table."""

from __future__ import annotations

from kite_tui.objects.states import Absent, State, Syncing, is_readable
from kite_tui.widgets.ink import Line
from kite_tui.widgets.states import word


def metrics_notice(state: State, now_s: float) -> Line:
    """Empty where usage is as it should be."""
    said = word(state, now_s)
    if said is None:
        return ()
    if is_readable(state) or isinstance(state, Syncing):  # some are there, or are about to be
        return [(f"   metrics: {said[0]}", said[1])]
    return [(f"   no metrics: {'metrics API not installed' if isinstance(state, Absent) else said[0]}", "dim")]
