"""What an API server says that it was asked: its audit log, one line of JSON for each stage of a request."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """`verb` is the server's word: get, list, watch. `is_continued`: a further page of a list. `status` is 0 where none
    was given yet."""

    at_s: float
    user: str
    verb: str
    path: str
    is_continued: bool
    status: int


def arguments(folder: Path, users: Iterable[str]) -> tuple[str, ...]:
    """What kube-apiserver needs to write down the requests of these users in `folder`, as `log_of` has it."""
    policy = {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "rules": [{"level": "Metadata", "users": sorted(users)}, {"level": "None"}],
    }
    (folder / "policy.yaml").write_text(json.dumps(policy))
    return (f"--audit-policy-file={folder / 'policy.yaml'}", f"--audit-log-path={log_of(folder)}")


def log_of(folder: Path) -> Path:
    """The log's file."""
    return folder / "audit.log"


def requests(log: Path) -> list[Request]:
    """All requests so far, in the order in which they came."""
    found: dict[str, Request] = {}
    for line in log.read_text().splitlines():
        event = json.loads(line)
        known = found.get(event["auditID"])
        status = event.get("responseStatus", {}).get("code", 0)
        if known is None or (status and not known.status):
            found[event["auditID"]] = _request(event, status)
    return sorted(found.values(), key=lambda request: request.at_s)


def _request(event: dict[str, object], status: int) -> Request:
    parts = urlsplit(str(event["requestURI"]))
    user = event["user"]
    assert isinstance(user, dict)
    return Request(
        datetime.fromisoformat(str(event["requestReceivedTimestamp"])).timestamp(),
        str(user["username"]),
        str(event["verb"]),
        parts.path,
        "continue" in parse_qs(parts.query),
        status,
    )
