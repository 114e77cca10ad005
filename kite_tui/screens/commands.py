"""What can be typed after `:`, what it goes on with, and what it comes to: commands, and any kind that is served.

The words are k9s's where k9s has them. A kind leads to Related, which shows objects of any kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kite_tui.objects.kinds import NODES, PODS, Kind
from kite_tui.objects.states import Off, Syncing, is_readable
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.host import Host
from kite_tui.screens.naming import (
    NotYet,
    Refused,
    beginning,
    check_namespaces,
    find_object,
    kinds_beginning,
    known_namespaces,
    names_of_kinds,
    near,
    objects_beginning,
)
from kite_tui.session.cluster import ClusterSession
from kite_tui.widgets.prompt import Completion

ALL = "all"
"""Stands for all namespaces, where none is called so."""

ASKING = "asking what the server serves…"

Action = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Command:
    """`names` begins with the one that Help shows, with what it `does`; `read` gives what an argument comes
    to (or raises Refused), `complete` what a text from a position on could go on with."""

    names: tuple[str, ...]
    does: str
    read: Callable[[Commands, str], Action]
    complete: Callable[[Commands, str, int], Completion]


class Commands:
    """The commands over one cluster, for as long as the prompt is open. UI thread."""

    def __init__(self, session: ClusterSession, host: Host) -> None:
        self._session = session
        self._reader = session.reader
        self._host = host
        self._served = session.reader.served
        self._names = names_of_kinds(self._served)
        self._needed: set[Kind[Any]] = set()

    def close(self) -> None:
        """What was read only to complete names is needed no more."""
        self._reader.rest(*self._needed)
        self._needed.clear()

    def complete(self, text: str) -> Completion:
        """What a text could go on with."""
        start = len(text) - len(text.lstrip())
        word, space, _ = text[start:].partition(" ")
        command = BY_NAME.get(word.lower())
        if space and command is not None:
            rest = start + len(word) + 1
            while text[rest : rest + 1] == " ":
                rest += 1
            return command.complete(self, text, rest)
        if space or "/" in word:
            return self._complete_object(text, start)
        kinds = (each for each in kinds_beginning(word, self._kinds()) if each not in BY_NAME)
        words = [*_commands_beginning(word), *kinds]
        return Completion(start, words, True, "" if words else self._unknown(word, "command or kind"))

    def read(self, text: str) -> Action:
        """What a text comes to. Raises Refused."""
        word, _, rest = text.strip().partition(" ")
        if not word:
            return lambda: None
        command = BY_NAME.get(word.lower())
        if command is not None:
            return command.read(self, rest.strip())
        return self._read_object(text.strip(), "command or kind")

    # -- commands -----------------------------------------------------------------------------------------------

    def _go(self, tab: str) -> Action:
        return lambda: self._host.action_go(tab)

    def _overview(self, rest: str) -> Action:
        _takes_nothing("overview", rest)
        return self._go("overview")

    def _nodes(self, rest: str) -> Action:
        filter = rest.removeprefix("/")
        return (lambda: self._host.show_nodes(filter=filter)) if filter else self._go("nodes")

    def _pods(self, rest: str) -> Action:
        known = known_namespaces(self._reader)
        chosen = (rest,) if rest in known else () if rest == ALL else None
        if not rest:
            return self._go("pods")

        def show() -> None:
            if chosen is not None:
                self._host.choose_namespaces(chosen)
            self._host.show_pods(filter="" if chosen is not None else rest.removeprefix("/"))

        return show

    def _related(self, rest: str) -> Action:
        return self._read_object(rest, "kind") if rest else self._go("related")

    def _namespaces(self, rest: str) -> Action:
        names = tuple(dict.fromkeys(rest.replace(",", " ").split()))
        if not names:
            return self._host.action_namespaces
        if names == (ALL,) and ALL not in known_namespaces(self._reader):
            return self._host.action_all_namespaces
        check_namespaces(self._reader, names)
        return lambda: self._host.choose_namespaces(names)

    def _context(self, rest: str) -> Action:
        if not rest:
            return self._host.choose_context
        known = [each.name for each in self._host.contexts]
        if known and rest not in known:
            raise Refused(f"no such context{near(rest, known)}")
        return lambda: self._host.switch_context(rest)

    def _cache(self, rest: str) -> Action:
        _takes_nothing("cache", rest)
        return self._go("cache")

    def _help(self, rest: str) -> Action:
        _takes_nothing("help", rest)
        return self._host.action_help

    def _quit(self, rest: str) -> Action:
        _takes_nothing("q", rest)
        return self._host.leave

    # -- completing them ----------------------------------------------------------------------------------------

    def _complete_nothing(self, _text: str, start: int) -> Completion:
        return Completion(start)

    def _complete_node(self, text: str, start: int) -> Completion:
        return self._complete_names(NODES, text, start)

    def _complete_pods(self, text: str, start: int) -> Completion:
        typed = text[start:]
        if typed.startswith("/"):
            return Completion(start)
        namespaces = beginning(typed, (*known_namespaces(self._reader), ALL))
        names = objects_beginning(self._reader, PODS, typed, self._host.namespaces)
        return Completion(start, list(dict.fromkeys((*namespaces, *names))))

    def _complete_namespaces(self, text: str, start: int) -> Completion:
        *before, typed = re.split(r"[ ,]+", text[start:])
        left = known_namespaces(self._reader).difference(before)
        words = beginning(typed, left if before else (*left, ALL))
        notice = "" if words or not typed else f"no namespace {typed!r}{near(typed, left)}"
        return Completion(len(text) - len(typed), words, True, notice)

    def _complete_context(self, text: str, start: int) -> Completion:
        names = [each.name for each in self._host.contexts]
        words = beginning(text[start:].rstrip(), names)
        notice = f"no such context{near(text[start:], names)}" if names and not words else ""
        return Completion(start, words, False, notice)

    # -- kinds and objects --------------------------------------------------------------------------------------

    def _kinds(self) -> dict[str, Kind[Any]]:
        """Words for kinds, as far as the server has said by now what it serves."""
        if self._served is not self._reader.served:
            self._served = self._reader.served
            self._names = names_of_kinds(self._served)
        return self._names

    def _kind(self, word: str, sort: str) -> Kind[Any]:
        served, names = self._reader.served, self._kinds()
        kind = served.find(word)
        if kind is None:
            raise NotYet(ASKING) if not served.is_known else Refused(self._unknown(word, sort))
        if kind not in names.values():
            raise Refused(f"{kind.plural} are not among what Related shows")
        return kind

    def _unknown(self, word: str, sort: str) -> str:
        if not self._served.is_known:
            return ASKING
        words: dict[str, object] = dict(self._names) if sort == "kind" else {**self._names, **BY_NAME}
        return f"no such {sort}{near(word, words, words.__getitem__)}"

    def _read_object(self, text: str, sort: str) -> Action:
        word, name = _kind_and_name(text)
        kind = self._kind(word, sort)
        if not name:
            return lambda: self._host.show_kind(kind)
        found = find_object(self._reader, kind, name, self._host.namespaces, self._session.home_namespace)
        return lambda: self._host.show_related(Vertex(kind.group, kind.kind, *found, kind), "")

    def _complete_object(self, text: str, start: int) -> Completion:
        word, name = _kind_and_name(text[start:])
        if not re.search(r"[ /]", text[start:]):
            words = kinds_beginning(word, self._kinds())
            return Completion(start, words, True, "" if words else self._unknown(word, "kind"))
        try:
            kind = self._kind(word, "kind")
        except Refused as refused:
            return Completion(start, notice=str(refused))
        return self._complete_names(kind, text, len(text) - len(name))

    def _complete_names(self, kind: Kind[Any], text: str, start: int) -> Completion:
        if isinstance(self._reader.state(kind), Off):
            self._needed.add(kind)
            self._reader.need(kind)
        words = objects_beginning(self._reader, kind, text[start:], self._host.namespaces)
        state = self._reader.state(kind)
        notice = ""
        if not words and isinstance(state, Syncing | Off):
            notice = f"reading {kind.resource}…"
        elif not words and not is_readable(state):
            notice = f"{kind.resource} can't be read"
        return Completion(start, words, False, notice)


def _kind_and_name(text: str) -> tuple[str, str]:
    """KIND, KIND/NAME and KIND NAME; the name may have a namespace before it."""
    word, _, name = text.replace("/", " ", 1).partition(" ") if "/" in text.split(" ")[0] else text.partition(" ")
    return word, name.lstrip()


def _takes_nothing(name: str, rest: str) -> None:
    if rest:
        raise Refused(f":{name} stands alone; {rest!r} is too much")


COMMANDS = (
    Command(("overview", "pulse"), "the overview", Commands._overview, Commands._complete_nothing),
    Command(("nodes", "no", "node"), "nodes; a filter may follow", Commands._nodes, Commands._complete_node),
    Command(
        ("pods", "po", "pod"),
        "pods; a namespace (or all) or a filter may follow",
        Commands._pods,
        Commands._complete_pods,
    ),
    Command(("related", "xray"), "what KIND/NAME hangs together with", Commands._related, Commands._complete_object),
    Command(
        ("ns", "namespace", "namespaces"),
        "these namespaces, or all, or a list to choose from",
        Commands._namespaces,
        Commands._complete_namespaces,
    ),
    Command(
        ("ctx", "context", "contexts"),
        "another context, or a list to choose from",
        Commands._context,
        Commands._complete_context,
    ),
    Command(("cache",), "what it costs the API server", Commands._cache, Commands._complete_nothing),
    Command(("help", "h", "?"), "all keys and commands", Commands._help, Commands._complete_nothing),
    Command(("q", "quit", "exit", "q!"), "quit, from anywhere", Commands._quit, Commands._complete_nothing),
)
BY_NAME = {name: command for command in COMMANDS for name in command.names}


def _commands_beginning(text: str) -> Iterable[str]:
    """One word for each command that has one that begins so."""
    for command in COMMANDS:
        yield from [name for name in command.names if name.startswith(text.lower())][:1]
