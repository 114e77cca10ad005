"""The screens that there are, each with the key that leads to it."""

from __future__ import annotations

from kite_tui.widgets.frame import Tab

TABS = (
    Tab("1", "Overview", "overview"),
    Tab("2", "Nodes", "nodes"),
    Tab("3", "Pods", "pods"),
    Tab("4", "Related", "related"),
    Tab("8", "Cache", "cache"),
)
