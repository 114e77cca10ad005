"""Documents as JSON, YAML or CSV that is safe to print: no text of the cluster in them acts on a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from kite_tui.text.comma_separated import items_csv
from kite_tui.text.sanitise import is_harmful

Form = Literal["json", "yaml", "csv"]

BEYOND_ASCII = re.compile("[^\n -~]")
"""JSON itself escapes what is below a space."""


def serialise(document: Mapping[str, Any], form: Form) -> str:
    """The whole document, or as CSV its `items`. JSON and YAML read back as what was given: harmful characters are
    escaped there, in CSV, which has no escapes, they become marks."""
    if form == "csv":
        return items_csv(document["items"])
    return _json(document) if form == "json" else _yaml(document)


def _json(document: Mapping[str, Any]) -> str:
    return BEYOND_ASCII.sub(_escaped, json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1] if is_harmful(match[0]) else match[0]


def _yaml(document: Mapping[str, Any]) -> str:
    import yaml  # here, because only YAML needs it

    # libyaml's writer is ten times quicker, where PyYAML was built with it.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    def dumped(allow_unicode: bool) -> str:
        text: str = yaml.dump(
            document, Dumper=dumper, sort_keys=False, allow_unicode=allow_unicode, default_flow_style=False
        )
        return text

    text = dumped(True)
    # Only quoted strings have escapes, and YAML calls printable what turns text around: then all but ASCII is escaped.
    return dumped(False) if any(is_harmful(each) for each in set(BEYOND_ASCII.findall(text))) else text
