"""The command line: arguments, exit codes, plain output. Imports Textual only to hand over to the app."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

OK, FAILED, USAGE = 0, 1, 2
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(argv: Sequence[str] | None = None) -> int:
    """Run kite-tui with `argv` (the process's own without). Returns the exit code; argparse itself exits for `--help`
    and for what it refuses."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    with _leaving_at_once() if on_main_thread else contextlib.nullcontext():
        try:
            return _main(sys.argv[1:] if argv is None else argv)
        except BrokenPipeError:
            _discard_output()  # whoever read us has enough
            return OK


@contextlib.contextmanager
def _leaving_at_once() -> Iterator[None]:
    """Have the signals that end us do so at once, but for those that whoever started us wants ignored (nohup).

    Python runs a signal's handler on the main thread, which may be about to wait for a silent server when the signal
    comes, or another thread may get it: then nothing would wake the main one. Hence a thread that waits for signals.
    """
    handled = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _leave_at_once) for number in handled}
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    woken_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_leave_when_told, args=(reading,), name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken_before)
        os.close(writing)
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_when_told(signals: int) -> None:
    """Read the numbers of signals until the other end is closed; what the app has taken over is not ours any more."""
    with open(signals, "rb", buffering=0) as stream:
        while numbers := stream.read(16):
            for number in numbers:
                if signal.getsignal(number) is _leave_at_once:
                    _leave_at_once(number, None)


def _leave_at_once(number: int, _: object) -> None:
    """A KeyboardInterrupt may strike inside an import, a callback or a lock, and be lost there or leave a traceback;
    and little here needs tidying up: requests die with their sockets, the demo's server with its pipe, and the app,
    which has a terminal to restore, handles the signals itself. Only a credential plugin would live on."""
    plugins = sys.modules.get("kite_tui.kube.exec_plugin")
    if plugins is not None and hasattr(plugins, "kill_all"):  # else it is still being imported, and has started none
        plugins.kill_all()
    os._exit(128 + number)


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
