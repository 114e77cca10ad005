"""The one fixture that relations are judged by: objects in files by topic, and the edges that follow, by hand.

`load_real` makes the objects on a real server, `resolve` gives them with made-up uids for a simulated one, and
`expected` reads the edges (expected.txt says how they are written). A uid is written as a placeholder where it has to
be right, "@GROUP/KIND/NAMESPACE/NAME" with "core" for the core group and "-" for no namespace; other uids are
deliberately wrong. No controller, scheduler or kubelet runs beside either server.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.conformance.client import ApiClient, ApiFailure, Manifest
from tests.conformance.relations.edges import Expected, Ref, parse

FOLDER = Path(__file__).parent
SERVERS_OWN = "server"
FILES = (
    *(SERVERS_OWN, "kinds", "cluster", "shop", "workloads", "devices"),
    *("network", "gateway", "storage", "access", "events", "webhooks"),
)
"""In the order of dependencies, and so are the objects in each; the stale APIService comes last."""

Uids = Mapping[Ref, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of the fixture, as its file has it."""

    file: str
    ref: Ref
    manifest: Manifest


@cache
def entries() -> tuple[Entry, ...]:
    """Every object, in the order in which they can be made; shared, so not to be changed."""
    return tuple(
        Entry(name, ref_of(manifest), _admitted(manifest))
        for name in FILES
        for manifest in yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    )


def _admitted(manifest: Manifest) -> Manifest:
    """As the admission plugin ServiceAccount, which doesn't run here, would have it: every pod has an account."""
    if manifest["kind"] == "Pod" and manifest["apiVersion"] == "v1":
        manifest["spec"].setdefault("serviceAccountName", "default")
    return manifest


def ref_of(manifest: Manifest) -> Ref:
    """What names an object."""
    metadata = manifest["metadata"]
    group = manifest["apiVersion"].rpartition("/")[0]
    return Ref(group, manifest["kind"], metadata.get("namespace", ""), metadata["name"])


def expected() -> tuple[Expected, ...]:
    """The edges of every centre, in the file's order."""
    kinds = {(entry.ref.group, entry.ref.kind) for entry in entries()}
    return parse((FOLDER / "expected.txt").read_text(encoding="utf-8"), kinds)


def resolve() -> list[Manifest]:
    """Every object with a uid made up from its name, the same on every run, and references by uid filled in."""
    everything = entries()
    uids = {entry.ref: str(uuid.uuid5(uuid.NAMESPACE_URL, str(entry.ref))) for entry in everything}
    made = []
    for entry in everything:
        manifest = fill(entry.manifest, uids)
        manifest["metadata"]["uid"] = uids[entry.ref]
        made.append(manifest)
    return made


def load_real(client: ApiClient) -> dict[Ref, str]:
    """Make every object on a server that has none of them, and give their uids. About 2 s.

    An owner that comes later than its child (a cycle) is written when all are there. Raises ApiFailure for the first
    object refused, and TimeoutError where a kind isn't served 30 s after its CustomResourceDefinition was made.
    """
    uids: dict[Ref, str] = {}
    late: list[Entry] = []
    for entry in entries():
        owned = entry.manifest["metadata"].get("ownerReferences", ())
        if any(_named(owner["uid"]) not in (None, *uids) for owner in owned):
            late.append(entry)
            metadata = {k: v for k, v in entry.manifest["metadata"].items() if k != "ownerReferences"}
            manifest = fill({**entry.manifest, "metadata": metadata}, uids)
        else:
            manifest = fill(entry.manifest, uids)
        uids[entry.ref] = _make(client, manifest, may_exist=entry.file == SERVERS_OWN)["metadata"]["uid"]
    for entry in late:
        owners = fill(entry.manifest["metadata"]["ownerReferences"], uids)
        client.patch(entry.manifest, {"metadata": {"ownerReferences": owners}})
    return uids


def fill(part: Any, uids: Uids) -> Any:
    """A copy of a part of a manifest with its placeholders replaced. Raises KeyError for one that names nothing."""
    if isinstance(part, dict):
        return {key: fill(value, uids) for key, value in part.items()}
    if isinstance(part, list):
        return [fill(value, uids) for value in part]
    named = _named(part)
    return uids[named] if named else part


def _named(value: Any) -> Ref | None:
    if not isinstance(value, str) or not value.startswith("@"):
        return None
    group, kind, namespace, name = value[1:].split("/")
    return Ref("" if group == "core" else group, kind, "" if namespace == "-" else namespace, name)


def _make(client: ApiClient, manifest: Manifest, *, may_exist: bool) -> Manifest:
    spec = manifest.get("spec", {})
    debuggers = spec.pop("ephemeralContainers", None)  # the server takes them through their subresource only
    try:
        made = client.apply(manifest)
    except ApiFailure as failure:
        if not may_exist or failure.status != 409:
            raise
        return dict(client.get(client.path(manifest)))
    if debuggers:
        client.patch(manifest, {"spec": {"ephemeralContainers": debuggers}}, subresource="ephemeralcontainers")
    if manifest["kind"] == "CustomResourceDefinition":
        _wait_until(lambda: _serves(client, manifest))
    return made


def _serves(client: ApiClient, definition: Manifest) -> bool:
    spec = definition["spec"]
    path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
    return client.request("GET", path).status == 200


def _wait_until(true: Callable[[], bool], limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {limit_s} s")
        pause.wait(0.02)
