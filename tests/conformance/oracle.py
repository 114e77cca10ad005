"""The reference for effective requests and limits: upstream's own Go library, built by `make oracle`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.client import Manifest

PROGRAM = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "oracle"


@dataclass(frozen=True, slots=True)
class Effective:
    """A pod's sums by resource: cpu in millicores, everything else in its unit; `error` where it can't be read."""

    requests: dict[str, int]
    limits: dict[str, int]
    error: str = ""


def missing() -> str:
    """Why the oracle can't be asked; empty if it can."""
    return "" if os.access(PROGRAM, os.X_OK) else "no oracle in .tools/bin: run `make oracle` (needs go)"


def effective(pods: Iterable[Manifest]) -> list[Effective]:
    """Ask for many pods at once (10 000 a second); raises CalledProcessError when the program fails."""
    lines = "".join(json.dumps(pod) + "\n" for pod in pods)
    answer = subprocess.run([PROGRAM], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [
        Effective(made.get("requests", {}), made.get("limits", {}), made.get("error", ""))
        for made in map(json.loads, answer.splitlines())
    ]
