"""Label selectors: the strings of `-l` and the LabelSelector of objects."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kite_tui.objects.meta import Labels
from kite_tui.objects.selectors import InvalidSelector, parse_selector

WEB: Labels = (("app", "web"), ("empty", ""), ("rank", "7"), ("shop.example/tier", "front"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "app=web", "app==web", " app = web ", "app", "!spot", "! spot", "app!=db", "gone!=web"),
        *("app in (web)", "app in (db, web)", "app notin (db)", "gone notin (web)", "app=web,rank,!gone"),
        *("shop.example/tier=front", "empty=", "empty in ()", "empty in (a,)", "empty in (,a)", "rank>6", "rank < 8"),
        *("app in(web),rank", "empty=,app", "empty", "app\nin\t(web)", "app notin (in,notin)"),
    ],
)
def test_labels_that_meet_every_condition_are_selected(text: str) -> None:
    assert parse_selector(text).matches(WEB)


@pytest.mark.parametrize(
    "text",
    [
        *("app=db", "app!=web", "gone", "!app", "!empty", "gone=web", "gone=", "app in (db,cache)", "gone in (web)"),
        *("app notin (web,db)", "app=web,gone", "rank>7", "rank<7", "app>1", "gone<1", "gone in ()", "empty!="),
    ],
)
def test_labels_that_miss_one_condition_are_not(text: str) -> None:
    assert not parse_selector(text).matches(WEB)


def test_in_and_notin_are_words_like_others_where_a_name_or_value_stands() -> None:
    assert parse_selector("in in (in,notin),notin!=x").matches((("in", "notin"),))
    assert parse_selector("in").matches((("in", ""),))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("app=web,", "it ends too early, expected a label name after ','"),
        ("app=web,,rank", "found ',' at character 9"),
        (",app", "found ',' at character 1, expected a label name"),
        ("app in web", r"found 'web' at character 8, expected '\('"),
        ("app in (web", r"it ends too early, expected ',' or '\)'"),
        ("app in (web db)", "found 'db' at character 13"),
        ("app in (web,(", r"found '\(' at character 13, expected a value"),
        ("app=web db", "found 'db' at character 9, expected ','"),
        ("app web", "found 'web' at character 5, expected =, ==, !=, in, notin"),
        ("app===web", "found '=' at character 6, expected a value after '=='"),
        ("!app=web", "found '=' at character 5"),
        ("=web", "found '=' at character 1, expected a label name"),
        ("!", "it ends too early, expected a label name after '!'"),
        ("app in", "it ends too early"),
        ("-app=web", "'-app' is no label name"),
        ("a/b/c=web", "'a/b/c' is no label name"),
        ("/b=web", "'/b' is no label name"),
        ("app=we*b", r"'we\*b' is no value for the label app"),
        (f"app={'x' * 64}", "is no value for the label app"),
        ("rank>many", "'many' is no integer"),
    ],
)
def test_an_error_says_where_and_what_to_write(text: str, says: str) -> None:
    with pytest.raises(InvalidSelector, match=says) as caught:
        parse_selector(text)
    assert str(caught.value).startswith("selector ")


@given(st.text(st.sampled_from("ab =!,()<>in-./1")))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    with suppress(InvalidSelector):
        assert isinstance(parse_selector(text).matches(WEB), bool)


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")), st.sampled_from("abc"), st.sampled_from("xyz"))
def test_unequal_is_the_opposite_of_equal(labels: dict[str, str], key: str, value: str) -> None:
    pairs = tuple(sorted(labels.items()))
    assert parse_selector(f"{key}={value}").matches(pairs) != parse_selector(f"{key}!={value}").matches(pairs)
