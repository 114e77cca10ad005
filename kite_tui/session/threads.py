"""Blocking work beside an event loop, on daemon threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(work: Callable[[], T], name: str) -> T:
    """Run `work` on a daemon thread of its own and give back what it returns or raises.

    Cancelling leaves the thread behind instead of waiting for it (anyio's and asyncio's worker threads are joined when
    the loop or the interpreter ends): whoever cancels closes the `Api` too, which ends a request under way.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # no error: this is what `work` returned

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - it is raised again where it is awaited
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the loop is closed: the one who asked has left

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done
