"""A server that answers a watch of pods with events made before, as fast as they are taken, and all else with nothing.

    python -m benchmarks.replay PODS_FILE EVENTS KUBECONFIG

Every event is a change of one of `PODS` pods, and the last one the pod `LAST`, which is new.
"""

from __future__ import annotations

import copy
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.servers import Server, serving
from kite_tui.demo.process import write_kubeconfig

PODS = 500
LAST = ("default", "the-last")
REVISION = 1_000
PODS_PATH = "/api/v1/pods"
AT_ONCE = 16
"""Events in one write: about 64 KB, as a busy server's buffers have them."""


@contextmanager
def replaying(pods_file: Path, events: int) -> Iterator[Server]:
    """The server, in a process of its own; `pods_file` has a PodList of at least `PODS`."""
    with tempfile.TemporaryDirectory(prefix="kite-bench-") as folder:
        kubeconfig = Path(folder) / "replay.yaml"
        with serving([sys.executable, "-m", "benchmarks.replay", str(pods_file), str(events), str(kubeconfig)]):
            yield Server("replayed", kubeconfig, PODS, 0)


def lines_of(pods: list[dict[str, Any]], events: int) -> Iterator[bytes]:
    """The events: each time another pod, with another resourceVersion and another count of restarts."""
    for number in range(1, events + 1):
        pod = pods[number % len(pods)]
        pod["metadata"]["resourceVersion"] = str(REVISION + number)
        for status in pod["status"].get("containerStatuses", ()):
            status["restartCount"] = number
        kind = "MODIFIED"
        if number == events:
            kind, pod = "ADDED", copy.deepcopy(pod)
            namespace, name = LAST
            pod["metadata"] |= {"namespace": namespace, "name": name, "uid": "last"}
        whole = {"kind": "Pod", "apiVersion": "v1", **pod}
        yield json.dumps({"type": kind, "object": whole}, separators=(",", ":")).encode() + b"\n"


class Handler(BaseHTTPRequestHandler):
    """Lists and watches. A watch stays open until the client goes."""

    protocol_version = "HTTP/1.1"
    pods_list = b""
    events: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        """Answer."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if "watch" in query:
            self._watch(self.events if path == PODS_PATH and query["resourceVersion"] == [str(REVISION)] else ())
        elif path == PODS_PATH:
            self._answer(self.pods_list)
        elif path == "/version":
            self._answer(b'{"gitVersion":"v1.35.0"}')
        else:
            self._answer(b'{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"%d"},"items":[]}' % REVISION)

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _watch(self, chunks: tuple[bytes, ...]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for chunk in chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.flush()
        self.connection.recv(1)  # until the client closes

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Make the events, then serve until ended."""
    file, events, kubeconfig = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    document = json.loads(file.read_bytes())
    document["items"] = document["items"][:PODS]
    document["metadata"] = {"resourceVersion": str(REVISION)}
    Handler.pods_list = json.dumps(document).encode()
    lines = list(lines_of(document["items"], events))
    Handler.events = tuple(b"".join(lines[first : first + AT_ONCE]) for first in range(0, len(lines), AT_ONCE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    write_kubeconfig(kubeconfig, f"http://127.0.0.1:{server.server_port}")
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
