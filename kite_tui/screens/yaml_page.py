"""One object as YAML: a GET, asked for when it is opened and again on ctrl-r."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message

from kite_tui.queries.manifest import readable
from kite_tui.screens.base import KiteScreen
from kite_tui.session.cluster import ClusterSession, Fetched, decode_json
from kite_tui.widgets.frame import KeyHint
from kite_tui.widgets.textview import TextView


class YamlPage(KiteScreen[None]):
    """The manifest of one object, without managedFields."""

    NAME = "yaml"
    AUTO_FOCUS = "TextView"

    BINDINGS = [Binding("c", "copy", "Copy the name", show=False, id="yaml.copy")]  # noqa: RUF012 - Textual's own form

    class Came(Message):
        """The text, or a sentence that says why there is none."""

        def __init__(self, number: int, text: str) -> None:
            super().__init__()
            self.number = number
            self.text = text

    def __init__(self, session: ClusterSession, kind: str, path: str, namespace: str, name: str) -> None:
        super().__init__(session)
        self.kind, self.path, self.namespace, self.object_name = kind, path, namespace, name
        self._asked = self._shown = 0

    def body(self) -> ComposeResult:
        """The text."""
        where = f"{self.namespace}/" if self.namespace else ""
        yield TextView(f"# {self.kind} {where}{self.object_name}\n# reading…")

    def hints(self) -> Sequence[KeyHint]:
        """The keys worth showing here."""
        return (
            KeyHint("← →", "sideways", 4),
            KeyHint("ctrl-r", "read again", 2),
            KeyHint("ctrl-s", "save", 3),
            KeyHint("c", "copy name", 5),
            KeyHint("esc", "back"),
        )

    def on_mount(self) -> None:
        """Ask for the object."""
        self.read()

    def ask_again(self) -> None:
        """Read it again."""
        self.read()

    def read(self) -> None:
        """GET the object; the text follows."""

        self._asked += 1
        number = self._asked

        def came(fetched: Fetched) -> None:
            self.post_message(self.Came(number, _text(fetched)))

        self.session.fetch(self.path, (), came)

    @on(Came)
    def _came(self, event: Came) -> None:
        event.stop()
        if event.number > self._shown:  # an older answer may come later
            self._shown = event.number
            self.query_one(TextView).set_text(event.text)

    def question(self) -> Callable[[], None]:
        """Nothing here follows the cache."""
        return lambda: None

    def show(self, view: None) -> None:
        """See `question`."""

    def action_copy(self) -> None:
        """Copy the object's name."""
        self.host.copy_name(self.object_name)


def _text(fetched: Fetched) -> str:
    """On the thread that fetched: YAML takes its time."""
    if fetched.error:
        return f"# could not be read: {fetched.error}"
    try:
        manifest = decode_json(fetched.body)
    except ValueError as error:
        return f"# the server's answer is {error}"
    if not isinstance(manifest, dict):
        return "# the server's answer is no object"
    import yaml  # here: only who asks for YAML waits for it

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    try:
        text: str = yaml.dump(
            readable(manifest),
            Dumper=dumper,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=10_000,
        )
    except RecursionError:
        return "# the object is nested too deep to be shown as YAML"
    return text
