"""An informer: a reflector, the part of a store that it feeds, and the thread that drives it."""

from __future__ import annotations

from typing import Generic, TypeVar

from kite_tui.cache.driver import Driver
from kite_tui.cache.reflector import Reflector
from kite_tui.objects.meta import Record

T = TypeVar("T", bound=Record)


class Informer(Generic[T]):
    """One kind in one scope, followed. `shared` drivers live on after it."""

    def __init__(self, reflector: Reflector[T], driver: Driver, *, shared: bool = False) -> None:
        self.reflector = reflector
        self._driver = driver
        self._shared = shared
        driver.add(reflector)

    def start(self) -> None:
        """Begin to list and watch; once."""
        if not self._shared:
            self._driver.start()

    def probe(self) -> None:
        """Ask again now, if this waits for anything. Any thread, at once."""
        self.reflector.probe()
        self._driver.wake()

    def refresh(self) -> None:
        """Reconnect and relist now. Any thread, at once."""
        self.reflector.refresh()
        self._driver.wake()

    def rest(self, resting: bool) -> None:
        """See `Reflector.rest`. Any thread, at once."""
        if self.reflector.rest(resting):
            self._driver.wake()

    def stop(self) -> None:
        """Shut the watch and end. Any thread, at once: nothing is waited for."""
        self.reflector.stop()
        if not self._shared:
            self._driver.stop()
        self._driver.wake()

    def join(self, timeout_s: float) -> bool:
        """For tests: wait for the thread of its own to end; True where it did."""
        return self._shared or self._driver.join(timeout_s)
