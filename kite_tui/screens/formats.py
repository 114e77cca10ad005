"""Numbers and ages as cells: what is unknown is a dim mark, never a zero."""

from __future__ import annotations

from kite_tui.text import ages, units
from kite_tui.widgets.bars import request_ink, usage_ink
from kite_tui.widgets.columns import Cell
from kite_tui.widgets.ink import Ink

UNKNOWN = Cell("-", "faint")


def text(value: str, ink: Ink = "") -> Cell:
    """A word, or the mark where there is none."""
    return Cell(value, ink) if value else UNKNOWN


def cores(value_m: int | None, ink: Ink = "number") -> Cell:
    """CPU in at most five cells."""
    return UNKNOWN if value_m is None else Cell(units.cores_short(value_m), ink)


def memory(value_b: int | None, ink: Ink = "number") -> Cell:
    """Memory in at most six cells."""
    return UNKNOWN if value_b is None else Cell(units.binary_short(value_b), ink)


def count(value: int | None, ink: Ink = "number") -> Cell:
    """A number."""
    return UNKNOWN if value is None else Cell(units.count(value), ink)


def usage_share(used: int | None, total: int | None) -> Cell:
    """Usage in percent: a warning above 60 %, bad above 90 %."""
    if used is None or total is None:
        return UNKNOWN
    return Cell(units.percent(used, total), usage_ink(used / total) if total else "dim")


def request_share(asked: int | None, total: int | None) -> Cell:
    """Requests in percent: a warning from 90 %."""
    if asked is None or total is None:
        return UNKNOWN
    ink = request_ink(asked / total) if total else "dim"
    return Cell(units.percent(asked, total), "" if ink == "accent" else ink)


def limit_share(limited: int | None, total: int | None) -> Cell:
    """Limits in percent: above 100 % is ordinary overcommit, a mark and never red."""
    if limited is None or total is None:
        return UNKNOWN
    over = "►" if total and limited > total else ""
    return Cell(units.percent(limited, total) + over, "dim")


def age(since_s: float | None, now_s: float) -> Cell:
    """How long ago, as kubectl counts."""
    return UNKNOWN if since_s is None else Cell(ages.human_duration(max(0.0, now_s - since_s)), "dim")


def pod_status_ink(status: str, ready: bool) -> Ink:
    """The ink of a pod's STATUS; the word says it all without."""
    if status in ("Running", "Completed", "Succeeded"):
        return "good" if ready or status != "Running" else "warn"
    if status in ("Pending", "ContainerCreating", "PodInitializing", "Terminating", "SchedulingGated", "Unknown"):
        return "warn"
    if status.startswith("Init:") and "/" in status:
        return "warn"
    return "bad"


def node_status_ink(status: str) -> Ink:
    """The ink of a node's STATUS."""
    if status == "Ready":
        return "good"
    return "warn" if status.startswith("Ready") else "bad"
