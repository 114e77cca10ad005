"""The gate: what a machine lacks is skipped aloud, what does not build is a failure."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WITHOUT_GO = "bash sh cat cksum dirname mktemp rm tail ls nice mkdir sed"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The gate's script and the tools' sources, and a folder of the only programs there are."""
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "bin").mkdir()
    for program in WITHOUT_GO.split():
        found = shutil.which(program)
        assert found, program
        (tmp_path / "bin" / program).symlink_to(found)
    return tmp_path


def gate(checkout: Path, go: str = "", **env: str) -> tuple[int, str]:
    """Exit code and output, with a go that is this shell script."""
    if go:
        (checkout / "bin" / "go").write_text(f"#!/bin/sh\n{go}\n")
        (checkout / "bin" / "go").chmod(0o755)
    done = subprocess.run(
        [checkout / ".ci" / "real"],
        env={"PATH": str(checkout / "bin"), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_machine_without_go_is_skipped_aloud(checkout: Path) -> None:
    code, said = gate(checkout)
    assert code == 0
    assert "!! SKIPPED: go is not on this machine" in said


def test_modules_that_can_not_be_downloaded_are_skipped_aloud(checkout: Path) -> None:
    code, said = gate(checkout, "echo no network >&2; exit 1")
    assert code == 0
    assert "!! SKIPPED: the Go modules of oracle can't be downloaded" in said
    assert "no network" in said


def test_what_does_not_build_though_its_modules_are_there_fails_with_go_s_code(checkout: Path) -> None:
    code, said = gate(checkout, '[ "$1" = mod ] && exit 0; echo undefined: x >&2; exit 3')
    assert code == 3
    assert "SKIPPED" not in said
    assert "undefined: x" in said


def test_whoever_asks_for_it_skips_it(checkout: Path) -> None:
    assert "KITE_SKIP_REAL is set" in gate(checkout, KITE_SKIP_REAL="1")[1]
