"""What can be typed after `:`: each word and alias, what it goes on with, and what is said of one that is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest

from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, NAMESPACES, NODE_METRICS, NODES, PODS, SERVICES, Kind
from kite_tui.objects.served import Served
from kite_tui.objects.states import Forbidden, Off, Syncing
from kite_tui.queries.vertices import Vertex
from kite_tui.screens.commands import COMMANDS, Commands
from kite_tui.screens.host import Host
from kite_tui.screens.naming import MOST, NotYet, Refused, beginning
from kite_tui.session.contexts import Context
from tests.screens import scene
from tests.screens.cluster import FakeSession, FakeSource

CONFIG_MAPS: Kind[Any] = Kind("", "v1", "ConfigMap", "configmaps", "configmap", True, ("cm",))
QUOTAS: Kind[Any] = Kind("example.com", "v1", "Quota", "quotas", "quota", False, ("qu",))
OTHER_PODS: Kind[Any] = Kind("example.com", "v1", "Pod", "pods", "pod", True)
SERVED = (PODS, NODES, NAMESPACES, SERVICES, EVENTS, DEPLOYMENTS, NODE_METRICS, CONFIG_MAPS, QUOTAS, OTHER_PODS)


class RecordingHost:
    """Keeps what it is asked to do, as (what, with what)."""

    def __init__(self) -> None:
        self.namespaces: tuple[str, ...] = ()
        self.contexts: tuple[Context, ...] = ()
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: self.asked.append((name, *arguments, *options.values()))


@pytest.fixture
def host() -> RecordingHost:
    return RecordingHost()


@pytest.fixture
def commands(session: FakeSession, host: RecordingHost) -> Commands:
    """Over the small cluster, which has said what it serves."""
    session.reader.served = Served(SERVED)
    return Commands(session, cast(Host, host))


def words(commands: Commands, text: str) -> list[str]:
    """The whole texts that a text may become."""
    completion = commands.complete(text)
    return [text[: completion.start] + word for word in completion.words]


def vertex(kind: Kind[Any], namespace: str, name: str) -> tuple[Any, ...]:
    return ("show_related", Vertex(kind.group, kind.kind, namespace, name, kind), "")


# -- what each word comes to ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (("overview", "pulse", " Overview "), [("action_go", "overview")]),
        (("nodes", "no", "node", "NO"), [("action_go", "nodes")]),
        (("nodes ip-10", "no ip-10", "no /ip-10"), [("show_nodes", "ip-10")]),
        (("pods", "po", "pod"), [("action_go", "pods")]),
        (("po web", "pods /web", "pod  web"), [("show_pods", "web")]),
        (("po -l app=web",), [("show_pods", "-l app=web")]),
        (("po shop",), [("choose_namespaces", ("shop",)), ("show_pods", "")]),
        (("po /shop",), [("show_pods", "shop")]),
        (("po all",), [("choose_namespaces", ()), ("show_pods", "")]),
        (("ns", "namespace", "namespaces"), [("action_namespaces",)]),
        (("ns shop data", "ns shop,data", "ns shop data shop"), [("choose_namespaces", ("shop", "data"))]),
        (("ns all",), [("action_all_namespaces",)]),
        (("ctx", "context", "contexts"), [("choose_context",)]),
        (("ctx prod eu",), [("switch_context", "prod eu")]),
        (("cache",), [("action_go", "cache")]),
        (("help", "h", "?"), [("action_help",)]),
        (("q", "quit", "exit", "q!"), [("leave",)]),
        (("related", "xray"), [("action_go", "related")]),
        (
            (
                "deploy",
                "deployments",
                "Deployment",
                "deployments.apps",
                "deployment.v1.apps",
                "related deploy",
                "xray deploy",
            ),
            [("show_kind", DEPLOYMENTS)],
        ),
        (("svc",), [("show_kind", SERVICES)]),
        (("qu", "quotas.example.com"), [("show_kind", QUOTAS)]),
        (
            ("deploy cart", "deploy/cart", "deploy shop/cart", "deploy/shop/cart", "related deploy/cart"),
            [vertex(DEPLOYMENTS, "shop", "cart")],
        ),
        (("pods/query-0", "related po query-0"), [vertex(PODS, "search", "query-0")]),
        (("ns/shop", "related ns shop"), [vertex(NAMESPACES, "", "shop")]),
        (("", "  "), []),
    ],
)
def test_each_word_and_alias_does_what_it_says(
    commands: Commands, host: RecordingHost, typed: tuple[str, ...], asked: list[Any]
) -> None:
    for text in typed:
        host.asked.clear()
        commands.read(text)()
        assert host.asked == asked, text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("depoy", "no such command or kind; near it: deploy"),
        ("xyzzy", "no such command or kind"),
        ("related depoy/x", "no such kind; near it: deploy"),
        ("events", "events are not among what Related shows"),
        ("deploy crt", "no such deployment; near it: cart"),
        ("deploy data/cart", "no such deployment in data; near it: cart"),
        ("deploy a b", "'a b' names no deployment; type NAME or NAMESPACE/NAME"),
        ("node/a/b", "'a/b' names no node; type NAME"),
        ("ns shpo", "no namespace 'shpo'; near it: shop"),
        ("q now", ":q stands alone; 'now' is too much"),
        ("po\x1b[31m", "no such command or kind"),
    ],
)
def test_what_means_nothing_is_one_sentence_that_says_what_is_near(
    commands: Commands, host: RecordingHost, typed: str, sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        commands.read(typed)
    assert str(refused.value).startswith(sentence)
    assert host.asked == []


def test_an_unknown_context_is_said_where_the_contexts_are_known(commands: Commands, host: RecordingHost) -> None:
    host.contexts = (context("prod eu"), context("dev"))
    with pytest.raises(Refused, match="no such context; near it: prod eu"):
        commands.read("ctx prud eu")
    commands.read("ctx prod eu")()
    assert host.asked == [("switch_context", "prod eu")]


def context(name: str) -> Context:
    return Context(name, name, "https://x.test", "", "default")


def test_a_name_that_several_have_needs_its_namespace_unless_only_one_is_shown(
    commands: Commands, host: RecordingHost, source: FakeSource
) -> None:
    source.put(PODS, scene.pod("query-0", "data"))
    with pytest.raises(Refused, match="2 pods are called query-0; say which: data/query-0, …"):
        commands.read("pods/query-0")
    host.namespaces = ("search", "shop")
    commands.read("pods/query-0")()
    assert host.asked == [vertex(PODS, "search", "query-0")]


def test_what_is_not_read_may_be_asked_for_in_the_namespace_shown_else_at_home(
    commands: Commands, host: RecordingHost, source: FakeSource
) -> None:
    source.become(Off(), CONFIG_MAPS)
    commands.read("cm settings")()
    host.namespaces = ("data",)
    commands.read("cm settings")()
    commands.read("cm search/settings")()
    assert host.asked == [vertex(CONFIG_MAPS, namespace, "settings") for namespace in ("shop", "data", "search")]


def test_a_namespace_may_be_any_where_they_can_not_be_listed(
    commands: Commands, host: RecordingHost, source: FakeSource
) -> None:
    source.become(Forbidden("list", ""), NAMESPACES)
    commands.read("ns hidden")()
    assert host.asked == [("choose_namespaces", ("hidden",))]


def test_a_kind_is_waited_for_until_the_server_has_said_what_it_serves(session: FakeSession) -> None:
    commands = Commands(session, cast(Host, RecordingHost()))
    with pytest.raises(NotYet, match="asking what the server serves"):
        commands.read("cm")
    assert commands.complete("cm").notice == "asking what the server serves…"
    session.reader.served = Served(SERVED)
    commands.read("cm")
    assert words(commands, "cm") == ["cm"]


# -- completing -----------------------------------------------------------------------------------------------------


def test_one_word_completes_each_command_and_kind_the_commands_first(commands: Commands) -> None:
    assert words(commands, "n") == ["nodes", "ns"]
    assert words(commands, "po") == ["pods", "pods.example.com"]
    assert words(commands, "cm") == ["cm"]
    assert words(commands, "con") == ["context", "configmaps"]
    assert words(commands, "CON") == ["context", "configmaps"]
    assert words(commands, "")[:4] == ["overview", "nodes", "pods", "related"]
    assert "events" not in words(commands, "e")
    assert commands.complete("depoy") == (0, [], True, "no such command or kind; near it: deploy")


def test_namespaces_pods_nodes_and_contexts_are_completed_behind_their_command(
    commands: Commands, host: RecordingHost
) -> None:
    host.contexts = (context("prod eu"), context("prod us"), context("dev"))
    assert words(commands, "po s") == ["po search", "po shop"]
    assert words(commands, "po q") == ["po query-0", "po query-1"]
    assert words(commands, "po /q") == []
    assert words(commands, "no ip-10-0-1") == [f"no ip-10-0-{rest}" for rest in ("126-197", "13-123", "190-35")]
    assert words(commands, "ns s") == ["ns search", "ns shop"]
    assert words(commands, "ns shop s") == ["ns shop search"]
    assert words(commands, "ns shop,s") == ["ns shop,search"]
    assert "ns all" in words(commands, "ns ")
    assert words(commands, "ctx pro") == ["ctx prod eu", "ctx prod us"]
    assert words(commands, "ctx  prod e") == ["ctx  prod eu"]
    assert commands.complete("ctx x").notice == "no such context"
    assert commands.complete("ns x").notice == "no namespace 'x'"


def test_objects_are_completed_behind_their_kind_also_with_their_namespace(
    commands: Commands, host: RecordingHost
) -> None:
    assert words(commands, "deploy/c") == ["deploy/cart"]
    assert words(commands, "deploy w") == ["deploy web"]
    assert words(commands, "related dep") == ["related deployments"]
    assert words(commands, "related deploy/") == ["related deploy/cart", "related deploy/web"]
    assert words(commands, "related svc l") == ["related svc legacy"]
    assert words(commands, "pods/search/") == ["pods/search/query-0", "pods/search/query-1"]
    host.namespaces = ("data",)
    assert words(commands, "deploy ") == []


def test_a_kind_that_nobody_reads_is_read_while_its_names_are_completed_and_not_longer(
    commands: Commands, source: FakeSource
) -> None:
    source.become(Off(), CONFIG_MAPS)
    assert commands.complete("cm ").notice == "reading configmaps…"
    assert source.needed == {CONFIG_MAPS}
    source.become(Syncing(), CONFIG_MAPS)
    assert commands.complete("cm ").notice == "reading configmaps…"
    source.become(Forbidden("list", ""), CONFIG_MAPS)
    assert commands.complete("cm ").notice == "configmaps can't be read"
    commands.close()
    assert source.needed == set()


def test_of_many_names_a_few_hundred_are_offered_and_what_they_have_in_common_is_what_all_have() -> None:
    many: Iterable[str] = [f"web-{number:05}" for number in range(5_000)] + ["wb"]
    found = beginning("w", many)
    assert len(found) == MOST + 1
    assert (found[0], found[-1]) == ("wb", "web-04999")
    assert beginning("web-049", many)[0] == "web-04900"
    assert beginning("w", [f"w{n}" for n in range(400)] + ["wzz"])[-1] == "wzz"
    very_many = beginning("", [f"web-{number:05}" for number in range(20_000)] + ["wb"])
    assert len(very_many) <= MOST + 2
    assert (very_many[0], very_many[-1]) == ("wb", "web-19999")


def test_a_name_that_could_act_on_a_terminal_is_not_completed_to(commands: Commands, source: FakeSource) -> None:
    source.put(PODS, scene.pod("evil\x1b[31m", "shop"), scene.pod("evil-[b]x[/]", "shop"))
    assert words(commands, "po evil") == ["po evil-[b]x[/]"]


def test_every_command_is_told_of_in_help() -> None:
    from kite_tui.screens.help import GROUPS

    told = " ".join(key for group in GROUPS for key, _ in group.keys)
    for command in COMMANDS:
        assert f":{command.names[0]}" in told
