"""The screens behind the tabs, imported when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from textual.screen import Screen

if TYPE_CHECKING:
    from kite_tui.screens.base import KiteScreen


def root_screen(tab: str) -> type[KiteScreen[Any]]:
    """The class of a tab's screen, imported now where that is the first time."""
    if tab == "overview":
        from kite_tui.screens.overview import OverviewScreen

        return OverviewScreen
    if tab == "nodes":
        from kite_tui.screens.nodes import NodesScreen

        return NodesScreen
    if tab == "pods":
        from kite_tui.screens.pods import PodsScreen

        return PodsScreen
    if tab == "cache":
        from kite_tui.screens.cache import CacheScreen

        return CacheScreen
    from kite_tui.screens.related import RelatedScreen

    return RelatedScreen


def has_frame(screen: Screen[Any]) -> TypeGuard[KiteScreen[Any]]:
    """True for the screens that follow the cluster, not for what opens over them."""
    from kite_tui.screens.base import KiteScreen

    return isinstance(screen, KiteScreen)
