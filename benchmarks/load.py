"""What a session costs a real API server: its requests by the server's own audit log, its bytes by a tunnel before TLS.

    python -m benchmarks.load [--minutes 10] [--write docs/load.md] [--command 'k9s --readonly' --keys ':no\\r d']

kite-tui, kubectl and, where one is named, another program ask the same server at the same time, each as a user of its
own: a start, a walk through all screens, a while in which nothing happens, and one in which pods change.
"""

from __future__ import annotations

import argparse
import codecs
import contextlib
import itertools
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import audit, load_page, measuring, servers
from benchmarks.guests import Guest, Kubectl, Other, Plan, Tui, reader_of
from benchmarks.load_page import KUBECTL, OURS, Phase, Session, page
from benchmarks.tunnel import Tunnel
from benchmarks.usage_served import serve_usage
from tests.conformance.client import ApiClient
from tests.conformance.processes import ServerUnavailable
from tests.conformance.realserver import RealServer

PODS, NODES = 5_000, 100
PHASES = (("start", 0.1), ("walk", 0.35), ("rest", 0.35), ("changes", 0.2))
"""Each with its share of the time."""
CHANGES_PER_S = 2.0
SYNCED, RUNS = 10_000, 5
"""Pods of a sync, and syncs, for what counting costs."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for, see `main`. `kubectl` is empty where there is none."""

    minutes: float
    kubectl: str
    command: str
    keys: str

    @property
    def names(self) -> tuple[str, ...]:
        """Of the programs."""
        return (OURS, *([KUBECTL] if self.kubectl else []), *([self.other] if self.command else []))

    @property
    def other(self) -> str:
        """The program that the command line names."""
        return Path(shlex.split(self.command)[0]).name


def measure(options: Options) -> Session:
    """Run it. Raises ServerUnavailable, and ApiFailure where the server can't be filled."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kite-load-")))
        server = stack.enter_context(RealServer(audit.arguments(folder, options.names)))
        client = stack.enter_context(contextlib.closing(server.client()))
        print("filling the server", file=sys.stderr, flush=True)
        client.load(servers.manifests(PODS, NODES))
        serve_usage(client, PODS, NODES)
        guests = []
        for name in options.names:
            home = folder / name
            home.mkdir()
            tunnel = stack.enter_context(Tunnel(urlsplit(server.url).port or 443))
            guests.append(_guest(options, name, home, reader_of(server, name, home, tunnel), tunnel, client))
        return _session(guests, client, options.minutes, audit.log_of(folder))


def _guest(options: Options, name: str, home: Path, kubeconfig: Path, tunnel: Tunnel, client: ApiClient) -> Guest:
    match name:
        case load_page.OURS:
            return Tui(name, home, kubeconfig, tunnel)
        case load_page.KUBECTL:
            return Kubectl(name, home, kubeconfig, tunnel, options.kubectl, _about(client))
        case _:
            keys = [codecs.decode(word, "unicode_escape").encode() for word in options.keys.split()]
            return Other(name, home, kubeconfig, tunnel, options.command, keys)


def _about(client: ApiClient) -> dict[str, str]:
    pod = next(each for each in client.get("/api/v1/pods?limit=500")["items"] if each["spec"].get("nodeName"))
    deployment = client.get("/apis/apps/v1/deployments?limit=1")["items"][0]["metadata"]
    return {
        "node": pod["spec"]["nodeName"],
        "pod": pod["metadata"]["name"],
        "namespace": pod["metadata"]["namespace"],
        "deployment": deployment["name"],
        "deployment_namespace": deployment["namespace"],
    }


def _session(guests: Sequence[Guest], client: ApiClient, minutes: float, log: Path) -> Session:
    began_s, pause = time.monotonic(), threading.Event()
    ends = [began_s + 60 * minutes * share for share in itertools.accumulate(share for _, share in PHASES)]
    threads = [guest.start(Plan(ends[0], ends[1], ends[-1])) for guest in guests]
    tunnels = {guest.name: guest.tunnel for guest in guests}
    phases: dict[str, Phase] = {}
    made = 0
    for (name, _), end_s in zip(PHASES, ends, strict=True):
        print(f"  {name}", file=sys.stderr, flush=True)
        from_s = time.time()
        before = {who: (tunnel.received_b, tunnel.sent_b) for who, tunnel in tunnels.items()}
        with changing(client) if name == "changes" else contextlib.nullcontext() as changes:
            pause.wait(end_s - time.monotonic())
        if changes is not None:
            made = next(changes)
        phases[name] = Phase(
            name,
            from_s,
            time.time(),
            {who: tunnel.received_b - before[who][0] for who, tunnel in tunnels.items()},
            {who: tunnel.sent_b - before[who][1] for who, tunnel in tunnels.items()},
        )
    for thread in threads:
        thread.join()
    ours = next(guest for guest in guests if isinstance(guest, Tui))
    return Session(
        phases,
        [each for each in audit.requests(log) if each.at_s <= phases["changes"].to_s],
        made,
        [guest.name for guest in guests],
        ours.log.read_text() if ours.log.exists() else "",
        [guest.error for guest in guests if guest.error],
    )


@contextlib.contextmanager
def changing(client: ApiClient) -> Iterator[Iterator[int]]:
    """Change a label of a pod `CHANGES_PER_S` times a second, as long as the block lasts; how often comes after it."""
    pods = client.get("/api/v1/pods?limit=100")["items"]
    numbers, done = itertools.count(), threading.Event()

    def run() -> None:
        due_s = time.monotonic()
        while not done.wait(max(0.0, due_s - time.monotonic())):
            due_s += 1 / CHANGES_PER_S
            number = next(numbers)
            meta = pods[number % len(pods)]["metadata"]
            manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {k: meta[k] for k in ("name", "namespace")}}
            client.patch(manifest, {"metadata": {"labels": {"changed": str(number)}}})

    thread = threading.Thread(target=run, name="changes")
    thread.start()
    try:
        yield numbers
    finally:
        done.set()
        thread.join()


def main() -> int:
    """Measure and print the page; exit code 1 where a program broke off, 69 where there is no server."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kubectl", default=shutil.which(KUBECTL) or "", metavar="PROGRAM")
    parser.add_argument(
        "--command", default="", help="another program; it finds KUBECONFIG and HOME in its environment"
    )
    parser.add_argument("--keys", default="", help="typed into it during the walk, word by word: ':nodes\\r d'")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there, too")
    chosen = parser.parse_args()
    options = Options(chosen.minutes, chosen.kubectl, chosen.command, chosen.keys)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers and programs end with us
    try:
        session = measure(options)
    except ServerUnavailable as error:
        print(f"LEFT OUT: {error}", file=sys.stderr)
        return 69
    counting = measuring.table(measuring.measure(SYNCED, RUNS))
    said = page(session, options.minutes, PODS, NODES, f"{options.command} {options.keys}".strip(), counting)
    print(said)
    if chosen.write:
        chosen.write.write_text(said)
    return 1 if session.errors else 0


if __name__ == "__main__":
    sys.exit(main())
