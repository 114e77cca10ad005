"""The command line: arguments, exit codes, plain output. Imports Textual only to hand over to the app."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kite_tui.cli.arguments import UsageError, parse

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run kite-tui with `argv` (the process's own without). Returns the exit code; argparse itself exits for `--help`
    and for what it refuses."""
    try:
        return _main(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has enough. Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _main(argv: Sequence[str]) -> int:
    try:
        invocation = parse(argv)
    except UsageError as error:
        return _say(str(error), USAGE)

    from kite_tui.cli import start  # after the arguments: --help and a mistyped flag load nothing else

    try:
        start.run(invocation)
        sys.stdout.flush()
    except UsageError as error:
        return _say(str(error), USAGE)
    except start.Failure as error:
        return _say(str(error), FAILED)
    return OK


def _say(sentence: str, code: int) -> int:
    print(f"kite-tui: {sentence}", file=sys.stderr)
    return code
