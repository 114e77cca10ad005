"""What a reflector lets be seen: rows with the state that says how far they are the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from kite_tui.cache.clock import Clock
from kite_tui.cache.decision import Standing
from kite_tui.cache.store import StorePart
from kite_tui.objects.meta import Record
from kite_tui.objects.states import Absent, Auth, Failed, Forbidden, Live, Polling, Stale, State, Syncing

T = TypeVar("T", bound=Record)


class Presence(Generic[T]):
    """Writes one part of a store and its state, on the reflector's thread; `on_change` follows each write, outside
    the store's lock.

    Once a list was whole (`had_data`) its rows stay whatever comes, as stale; what is forbidden, absent or
    unauthorised stands alone only where there was never data. A list after the first takes the place of the one before
    it at once when it is whole; `in_place` its rows do as they come, so that never all of both are held: for samples,
    each of which is true by itself and of a time of its own.
    """

    def __init__(
        self, part: StorePart[T], clock: Clock, on_change: Callable[[], None], *, in_place: bool = False
    ) -> None:
        self._part = part
        self._clock = clock
        self._on_change = on_change
        self._in_place = in_place
        self.state: State = Syncing()
        self.had_data = False
        self.is_confirmed = False
        """The rows are the server's as far as it told: nothing went wrong since the last list was whole."""
        self.heard_s = clock.monotonic_s()
        """When the server last told of the objects (a list, an event, a bookmark), by the monotonic clock."""
        self._heard_at_s = clock.now_s()
        self._painted = False

    @property
    def heard_at_s(self) -> float | None:
        """The same in seconds since the epoch; None where it never told. Any thread."""
        return self._heard_at_s if self.had_data else None

    def hear(self) -> None:
        """The server told of the objects just now."""
        self.heard_s = self._clock.monotonic_s()
        self._heard_at_s = self._clock.now_s()

    def asking(self, read: int) -> None:
        """A list goes on after `read` objects. What is forbidden, absent or unauthorised stays so until it isn't."""
        if not self.had_data:
            if isinstance(self.state, Failed):
                self._show(Syncing(read))
        elif isinstance(self.state, Live):
            self.doubt("listing again")

    def page(self, rows: list[T], read: int, of: int | None) -> None:
        """Rows of a list came; those of a first list are shown at once."""
        if self.had_data:
            if self._in_place:
                self._part.apply(rows)
            return
        self.state = Syncing(read, of)
        if self._part.paint(rows, self.state):
            self._painted = True
            self._on_change()
        else:
            self._show(self.state)

    def whole(self, rows: list[T], *, poll_every_s: float | None) -> None:
        """A list came to its end. It is live only when a watch follows it, or else it is polled."""
        self.hear()
        if poll_every_s is not None:
            self.state = Polling(self._heard_at_s, poll_every_s)
        self.had_data, self.is_confirmed, self._painted = True, True, False
        self._part.replace(rows, self.state)
        self._on_change()

    def live(self) -> None:
        """A watch is open, and what it had to say at once is in the rows."""
        self.is_confirmed = True
        self._show(Live())

    def polling(self, every_s: float) -> None:
        """The last list stands until the next."""
        self._show(Polling(self._heard_at_s, every_s))

    def put(self, row: T) -> None:
        """An object came or changed."""
        self._part.apply((row,))
        self._on_change()

    def drop(self, row: T) -> None:
        """An object went."""
        self._part.apply((), (row,))
        self._on_change()

    def doubt(self, reason: str, retry_at_s: float | None = None) -> None:
        """The rows are not confirmed any more; nothing is shown where there are none."""
        self.is_confirmed = False
        if self.had_data:
            self._show(Stale(self._heard_at_s, reason, retry_at_s))

    def fall(self, standing: Standing, reason: str, delay_s: float) -> None:
        """An error came; the next try is in `delay_s`."""
        retry_at_s = self._clock.now_s() + delay_s if delay_s else None
        if self.had_data:
            self.doubt(reason, retry_at_s)
            return
        match standing:
            case Standing.UNCHANGED:
                return
            case Standing.FAILED:
                self._show(Failed(reason, retry_at_s))
                return
            case Standing.FORBIDDEN:
                self.state = Forbidden("list", self._part.name or "the cluster", reason)
            case Standing.ABSENT:
                self.state = Absent(reason)
            case Standing.AUTH:
                self.state = Auth(reason)
        if self._painted:  # pages of a first list that will not be whole
            self._painted = False
            self._part.replace((), self.state)
        self._show(self.state)

    def _show(self, state: State) -> None:
        self.state = state
        self._part.set_state(state)
        self._on_change()
