"""Documents as text: what is read back is what was there, and nothing in it acts on a terminal."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, get_args

import pytest
import yaml

from kite_tui.text.comma_separated import comma_separated
from kite_tui.text.serialise import Form, serialise

HOSTILE = "a\x1b[2J\x7f\x9b\u061c\u202ex\u2066\u200b\ufeff\xad\U000e0041\u3164\r\nz"
FORMS: tuple[Form, ...] = get_args(Form)


def document(text: str) -> dict[str, Any]:
    return {"schema": 1, "items": [{"name": text, "why": {"cpu": text}, "roles": [text], "taints": [{"key": text}]}]}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_acts_on_a_terminal(form: Form) -> None:
    text = serialise(document(HOSTILE), form)
    assert not set(text) & (set(HOSTILE) - set("ax[2Jz\n"))


def test_json_and_yaml_read_back_as_what_was_given() -> None:
    for text in (HOSTILE, "plain", "東京 ✓"):
        assert json.loads(serialise(document(text), "json")) == document(text)
        assert yaml.safe_load(serialise(document(text), "yaml")) == document(text)


def test_harmless_letters_stay_as_they_are() -> None:
    for form in FORMS:
        assert "東京" in serialise(document("東京"), form)


def test_half_a_character_can_be_written_to_a_file() -> None:
    assert "\\ud800x" in serialise(document("\ud800x"), "json").encode().decode()
    assert "<U+D800>x" in serialise(document("\ud800x"), "csv").encode().decode()


def test_csv_is_marked_whole_and_runs_in_no_spreadsheet() -> None:
    long = "x" * 10_000 + "\x1b"
    (line,) = csv.DictReader(io.StringIO(serialise({"items": [{"name": long, "node": "=1+1", "ip": "\t=1"}]}, "csv")))
    assert line["name"] == "x" * 10_000 + "␛"
    assert line["node"] == "'=1+1"
    assert not line["ip"].startswith(("=", "\t"))


def test_only_texts_can_be_formulas_and_numbers_stay_numbers() -> None:
    cells = ["-5", "+1", "@x", "\r=1", "\uff1d1", " =1", -5, 1.5, None, True]
    (line,) = comma_separated([], [cells]).splitlines()[1:]
    assert line == "'-5,'+1,'@x,'␍=1,'\uff1d1, =1,-5,1.5,,True"
