"""The API server: who asks, what for, and which of the answering modules it is for."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Self

import msgspec

from kite_tui.demo import discovery
from kite_tui.demo.access import Access
from kite_tui.demo.answers import (
    Answer,
    encoded,
    forbidden,
    forbidden_path,
    form_of,
    method_not_allowed,
    no_page,
    no_resource,
    unavailable,
    unknown_format,
)
from kite_tui.demo.http import Handler, Listener
from kite_tui.demo.listoptions import Query, flag
from kite_tui.demo.lists import Lists
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.nodes import VERSION
from kite_tui.demo.paths import Served, Target, root
from kite_tui.demo.resources import COMPUTED, is_custom
from kite_tui.demo.watches import Watch
from kite_tui.demo.world import KindGone, World
from kite_tui.objects.kinds import Kind

_PROBES = ("/readyz", "/healthz", "/livez")
_REVIEWS = "/apis/authorization.k8s.io/v1/"


class DemoServer:
    """Serves a world on 127.0.0.1; a context manager, or `start` and `stop`.

    Without `metrics` the server doesn't serve metrics.k8s.io. `bookmark_s` is how often a watch that asked for
    bookmarks gets one (upstream: about once a minute), `continue_s` how long a continue token is good for.
    """

    def __init__(
        self,
        world: World,
        *,
        metrics: Metrics | None = None,
        access: Access | None = None,
        bookmark_s: float = 10.0,
        continue_s: float = 300.0,
    ) -> None:
        self.world = world
        self.access = access or Access()
        self.lists = Lists(world, continue_s)
        self.requests: Counter[tuple[str, str]] = Counter()
        """How often each (verb, path) was asked for; the verbs are get, list, watch, and the method in lower case for
        what is no resource."""
        self.intercept: Callable[[str, str, Query], Answer | None] = lambda *_: None
        """Called with verb, path and parameters before a request is answered; what it gives is the answer."""
        self.speaks = threading.Event()
        """While it is clear nothing is sent."""
        self.speaks.set()
        self.broken: frozenset[str] = frozenset()
        """Groups whose requests are answered with 503, as if a server behind this one were down."""
        self._metrics = metrics
        self._computed = Served(COMPUTED if metrics else ())
        self._bookmark_s = bookmark_s
        self._lock = threading.Lock()
        self._watches: set[Watch] = set()
        self._http = Listener(("127.0.0.1", 0), Handler)
        self._http.demo = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="demo-server", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """http://127.0.0.1:PORT, known before `start`."""
        return f"http://{self.address}"

    @property
    def address(self) -> str:
        """127.0.0.1:PORT."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def kinds(self) -> tuple[Kind[Any], ...]:
        """The kinds that are served now."""
        return self.world.served.kinds + self._computed.kinds

    @property
    def watches(self) -> tuple[Watch, ...]:
        """The watches that are open now."""
        with self._lock:
            return tuple(self._watches)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Cut every connection and wait for its thread."""
        self.speaks.set()
        if self._thread.is_alive():
            self._http.shutdown()
        self._http.server_close()
        self.drop_watches()
        self._http.cut_connections()
        if self._thread.ident:
            self._thread.join()

    def drop_watches(self) -> None:
        """End every watch, as a server that shuts down does."""
        for watch in self.watches:
            watch.stop()

    def answer(
        self, method: str, path: str, query: Query, accept: str, authorization: str, body: bytes
    ) -> Answer | Watch:
        """What to send. Raises Refused."""
        user = self.access.user_of(authorization)
        target = self.world.served.locate(path) or self._computed.locate(path)
        if target is None:
            self.requests[method.lower(), path] += 1
            return self.intercept(method.lower(), path, query) or self._no_object(
                method, path, query, accept, user, body
            )
        verb = "get" if target.name else "watch" if flag(query, "watch") else "list"
        if method != "GET":
            raise method_not_allowed()
        self.requests[verb, path] += 1
        if not self.access.allows(user, verb, target.kind.plural, target.namespace):
            raise forbidden(user, verb, target.kind, target.namespace, target.name)
        if target.kind.group in self.broken:
            raise unavailable()
        try:
            return self.intercept(verb, path, query) or self._object(verb, target, query, accept)
        except KindGone:
            raise no_page() from None  # between these lines

    def _object(self, verb: str, target: Target, query: Query, accept: str) -> Answer | Watch:
        form = form_of(accept)
        if target.kind in COMPUTED:
            if verb == "watch" or self._metrics is None:
                raise method_not_allowed()
            return self._metrics.answer(target, query)
        if verb == "get":
            return self.lists.get(target, form)
        if verb == "list":
            return self.lists.list(target, query, form)
        return Watch(self.world, target, query, form, self._bookmark_s)

    def _no_object(self, method: str, path: str, query: Query, accept: str, user: str, body: bytes) -> Answer:
        if method == "POST" and path.startswith(_REVIEWS):
            return self._review(path.removeprefix(_REVIEWS), user, body)
        if method != "GET":
            raise method_not_allowed()
        path = path.rstrip("/") or "/"
        if path in _PROBES:
            return Answer(200, b"ok", "text/plain; charset=utf-8")
        if path == "/version":
            return _version()
        if not self.access.may_discover(user):
            raise forbidden_path(user, path)
        if path in ("/api", "/apis") and discovery.is_aggregated(accept):
            document = discovery.aggregated(self.kinds, core=path == "/api", stale=self.broken)
            return Answer(200, msgspec.json.encode(document) + b"\n", discovery.AGGREGATED, {"Vary": "Accept"})
        if path == "/api":
            return encoded(discovery.versions(self.address))
        if path == "/apis":
            return encoded(discovery.groups(self.kinds))
        if any(path.startswith(f"/apis/{group}/") for group in self.broken):
            raise unavailable()
        found = discovery.group_or_resources(self.kinds, path)
        if found is not None:
            return encoded(found)
        # Groups of custom kinds know no resource but theirs.
        built_in = {root(kind) for kind in self.kinds if not is_custom(kind)}
        raise no_resource() if any(path.startswith(f"{one}/") for one in built_in) else no_page()

    def _review(self, resource: str, user: str, body: bytes) -> Answer:
        try:
            document: dict[str, Any] = json.loads(body or b"{}")
        except ValueError as error:
            raise unknown_format() from error
        spec = document.get("spec") or {}
        kinds = {
            "selfsubjectaccessreviews": ("SelfSubjectAccessReview", self.access.review(user, spec)),
            "selfsubjectrulesreviews": (
                "SelfSubjectRulesReview",
                self.access.rules(user, spec.get("namespace", ""), self.kinds),
            ),
        }
        if resource not in kinds:
            raise no_resource()
        kind, status = kinds[resource]
        answer = {"kind": kind, "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": spec, "status": status}
        return Answer(201, msgspec.json.encode(answer) + b"\n")

    @contextlib.contextmanager
    def watching(self, watch: Watch) -> Iterator[None]:
        """Count a watch as open."""
        with self._lock:
            self._watches.add(watch)
        try:
            yield
        finally:
            with self._lock:
                self._watches.discard(watch)


def _version() -> Answer:
    major, minor, _ = VERSION.removeprefix("v").split(".")
    document = {
        "major": major,
        "minor": minor,
        "gitVersion": VERSION,
        "gitCommit": "simulated",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.25.0",
        "compiler": "gc",
        "platform": "linux/amd64",
    }
    return Answer(200, json.dumps(document, indent=2).encode())
