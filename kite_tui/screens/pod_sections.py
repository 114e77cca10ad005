"""The sections of a pod's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kite_tui.objects.details import PodDetail
from kite_tui.objects.effective import explain
from kite_tui.objects.events import Event
from kite_tui.objects.pods import Container, ContainerStatus, Pod
from kite_tui.objects.states import State
from kite_tui.queries.pods import PodRow
from kite_tui.screens.formats import UNKNOWN, age, cores, memory, pod_status_ink, text
from kite_tui.screens.missing import WHOLE, missing
from kite_tui.screens.quantities import container_amount
from kite_tui.text.ages import human_duration
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.detail import Section
from kite_tui.widgets.ink import Ink

Rows = list[tuple[Cell, ...]]

CONTAINERS = (
    Column("role", "", least=7, most=9, sortable=False),
    Column("name", "CONTAINER", least=9, most=28, cut="middle", sortable=False),
    Column("state", "STATE", least=9, most=30, sortable=False),
    Column("since", "FOR", least=4, align="right", rank=3, sortable=False),
    Column("restarts", "RST", least=3, align="right", sortable=False),
    Column("last", "LAST EXIT", least=9, most=30, rank=4, sortable=False),
    Column("cpu", "CPU", least=5, align="right", rank=2, sortable=False),
    Column("cpu_requests", "req", least=4, align="right", rank=5, sortable=False),
    Column("cpu_limits", "lim", least=4, align="right", rank=5, sortable=False),
    Column("memory", "MEM", least=5, align="right", rank=2, sortable=False),
    Column("memory_requests", "req", least=5, align="right", rank=5, sortable=False),
    Column("memory_limits", "lim", least=5, align="right", rank=5, sortable=False),
    Column("image", "IMAGE", least=10, flex=1, rank=6, cut="middle", sortable=False),
)
CONDITIONS = (
    Column("type", "", least=8, most=26),
    Column("status", "", least=5),
    Column("age", "", least=4, align="right"),
    Column("why", "", least=10, flex=1),
)
EVENTS = (
    Column("age", "", least=3, align="right"),
    Column("type", "", least=4, most=8, rank=2),
    Column("reason", "", least=8, most=22),
    Column("count", "", least=2, rank=3),
    Column("message", "", least=10, flex=1),
)


@dataclass(frozen=True, slots=True)
class EventsOf:
    """The events of one object, newest first, or why there are none."""

    events: tuple[Event, ...]
    error: str


def pod_sections(
    namespace: str,
    name: str,
    row: PodRow | None,
    state: State,
    detail: PodDetail | str | None,
    events: EventsOf | None,
    now_s: float,
    *,
    gone: bool = False,
) -> Sequence[Section]:
    """All sections. `detail` and `events` are None while they are on their way, a sentence where they can't be had.
    `gone`: the pod is no more, and `row` is how it was last seen, which is when its last exit is worth reading."""
    title = f"Pod {namespace}/{name}"
    if row is None:
        return [missing(title, state, now_s), _events(events, now_s)]
    farewell = [(Cell("deleted: this is how it was last seen", "warn"),)]
    return [
        *([Section("", farewell, (Column("said", "", least=10, flex=1),), across=True)] if gone else []),
        Section(title, _containers(row, now_s), CONTAINERS, folds=False, across=True),
        *_messages(row.pod),
        Section("", _facts(row, detail, now_s)),
        Section("Effective requests and limits", _effective(row)),
        _conditions(detail, now_s),
        _events(events, now_s),
    ]


def _facts(row: PodRow, detail: PodDetail | str | None, now_s: float) -> Rows:
    pod = row.pod
    owner = pod.template.owner
    rows: Rows = [
        (Cell("status", "dim"), Cell(pod.status, pod_status_ink(pod.status, pod.ready == pod.total))),
        (Cell("ready", "dim"), Cell(f"{pod.ready} of {pod.total} containers")),
        (Cell("node", "dim"), Cell(pod.node_name or "<none>")),
        (Cell("IP", "dim"), text(pod.ip)),
        (Cell("owner", "dim"), text(f"{owner.kind} {owner.name}" if owner else "")),
        (Cell("QoS", "dim"), text(pod.template.qos)),
        (Cell("age", "dim"), age(pod.created_s, now_s)),
    ]
    if pod.deleted_s is not None:
        rows.append((Cell("deleted", "dim"), Cell(_deleted(pod.deleted_s, now_s), "warn")))
    if isinstance(detail, PodDetail):
        rows.append((Cell("service account", "dim"), text(detail.service_account)))
        if detail.priority_class:
            rows.append((Cell("priority", "dim"), Cell(detail.priority_class)))
        if detail.message:
            rows.append((Cell("message", "dim"), Cell(detail.message, "warn")))
    return rows


def _deleted(deleted_s: float, now_s: float) -> str:
    """deletionTimestamp lies in the future until the grace period is over."""
    if deleted_s > now_s:
        return f"within {human_duration(deleted_s - now_s)}"
    return f"overdue for {human_duration(now_s - deleted_s)}"


def _effective(row: PodRow) -> Rows:
    pod = row.pod
    why = explain(pod.template, pod.sizes, pod.infeasible)
    rows: Rows = []
    for name, demand, amount, sentence in (
        ("CPU", row.cpu, cores, why.cpu),
        ("memory", row.memory, memory, why.memory),
    ):
        asked = "can't be read" if demand.requests is None else amount(demand.requests).text
        limit = "can't be read" if demand.limits_unknown else "none" if demand.limits is None else None
        capped = limit or amount(demand.limits).text
        used = "unknown" if demand.usage is None else amount(demand.usage).text
        line: list[tuple[str, Ink]] = [
            (asked, "number"),
            (" requested, limit ", "dim"),
            (capped, "number"),
            (", uses ", "dim"),
            (used, "number"),
        ]
        rows.append((Cell(name, "dim"), Cell("".join(part for part, _ in line), "", line)))
        if sentence and sentence != "none":
            rows.append((Cell(""), Cell(sentence, "dim")))
    for resource, number in pod.effective.requests.extended:
        rows.append((Cell(resource, "dim"), Cell(str(number), "number")))
    if not pod.holds:
        rows.append((Cell(""), Cell("finished or on no node: holds nothing", "dim")))
    return rows


def _containers(row: PodRow, now_s: float) -> Rows:
    statuses = {status.name: (status, since_s) for status, since_s in row.pod.statuses}
    usage = {used.name: used for used in row.usage.containers} if row.usage else {}
    rows: Rows = []
    for container in row.pod.template.containers:
        status, since_s = statuses.get(container.name) or (ContainerStatus(container.name), None)
        used = usage.get(container.name)
        rows.append(
            (
                Cell("" if container.role == "app" else container.role, "dim"),
                Cell(container.name, "name"),
                _state(container, status),
                age(since_s, now_s),
                Cell(str(status.restarts), "warn" if status.restarts else "dim"),
                _last_exit(status, now_s),
                cores(used.cpu_m if used else None),
                container_amount(container.requests, "cpu"),
                container_amount(container.limits, "cpu"),
                memory(used.memory_b if used else None),
                container_amount(container.requests, "memory"),
                container_amount(container.limits, "memory"),
                Cell(container.image, "dim"),
            )
        )
    return rows


def _state(container: Container, status: ContainerStatus) -> Cell:
    match status.state:
        case "running":
            return Cell("running", "good") if status.ready or container.role == "init" else Cell("not ready", "warn")
        case "waiting":
            harmless = status.reason in ("ContainerCreating", "PodInitializing", "")
            return Cell(status.reason or "waiting", "warn" if harmless else "bad")
        case "terminated":
            done = status.exit_code == 0
            ended = status.reason or "terminated"
            return Cell(
                ended if done else f"{ended} {_code(status.exit_code, status.signal)}", "dim" if done else "bad"
            )
        case _:
            return UNKNOWN


def _code(exit_code: int | None, signal: int | None) -> str:
    return f"signal {signal}" if signal else f"exit {exit_code}" if exit_code is not None else ""


def _last_exit(status: ContainerStatus, now_s: float) -> Cell:
    if not status.last_reason and status.last_exit_code is None:
        return UNKNOWN
    code = f" {status.last_exit_code}" if status.last_exit_code is not None else ""
    ago = "" if status.last_finished_s is None else f" {human_duration(max(0.0, now_s - status.last_finished_s))} ago"
    return Cell(f"{status.last_reason}{code}{ago}", "warn" if status.last_exit_code else "dim")


def _messages(pod: Pod) -> Sequence[Section]:
    rows: Rows = [
        (Cell(status.name, "dim"), Cell(status.message, "warn")) for status in pod.containers if status.message
    ]
    return [Section("What containers say", rows, across=True)] if rows else []


def _conditions(detail: PodDetail | str | None, now_s: float) -> Section:
    title = "Conditions"
    if detail is None:
        return Section(title, [(Cell("reading…", "dim"),)], WHOLE)
    if isinstance(detail, str):
        return Section(title, [(Cell(f"unknown: {detail}", "warn"),)], WHOLE)
    rows = [
        (
            Cell(condition.type),
            Cell(condition.status, "good" if condition.status == "True" else "warn"),
            age(condition.changed_s, now_s),
            Cell(condition.message or condition.reason, "dim"),
        )
        for condition in detail.conditions
    ]
    return Section(title, rows, CONDITIONS)


def _events(events: EventsOf | None, now_s: float) -> Section:
    title = "Events, newest first"
    if events is None:
        return Section(title, [(Cell("reading…", "dim"),)], WHOLE, across=True)
    if not events.events:
        said = Cell(f"unknown: {events.error}", "warn") if events.error else Cell("none", "dim")
        return Section(title, [(said,)], WHOLE, across=True)
    rows = [
        (
            age(event.last_seen_s, now_s),
            Cell(event.type, "warn" if event.type == "Warning" else "dim"),
            Cell(event.reason, "warn" if event.type == "Warning" else ""),
            Cell(f"×{event.count}", "dim"),
            Cell(event.message),
        )
        for event in events.events
    ]
    return Section(title, rows, EVENTS, across=True)
