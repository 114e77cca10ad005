"""What one container asks for, as a cell."""

from __future__ import annotations

from kite_tui.objects.amounts import Quantities
from kite_tui.objects.quantity import InvalidQuantity, cpu_m, value
from kite_tui.screens.formats import UNKNOWN, cores, memory
from kite_tui.widgets.columns import Cell


def container_amount(quantities: Quantities, resource: str) -> Cell:
    """A container's own request or limit of cpu or memory; a malformed one is shown as it was written."""
    for name, written in quantities:
        if name == resource:
            try:
                return cores(cpu_m(written), "") if resource == "cpu" else memory(value(written), "")
            except InvalidQuantity:
                return Cell(written, "bad")
    return UNKNOWN
