"""What the plain commands print as tables: nodes, pods, and the overview as a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kite_tui.cli.tables import Column, aligned
from kite_tui.objects.states import State, is_readable
from kite_tui.queries.documents import state_word
from kite_tui.queries.metrics import Metrics
from kite_tui.queries.nodes import NodeRow, Share
from kite_tui.queries.overview import Overview
from kite_tui.queries.pods import PodRow
from kite_tui.queries.resources import ResourceTotals
from kite_tui.text import ages
from kite_tui.text.sanitise import clean
from kite_tui.text.units import binary, cores, percent

UNKNOWN = "-"
WARNINGS = 20
"""Of the newest; a page is for people."""
"""A number that isn't known; a notice on stderr says why."""


def age(created_s: float | None, now_s: float) -> str:
    """kubectl's age of something made at `created_s`."""
    return UNKNOWN if created_s is None else ages.age(created_s, now_s)


def count(value: int | None) -> str:
    """A number, or the mark for one that isn't known."""
    return UNKNOWN if value is None else str(value)


def cores_or_unknown(value_m: int | None) -> str:
    """CPU in cores."""
    return UNKNOWN if value_m is None else cores(value_m)


def binary_or_unknown(value_b: int | None) -> str:
    """Memory in binary units."""
    return UNKNOWN if value_b is None else binary(value_b)


def share(part: int | None, total: int | None) -> str:
    """A percentage of what is allocatable."""
    return UNKNOWN if part is None or total is None else percent(part, total)


def node_columns(now_s: float, pods: State) -> Sequence[Column[NodeRow]]:
    """The columns of `kite-tui nodes`. Where `pods` can't be read, requests and limits say so; sums of which a part
    can't be read are marked with `?`."""

    def asked(part: int | None, of: Share, row: NodeRow) -> str:
        if not is_readable(pods):
            return state_word(pods)[0]
        return share(part, of.allocatable) + _doubt(row)

    return (
        Column("NAME", lambda r: r.node.name),
        Column("STATUS", lambda r: r.node.status),
        Column("ROLES", lambda r: ",".join(r.node.roles) or "<none>"),
        Column("PODS", _node_pods, right=True),
        Column("CPU", lambda r: cores_or_unknown(r.cpu.allocatable), right=True),
        Column("USE", lambda r: share(r.cpu.usage, r.cpu.allocatable), right=True),
        Column("REQ", lambda r: asked(r.cpu.requests, r.cpu, r), right=True),
        Column("LIM", lambda r: asked(r.cpu.limits, r.cpu, r), right=True),
        Column("FREE", lambda r: cores_or_unknown(r.cpu.free) + _doubt(r), right=True),
        Column("MEMORY", lambda r: binary_or_unknown(r.memory.allocatable), right=True),
        Column("USE", lambda r: share(r.memory.usage, r.memory.allocatable), right=True),
        Column("REQ", lambda r: asked(r.memory.requests, r.memory, r), right=True),
        Column("LIM", lambda r: asked(r.memory.limits, r.memory, r), right=True),
        Column("FREE", lambda r: binary_or_unknown(r.memory.free) + _doubt(r), right=True),
        Column("PRESSURE", lambda r: ",".join(r.node.pressure) or UNKNOWN),
        Column("VERSION", lambda r: r.node.kubelet_version or UNKNOWN),
        Column("AGE", lambda r: age(r.node.created_s, now_s)),
        Column("TAINTS", lambda r: str(len(r.node.taints)), right=True, wide=True),
        Column("INTERNAL-IP", lambda r: r.node.internal_ip or UNKNOWN, wide=True),
        Column("OS-IMAGE", lambda r: r.node.os_image or UNKNOWN, wide=True),
        Column("KERNEL", lambda r: r.node.kernel or UNKNOWN, wide=True),
        Column("RUNTIME", lambda r: r.node.runtime or UNKNOWN, wide=True),
        Column("ARCH", lambda r: r.node.architecture or UNKNOWN, wide=True),
        Column("INSTANCE-TYPE", lambda r: r.node.instance_type or UNKNOWN, wide=True),
        Column("ZONE", lambda r: r.node.zone or UNKNOWN, wide=True),
        Column("EXTENDED", _node_extended, wide=True),
    )


def _doubt(row: NodeRow) -> str:
    return "?" if row.unreadable else ""


def _node_pods(row: NodeRow) -> str:
    finished = f" +{row.finished}" if row.finished else ""
    return f"{count(row.holding)}/{count(row.pods_allocatable)}{finished}"


def _node_extended(row: NodeRow) -> str:
    parts = [f"{name}={count(n.requests)}/{count(n.allocatable)}" for name, n in row.extended.items()]
    return ",".join(parts) or UNKNOWN


def pod_columns(now_s: float, *, with_namespace: bool) -> Sequence[Column[PodRow]]:
    """The columns of `kite-tui pods`; usage, requests and limits stand as u/r/l, `-` for one that isn't there."""
    columns: tuple[Column[PodRow], ...] = (
        Column("NAMESPACE", lambda r: r.pod.namespace),
        Column("NAME", lambda r: r.pod.name),
        Column("READY", lambda r: f"{r.pod.ready}/{r.pod.total}"),
        Column("STATUS", lambda r: r.pod.status),
        Column("RESTARTS", lambda r: restarts(r, now_s)),
        Column("CPU", lambda r: cores_or_unknown(r.cpu.usage), right=True),
        Column("REQ", lambda r: cores_or_unknown(r.cpu.requests), right=True),
        Column("LIM", lambda r: cores_or_unknown(r.cpu.limits), right=True),
        Column("MEMORY", lambda r: binary_or_unknown(r.memory.usage), right=True),
        Column("REQ", lambda r: binary_or_unknown(r.memory.requests), right=True),
        Column("LIM", lambda r: binary_or_unknown(r.memory.limits), right=True),
        Column("NODE", lambda r: r.pod.node_name or "<none>"),
        Column("AGE", lambda r: age(r.pod.created_s, now_s)),
        Column("IP", lambda r: r.pod.ip or "<none>", wide=True),
        Column("QOS", lambda r: r.pod.template.qos or UNKNOWN, wide=True),
        Column("OWNER", _pod_owner, wide=True),
        Column("GATES", _pod_gates, wide=True),
        Column("IMAGE", _pod_images, wide=True),
    )
    return columns if with_namespace else columns[1:]


def restarts(row: PodRow, now_s: float) -> str:
    """`3 (4m ago)`, as printPod writes it."""
    pod = row.pod
    if not pod.restarts or pod.restarted_s is None:
        return str(pod.restarts)
    return f"{pod.restarts} ({age(pod.restarted_s, now_s)} ago)"


def _pod_owner(row: PodRow) -> str:
    owner = row.pod.template.owner
    return f"{owner.kind}/{owner.name}" if owner else "<none>"


def _pod_gates(row: PodRow) -> str:
    gates = row.pod.template.readiness_gates
    return f"{row.pod.gates_met}/{len(gates)}" if gates else "<none>"


def _pod_images(row: PodRow) -> str:
    return ",".join(dict.fromkeys(c.image for c in row.pod.template.containers if c.role == "app")) or UNKNOWN


def overview_page(overview: Overview) -> str:
    """The overview as text: counts, resources, what is wrong, the newest warnings."""
    head, now_s = overview.head, overview.as_of_s
    namespaces = ", ".join(head.namespaces) or "all namespaces"
    title = " · ".join(clean(part) for part in (head.context or head.server, namespaces, head.version or "") if part)
    blocks = [
        title + "\n",
        _counts(overview, now_s),
        _resources(overview),
        _titled("Wrong now", _problems(overview, now_s), _nothing_wrong(overview)),
        _titled("Warnings, newest first", _warnings(overview, now_s), _nothing(overview.warnings_state)),
    ]
    return "\n".join(block for block in blocks if block)


def _nothing(state: State) -> str:
    return "none" if is_readable(state) else state_word(state)[0]


def _nothing_wrong(overview: Overview) -> str:
    if not overview.not_searched:
        return "nothing that kite-tui looks for"
    return "nothing in what could be read; not searched: " + ", ".join(kind.plural for kind, _ in overview.not_searched)


def _titled(title: str, lines: str, nothing: str) -> str:
    return f"{title}\n{lines or nothing + chr(10)}"


def _unless_known(state: State, parts: Iterable[str]) -> str:
    return "   ".join(parts) if is_readable(state) else state_word(state)[0]


def _some(value: int | None, word: str) -> list[str]:
    return [f"{value} {word}"] if value else []


def _counts(overview: Overview, now_s: float) -> str:
    nodes, pods = overview.nodes, overview.pods
    namespaces, services = overview.namespaces, overview.services
    metrics, prometheus = overview.metrics, overview.prometheus
    types = [f"{number} {name}" for name, number in (services.by_type or {}).items()]
    lines = [
        (
            "Nodes",
            _unless_known(
                nodes.state,
                [
                    f"{nodes.ready} of {nodes.total} ready",
                    *_some(nodes.not_ready, "not ready"),
                    *_some(nodes.unknown, "unknown"),
                    *_some(nodes.cordoned, "cordoned"),
                    *_some(nodes.pressure, "under pressure"),
                ],
            ),
        ),
        (
            "Pods",
            _unless_known(
                pods.state,
                [
                    f"{pods.healthy} of {pods.total} healthy",
                    *_some(pods.not_ready, "not ready"),
                    *_some(pods.pending, "pending"),
                    *_some(pods.failed, "failed"),
                    *_some(pods.terminating, "terminating"),
                    *_some(pods.unknown, "unknown"),
                    *_some(pods.orphaned, "orphaned"),
                ],
            ),
        ),
        (
            "Namespaces",
            _unless_known(namespaces.state, [str(namespaces.total), *_some(namespaces.terminating, "terminating")]),
        ),
        (
            "Services",
            _unless_known(services.state, [str(services.total), *types, *_some(services.headless, "headless")]),
        ),
        (
            "Metrics",
            _unless_known(metrics.state, [_sampled(metrics, now_s)]),
        ),
        (
            "Prometheus",
            _unless_known(prometheus.state, [prometheus.where or prometheus.reason or "not found"]),
        ),
    ]
    return aligned(lines, (False, False))


def _sampled(metrics: Metrics, now_s: float) -> str:
    if metrics.sampled_s is None:
        return "no samples"
    note = metrics.note(now_s)
    return f"sampled {age(metrics.sampled_s, now_s)} ago" + (f" ({note})" if note else "")


def _resources(overview: Overview) -> str:
    header = ("", "ALLOCATABLE", "USAGE", "", "REQUESTS", "", "LIMITS", "", "WAITING", "LARGEST FREE")
    lines: list[Sequence[str]] = [header]
    for name, total, unit in (("CPU", overview.cpu, cores_or_unknown), ("Memory", overview.memory, binary_or_unknown)):
        largest = total.largest_free
        lines.append(
            (
                name,
                unit(total.allocatable),
                *_with_share(unit(total.usage), total.usage, total),
                *_with_share(unit(total.requests), total.requests, total),
                *_with_share(unit(total.limits), total.limits, total),
                unit(total.waiting),
                f"{unit(largest.free)} on {largest.node}" if largest else UNKNOWN,
            )
        )
    for name, extended in overview.extended.items():
        asked = count(extended.requests), share(extended.requests, extended.allocatable)
        lines.append((name, count(extended.allocatable), "", "", *asked, "", "", count(extended.waiting), ""))
    text = aligned(lines, (False, True, True, True, True, True, True, True, True, False))
    reasons = dict.fromkeys(total.reason for total in (overview.cpu, overview.memory) if total.reason)
    return text + "".join(f"({reason})\n" for reason in reasons)


def _with_share(text: str, value: int | None, total: ResourceTotals) -> tuple[str, str]:
    return text, share(value, total.allocatable)


def _problems(overview: Overview, now_s: float) -> str:
    lines = [
        (
            problem.severity,
            problem.kind,
            f"{problem.namespace}/{problem.name}" if problem.namespace else problem.name,
            f"×{problem.count}" if problem.count > 1 else "",
            age(problem.since_s, now_s),
            problem.what,
        )
        for problem in overview.problems
    ]
    return aligned(lines, (False,) * 6) if lines else ""


def _warnings(overview: Overview, now_s: float) -> str:
    lines = [
        (
            age(event.last_seen_s, now_s),
            event.about_kind,
            f"{event.about_namespace}/{event.about_name}" if event.about_namespace else event.about_name,
            event.reason,
            f"×{event.count}",
            event.message,
        )
        for event in overview.warnings[:WARNINGS]
    ]
    if not lines:
        return ""
    more = len(overview.warnings) - len(lines)
    table = aligned(lines, (True, False, False, False, False, False))
    return table + (f"\n… {more} more: -o json has them" if more > 0 else "")
