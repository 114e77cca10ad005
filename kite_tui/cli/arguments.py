"""The command line: kubectl's flags where kubectl has them, and the commands of the plain output.

Options may stand before and after the command, as kubectl takes them, so there is one parser for all; what an option
is good for is checked against the command afterwards.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kite_tui import __version__

SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
OUTPUTS = ("table", "wide", "json", "yaml", "name", "csv", "dot", "mermaid")
DIRECTIONS = ("owner", "owned", "uses", "used-by")
COMMANDS = {
    "overview": "overview",
    "nodes": "nodes",
    "node": "nodes",
    "no": "nodes",
    "pods": "pods",
    "pod": "pods",
    "po": "pods",
    "related": "related",
    "cache": "cache",
    "contexts": "contexts",
    "context": "contexts",
    "ctx": "contexts",
    "version": "version",
}
REAL_ONLY = (
    *("kubeconfig", "context", "cluster", "user", "server", "as_", "as_group", "as_uid", "certificate_authority"),
    *("client_certificate", "client_key", "tls_server_name", "insecure_skip_tls_verify"),
)
"""Options that choose or describe a real cluster."""
CHOOSING = ("kubeconfig", "context")
"""Those of them that say which contexts there are, and which of them is used."""
EPILOG = """\
commands:
  (none)            the app on the current context; the overview where there is no terminal
  overview          the cluster on one page
  nodes [NAME]      nodes with requests, limits, usage; one node with its pods
  pods [NAME]       pods with effective requests, limits, usage
  related KIND/NAME what an object hangs together with, and why (--depth, --direction)
  cache             what it costs the API server to follow the cluster, by following it
  contexts          the kubeconfig's contexts; asks no server
  version           kite-tui's version and the server's
  demo [COMMAND]    the same on a simulated cluster (--nodes, --pods, --seed, --rate)

exit codes: 0 fine, 1 the cluster or the object could not be had, 2 usage, 130 interrupted
"""


DEMO_PODS_PER_NODE = 40
"""How many pods a simulated node has where only --pods is given."""


TYPED = {"nodes": "node/", "pods": "pod/"}
"""What `-o name` prints before a name, and may stand there in an argument, too."""

IMPOSSIBLE = re.compile(r"[^!-~]|[/%,=?#\\]")
"""What no name of a node, a pod or a namespace contains, but would mean something in a path or a field selector."""


class UsageError(Exception):
    """The command line can't mean anything; exit code 2."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What `demo` was asked for."""

    nodes: int
    pods: int
    seed: int
    rate: float


@dataclass(frozen=True, slots=True)
class Invocation:
    """A checked command line. `command` is None for the app; `name` is the object asked for, empty for lists, and
    `kind` its kind as it was typed, where the command takes one."""

    command: str | None
    name: str
    demo: Demo | None
    options: argparse.Namespace
    kind: str = ""


def parser() -> argparse.ArgumentParser:
    """The parser of all options."""
    made = argparse.ArgumentParser(
        prog="kite-tui",
        usage="kite-tui [COMMAND [NAME]] [options]",
        description="See what runs in a Kubernetes cluster, with numbers that are right. Reads only, never writes.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("words", nargs="*", metavar="COMMAND", help=argparse.SUPPRESS)
    made.add_argument("--version", action="version", version=f"kite-tui {__version__}")

    shown = made.add_argument_group("what is shown")
    shown.add_argument("-n", "--namespace", action="append", default=[], metavar="NS", help="only this one; repeatable")
    shown.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces, or an error if forbidden")
    shown.add_argument("-l", "--selector", default="", help="label selector, such as app=web,tier!=cache")
    shown.add_argument("--field-selector", default="", help="field selector, such as spec.nodeName=NAME")
    shown.add_argument("--sort-by", default="", metavar="COLUMN", help="sort by a column; -COLUMN reverses")
    shown.add_argument("--depth", type=int, default=None, metavar="N", help="related: hops in every direction")
    shown.add_argument(
        "--direction", action="append", choices=DIRECTIONS, default=[], help="related: only this one; repeatable"
    )
    shown.add_argument("-o", "--output", choices=OUTPUTS, default="", help="how it is printed (default: table)")

    cluster = made.add_argument_group("which cluster, as kubectl")
    cluster.add_argument("--kubeconfig", default="", metavar="FILE", help="kubeconfig file (else KUBECONFIG)")
    cluster.add_argument("--context", default="", help="name of the kubeconfig's context")
    cluster.add_argument("--cluster", default="", help="name of the kubeconfig's cluster")
    cluster.add_argument("--user", default="", help="name of the kubeconfig's user")
    cluster.add_argument("-s", "--server", default="", metavar="URL", help="address of the API server")
    cluster.add_argument("--token", default="", help="bearer token")
    cluster.add_argument("--as", dest="as_", default="", metavar="USER", help="user to impersonate")
    cluster.add_argument("--as-group", action="append", default=[], metavar="GROUP", help="group to impersonate")
    cluster.add_argument("--as-uid", default="", metavar="UID", help="UID to impersonate")
    cluster.add_argument("--certificate-authority", default="", metavar="FILE", help="CA of the server's certificate")
    cluster.add_argument("--client-certificate", default="", metavar="FILE", help="client certificate")
    cluster.add_argument("--client-key", default="", metavar="FILE", help="key of the client certificate")
    cluster.add_argument("--tls-server-name", default="", metavar="NAME", help="name to check the certificate against")
    cluster.add_argument("--insecure-skip-tls-verify", action="store_true", help="trust any certificate (unsafe)")
    cluster.add_argument(
        "--request-timeout", default="", metavar="TIME", help="for one request: 30, 30s, 2m; 0 is none"
    )

    manner = made.add_argument_group("how it works")
    manner.add_argument("--no-cache", action="store_true", help="the app lists every 30 s instead of watching")
    manner.add_argument(
        "--metrics-port", type=int, default=None, metavar="N", help="the app serves Prometheus metrics on 127.0.0.1:N"
    )
    manner.add_argument("--log-file", default="", metavar="FILE", help="write a log there, with tokens blotted out")

    demo = made.add_argument_group("demo")
    demo.add_argument("--nodes", type=int, default=None, metavar="N", help="simulated nodes (12, or as the pods need)")
    demo.add_argument("--pods", type=int, default=None, metavar="N", help="its pods (500)")
    demo.add_argument("--seed", type=int, default=None, metavar="N", help="same seed, same cluster (1)")
    demo.add_argument("--rate", type=float, default=None, metavar="X", help="its changes a second (5)")
    return made


def parse(argv: Sequence[str]) -> Invocation:
    """Read and check a command line. Raises UsageError; argparse itself exits with 2 on what it refuses."""
    options = parser().parse_intermixed_args(_with_values(argv))
    words = list(options.words)
    is_demo = bool(words) and words[0] == "demo"
    demo = _demo(options, is_demo)
    if is_demo:
        del words[0]
    command = None
    if words:
        if words[0] not in COMMANDS:
            raise UsageError(
                f"there is no command {words[0]!r}; try overview, nodes, pods, related, cache, contexts, version, demo"
            )
        command = COMMANDS[words.pop(0)]
    kind = _take_kind(words) if command == "related" else ""
    name = words.pop(0).removeprefix(TYPED.get(command or "", "")) if words else ""
    if name == "" and len(options.words) > (2 if is_demo else 1):
        raise UsageError(f"the name after {command} is empty; leave it out for the list")
    if words:
        raise UsageError(f"{words[0]!r} is one word too many after {command} {name}")
    invocation = Invocation(command, name, demo, options, kind)
    _check(invocation)
    return invocation


def _take_kind(words: list[str]) -> str:
    """The kind of KIND/NAME or KIND NAME, with the name left in `words`."""
    if words and "/" in words[0]:
        kind, _, words[0] = words[0].partition("/")
    else:
        kind = words.pop(0) if words else ""
    if not kind or not words or not words[0]:
        raise UsageError("related needs an object: related deployment/cart, or related cm cart-config -n shop")
    return kind


def _with_values(argv: Sequence[str]) -> list[str]:
    """`--sort-by -cpu` as `--sort-by=-cpu`: argparse would take the column for another option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] == "--sort-by":
            joined[-1] = f"--sort-by={word}"
        else:
            joined.append(word)
    return joined


def _demo(options: argparse.Namespace, is_demo: bool) -> Demo | None:
    given = [flag for flag in ("nodes", "pods", "seed", "rate") if getattr(options, flag) is not None]
    if not is_demo:
        if given:
            raise UsageError(f"--{given[0]} belongs to the simulated cluster: kite-tui demo --{given[0]} …")
        return None
    for flag in REAL_ONLY:
        if getattr(options, flag):
            name = flag.rstrip("_").replace("_", "-")
            raise UsageError(f"--{name} is for a real cluster, and demo simulates one; leave one of them out")
    pods = 500 if options.pods is None else options.pods
    return Demo(
        nodes=max(12, pods // DEMO_PODS_PER_NODE) if options.nodes is None else options.nodes,
        pods=pods,
        seed=1 if options.seed is None else options.seed,
        rate=5.0 if options.rate is None else options.rate,
    )


def _check(invocation: Invocation) -> None:
    """Refuse options that the command can't honour, rather than ignore them."""
    options, command, name = invocation.options, invocation.command, invocation.name
    if name and command not in ("nodes", "pods", "related"):
        raise UsageError(f"{command} takes no name, but {name!r} was given")
    if options.namespace and options.all_namespaces:
        raise UsageError("-n and -A contradict each other; leave one of them out")
    if command is None and options.output:
        raise UsageError("-o needs a command: overview, nodes, pods, related, cache, contexts or version")
    lists = command in ("nodes", "pods") and not name
    for flag in ("selector", "field_selector", "sort_by"):
        if getattr(options, flag) and not lists:
            raise UsageError(f"--{flag.replace('_', '-')} is for lists of nodes or pods")
    if command in ("overview", "cache") and options.output in ("name", "csv", "wide"):
        raise UsageError(f"-o {options.output} is for nodes and pods; {command} prints table, json or yaml")
    if command == "cache" and options.no_cache:
        raise UsageError("cache is about what --no-cache leaves out; leave one of them out")
    if options.metrics_port is not None:
        _check_metrics(command, options.metrics_port)
    if command == "version" and options.output not in ("", "json", "yaml"):
        raise UsageError(f"-o {options.output} is for nodes and pods; version prints json or yaml")
    _check_related(invocation)
    if command == "contexts":
        _check_contexts(options)
    if command in ("pods", "related") and name and len(options.namespace) > 1:
        raise UsageError("a NAME is looked up in one namespace; give -n once")
    if command in ("pods", "related") and name and options.all_namespaces:
        raise UsageError("a NAME is looked up in one namespace, so -A has no meaning; use -n")
    if "" in options.namespace:
        raise UsageError("-n needs the name of a namespace")
    for given, what in ((name, "name"), *((each, "namespace") for each in options.namespace)):
        if given in (".", "..") or IMPOSSIBLE.search(given):
            raise UsageError(f"nothing in a cluster can have the {what} {given!r}")
    if options.selector:
        from kite_tui.objects.selectors import InvalidSelector, parse_selector  # --help has no use for them

        try:
            parse_selector(options.selector)
        except InvalidSelector as error:
            raise UsageError(f"-l: {error}") from error
    options.request_timeout_s = request_timeout_s(options.request_timeout)


def _check_related(invocation: Invocation) -> None:
    """What only `related` has, and what it has not."""
    options = invocation.options
    if invocation.command == "related":
        if options.output in ("wide", "csv"):
            raise UsageError(f"-o {options.output} is for nodes and pods; related prints {_RELATED_OUTPUTS}")
        if options.depth is not None and options.depth < 1:
            raise UsageError(f"--depth {options.depth} shows nothing; give 1 or more")
        return
    if options.output in ("dot", "mermaid"):
        raise UsageError(f"-o {options.output} is for related")
    if options.depth is not None or options.direction:
        raise UsageError(f"--{'direction' if options.direction else 'depth'} is for related")


def _check_metrics(command: str | None, port: int) -> None:
    """Metrics are served for as long as the app runs."""
    if command is not None:
        raise UsageError(f"--metrics-port is for the app, which runs on; {command} prints once and exits")
    if not 0 < port < 1 << 16:
        raise UsageError(f"--metrics-port {port} is no port; give one between 1 and 65535")


def _check_contexts(options: argparse.Namespace) -> None:
    """Which contexts there are is a matter of files alone."""
    if options.output not in ("", "table", "name", "json", "yaml"):
        raise UsageError(f"-o {options.output} is not for contexts, which prints table, name, json or yaml")
    for flag in ("namespace", "all_namespaces", "token", *(flag for flag in REAL_ONLY if flag not in CHOOSING)):
        if getattr(options, flag):
            raise UsageError(
                f"--{flag.rstrip('_').replace('_', '-')} has no meaning for contexts, which asks no server"
            )


_RELATED_OUTPUTS = "table, json, yaml, name, dot or mermaid"


def request_timeout_s(text: str) -> float | None:
    """Seconds of `--request-timeout`: a number, or Go's durations (30s, 2m, 1h30m); None for 0, which is no limit."""
    if not text:
        return None
    if re.fullmatch(r"\d+", text):
        return float(text) or None
    parts = re.findall(r"(\d+(?:\.\d*)?|\.\d+)(ms|[hms])", text)
    if "".join(number + unit for number, unit in parts) != text:
        raise UsageError(f"--request-timeout {text!r} is no duration; try 30, 30s or 2m")
    return sum(float(number) * SECONDS[unit] for number, unit in parts) or None
