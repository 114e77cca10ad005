"""The arrows of the house point down, and what must be light stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kite_tui

PACKAGE = Path(kite_tui.__file__).parent

FLOORS: dict[str, frozenset[str]] = {
    "settings": frozenset(),
    "text": frozenset(),
    "objects": frozenset({"text"}),
    "kube": frozenset({"objects", "text"}),
    "cache": frozenset({"kube", "objects", "text"}),
    "queries": frozenset({"objects", "text"}),
    "session": frozenset({"queries", "cache", "kube", "objects", "text", "settings", "demo"}),
    "widgets": frozenset({"objects", "text"}),
    "screens": frozenset({"widgets", "session", "queries", "objects", "text"}),
    "life": frozenset({"screens", "widgets", "session", "objects"}),
    "app": frozenset({"life", "screens", "widgets", "session", "queries", "objects", "text", "settings"}),
    "running": frozenset({"app", "session", "widgets"}),
    "cli": frozenset({"running", "session", "queries", "kube", "objects", "text", "settings", "demo"}),
    "demo": frozenset({"objects"}),
    "__main__": frozenset({"cli"}),
    "__init__": frozenset(),
}
"""What each floor may import, itself and the package's root apart."""

OUTSIDE: dict[str, frozenset[str]] = {
    "kubernetes": frozenset(),  # the official client would load for 0.4 s and take 21 MB
    "urllib3": frozenset({"kube"}),
    "yaml": frozenset({"kube", "text", "screens"}),
    "textual": frozenset({"widgets", "screens", "life", "app", "running"}),
    "rich": frozenset({"widgets", "screens", "app"}),
}
"""Libraries that only some floors may touch."""


def floor(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
            if node.module == "kite_tui":
                found.update(f"kite_tui.{alias.name}" for alias in node.names)
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_floors_below_its_own(path: Path) -> None:
    here = floor(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "kite_tui" and len(parts) > 1 and parts[1] not in ("__version__", here):
            assert parts[1] in FLOORS[here], f"{path} imports {name}"
        if parts[0] in OUTSIDE:
            assert here in OUTSIDE[parts[0]], f"{path} imports {name}"


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_load_neither_textual_nor_kubernetes(flag: str) -> None:
    script = (
        "import sys, contextlib, io\n"
        "from kite_tui.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main(['{flag}'])\n"
        "heavy = {'textual', 'kubernetes', 'urllib3', 'rich', 'msgspec', 'anyio', 'yaml'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_modules_stay_one_idea_long() -> None:
    long = {str(path.relative_to(PACKAGE)): n for path in MODULES if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}
