"""Write what a real server says in the cases that the simulated one has to copy: samples/*.json.

    python -m tests.conformance.capture

Each file has the request, the status, the headers that matter and the body: JSON, text, or the lines of a watch. Long
lists are cut to their head, managedFields and column descriptions left out; the rest is as it came.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.conformance import shapes
from tests.conformance.client import Answer, ApiClient
from tests.conformance.realserver import RealServer

SAMPLES = Path(__file__).parent / "samples"
HEADERS = ("content-type", "retry-after", "cache-control", "vary", "etag", "warning")
LONG = ("items", "rows", "resources", "groups", "subresources")
HEAD = 2  # entries kept of these, and lines kept of each end of a watch

METADATA = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
PODS = "/api/v1/pods"
WATCH = f"{PODS}?watch=1&timeoutSeconds=2&allowWatchBookmarks=true&resourceVersion="
SLOW = WATCH.replace("timeoutSeconds=2", "timeoutSeconds=5")  # the first bookmark takes more than 2 s
INITIAL = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def shorten(value: Any, name: str = "") -> Any:
    """Cut the lists that are long on a real server and leave out what only makes noise."""
    if isinstance(value, dict):
        kept = {k: shorten(v, k) for k, v in value.items() if k != "managedFields"}
        return kept | {"description": "…"} if "description" in kept else kept
    if isinstance(value, list):
        return [shorten(v) for v in (value[:HEAD] if name in LONG else value)]
    return value


def save(name: str, request: str, answer: Answer, accept: str = "application/json") -> None:
    """Write one sample."""
    kept = {k: v for k, v in sorted(answer.headers.items()) if k.lower() in HEADERS}
    sample: dict[str, Any] = {"request": request, "accept": accept, "status": answer.status, "headers": kept}
    text = answer.body.decode()
    if "watch=1" in request and answer.status == 200:
        lines = [json.loads(line) for line in text.splitlines()]
        sample["lines"] = [shorten(line) for line in (*lines[:HEAD], *lines[HEAD:][-HEAD:])]
    else:
        try:
            sample["body"] = shorten(json.loads(text))
        except ValueError:
            sample["text"] = text
    (SAMPLES / f"{name}.json").write_text(json.dumps(sample, indent=1, ensure_ascii=False) + "\n")


def get(client: ApiClient, name: str, path: str, accept: str = "application/json") -> Answer:
    """GET `path` and write the sample."""
    answer = client.request("GET", path, accept=accept)
    save(name, f"GET {path}", answer, accept)
    return answer


def main() -> int:
    """Capture everything; takes about 30 s."""
    SAMPLES.mkdir(exist_ok=True)
    with RealServer() as server:
        admin, viewer, nobody = (server.client(user) for user in ("admin", "viewer", "nobody"))
        admin.load(shapes.prerequisites())
        admin.load(shapes.nodes(7))
        admin.load(shapes.loadable(shapes.pods(3, 60)))
        server.tokens["stranger"] = "unknown"
        get(admin, "version", "/version")
        get(admin, "discovery-api", "/api", DISCOVERY)
        get(admin, "discovery-apis", "/apis", DISCOVERY)
        get(admin, "discovery-core-v1-plain", "/api/v1")
        get(admin, "discovery-apis-plain", "/apis")
        page = get(admin, "list-page", f"{PODS}?limit=2")
        get(admin, "list-empty", "/api/v1/services?fieldSelector=metadata.name%3Dnone")
        get(admin, "list-metadata", f"{PODS}?limit=2", METADATA.format("List"))
        get(admin, "get-metadata", f"{PODS}?limit=2&fieldSelector=metadata.name%3Dnone", METADATA.format(""))
        get(admin, "table-pods", f"{PODS}?limit=2", TABLE)
        get(admin, "table-nodes", "/api/v1/nodes?limit=2", TABLE)
        get(admin, "watch-initial-events", WATCH + INITIAL)
        get(admin, "watch-metadata", SLOW, METADATA.format(""))
        get(admin, "watch-table", WATCH + "&limit=1", TABLE)
        current = page.json()["metadata"]["resourceVersion"]
        # A bookmark comes only once the cache is past the watch's beginning; a list takes it there.
        admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "earlier"}})
        admin.get(f"{PODS}?limit=1")
        get(admin, "watch-bookmarks", SLOW + current)
        get(admin, "watch-future", WATCH + "999999")
        get(admin, "watch-bad-resource-version", WATCH + "abc")
        get(admin, "list-future", f"{PODS}?limit=2&resourceVersion=999999&resourceVersionMatch=NotOlderThan")
        get(admin, "continue-bad", f"{PODS}?limit=2&continue=bogus")
        get(admin, "continue-with-resource-version", f"{PODS}?limit=2&resourceVersion=1&continue=bogus")
        get(admin, "selector-label-bad", f"{PODS}?labelSelector=a%3D%3D%3Db")
        get(admin, "selector-field-unknown", f"{PODS}?fieldSelector=spec.foo%3Dx")
        get(admin, "not-found-object", "/api/v1/namespaces/default/pods/none")
        get(admin, "not-found-resource", "/api/v1/nonesuch")
        get(admin, "not-found-group", "/apis/none.example/v1/things")
        get(admin, "not-acceptable", PODS, "application/json;as=Other;g=meta.k8s.io;v=v1")
        get(viewer, "forbidden-cluster", "/api/v1/nodes")
        get(nobody, "forbidden-namespace", "/api/v1/namespaces/default/pods")
        get(nobody, "forbidden-watch", WATCH + current)
        get(nobody, "forbidden-object", "/api/v1/namespaces/default/pods/pod-00000")
        get(server.client(""), "forbidden-anonymous", PODS)
        get(server.client("stranger"), "unauthorized", PODS)
        attributes = {"verb": "list", "resource": "nodes"}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
        body = review | {"spec": {"resourceAttributes": attributes}}
        save("access-allowed", f"POST {REVIEW}", admin.request("POST", REVIEW, body))
        save("access-denied", f"POST {REVIEW}", viewer.request("POST", REVIEW, body))
        # A restart forgets the snapshots that would still answer for what etcd has dropped.
        admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "later"}})
        server.compact()
        server.restart_apiserver()
        get(admin, "expired-continue", f"{PODS}?limit=2&continue={page.json()['metadata']['continue']}")
        get(admin, "expired-exact", f"{PODS}?limit=2&resourceVersion={current}&resourceVersionMatch=Exact")
        get(admin, "expired-watch", WATCH + current)
    with RealServer(["--enable-priority-and-fairness=false", "--max-requests-inflight=1"]) as server:
        _too_many(server)
    return 0


def _too_many(server: RealServer) -> None:
    """Ask with 32 threads, at most 2 000 times in all, until the server has enough."""
    client = server.client("reader")
    with ThreadPoolExecutor(32) as threads:
        for answer in threads.map(lambda _: client.request("GET", "/apis/apps/v1/deployments"), range(2000)):
            if answer.status == 429:
                save("too-many-requests", "GET /apis/apps/v1/deployments", answer)
                threads.shutdown(cancel_futures=True)
                return


if __name__ == "__main__":
    sys.exit(main())
