"""Which order a key or a click asks for, and which way the arrow beside a title points."""

from __future__ import annotations

from collections.abc import Sequence

LARGEST_FIRST = frozenset(
    {"restarts", "pods", "objects", "received", "held", "events", "list", "heard", "lists", "watches", "errors"}
    | {
        f"{resource}{of}"
        for resource in ("cpu", "memory")
        for of in ("", "_requests", "_limits", "_free", "_size", "_share")
    }
)
"""Columns whose first order puts the largest on top, which is what one sorts by them for."""

Sort = tuple[str, bool]
"""A column, and whether its order is the other way round."""


def arrow(sort: Sort) -> Sort:
    """What the table's header shows: True points down, from large to small."""
    column, reverse = sort
    return column, reverse != (column in LARGEST_FIRST)


def after_key(columns: Sequence[str], now: Sort) -> Sort:
    """The order after a key that stands for `columns`: the first of them, then the next one, or, where there is only
    one, the other way round."""
    column, reverse = now
    if column not in columns:
        return columns[0], False
    if len(columns) == 1:
        return column, not reverse
    return columns[(columns.index(column) + 1) % len(columns)], False


def after_click(column: str, now: Sort) -> Sort:
    """The order after a click on a title, or shift and an arrow: the same column again is the other way round."""
    return column, column == now[0] and not now[1]
