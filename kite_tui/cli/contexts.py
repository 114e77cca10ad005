"""`kite-tui contexts`: the contexts of the kubeconfig. Asks no server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO, cast

from kite_tui.cli.tables import Column, table
from kite_tui.queries import documents
from kite_tui.text.sanitise import clean
from kite_tui.text.serialise import Form, serialise

if TYPE_CHECKING:
    from kite_tui.kube.contexts import Context
    from kite_tui.session.opening import Contexts

COLUMNS: tuple[Column[Context], ...] = (
    Column("CURRENT", lambda each: "*" if each.is_current else ""),
    Column("NAME", lambda each: clean(each.name)),
    Column("CLUSTER", lambda each: clean(each.cluster or "-")),
    Column("SERVER", lambda each: clean(each.server or "-")),
    Column("USER", lambda each: clean(each.user or "-")),
    Column("NAMESPACE", lambda each: clean(each.namespace or "-")),
)


def list_contexts(output: str, contexts: Contexts, out: TextIO, err: TextIO) -> None:
    """Print all of them; those that can't be used are said on `err`. Raises Unusable."""
    found = contexts.listed()
    if output in ("json", "yaml"):
        document = {"schema": documents.SCHEMA, "kind": "Contexts", "items": [_item(each) for each in found]}
        out.write(serialise(document, cast(Form, output)))
    elif output == "name":
        out.writelines(f"{clean(each.name)}\n" for each in found)
    elif found:
        out.write(table(COLUMNS, found))
    for each in found:
        if each.problem:
            print(f"kite-tui: {clean(each.problem)}", file=err)
    if not found:
        print("kite-tui: the kubeconfig has no contexts", file=err)


def _item(each: Context) -> dict[str, object]:
    said = {key: getattr(each, key) or None for key in ("cluster", "server", "user", "namespace")}
    state = {"state": "failed" if each.problem else "ok", "reason": each.problem or None}
    return {"name": each.name, "current": each.is_current, **said, **state}
