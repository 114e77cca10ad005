"""The other side of the simulated server, for tests in its process: objects are written here, and faults ordered."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Mapping
from typing import Any

from kite_tui.demo.answers import Answer, refuse
from kite_tui.demo.definitions import definition
from kite_tui.demo.listoptions import Query
from kite_tui.demo.names import rfc3339
from kite_tui.demo.resources import DEFINITIONS, is_custom
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import Manifest
from kite_tui.objects.kinds import Kind


class Control:
    """What a test may do to a server that runs. Thread-safe; everything takes effect at once."""

    def __init__(self, server: DemoServer) -> None:
        self._server = server
        self._world = server.world
        self._lock = threading.Lock()
        self._uids = itertools.count(1)
        self._failures: list[tuple[str, str, Answer]] = []
        server.intercept = self._failure

    def create(self, kind: Kind[Any], document: Mapping[str, Any], *, hidden: bool = False) -> str:
        """Store an object, new or in place of the one of its name; gives its resourceVersion.

        A uid is made where there is none (a replaced object keeps its own only if the document says so), and a
        creationTimestamp. `hidden`: no watch is told.
        """
        metadata = dict(document["metadata"])
        metadata.setdefault("uid", f"00000000-0000-4000-a000-{next(self._uids):012d}")
        metadata.setdefault("creationTimestamp", rfc3339(int(time.time())))
        item = self._world.put(kind, Manifest(kind, {**document, "metadata": metadata}), hidden=hidden)
        return str(item.revision)

    update = create

    def delete(self, kind: Kind[Any], name: str, namespace: str = "", *, hidden: bool = False) -> None:
        """Remove an object. Raises KeyError where there is none. `hidden`: no watch is told."""
        self._world.delete(kind, namespace, name, hidden=hidden)

    def install_kind(self, kind: Kind[Any]) -> None:
        """Serve one more kind, empty, with its CustomResourceDefinition. Raises ValueError where it is served."""
        with self._world.lock:
            self._world.install(kind)
            self.create(DEFINITIONS, definition(kind))

    def remove_kind(self, kind: Kind[Any]) -> None:
        """Serve the kind no more: its objects are deleted, its watches told so and ended. Raises KindGone.

        A built-in kind goes too, as on a server of another version.
        """
        with self._world.lock:
            self._world.uninstall(kind)
            if is_custom(kind):
                self._world.delete(DEFINITIONS, "", kind.plural)

    def break_group(self, group: str) -> None:
        """Answer every request to a group with 503 and call it stale in discovery, until `mend_group`."""
        self._server.broken |= {group}

    def mend_group(self, group: str) -> None:
        """Answer for the group again."""
        self._server.broken -= {group}

    def compact(self) -> None:
        """Forget all history: a watch from an older resourceVersion gets 410."""
        self._world.forget_history()

    def expire_continue_tokens(self) -> None:
        """Answer every continue token given so far with 410."""
        self._server.lists.expire()

    def deny(self, user: str, verb: str, kind: Kind[Any]) -> None:
        """Take a right away; watches that are open stay so, as upstream."""
        self._server.access.deny(user, verb, kind.plural)

    def permit(self, user: str, verb: str, kind: Kind[Any]) -> None:
        """Give the right back."""
        self._server.access.permit(user, verb, kind.plural)

    def revoke(self, token: str) -> None:
        """Answer the token with 401 from now on."""
        self._server.access.revoke(token)

    def drop_watches(self, *, in_line: bool = False) -> None:
        """End every open watch: cleanly, or with the connection cut inside a line."""
        for watch in self._server.watches:
            watch.stop(in_line=in_line)

    def silence(self) -> None:
        """Send nothing more, to anyone, until `speak`: connections stay open."""
        self._server.speaks.clear()

    def speak(self) -> None:
        """Go on where `silence` began."""
        self._server.speaks.set()

    def fail(
        self, path: str, status: int, *, verb: str = "", reason: str = "", retry_after_s: int = 0, times: int = 1
    ) -> None:
        """Answer the next `times` requests whose path begins with `path` with an error; `verb` "" is any verb."""
        error = refuse(status, reason, f"ordered by the test: {status}", retry_after_s=retry_after_s)
        with self._lock:
            self._failures += [(verb, path, error.answer)] * times

    def requests(self, verb: str = "", path: str = "") -> int:
        """How many requests there were so far with this verb and a path that begins so; "" is any."""
        return sum(
            count
            for (a_verb, a_path), count in list(self._server.requests.items())
            if verb in ("", a_verb) and a_path.startswith(path)
        )

    def open_watches(self, kind: Kind[Any]) -> int:
        """How many watches of a kind are open."""
        return sum(watch.target.kind == kind for watch in self._server.watches)

    def _failure(self, verb: str, path: str, query: Query) -> Answer | None:
        del query
        with self._lock:
            for at, (a_verb, a_path, answer) in enumerate(self._failures):
                if a_verb in ("", verb) and path.startswith(a_path):
                    del self._failures[at]
                    return answer
        return None
