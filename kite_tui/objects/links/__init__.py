"""What the objects of each kind refer to: one linker a kind, by group and kind, whatever the version served."""

from __future__ import annotations

from collections.abc import Mapping

from kite_tui.objects.links import access, network, policy, storage
from kite_tui.objects.links.parts import Linker

LINKERS: Mapping[tuple[str, str], Linker] = {
    **network.LINKERS,
    **storage.LINKERS,
    **access.LINKERS,
    **policy.LINKERS,
}
