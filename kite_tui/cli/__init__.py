"""The command line: arguments, exit codes, plain output. Imports Textual only to hand over to the app."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run kite-tui with `argv` (the process's own without). Returns the exit code; argparse itself exits for `--help`
    and for what it refuses."""
    unraisable = sys.unraisablehook
    sys.unraisablehook = _interrupt_again
    try:
        return _main(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second ctrl-c would find the interpreter while it ends
        _discard_output()
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()  # whoever read us has enough
        return OK
    finally:
        sys.unraisablehook = unraisable


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """A ctrl-c that struck where nothing can be raised (in a callback of an import) is repeated a moment later."""
    if lost.exc_type is KeyboardInterrupt:
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(lost)


def _main(argv: Sequence[str]) -> int:
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us (`>&-`)
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115 - for as long as the process
    from kite_tui.cli.arguments import UsageError, parse  # within reach of ctrl-c

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
