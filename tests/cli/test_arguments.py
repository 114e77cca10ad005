"""The command line: what it means, and what it refuses."""

from __future__ import annotations

import re

import pytest

from kite_tui.cli.arguments import Demo, UsageError, parse, request_timeout_s


@pytest.mark.parametrize(
    ("line", "command", "name"),
    [
        ("", None, ""),
        ("overview", "overview", ""),
        ("nodes", "nodes", ""),
        ("no n1", "nodes", "n1"),
        ("node n1", "nodes", "n1"),
        ("-n shop pods", "pods", ""),
        ("pods -n shop web-1", "pods", "web-1"),
        ("po", "pods", ""),
        ("version -o json", "version", ""),
        ("cache -o yaml -n shop", "cache", ""),
        ("--metrics-port 9100", None, ""),
        ("pods -l app=web,tier!=cache --field-selector spec.nodeName=n1 --sort-by -cpu", "pods", ""),
    ],
)
def test_commands_have_their_short_names_and_options_stand_anywhere(line: str, command: str | None, name: str) -> None:
    found = parse(line.split())
    assert (found.command, found.name, found.demo) == (command, name, None)


def test_namespaces_add_up() -> None:
    assert parse(["pods", "-n", "a", "--namespace", "b"]).options.namespace == ["a", "b"]


def test_the_demo_has_its_defaults_and_its_sizes() -> None:
    assert parse(["demo"]).demo == Demo(12, 500, 1, 5.0)
    found = parse(["demo", "--nodes", "3", "pods", "--pods", "20", "--seed", "4", "--rate", "0", "-o", "json"])
    assert (found.command, found.demo) == ("pods", Demo(3, 20, 4, 0.0))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("frobnicate", "there is no command 'frobnicate'"),
        ("pods a b", "one word too many"),
        ("overview x", "overview takes no name"),
        ("pods -n a -A", "-n and -A contradict each other"),
        ("pods web -n a -n b", "give -n once"),
        ("pods web -A", "use -n"),
        ("-o json", "-o needs a command"),
        ("overview -l app=x", "--selector is for lists"),
        ("overview --field-selector a=b", "--field-selector is for lists"),
        ("overview --sort-by name", "--sort-by is for lists"),
        ("pods web -l app=x", "--selector is for lists"),
        ("nodes n1 --sort-by name", "--sort-by is for lists"),
        ("-l app=x", "--selector is for lists"),
        ("overview -o name", "-o name is for nodes and pods"),
        ("overview -o csv", "-o csv is for nodes and pods"),
        ("version -o wide", "-o wide is for nodes and pods"),
        ("cache -o csv", "cache prints table, json or yaml"),
        ("cache pods", "cache takes no name"),
        ("cache --no-cache", "leave one of them out"),
        ("cache --sort-by name", "--sort-by is for lists"),
        ("pods --metrics-port 9100", "--metrics-port is for the app"),
        ("--metrics-port 0", "0 is no port"),
        ("--metrics-port 70000", "70000 is no port"),
        ("pods -l a===b", "-l: "),
        ("pods --nodes 3", "--nodes belongs to the simulated cluster"),
        ("demo --context x", "--context is for a real cluster"),
        ("demo --as x", "--as is for a real cluster"),
        ("demo --insecure-skip-tls-verify", "--insecure-skip-tls-verify is for a real cluster"),
        ("pods ..", "nothing in a cluster can have the name '..'"),
        ("nodes .", "nothing in a cluster can have the name '.'"),
        ("pods a/b", "can have the name 'a/b'"),
        ("pods x?y", "can have the name"),
        ("pods 50%", "can have the name"),
        ("nodes a,metadata.name=b", "can have the name"),
        ("pods -n ../../../version", "can have the namespace"),
        ("overview -n a -n ..", "can have the namespace '..'"),
        ("pods --request-timeout 5x", "is no duration"),
        ("pods --request-timeout -5", "is no duration"),
    ],
)
def test_what_means_nothing_is_refused(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        parse(line.split())


@pytest.mark.parametrize("argv", [["pods", ""], ["nodes", ""], ["demo", "pods", ""]])
def test_an_empty_name_is_not_the_whole_list(argv: list[str]) -> None:
    with pytest.raises(UsageError, match="is empty"):
        parse(argv)


@pytest.mark.parametrize("name", ["a b", "a\n", "a\x1b[2J", "\u202ea", " "])
def test_a_name_with_spaces_or_controls_is_refused(name: str) -> None:
    for argv in (["pods", name], ["pods", "-n", name]):
        with pytest.raises(UsageError, match="nothing in a cluster can have"):
            parse(argv)


def test_an_empty_namespace_is_none() -> None:
    with pytest.raises(UsageError, match="-n needs the name"):
        parse(["pods", "-n", ""])


@pytest.mark.parametrize("line", ["pods -o xml", "--frob", "pods --nodes many", "pods -o", "--kube x"])
def test_what_argparse_refuses_exits_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(line.split())
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("0", None),
        ("0s", None),
        ("30", 30),
        ("30s", 30),
        ("2m", 120),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5h", 5400),
    ],
)
def test_durations_are_go_s(text: str, seconds: float | None) -> None:
    assert request_timeout_s(text) == seconds


# -- related ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("related deployment/web", "deployment", "web"),
        ("related deployment web", "deployment", "web"),
        ("related deployments.v1.apps/web -n shop", "deployments.v1.apps", "web"),
        ("related -n shop cm settings -o json", "cm", "settings"),
        ("demo related deploy/web --pods 50", "deploy", "web"),
        (
            "related crd/widgets.example.test --depth 3 --direction uses --direction owned",
            "crd",
            "widgets.example.test",
        ),
        ("related clusterrole system:node", "clusterrole", "system:node"),
    ],
)
def test_an_object_is_a_kind_and_a_name(line: str, kind: str, name: str) -> None:
    found = parse(line.split())
    assert (found.command, found.kind, found.name) == ("related", kind, name)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("related", "related needs an object: related deployment/cart"),
        ("related deployment", "related needs an object"),
        ("related deployment/", "related needs an object"),
        ("related /web", "related needs an object"),
        ("related /", "related needs an object"),
        ("related deployment web more", "one word too many"),
        ("related deployment/web more", "one word too many"),
        ("related deployment/web/more", "can have the name 'web/more'"),
        ("related deployment ..", "can have the name '..'"),
        ("related pod a%2fb", "can have the name"),
        ("related deployment/web -n a -n b", "give -n once"),
        ("related deployment/web -A", "use -n"),
        ("related deployment/web -n a -A", "contradict each other"),
        ("related deployment/web -l app=web", "--selector is for lists"),
        ("related deployment/web --sort-by name", "--sort-by is for lists"),
        ("related deployment/web --field-selector a=b", "--field-selector is for lists"),
        ("related deployment/web -o csv", "related prints table, json, yaml, name, dot or mermaid"),
        ("related deployment/web -o wide", "related prints table"),
        ("related deployment/web --depth 0", "--depth 0 shows nothing"),
        ("related deployment/web --depth -1", "--depth -1 shows nothing"),
        ("pods -o dot", "-o dot is for related"),
        ("overview -o mermaid", "-o mermaid is for related"),
        ("pods --depth 2", "--depth is for related"),
        ("nodes --direction uses", "--direction is for related"),
    ],
)
def test_what_means_nothing_of_relations_is_refused(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse(line.split())


@pytest.mark.parametrize("argv", [["related", "pod", ""], ["related", "", "web"], ["related", ""]])
def test_empty_words_name_nothing(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(argv)


@pytest.mark.parametrize("line", ["related pod/a --direction sideways", "related pod/a --depth far"])
def test_a_direction_or_depth_that_is_none_exits_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(line.split())
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
