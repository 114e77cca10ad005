"""The command line: arguments, exit codes, plain output. Imports Textual only to hand over to the app."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run kite-tui with `argv` (the process's own without). Returns the exit code; argparse itself exits for `--help`
    and for what it refuses."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, _leave_at_once) if on_main_thread else None
    try:
        return _main(sys.argv[1:] if argv is None else argv)
    except BrokenPipeError:
        _discard_output()  # whoever read us has enough
        return OK
    finally:
        if on_main_thread:
            signal.signal(signal.SIGINT, before)


def _leave_at_once(*_: object) -> None:
    """Ctrl-c. A KeyboardInterrupt may strike inside an import, a callback or a lock, and be lost there or leave a
    traceback; nothing here needs tidying up: requests die with their sockets, the demo's server with its pipe, and the
    app, which has a terminal to restore, handles the signal itself."""
    os._exit(INTERRUPTED)


def _main(argv: Sequence[str]) -> int:
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us (`>&-`)
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115 - for as long as the process
    from kite_tui.cli.arguments import UsageError, parse  # --version needs little, and soon

    try:
        invocation = parse(argv)
    except UsageError as error:
        return _say(str(error), USAGE)

    from kite_tui.cli import start  # after the arguments: --help and a mistyped flag load nothing else

    try:
        code = start.run(invocation)
        sys.stdout.flush()
    except UsageError as error:
        return _say(str(error), USAGE)
    except start.Failure as error:
        return _say(str(error), FAILED)
    except BrokenPipeError:
        raise
    except OSError as error:
        _discard_output()
        return _say(f"can't print: {error.strerror or error}; is the disk full?", FAILED)
    return code


def _say(sentence: str, code: int) -> int:
    from kite_tui.text.sanitise import clean  # the sentence may quote the server

    print(f"kite-tui: {clean(sentence)}", file=sys.stderr)
    return code


def _discard_output() -> None:
    """Forget what is not yet printed: Python flushes stdout when it ends, and would complain, or wait for a reader."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
