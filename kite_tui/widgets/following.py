"""Staying with a row while rows move, appear and vanish around it. Pure arithmetic over two views."""

from __future__ import annotations

from kite_tui.widgets.rows import Rows


def follow(old: Rows, new: Rows, cursor: int, top: int, room: int) -> tuple[int, int]:
    """Cursor and top line over `new` for someone who looked at `old` with these, `room` lines in sight.

    The cursor stays on its key. Where that is gone, it goes to the row that took its place: the next one in sight that
    is still there, else the one before. What is seen stays where it is: the cursor's row keeps its line on the screen,
    or, where the cursor is out of sight, the first row in sight that is still there does. At most 4 × `room` look-ups.
    """
    count = len(new)
    if not count or not len(old):
        return 0, 0
    cursor = min(cursor, len(old) - 1)
    moved = new.index_of(old.key(cursor))
    if moved is None:
        moved = _replacement(old, new, cursor, room)
    in_sight = top <= cursor < top + room
    anchored = moved - (cursor - top) if in_sight else _anchor(old, new, top, room)
    return moved, max(0, min(anchored, count - room))


def _replacement(old: Rows, new: Rows, cursor: int, room: int) -> int:
    for index in range(cursor + 1, min(len(old), cursor + 1 + room)):
        found = new.index_of(old.key(index))
        if found is not None:
            return found
    for index in range(cursor - 1, max(-1, cursor - 1 - room), -1):
        found = new.index_of(old.key(index))
        if found is not None:
            return min(found + 1, len(new) - 1)
    return min(cursor, len(new) - 1)


def _anchor(old: Rows, new: Rows, top: int, room: int) -> int:
    for index in range(top, min(len(old), top + room)):
        found = new.index_of(old.key(index))
        if found is not None:
            return found - (index - top)
    return top
