"""Starting the simulated cluster in a process of its own, and ending it. Light to import: the child does the work."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Self

import kite_tui
from kite_tui.demo.options import DemoOptions, check

CONTEXT = "demo"
TOKEN = "demo"
START_LIMIT_S = 60.0


class DemoFailed(Exception):
    """The process ended or stayed silent instead of becoming ready; the text has what it said."""


class DemoCluster:
    """A simulated cluster as a child process; a context manager, or `start` and `stop`.

    The child ends with this process, however it ends. It has a session of its own, so a ctrl-c in the terminal does
    not reach it.
    """

    def __init__(self, options: DemoOptions | None = None) -> None:
        """Raises BadOptions for a size out of reach."""
        self._options = check(options or DemoOptions())
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's address, http on loopback; empty before `start`."""
        return self._url

    @property
    def token(self) -> str:
        """The bearer token of a user who may read everything."""
        return TOKEN

    @property
    def context(self) -> str:
        """The name of the kubeconfig's context."""
        return CONTEXT

    @property
    def pid(self) -> int | None:
        """The child's process id, None when it doesn't run."""
        return self._process.pid if self._process else None

    def start(self, limit_s: float = START_LIMIT_S) -> None:
        """Start the child and wait until it answers: 0.2 s for 500 pods, 7 s for 150 000. Raises DemoFailed."""
        options = self._options
        command = [sys.executable, "-m", "kite_tui.demo", "--child"]
        command += [f"--nodes={options.nodes}", f"--pods={options.pods}"]
        command += [f"--seed={options.seed}", f"--rate={options.rate}"]
        if options.now_s is not None:
            command.append(f"--now={options.now_s}")
        root = str(Path(kite_tui.__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child runs
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        try:
            self._url = json.loads(self._first_line(limit_s))["url"]
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the child and wait for it; may be called twice, and before `start`."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        if self._said is not None:
            self._said.close()
            self._said = None
        self._url = ""

    def kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig for the cluster, readable by its owner only, and give the path."""
        return write_kubeconfig(path, self._url)

    def _first_line(self, limit_s: float) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        deadline_s = time.monotonic() + limit_s
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline_s - time.monotonic()))
            if not readable:
                raise DemoFailed(f"the simulated cluster was not ready in {limit_s:g} s")
            part = os.read(self._process.stdout.fileno(), 4096)
            if not part:
                assert self._said is not None
                self._said.seek(0)
                said = self._said.read().decode(errors="replace").strip()
                raise DemoFailed(f"the simulated cluster ended while it started: {said or 'it said nothing'}")
            line += part
        return line


def write_kubeconfig(path: Path, url: str) -> Path:
    """Write a kubeconfig (as JSON, which is YAML) with one context, and give the path."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": url}}],
        "users": [{"name": CONTEXT, "user": {"token": TOKEN}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2) + "\n")
    return path
