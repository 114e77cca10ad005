"""Pods: what runs, what does not, what each asks for and uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual import on
from textual.binding import Binding

from kite_tui.objects.kinds import NODES, POD_METRICS, PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.states import is_readable
from kite_tui.queries.ordering import Arrangement
from kite_tui.queries.pods import pod_row, usage_of
from kite_tui.queries.sorting import USAGE_COLUMNS, pod_value
from kite_tui.screens.metrics_notice import metrics_notice
from kite_tui.screens.pod_cells import COLUMNS, SORT_KEYS, VOCABULARY, is_faulty, pod_cells
from kite_tui.screens.table import TableScreen
from kite_tui.screens.views import TableView
from kite_tui.session.cluster import ClusterSession
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.ink import Line
from kite_tui.widgets.table import RowTable


class PodsScreen(TableScreen[Pod]):
    """All pods, of the namespaces chosen."""

    NAME = "pods"
    KIND = PODS
    NOUN = "pods"
    ABOUT = frozenset({PODS, POD_METRICS, NODES})
    NEEDS = (POD_METRICS,)
    VOCABULARY = VOCABULARY
    SORT_KEYS = SORT_KEYS

    BINDINGS = [Binding("o", "node", "Its node", show=False, id="pods.node")]  # noqa: RUF012 - Textual's own form

    def __init__(self, session: ClusterSession) -> None:
        super().__init__(session)
        reader = session.reader

        def orphaned(pod: Pod) -> bool:
            nodes_known = is_readable(reader.state(NODES))
            return nodes_known and pod.holds and reader.get(NODES, "", pod.node_name) is None

        self.VOCABULARY = replace(VOCABULARY, classes={**VOCABULARY.classes, "orphaned": orphaned})  # type: ignore[misc]

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("enter", "its page"),
            KeyHint("/", "filter", 1),
            KeyHint("n", "namespaces", 5),
            KeyHint("r u", "related, used by", 4),
            KeyHint("o J", "its node, owner", 6),
            KeyHint("F", "faults", 7),
            KeyHint("T", "sort by restarts", 9),
            KeyHint("w", "wide", 8),
            KeyHint("y", "YAML", 10),
            KeyHint("?", "help", 2),
            KeyHint("q", "quit", 3),
        )

    def noun(self) -> str:
        """Of the namespaces chosen."""
        chosen = self.host.namespaces
        return f"pods in {', '.join(chosen)}" if chosen else self.NOUN

    def columns(self) -> Sequence[Column]:
        """All columns, the namespace only where several are shown."""
        return COLUMNS[1:] if len(self.host.namespaces) == 1 else COLUMNS

    def question(self) -> Callable[[], TableView[Pod]]:
        """The pods that filter and namespaces keep, in order."""
        reader, order = self.session.reader, self.order
        column, reverse, faults = self.sort_column, self.reverse, self.faults_only
        keeps, filter_text = self.filter.keeps, self.filter.text
        namespaces, narrowing = frozenset(self.host.namespaces), self.narrowing()

        def kept(pod: Pod) -> bool:
            if namespaces and pod.namespace not in namespaces:
                return False
            return (not faults or is_faulty(pod)) and keeps(pod)

        def make(pod: Pod, now_s: float) -> dict[str, Cell]:
            return pod_cells(pod_row(pod, usage_of(reader, pod)), now_s)

        def ask() -> TableView[Pod]:
            epoch = (
                reader.version(POD_METRICS) if column in USAGE_COLUMNS else 0,
                (reader.version(NODES), is_readable(reader.state(NODES))) if "is:orphaned" in filter_text else 0,
            )
            everything = not (namespaces or faults or filter_text.strip())
            arrangement: Arrangement[Pod] = Arrangement(
                token=(column, reverse, filter_text, faults, namespaces, epoch),
                value=pod_value(reader, column),
                keeps=(lambda _: True) if everything else kept,
                reverse=reverse,
            )
            ordered = order.refresh(reader, arrangement)
            total = sum(counts.total for counts in reader.counts_by_namespace().values())
            return TableView(
                ordered,
                make,
                total=total,
                now_s=reader.now_s(),
                narrowing=narrowing,
                changed=ordered.changed,
                sort=(column, reverse),
            )

        return ask

    def notices(self, view: TableView[Pod]) -> Line:
        """Why usage is missing."""
        return metrics_notice(self.session.reader.state(POD_METRICS), view.now_s)

    @on(RowTable.Opened)
    def _open(self, event: RowTable.Opened) -> None:
        event.stop()
        pod = self.selected()
        if pod is not None:
            self.host.open_pod(pod.namespace, pod.name)

    def action_node(self) -> None:
        """The page of the node it runs on."""
        pod = self.selected()
        if pod is not None and pod.node_name:
            self.host.open_node(pod.node_name)
        elif pod is not None:
            self.host.tell(f"{pod.name} is on no node")
