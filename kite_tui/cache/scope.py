"""One kind of the cluster's cache: its store, and an informer for each scope that the ladder says to ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from kite_tui.cache.combine import of_namespaces
from kite_tui.cache.informer import Informer
from kite_tui.cache.ladder import CLUSTER, MAX_WATCHES, Ladder, Scopes
from kite_tui.cache.reflector import POLL_S
from kite_tui.cache.store import WHOLE, Store, StorePart
from kite_tui.objects.kinds import Kind
from kite_tui.objects.load import Counts, KindLoad, total
from kite_tui.objects.meta import Record
from kite_tui.objects.states import Syncing, is_readable

T = TypeVar("T", bound=Record)

Make = Callable[[StorePart[T], float | None], Informer[T]]
"""An informer for a part of a store, not started; the second argument is how often it polls, None where it watches."""

POLLED_AT_PACE = 20
"""Namespaces polled every 30 s; of more each has its turn less often, or 50 namespaces of eight kinds would take 13 of
the 20 requests a second that all have together."""


class ScopedKind(Generic[T]):
    """The store of one kind and whoever feeds it.

    `advance` belongs to the cache's keeper thread; all else to any thread.
    """

    def __init__(self, store: Store[T], ladder: Ladder, make: Make[T]) -> None:
        self.store = store
        self._ladder = ladder
        self._make = make
        self._scopes: Scopes | None = None
        self._informers: dict[str, Informer[T]] = {}
        self._left = Counts()
        self._counting = threading.Lock()
        """Held while counts move from those at work to those that were."""

    @property
    def informers(self) -> tuple[Informer[T], ...]:
        """Those at work now."""
        return tuple(self._informers.values())

    @property
    def is_whole(self) -> bool:
        """False where namespaces are read because the whole cluster can't be."""
        return self._scopes in (None, CLUSTER)

    def counts(self) -> Counts:
        """What was asked and what came, in all scopes so far. O(scopes)."""
        with self._counting:
            return total((self._left, *(informer.reflector.stats.counts() for informer in self.informers)))

    def load(self, kind: Kind[T]) -> KindLoad:
        """What following costs, as of now; `kind` is whose this is. O(scopes)."""
        state = self.store.state
        is_counted = isinstance(state, Syncing) or is_readable(state)
        scopes = tuple(informer.reflector.load() for informer in self.informers)
        return KindLoad(kind, state, len(self.store) if is_counted else None, scopes, self.counts())

    def advance(self, namespaces: Sequence[str] | None, all_of: int | None) -> None:
        """Ask the scopes that the ladder says, after a state changed; starts and stops informers, waits for none. For
        `namespaces` and `all_of` see `Ladder.scopes`."""
        scopes = self._ladder.scopes(self.store.part_states(), namespaces, all_of)
        if scopes == self._scopes and set(scopes.namespaces) == set(self._informers):
            return
        self._scopes = scopes
        self._leave([name for name in self._informers if name not in scopes.namespaces])
        self.store.recombine(of_namespaces(all_of=scopes.all_of, partial=scopes.partial))
        narrow = [name for name in scopes.namespaces if name != WHOLE]
        poll_every_s = POLL_S * max(1.0, len(narrow) / POLLED_AT_PACE) if len(narrow) > MAX_WATCHES else None
        for name in scopes.namespaces:
            if name not in self._informers:
                self._enter(name, None if name == WHOLE else poll_every_s)

    def halt(self) -> None:
        """Stop every informer; returns at once."""
        for informer in self.informers:
            informer.stop()

    def _enter(self, name: str, poll_every_s: float | None) -> None:
        self.store.open_part(name, Syncing())
        informer = self._make(StorePart(self.store, name), poll_every_s)
        self._informers[name] = informer
        informer.start()

    def _leave(self, names: Sequence[str]) -> None:
        for name in names:
            with self._counting:
                informer = self._informers.pop(name)
                informer.stop()
                self._left += informer.reflector.stats.counts()
        if names:
            # The whole cluster's list has the objects of every namespace already.
            whole = self.store.part_states().get(WHOLE)
            self.store.close_parts(names, keep_objects=whole is not None and is_readable(whole))
