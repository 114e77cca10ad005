"""Run one case and print its numbers. The process ends at once: a client's threads may wait for ever."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable

from benchmarks.cases import Numbers


def main() -> None:
    """`MODULE.FUNCTION ARGUMENT …`"""
    name, *arguments = sys.argv[1:]
    module, _, function = name.partition(".")
    case: Callable[..., Numbers] = getattr(importlib.import_module(f"benchmarks.cases.{module}"), function)
    print(json.dumps(case(*arguments)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
