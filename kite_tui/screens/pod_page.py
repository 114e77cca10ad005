"""One pod: its containers with state and last exit, conditions, events, and why its effective numbers are what they
are. The row comes from the cache; conditions and events from a GET, made again when the pod has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.timer import Timer

from kite_tui.objects.details import PodDetail, decode_pod_detail
from kite_tui.objects.envelope import Malformed
from kite_tui.objects.kinds import EVENTS, POD_METRICS, PODS
from kite_tui.objects.pods import Pod
from kite_tui.objects.states import State
from kite_tui.queries.pods import PodRow, pod_row, usage_of
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.base import KiteScreen
from kite_tui.screens.fetched_events import events_of
from kite_tui.screens.pod_sections import EventsOf, pod_sections
from kite_tui.session.cluster import ClusterSession, Fetched
from kite_tui.widgets.detail import Sections
from kite_tui.widgets.frame import KeyHint

FETCH_S = 2.0
"""A pod that changes all the time is fetched at most this often: it is two of twenty requests a second."""

SOON_S = 0.001
"""Textual divides by a timer's interval, so none may be 0."""


@dataclass(frozen=True, slots=True)
class View:
    """A pod as the cache has it; None where there is none of this name (any more)."""

    row: PodRow | None
    state: State
    now_s: float


class PodPage(KiteScreen[View]):
    """The page of one pod, by namespace and name."""

    NAME = "pod"
    ABOUT = frozenset({PODS, POD_METRICS})
    NEEDS = (POD_METRICS,)
    AUTO_FOCUS = "Sections"

    BINDINGS = [  # noqa: RUF012 - Textual's own form
        Binding("o", "node", "Its node", show=False, id="pod.node"),
        Binding("y", "yaml", "YAML", show=False, id="pod.yaml"),
        Binding("c", "copy", "Copy the name", show=False, id="pod.copy"),
    ]

    class Came(Message):
        """A GET has come to something; `number` says which one."""

        def __init__(self, number: int, detail: PodDetail | str | None, events: EventsOf | None) -> None:
            super().__init__()
            self.number = number
            self.detail = detail
            self.events = events

    def __init__(self, session: ClusterSession, namespace: str, name: str) -> None:
        super().__init__(session)
        self.namespace, self.pod_name = namespace, name
        self.view: View | None = None
        self.last: Pod | None = None
        self.last_row: PodRow | None = None
        self.detail: PodDetail | str | None = None
        self.events: EventsOf | None = None
        self._asked_version = ""
        self._fetched_s = -FETCH_S
        self._soon_fetch: Timer | None = None
        self._under_way = 0
        self._asked = 0
        self._shown_detail = self._shown_events = 0

    def body(self) -> ComposeResult:
        """One page of sections."""
        yield Sections()

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("o", "its node"),
            KeyHint("r u J", "related, used by, owner", 3),
            KeyHint("y", "YAML", 2),
            KeyHint("c", "copy name", 4),
            KeyHint("ctrl-r", "ask again", 5),
            KeyHint("esc", "back", 1),
        )

    def question(self) -> Callable[[], View]:
        """The pod's row."""
        reader, namespace, name = self.session.reader, self.namespace, self.pod_name

        def ask() -> View:
            pod = reader.get(PODS, namespace, name)
            row = pod_row(pod, usage_of(reader, pod)) if pod else None
            return View(row, reader.state(PODS), reader.now_s())

        return ask

    def show(self, view: View) -> None:
        """Show the row, and fetch what the row doesn't hold where the pod is another one than was fetched for."""
        self.view = view
        if view.row is not None:
            self.last, self.last_row = view.row.pod, view.row
            self._fetch_soon()
        self._draw()

    def tick(self) -> None:
        """Ages go on."""
        self._draw()

    def _draw(self) -> None:
        if self.view is not None:
            self.query_one(Sections).show(
                pod_sections(
                    self.namespace,
                    self.pod_name,
                    self.view.row or self.last_row,
                    self.view.state,
                    self.detail,
                    self.events,
                    self.session.reader.now_s(),
                    gone=self.view.row is None,
                )
            )

    def _fetch_soon(self) -> None:
        """Fetch where the pod is another one than was fetched for: one fetch at a time, and at most every `FETCH_S`."""
        if self._soon_fetch is None and self.last is not None and self.last.resource_version != self._asked_version:
            wait_s = max(SOON_S, self._fetched_s + FETCH_S - monotonic())
            self._soon_fetch = self.set_timer(wait_s, self._fetch_now)

    def _fetch_now(self) -> None:
        self._soon_fetch = None
        if self.last is not None and not self._under_way:
            self._asked_version, self._fetched_s = self.last.resource_version, monotonic()
            self._fetch(self.last)

    def _fetch(self, pod: Pod) -> None:
        self._under_way += 2
        self._asked += 1
        number = self._asked

        def came(fetched: Fetched) -> None:
            detail: PodDetail | str = fetched.error
            if not fetched.error:
                try:
                    detail = decode_pod_detail(fetched.body)
                except Malformed as error:
                    detail = str(error)
            self.post_message(self.Came(number, detail, None))

        def events_came(fetched: Fetched) -> None:
            self.post_message(self.Came(number, None, events_of(fetched)))

        self.session.fetch(PODS.path(pod.namespace, pod.name), (), came)
        selector = (("fieldSelector", f"involvedObject.uid={pod.uid}"), ("limit", "100"))
        self.session.fetch(EVENTS.path(pod.namespace), selector, events_came)

    @on(Came)
    def _came(self, event: Came) -> None:
        event.stop()
        self._under_way -= 1
        if event.detail is not None and event.number > self._shown_detail:  # an older answer may come later
            self.detail, self._shown_detail = event.detail, event.number
        if event.events is not None and event.number > self._shown_events:
            self.events, self._shown_events = event.events, event.number
        self._draw()
        if not self._under_way:
            self._fetch_soon()

    def ask_again(self) -> None:
        """Fetch conditions and events again."""
        if self.last is not None:
            self._fetch(self.last)

    def action_node(self) -> None:
        """The page of the node it runs on."""
        if self.last is not None and self.last.node_name:
            self.host.open_node(self.last.node_name)
        else:
            self.host.tell(f"{self.pod_name} is on no node")

    def subject(self) -> Vertex | None:
        """The pod, as it was last known."""
        return Vertex("", "Pod", self.namespace, self.pod_name, PODS, self.last)

    def action_copy(self) -> None:
        """Copy the pod's name."""
        self.host.copy_name(self.pod_name)

    def action_yaml(self) -> None:
        """The pod as the server has it now."""
        self.host.open_yaml("Pod", PODS.path(self.namespace, self.pod_name), self.namespace, self.pod_name)
