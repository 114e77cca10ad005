"""`--log-file`: what happened behind the screen, with everything that looks like a credential blotted out."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kite_tui.cli.failure import Failure
from kite_tui.text.secrets import blotted


class _Blotting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return blotted(super().format(record))


class _QuietHandler(logging.FileHandler):
    """A full disk costs the log, neither the screen that a complaint would be drawn over nor the exit code."""

    fault: BaseException | None = None
    """Why something that happened is not in the file."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Remembered, to be said when the screen is gone."""
        self.fault = sys.exception()

    def close(self) -> None:
        """What could not be written is not tried again."""
        with contextlib.suppress(OSError):
            super().close()


@contextmanager
def log_to(path: str) -> Iterator[None]:
    """Write kite-tui's log to `path` (appended) for as long as the block runs, or nowhere where it is empty: without a
    handler, logging would print warnings on the screen. Raises Failure where that can't be."""
    handler: logging.Handler
    try:
        handler = _QuietHandler(path, encoding="utf-8") if path else logging.NullHandler()
    except OSError as error:
        raise Failure(f"can't write the log {path}: {error.strerror}; choose another --log-file") from error
    handler.setFormatter(_Blotting("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    logger = logging.getLogger("kite_tui")
    level = logger.level
    logger.setLevel(logging.DEBUG if path else level)
    logger.addHandler(handler)
    hook, threading.excepthook = threading.excepthook, _note_the_end_of_a_thread
    try:
        yield
    finally:
        threading.excepthook = hook
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
        if isinstance(handler, _QuietHandler) and handler.fault:
            why = getattr(handler.fault, "strerror", None) or type(handler.fault).__name__
            print(f"kite-tui: the log {path} is not whole: {why}", file=sys.stderr)


def _note_the_end_of_a_thread(ended: threading.ExceptHookArgs) -> None:
    """A thread that ends by a mistake of ours says so here; Python would draw the traceback over the screen."""
    mistake = (ended.exc_type, ended.exc_value or ended.exc_type(), ended.exc_traceback)
    logging.getLogger("kite_tui").critical("a mistake that ends a thread", exc_info=mistake)
