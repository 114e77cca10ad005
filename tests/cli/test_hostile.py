"""Plain commands on a cluster that means harm: whatever they print acts on no terminal and in no spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from wcwidth import wcwidth

from kite_tui.cli import main
from kite_tui.demo.process import write_kubeconfig
from tests.cli.running import Done
from tests.hostile import ALWAYS, BELL, HARMFUL, HostileServer

FORMULA = tuple("=+-@\t\r")
TABLES = ("overview", "nodes", "nodes -o wide", "pods", "pods -o wide")
DOCUMENTS = ("overview", "nodes", "pods")


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with HostileServer() as server:
        yield write_kubeconfig(tmp_path_factory.mktemp("hostile") / "config", server.url)


def run(capsys: pytest.CaptureFixture[str], kubeconfig: Path, line: str) -> Done:
    capsys.readouterr()
    code = main([*line.split(), "--kubeconfig", str(kubeconfig)])
    return Done(*capsys.readouterr(), code)


def cells(line: str) -> str:
    """The line as a terminal has it: a character for each cell, marks that take none left out."""
    return "".join(each + " " * (wcwidth(each) - 1) for each in line if wcwidth(each) > 0)


@pytest.mark.parametrize("line", [*TABLES, *(f"{name} -o name" for name in ("nodes", "pods")), "version"])
def test_no_table_acts_on_a_terminal(kubeconfig: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    done = run(capsys, kubeconfig, line)
    assert done.code == 0
    assert BELL in done.out
    assert not HARMFUL.findall(done.out + done.err)
    assert "\t" not in done.out


@pytest.mark.parametrize(("line", "titles"), [("nodes", "STATUS ROLES VERSION AGE"), ("pods", "NAME STATUS NODE AGE")])
def test_columns_stay_straight(kubeconfig: Path, capsys: pytest.CaptureFixture[str], line: str, titles: str) -> None:
    header, *rows = map(cells, run(capsys, kubeconfig, line).out.splitlines())
    assert rows
    for at in (header.index(f" {title}") + 1 for title in titles.split()):
        for row in rows:
            assert row[at - 3 : at] == "   ", row
            assert row[at] != " ", row


@pytest.mark.parametrize("command", DOCUMENTS)
def test_documents_read_back_as_what_the_cluster_said(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    texts = [run(capsys, kubeconfig, f"{command} -o {form}").out for form in ("json", "yaml")]
    for text in texts:
        assert not HARMFUL.findall(text)
    documents: list[Any] = [json.loads(texts[0]), yaml.safe_load(texts[1])]
    for document in documents:
        found = document["problems"] if command == "overview" else document["items"]
        assert found
        assert all(ALWAYS in each["name"] for each in found if each.get("kind", "Node") == "Node")


@pytest.mark.parametrize("command", ["nodes", "pods"])
def test_no_cell_is_a_formula(kubeconfig: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    text = run(capsys, kubeconfig, f"{command} -o csv").out
    assert not HARMFUL.findall(text)
    lines = list(csv.reader(io.StringIO(text)))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert not [cell for line in lines for cell in line if cell.startswith(FORMULA) and not cell[1:].isdecimal()]
