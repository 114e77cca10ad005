"""Files that somebody else replaces while we run: service account tokens, certificates."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from kite_tui.kube.errors import CredentialError

REREAD_S = 60.0  # also where the file looks the same: a network file system may hide a change


class FileSource:
    """The content of a file, read again when its time, size or inode changes. Thread-safe; one stat per `read`."""

    def __init__(self, path: str, what: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`what` names the content in errors: "the token file"."""
        self._path, self._what, self._clock = Path(path), what, clock
        self._lock = threading.Lock()
        self._content: bytes | None = None
        self._seen: tuple[int, int, int] | None = None
        self._read_s = 0.0

    def read(self, *, again: bool = False) -> bytes:
        """The content, not empty. Raises CredentialError where there never was one; later the old one is kept, since
        the file is being replaced."""
        with self._lock:
            try:
                self._refresh(again)
            except OSError as error:
                if self._content is None:
                    why = (error.strerror or str(error)).lower()
                    raise CredentialError(f"can't read {self._what} {self._path}: {why}") from error
            if self._content is None:
                raise CredentialError(f"{self._what} {self._path} is empty")
            return self._content

    def _refresh(self, again: bool) -> None:
        stat = self._path.stat()
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        now_s = self._clock()
        if again or seen != self._seen or now_s - self._read_s >= REREAD_S:
            self._content = self._path.read_bytes() or self._content
            self._seen, self._read_s = seen, now_s
