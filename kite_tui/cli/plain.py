"""The commands that print once and exit: which lists each needs, and what it makes of the answer."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO, TypeVar, cast

import anyio

from kite_tui import __version__
from kite_tui.cli import cache, pages, related
from kite_tui.cli.arguments import Invocation, UsageError
from kite_tui.cli.failure import Failure
from kite_tui.cli.tables import Column, table
from kite_tui.cli.target import Target
from kite_tui.kube.errors import ApiError, Forbidden, NotFound
from kite_tui.objects import states
from kite_tui.objects.events import WARNINGS_ONLY
from kite_tui.objects.kinds import (
    CLAIMS,
    EVENTS,
    NAMESPACES,
    NODE_METRICS,
    NODES,
    POD_METRICS,
    PODS,
    SERVICES,
    WORKLOADS,
    Kind,
)
from kite_tui.objects.reader import Head
from kite_tui.queries import documents
from kite_tui.queries.documents import Document
from kite_tui.queries.metrics import Metrics, metrics_of
from kite_tui.queries.nodes import node_rows, pods_on
from kite_tui.queries.overview import overview
from kite_tui.queries.pods import pod_rows
from kite_tui.queries.sorting import NODE_SORTS, POD_SORTS, node_sort_key, pod_sort_key
from kite_tui.session.direct import Answer, DirectLists, Want
from kite_tui.text.sanitise import clean
from kite_tui.text.serialise import Form, serialise

Row = TypeVar("Row")

NAMESPACED: tuple[Kind[Any], ...] = (PODS, SERVICES, CLAIMS, *WORKLOADS)
METRICS: tuple[Kind[Any], ...] = (NODE_METRICS, POD_METRICS)


def run(invocation: Invocation, target: Target, out: TextIO, err: TextIO) -> None:
    """Carry out a plain command. Raises Failure, UsageError."""
    commands: Mapping[str, Callable[[Invocation, Target, TextIO, TextIO], None]] = {
        "overview": _overview,
        "nodes": _nodes,
        "pods": _pods,
        "related": related.run,
        "cache": cache.run,
        "version": _version,
    }
    commands[invocation.command or "overview"](invocation, target, out, err)


def check_sort(invocation: Invocation) -> None:
    """Refuse an unknown `--sort-by` before anything is asked of the cluster. Raises UsageError."""
    _sorting(invocation.options, POD_SORTS if invocation.command == "pods" else NODE_SORTS, "name")


def _sorting(options: argparse.Namespace, known: Mapping[str, object], default: str) -> tuple[str, bool]:
    asked = options.sort_by or default
    column, reverse = asked.removeprefix("-").lower().replace("-", "_"), asked.startswith("-")
    if column not in known:
        raise UsageError(f"can't sort by {column!r}; columns are {', '.join(known)}")
    return column, reverse


def _read(target: Target, wants: Sequence[Want], namespaces: tuple[str, ...], err: TextIO) -> Answer:
    head = Head(target.context, target.server, None, namespaces)
    lists = DirectLists(target.api, preferred=target.preferred)
    answer = anyio.run(lists.read, wants, head)
    if answer.malformed:
        _say(f"{answer.malformed} malformed objects are left out", err)
    return answer


def _say(sentence: str, err: TextIO) -> None:
    print(f"kite-tui: {clean(sentence)}", file=err)


def _notices(answer: Answer, kinds: Iterable[Kind[Any]], err: TextIO) -> None:
    """Say on stderr which parts of an answer are missing or only partly there, each once."""
    said: dict[str, None] = {}
    for kind in kinds:
        state = answer.reader.state(kind)
        word, reason = documents.state_word(state)
        if kind in METRICS:
            metrics, now_s = metrics_of(answer.reader, kind), answer.reader.now_s()
            if isinstance(state, states.Absent):
                said["no metrics: metrics API not installed"] = None
            elif not states.is_readable(state):
                said[f"no metrics: {reason}"] = None
            elif metrics.is_stale(now_s):
                said[f"metrics are stale: the newest sample is {pages.age(metrics.sampled_s, now_s)} old"] = None
        elif word not in ("ok", "off"):
            said[f"{kind.plural}: {word}: {reason}"] = None
    for sentence in said:
        _say(sentence, err)


def _fail_on(answer: Answer, kind: Kind[Any]) -> None:
    if kind in answer.errors:
        error = answer.errors[kind]
        may_try = isinstance(error, Forbidden) and kind.namespaced and not answer.reader.head.namespaces
        hint = "; try -n with a namespace that you may read" if may_try else ""
        raise Failure(str(error) + hint) from error


def _overview(invocation: Invocation, target: Target, out: TextIO, err: TextIO) -> None:
    options = invocation.options
    namespaces, ladder = tuple(dict.fromkeys(options.namespace)), not options.all_namespaces
    wants: list[Want] = [
        Want(NODES),
        Want(NAMESPACES),
        Want(NODE_METRICS),
        *(Want(kind, namespaces, ladder=ladder) for kind in NAMESPACED),
        Want(EVENTS, namespaces, query=WARNINGS_ONLY, ladder=ladder),
    ]
    answer = _read(target, wants, namespaces, err)
    asked = [want.kind for want in wants]
    main: tuple[Kind[Any], ...] = (NODES, PODS, NAMESPACES, SERVICES)
    if options.all_namespaces:
        _fail_on(answer, PODS)
    if not any(states.is_readable(answer.reader.state(kind)) for kind in main):
        _fail_on(answer, PODS)
    _notices(answer, asked, err)
    view = overview(answer.reader)
    if options.output in ("json", "yaml"):
        out.write(serialise(documents.overview_document(view), options.output))
    else:
        out.write(pages.overview_page(view))


def _nodes(invocation: Invocation, target: Target, out: TextIO, err: TextIO) -> None:
    options, name = invocation.options, invocation.name
    column, reverse = _sorting(options, NODE_SORTS, "name")
    pods_query = (("fieldSelector", f"spec.nodeName={name}"),) if name else ()
    wants = [
        Want(NODES, name=name, query=_selectors(options)),
        Want(PODS, query=pods_query, ladder=not options.all_namespaces),
        Want(NODE_METRICS),
        *([Want(POD_METRICS)] if name else []),
    ]
    answer = _read(target, wants, (), err)
    if isinstance(answer.errors.get(NODES), NotFound) and name:
        raise Failure(f"there is no node {name!r}")
    _fail_on(answer, NODES)
    _notices(answer, [want.kind for want in wants], err)
    reader = answer.reader
    sums = reader.sums_by_node() if states.is_readable(reader.state(PODS)) else None
    key = node_sort_key(reader, sums, column, reverse)
    rows = sorted(node_rows(reader), key=lambda row: key(row.node), reverse=reverse)
    now_s, metrics = reader.now_s(), metrics_of(reader, NODE_METRICS)
    # -n narrows the pods that are listed, never the sums.
    pods = [pod for pod in pods_on(reader, name) if not options.namespace or pod.namespace in options.namespace]
    on_node = pod_rows(reader, tuple(sorted(pods, key=pod_sort_key(reader, "namespace", False))))
    if unreadable := sum(row.unreadable for row in rows):
        _say(f"{unreadable} pod(s) with an amount that can't be read: the sums leave it out", err)

    def document() -> Document:
        return documents.nodes_document(
            reader.head, now_s, reader.state(PODS), metrics, rows, on_node if name else None
        )

    _print(
        options.output,
        out,
        document,
        pages.node_columns(now_s, reader.state(PODS)),
        rows,
        "node",
        lambda row: row.node.name,
    )
    if name and options.output in ("", "table", "wide") and on_node:
        columns = pages.pod_columns(now_s, with_namespace=True)
        out.write("\n" + table(columns, on_node, wide=options.output == "wide"))
    if not rows:
        _say("no nodes" + (" match" if _selectors(options) else ""), err)


def _pods(invocation: Invocation, target: Target, out: TextIO, err: TextIO) -> None:
    options, name = invocation.options, invocation.name
    column, reverse = _sorting(options, POD_SORTS, "namespace")
    namespaces = tuple(dict.fromkeys(options.namespace)) or ((target.home,) if name else ())
    ladder = not options.all_namespaces
    wants = [
        Want(PODS, namespaces, name, _selectors(options), ladder),
        Want(POD_METRICS, namespaces, query=(("labelSelector", options.selector),) if options.selector else ()),
    ]
    answer = _read(target, wants, namespaces, err)
    if isinstance(answer.errors.get(PODS), NotFound) and name:
        raise Failure(f"there is no pod {name!r} in namespace {namespaces[0]!r}; -n looks in another one")
    _fail_on(answer, PODS)
    _notices(answer, (PODS, POD_METRICS), err)
    reader = answer.reader
    pods = tuple(sorted(reader.list(PODS).objects, key=pod_sort_key(reader, column, reverse), reverse=reverse))
    rows, now_s = pod_rows(reader, pods), reader.now_s()
    metrics: Metrics = metrics_of(reader, POD_METRICS)

    def document() -> Document:
        return documents.pods_document(reader.head, now_s, reader.state(PODS), metrics, rows)

    columns = pages.pod_columns(now_s, with_namespace=len(namespaces) != 1)
    _print(options.output, out, document, columns, rows, "pod", lambda row: row.pod.name)
    if not rows:
        where = f" in namespace {', '.join(namespaces)}" if namespaces else ""
        _say(f"no pods{' match' if _selectors(options) else ''}{where}", err)


def _selectors(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    given = (("labelSelector", options.selector), ("fieldSelector", options.field_selector))
    return tuple((key, value) for key, value in given if value)


def _print(
    output: str,
    out: TextIO,
    document: Callable[[], Document],
    columns: Sequence[Column[Row]],
    rows: Sequence[Row],
    singular: str,
    name: Callable[[Row], str],
) -> None:
    """Print the rows of a list in the form asked for."""
    if output in ("json", "yaml", "csv"):
        out.write(serialise(document(), cast(Form, output)))
    elif output == "name":
        out.writelines(f"{singular}/{clean(name(row))}\n" for row in rows)
    elif rows:
        out.write(table(columns, rows, wide=output == "wide"))


def _version(invocation: Invocation, target: Target, out: TextIO, _err: TextIO) -> None:
    """Ours is printed in any case, the server's where it answers."""
    server, error = None, None
    try:
        server = anyio.run(DirectLists(target.api).version)
    except ApiError as raised:
        error = raised
    if invocation.options.output:
        document = {"schema": documents.SCHEMA, "kind": "Version", "kite_tui": __version__, "server": target.server}
        out.write(serialise({**document, "version": server}, invocation.options.output))
    else:
        out.write(f"kite-tui {__version__}\n" + (f"server   {clean(server)} at {target.server}\n" if server else ""))
    if error:
        raise Failure(str(error)) from error
