from __future__ import annotations

from collections.abc import Mapping

import pytest

from kite_tui.demo.selectors import BadSelector, selector


class Thing:
    def __init__(self, labels: Mapping[str, str], fields: Mapping[str, str]) -> None:
        self.labels = labels
        self._fields = fields

    def field(self, path: str) -> str:
        return self._fields.get(path, "")


THING = Thing(
    {"app": "web", "tier": "front", "rev": "12", "empty": ""}, {"metadata.name": "a", "status.phase": "Running"}
)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app", True),
        ("!app", False),
        ("!missing", True),
        ("app=web", True),
        ("app==web", True),
        ("app = web , tier=front", True),
        ("app!=web", False),
        ("missing!=web", True),
        ("app in (web, api)", True),
        ("app in(api)", False),
        ("app notin (api)", True),
        ("missing notin (api)", True),
        ("app notin (web)", False),
        ("missing in (,a)", False),
        ("empty in ()", True),
        ("empty=", True),
        ("app=", False),
        ("rev>11", True),
        ("rev<12", False),
        ("app>1", False),
        ("app=web,tier notin (back),!gone,rev > 3", True),
        ("app=web,tier=back", False),
    ],
)
def test_a_label_selector_matches_as_upstream_reads_it(text: str, matches: bool) -> None:
    assert selector(labels=text)(THING) is matches


@pytest.mark.parametrize(
    "text", ["=web", "app===web", "app in web", "app in (web", "app,", "a b", "rev>x", "!", "app=(a)"]
)
def test_a_malformed_label_selector_is_refused(text: str) -> None:
    with pytest.raises(BadSelector):
        selector(labels=text)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("metadata.name=a", True),
        ("metadata.name==a,status.phase!=Failed", True),
        ("status.phase!=Running", False),
        ("metadata.namespace=", True),
    ],
)
def test_a_field_selector_compares_whole_values(text: str, matches: bool) -> None:
    assert selector(fields=text, known_fields=("status.phase",))(THING) is matches


@pytest.mark.parametrize("text", ["foo", "spec.foo=1"])
def test_an_unknown_or_malformed_field_is_refused(text: str) -> None:
    with pytest.raises(BadSelector):
        selector(fields=text)
