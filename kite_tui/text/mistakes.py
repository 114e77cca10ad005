"""What a person is told when the program itself is wrong: never a traceback, which is for the log."""

from __future__ import annotations


def mistake(error: BaseException | None, log_file: str) -> str:
    """What kite-tui did that ends it, and where there is more; `log_file` is empty where nobody asked for one.

    Nothing of the error's own text: it may quote the cluster, or a secret.
    """
    more = f"the log {log_file} has more" if log_file else "with --log-file FILE it says more there"
    return f"made a mistake ({type(error).__name__}) and had to end; {more}"
