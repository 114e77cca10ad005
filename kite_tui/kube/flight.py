"""One at a time, shared: who comes while the work is being done gets its result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from kite_tui.kube.errors import CredentialError

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.done = threading.Event()
        self.result: T | None = None
        self.error: CredentialError | None = None


class SingleFlight(Generic[T]):
    """Runs `work` once for all threads that ask at the same time. Thread-safe."""

    def __init__(self, work: Callable[[], T]) -> None:
        """`work` raises CredentialError and nothing else."""
        self._work = work
        self._lock = threading.Lock()
        self._flight: _Flight[T] | None = None

    def __call__(self) -> T:
        """The result of the work under way, or else of new work. Raises its CredentialError in every thread."""
        with self._lock:
            flight = self._flight
            is_mine = flight is None
            if flight is None:
                flight = self._flight = _Flight()
        if is_mine:
            return self._fly(flight)
        flight.done.wait()
        if flight.result is None:
            raise CredentialError(str(flight.error)) from flight.error
        return flight.result

    def _fly(self, flight: _Flight[T]) -> T:
        try:
            flight.result = self._work()
        except CredentialError as error:
            flight.error = error
            raise
        else:
            return flight.result
        finally:
            with self._lock:
                self._flight = None
            flight.done.set()
