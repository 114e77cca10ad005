"""A cluster that means harm: every text of every object, whatever its kind, has something in it that a screen, a table
or a spreadsheet might act on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from zlib import crc32

from kite_tui.demo.answers import Answer, Refused
from kite_tui.demo.generate import generate
from kite_tui.demo.listoptions import Query
from kite_tui.demo.metrics import Metrics
from kite_tui.demo.options import DemoOptions
from kite_tui.demo.server import DemoServer
from kite_tui.demo.watches import Watch

Json = dict[str, Any]

BELL, LINKED = "[@click=app.bell]", "\u00a4"
"""Where a text is read as markup, a click on `LINKED` rings, which the app never does, and `BELL` is not seen."""

ALWAYS = f"\x1b[31m\x9b2J{BELL}{LINKED}[/]\u202e\n"

FORMULA = "=HYPERLINK(0)"
"""The only one that stands before a text: there spreadsheets would run it."""

STRINGS = (
    "\x1b[31m\x1b[2J\x1b[9;9H",  # colour, erase, move
    "\x1b]0;owned\x07",  # the window's title
    "\x1b]8;;http://evil.test\x1b\\x\x1b]8;;\x1b\\",  # a link
    "\x1b]52;c;b3duZWQ=\x07",  # the clipboard
    "\x1bP$q q\x1b\\\x1b_Gi=1\x1b\\\x1bc",  # DCS, APC, a reset
    "\x9b31m\x9d0;owned\x9c\x90q\x9c\x85",  # the same in C1
    "\u202egnp.\u202d\u2066x\u2069\u061c\u200e\u200f",  # bidi overrides, isolates, marks
    "a\u200bb\u200d\u2060c\ufeffd\u00ade\u3164\u034f",  # zero width, and what is drawn as nothing
    "e" + "\u0301\u0353\u0489" * 40,  # a storm of accents
    "\u6771\u4eac\uff21\u1f600 \u00b7\u2026\u2588",  # wide and ambiguous
    "[/x][b]\\[[link=http://evil.test]y[/]",  # more markup
    "a\r\nb\tc\x0b\x0c\x7f\x00",  # line breaks and other C0
    "\u2028\u2029\ue000\U000e0041\ufff9",  # separators, private use, tags
    FORMULA,
    "\"'<script>]]>&amp;{{x}}`$(x)`%s",
    "x" * 10_000,
)

HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ue000-\uf8ff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""What no output may hold but for what the app itself says; tab and newline apart."""

_WORDS = frozenset(
    ("apiVersion", "kind", "phase", "status", "type", "resourceVersion", "continue", "restartPolicy", "effect")
)
_NUMBERS = frozenset(("requests", "limits", "capacity", "allocatable", "usage", "overhead", "allocatedResources"))
_NAMED = frozenset(("labels", "annotations", "matchLabels", "nodeSelector"))
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

Keeps = Callable[[str, str, str], bool]
"""Whether a text stays as it is: the key above its own, its own key, the text."""


def hostile(text: str) -> str:
    """The text with harm about it: the same text always with the same, so that names go on naming each other."""
    harm = STRINGS[crc32(text.encode()) % len(STRINGS)]
    return harm + text + ALWAYS if harm == FORMULA else text + ALWAYS + harm


def planted(value: Any, keeps: Keeps, key: str = "", above: str = "") -> Any:
    """Every text in `value` made hostile but what `keeps` says; so are names that are data, and there is one more
    resource wherever amounts are."""
    if isinstance(value, dict):
        made = {
            hostile(name) if key in _NAMED else name: planted(each, keeps, name, key) for name, each in value.items()
        }
        return {**made, hostile(f"evil.test/{key}"): "1"} if key in _NUMBERS and value else made
    if isinstance(value, list):
        return [planted(each, keeps, key, above) for each in value]
    return hostile(value) if isinstance(value, str) and not keeps(above, key, value) else value


def _is_word(above: str, key: str, text: str) -> bool:
    is_kind_of_owner = key == "kind" and above == "ownerReferences"
    return (key in _WORDS and not is_kind_of_owner) or above in _NUMBERS or bool(_TIME.fullmatch(text))


def believable(document: Json) -> Json:
    """All texts but those that say what an object is and how it does: it is still shown for what it was."""
    made: Json = planted(document, _is_word)
    return made


def wild(document: Json) -> Json:
    """All texts without exception, also where the API allows only a few words, a time or a quantity."""
    made: Json = planted(document, lambda *_: False)
    return made


_PLANTED = re.compile("|".join(map(re.escape, sorted({FORMULA, ALWAYS, *STRINGS}, key=len, reverse=True))))


class HostileServer(DemoServer):
    """The simulated cluster, every second object of every list believable, the others wild. Errors mean harm, too."""

    def __init__(self, *, nodes: int = 4, pods: int = 100) -> None:
        cluster = generate(DemoOptions(nodes=nodes, pods=pods, seed=3, rate=0), time.time)
        super().__init__(cluster.world, metrics=Metrics(cluster))

    def answer(
        self, method: str, path: str, query: Query, accept: str, authorization: str, body: bytes
    ) -> Answer | Watch:
        """What the simulated cluster says of that, with harm planted in it."""
        path = _PLANTED.sub("", path)
        query = {name: _PLANTED.sub("", value.replace("\\", "")) for name, value in query.items()}
        try:
            answer = super().answer(method, path, query, accept, authorization, body)
        except Refused as refused:
            raise Refused(_harmed(refused.answer)) from refused
        return answer if isinstance(answer, Watch) else _harmed(answer)


def _harmed(answer: Answer) -> Answer:
    document = json.loads(answer.body)
    if "items" in document:
        items = [(wild if at % 2 else believable)(item) for at, item in enumerate(document["items"])]
        document = {**document, "items": items}
    elif document.get("kind") == "Status":
        document = {**document, "message": hostile(document["message"])}
    else:
        document = believable(document)
    return Answer(answer.status, json.dumps(document).encode(), answer.content_type, answer.headers)
