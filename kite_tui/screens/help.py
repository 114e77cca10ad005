"""What Help says: every key that works, and what is different for those who come from k9s."""

from __future__ import annotations

from kite_tui.screens.commands import COMMANDS, Command
from kite_tui.widgets.help import Help, KeyGroup


def _does(command: Command) -> str:
    others = ", ".join(command.names[1:])
    return f"{command.does}; also {others}" if others else command.does


GROUPS = (
    KeyGroup(
        "Go",
        (
            ("1 2 3 4 8", "Overview, Nodes, Pods, Related, Cache: what it costs the API server"),
            ("enter", "open what is under the cursor"),
            ("esc", "clear the filter, else back"),
            ("q", "back; at the root quit"),
            ("ctrl-c ctrl-q", "quit from anywhere"),
            ("?", "this help"),
            ("ctrl-p", "all commands, to search among"),
        ),
    ),
    KeyGroup(
        "Move",
        (
            ("↑ ↓ j k", "by a line"),
            ("PageUp PageDown", "by a page; ctrl-u ctrl-d by half of one"),
            ("g G", "to the first, to the last"),
            ("tab", "Overview: to the next tile; arrows go across tiles too"),
        ),
    ),
    KeyGroup(
        "Filter: /",
        (
            ("web", "part of namespace/name, as a regular expression, case ignored"),
            ("!web", "everything else"),
            ("status:Running", "in one column: name namespace status node ip qos owner image; nodes: roles zone type"),
            (
                "is:pending",
                "ready notready pending failed terminating waiting orphaned fault; nodes: cordoned pressure",
            ),
            ("-f wbfr", "letters in this order"),
            ("-l app=web", "a label selector such as app=web,tier!=db, to the end of the line"),
            ("web node:ip-10", "several words: all of them must fit"),
        ),
    ),
    KeyGroup(
        "Show",
        (
            ("n", "choose namespaces, several at once"),
            ("0", "all namespaces"),
            ("F ctrl-z", "faults only"),
            ("w ctrl-w", "wide columns"),
            ("N A S T P", "sort by name, age, status, restarts, namespace; again: the other way"),
            ("C M", "sort by CPU, memory: by usage, again by requests"),
            ("shift-← shift-→", "sort by any other column"),
        ),
    ),
    KeyGroup(
        "This object",
        (
            ("r", "Related: all it hangs together with, and why"),
            ("u", "the same, at what uses it"),
            ("o J", "its node · its owner"),
            ("y", "YAML, read from the server now"),
            ("c", "copy its name"),
        ),
    ),
    KeyGroup(
        "Related",
        (
            ("enter", "go to the object under the cursor"),
            ("[ ]", "back to where you were, and forward again"),
            ("space", "open or close a line; ▸ has more below it"),
            ("< >", "fewer, more hops"),
            ("b", "what breaks if this goes, and back"),
            ("/", "kind namespace/name; why:env name: kind: is:missing"),
        ),
    ),
    KeyGroup(
        "Commands: :",
        (
            *((f":{command.names[0]}", _does(command)) for command in COMMANDS),
            (":deploy", "Related, with all objects of a kind; any that is served, by any of its names"),
            (":svc/web", "Related, about one object; also :svc web, :svc shop/web"),
            ("tab", "complete; again: the next completion"),
            ("↑ ↓", "what was typed before"),
        ),
    ),
    KeyGroup(
        "The whole",
        (
            ("ctrl-r", "ask the server again now: reconnect and list anew"),
            ("ctrl-s", "save this view as SVG, JSON or CSV"),
        ),
    ),
    KeyGroup(
        "If you come from k9s",
        (
            ("", "The keys for moving, filtering, sorting and wide columns are the same."),
            ("", "There is nothing to edit, delete, scale or exec: kite-tui only reads."),
            (
                "",
                "The right of the first line says how far what you see is the truth: live, syncing, stale since when.",
            ),
            ("", "Percentages are of what is allocatable; requests count sidecars, init containers and overhead"),
            ("", "as the scheduler does, and finished pods hold nothing."),
        ),
    ),
)


def help_screen() -> Help:
    """The help, over whatever is on screen."""
    return Help(GROUPS, "kite-tui: keys")
