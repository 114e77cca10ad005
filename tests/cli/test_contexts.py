"""`kite-tui contexts`: a list for people and for scripts, without a word to any server."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kite_tui.cli import main
from kite_tui.demo.server import DemoServer
from tests.cli.running import Done, Run, one_sentence

KUBECONFIG = {
    "current-context": "prod",
    "contexts": [
        {"name": "prod", "context": {"cluster": "c1", "user": "jane", "namespace": "shop"}},
        {"name": "[b]dev[/]", "context": {"cluster": "c1", "user": ""}},
        {"name": "gone", "context": {"cluster": "none", "user": "jane"}},
    ],
    "clusters": [{"name": "c1", "cluster": {"server": "https://prod.test:6443"}}],
    "users": [{"name": "jane", "user": {"token": "t"}}],
}


@pytest.fixture
def listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`contexts` with flags, on KUBECONFIG."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    (tmp_path / "config").write_text(yaml.safe_dump(KUBECONFIG))

    def run(*flags: str) -> Done:
        code = main(["contexts", *flags])
        return Done(*capsys.readouterr(), code)

    return run


def test_a_table_says_what_each_context_is_and_stderr_what_is_wrong_with_one(listing: Run) -> None:
    done = listing()
    assert [line.split() for line in done.out.splitlines()] == [
        ["CURRENT", "NAME", "CLUSTER", "SERVER", "USER", "NAMESPACE"],
        ["[b]dev[/]", "c1", "https://prod.test:6443", "-", "default"],
        ["gone", "none", "-", "jane", "-"],
        ["*", "prod", "c1", "https://prod.test:6443", "jane", "shop"],
    ]
    assert done.err.startswith("kite-tui: the context 'gone' names the cluster 'none', which is not there")
    assert done.code == 0


def test_names_alone_and_json_are_for_scripts(listing: Run) -> None:
    assert listing("-o", "name").out == "[b]dev[/]\ngone\nprod\n"
    document = listing("-o", "json", "--context", "[b]dev[/]").json
    dev, gone, prod = document["items"]
    assert (document["schema"], document["kind"]) == (1, "Contexts")
    assert list(dev) == ["name", "current", "cluster", "server", "user", "namespace", "state", "reason"]
    assert (dev["current"], prod["current"]) == (True, False)
    assert (dev["user"], dev["namespace"], dev["state"], dev["reason"]) == (None, "default", "ok", None)
    assert (gone["server"], gone["state"]) == (None, "failed")
    assert "which is not there" in gone["reason"]


@pytest.mark.parametrize(
    "flags",
    [("prod",), ("-n", "shop"), ("-A",), ("--as", "jane"), ("--server", "https://x"), ("-o", "csv"), ("-l", "a=b")],
    ids=" ".join,
)
def test_what_has_no_meaning_for_files_is_refused(listing: Run, flags: tuple[str, ...]) -> None:
    done = listing(*flags)
    assert one_sentence(done)
    assert done.code == 2


def test_no_contexts_is_said_and_a_file_that_is_missing_is_an_error(listing: Run, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    done = listing()
    assert (one_sentence(done), done.code) == ("the kubeconfig has no contexts", 0)
    done = listing("--kubeconfig", str(tmp_path / "none"))
    assert "does not exist: check --kubeconfig" in one_sentence(done)
    assert done.code == 1


def test_no_server_is_asked(run: Run, demo: DemoServer) -> None:
    done = run("contexts")
    assert demo.address in done.out
    assert not demo.requests
