"""CSV: items of a JSON document as lines, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kite_tui.text.sanitise import clean

FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet's formula begins with, also in the full-width forms that some take for it."""

NESTED = frozenset({"pods", "cpu", "memory", "ephemeral_storage", "why"})
"""Parts of an item with fixed keys, which become columns of their own: `cpu.requests_m`."""


def items_csv(items: Sequence[Mapping[str, Any]]) -> str:
    """The items of a document as CSV: a line each, a header from the first. Empty where there are none."""
    lines = [_flat(item) for item in items]
    return comma_separated(list(lines[0]), ([*line.values()] for line in lines)) if lines else ""


def _flat(item: Mapping[str, Any]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in item.items():
        if key in NESTED and isinstance(value, dict):
            flat.update((f"{key}.{inner}", found) for inner, found in value.items())
        elif isinstance(value, list) and all(isinstance(part, str | int) for part in value):
            flat[key] = ";".join(map(str, value))
        elif isinstance(value, dict | list):
            flat[key] = json.dumps(value, ensure_ascii=False)
        else:
            flat[key] = value
    return flat


def comma_separated(titles: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """CSV after RFC 4180 with `\\n`; None is an empty cell. Cells are cleaned whole, and one that a spreadsheet would
    run is quoted with `'`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_safe(cell) for cell in line] for line in lines)
    return out.getvalue()


def _safe(cell: object) -> object:
    if isinstance(cell, str):
        return ("'" if cell[:1] in FORMULA else "") + clean(cell, limit=sys.maxsize)
    return "" if cell is None else cell
