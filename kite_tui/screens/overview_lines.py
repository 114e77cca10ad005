"""The lines of the overview's tiles: what each number is called, how it is drawn, and what it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kite_tui.queries.overview import NamespaceTotals, NodeCounts, Overview, PodCounts, ServiceTotals
from kite_tui.queries.prometheus import Prometheus
from kite_tui.queries.resources import ResourceTotals
from kite_tui.text import units
from kite_tui.text.cut import cut_middle
from kite_tui.widgets.bars import percent_bar, request_ink, sparkline, usage_ink
from kite_tui.widgets.ink import Ink, Line, Piece
from kite_tui.widgets.states import word
from kite_tui.widgets.tile import TileLine

SHORT_TYPES = {"LoadBalancer": "LB", "ExternalName": "External"}
SERVICE_WIDTH = 21
"""Cells of a line in the narrowest tile, a quarter of 100 columns."""


def _counted(number: int | None, word: str, mark: str, ink: Ink, opens: str) -> list[TileLine]:
    """A line for a number that is worth one only when it isn't 0."""
    if not number:
        return []
    return [TileLine([(f"{mark} ", ink), (units.count(number), ink), (f" {word}", ink)], opens)]


def _headline(good: int | None, total: int | None, word: str, opens: str) -> TileLine:
    ink: Ink = "good" if good == total else "warn"
    shown = [(units.count(good or 0), ink), (" of ", "dim"), (units.count(total or 0), "number"), (f" {word}", "dim")]
    return TileLine(shown, opens)


def node_lines(nodes: NodeCounts) -> Sequence[TileLine]:
    """98 of 100 ready, and what is not."""
    return [
        _headline(nodes.ready, nodes.total, "ready", "nodes:"),
        *_counted(nodes.not_ready, "not ready", "✗", "bad", "nodes:is:notready"),
        *_counted(nodes.unknown, "unknown", "?", "bad", "nodes:is:unknown"),
        *_counted(nodes.pressure, "under pressure", "!", "warn", "nodes:is:pressure"),
        *_counted(nodes.cordoned, "cordoned", "◌", "warn", "nodes:is:cordoned"),
    ]


def pod_lines(pods: PodCounts) -> Sequence[TileLine]:
    """4 812 of 5 000 healthy, and what is not."""
    return [
        _headline(pods.healthy, pods.total, "healthy", "pods:"),
        *_counted(pods.failed, "failed", "✗", "bad", "pods:is:failed"),
        *_counted(pods.not_ready, "not ready", "◐", "warn", "pods:is:notready"),
        *_counted(pods.pending, "pending", "◌", "warn", "pods:is:pending"),
        *_counted(pods.terminating, "terminating", "…", "warn", "pods:is:terminating"),
        *_counted(pods.unknown, "unknown", "?", "bad", "pods:is:unknown"),
        *_counted(pods.orphaned, "on a node that is gone", "?", "warn", "pods:is:orphaned"),
    ]


def namespace_lines(namespaces: NamespaceTotals) -> Sequence[TileLine]:
    """42, and how many are going away."""
    return [
        TileLine([(units.count(namespaces.total or 0), "number")], "namespaces:"),
        *_counted(namespaces.terminating, "terminating", "…", "warn", "namespaces:"),
    ]


def service_lines(services: ServiceTotals, prometheus: Prometheus) -> Sequence[TileLine]:
    """310 by type, and where Prometheus is."""
    lines = [TileLine([(units.count(services.total or 0), "number")])]
    parts = [
        f"{units.count(number)} {SHORT_TYPES.get(name, name)}" for name, number in (services.by_type or {}).items()
    ]
    if services.headless:
        parts.append(f"{units.count(services.headless)} headless")
    lines += [TileLine([(line, "dim")]) for line in _filled(parts, SERVICE_WIDTH)]
    if prometheus.where:
        where = prometheus.where
        lines.append(TileLine(lambda width: [("Prometheus ", "dim"), (cut_middle(where, width - 11), "")]))
    return lines


def _filled(parts: Iterable[str], width: int) -> list[str]:
    """As few lines as they fit on, in their order."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 2 + len(part) <= width:
            lines[-1] += f"  {part}"
        else:
            lines.append(part)
    return lines


def resource_title(name: str, total: ResourceTotals) -> Line:
    """`CPU  800 cores`."""
    title = {"cpu": "CPU", "memory": "Memory"}[name]
    if total.allocatable is None:
        return [(title, "")]
    amount = f"{units.cores(total.allocatable)} cores" if name == "cpu" else units.binary(total.allocatable)
    return [(title, ""), (f"  {amount} allocatable", "dim")]


def resource_lines(
    name: str, total: ResourceTotals, found: Overview, samples: Sequence[object], *, sparklines: bool
) -> Sequence[TileLine]:
    """Usage, requests and limits with bars, what waits, and where the most room is."""
    field = "cpu_m" if name == "cpu" else "memory_b"
    history: list[float | None] = [getattr(sample, field) for sample in samples] if sparklines else []
    spark = bool(history)
    amount = units.cores if name == "cpu" else units.binary
    metric = _no_metrics(found) if total.usage is None else None
    lines = [
        metric
        or _share_line("usage", total.usage, total, amount, _usage_ink(total), f"nodes-by:{name}", spark, history),
        _share_line("requests", total.requests, total, amount, _request_ink(total), f"nodes-by:{name}_requests", spark),
        _share_line("limits", total.limits, total, amount, "dim", f"nodes-by:{name}_limits", spark),
    ]
    if total.waiting is not None:
        note = "by unscheduled pods" if total.waiting else "no pod waits for a node"
        lines.append(_plain_line("waiting", amount(total.waiting), note, "pods:is:waiting" if total.waiting else ""))
    if total.largest_free is not None:
        largest = total.largest_free
        lines.append(_plain_line("largest free", amount(largest.free), f"on {largest.node}", f"node:{largest.node}"))
    if name == "cpu":
        for resource, extended in list(found.extended.items())[:2]:
            asked = f"{_known(extended.requests)} of {_known(extended.allocatable)} requested"
            waiting = f", {extended.waiting} waiting" if extended.waiting else ""
            lines.append(TileLine([(f"{resource}  ", "dim"), (asked + waiting, "")]))
    return lines


def _known(number: int | None) -> str:
    return "?" if number is None else units.count(number)


def _no_metrics(found: Overview) -> TileLine:
    said = word(found.metrics.state, found.as_of_s)
    why = "metrics API not installed" if said and said[0] == "not served" else said[0] if said else "no sample yet"
    return TileLine([("usage".ljust(13), "dim"), ("no metrics", "warn"), (f"  {why}", "dim")])


def _share(value: int | None, total: ResourceTotals) -> float | None:
    return value / total.allocatable if value is not None and total.allocatable else None


def _usage_ink(total: ResourceTotals) -> Ink:
    share = _share(total.usage, total)
    return "dim" if share is None else usage_ink(share)


def _request_ink(total: ResourceTotals) -> Ink:
    share = _share(total.requests, total)
    return "dim" if share is None else request_ink(share)


def _share_line(
    label: str,
    value: int | None,
    total: ResourceTotals,
    amount: Callable[[int], str],
    ink: Ink,
    opens: str,
    sparkled: bool,
    history: Sequence[float | None] = (),
) -> TileLine:
    """`sparkled`: one line of the tile has a sparkline, so the bars of all leave room for it and keep one scale."""
    shown = "-" if value is None else amount(value)
    share = _share(value, total)
    percent = "" if value is None or total.allocatable is None else units.percent(value, total.allocatable, space=" ")

    def line(width: int) -> list[Piece]:
        spark = min(20, max(0, width - 52)) if sparkled else 0
        room = max(0, width - 32 - (spark + 2 if spark else 0))
        pieces: list[Piece] = [
            (label.ljust(12), "dim"),
            (shown.rjust(10), "number"),
            (percent.rjust(7), "" if ink in ("dim", "accent") else ink),
            ("  ", ""),
            *percent_bar(room, share, ink),
        ]
        if spark and history:
            pieces += [("  ", ""), *sparkline(spark, history, total.allocatable)]
        return pieces

    return TileLine(line, opens)


def _plain_line(label: str, amount: str, note: str, opens: str) -> TileLine:
    return TileLine([(label.ljust(12), "dim"), (amount.rjust(10), "number"), ("   ", ""), (note, "dim")], opens)
