"""Programs that ask one API server at the same time, each as a user of its own and through a tunnel of its own."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shlex
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.terminal import Quiet, Terminal
from benchmarks.tunnel import Tunnel
from benchmarks.walk import STEPS, walk
from tests.conformance.client import Manifest
from tests.conformance.realserver import RealServer

OUR_SHARE = 0.9
"""Of the time for the walk is spent resting between its steps; the rest is for the steps themselves."""
COMMAND_LIMIT_S = 60.0
CONTROLLED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the program's controlling one: some open /dev/tty."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When, by time.monotonic, the start, the walk and all of it are over."""

    walk_s: float
    rest_s: float
    end_s: float


class Guest(ABC):
    """One program; the server takes it for a user of its name."""

    def __init__(self, name: str, folder: Path, kubeconfig: Path, tunnel: Tunnel) -> None:
        self.name = name
        self.tunnel = tunnel
        self.error = ""
        self._folder, self._kubeconfig = folder, kubeconfig
        self._env = {"HOME": str(folder), "KUBECONFIG": str(kubeconfig)}

    def start(self, plan: Plan) -> threading.Thread:
        """Begin the session, on a thread of its own."""
        thread = threading.Thread(target=self._run, args=(plan,), name=self.name)
        thread.start()
        return thread

    def _run(self, plan: Plan) -> None:
        try:
            self.session(plan)
        except (Quiet, OSError, subprocess.SubprocessError) as error:
            self.error = f"{self.name}: {error}"
            print(self.error, file=sys.stderr, flush=True)

    @abstractmethod
    def session(self, plan: Plan) -> None:
        """All of it, until `plan.end_s`. Raises Quiet, OSError, SubprocessError where it breaks off."""

    def _in_terminal(self, command: Sequence[str]) -> Terminal:
        return Terminal(["env", *(f"{name}={value}" for name, value in self._env.items()), *command])


class Tui(Guest):
    """The app, with a walk through all its screens."""

    @property
    def log(self) -> Path:
        """What the app logged."""
        return self._folder / "kite-tui.log"

    def session(self, plan: Plan) -> None:
        """See `Guest.session`."""
        command = [sys.executable, "-m", "kite_tui", "--log-file", str(self.log)]
        with self._in_terminal(command) as terminal:
            terminal.drain(plan.walk_s - time.monotonic())
            walk(terminal, (plan.rest_s - time.monotonic()) * OUR_SHARE / len(STEPS))
            terminal.drain(plan.end_s - time.monotonic())


class Kubectl(Guest):
    """kubectl as somebody uses it who wants to see the same: two watches, and a command for each screen."""

    WATCHES: ClassVar = ("get pods -A -w", "get nodes -w")
    SCREENS: ClassVar = (
        "get nodes",
        "top nodes",
        "describe node {node}",
        "get pods -A",
        "top pods -A",
        "describe pod {pod} -n {namespace}",
        "get pod {pod} -n {namespace} -o yaml",
        "get deployments -A",
        "describe deployment {deployment} -n {deployment_namespace}",
        "get all -n {deployment_namespace}",
        "get events -A --field-selector type=Warning",
    )

    def __init__(
        self, name: str, folder: Path, kubeconfig: Path, tunnel: Tunnel, program: str, about: dict[str, str]
    ) -> None:
        """`about` fills in the names of what the commands are about."""
        super().__init__(name, folder, kubeconfig, tunnel)
        self._program, self._about = program, about

    def session(self, plan: Plan) -> None:
        """See `Guest.session`."""
        env, pause = {**os.environ, **self._env}, threading.Event()
        with contextlib.ExitStack() as stack:
            for command in self.WATCHES:
                watch = subprocess.Popen(
                    [self._program, *command.split()], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                stack.callback(watch.wait)
                stack.callback(watch.terminate)
            pause.wait(plan.walk_s - time.monotonic())
            every_s = (plan.rest_s - time.monotonic()) / len(self.SCREENS)
            for number, command in enumerate(self.SCREENS, 1):
                line = [self._program, *command.format(**self._about).split()]
                done = subprocess.run(line, env=env, capture_output=True, timeout=COMMAND_LIMIT_S, check=False)
                if done.returncode:
                    raise OSError(f"{' '.join(line)}: {done.stderr.decode(errors='replace').strip()}")
                pause.wait(plan.walk_s + every_s * number - time.monotonic())
            pause.wait(plan.end_s - time.monotonic())


class Other(Guest):
    """Whatever program a command line names, in a terminal of its own; `keys` are typed in place of the walk."""

    def __init__(
        self, name: str, folder: Path, kubeconfig: Path, tunnel: Tunnel, command: str, keys: Sequence[bytes]
    ) -> None:
        super().__init__(name, folder, kubeconfig, tunnel)
        self._command, self._keys = command, keys

    def session(self, plan: Plan) -> None:
        """See `Guest.session`."""
        with self._in_terminal([sys.executable, "-c", CONTROLLED, *shlex.split(self._command)]) as terminal:
            terminal.drain(plan.walk_s - time.monotonic())
            every_s = (plan.rest_s - time.monotonic()) / max(1, len(self._keys))
            for number, keys in enumerate(self._keys, 1):
                terminal.type(keys)
                terminal.drain(plan.walk_s + every_s * number - time.monotonic())
            terminal.drain(plan.end_s - time.monotonic())


def reader_of(server: RealServer, user: str, folder: Path, tunnel: Tunnel) -> Path:
    """A kubeconfig in `folder` for a new user who may read everything, through the tunnel."""
    certificate = server.client_certificate(user)
    with contextlib.closing(server.client()) as client:
        client.create(_binding(user))
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "far",
                "cluster": {
                    "server": "https://far.invalid:6443",  # the tunnel knows where that is
                    "certificate-authority-data": base64.b64encode(server.ca_pem).decode(),
                    "tls-server-name": "localhost",
                    "proxy-url": tunnel.url,
                },
            }
        ],
        "users": [
            {
                "name": user,
                "user": {"client-certificate": str(certificate.certificate), "client-key": str(certificate.key)},
            }
        ],
        "contexts": [{"name": user, "context": {"cluster": "far", "user": user}}],
        "current-context": user,
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))
    return path


def _binding(user: str) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"guest-{user.replace(' ', '-')}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "kite-reader"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
