"""The command line: what it means, and what it refuses."""

from __future__ import annotations

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
